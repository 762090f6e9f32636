package sketch

import (
	"math"
	"math/rand/v2"
	"testing"
)

// modelDecay is the rule of TBF and TEWMA with exact keys: value and time each.
type modelDecay struct {
	factor func(dt int64) float64
	gain   float64
	v      map[uint64]float64
	at     map[uint64]int64
}

func newModel(factor func(dt int64) float64, gain float64) *modelDecay {
	return &modelDecay{factor, gain, map[uint64]float64{}, map[uint64]int64{}}
}

func (m *modelDecay) get(h uint64, now int64) float64 {
	v := m.v[h] * m.factor(now-m.at[h])
	if v < Negligible {
		return 0
	}
	return v
}

func (m *modelDecay) add(h uint64, a float64, now int64) float64 {
	m.v[h], m.at[h] = m.get(h, now)+a*m.gain, now
	return m.v[h]
}

func tbfModel(window, memory int64) *modelDecay {
	tau := float64(memory) / 4
	return newModel(func(dt int64) float64 { return math.Exp(-float64(dt) / tau) }, float64(window)/tau)
}

func tewmaModel(window int64) *modelDecay {
	w := float64(window) / 1e9
	beta := (w - 6) / (w + 6)
	return newModel(func(dt int64) float64 { return math.Pow(beta, float64(dt)/1e9) }, -math.Log(beta))
}

// near reports whether a and b agree up to rounding.
func near(a, b float64) bool { return math.Abs(a-b) <= 1e-9*(1+math.Abs(b)) }

// decaying is what TBF and TEWMA have in common, for the tests.
type decaying interface {
	Add(h uint64, amount float64, now int64) float64
	Get(h uint64, now int64) float64
	Reset(h uint64, now int64)
	Clear()
}

func TestDecayRule(t *testing.T) {
	const n = 20_000
	identity := func(now int64) int64 { return now }
	seconds := func(now int64) int64 { return now / sec * sec }
	for _, c := range []struct {
		name  string
		d     decaying
		m     *modelDecay
		round func(int64) int64
	}{
		{"tbf 60s", NewTBF(60*sec, 0, n, 1e-6), tbfModel(60*sec, 240*sec), identity},
		{"tbf 60s, memory 100s", NewTBF(60*sec, 100*sec, n, 1e-6), tbfModel(60*sec, 100*sec), identity},
		{"tewma 60s", NewTEWMA(60*sec, 0, n, 1e-6), tewmaModel(60 * sec), identity},
		{"tewma 10s, tick 1s", NewTEWMA(10*sec, sec, n, 1e-6), tewmaModel(10 * sec), seconds},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := rand.New(rand.NewPCG(1, 9))
			now := t0
			for i := range 100_000 {
				now = walk(r, now, 60*sec)
				h := key(1, r.Uint64N(500))
				if r.IntN(3) == 0 {
					if got, want := c.d.Get(h, now), c.m.get(h, c.round(now)); !near(got, want) {
						t.Fatalf("step %d: Get = %v, want %v", i, got, want)
					}
					continue
				}
				a := float64(r.IntN(3) * 700)
				if got, want := c.d.Add(h, a, now), c.m.add(h, a, c.round(now)); !near(got, want) {
					t.Fatalf("step %d: Add(%v) = %v, want %v", i, a, got, want)
				}
			}
		})
	}
}

// TestDecayMeaning states what the definitions promise.
func TestDecayMeaning(t *testing.T) {
	tbf, tewma := NewTBF(60*sec, 0, 100, 0.01), NewTEWMA(60*sec, 0, 100, 0.01)
	h, now := key(1, 1), t0
	for range 600 * 20 {
		now += sec / 20
		tbf.Add(h, 1, now)
		tewma.Add(h, 1, now)
	}
	if got := tbf.Get(h, now); math.Abs(got-1200) > 12 {
		t.Errorf("tbf at 20 a second reads %v, want 20·60 within 1 %%", got)
	}
	if got := tewma.Get(h, now); math.Abs(got-20) > 0.2 {
		t.Errorf("tewma at 20 a second reads %v, want 20 within 1 %%", got)
	}
	before := tbf.Get(h, now) // times rise
	if got := tbf.Get(h, now+240*sec) / before; got > 0.02 {
		t.Errorf("after the memory %.4f is left, want below 0.02", got)
	}
	if got := tbf.Get(h, now+100*240*sec); got != 0 {
		t.Errorf("long after the memory tbf reads %v, want 0", got)
	}
	// 25 arrivals at one instant are exactly 25: a threshold of 25 holds, 24.999… would not.
	burst := NewTBF(60*sec, 0, 100, 0.01)
	for range 25 {
		burst.Add(h, 1, t0)
	}
	if got := burst.Get(h, t0); got != 25 {
		t.Errorf("25 arrivals at one instant read %v, want exactly 25", got)
	}
	if got := burst.Get(h, t0-sec); got != 25 {
		t.Errorf("an older time reads %v, want 25 as of the newest", got)
	}
}

// TestDecayError: up to capacity, too high for at most the declared share of
// keys; never too low, capacity or not.
func TestDecayError(t *testing.T) {
	for _, err := range []float64{0.05, 0.01, 0.001} {
		for _, load := range []int{1, 4} {
			if load > 1 && err != 0.01 {
				continue
			}
			const capacity = 20_000
			for name, next := range streams(capacity*load, 5) {
				d, m := NewTBF(60*sec, 0, capacity, err), tbfModel(60*sec, 240*sec)
				now := t0
				for range 6 * capacity * load {
					k := next()
					now += 10_000
					want := m.add(k, 1, now)
					if v := d.Add(key(6, k), 1, now); v < want && !near(v, want) {
						t.Fatalf("%s: Add = %v, below the exact %v", name, v, want)
					}
				}
				over := 0
				for k := range m.v {
					got, want := d.Get(key(6, k), now), m.get(k, now)
					if got < want && !near(got, want) {
						t.Fatalf("%s: Get = %v, below the exact %v", name, got, want)
					}
					if got > want && !near(got, want) {
						over++
					}
				}
				absent, probes := 0, 200_000
				for i := range probes {
					if d.Get(key(6, uint64(1e9)+uint64(i)), now) != 0 {
						absent++
					}
				}
				present, rate, u := float64(over)/float64(len(m.v)), float64(absent)/float64(probes), d.Usage()
				t.Logf("err %g, %s, %d keys: too high %.5f of the present, %.5f of the absent; estimated %.5f and %d keys; %.0f bytes a key",
					err, name, len(m.v), present, rate, u.Error, u.Used, float64(u.Bytes)/float64(capacity))
				if load == 1 && (present > err*1.2 || rate > err*1.2) {
					t.Errorf("err %g, %s, %d keys: too high for %.5f of the present and %.5f of the absent keys", err, name, len(m.v), present, rate)
				}
				if math.Abs(u.Error-rate) > 0.1*rate+0.001 {
					t.Errorf("err %g, %s: Usage estimates an error of %v, measured %v", err, name, u.Error, rate)
				}
			}
		}
	}
}

func TestDecayResetAndClear(t *testing.T) {
	for name, d := range map[string]decaying{
		"tbf":   NewTBF(60*sec, 0, 1000, 0.001),
		"tewma": NewTEWMA(60*sec, sec, 1000, 0.001),
	} {
		a, b := key(1, 1), key(1, 2)
		d.Add(a, 5, t0)
		want := d.Add(b, 11, t0)
		d.Reset(a, t0)
		if x, y := d.Get(a, t0), d.Get(b, t0); x != 0 || y != want {
			t.Errorf("%s: after Reset of one key: %v and %v, want 0 and %v", name, x, y, want)
		}
		d.Clear()
		if y := d.Get(b, t0); y != 0 {
			t.Errorf("%s: after Clear: %v, want 0", name, y)
		}
	}
}

func TestDecayEdges(t *testing.T) {
	d := NewTBF(60*sec, 0, 10, 0.01)
	h := key(1, 1)
	for _, a := range []float64{0, -1, math.NaN()} {
		if v := d.Add(h, a, t0); v != 0 {
			t.Errorf("Add(%v) = %v, want 0", a, v)
		}
	}
	for range 3 {
		if v := d.Add(h, math.MaxFloat64, t0); math.IsInf(v, 0) || math.IsNaN(v) {
			t.Errorf("Add(MaxFloat64) = %v, want a finite value", v)
		}
	}
	if v := NewTEWMA(sec, 0, 10, 0.01).Add(h, 1, t0); math.IsInf(v, 0) || math.IsNaN(v) || v <= 0 {
		t.Errorf("tewma with a window of 1 s: %v, want a finite value", v)
	}
}

func TestDecayMemory(t *testing.T) {
	for _, n := range []int{1, 100, 65536} {
		d := NewTBF(0, 0, n, 0.01)
		if got, want := d.Usage().Bytes, DecayBytes(n, 0.01); got != want {
			t.Errorf("%d keys: %d bytes, want %d", n, got, want)
		}
		wantAligned(t, "tbf", &d.lines[0])
	}
	d, e, i := NewTBF(sec, 0, 1000, 0.01), NewTEWMA(60*sec, sec, 1000, 0.01), uint64(0)
	wantNoAllocs(t, "Add, Get, Reset", func() {
		i++
		now := t0 + int64(i)*1e7
		d.Add(key(1, i), 60, now)
		d.Get(key(1, i+1), now)
		d.Reset(key(1, i), now)
		e.Add(key(1, i), 60, now)
		e.Get(key(1, i), now)
	})
}

func BenchmarkTBF(b *testing.B) {
	for _, n := range []int{4096, 65536, 4 << 20} {
		d := NewTBF(60*sec, 0, n, 0.01)
		bench(b, "Add", n, func(h uint64, now int64) { d.Add(h, 60, now) })
		bench(b, "Get", n, func(h uint64, now int64) { d.Get(h, now) })
	}
}

func BenchmarkTEWMA(b *testing.B) {
	for _, n := range []int{4096, 4 << 20} {
		d := NewTEWMA(60*sec, sec, n, 0.01)
		bench(b, "Add", n, func(h uint64, now int64) { d.Add(h, 60, now) })
		bench(b, "Get", n, func(h uint64, now int64) { d.Get(h, now) })
	}
}

// TestDecayLong: values stay right while the origin moves on many times, and when time
// jumps over many origins at once; what is counted at one instant is whole.
func TestDecayLong(t *testing.T) {
	tbf := NewTBF(sec, 0, 100, 0.01) // its origin moves every 256 s
	h, now, want := key(1, 1), t0, 0.0
	r := rand.New(rand.NewPCG(4, 4))
	for step := range 20_000 {
		d := r.Int64N(2 * sec)
		if step%1000 == 0 {
			d = 3600 * sec
		}
		now += d
		want = want*math.Exp(-float64(d)/float64(sec)) + 1
		if got := tbf.Add(h, 1, now); math.Abs(got-want) > 1e-9*want {
			t.Fatalf("step %d: %v, want %v", step, got, want)
		}
	}
	if (now-t0)/tbf.stride < 70 {
		t.Error("the origin moved less than 70 times: the test does not cover it")
	}
	early := NewTBF(sec, 0, 100, 0.01)
	for i := range int64(5) { // before 1970
		early.Add(h, 1, -3_000_000_000_000+i*sec)
	}
	if got := early.Get(h, -3_000_000_000_000+4*sec); math.Abs(got-1.578) > 0.01 {
		t.Errorf("before 1970: %v, want 1 + 1/e + … = 1.578", got)
	}
	now += 777_777_777
	other := key(1, 2)
	for i := range 1000 {
		if got := tbf.Add(other, 1, now); got != float64(i+1) {
			t.Fatalf("%d arrivals at one instant read %v", i+1, got)
		}
	}
}

// At the beginning of time, where damaged captures may be, values are values.
func TestDecayBeginning(t *testing.T) {
	tbf := NewTBF(10*sec, 0, 500, 0.01)
	for i, want := range []float64{1, 2, 3} { // window and time constant are alike
		now := int64(math.MinInt64) + 1 + int64(i)
		if got := tbf.Add(7, 1, now); math.Abs(got-want) > 1e-6 {
			t.Errorf("at %d: %v, want %v", now, got, want)
		}
	}
	if got := tbf.Get(7, math.MinInt64+20000*sec); got != 0 {
		t.Errorf("much later: %v, want 0", got)
	}
}
