package sketch

import (
	"math/rand/v2"
	"slices"
	"testing"
	"unsafe"

	"github.com/streamon/streamon/runtime/flow"
)

// TestSetColumn compares the kernel and its twin in Go with Set row by row: results,
// every bit of the blocks, and the counters. Windows end and filters fill up within
// and between columns.
func TestSetColumn(t *testing.T) {
	defer func(old bool) { useKernel = old }(useKernel)
	if !useKernel {
		t.Log("no AVX2 here: only the twin is compared")
	}
	if unsafe.Sizeof(pairBlock{}) != 64 {
		t.Fatal("the assembly knows blocks of 64 bytes")
	}
	for _, kernel := range []bool{useKernel, false} {
		useKernel = kernel
		for _, tt := range []struct {
			capacity, keys int
			window         int64
		}{{1000, 500, 60 * sec}, {1000, 5000, 60 * sec}, {100, 100000, 10 * sec}, {10, 15, sec}, {5000, 3000, 0}, {200, 10000, 0}} {
			r := rand.New(rand.NewPCG(uint64(tt.capacity), uint64(tt.keys)))
			a, b := NewPair(tt.window, tt.capacity, 0.01), NewPair(tt.window, tt.capacity, 0.01)
			now, add := t0, r.Uint64()
			for step := range 500 {
				rows := r.IntN(65)
				column, times, seen, want := make([]uint64, rows), make([]int64, rows), make([]uint8, rows), make([]uint8, rows)
				for i := range rows {
					h := flow.OfInt(1, r.Int64N(int64(tt.keys)))
					column[i], times[i] = h-add, now
					if a.Set(h, now) {
						want[i] = 1
					}
					now += r.Int64N(sec / 20)
				}
				if r.IntN(40) == 0 {
					now += 30 * sec
				}
				b.SetColumn(column, add, times, seen)
				if !slices.Equal(seen, want) {
					t.Fatalf("%+v, kernel %v, step %d: %v, want %v", tt, kernel, step, seen, want)
				}
			}
			if !slices.Equal(a.blocks, b.blocks) || a.Usage() != b.Usage() || a.turn != b.turn || a.fresh != b.fresh {
				t.Errorf("%+v, kernel %v: the structures differ: %+v, want %+v", tt, kernel, b.Usage(), a.Usage())
			}
		}
	}
}

func TestSetColumnAllocatesNothing(t *testing.T) {
	p := NewPair(60*sec, 1000, 0.01)
	column, times, seen := make([]uint64, 64), make([]int64, 64), make([]uint8, 64)
	for i := range column {
		column[i], times[i] = flow.OfInt(1, int64(i)), t0
	}
	if n := testing.AllocsPerRun(100, func() { p.SetColumn(column, 0, times, seen) }); n != 0 {
		t.Errorf("%v allocations, want 0", n)
	}
}

// BenchmarkSetColumn is per key, beside Set row by row.
func BenchmarkSetColumn(b *testing.B) {
	for name, n := range map[string]int{"4k": 4096, "300k": 300_000, "4M": 4 << 20} {
		p := NewPair(0, n, 0.01)
		p.cap = 1 << 62 // no rotation
		r := rand.New(rand.NewPCG(1, 1))
		hashes := make([]uint64, 1<<20)
		for i := range hashes {
			hashes[i] = flow.OfInt(1, r.Int64N(int64(n)))
		}
		times, seen := make([]int64, 64), make([]uint8, 64)
		for _, kernel := range []string{"kernel", "go"} {
			b.Run(kernel+"/"+name, func(b *testing.B) {
				defer func(old bool) { useKernel = old }(useKernel)
				useKernel = useKernel && kernel == "kernel"
				for i := 0; i < b.N; i += 64 {
					p.SetColumn(hashes[i&(1<<20-1):][:64], 0, times, seen)
				}
			})
		}
	}
}
