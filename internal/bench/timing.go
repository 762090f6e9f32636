package bench

import (
	"fmt"
	"slices"
)

// Timing is a figure that was taken in several rounds; the zero value was not taken.
// Times are ns per packet where nothing else is said.
type Timing struct {
	Median float64 `json:"median"`
	Min    float64 `json:"min"`
	Max    float64 `json:"max"`
}

// timing sums the figures of the rounds up.
func timing(x []float64) Timing {
	if len(x) == 0 {
		return Timing{}
	}
	x = slices.Sorted(slices.Values(x))
	return Timing{Median: (x[(len(x)-1)/2] + x[len(x)/2]) / 2, Min: x[0], Max: x[len(x)-1]}
}

func (t Timing) taken() bool { return t.Median > 0 }

// mpps is packets a second, in millions.
func (t Timing) mpps() float64 {
	if !t.taken() {
		return 0
	}
	return 1e3 / t.Median
}

// spread is the range of the rounds, in percent of the median: "-4…+11".
func (t Timing) spread() string {
	if !t.taken() {
		return "-"
	}
	return fmt.Sprintf("%+.0f…%+.0f", 100*(t.Min/t.Median-1), 100*(t.Max/t.Median-1))
}
