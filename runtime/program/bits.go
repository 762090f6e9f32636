package program

import "math/bits"

// FirstBit is the number of the lowest bit that is set in x, which is not 0.
func FirstBit(x uint64) int { return bits.TrailingZeros64(x) }
