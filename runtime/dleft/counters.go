package dleft

import (
	"math"
	"math/bits"

	"github.com/streamon/streamon/runtime/flow"
)

// Counters is a saturating counter per key, without ageing: the monitor `dleft`.
//
// Words. A *bucket* is one cache line with six cells. A key has two buckets, the
// *first* and the *second*. A bucket is *spilled* if a key whose first bucket it is went
// to its second: only then a key that is not in its first bucket is looked for in the
// second. A cell whose value does not fit 32 bits is *wide*: the value lies in a list
// beside the buckets, and the cell holds its index.
//
// Algorithm. A new key goes to its first bucket while that holds fewer than three keys;
// then to the one with fewer keys, on a tie to the first. So at the declared capacity
// four keys of five cost one cache line. It never moves. When both buckets are full the
// policy holds: the key takes the cell that was idle longest of the twelve, or is
// refused. Both are counted.
//
// Accuracy: exact up to a fingerprint collision. A key that is not held is taken for
// another with probability at most 12·load/2³², 2·10⁻⁹ at the declared capacity.
// Memory: 64 bytes a bucket, some 16 a key, see CountersBytes; 8 more for each counter
// beyond 2³¹, which is made when one is met. Cost: one or two cache lines.
//
// Size. For N keys there are 1.54·N cells or more: a load of 65 %, at which some 2 keys
// in 100 000 meet two full buckets (measured; TestLoad holds it below 1 in 1000).
//
// Time of last use is kept in units of 2³² ns (4.3 s), modulo 2¹⁶: what was idle for
// more than 78 hours may pass for just used.
type Counters struct {
	buckets  []bucket
	n        int // cells in use
	cap      int // declared capacity, keys
	full     Policy
	evicted  uint64
	rejected uint64
	wide     []int64 // values of wide cells
	free     []int32 // elements of wide that no cell refers to
}

// bucket is one cache line. The assembly knows its layout.
type bucket struct {
	fp    [countCells]uint32 // 0 = empty
	flags uint32             // bit i: cell i is wide; spilled
	v     [countCells]int32  // value, or index in wide
	used  [countCells]uint16 // time of last use
}

const (
	countCells = 6
	wideCells  = 1<<countCells - 1 // of flags
	spilled    = 1 << 31           // of flags
	preferred  = 3                 // keys that a bucket takes before a second one is looked at
	usedShift  = 32                // packet time to units of last use
)

// NewCounters returns counters for capacity keys.
func NewCounters(capacity int, full Policy) *Counters {
	return &Counters{cap: max(capacity, 1), full: full, buckets: flow.Cells[bucket](countBuckets(capacity))}
}

// CountersBytes is the memory that NewCounters would take, in bytes.
func CountersBytes(capacity int) int64 { return 64 * int64(countBuckets(capacity)) }

// countBuckets is the number of buckets for capacity keys, even. Below some 64 keys
// chance is too large for the mean load to mean anything: there is room to spare.
func countBuckets(capacity int) int {
	cells := (max(capacity, 1)*20 + 12) / 13
	return 2 * ((cells+2*countCells-1)/(2*countCells) + 1)
}

// home returns the first bucket and the fingerprint of a hash: the bucket comes from
// its upper bits, the fingerprint from its lower 32.
func (c *Counters) home(h uint64) (b *bucket, fp uint32) {
	first, _ := bits.Mul64(h, uint64(len(c.buckets)))
	fp = uint32(h)
	if fp == 0 {
		fp = 1
	}
	return &c.buckets[first], fp
}

// second returns the second bucket of a hash. It may be the first one again.
func (c *Counters) second(h uint64) *bucket {
	i, _ := bits.Mul64(flow.Second(h), uint64(len(c.buckets)))
	return &c.buckets[i]
}

// find returns the cell in which the key lies; i is -1 if it is not held.
func (c *Counters) find(h uint64) (b *bucket, i int) {
	b, fp := c.home(h)
	if i := b.index(fp); i >= 0 {
		return b, i
	}
	if b.flags&spilled == 0 {
		return b, -1
	}
	b = c.second(h)
	return b, b.index(fp)
}

// index returns the cell with that fingerprint, -1 if there is none.
func (b *bucket) index(fp uint32) int {
	for i, f := range b.fp {
		if f == fp {
			return i
		}
	}
	return -1
}

// Add adds amount, which may be negative, to the key with hash h and returns its
// value after that. ok is false iff the key was new and refused.
func (c *Counters) Add(h uint64, amount int64, now int64) (value int64, ok bool) {
	b, i := c.find(h)
	if i < 0 {
		if b, i = c.room(h, now); i < 0 {
			c.rejected++
			return 0, false
		}
		_, b.fp[i] = c.home(h)
		b.v[i] = 0
	}
	b.used[i] = uint16(now >> usedShift)
	return c.raise(b, i, amount), true
}

// raise adds amount to a cell and returns its value.
func (c *Counters) raise(b *bucket, i int, amount int64) int64 {
	if b.flags>>i&1 != 0 {
		w := &c.wide[b.v[i]]
		*w = saturate(*w, amount)
		return *w
	}
	v := saturate(int64(b.v[i]), amount)
	if v != int64(int32(v)) {
		c.widen(b, i, v)
		return v
	}
	b.v[i] = int32(v)
	return v
}

// widen moves the value of a cell to the list of wide ones.
func (c *Counters) widen(b *bucket, i int, v int64) {
	at := int32(len(c.wide))
	if n := len(c.free); n > 0 {
		at, c.free = c.free[n-1], c.free[:n-1]
		c.wide[at] = v
	} else {
		c.wide = append(c.wide, v)
	}
	b.flags |= 1 << i
	b.v[i] = at
}

// narrow gives up the wide value of a cell, if it has one.
func (c *Counters) narrow(b *bucket, i int) {
	if b.flags>>i&1 != 0 {
		c.free = append(c.free, b.v[i])
		b.flags &^= 1 << i
	}
}

// room returns the cell for a new key, of which it says that it is in use: an empty
// one or, by policy, one to evict; i is -1 if the key is refused.
func (c *Counters) room(h uint64, now int64) (b *bucket, i int) {
	b, _ = c.home(h)
	n, empty := b.count()
	if n < preferred {
		c.n++
		return b, empty
	}
	other := c.second(h)
	switch m, at := other.count(); {
	case m < n:
		b.flags |= spilled
		c.n++
		return other, at
	case n < countCells:
		c.n++
		return b, empty
	case c.full == Reject:
		return b, -1
	}
	c.evicted++
	i, idle := b.idlest(now)
	if at, longer := other.idlest(now); longer > idle {
		b.flags |= spilled
		b, i = other, at
	}
	c.narrow(b, i)
	return b, i
}

// count returns the number of cells in use and the first empty one.
func (b *bucket) count() (n, empty int) {
	for i := countCells - 1; i >= 0; i-- {
		if b.fp[i] != 0 {
			n++
		} else {
			empty = i
		}
	}
	return n, empty
}

// idlest returns the cell that was idle longest, and how long.
func (b *bucket) idlest(now int64) (i int, idle uint16) {
	for j, used := range b.used {
		if d := uint16(now>>usedShift) - used; d > idle || j == 0 {
			i, idle = j, d
		}
	}
	return i, idle
}

// Get returns the value of the key with hash h; 0 if it is not held. It does not
// count as a use of the key.
func (c *Counters) Get(h uint64) int64 {
	b, i := c.find(h)
	switch {
	case i < 0:
		return 0
	case b.flags>>i&1 != 0:
		return c.wide[b.v[i]]
	}
	return int64(b.v[i])
}

// Delete forgets the key with hash h and reports whether it was held.
func (c *Counters) Delete(h uint64) bool {
	b, i := c.find(h)
	if i < 0 {
		return false
	}
	c.narrow(b, i)
	b.fp[i] = 0
	c.n--
	return true
}

// Clear forgets every key. Cost: it writes every bucket.
func (c *Counters) Clear() {
	clear(c.buckets)
	c.n, c.wide, c.free = 0, c.wide[:0], c.free[:0]
}

// Len is the number of keys held.
func (c *Counters) Len() int { return c.n }

// Usage reports the fill; Error is the false-match rate of an absent key.
func (c *Counters) Usage() flow.Usage {
	return flow.Usage{
		Used: c.n, Capacity: c.cap, Bytes: 64*int64(len(c.buckets)) + 8*int64(cap(c.wide)),
		Error:   2 * float64(c.n) / float64(len(c.buckets)) / (1 << 32),
		Evicted: c.evicted, Rejected: c.rejected,
	}
}

// Warm asks for the first bucket of each hash of a column, see flow.WarmFirst.
func (c *Counters) Warm(column []uint64, add uint64) { flow.WarmFirst(c.buckets, column, add) }

// saturate is a + b held in the range of int64.
func saturate(a, b int64) int64 {
	s := a + b
	if (a^s)&(b^s) < 0 {
		if b < 0 {
			return math.MinInt64
		}
		return math.MaxInt64
	}
	return s
}
