package xfsm

import "slices"

// A lazy state ends with the first event of its key after its duration, see Look.
// It needs no timer and no memory: what has ended is known from when the key entered
// the state. Until then the key counts as being in it.

// BindLazy says how long each state lasts that is lazy, by number, in ns; below 0
// for the others. It comes after Bind, in every generation that has lazy states.
// A key that is in such a state, and entered it when it was not lazy, loses its
// timer.
//
// When there is no room for a new key, one whose lazy state has ended gives way
// first, whatever the policy is. It counts as evicted.
func (t *Table[K]) BindLazy(durations []int64) {
	t.lazy = slices.Clone(durations)
	t.keys.IsOver = func(v *place, now int64) bool { return t.hasEnded(v, now) }
	for s := range t.keys.Used {
		if _, v := t.keys.At(s); t.lazy[v.state] >= 0 {
			t.expiries.Cancel(int(s))
		}
	}
}

// Look is Visit for a table with lazy states: ended reports that the key has been in
// a lazy state for more than its duration. The key is still in that state; the
// caller moves it on, at time now.
func (t *Table[K]) Look(h uint64, k *K, now int64) (state int, ended bool) {
	s, ok := t.keys.Find(h, k)
	if !ok {
		return 0, false
	}
	t.keys.Touch(s, now)
	_, v := t.keys.At(s)
	return int(v.state), t.hasEnded(v, now)
}

// hasEnded reports whether a key has been in a lazy state for more than its duration.
func (t *Table[K]) hasEnded(v *place, now int64) bool {
	d := t.lazy[v.state]
	// Unsigned, for the times may be further apart than an int64 reaches.
	return d >= 0 && now > v.since && uint64(now)-uint64(v.since) > uint64(d)
}
