package main

import (
	"math"
	"runtime/debug"
)

// readingBytes is the memory that smcc asks the collector to keep to while it only
// reads programs, which may be anybody's. Most take a tenth; without it garbage may take
// as much again as what is alive.
const readingBytes = 48 << 20

// keepSmall sets the collector to that for the rest of the process, which a command that
// only reads programs soon ends, unless GOMEMLIMIT says otherwise. To set it back at the
// end would start a collection that nobody needs.
func keepSmall() {
	if debug.SetMemoryLimit(-1) != math.MaxInt64 {
		return
	}
	debug.SetMemoryLimit(readingBytes)
	debug.SetGCPercent(-1) // most programs are read before that much is allocated
}
