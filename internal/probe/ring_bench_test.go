package probe

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
)

// BenchmarkRing is one batch from the feeder to a worker that does nothing, and back:
// with so many batches in flight. The worker prepares it, as one that is alone does.
func BenchmarkRing(b *testing.B) {
	for _, slots := range []uint64{1, 4, 8, 16, 32} {
		b.Run(fmt.Sprintf("slots%d", slots), func(b *testing.B) {
			r := newRing(1)
			var wg sync.WaitGroup
			wg.Go(func() {
				marks := make([]atomic.Uint64, slots)
				for n := uint64(0); ; n++ {
					mark := &marks[n%slots]
					for mark.Load() != n+1 {
						if k, ok := r.claim(n + ahead); ok {
							r.ready(0, k, &marks[k%slots])
							continue
						}
						if r.isEnd(n) {
							return
						}
						r.wait(0, n, n+ahead, mark)
					}
					r.pass(0)
				}
			})
			for n := uint64(0); n < uint64(b.N); n++ {
				if n >= slots {
					r.await(n - slots + 1)
				}
				r.publish()
			}
			r.await(uint64(b.N))
			r.end()
			wg.Wait()
		})
	}
}

// BenchmarkHandover is a word that goes from one goroutine to another and back: what a
// write that travels costs the two shards at least, when both are at the same packet.
func BenchmarkHandover(b *testing.B) {
	var here, there struct {
		n atomic.Uint64
		_ [120]byte
	}
	n := uint64(b.N)
	var wg sync.WaitGroup
	wg.Go(func() {
		for i := uint64(1); i <= n; i++ {
			for here.n.Load() < i {
			}
			there.n.Store(i)
		}
	})
	b.ResetTimer()
	for i := uint64(1); i <= n; i++ {
		here.n.Store(i)
		for there.n.Load() < i {
		}
	}
	wg.Wait()
}

// BenchmarkSample is what timing a batch costs; one in sampleEvery is.
func BenchmarkSample(b *testing.B) {
	var m meter
	for range b.N {
		m.add(now(), 256)
	}
}
