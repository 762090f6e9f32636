package sketch

import "github.com/streamon/streamon/runtime/flow"

// TBF sums amounts per key with exponential decay: a time-decaying Bloom filter
// (paper §III-B; Bianchi, d'Heureuse and Niccolini 2011), conservative update.
//
// With τ = memory/4 a value decays as e^(−Δt/τ) and an arrival of amount a adds
// a·window/τ, so that a steady rate of r per second reads r·window, and after
// `memory` what was added has fallen below 2 %.
//
// Accuracy: a value is never below the exact decayed sum (up to rounding, 1e-16
// per addition, and values below Negligible, which read 0); for an absent key it
// is above zero with probability at most err while at most capacity keys are in
// use. A key is in use until its value is Negligible: about 20τ after its last
// arrival. Memory: 64 bytes per line, see NewTBF. Cost: two cache lines per
// operation, and up to two exponentials.
type TBF struct{ decay }

// NewTBF returns a filter for capacity keys in use with probability of
// over-count at most err. window and memory are in ns; memory below 1 means
// 4·window, window below 1 means 1 s. Memory: 64·L bytes, L the least even number
// of lines for which lineError(2·capacity/L, 7) ≤ err; at 1 % that is 117 bytes
// a key (the textbook formula with value and time in each cell: 153).
func NewTBF(window, memory int64, capacity int, err float64) *TBF {
	if window < 1 {
		window = 1e9
	}
	if memory < 1 {
		memory = 4 * window
	}
	tau := float64(memory) / 4
	t := new(TBF)
	t.init(1/tau, float64(window)/tau, capacity, err)
	return t
}

// Add adds amount to the key with hash h and returns its value after that. An
// amount that is not above zero adds nothing.
func (t *TBF) Add(h uint64, amount float64, now int64) (value float64) { return t.add(h, amount, now) }

// Get returns the value of the key with hash h at now.
func (t *TBF) Get(h uint64, now int64) (value float64) { return t.get(h, now) }

// AddColumn adds amount to the key of each row, or leaves the key alone where seen is
// not 0, and writes the values after that to out: what, row by row,
//
//	if seen[i] != 0 {
//		out[i] = t.Get(column[i]+add, times[i])
//	} else {
//		out[i] = t.Add(column[i]+add, amount, times[i])
//	}
//
// does, but the waits for memory and for arithmetic overlap. All slices have the length
// of column.
func (t *TBF) AddColumn(column []uint64, add uint64, amount float64, times []int64, seen []uint8, out []float64) {
	t.addColumn(column, add, amount, times, 0, seen, out)
}

// Reset takes the value of the key with hash h back to zero. Keys that share a
// cell with it may then read less than was added to them.
func (t *TBF) Reset(h uint64, now int64) { t.reset(h, now) }

// Clear forgets every key.
func (t *TBF) Clear() { t.clear() }

// Usage reports the fill; Used is an estimate from the share of cells in use.
// Cost: it reads the whole structure.
func (t *TBF) Usage() flow.Usage { return t.usage() }
