package program

import (
	"slices"
	"testing"

	"github.com/streamon/streamon/runtime/image"
	"github.com/streamon/streamon/runtime/packet"
)

func TestTrail(t *testing.T) {
	var tr Trail
	tr.Bind("default", "a", "b", "c")
	const h, other = 77, 77 + trailSlots // one place
	check := func(hash uint64, want ...Step) {
		t.Helper()
		if got := tr.Of(0, hash); !slices.Equal(got, want) {
			t.Errorf("Of(%d) = %v, want %v", hash, got, want)
		}
	}
	check(h)
	tr.Note(0, h, 0, 1)
	check(h)
	tr.Note(0, h, 1, 10)
	tr.Note(0, h, 2, 20)
	check(h, Step{"a", 10}, Step{"b", 20})
	tr.Note(0, other, 0, 25) // of which nothing is known: the place stays whose it is
	check(h, Step{"a", 10}, Step{"b", 20})
	check(other)
	if got := tr.Of(1, h); got != nil {
		t.Errorf("another entity with that hash has the trail %v", got)
	}
	tr.Note(0, other, 3, 30)
	check(h)
	check(other, Step{"c", 30})
	tr.Note(0, other, 0, 40)
	check(other)
	for i := range 7 {
		tr.Note(0, h, 1+i%3, int64(i))
	}
	check(h, Step{"c", 2}, Step{"a", 3}, Step{"b", 4}, Step{"c", 5}, Step{"a", 6})

	tr.Bind("default", "a", "b", "c") // the next generation
	if got := tr.Of(0, h); len(got) != trailSteps {
		t.Errorf("the same states: %v is left", got)
	}
	var w image.Writer
	tr.save(&w)
	var again Trail
	r := image.NewReader(w.Bytes())
	if again.load(r); r.End() != nil || !slices.Equal(again.Of(0, h), tr.Of(0, h)) || !slices.Equal(again.names, tr.names) {
		t.Errorf("from its image: %v, want %v; %v", again.Of(0, h), tr.Of(0, h), r.End())
	}
	tr.slots[h].state[1] = 4 // there is none
	w.Reset()
	tr.save(&w)
	for _, b := range [][]byte{w.Bytes(), w.Bytes()[:60], w.Bytes()[:7]} {
		var bad Trail
		if r := image.NewReader(b); true {
			if bad.load(r); r.End() == nil || bad.Of(0, h) != nil {
				t.Errorf("an image of %d bytes that cannot be: %v, %v", len(b), bad.Of(0, h), r.End())
			}
		}
	}
	tr.Bind("default", "b", "a", "c")
	check(h)
	if n := testing.AllocsPerRun(100, func() { tr.Note(0, h, 1, int64(packet.Time(5))); tr.Of(0, h) }); n > 0 {
		t.Errorf("%v allocations a step", n)
	}
}
