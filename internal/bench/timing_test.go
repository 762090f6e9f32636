package bench

import "testing"

func TestTiming(t *testing.T) {
	for _, tt := range []struct {
		x      []float64
		want   Timing
		spread string
	}{
		{nil, Timing{}, "-"},
		{[]float64{3}, Timing{3, 3, 3}, "+0…+0"},
		{[]float64{9, 1, 2}, Timing{2, 1, 9}, "-50…+350"},
		{[]float64{4, 1, 3, 2}, Timing{2.5, 1, 4}, "-60…+60"},
	} {
		if got := timing(tt.x); got != tt.want || got.spread() != tt.spread {
			t.Errorf("timing(%v) = %v, %s, want %v, %s", tt.x, got, got.spread(), tt.want, tt.spread)
		}
	}
	if got := (Timing{Median: 250}).mpps(); got != 4 {
		t.Errorf("250 ns are %v Mpps, want 4", got)
	}
	if x := []float64{2, 1}; timing(x).Min != 1 || x[0] != 2 {
		t.Errorf("timing changed its argument to %v", x)
	}
}
