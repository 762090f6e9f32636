package dleft

import (
	"errors"
	"strconv"
)

// checkInvariants reports the first broken invariant of the table. hash must be
// the function that made the hashes of its calls. It is for tests: it reads the
// whole table and looks up every key.
func (t *Table[K, V]) checkInvariants(hash func(*K) uint64) error {
	n := 0
	for b := range t.tags {
		for i, fp := range t.tags[b].fp {
			if fp == 0 {
				continue
			}
			n++
			c := uint64(b*bucketCells + i)
			h := hash(&t.cells[c].key)
			left, right, want := t.home(h)
			if fp != want {
				return broken("the fingerprint is not that of the key", c)
			}
			if uint64(b) != left && uint64(b) != right {
				return broken("the bucket is neither of the key's two", c)
			}
			// A second copy of the key would be found before or instead of this one.
			if at, ok := t.find(h, &t.cells[c].key); !ok || at != c {
				return broken("the key is not found where it lies", c)
			}
		}
	}
	return t.checkCount(n)
}

// checkInvariants is the same for counters, whose keys are not known: a fingerprint
// stands once only in a bucket, wide cells are in use and share no value, and every
// value of the list is used or free.
func (c *Counters) checkInvariants() error {
	n, wide := 0, len(c.free)
	taken := map[int32]bool{}
	for b := range c.buckets {
		k := &c.buckets[b]
		for i, fp := range k.fp {
			at := uint64(b*countCells + i)
			isWide := k.flags>>i&1 != 0
			if isWide && (fp == 0 || taken[k.v[i]] || int(k.v[i]) >= len(c.wide)) {
				return broken("a wide value is not the cell's own", at)
			}
			if isWide {
				taken[k.v[i]] = true
				wide++
			}
			if fp == 0 {
				continue
			}
			n++
			if k.index(fp) != i {
				return broken("a fingerprint stands twice in a bucket", at)
			}
		}
	}
	switch {
	case n != c.n:
		return errors.New("dleft: " + strconv.Itoa(n) + " counters in use, counted " + strconv.Itoa(c.n))
	case wide != len(c.wide):
		return errors.New("dleft: " + strconv.Itoa(wide) + " wide values are used or free, of " + strconv.Itoa(len(c.wide)))
	}
	return nil
}

func (g *grid) checkCount(n int) error {
	if n != g.n {
		return errors.New("dleft: " + strconv.Itoa(n) + " cells in use, counted " + strconv.Itoa(g.n))
	}
	if uint64(len(g.tags)) != 2*g.half {
		return errors.New("dleft: the subtables differ in size")
	}
	return nil
}

func broken(what string, cell uint64) error {
	return errors.New("dleft: cell " + strconv.FormatUint(cell, 10) + ": " + what)
}
