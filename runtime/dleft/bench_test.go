package dleft

import (
	"fmt"
	"testing"
)

// BenchmarkCounters and BenchmarkTable work on n keys in turn, in an order that
// no prefetcher foresees; 4096 keys fit the cache, 4M do not.
func BenchmarkCounters(b *testing.B) {
	for _, n := range []int{4096, 65536, 4 << 20} {
		c := NewCounters(n, Evict)
		each(b, "Add", n, func(h uint64) { c.Add(h, 60, t0) })
		each(b, "Get", n, func(h uint64) { c.Get(h) })
		each(b, "Get absent", n, func(h uint64) { c.Get(^h) })
	}
}

func BenchmarkTable(b *testing.B) {
	for _, n := range []int{4096, 65536, 4 << 20} {
		t := NewTable[key16, int64](n, Evict)
		each(b, "Put", n, func(h uint64) { k := keyOf(h); t.Put(h, &k, t0) })
		each(b, "Get", n, func(h uint64) { k := keyOf(h); t.Get(h, &k) })
		each(b, "Get absent", n, func(h uint64) { k := keyOf(^h); t.Get(^h, &k) })
	}
}

func each(b *testing.B, name string, n int, op func(h uint64)) {
	b.Run(fmt.Sprintf("%s/%dk", name, n>>10), func(b *testing.B) {
		b.ReportAllocs()
		w := uint64(88172645463325252)
		for range b.N {
			w += 0x9E3779B97F4A7C15
			k := (w >> 20) & uint64(n-1)
			// One round of mixing stands for the key's hash.
			k = (k ^ k>>7) * 0xC2B2AE3D27D4EB4F
			op(k ^ k>>31)
		}
	})
}
