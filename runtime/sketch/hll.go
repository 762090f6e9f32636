package sketch

import (
	"math"
	"math/bits"

	"github.com/streamon/streamon/runtime/flow"
	"github.com/streamon/streamon/runtime/image"
)

// HLL estimates the number of distinct keys: a HyperLogLog sketch, windowed in
// two half-windows like CBF, or for ever.
//
// Accuracy: relative standard error 1.04/√m with m registers, for any number of
// keys from 0 to beyond 2⁵⁰; two thirds of all answers lie within it. Memory: 2·m
// bytes. Cost: Add two cache lines; Estimate some hundred nanoseconds whatever m, as
// a histogram of the registers is kept up to date; a half-window's end m steps.
//
// Source: P. Flajolet, É. Fusy, O. Gandouet and F. Meunier, "HyperLogLog", 2007.
// The estimator is the improved one of O. Ertl, "New cardinality estimation
// algorithms for HyperLogLog sketches", 2017, §4: it has no bias to correct by
// table and no switch to linear counting.
type HLL struct {
	reg   [2][]uint8 // by parity of the turn
	hist  [65]uint32 // number of registers by the larger of the two values
	used  [2]bool    // by parity: some register is set
	turn  uint32
	shift uint8 // 64 − log2 m
	half  int64
	end   int64
	err   float64
}

// NewHLL returns a sketch with relative standard error at most err (held in
// [0.002, 0.26], that is 2⁴ … 2¹⁹ registers) over a window in ns; 0 = for ever.
func NewHLL(window int64, err float64) *HLL {
	p := hllBits(err)
	s := &HLL{shift: uint8(64 - p), half: window / 2, err: 1.04 / math.Sqrt(float64(int(1)<<p))}
	s.reg[0], s.reg[1] = make([]uint8, 1<<p), make([]uint8, 1<<p)
	s.hist[0] = 1 << p
	s.end = math.MinInt64
	if s.half <= 0 {
		s.end = math.MaxInt64
	}
	return s
}

// HLLBytes is the memory that NewHLL would take, in bytes.
func HLLBytes(err float64) int64 { return 2 << hllBits(err) }

func hllBits(err float64) int {
	p := 4
	for p < 19 && 1.04/math.Sqrt(float64(int(1)<<p)) > err {
		p++
	}
	return p
}

// Add counts the key with hash h.
func (s *HLL) Add(h uint64, now int64) {
	if now >= s.end {
		s.advance(now)
	}
	i := h >> s.shift
	rank := uint8(bits.LeadingZeros64(h<<(64-s.shift)|1<<(63-s.shift))) + 1
	cur, other := &s.reg[s.turn&1][i], s.reg[s.turn&1^1][i]
	if rank <= *cur {
		return
	}
	if was := max(*cur, other); rank > was {
		s.hist[was&63]--
		s.hist[rank&63]++
	}
	*cur = rank
	s.used[s.turn&1] = true
}

// Estimate returns the number of distinct keys in the window that ends at now.
func (s *HLL) Estimate(now int64) float64 {
	if now >= s.end {
		s.advance(now)
	}
	m := float64(len(s.reg[0]))
	z := m * ertlTau(1-float64(s.hist[s.shift+1])/m)
	for k := s.shift; k >= 1; k-- {
		z = 0.5 * (z + float64(s.hist[k]))
	}
	z += m * ertlSigma(float64(s.hist[0])/m)
	return m * m / (2 * math.Ln2 * z)
}

// Clear forgets every key.
func (s *HLL) Clear() { s.rotate(2) }

// Usage reports the present estimate as Used; Capacity is 0, as there is none,
// and Error is the relative standard error.
func (s *HLL) Usage() flow.Usage {
	used := 0.0
	if s.end != math.MinInt64 {
		used = s.Estimate(math.MinInt64)
	}
	return flow.Usage{Used: int(used + 0.5), Bytes: 2 * int64(len(s.reg[0])), Error: s.err}
}

func (s *HLL) advance(now int64) {
	if s.end != math.MinInt64 {
		n := 1
		if now-s.end >= s.half {
			n = 2
		}
		s.rotate(n)
	}
	s.end = periodEnd(now, s.half)
}

// rotate begins n new halves. Nothing is walked for halves without a key: through
// a pause in a capture a reader may ask a thousand times.
func (s *HLL) rotate(n int) {
	if !s.used[0] && !s.used[1] {
		return
	}
	for range n {
		s.turn++
		if half := s.turn & 1; s.used[half] {
			clear(s.reg[half])
			s.used[half] = false
		}
	}
	a, b := s.reg[0], s.reg[1]
	s.hist = [65]uint32{}
	if !s.used[0] && !s.used[1] {
		s.hist[0] = uint32(len(a))
		return
	}
	for i := range a {
		s.hist[max(a[i], b[i])&63]++
	}
}

// ertlSigma is Σ x^(2^k)·2^(k−1) + x, the share of empty registers (Ertl §4.2).
func ertlSigma(x float64) float64 {
	if x == 1 {
		return math.Inf(1)
	}
	z, y := x, 1.0
	for {
		x *= x
		was := z
		z += x * y
		y += y
		if z == was {
			return z
		}
	}
}

// ertlTau is the counterpart for saturated registers (Ertl §4.3).
func ertlTau(x float64) float64 {
	if x == 0 || x == 1 {
		return 0
	}
	z, y := 1-x, 1.0
	for {
		x = math.Sqrt(x)
		was := z
		y *= 0.5
		z -= (1 - x) * (1 - x) * y
		if z == was {
			return z / 3
		}
	}
}

// Form implements program.Saver.
func (s *HLL) Form() string { return image.Form("hll", 1, len(s.reg[0])) }

// Save implements program.Saver.
func (s *HLL) Save(w *image.Writer) {
	w.Int(s.end)
	w.Uint(uint64(s.turn))
	image.Put(w, s.reg[0])
	image.Put(w, s.reg[1])
}

// Load implements program.Saver.
func (s *HLL) Load(r *image.Reader) error {
	s.end, s.turn = r.Int(), uint32(r.Uint())
	r.Refuse(s.half > 0 || s.end == math.MaxInt64)
	s.hist = [65]uint32{}
	image.Get(r, s.reg[0])
	image.Get(r, s.reg[1])
	for i, a := range s.reg[0] {
		b := s.reg[1][i]
		r.Refuse(max(a, b) <= s.shift+1)
		s.hist[max(a, b)&63]++
		s.used[0], s.used[1] = s.used[0] || a > 0, s.used[1] || b > 0
	}
	return r.End()
}
