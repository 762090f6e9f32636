package sketch

import (
	"encoding/binary"
	"math/rand/v2"
	"slices"
	"testing"
)

type key8 = [8]byte

func bytesOf(i uint64) (k key8) {
	binary.BigEndian.PutUint64(k[:], i)
	return k
}

// TestTopKGuarantee holds space-saving to its promise: every estimate of a held
// key is between the true sum and that plus N/C, Error covers the excess, every
// key above N/C is held.
func TestTopKGuarantee(t *testing.T) {
	for name, next := range streams(50_000, 11) {
		const capacity = 200
		s := NewTopK[key8](10, capacity, 0)
		exact, total := map[uint64]int64{}, int64(0)
		r := rand.New(rand.NewPCG(2, 2))
		for i := range 300_000 {
			k, a := next(), r.Int64N(1500)
			kb := bytesOf(k)
			exact[k] += a
			total += a
			if got := s.Add(&kb, key(1, k), a, t0); got < exact[k] {
				t.Fatalf("%s: Add = %d, below the exact %d", name, got, exact[k])
			}
			if i%50_000 == 0 {
				checkSummary(t, &s.sum[s.turn&1])
			}
		}
		checkSummary(t, &s.sum[0])
		bound := total / capacity
		held := s.sum[0].slots
		if len(held) != capacity {
			t.Fatalf("%s: %d keys held, want %d", name, len(held), capacity)
		}
		for i := range held {
			e := held[i].Entry
			want := exact[binary.BigEndian.Uint64(e.Key[:])]
			if e.Count < want || e.Count-e.Error > want || e.Count-want > bound {
				t.Errorf("%s: %x: count %d, error %d; exact %d, bound %d", name, e.Key, e.Count, e.Error, want, bound)
			}
		}
		heavy := 0
		for k, v := range exact {
			kb := bytesOf(k)
			if got := s.Get(&kb, key(1, k), t0); v > bound {
				if heavy++; got == 0 {
					t.Errorf("%s: key %d with %d of %d is not held", name, k, v, total)
				}
			}
		}
		if name == "zipf" && heavy < 10 {
			t.Errorf("%s: only %d heavy keys: the test shows nothing", name, heavy)
		}
	}
}

// checkSummary checks the invariants of a summary.
func checkSummary(t *testing.T, s *summary[key8]) {
	t.Helper()
	if len(s.heap) != len(s.slots) {
		t.Fatalf("heap of %d for %d slots", len(s.heap), len(s.slots))
	}
	for i, j := range s.heap {
		if s.slots[j].pos != uint32(i) {
			t.Fatalf("slot %d believes to be at %d of the heap, is at %d", j, s.slots[j].pos, i)
		}
		if i > 0 && s.less(i, (i-1)/2) {
			t.Fatalf("heap order broken at %d", i)
		}
	}
	for j := range s.slots {
		if got := s.find(&s.slots[j].Key, s.slots[j].hash); got != j {
			t.Fatalf("find of slot %d = %d", j, got)
		}
	}
	used := 0
	for _, j := range s.index {
		if j != 0 {
			used++
		}
	}
	if used != len(s.slots) {
		t.Fatalf("index holds %d slots, want %d", used, len(s.slots))
	}
}

func TestTopKList(t *testing.T) {
	const w = 60 * sec
	begin := t0 / w * w
	s := NewTopK[key8](3, 0, w)
	add := func(i uint64, a, now int64) {
		k := bytesOf(i)
		s.Add(&k, key(1, i), a, now)
	}
	add(1, 10, begin)
	add(2, 30, begin)
	add(9, 5, begin)
	add(5, 5, begin+31*sec)
	add(1, 15, begin+31*sec)
	add(9, 1, begin+31*sec)
	add(3, 6, begin+31*sec)
	var dst [3]Entry[key8]
	check := func(now int64, want ...Entry[key8]) {
		t.Helper()
		if got := s.List(now, dst[:0]); !slices.Equal(got, want) {
			t.Errorf("List = %v, want %v", got, want)
		}
	}
	// Equal sums (3 and 9 with 6) stand in the order of their keys.
	check(begin+31*sec, Entry[key8]{bytesOf(2), 30, 0}, Entry[key8]{bytesOf(1), 25, 0}, Entry[key8]{bytesOf(3), 6, 0})
	check(begin+61*sec, Entry[key8]{bytesOf(1), 15, 0}, Entry[key8]{bytesOf(3), 6, 0}, Entry[key8]{bytesOf(5), 5, 0})
	check(begin + 91*sec)
	add(4, -3, begin+91*sec)
	check(begin+91*sec, Entry[key8]{bytesOf(4), 0, 0})
	s.Clear()
	check(begin + 91*sec)
}

func TestTopKMemory(t *testing.T) {
	s, i := NewTopK[key8](10, 100, sec), uint64(0)
	dst := make([]Entry[key8], 0, 10)
	wantNoAllocs(t, "Add, Get, List", func() {
		for range 20 {
			i++
			k := bytesOf(i * 7 % 1000)
			s.Add(&k, key(1, i*7%1000), 60, t0+int64(i)*1e6)
			s.Get(&k, 1, t0)
		}
		dst = s.List(t0, dst)
	})
	if got, want := s.Usage().Bytes, TopKBytes(10, 100, 8); got != want {
		t.Errorf("%d bytes, want %d", got, want)
	}
}

func BenchmarkTopK(b *testing.B) {
	for _, c := range []int{100, 10_000} {
		s := NewTopK[key8](10, c, 60*sec)
		name := map[int]string{100: "Add 100 of", 10_000: "Add 10000 of"}[c]
		bench(b, name, 1<<20, func(h uint64, now int64) {
			k := bytesOf(h)
			s.Add(&k, h*0x9E3779B97F4A7C15, 60, now)
		})
		bench(b, name, 1<<10, func(h uint64, now int64) {
			k := bytesOf(h)
			s.Add(&k, h*0x9E3779B97F4A7C15, 60, now)
		})
	}
}
