package program

import (
	"slices"
	"sync"
	"testing"
)

func TestRoutesPass(t *testing.T) {
	r := NewRoutes(2)
	r.Add(0, Item{Packet: 3, Event: 1, From: -1})
	r.Pass(0, 0, 3, 1, 1) // the shard itself
	r.Pass(1, 0, 3, 1, 1)
	r.Pass(1, 0, 3, 1, 4) // the same event: one item
	r.Pass(1, 0, 3, 2, 8) // another
	r.Pass(1, 0, 4, 2, 8)
	want := []Item{{3, 1, 0, 5}, {3, 2, 0, 8}, {4, 2, 0, 8}}
	if !slices.Equal(r.Items[1], want) || len(r.Items[0]) != 1 {
		t.Errorf("items %v and %v, want one and %v", r.Items[0], r.Items[1], want)
	}
	r.Reset()
	if len(r.Items[0])+len(r.Items[1]) != 0 || r.Shards() != 2 {
		t.Errorf("after Reset: %v", r.Items)
	}
}

func TestRoutesChunk(t *testing.T) {
	r := NewRoutes(1)
	for _, it := range []Item{{0, 0, -1, 0}, {5, 1, -1, 0}, {5, 0, 1, 1}, {63, 1, -1, 0}, {64, 0, -1, 0}, {200, 1, -1, 0}} {
		r.Add(0, it)
	}
	matched := []uint64{99, 99}
	for _, want := range []struct {
		from, to, first int
		matched         []uint64
	}{
		{0, 4, 0, []uint64{1, 1<<5 | 1<<63}}, {4, 5, 64, []uint64{1, 0}}, {5, 6, 192, []uint64{0, 1 << 8}},
	} {
		if to, first := r.Chunk(0, want.from, matched); to != want.to || first != want.first || !slices.Equal(matched, want.matched) {
			t.Errorf("Chunk from %d = %d, %d, %x; want %d, %d, %x", want.from, to, first, matched, want.to, want.first, want.matched)
		}
	}
}

// Await sees what was said before the event was finished, and nothing is waited for
// once a shard is done.
func TestRoutesAwait(t *testing.T) {
	r := NewRoutes(2)
	for range 200 {
		r.Reset()
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
			if got := r.Await(0, p, 2); got != want {
				t.Fatalf("packet %d: said %x, want %x", p, got, want)
			}
		}
		wg.Wait()
		if got := r.Await(0, 255, 63); got != 0 {
			t.Fatalf("after the end: said %x", got)
		}
	}
}
