package sketch

import (
	"math"

	"github.com/streamon/streamon/runtime/flow"
	"github.com/streamon/streamon/runtime/image"
)

// Negligible is the value below which a decayed cell counts as empty. Without
// it a key would stay above zero for some 700 time constants, and `> 0` would
// hold for keys long forgotten. An arrival of amount 1 reaches it after about 20
// time constants.
const Negligible = 1e-9

// decay is what TBF and TEWMA share: a Bloom filter whose cells are values that
// decay exponentially, with conservative update.
//
// Forward decay. What decays is not the cells but the unit: an amount a that arrives at
// t is stored as a·gain·e^(rate·(t−origin)), and a cell that holds s reads
// s·e^(−rate·(now−origin)). So an operation costs one exponential for its time instead
// of bringing two lines to it, and cells of any age may be compared. The origin moves
// on by a *stride* before the exponent gets too large; a line is brought to a new
// origin when it is next touched.
//
// Rounding: relative 1e-13. Values that come within 1e-13 of a whole
// number are taken for it, so that what is counted at one instant is whole.
//
// Source: G. Cormode, V. Shkapenyuk, D. Srivastava and B. Xu, "Forward Decay: A
// Practical Time Decay Model for Streaming Systems", ICDE 2009.
type decay struct {
	lines  []decayLine
	rate   float64 // of decay, per nanosecond
	gain   float64 // what an arrival of amount 1 adds
	cap    int
	last   int64   // newest time met; math.MinInt64: none
	origin int64   // of the present stride
	next   int64   // the one after it; math.MinInt64: there is none yet
	stride int64   // ns between two origins
	number int64   // of the origin
	up     float64 // e^(rate·(last−origin))
	down   float64 // 1/up, up to rounding

	shift   uint8   // a *step* is 2^shift ns: rate · step ≤ maxFine
	step    int64   // number of the present step since the origin; -1: there is none
	coarse  float64 // e^(rate·(begin of the step−origin))
	inverse float64 // 1/coarse

	rows *decayRows // scratch of addRows
}

// decayLine is one cache line. Cells hold the bits of a float64 that is not below zero:
// those are in the order of the values, and a processor has the least of four numbers
// sooner than that of four values one of which might be none.
type decayLine struct {
	number int64 // of the origin that its cells refer to; 0: they are empty
	v      [decayCells]uint64
}

// largest are the bits of the largest value of a cell; those above are of values below
// zero and of none.
var largest = math.Float64bits(math.MaxFloat64)

const (
	decayCells  = 7
	maxExponent = 256        // rate · stride: e^256 = 1e111, far from either end of a float64
	maxFine     = 1.0 / 1024 // for which the series of e^x ends after its fifth term: x^5/120 < 1e-17
)

func (d *decay) init(rate, gain float64, capacity int, err float64) {
	d.cap = max(capacity, 1)
	d.lines = flow.Cells[decayLine](decayLines(d.cap, err))
	d.rows = &flow.Cells[decayRows](1)[0]
	d.rate, d.gain, d.last, d.next, d.step = rate, gain, math.MinInt64, math.MinInt64, -1
	for d.shift < 62 && rate*float64(int64(2)<<d.shift) <= maxFine {
		d.shift++
	}
	d.stride = 1 << 62
	if s := maxExponent / rate; s < 1<<62 {
		d.stride = max(int64(s), 1)
	}
}

// DecayBytes is the memory that NewTBF and NewTEWMA would take, in bytes.
func DecayBytes(capacity int, err float64) int64 {
	return 64 * int64(decayLines(max(capacity, 1), err))
}

func decayLines(capacity int, err float64) int {
	return 2 * leastBuckets(capacity, clampError(err), func(load float64) float64 { return lineError(load, decayCells) })
}

// at brings the unit to now; a time before the newest is the newest. The exponential is
// taken once a step and brought to now by its series, so that the unit depends on now
// alone and not on the times before.
func (d *decay) at(now int64) {
	if now <= d.last {
		return
	}
	d.last = now
	if now >= d.next {
		d.move(now)
	}
	since := d.since(now)
	if n := since >> d.shift; n != d.step {
		d.step, d.coarse = n, math.Exp(d.rate*float64(n<<d.shift))
		d.inverse = 1 / d.coarse
	}
	d.up, d.down = d.unit(since)
}

// since is the time since the origin. Times are before it in the first stride that
// there is alone, see move.
func (d *decay) since(now int64) int64 { return max(now-d.origin, 0) }

// unit is the unit at a time of the present step. Products are rounded before they are
// added to, on every machine: the kernels have no operation that does both at once.
func (d *decay) unit(since int64) (up, down float64) {
	x := d.rate * float64(since&(1<<d.shift-1))
	up = d.coarse * (1 + float64(x*(1+float64(x*(1.0/2+float64(x*(1.0/6+float64(x*(1.0/24)))))))))
	down = d.inverse * (1 - float64(x*(1-float64(x*(1.0/2-float64(x*(1.0/6-float64(x*(1.0/24)))))))))
	return up, down
}

// move goes on to the origin of now. Origins are multiples of the stride, so that
// structures that met other keys compute alike.
func (d *decay) move(now int64) {
	n := now / d.stride
	if now%d.stride < 0 && n > math.MinInt64/d.stride { // else the origin would be before all times
		n--
	}
	d.origin, d.step = n*d.stride, -1
	d.number = n - math.MinInt64/d.stride + 1 // above 0
	d.next = d.origin + d.stride
	if d.next < d.origin {
		d.next = math.MaxInt64
	}
}

// add adds amount·gain to the key with hash h and returns its value after that.
func (d *decay) add(h uint64, amount float64, now int64) float64 {
	d.at(now)
	l0, l1, p0, p1 := d.find(h)
	w, x, y, z := &l0.v[p0[0]], &l0.v[p0[1]], &l1.v[p1[0]], &l1.v[p1[1]]
	sum := math.Float64frombits(min(*w, *x, *y, *z))
	if sum*d.down < Negligible {
		sum = 0
	}
	if amount > 0 {
		sum += float64(amount * d.gain * d.up)
		if sum > math.MaxFloat64 {
			sum = math.MaxFloat64
		}
		to := math.Float64bits(sum)
		*w, *x, *y, *z = max(*w, to), max(*x, to), max(*y, to), max(*z, to)
	}
	return whole(sum * d.down)
}

// get returns the value of the key with hash h.
func (d *decay) get(h uint64, now int64) float64 {
	d.at(now)
	l0, l1, p0, p1 := d.find(h)
	if v := math.Float64frombits(min(l0.v[p0[0]], l0.v[p0[1]], l1.v[p1[0]], l1.v[p1[1]])) * d.down; v >= Negligible {
		return whole(v)
	}
	return 0
}

// whole returns the whole number that v stands for up to rounding, else v.
func whole(v float64) float64 {
	if n := math.Floor(v + 0.5); math.Abs(v-n) <= 1e-13*v {
		return n
	}
	return v
}

// reset takes the value of the key with hash h back to zero.
func (d *decay) reset(h uint64, now int64) {
	d.at(now)
	l0, l1, p0, p1 := d.find(h)
	v := math.Float64frombits(min(l0.v[p0[0]], l0.v[p0[1]], l1.v[p1[0]], l1.v[p1[1]]))
	for i := range p0 {
		for _, c := range []*uint64{&l0.v[p0[i]], &l1.v[p1[i]]} {
			*c = math.Float64bits(max(math.Float64frombits(*c)-v, 0))
		}
	}
}

func (d *decay) clear() { clear(d.lines) }

// Warm asks for the two lines of each hash of a column, see flow.WarmFirst.
func (d *decay) Warm(column []uint64, add uint64) {
	n := len(d.lines) / 2
	flow.WarmFirst(d.lines[:n], column, add)
	flow.WarmSecond(d.lines[n:], column, add)
}

// find returns the two lines of h, brought to the present origin, and its cells in
// them.
func (d *decay) find(h uint64) (l0, l1 *decayLine, p0, p1 [2]uint8) {
	g, n := flow.Second(h), uint64(len(d.lines))/2
	l0, l1 = &d.lines[upper(h, n)], &d.lines[n+upper(g, n)]
	if l0.number != d.number {
		d.renew(l0)
	}
	if l1.number != d.number {
		d.renew(l1)
	}
	return l0, l1, pairs7[pick(h, 21)&31], pairs7[pick(g, 21)&31]
}

// factor is what the cells of a line that refers to an earlier origin are multiplied
// by to refer to the present one.
func (d *decay) factor(l *decayLine) float64 {
	return math.Exp(-d.rate * float64(d.stride) * float64(d.number-l.number))
}

// renew brings the cells of l to the present origin.
func (d *decay) renew(l *decayLine) {
	f := d.factor(l)
	l.number = d.number
	for i, v := range l.v {
		l.v[i] = math.Float64bits(math.Float64frombits(v) * f)
	}
}

// usage reports the fill. Cost: it reads the whole structure, unless that was never asked.
func (d *decay) usage() flow.Usage {
	used, lines := 0, d.lines
	if d.last == math.MinInt64 {
		lines = nil // whose pages need not be there yet
	}
	for i := range lines {
		l := &lines[i]
		if l.v == [decayCells]uint64{} { // as most are: an exponential less
			continue
		}
		f := d.factor(l) * d.down
		for _, v := range l.v {
			if math.Float64frombits(v)*f >= Negligible {
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

// Form implements program.Saver.
func (d *decay) Form() string { return image.Form("decay", 1, len(d.lines)) }

// Save implements program.Saver. The unit depends on the newest time alone, so that
// stands for it.
func (d *decay) Save(w *image.Writer) {
	w.Int(d.last)
	image.Put(w, d.lines)
}

// Load implements program.Saver.
func (d *decay) Load(r *image.Reader) error {
	d.at(r.Int())
	image.Get(r, d.lines)
	for i := range d.lines {
		l := &d.lines[i]
		ok := l.number >= 0 && l.number <= d.number // not of an origin to come
		for _, v := range l.v {
			ok = ok && v <= largest
		}
		r.Refuse(ok)
	}
	return r.End()
}
