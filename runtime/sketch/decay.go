package sketch

import (
	"math"

	"github.com/streamon/streamon/runtime/flow"
)

// Negligible is the value below which a decayed cell counts as empty. Without
// it a key would stay above zero for some 700 time constants, and `> 0` would
// hold for keys long forgotten. An arrival of amount 1 reaches it after about 20
// time constants.
const Negligible = 1e-9

// decay is what TBF and TEWMA share: a Bloom filter whose cells are values that
// decay exponentially, with conservative update.
//
// All cells of a line are kept at one time, that of the last addition to the
// line, so that a cell is 8 bytes. They decay together, which changes a value by
// rounding only (relative 1e-16 per addition to a line).
type decay struct {
	lines []decayLine
	rate  float64 // of decay, per nanosecond: value ← value·e^(−rate·Δt)
	gain  float64 // what an arrival of amount 1 adds
	cap   int
	last  int64 // newest time met
}

// decayLine is one cache line.
type decayLine struct {
	time int64 // of all its cells
	v    [decayCells]float64
}

const decayCells = 7

func (d *decay) init(rate, gain float64, capacity int, err float64) {
	d.cap = max(capacity, 1)
	d.lines = flow.Cells[decayLine](decayLines(d.cap, err))
	d.rate, d.gain, d.last = rate, gain, math.MinInt64
}

// DecayBytes is the memory that NewTBF and NewTEWMA would take, in bytes.
func DecayBytes(capacity int, err float64) int64 {
	return 64 * int64(decayLines(max(capacity, 1), err))
}

func decayLines(capacity int, err float64) int {
	return 2 * leastBuckets(capacity, clampError(err), func(load float64) float64 { return lineError(load, decayCells) })
}

// add adds amount·gain to the key with hash h and returns its value after that.
func (d *decay) add(h uint64, amount float64, now int64) float64 {
	if now < d.last {
		now = d.last
	}
	d.last = now
	l0, l1, p0, p1 := d.find(h)
	if l0.time != now {
		d.age(l0, now)
	}
	if l1.time != now {
		d.age(l1, now)
	}
	w, x, y, z := &l0.v[p0[0]], &l0.v[p0[1]], &l1.v[p1[0]], &l1.v[p1[1]]
	sum := min(*w, *x, *y, *z)
	if amount > 0 {
		sum = min(sum+amount*d.gain, math.MaxFloat64)
		*w, *x, *y, *z = max(*w, sum), max(*x, sum), max(*y, sum), max(*z, sum)
	}
	return sum
}

// get returns the value of the key with hash h. It writes nothing.
func (d *decay) get(h uint64, now int64) float64 {
	if now < d.last {
		now = d.last
	}
	l0, l1, p0, p1 := d.find(h)
	v0, v1 := min(l0.v[p0[0]], l0.v[p0[1]]), min(l1.v[p1[0]], l1.v[p1[1]])
	if v0 == 0 || v1 == 0 {
		return 0
	}
	if l0.time != now {
		v0 *= d.factor(l0, now)
	}
	if l1.time != now {
		v1 *= d.factor(l1, now)
	}
	if v := min(v0, v1); v >= Negligible {
		return v
	}
	return 0
}

// reset takes the value of the key with hash h back to zero.
func (d *decay) reset(h uint64, now int64) {
	v := d.add(h, 0, now)
	l0, l1, p0, p1 := d.find(h)
	for i := range p0 {
		c0, c1 := &l0.v[p0[i]], &l1.v[p1[i]]
		*c0, *c1 = max(*c0-v, 0), max(*c1-v, 0)
	}
}

func (d *decay) clear() { clear(d.lines) }

// Warm asks for the two lines of each hash of a column, see flow.WarmFirst.
func (d *decay) Warm(column []uint64, add uint64) {
	n := len(d.lines) / 2
	flow.WarmFirst(d.lines[:n], column, add)
	flow.WarmSecond(d.lines[n:], column, add)
}

// find returns the two lines of h and its cells in them.
func (d *decay) find(h uint64) (l0, l1 *decayLine, p0, p1 [2]uint8) {
	g, n := flow.Second(h), uint64(len(d.lines))/2
	return &d.lines[upper(h, n)], &d.lines[n+upper(g, n)], pairs7[pick(h, 21)&31], pairs7[pick(g, 21)&31]
}

// factor is what the cells of l have decayed by at now.
func (d *decay) factor(l *decayLine, now int64) float64 {
	return math.Exp(-d.rate * float64(now-l.time))
}

// age brings all cells of l to now.
func (d *decay) age(l *decayLine, now int64) {
	f := d.factor(l, now)
	l.time = now
	for i := range l.v {
		v := l.v[i] * f
		if v < Negligible {
			v = 0
		}
		l.v[i] = v
	}
}

// usage reports the fill. Cost: it reads the whole structure.
func (d *decay) usage() flow.Usage {
	used := 0
	for i := range d.lines {
		l := &d.lines[i]
		f := d.factor(l, max(d.last, l.time))
		for _, v := range l.v {
			if v*f >= Negligible {
				used++
			}
		}
	}
	load := lineLoad(used, len(d.lines)*decayCells, decayCells)
	return flow.Usage{
		Used: int(load*float64(len(d.lines))/2 + 0.5), Capacity: d.cap,
		Bytes: 64 * int64(len(d.lines)), Error: lineError(load, decayCells),
	}
}
