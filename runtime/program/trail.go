package program

import (
	"slices"

	"github.com/streamon/streamon/runtime/image"
	"github.com/streamon/streamon/runtime/packet"
)

// Step is a state that an entity was in.
type Step struct {
	State string
	Since packet.Time
}

// Bounds of a Trail: how many states of an entity it knows, and of how many entities.
const (
	trailSteps = 5
	trailSlots = 1 << 12
)

// Trail remembers through which states entities went since they left the default
// state: the last five of each. It is for people, who ask how an alert came about, and
// nothing is decided by it. It has room for some thousand entities, 256 KiB; the trail of an
// entity that shares its place with another one begins anew. One writer. The
// zero Trail is empty and takes its memory with the first step.
type Trail struct {
	names []string
	slots []trail
	steps [trailSteps]Step // what Of returns
}

// trail is that of one entity: 64 bytes, one cache line.
type trail struct {
	hash  uint64
	n     uint16 // steps in use
	state [trailSteps]uint16
	since [trailSteps]int64
}

// Bind says what the states are called, by number; names[0] is the default state. If
// they are others than before, all trails are forgotten.
func (t *Trail) Bind(names ...string) {
	if !slices.Equal(t.names, names) {
		t.names, t.slots = names, nil
	}
}

// Note notes that the entity of that kind, the number of its declaration, and with that
// hash of its key enters state to at time now. In the default state its trail ends.
func (t *Trail) Note(entity int, hash uint64, to int, now int64) {
	if t.slots == nil {
		t.slots = make([]trail, trailSlots)
	}
	hash += uint64(entity)
	s := &t.slots[hash%trailSlots]
	if s.hash != hash || to == 0 {
		if s.hash != hash && to == 0 {
			return
		}
		s.hash, s.n = hash, 0
		if to == 0 {
			return
		}
	}
	if s.n == trailSteps {
		copy(s.state[:], s.state[1:])
		copy(s.since[:], s.since[1:])
		s.n--
	}
	s.state[s.n], s.since[s.n] = uint16(to), now
	s.n++
}

// Of returns the steps of an entity, oldest first; the last one is the state that it is
// in. They are valid until the next call. None are known of an entity in the default
// state.
func (t *Trail) Of(entity int, hash uint64) []Step {
	if t.slots == nil {
		return nil
	}
	hash += uint64(entity)
	s := &t.slots[hash%trailSlots]
	if s.hash != hash {
		return nil
	}
	for i := range s.n {
		t.steps[i] = Step{t.names[s.state[i]], packet.Time(s.since[i])}
	}
	return t.steps[:s.n]
}

// save writes t to an image.
func (t *Trail) save(w *image.Writer) {
	w.Uint(uint64(len(t.names)))
	for _, name := range t.names {
		w.Text(name)
	}
	w.Bool(t.slots != nil)
	image.Put(w, t.slots)
}

// load reads what save wrote to an empty t.
func (t *Trail) load(r *image.Reader) {
	for n := r.Count(1 << 16); n > 0 && r.Err() == nil; n-- {
		t.names = append(t.names, r.Text())
	}
	if !r.Bool() || r.Err() != nil {
		return
	}
	t.slots = make([]trail, trailSlots)
	image.Get(r, t.slots)
	for i := range t.slots {
		s := &t.slots[i]
		known := s.n <= trailSteps
		for _, state := range s.state[:min(s.n, trailSteps)] {
			known = known && int(state) < len(t.names)
		}
		r.Refuse(known)
	}
	if r.Err() != nil {
		t.names, t.slots = nil, nil
	}
}
