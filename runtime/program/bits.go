package program

import "math/bits"

// FirstBit is the number of the lowest bit that is set in x, which is not 0.
func FirstBit(x uint64) int { return bits.TrailingZeros64(x) }

// First has a bit for each of the first n packets of a chunk.
func First(n int) uint64 { return 1<<n - 1 }

// Rows is how many bits of x are set.
func Rows(x uint64) int { return bits.OnesCount64(x) }

// Row is how many bits of rows are below bit: with a row for each bit, the row of it.
func Row(rows, bit uint64) int { return bits.OnesCount64(rows & (bit - 1)) }
