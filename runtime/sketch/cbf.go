package sketch

import (
	"math"

	"github.com/streamon/streamon/runtime/flow"
	"github.com/streamon/streamon/runtime/image"
)

// CBF sums amounts per key over a window: a counting Bloom filter with
// conservative update, in two half-windows.
//
// Accuracy: Get never returns less than what was added to the key in the present
// half-window and the one before it (unless a cell saturated); it returns more
// with probability at most err while at most capacity keys are in use per
// window. The window slides in steps of window/2, so a value covers between one
// half and the whole of the window. Memory: 64 bytes per line, see NewCBF. Cost:
// two cache lines per operation.
//
// Half-windows are floor(now/(window/2)): when that changes by one the current
// counts become the previous ones, when by more all are dropped. A line is
// brought up to date when it is next touched.
//
// Cells hold 40 bits per half-window, so that sums of frame lengths fit: 1.1e12
// bytes are 88 s at 100 Gbit/s. A cell beyond that stays at its maximum, and
// Usage counts the operations that met one.
//
// Source: L. Fan, P. Cao, J. Almeida and A. Broder, "Summary Cache", 2000;
// conservative update: C. Estan and G. Varghese 2002.
type CBF struct {
	lines     []cbfLine
	half      int64 // length of a half-window; 0 = for ever
	end       int64 // end of the present half-window
	turn      uint32
	cap       int
	saturated uint64
}

const (
	cbfCells = 6
	cbfMax   = 1<<40 - 1
)

// NewCBF returns a filter for capacity keys per window (ns; 0 = counts are kept
// for ever) with probability of over-count at most err for an absent key.
// Memory: 64·L bytes, L the least even number of lines for which
// lineError(2·capacity/L, 6) ≤ err; at 1 % that is 143 bytes a key (the textbook
// formula with two 64-bit counters a cell: 153, spread over seven lines).
func NewCBF(window int64, capacity int, err float64) *CBF {
	capacity = max(capacity, 1)
	c := &CBF{lines: flow.Cells[cbfLine](cbfLines(capacity, err)), half: window / 2, cap: capacity}
	c.end = math.MinInt64
	if c.half <= 0 {
		c.end = math.MaxInt64
	}
	return c
}

// CBFBytes is the memory that NewCBF would take, in bytes.
func CBFBytes(capacity int, err float64) int64 {
	return 64 * int64(cbfLines(max(capacity, 1), err))
}

func cbfLines(capacity int, err float64) int {
	return 2 * leastBuckets(capacity, clampError(err), func(load float64) float64 { return lineError(load, cbfCells) })
}

// Add adds amount to the key with hash h and returns its value after that. An
// amount below zero counts as zero.
func (c *CBF) Add(h uint64, amount int64, now int64) (value int64) {
	g, n := flow.Second(h), uint64(len(c.lines))/2
	l0, l1, p0, p1 := &c.lines[upper(h, n)], &c.lines[n+upper(g, n)], cellsOf(h), cellsOf(g)
	if now >= c.end || (l0.turn^c.turn)|(l1.turn^c.turn) != 0 {
		return c.addRare(h, amount, now)
	}
	w, x, y, z := l0.low(p0[0]), l0.low(p0[1]), l1.low(p1[0]), l1.low(p1[1])
	cur := c.turn & 1
	sum := uint64(min(w[cur], x[cur], y[cur], z[cur])) + uint64(amount)
	high := l0.high(p0[0]) | l0.high(p0[1]) | l1.high(p1[0]) | l1.high(p1[1])
	if uint64(high)|(sum|uint64(amount))>>32 != 0 {
		return c.addRare(h, amount, now)
	}
	// Stored even where that changes nothing: whether it does is hard to predict.
	w[cur], x[cur] = max(w[cur], uint32(sum)), max(x[cur], uint32(sum))
	y[cur], z[cur] = max(y[cur], uint32(sum)), max(z[cur], uint32(sum))
	return int64(sum + uint64(min(w[cur^1], x[cur^1], y[cur^1], z[cur^1])))
}

// addRare is Add in any case: also if a half-window ends, if a line was last touched in
// an earlier one, if 32 bits do not do, and if amount is below zero.
//
//go:noinline
func (c *CBF) addRare(h uint64, amount int64, now int64) (value int64) {
	if now >= c.end {
		c.advance(now)
	}
	l0, l1, p0, p1 := c.find(h)
	cur := c.turn & 1
	w, x, y, z := l0.get(p0[0], cur), l0.get(p0[1], cur), l1.get(p1[0], cur), l1.get(p1[1], cur)
	sum := min(w, x, y, z)
	if amount > 0 {
		sum = min(sum+uint64(amount), cbfMax)
		if sum == cbfMax {
			c.saturated++
		}
		l0.raise(p0[0], cur, w, sum)
		l0.raise(p0[1], cur, x, sum)
		l1.raise(p1[0], cur, y, sum)
		l1.raise(p1[1], cur, z, sum)
	}
	return int64(sum + least(l0, l1, p0, p1, cur^1))
}

// Get returns the value of the key with hash h.
func (c *CBF) Get(h uint64, now int64) (value int64) {
	g, n := flow.Second(h), uint64(len(c.lines))/2
	l0, l1, p0, p1 := &c.lines[upper(h, n)], &c.lines[n+upper(g, n)], cellsOf(h), cellsOf(g)
	if now >= c.end || (l0.turn^c.turn)|(l1.turn^c.turn) != 0 {
		return c.getRare(h, now)
	}
	if l0.high(p0[0])|l0.high(p0[1])|l1.high(p1[0])|l1.high(p1[1]) != 0 {
		return c.getRare(h, now)
	}
	w, x, y, z := l0.low(p0[0]), l0.low(p0[1]), l1.low(p1[0]), l1.low(p1[1])
	return int64(min(w[0], x[0], y[0], z[0])) + int64(min(w[1], x[1], y[1], z[1]))
}

// getRare is Get in any case.
//
//go:noinline
func (c *CBF) getRare(h uint64, now int64) (value int64) {
	if now >= c.end {
		c.advance(now)
	}
	l0, l1, p0, p1 := c.find(h)
	return int64(least(l0, l1, p0, p1, 0) + least(l0, l1, p0, p1, 1))
}

// Reset takes the value of the key with hash h back to zero. Keys that share a
// cell with it may then read less than was added to them.
func (c *CBF) Reset(h uint64) {
	l0, l1, p0, p1 := c.find(h)
	for half := range uint32(2) {
		v := least(l0, l1, p0, p1, half)
		l0.lower(p0[0], half, v)
		l0.lower(p0[1], half, v)
		l1.lower(p1[0], half, v)
		l1.lower(p1[1], half, v)
	}
}

// Clear forgets every key.
func (c *CBF) Clear() { c.turn += 2 }

// Warm asks for the two lines of each hash of a column, see flow.WarmFirst.
func (c *CBF) Warm(column []uint64, add uint64) {
	n := len(c.lines) / 2
	flow.WarmFirst(c.lines[:n], column, add)
	flow.WarmSecond(c.lines[n:], column, add)
}

// find returns the two lines of h, brought up to date, and its cells in them.
func (c *CBF) find(h uint64) (l0, l1 *cbfLine, p0, p1 *[2]uint8) {
	g, n := flow.Second(h), uint64(len(c.lines))/2
	l0, l1, p0, p1 = &c.lines[upper(h, n)], &c.lines[n+upper(g, n)], cellsOf(h), cellsOf(g)
	if l0.turn != c.turn {
		l0.refresh(c.turn)
	}
	if l1.turn != c.turn {
		l1.refresh(c.turn)
	}
	return l0, l1, p0, p1
}

// cellsOf returns the two cells that a hash chooses in its line.
func cellsOf(h uint64) *[2]uint8 { return &pairs6[pick(h, 15)&31] }

// advance enters the half-window of now.
func (c *CBF) advance(now int64) {
	if c.end != math.MinInt64 {
		c.turn++
		if now-c.end >= c.half {
			c.turn++
		}
	}
	c.end = periodEnd(now, c.half)
}

// Usage reports the fill; Used is an estimate from the share of cells in use.
// Rejected counts the operations that met a saturated cell. Cost: it reads the
// whole structure, unless that was never asked.
func (c *CBF) Usage() flow.Usage {
	used, lines := 0, c.lines
	if c.end == math.MinInt64 {
		lines = nil // whose pages need not be there yet
	}
	for i := range lines {
		used += lines[i].used(c.turn)
	}
	load := lineLoad(used, len(c.lines)*cbfCells, cbfCells)
	return flow.Usage{
		Used: int(load*float64(len(c.lines))/2 + 0.5), Capacity: c.cap, Bytes: 64 * int64(len(c.lines)),
		Error: lineError(load, cbfCells), Rejected: c.saturated,
	}
}

// Form implements program.Saver.
func (c *CBF) Form() string { return image.Form("cbf", 1, len(c.lines)) }

// Save implements program.Saver.
func (c *CBF) Save(w *image.Writer) {
	w.Int(c.end)
	w.Uint(uint64(c.turn))
	w.Uint(c.saturated)
	image.Put(w, c.lines)
}

// Load implements program.Saver.
func (c *CBF) Load(r *image.Reader) error {
	c.end, c.turn, c.saturated = r.Int(), uint32(r.Uint()), r.Uint()
	r.Refuse(c.half > 0 || c.end == math.MaxInt64)
	image.Get(r, c.lines)
	return r.End()
}
