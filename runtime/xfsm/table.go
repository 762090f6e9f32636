package xfsm

import (
	"github.com/streamon/streamon/runtime/flow"
	"github.com/streamon/streamon/runtime/timer"
)

// Policy is what a full table does with a new key.
type Policy uint8

const (
	Evict  Policy = iota // drop the entry that was idle longest among the candidates
	Reject               // refuse the new key
)

// Table is the state table of one entity. K is the key as package flow lays it
// out. h is always the key's hash. One writer; no allocation after NewTable.
type Table[K comparable] struct {
	_ K
}

// NewTable returns a table for capacity keys, all in the default state.
func NewTable[K comparable](capacity int, full Policy) *Table[K] { panic("TODO") }

// Bind makes the table work for a generation whose states have these names, by
// number; names[0] is the default state. It attaches the table's timers to a and
// returns their index there. If the table comes from a generation that declared
// other states or another order, entries are renumbered by name; those in a state
// that is gone return to the default state. Entries keep the expiry that they
// entered their state with. Called from Activate, once, never from New: until then
// the previous generation uses the table.
func (t *Table[K]) Bind(a *timer.Agenda, names []string) int { panic("TODO") }

// State returns the number of the key's state; 0 is the default state.
func (t *Table[K]) State(h uint64, k *K) int { panic("TODO") }

// Since returns when the key entered its state; ok is false in the default state.
func (t *Table[K]) Since(h uint64, k *K) (since int64, ok bool) { panic("TODO") }

// Move puts the key into state to at time now, to leave it at expires; 0 means
// never. Moving to the present state enters it anew; moving to state 0 removes the
// entry. It returns false, and the key stays in state 0, if the table is full and
// rejects new keys.
func (t *Table[K]) Move(h uint64, k *K, to int, now, expires int64) bool { panic("TODO") }

// Expire takes the earliest expiry with deadline ≤ limit: it writes the key to k
// and returns the state that has ended. The key is still in that state, without
// expiry: the caller moves it on, at time deadline.
func (t *Table[K]) Expire(limit int64, k *K) (state int, deadline int64, ok bool) { panic("TODO") }

// Occupied writes the number of keys in each state to into, which has one element
// for each state; into[0] is 0.
func (t *Table[K]) Occupied(into []int) { panic("TODO") }

// Range calls f for each key that is not in the default state, until f returns
// false. f must not change the table; k is valid during the call.
func (t *Table[K]) Range(f func(k *K, state int, since int64) bool) { panic("TODO") }

// Usage returns the fill of the table.
func (t *Table[K]) Usage() flow.Usage { panic("TODO") }
