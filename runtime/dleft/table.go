package dleft

import (
	"github.com/streamon/streamon/runtime/flow"
	"github.com/streamon/streamon/runtime/image"
)

// Table maps keys to values. Keys are stored whole, so there are no false
// matches. A key keeps its Slot until it is deleted or evicted, so timers and
// lists may refer to it by slot.
//
// The hash h of every call is that of the key, under one seed for the life of the
// table. Pointers to a value are valid until its key is deleted or evicted; At
// that point the cell may serve another key. Memory: 1.3 cells or more per key of
// capacity, each 8 bytes and a K and a V, see TableBytes. Cost: one or two tag
// lines and the cell's own.
type Table[K comparable, V any] struct {
	// OnEvict, if not nil, is called with a key and its value just before another
	// key takes their cell, so that its timers can be cancelled. It must not call
	// the table's Put, PutSlot, Delete, DeleteSlot or Clear. Deletion does not call it.
	OnEvict func(s Slot, k *K, v *V)

	// IsOver, if not nil, says of a value that nobody would miss it at time now. When
	// both buckets of a new key are full, the key whose value is over, and of several
	// the one that was idle longest, is evicted first, whatever the Policy. Cost:
	// sixteen cells are read then.
	IsOver func(v *V, now int64) bool

	grid
	cells []cell[K, V]
}

// Slot is the number of a cell, stable while its key is held. Slots run from 0
// to Slots()-1.
type Slot uint32

type cell[K comparable, V any] struct {
	key K
	val V
}

// NewTable returns a table for capacity keys, at most 2³¹.
func NewTable[K comparable, V any](capacity int, full Policy) *Table[K, V] {
	t := new(Table[K, V])
	t.init(min(capacity, 1<<31), full)
	t.cells = flow.Cells[cell[K, V]](len(t.tags) * bucketCells)
	return t
}

// Get returns the value of k, or nil. It does not count as a use of the key.
func (t *Table[K, V]) Get(h uint64, k *K) *V {
	if c, ok := t.find(h, k); ok {
		return &t.cells[c].val
	}
	return nil
}

// Find returns the slot of k. It does not count as a use of the key.
func (t *Table[K, V]) Find(h uint64, k *K) (s Slot, ok bool) {
	c, ok := t.find(h, k)
	return Slot(c), ok
}

// Put returns the value of k, zero if k is new, and whether it is new. It counts
// as a use of the key at now. The value is nil iff k was refused.
func (t *Table[K, V]) Put(h uint64, k *K, now int64) (v *V, inserted bool) {
	s, inserted, ok := t.PutSlot(h, k, now)
	if !ok {
		return nil, false
	}
	return &t.cells[s].val, inserted
}

// PutSlot is Put for callers that want the slot; ok is false iff k was refused.
func (t *Table[K, V]) PutSlot(h uint64, k *K, now int64) (s Slot, inserted, ok bool) {
	if c, ok := t.find(h, k); ok {
		t.Touch(Slot(c), now)
		return Slot(c), false, true
	}
	left, right, fp := t.home(h)
	c, evict, ok := t.room(left, right, now)
	if t.IsOver != nil && (evict || !ok) {
		over, found := t.idlest(left, right, now, func(c uint64) bool { return t.IsOver(&t.cells[c].val, now) })
		if found {
			c, evict, ok = over, true, true
		}
	}
	if !ok {
		t.rejected++
		return 0, false, false
	}
	e := &t.cells[c]
	if evict {
		t.evicted++
		if t.OnEvict != nil {
			t.OnEvict(Slot(c), &e.key, &e.val)
		}
	} else {
		t.n++
	}
	t.take(c, fp, now)
	*e = cell[K, V]{key: *k}
	return Slot(c), true, true
}

// At returns the key and the value in slot s, which must be in use. The key must
// not be written to.
func (t *Table[K, V]) At(s Slot) (*K, *V) {
	e := &t.cells[s]
	return &e.key, &e.val
}

// InUse reports whether slot s holds a key.
func (t *Table[K, V]) InUse(s Slot) bool {
	return t.tags[s/bucketCells].fp[s%bucketCells] != 0
}

// Touch counts as a use at now of the key in slot s.
func (t *Table[K, V]) Touch(s Slot, now int64) {
	t.tags[s/bucketCells].used[s%bucketCells] = uint32(now >> idleShift)
}

// Delete forgets k and reports whether it was held.
func (t *Table[K, V]) Delete(h uint64, k *K) bool {
	c, ok := t.find(h, k)
	if ok {
		t.DeleteSlot(Slot(c))
	}
	return ok
}

// DeleteSlot forgets the key in slot s; a slot that is not in use stays so.
func (t *Table[K, V]) DeleteSlot(s Slot) {
	if !t.InUse(s) {
		return
	}
	t.tags[s/bucketCells].fp[s%bucketCells] = 0
	t.cells[s] = cell[K, V]{}
	t.n--
}

// Range calls f for every key, in order of slots, until f returns false. f may
// delete the key it was called with, and no other.
func (t *Table[K, V]) Range(f func(k *K, v *V) bool) {
	for s := range t.Used {
		if e := &t.cells[s]; !f(&e.key, &e.val) {
			return
		}
	}
}

// Used yields the slots in use, in order, for a loop that may free the slot it is at, and
// no other. What lies behind the last one is not read.
func (t *Table[K, V]) Used(yield func(s Slot) bool) {
	left := t.n
	for b := 0; left > 0 && b < len(t.tags); b++ {
		for i, fp := range t.tags[b].fp {
			if fp == 0 {
				continue
			}
			left--
			if !yield(Slot(b*bucketCells + i)) {
				return
			}
		}
	}
}

// Clear forgets every key. Cost: it writes the whole table.
func (t *Table[K, V]) Clear() {
	clear(t.tags)
	clear(t.cells)
	t.n = 0
}

// Slots is the number of cells.
func (t *Table[K, V]) Slots() int { return len(t.cells) }

// Usage reports the fill; Error is 0.
func (t *Table[K, V]) Usage() flow.Usage {
	return flow.Usage{
		Used: t.n, Capacity: t.cap, Bytes: TableBytes[K, V](t.cap),
		Evicted: t.evicted, Rejected: t.rejected,
	}
}

// find returns the cell in which k lies.
func (t *Table[K, V]) find(h uint64, k *K) (c uint64, ok bool) {
	if t.n == 0 { // the states of a program that has met nothing yet: no line is read
		return 0, false
	}
	left, right, fp := t.home(h)
	for i, f := range t.tags[left].fp {
		if c = left*bucketCells + uint64(i); f == fp && t.cells[c].key == *k {
			return c, true
		}
	}
	for i, f := range t.tags[right].fp {
		if c = right*bucketCells + uint64(i); f == fp && t.cells[c].key == *k {
			return c, true
		}
	}
	return 0, false
}

// Form implements program.Saver.
func (t *Table[K, V]) Form() string {
	return image.Form("table", 1, len(t.tags), image.SizeOf[K](), image.SizeOf[V](), image.SizeOf[cell[K, V]]())
}

// Save implements program.Saver. K and V must have no pointers.
func (t *Table[K, V]) Save(w *image.Writer) {
	w.Uint(t.evicted)
	w.Uint(t.rejected)
	image.Put(w, t.tags)
	image.Put(w, t.cells)
}

// Read is Load for whoever has more to read after it.
func (t *Table[K, V]) Read(r *image.Reader) {
	t.evicted, t.rejected = r.Uint(), r.Uint()
	image.Get(r, t.tags)
	image.Get(r, t.cells)
	for b := range t.tags {
		n, _ := t.tags[b].count()
		t.n += n
	}
}

// Load implements program.Saver.
func (t *Table[K, V]) Load(r *image.Reader) error {
	t.Read(r)
	return r.End()
}
