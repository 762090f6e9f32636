package sketch

import (
	"math"

	"github.com/streamon/streamon/runtime/flow"
)

// TEWMA is a rate per second and key: the time-based exponentially weighted
// moving average of the old prototype, in the cells of a TBF.
//
// With β = (W−6 s)/(W+6 s) a value decays as β^(Δt/1 s) and an arrival of amount
// a adds −a·ln β, so that a steady rate of r per second reads about r. With a
// tick both times are first rounded down to whole ticks.
//
// Accuracy, memory, concurrency and cost are those of TBF.
type TEWMA struct {
	decay
	tick int64
}

// MinTEWMAWindow is the least window of a TEWMA, in ns: at 6 s β would be 0.
const MinTEWMAWindow = 6_001_000_000

// NewTEWMA returns a filter for capacity keys in use with probability of
// over-count at most err. window is in ns and held at MinTEWMAWindow or above;
// tick is in ns, below 2 means no rounding. Memory as of NewTBF.
func NewTEWMA(window, tick int64, capacity int, err float64) *TEWMA {
	t := &TEWMA{tick: tick}
	w := float64(max(window, MinTEWMAWindow)) / 1e9
	minusLnBeta := -math.Log((w - 6) / (w + 6))
	t.init(minusLnBeta/1e9, minusLnBeta, capacity, err)
	return t
}

// Add adds amount to the key with hash h and returns its value after that. An
// amount that is not above zero adds nothing.
func (t *TEWMA) Add(h uint64, amount float64, now int64) (value float64) {
	return t.add(h, amount, t.round(now))
}

// Get returns the value of the key with hash h at now.
func (t *TEWMA) Get(h uint64, now int64) (value float64) { return t.get(h, t.round(now)) }

// AddColumn does Add, or Get where seen is not 0, for each row, as TBF.AddColumn does.
func (t *TEWMA) AddColumn(column []uint64, add uint64, amount float64, times []int64, seen []uint8, out []float64) {
	t.addColumn(column, add, amount, times, t.tick, seen, out)
}

// Reset takes the value of the key with hash h back to zero. Keys that share a
// cell with it may then read less than was added to them.
func (t *TEWMA) Reset(h uint64, now int64) { t.reset(h, t.round(now)) }

// Clear forgets every key.
func (t *TEWMA) Clear() { t.clear() }

// Usage reports the fill; Used is an estimate from the share of cells in use.
// Cost: it reads the whole structure.
func (t *TEWMA) Usage() flow.Usage { return t.usage() }

func (t *TEWMA) round(now int64) int64 { return wholeTicks(now, t.tick) }

// wholeTicks rounds a time to whole ticks; a tick below 2 ns is none.
func wholeTicks(now, tick int64) int64 {
	if tick > 1 {
		now -= now % tick
	}
	return now
}
