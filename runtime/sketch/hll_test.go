package sketch

import (
	"math"
	"testing"
)

// TestHLLError measures the relative error over many seeds: its standard
// deviation must be what Usage states, its mean near 0, for few keys and many.
func TestHLLError(t *testing.T) {
	for _, err := range []float64{0.05, 0.02} {
		for _, n := range []int{1, 10, 300, 2000, 5000, 30_000} {
			const runs = 120
			var sum, squares, stated float64
			for seed := range uint64(runs) {
				s := NewHLL(0, err)
				for i := range n {
					s.Add(key(seed, uint64(i)), t0)
					if i%3 == 0 {
						s.Add(key(seed, uint64(i/2)), t0)
					}
				}
				e := s.Estimate(t0)/float64(n) - 1
				sum, squares, stated = sum+e, squares+e*e, s.Usage().Error
			}
			mean, dev := sum/runs, math.Sqrt(squares/runs)
			if stated > err {
				t.Errorf("error %g stated for a declared %g", stated, err)
			}
			if dev > 1.25*stated || math.Abs(mean) > 0.3*stated+0.01/float64(n) {
				t.Errorf("err %g, %d keys: mean %.4f, deviation %.4f, want 0 and at most %.4f", err, n, mean, dev, stated)
			}
		}
	}
}

func TestHLLWindow(t *testing.T) {
	const w = 60 * sec
	begin := t0 / w * w
	s := NewHLL(w, 0.01)
	check := func(now int64, want float64) {
		t.Helper()
		if got := s.Estimate(now); math.Abs(got-want) > 0.04*want+0.5 {
			t.Errorf("Estimate at %d s = %.1f, want %v within 4 %%", (now-begin)/sec, got, want)
		}
	}
	check(begin, 0)
	for i := range 1000 {
		s.Add(key(1, uint64(i)), begin)
	}
	check(begin, 1000)
	for i := range 1000 {
		s.Add(key(1, uint64(i+500)), begin+40*sec)
	}
	check(begin+40*sec, 1500)
	check(begin+61*sec, 1000)
	check(begin+91*sec, 0)
	s.Add(key(1, 7), begin+100*sec)
	check(begin+1000*sec, 0)
	s.Add(key(1, 7), begin+1000*sec)
	if got := s.Usage().Used; got != 1 {
		t.Errorf("Usage().Used = %d, want 1", got)
	}
	s.Clear()
	check(begin+1000*sec, 0)
}

// TestHLLHistogram: the histogram that Estimate reads is that of the registers.
func TestHLLHistogram(t *testing.T) {
	s := NewHLL(10*sec, 0.05)
	for i := range uint64(20_000) {
		s.Add(key(3, i%9000), t0+int64(i)*sec/300)
		if i%997 != 0 {
			continue
		}
		var want [65]uint32
		for j := range s.reg[0] {
			want[max(s.reg[0][j], s.reg[1][j])]++
		}
		if s.hist != want {
			t.Fatalf("step %d: histogram %v, want %v", i, s.hist, want)
		}
	}
}

func TestHLLEdges(t *testing.T) {
	s := NewHLL(0, 0.01)
	s.Add(0, t0) // longest run of zeros
	s.Add(^uint64(0), t0)
	if got := s.Estimate(t0); math.Abs(got-2) > 0.1 {
		t.Errorf("two keys estimated as %v", got)
	}
	if got, want := s.Usage().Bytes, HLLBytes(0.01); got != want {
		t.Errorf("%d bytes, want %d", got, want)
	}
	i := uint64(0)
	w := NewHLL(sec, 0.05)
	wantNoAllocs(t, "Add and Estimate", func() {
		i++
		w.Add(key(1, i), t0+int64(i)*1e7)
		w.Estimate(t0 + int64(i)*1e7)
	})
}

func BenchmarkHLL(b *testing.B) {
	for _, err := range []float64{0.01, 0.002} {
		s := NewHLL(60*sec, err)
		name := map[float64]string{0.01: "1%", 0.002: "0.2%"}[err]
		bench(b, "Add "+name, 1<<20, func(h uint64, now int64) { s.Add(h*0x9E3779B97F4A7C15, now) })
		bench(b, "Estimate "+name, 1<<20, func(h uint64, now int64) { s.Estimate(now) })
	}
}
