//go:build !race

package main

// underRace is whether the race detector is on: a process takes several times as much then.
const underRace = false
