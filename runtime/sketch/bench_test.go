package sketch

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/streamon/streamon/runtime/flow"
)

// bench runs op on 2¹⁶ keys in turn for a structure of n keys; 2²³ and more are
// beyond the caches. Packets come every 100 ns of packet time.
func bench(b *testing.B, name string, n int, op func(h uint64, now int64)) {
	b.Run(fmt.Sprintf("%s/%dk", name, n>>10), func(b *testing.B) {
		b.ReportAllocs()
		h, now := uint64(88172645463325252), t0
		span := uint64(n)
		for range b.N {
			// A Weyl sequence picks one of n keys without a table of hashes, which
			// would itself not fit the cache.
			h += 0x9E3779B97F4A7C15
			k := (h >> 20) % span
			now += 100
			op(k*0x9E3779B97F4A7C15^k<<29, now)
		}
	})
}

// BenchmarkWarm adds to a filter beyond the caches, 256 keys at a time, with and
// without Warm; ns/op is per key.
func BenchmarkWarm(b *testing.B) {
	const n, batch = 4 << 20, 256
	c := NewCBF(60*sec, n, 0.01)
	r := rand.New(rand.NewPCG(1, 1))
	keys := make([]uint64, 1<<20)
	for i := range keys {
		keys[i] = key(1, r.Uint64N(n))
	}
	for name, warm := range map[string]bool{"without": false, "with": true} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for i := 0; i < b.N; i += batch {
				k := keys[i&(len(keys)-1):][:batch]
				if warm {
					c.Warm(k, 0)
				}
				for _, h := range k {
					c.Add(h, 60, t0)
				}
			}
		})
	}
}

// BenchmarkSingle is of single operations on keys in any order, asked for 64 at a time
// before, as programs do.
func BenchmarkSingle(b *testing.B) {
	for _, n := range []int{500, 30_000, 300_000} {
		p, q, c := NewPair(0, n, 0.01), NewPair(0, n, 0.01), NewCBF(60*sec, n, 0.01)
		p.cap, q.cap = 1<<62, 1<<62 // no rotation
		r := rand.New(rand.NewPCG(1, 1))
		hashes := make([]uint64, 1<<18)
		for i := range hashes {
			hashes[i] = flow.OfInt(1, r.Int64N(int64(n)))
		}
		run := func(name string, warm func([]uint64, uint64), op func(h uint64)) {
			b.Run(fmt.Sprintf("%s/%d", name, n), func(b *testing.B) {
				for i := 0; i < b.N; i += 64 {
					rows := hashes[i&(1<<18-1):][:64]
					warm(rows, 0)
					for _, h := range rows {
						op(h)
					}
				}
			})
		}
		run("Add", c.Warm, func(h uint64) { c.Add(h, 60, t0) })
		run("Get", c.Warm, func(h uint64) { c.Get(h, t0) })
		run("AddGet", c.Warm, func(h uint64) { c.Add(h, 1, t0); c.Get(h, t0) })
		run("Set", p.Warm, func(h uint64) { p.Set(h, t0) })
		run("Pair.Get", p.Warm, func(h uint64) { p.Get(h, t0) })
		k := uint64(0)
		run("Fresh", q.Warm, func(h uint64) { // every other key is new, the filters rotate
			if k++; k&1 == 0 {
				h ^= k * 0x9E3779B97F4A7C15
			}
			if q.Set(h, t0); k%uint64(n) == 0 {
				q.Rotate()
			}
		})
	}
}

func TestWarmChangesNothing(t *testing.T) {
	p, c, d := NewPair(sec, 100, 0.01), NewCBF(sec, 100, 0.01), NewTBF(sec, 0, 100, 0.01)
	for i := range uint64(1000) {
		h := key(1, i)
		for _, warm := range []func([]uint64, uint64){p.Warm, c.Warm, d.Warm} {
			warm([]uint64{h, 0, ^uint64(0)}, i)
		}
		if p.Get(h, t0) || c.Get(h, t0) != 0 || d.Get(h, t0) != 0 {
			t.Fatalf("key %d is there after Warm", i)
		}
	}
}
