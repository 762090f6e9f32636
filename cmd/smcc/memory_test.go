package main

import (
	"math"
	"runtime/debug"
	"testing"
)

// keepCollector sets the collector back at the end of a test that runs, in its own
// process, a command which calls keepSmall.
func keepCollector(tb testing.TB) {
	before := debug.SetMemoryLimit(-1)
	percent := debug.SetGCPercent(100)
	debug.SetGCPercent(percent)
	tb.Cleanup(func() {
		debug.SetMemoryLimit(before)
		debug.SetGCPercent(percent)
	})
}

func TestKeepSmall(t *testing.T) {
	keepCollector(t)
	debug.SetMemoryLimit(1 << 30)
	if keepSmall(); debug.SetMemoryLimit(-1) != 1<<30 {
		t.Errorf("keepSmall changes a limit that the user has set, to %d", debug.SetMemoryLimit(-1))
	}
	debug.SetMemoryLimit(math.MaxInt64)
	if keepSmall(); debug.SetMemoryLimit(-1) != readingBytes {
		t.Errorf("keepSmall sets a limit of %d, want %d", debug.SetMemoryLimit(-1), readingBytes)
	}
}
