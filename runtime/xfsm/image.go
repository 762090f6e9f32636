package xfsm

import (
	"github.com/streamon/streamon/runtime/dleft"
	"github.com/streamon/streamon/runtime/image"
)

// What was skipped in time jumps is not written: it counts what happened in one run.

// Form implements program.Saver.
func (t *Table[K]) Form() string { return image.Form("states", 1) + ", " + t.keys.Form() }

// Save implements program.Saver. Numbers of states are those of the names beside them.
func (t *Table[K]) Save(w *image.Writer) {
	w.Uint(uint64(len(t.names)))
	for _, name := range t.names {
		w.Text(name)
	}
	w.Int(t.limit)
	w.Uint(uint64(t.advance))
	t.keys.Save(w)
	t.expiries.Save(w)
}

// Load implements program.Saver.
func (t *Table[K]) Load(r *image.Reader) error {
	for range r.Count(maxStates) {
		t.names = append(t.names, r.Text())
	}
	t.limit, t.advance = r.Int(), uint32(r.Uint())
	t.keys.Read(r)
	t.expiries.Read(r)
	for s := range dleft.Slot(t.keys.Slots()) {
		_, v := t.keys.At(s)
		_, expires := t.expiries.Deadline(int(s))
		if t.keys.InUse(s) {
			r.Refuse(int(v.state) < len(t.names))
		} else {
			r.Refuse(!expires)
		}
	}
	return r.End()
}

// maxStates is more states than a number of a state counts.
const maxStates = 1 << 16

// Form implements program.Saver.
func (t *Timeouts[K, C]) Form() string { return image.Form("timers", 1) + ", " + t.keys.Form() }

// Save implements program.Saver.
func (t *Timeouts[K, C]) Save(w *image.Writer) {
	w.Uint(t.starts)
	w.Int(int64(t.last))
	t.keys.Save(w)
	t.wheel.Save(w)
}

// Load implements program.Saver.
func (t *Timeouts[K, C]) Load(r *image.Reader) error {
	t.starts = r.Uint()
	last := r.Int()
	r.Refuse(last >= -1 && last < int64(t.keys.Slots()))
	t.last = int(last)
	t.keys.Read(r)
	t.wheel.Read(r)
	for s := range dleft.Slot(t.keys.Slots()) { // a key is there for its timer, or until free
		_, v := t.keys.At(s)
		v.check(r)
		_, isArmed := t.wheel.Deadline(int(s))
		r.Refuse(t.keys.InUse(s) == (isArmed || int(s) == t.last))
	}
	return r.End()
}
