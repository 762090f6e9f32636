// Package dleft holds the d-left hash tables of the metric and decision layers:
// Counters, a counter per key told apart by fingerprint, with an algorithm of its
// own, and Table, a map with whole keys and slots that stay where they are. What
// follows is about Table.
//
// Words. A *cell* holds one key. A *bucket* is eight cells: their fingerprints
// and times of last use fill one cache line, the *tag line*; what else a cell
// holds lies in an array beside it. A *subtable* is half of the buckets; there
// are two (d = 2), and a key has one bucket in each. The *fingerprint* is 32 bits
// of the key's hash, never 0, which marks an empty cell. The *load* is the share
// of cells in use.
//
// Algorithm. A key is looked for in its two buckets. A new key goes to the
// bucket with fewer keys, on a tie to the left one (subtable 0), and there to the
// first empty cell; it never moves. When both buckets are full the declared
// Policy holds: the key takes the cell that was idle longest of the sixteen, or
// is refused. Both are counted.
//
// Invariants (checkInvariants). A fingerprint lies in one of the two buckets of
// its key; the number of cells in use is Len; no key is held twice.
//
// Size. A structure for N keys has 1.3·N cells or more, so that the load is at
// most 77 %; at that load some 5 keys in a million meet two full buckets
// (measured; TestLoad holds it below 1 in 1000). N is no limit: while cells are free, more fit.
//
// Time of last use is kept in units of 2²⁴ ns (17 ms), modulo 2³²; what was idle
// for more than a year may pass for just used.
// One writer and no concurrent reader. Nothing allocates after construction.
//
// Source: B. Vöcking, "How asymmetry helps load balancing", 1999; A. Broder and
// M. Mitzenmacher 2001; F. Bonomi et al., "An improved construction for counting
// Bloom filters", 2006, for fingerprints.
package dleft

import (
	"math"
	"math/bits"

	"github.com/streamon/streamon/runtime/flow"
)

// Policy says what happens to a new key whose two buckets are full.
type Policy uint8

const (
	Evict  Policy = iota // it takes the cell that was idle longest of the sixteen
	Reject               // it is refused
)

var policyNames = [...]string{Evict: "evict", Reject: "reject"}

// String returns the policy's name in the language: "evict" or "reject".
func (p Policy) String() string {
	if int(p) < len(policyNames) {
		return policyNames[p]
	}
	return "unknown"
}

const (
	bucketCells = 8
	idleShift   = 24 // packet time to units of last use
)

// tags is the tag line of a bucket: one cache line.
type tags struct {
	fp   [bucketCells]uint32 // 0 = empty
	used [bucketCells]uint32 // time of last use, in units of 2^idleShift ns
}

// grid is the tag lines of a Table, subtable 0 first.
type grid struct {
	tags     []tags
	half     uint64 // buckets per subtable
	n        int    // cells in use
	cap      int    // declared capacity, keys
	full     Policy
	evicted  uint64
	rejected uint64
}

func (g *grid) init(capacity int, full Policy) {
	g.cap, g.full = max(capacity, 1), full
	g.half = uint64(buckets(g.cap) / 2)
	g.tags = flow.Cells[tags](int(2 * g.half))
}

// buckets is the number of buckets for capacity keys, even.
func buckets(capacity int) int {
	perTable := (capacity*13/10 + 2*bucketCells - 1) / (2 * bucketCells)
	// Below some 64 keys the two buckets of a key coincide with another's too
	// often for the mean load to mean anything: small structures get more room.
	return 2 * (perTable + 1)
}

// Len is the number of keys held.
func (g *grid) Len() int { return g.n }

// home returns the two buckets and the fingerprint of a hash. The left bucket
// comes from its upper bits, the fingerprint from its lower 32, and the right
// bucket from a mix of all of them.
func (g *grid) home(h uint64) (left, right uint64, fp uint32) {
	left, _ = bits.Mul64(h, g.half)
	right, _ = bits.Mul64(flow.Second(h), g.half)
	fp = uint32(h)
	if fp == 0 {
		fp = 1
	}
	return left, right + g.half, fp
}

// room returns the cell for a new key: an empty one or, by policy, one to evict.
func (g *grid) room(left, right uint64, now int64) (cell uint64, evict, ok bool) {
	l, r := &g.tags[left], &g.tags[right]
	nl, el := l.count()
	nr, er := r.count()
	switch {
	case nl <= nr && nl < bucketCells:
		return left*bucketCells + el, false, true
	case nr < bucketCells:
		return right*bucketCells + er, false, true
	case g.full == Reject:
		return 0, false, false
	}
	cell, _ = g.idlest(left, right, now, nil)
	return cell, true, true
}

// idlest returns the cell of two full buckets that was idle longest, of those that may
// says yes to; nil = of all.
func (g *grid) idlest(left, right uint64, now int64, may func(cell uint64) bool) (cell uint64, found bool) {
	t, longest := uint32(now>>idleShift), int64(math.MinInt64)
	for _, b := range [...]uint64{left, right} {
		for i, used := range g.tags[b].used {
			c := b*bucketCells + uint64(i)
			if idle := int64(int32(t - used)); idle > longest && (may == nil || may(c)) {
				longest, cell, found = idle, c, true
			}
		}
	}
	return cell, found
}

// count returns the number of cells in use and the first empty one.
func (t *tags) count() (n int, empty uint64) {
	empty = bucketCells
	for i := bucketCells - 1; i >= 0; i-- {
		if t.fp[i] != 0 {
			n++
		} else {
			empty = uint64(i)
		}
	}
	return n, empty
}

// Warm asks for the two tag lines of each hash of a column, see flow.WarmFirst.
func (g *grid) Warm(column []uint64, add uint64) {
	if g.n > 0 { // else find reads no line
		flow.WarmFirst(g.tags[:g.half], column, add)
		flow.WarmSecond(g.tags[g.half:], column, add)
	}
}

// take marks a cell as used by a fingerprint.
func (g *grid) take(cell uint64, fp uint32, now int64) {
	t := &g.tags[cell/bucketCells]
	t.fp[cell%bucketCells] = fp
	t.used[cell%bucketCells] = uint32(now >> idleShift)
}
