package sketch

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/streamon/streamon/runtime/flow"
)

// modelCBF is the rule of CBF with exact sums.
type modelCBF struct {
	half, index int64
	cur, prev   map[uint64]int64
}

func (m *modelCBF) at(now int64) {
	i := int64(0)
	if m.half > 0 {
		i = now / m.half
	}
	if m.cur == nil || i-m.index > 1 {
		m.prev = map[uint64]int64{}
	} else if i-m.index == 1 {
		m.prev = m.cur
	}
	if m.cur == nil || i != m.index {
		m.cur = map[uint64]int64{}
	}
	m.index = i
}

func (m *modelCBF) add(h uint64, a, now int64) int64 {
	m.at(now)
	m.cur[h] += a
	return m.cur[h] + m.prev[h]
}

func (m *modelCBF) get(h uint64, now int64) int64 { return m.add(h, 0, now) }

// walk advances packet time: mostly a little, sometimes across a half-window,
// sometimes over several.
func walk(r *rand.Rand, now, window int64) int64 {
	switch r.IntN(2000) {
	case 0:
		return now + r.Int64N(4*window)
	case 1, 2, 3:
		return now + r.Int64N(window)
	}
	return now + r.Int64N(window/1000)
}

// TestCBFRule compares every answer with the exact rule in a filter with room to
// spare, where collisions of all four cells are not to be expected.
func TestCBFRule(t *testing.T) {
	for _, window := range []int64{0, 60 * sec, 7} {
		r := rand.New(rand.NewPCG(1, uint64(window)))
		c, m, now := NewCBF(window, 20_000, 1e-6), &modelCBF{half: window / 2}, t0
		for i := range 100_000 {
			now = walk(r, now, max(window, sec))
			h := key(1, r.Uint64N(500))
			if r.IntN(3) == 0 {
				if got, want := c.Get(h, now), m.get(h, now); got != want {
					t.Fatalf("window %d, step %d: Get = %d, want %d", window, i, got, want)
				}
				continue
			}
			a := r.Int64N(1500)
			if got, want := c.Add(h, a, now), m.add(h, a, now); got != want {
				t.Fatalf("window %d, step %d: Add = %d, want %d", window, i, got, want)
			}
		}
	}
}

// TestCBFError fills the filter to capacity in one half-window, and then far
// beyond it: it never counts too low, and up to capacity it counts too high for
// at most the declared share of keys.
func TestCBFError(t *testing.T) {
	for _, err := range []float64{0.05, 0.01, 0.001} {
		for _, capacity := range []int{200, 20_000} {
			for name, next := range streams(capacity, 5) {
				c := NewCBF(60*sec, capacity, err)
				exact := map[uint64]int64{}
				for range 20 * capacity {
					k := next()
					exact[k]++
					if v := c.Add(key(6, k), 1, t0); v < exact[k] {
						t.Fatalf("%s: Add = %d, below the exact %d", name, v, exact[k])
					}
				}
				over := 0
				for k, want := range exact {
					got := c.Get(key(6, k), t0)
					if got < want {
						t.Fatalf("%s: Get = %d, below the exact %d", name, got, want)
					}
					if got > want {
						over++
					}
				}
				absent, probes := 0, 200_000
				for i := range probes {
					if c.Get(key(6, uint64(1e9)+uint64(i)), t0) != 0 {
						absent++
					}
				}
				present, rate := float64(over)/float64(len(exact)), float64(absent)/float64(probes)
				u := c.Usage()
				t.Logf("err %g, %s, %d keys: too high %.5f of the present, %.5f of the absent; estimated %.5f and %d keys; %.0f bytes a key",
					err, name, len(exact), present, rate, u.Error, u.Used, float64(u.Bytes)/float64(capacity))
				slack := 1.2
				if capacity < 1000 {
					slack = 3
				}
				if present > err*slack || rate > err*slack {
					t.Errorf("err %g, %s, %d keys: too high for %.5f of the present and %.5f of the absent keys", err, name, len(exact), present, rate)
				}
				if d := math.Abs(float64(u.Used - len(exact))); capacity > 1000 && d > 0.05*float64(len(exact)) {
					t.Errorf("err %g, %s: Usage estimates %d keys, want about %d", err, name, u.Used, len(exact))
				}
			}
		}
	}
}

// TestCBFOverload: ten times the declared keys make it inexact, never too low.
func TestCBFOverload(t *testing.T) {
	for name, next := range streams(10_000, 7) {
		c, m, now := NewCBF(10*sec, 1000, 0.01), &modelCBF{half: 5 * sec}, t0
		for range 100_000 {
			k := next()
			if got, want := c.Add(key(8, k), 3, now), m.add(k, 3, now); got < want {
				t.Fatalf("%s: Add = %d, below the exact %d", name, got, want)
			}
			now += sec / 2000
		}
		if u := c.Usage(); u.Error < 0.1 {
			t.Errorf("%s: Usage at ten times the capacity reports an error of %g", name, u.Error)
		}
	}
}

func TestCBFLargeSums(t *testing.T) {
	c := NewCBF(60*sec, 100, 0.01)
	h := key(1, 1)
	for range 10 {
		c.Add(h, 9_000_000_000, t0)
	}
	if got := c.Get(h, t0); got != 90_000_000_000 {
		t.Errorf("Get = %d, want 90000000000: sums beyond 32 bits", got)
	}
	if u := c.Usage(); u.Rejected != 0 {
		t.Errorf("%d saturated operations, want 0", u.Rejected)
	}
	for range 3 {
		c.Add(h, math.MaxInt64, t0)
	}
	if got := c.Get(h, t0); got != cbfMax {
		t.Errorf("Get = %d, want the maximum %d", got, int64(cbfMax))
	}
	if u := c.Usage(); u.Rejected != 3 {
		t.Errorf("%d saturated operations, want 3", u.Rejected)
	}
	if got := c.Add(h, -5, t0); got != cbfMax {
		t.Errorf("Add of -5 = %d, want %d", got, int64(cbfMax))
	}
}

// TestCBFRare compares the common case with the general one: values, counters of
// saturation, and every bit of the lines, for amounts around 32 and 40 bits.
func TestCBFRare(t *testing.T) {
	for _, window := range []int64{0, 60 * sec} {
		r := rand.New(rand.NewPCG(2, uint64(window)))
		a, b, now := NewCBF(window, 100, 0.1), NewCBF(window, 100, 0.1), t0
		for i := range 200_000 {
			now = walk(r, now, 60*sec)
			h := key(1, r.Uint64N(300))
			if r.IntN(3) == 0 {
				if got, want := a.Get(h, now), b.getRare(h, now); got != want {
					t.Fatalf("window %d, step %d: Get = %d, want %d", window, i, got, want)
				}
				continue
			}
			amount := r.Int64N(1500) - 10
			switch r.IntN(2000) {
			case 0:
				amount = r.Int64() >> r.IntN(40)
			case 1:
				amount = math.MinInt64 + r.Int64N(1<<33)
			case 2:
				a.Clear()
				b.Clear()
			}
			if got, want := a.Add(h, amount, now), b.addRare(h, amount, now); got != want {
				t.Fatalf("window %d, step %d: Add of %d = %d, want %d", window, i, amount, got, want)
			}
			if i%1000 == 0 && (!slices.Equal(a.lines, b.lines) || a.saturated != b.saturated) {
				t.Fatalf("window %d, step %d: the lines differ", window, i)
			}
		}
	}
}

func TestCBFResetAndClear(t *testing.T) {
	c := NewCBF(60*sec, 1000, 0.001)
	a, b := key(1, 1), key(1, 2)
	c.Add(a, 5, t0-30*sec)
	c.Add(a, 7, t0)
	c.Add(b, 11, t0)
	if got := c.Get(a, t0); got != 12 {
		t.Fatalf("Get = %d, want 12", got)
	}
	c.Reset(a)
	if x, y := c.Get(a, t0), c.Get(b, t0); x != 0 || y != 11 {
		t.Errorf("after Reset of one key: %d and %d, want 0 and 11", x, y)
	}
	if got := c.Add(a, 2, t0); got != 2 {
		t.Errorf("Add after Reset = %d, want 2", got)
	}
	c.Clear()
	if x, y := c.Get(a, t0), c.Get(b, t0); x != 0 || y != 0 {
		t.Errorf("after Clear: %d and %d, want 0", x, y)
	}
	if u := c.Usage(); u.Used != 0 {
		t.Errorf("after Clear: %d keys in use, want 0", u.Used)
	}
}

// TestCBFUsed: the cells in use of a line are those that count something now.
func TestCBFUsed(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 20000 {
		l := cbfLine{turn: r.Uint32()}
		for j := range uint8(cbfCells) {
			for half := range uint32(2) {
				if r.IntN(2) == 0 {
					l.put(j, half, 1<<r.IntN(40)) // in the lower bits, or above 32 alone
				}
			}
		}
		for age := range uint32(3) {
			want := 0
			for j := range uint8(cbfCells) {
				if age == 0 && l.get(j, 0)|l.get(j, 1) != 0 || age == 1 && l.get(j, l.turn) != 0 {
					want++
				}
			}
			if got := l.used(l.turn + age); got != want {
				t.Fatalf("%d turns later %d cells of %+v are in use, want %d", age, got, l, want)
			}
		}
	}
}

// TestUsageUntouched: what was never asked is empty, and says so as what is there and empty.
func TestUsageUntouched(t *testing.T) {
	c, d := NewCBF(60*sec, 1000, 0.001), NewTBF(60*sec, 60*sec, 1000, 0.001)
	before := [2]flow.Usage{c.Usage(), d.Usage()}
	c.Get(key(1, 1), t0)
	d.Get(key(1, 1), t0)
	if after := [2]flow.Usage{c.Usage(), d.Usage()}; after != before || after[0].Used != 0 || after[1].Used != 0 {
		t.Errorf("Usage = %+v, %+v when it is asked, before", after, before)
	}
}

func TestCBFMemory(t *testing.T) {
	for _, n := range []int{1, 100, 65536} {
		c := NewCBF(0, n, 0.01)
		if got, want := c.Usage().Bytes, CBFBytes(n, 0.01); got != want {
			t.Errorf("%d keys: %d bytes, want %d", n, got, want)
		}
		wantAligned(t, "cbf", &c.lines[0])
	}
	c, i := NewCBF(sec, 1000, 0.01), uint64(0)
	wantNoAllocs(t, "Add, Get, Reset", func() {
		i++
		now := t0 + int64(i)*1e7
		c.Add(key(1, i), 60, now)
		c.Get(key(1, i+1), now)
		c.Reset(key(1, i))
	})
}

func BenchmarkCBF(b *testing.B) {
	for _, n := range []int{4096, 65536, 4 << 20} {
		c := NewCBF(60*sec, n, 0.01)
		bench(b, "Add", n, func(h uint64, now int64) { c.Add(h, 60, now) })
		bench(b, "Get", n, func(h uint64, now int64) { c.Get(h, now) })
	}
}
