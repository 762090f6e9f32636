//go:build !amd64

// Package cpu says what the processor can do.
package cpu

// HasAVX2 is false: the kernels are for amd64.
const HasAVX2 = false
