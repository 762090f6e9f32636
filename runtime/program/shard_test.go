package program

import (
	"slices"
	"sync"
	"testing"
)

// TestRoutesPart: each shard has its own words, and they are empty after Reset.
func TestRoutesPart(t *testing.T) {
	m := &Manifest{Events: make([]EventInfo, 3), Partition: PartitionInfo{OK: true, Writes: 7}}
	r := NewRoutes(m, 3)
	for round := range 2 {
		for chunk := range 4 {
			for shard := range 3 {
				if got := r.Part(chunk, shard); len(got) < 10 || slices.Max(got) != 0 {
					t.Fatalf("round %d: part %d of shard %d is %x", round, chunk, shard, got)
				}
			}
		}
		for chunk := range 4 {
			for shard := range 3 {
				r.Give(chunk, shard, chunk%3, 1<<shard)
				r.Give(chunk, shard, chunk%3, 1<<63)
				r.Pass(chunk, shard, chunk, 1<<(10+shard))
			}
		}
		for chunk := range 4 {
			for shard := range 3 {
				want := make([]uint64, len(r.Part(chunk, shard)))
				want[chunk%3], want[3+chunk] = 1<<shard|1<<63, 1<<(10+shard)
				if got := r.Part(chunk, shard); !slices.Equal(got, want) {
					t.Errorf("part %d of shard %d: %x, want %x", chunk, shard, got, want)
				}
			}
		}
		r.Reset()
	}
}

// Await sees what was said before the event was finished, and nothing is waited for
// once a shard is done.
func TestRoutesAwait(t *testing.T) {
	r := NewRoutes(&Manifest{Events: make([]EventInfo, 64), Partition: PartitionInfo{OK: true, Writes: 64, Awaits: true}}, 2)
	for range 200 {
		r.Reset()
		for p := range 256 {
			r.Give(p/64, 0, 2, 1<<(p%64))
			r.Give(p/64, 0, 63, 1<<(p%64))
		}
		var wg sync.WaitGroup
		wg.Go(func() {
			for p := range 100 {
				if p%3 == 0 {
					r.Say(p, uint(p%64))
				}
				r.Finish(0, p, 2)
			}
			r.FinishAll(0)
		})
		for p := range 100 {
			want := uint64(0)
			if p%3 == 0 {
				want = 1 << (p % 64)
			}
			if got := r.Await(p, 2); got != want {
				t.Fatalf("packet %d: said %x, want %x", p, got, want)
			}
		}
		wg.Wait()
		if got := r.Await(255, 63); got != 0 {
			t.Fatalf("after the end: said %x", got)
		}
	}
}
