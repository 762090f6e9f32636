package probe

import (
	"sync/atomic"
)

// Words. Batches are numbered from 0, through all runs. The *feeder*, the goroutine
// of Run, *publishes* them in order. One worker *claims* each and prepares it, which
// makes it *ready*; then every worker works through it, in order, and is *past* the
// ones it is done with. Positions are counts of batches: published = 5 means that
// batches 0 to 4 can be claimed.
//
// Invariants. past[w] ≤ claimed ≤ published ≤ min(past) + the number of slots, by the
// feeder. A slot's mark says that it is ready, and for which batch.
//
// Each position has one writer and a cache line of its own: the ring is one
// single-producer single-consumer queue for each worker, over shared slots. Whoever
// finds nothing to do looks again for about a microsecond, then parks. A flag says so,
// and a channel of one token wakes it. Flag and position are sequentially consistent:
// either the parking side sees the new position, or the other side sees the flag.

// position is a count of batches.
type position struct {
	n atomic.Uint64
	_ [120]byte // two lines: the prefetcher of x86 takes them in pairs
}

// bell wakes one goroutine.
type bell struct {
	parked atomic.Bool
	token  chan struct{}
	_      [112]byte
}

func newBell() bell { return bell{token: make(chan struct{}, 1)} }

// ring wakes the owner if it is parked, or about to be.
func (b *bell) ring() {
	if b.parked.Load() && b.parked.CompareAndSwap(true, false) {
		b.token <- struct{}{}
	}
}

// until parks the owner until ready holds. ready must become true by a write after
// which the writer rings.
func (b *bell) until(ready func() bool) {
	for range looks {
		if ready() {
			return
		}
	}
	for {
		b.parked.Store(true)
		if ready() {
			if !b.parked.CompareAndSwap(true, false) {
				<-b.token // somebody rang meanwhile
			}
			return
		}
		<-b.token
	}
}

// looks is how often a side looks before it parks. Parking and being woken costs some
// 5 µs where a processor is idle, and a processor that looks is not there for others.
const looks = 200

// ring is the positions of a feeder and its workers.
type ring struct {
	published position
	claimed   position
	past      []position // by worker
	goal      position   // the feeder, parked, waits until all are past this many
	ended     atomic.Bool
	feeder    bell
	bells     []bell // by worker
}

func newRing(workers int) *ring {
	r := &ring{past: make([]position, workers), bells: make([]bell, workers), feeder: newBell()}
	for w := range r.bells {
		r.bells[w] = newBell()
	}
	return r
}

// publish hands the next batch to all workers.
func (r *ring) publish() {
	r.published.n.Add(1)
	for w := range r.bells {
		r.bells[w].ring()
	}
}

// claim takes a batch to prepare: the first one that nobody has, if it is published
// and below limit.
func (r *ring) claim(limit uint64) (n uint64, ok bool) {
	for {
		n = r.claimed.n.Load()
		if n >= limit || n >= r.published.n.Load() {
			return 0, false
		}
		if r.claimed.n.CompareAndSwap(n, n+1) {
			return n, true
		}
	}
}

// ready says that worker w has prepared batch n, whose slot has the mark.
func (r *ring) ready(w int, n uint64, mark *atomic.Uint64) {
	mark.Store(n + 1)
	for o := range r.bells {
		if o != w {
			r.bells[o].ring()
		}
	}
}

// wait waits until batch n is ready, or there is one below limit to claim, or there
// will be no batch n.
func (r *ring) wait(w int, n, limit uint64, mark *atomic.Uint64) {
	r.bells[w].until(func() bool {
		return mark.Load() == n+1 || r.claimed.n.Load() < min(limit, r.published.n.Load()) || r.isEnd(n)
	})
}

// isEnd reports whether there is no batch n, nor will there be.
func (r *ring) isEnd(n uint64) bool { return r.ended.Load() && r.published.n.Load() <= n }

// pass says that worker w is done with one more batch.
func (r *ring) pass(w int) {
	n := r.past[w].n.Add(1)
	if r.feeder.parked.Load() && n >= r.goal.n.Load() && r.arePast(r.goal.n.Load()) {
		r.feeder.ring()
	}
}

// arePast reports whether all workers are done with the first n batches.
func (r *ring) arePast(n uint64) bool {
	for w := range r.past {
		if r.past[w].n.Load() < n {
			return false
		}
	}
	return true
}

// await waits until all workers are done with the first n batches.
func (r *ring) await(n uint64) {
	if r.arePast(n) {
		return
	}
	r.goal.n.Store(n)
	r.feeder.until(func() bool { return r.arePast(n) })
}

// end lets the workers end once they have worked off what was published.
func (r *ring) end() {
	r.ended.Store(true)
	for w := range r.bells {
		r.bells[w].ring()
	}
}
