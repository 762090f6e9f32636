package bench

import (
	"runtime"
	"testing"
)

func TestLineTime(t *testing.T) {
	if runtime.GOMAXPROCS(0) > 1 {
		if ns := lineTime(); ns < 1 || ns > 1e6 {
			t.Errorf("a line takes %v ns there and back", ns)
		}
	}
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	if ns := lineTime(); ns != 0 {
		t.Errorf("with one processor a line takes %v ns, want 0", ns)
	}
}

func TestMovedText(t *testing.T) {
	for _, tt := range []struct {
		line Timing
		want string
	}{
		{Timing{}, ""},
		{Timing{Median: 90, Min: 83, Max: 103}, ""},
		{Timing{Median: 90, Min: 83, Max: 494}, "processors were moved: lines between them took 83 to 494 ns"},
	} {
		if got := movedText(tt.line); got != tt.want {
			t.Errorf("movedText(%v) = %q, want %q", tt.line, got, tt.want)
		}
	}
	if got := (Timing{Median: 90, Min: 83.4, Max: 494.6}).around(); got != "83…495" {
		t.Errorf("around = %q", got)
	}
}
