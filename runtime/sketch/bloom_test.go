package sketch

import (
	"math/rand/v2"
	"testing"
)

// modelPair is the rule of Pair with exact sets.
type modelPair struct {
	window    int64
	cap       int
	epoch     int64
	begun     bool
	fresh     int
	cur, prev map[uint64]bool
}

func (m *modelPair) at(now int64) {
	if m.window <= 0 {
		m.begun = true
	}
	e := int64(0)
	if m.window > 0 {
		e = now / m.window
	}
	if !m.begun || m.cur == nil {
		m.begun, m.epoch, m.cur, m.prev = true, e, map[uint64]bool{}, map[uint64]bool{}
	}
	switch d := e - m.epoch; {
	case d == 1:
		m.prev, m.cur, m.fresh = m.cur, map[uint64]bool{}, 0
	case d > 1:
		m.prev, m.cur, m.fresh = map[uint64]bool{}, map[uint64]bool{}, 0
	}
	m.epoch = max(m.epoch, e)
}

func (m *modelPair) get(h uint64, now int64) bool {
	m.at(now)
	return m.cur[h] || m.prev[h]
}

func (m *modelPair) set(h uint64, now int64) bool {
	seen := m.get(h, now)
	m.cur[h] = true
	if !seen {
		if m.fresh++; m.fresh == m.cap {
			m.prev, m.cur, m.fresh = m.cur, map[uint64]bool{}, 0
		}
	}
	return seen
}

// TestPairRule compares every answer with the exact rule, over steps of time
// that stay, cross one period and jump over several. The error is set so low that
// no false positive is to be expected.
func TestPairRule(t *testing.T) {
	for _, c := range []struct {
		name     string
		window   int64
		capacity int
		keys     uint64
	}{
		{"by time", 10 * sec, 1000, 200},
		{"by fill", 0, 50, 400},
		{"both", 10 * sec, 60, 300},
		{"tiny", sec, 1, 3},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := rand.New(rand.NewPCG(7, uint64(c.capacity)))
			p, m := NewPair(c.window, c.capacity, 1e-9), &modelPair{window: c.window, cap: c.capacity}
			now := t0
			for i := range 100_000 {
				switch r.IntN(200) {
				case 0:
					now += r.Int64N(12 * sec)
				case 1:
					now += r.Int64N(60 * sec)
				default:
					now += r.Int64N(sec / 100)
				}
				h := key(1, r.Uint64N(c.keys))
				if r.IntN(3) == 0 {
					if got, want := p.Get(h, now), m.get(h, now); got != want {
						t.Fatalf("step %d: Get = %v, want %v", i, got, want)
					}
				} else if got, want := p.Set(h, now), m.set(h, now); got != want {
					t.Fatalf("step %d: Set = %v, want %v", i, got, want)
				}
			}
		})
	}
}

// TestPairError fills both filters to capacity and asks for keys never set.
func TestPairError(t *testing.T) {
	const probes = 400_000
	for _, err := range []float64{0.1, 0.01, 0.001} {
		for _, capacity := range []int{100, 3000, 65536} {
			p := NewPair(60*sec, capacity+1, err)
			for half := range 2 {
				now := t0/(60*sec)*60*sec + int64(half)*60*sec
				for i := range capacity {
					p.Set(key(2, uint64(half*capacity+i)), now)
				}
			}
			now, wrong := t0+60*sec, 0
			if u := p.Usage(); u.Evicted != 0 {
				t.Fatalf("rotated by fill: %+v", u)
			}
			for i := range probes {
				if p.Get(key(2, uint64(1e9)+uint64(i)), now) {
					wrong++
				}
			}
			rate := float64(wrong) / probes
			t.Logf("err %g, %d keys: measured %.5f, estimated %.5f, %.2f bytes a key",
				err, capacity, rate, p.Usage().Error, float64(p.Usage().Bytes)/float64(capacity))
			// A fifth above for chance, and more for the few blocks of a small filter.
			slack := 1.2
			if capacity < 1000 {
				slack = 2
			}
			if rate > err*slack {
				t.Errorf("err %g, %d keys: false positives %.5f", err, capacity, rate)
			}
			if rate < err/4 && err*probes > 1000 && capacity > 1000 {
				t.Errorf("err %g, %d keys: false positives %.5f: sized far too generously", err, capacity, rate)
			}
		}
	}
}

// TestPairRemembers: whatever else comes, a key set less than a window ago is
// seen, as long as fewer than capacity new keys came since.
func TestPairRemembers(t *testing.T) {
	for name, next := range streams(20_000, 3) {
		const window = 10 * sec
		p, last, now := NewPair(window, 40_000, 0.01), map[uint64]int64{}, t0
		for range 200_000 {
			k := next()
			at, ok := last[k]
			if seen := p.Set(key(4, k), now); ok && now-at < window && !seen {
				t.Fatalf("%s: key %d forgotten after %d ns", name, k, now-at)
			}
			last[k], now = now, now+sec/5000
		}
	}
}

func TestPairClearAndTurns(t *testing.T) {
	p := NewPair(0, 10, 0.01)
	p.Set(1<<40, t0)
	p.Rotate()
	if !p.Get(1<<40, t0) || p.Turns() != 1 {
		t.Errorf("after Rotate: seen %v, %d turns", p.Get(1<<40, t0), p.Turns())
	}
	p.Rotate()
	if p.Get(1<<40, t0) {
		t.Error("seen after two rotations")
	}
	p.Set(1<<40, t0)
	if p.Clear(); p.Get(1<<40, t0) {
		t.Error("seen after Clear")
	}
}

func TestPairMemory(t *testing.T) {
	for _, n := range []int{1, 100, 65536} {
		p := NewPair(0, n, 0.01)
		if got, want := p.Usage().Bytes, PairBytes(n, 0.01); got != want {
			t.Errorf("%d keys: %d bytes, want %d", n, got, want)
		}
		wantAligned(t, "pair", &p.blocks[0])
	}
	p, i := NewPair(sec, 1000, 0.01), uint64(0)
	wantNoAllocs(t, "Set and Get", func() {
		i++
		p.Set(key(1, i), t0+int64(i)*1e7)
		p.Get(key(1, i+1), t0+int64(i)*1e7)
	})
}

func BenchmarkPair(b *testing.B) {
	for _, n := range []int{65536, 8 << 20} {
		p := NewPair(60*sec, n, 0.01)
		bench(b, "Set", n, func(h uint64, now int64) { p.Set(h, now) })
		bench(b, "Get", n, func(h uint64, now int64) { p.Get(h, now) })
	}
}
