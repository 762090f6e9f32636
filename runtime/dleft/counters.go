package dleft

import (
	"math"

	"github.com/streamon/streamon/runtime/flow"
)

// Counters is a saturating counter per key, without ageing: the monitor `dleft`.
//
// Accuracy: exact up to a fingerprint collision. A key that is not held is taken
// for another with probability at most 16·load/2³², 3·10⁻⁹ at the declared
// capacity. Memory: 16 bytes a cell, some 21 a key, see CountersBytes. Cost: two
// cache lines for a key in its left bucket, three otherwise.
type Counters struct {
	grid
	v []int64 // by cell
}

// NewCounters returns counters for capacity keys.
func NewCounters(capacity int, full Policy) *Counters {
	c := new(Counters)
	c.init(capacity, full)
	c.v = flow.Cells[int64](len(c.tags) * bucketCells)
	return c
}

// CountersBytes is the memory that NewCounters would take, in bytes.
func CountersBytes(capacity int) int64 {
	return int64(buckets(max(capacity, 1))) * (64 + 8*bucketCells)
}

// Add adds amount, which may be negative, to the key with hash h and returns its
// value after that. ok is false iff the key was new and refused.
func (c *Counters) Add(h uint64, amount int64, now int64) (value int64, ok bool) {
	left, right, fp := c.home(h)
	cell, found := c.find(left, right, fp)
	if found {
		c.tags[cell/bucketCells].used[cell%bucketCells] = uint32(now >> idleShift)
		c.v[cell] = saturate(c.v[cell], amount)
		return c.v[cell], true
	}
	cell, evict, ok := c.room(left, right, now)
	if !ok {
		c.rejected++
		return 0, false
	}
	if evict {
		c.evicted++
	} else {
		c.n++
	}
	c.take(cell, fp, now)
	c.v[cell] = amount
	return amount, true
}

// Get returns the value of the key with hash h; 0 if it is not held. It does not
// count as a use of the key.
func (c *Counters) Get(h uint64) int64 {
	if cell, ok := c.find(c.home(h)); ok {
		return c.v[cell]
	}
	return 0
}

// Delete forgets the key with hash h and reports whether it was held.
func (c *Counters) Delete(h uint64) bool {
	cell, ok := c.find(c.home(h))
	if ok {
		c.tags[cell/bucketCells].fp[cell%bucketCells] = 0
		c.n--
	}
	return ok
}

// Clear forgets every key. Cost: it writes every tag line.
func (c *Counters) Clear() {
	clear(c.tags)
	c.n = 0
}

// Len is the number of keys held.
func (c *Counters) Len() int { return c.n }

// Usage reports the fill; Error is the false-match rate of an absent key.
func (c *Counters) Usage() flow.Usage {
	return flow.Usage{
		Used: c.n, Capacity: c.cap, Bytes: int64(len(c.tags)) * (64 + 8*bucketCells),
		Error:   2 * bucketCells * float64(c.n) / float64(len(c.v)) / (1 << 32),
		Evicted: c.evicted, Rejected: c.rejected,
	}
}

// find returns the cell in which the fingerprint lies.
func (c *Counters) find(left, right uint64, fp uint32) (cell uint64, ok bool) {
	t := &c.tags[left]
	for i, f := range t.fp {
		if f == fp {
			return left*bucketCells + uint64(i), true
		}
	}
	t = &c.tags[right]
	for i, f := range t.fp {
		if f == fp {
			return right*bucketCells + uint64(i), true
		}
	}
	return 0, false
}

// Warm reads the lines of h, as does that of Table, and those of the counters.
func (c *Counters) Warm(h uint64) uint64 {
	left, right, _ := c.home(h)
	return uint64(c.tags[left].fp[0]) + uint64(c.tags[right].fp[0]) +
		uint64(c.v[left*bucketCells]) + uint64(c.v[right*bucketCells])
}

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
