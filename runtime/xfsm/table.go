package xfsm

import (
	"slices"

	"github.com/streamon/streamon/runtime/dleft"
	"github.com/streamon/streamon/runtime/flow"
	"github.com/streamon/streamon/runtime/timer"
)

// Policy is what a full table does with a new key; see package dleft for what full
// means.
type Policy = dleft.Policy

const (
	Evict  = dleft.Evict  // drop the entry that was idle longest among the candidates
	Reject = dleft.Reject // refuse the new key
)

// Table is the state table of one entity: who is in which state other than the
// default. K is the key as package flow lays it out. h is always the key's hash,
// under one seed for the life of the table. One writer; no allocation after
// NewTable, except in Bind.
//
// An evicted key is in the default state again, without an event. Cost of a call:
// that of one look-up in a dleft.Table, and of arming a timer.
type Table[K comparable] struct {
	keys     *dleft.Table[K, place]
	expiries *timer.Wheel // by slot
	agenda   *timer.Agenda
	names    []string
	lazy     []int64 // by state: see BindLazy; nil = none is
	occupied []int   // by state
	limit    int64   // of the advance of the clock that expiries were last taken for
	advance  uint32  // its number
	skipped  uint64
}

// place is where a key stands: 16 bytes.
type place struct {
	since   int64
	state   uint16
	expired uint16 // states that the key left by expiry in the advance
	advance uint32
}

// NewTable returns a table for capacity keys, all in the default state. Bind comes
// before anything else. Memory: see Usage.
func NewTable[K comparable](capacity int, full Policy) *Table[K] {
	t := &Table[K]{keys: dleft.NewTable[K, place](capacity, full)}
	t.expiries = timer.NewWheel(t.keys.Slots())
	t.keys.OnEvict = func(s dleft.Slot, _ *K, v *place) { t.forget(s, v) }
	return t
}

// Bind makes the table work for a generation whose states have these names, by
// number; names[0] is the default state. It attaches the table's timers to a and
// returns their index there. If the table comes from a generation that declared
// other states or another order, entries are renumbered by name; those in a state
// that is gone return to the default state. Entries keep the expiry that they
// entered their state with. Called from Activate, once, never from New: until then
// the previous generation uses the table.
func (t *Table[K]) Bind(a *timer.Agenda, names []string) int {
	t.agenda = a
	t.lazy, t.keys.IsOver = nil, nil
	old := t.names
	t.names = slices.Clone(names)
	t.occupied = make([]int, len(names))
	number := make([]int, len(old)) // old number → new number; 0 = gone
	for i, name := range old {
		number[i] = max(0, slices.Index(names, name))
	}
	for s := range t.keys.Used {
		_, v := t.keys.At(s)
		v.state = uint16(number[v.state])
		t.occupied[v.state]++
		if v.state == 0 {
			t.remove(s)
		}
	}
	return a.Attach(t.expiries)
}

// State returns the number of the key's state; 0 is the default state.
func (t *Table[K]) State(h uint64, k *K) int {
	if v := t.keys.Get(h, k); v != nil {
		return int(v.state)
	}
	return 0
}

// Visit is State for an event at time now: it counts as a use of the entry, which
// is then not idle. While no key is held, the normal case, it costs two loads: it is
// inlined where it is called. It must not grow, the compiler's budget is used up.
func (t *Table[K]) Visit(h uint64, k *K, now int64) int {
	if t.keys.Len() == 0 {
		return 0
	}
	return t.visit(h, k, now)
}

// visit is Visit where there may be something to find.
func (t *Table[K]) visit(h uint64, k *K, now int64) int {
	s, ok := t.keys.Find(h, k)
	if !ok {
		return 0
	}
	t.keys.Touch(s, now)
	_, v := t.keys.At(s)
	return int(v.state)
}

// Warm asks for the lines in which the keys of a column are looked for, see
// flow.WarmFirst.
func (t *Table[K]) Warm(column []uint64, add uint64) { t.keys.Warm(column, add) }

// Since returns when the key entered its state; ok is false in the default state.
func (t *Table[K]) Since(h uint64, k *K) (since int64, ok bool) {
	if v := t.keys.Get(h, k); v != nil {
		return v.since, true
	}
	return 0, false
}

// Move puts the key into state to at time now, to leave it at expires; 0 means
// never. Moving to the present state enters it anew; moving to state 0 removes the
// entry. It returns false, and the key stays in state 0, if the table is full and
// rejects new keys.
//
// A key that has left MaxFirings states by expiry in one advance of the clock stays
// in the next one until just after that advance, so that states that follow each
// other in a circle, with a duration of nothing, do not hang the probe.
func (t *Table[K]) Move(h uint64, k *K, to int, now, expires int64) bool {
	if to == 0 {
		if s, ok := t.keys.Find(h, k); ok {
			t.remove(s)
		}
		return true
	}
	s, inserted, ok := t.keys.PutSlot(h, k, now)
	if !ok {
		return false
	}
	_, v := t.keys.At(s)
	if !inserted {
		t.occupied[v.state]--
	}
	t.occupied[to]++
	v.state, v.since = uint16(to), now
	if v.expired >= MaxFirings && v.advance == t.advance && expires <= t.limit && expires != 0 {
		expires = after(t.limit)
		t.skipped++
	}
	if expires != 0 && expires != timer.Never {
		t.expiries.Arm(int(s), expires, t.agenda.Seq())
	} else {
		t.expiries.Cancel(int(s))
	}
	return true
}

// Expire takes the earliest expiry with deadline ≤ limit: it writes the key to k
// and returns the state that has ended. The key is still in that state, without
// expiry: the caller moves it on, at time deadline.
func (t *Table[K]) Expire(limit int64, k *K) (state int, deadline int64, ok bool) {
	s, deadline, ok := t.expiries.Pop(limit)
	if !ok {
		return 0, 0, false
	}
	if limit != t.limit {
		t.limit = limit
		t.advance++
	}
	key, v := t.keys.At(dleft.Slot(s))
	if v.advance != t.advance {
		v.advance, v.expired = t.advance, 0
	}
	v.expired = min(v.expired+1, MaxFirings)
	*k = *key
	return int(v.state), deadline, true
}

// remove puts the key in slot s back into the default state.
func (t *Table[K]) remove(s dleft.Slot) {
	_, v := t.keys.At(s)
	t.forget(s, v)
	t.keys.DeleteSlot(s)
}

// forget undoes what Move did besides the entry itself.
func (t *Table[K]) forget(s dleft.Slot, v *place) {
	t.occupied[v.state]--
	t.expiries.Cancel(int(s))
}

// Skipped returns the number of expiries that were put off; see Move.
func (t *Table[K]) Skipped() uint64 { return t.skipped }

// Len returns the number of keys that are not in the default state.
func (t *Table[K]) Len() int { return t.keys.Len() }

// Occupied writes the number of keys in each state to into, which has one element
// for each state; into[0] is 0.
func (t *Table[K]) Occupied(into []int) { copy(into, t.occupied) }

// Range calls f for each key that is not in the default state, until f returns
// false; the order is that of slots, the same in each run with one seed. f must
// not change the table; k is valid during the call.
func (t *Table[K]) Range(f func(k *K, state int, since int64) bool) {
	t.keys.Range(func(k *K, v *place) bool { return f(k, int(v.state), v.since) })
}

// Usage returns the fill; Bytes includes the expiry timers.
func (t *Table[K]) Usage() flow.Usage {
	u := t.keys.Usage()
	u.Bytes += t.expiries.Bytes()
	return u
}
