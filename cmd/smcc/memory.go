package main

import (
	"math"
	"runtime/debug"
)

// readingBytes is the memory that smcc asks the collector to keep to while it only
// reads programs, which may be anybody's. Most take a tenth; without it garbage may take
// as much again as what is alive.
const readingBytes = 48 << 20

// keepSmall sets the collector to that, unless GOMEMLIMIT says otherwise, and returns
// what ends it.
func keepSmall() (end func()) {
	before := debug.SetMemoryLimit(-1)
	if before != math.MaxInt64 {
		return func() {}
	}
	debug.SetMemoryLimit(readingBytes)
	percent := debug.SetGCPercent(-1) // most programs are read before that much is allocated
	return func() {
		debug.SetMemoryLimit(before)
		debug.SetGCPercent(percent)
	}
}
