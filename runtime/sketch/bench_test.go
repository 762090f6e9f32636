package sketch

import (
	"fmt"
	"testing"
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
