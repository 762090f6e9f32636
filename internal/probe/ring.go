package probe

import (
	"sync/atomic"
	"time"
)

// Words. Batches are numbered from 0, through all runs. Whoever has the *reader lock*
// reads the next one; a worker that has read one prepares it, which makes it *ready*.
// Every worker works through all batches, in order, and is *past* the ones it is done
// with; when all are past a batch its results are *written*. Positions are counts of
// batches: read = 5 means that batches 0 to 4 were read. The *host* is the goroutine
// of Run.
//
// Invariants. written ≤ past[w] ≤ read ≤ written + the number of slots. A slot is free
// when its batch is written.
//
// Each position has one writer at a time and a cache line of its own. Whoever finds
// nothing to do looks again for a while, then parks. A flag says so, and a
// channel of one token wakes it. Flags and positions are sequentially consistent:
// either the parking side sees the new position, or the other side sees the flag.

// position is a count of batches.
type position struct {
	n atomic.Uint64
	_ [120]byte // two lines: the prefetcher of x86 takes them in pairs
}

// bell wakes one goroutine.
type bell struct {
	parked   atomic.Bool
	token    chan struct{}
	patience int // how often the owner looks before it parks
	_        [104]byte
}

func newBell() bell { return bell{token: make(chan struct{}, 1), patience: minLooks} }

// ring wakes the owner if it is parked, or about to be.
func (b *bell) ring() {
	if b.parked.Load() && b.parked.CompareAndSwap(true, false) {
		b.token <- struct{}{}
	}
}

// until parks the owner until ready holds. ready must become true by a write after
// which the writer rings.
func (b *bell) until(ready func() bool) {
	for range b.patience {
		if ready() {
			return
		}
	}
	begun := time.Now()
	b.park(ready)
	b.waited(time.Since(begun))
}

// park waits until ready holds, and leaves the processor to others meanwhile.
func (b *bell) park(ready func() bool) {
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

// waited learns from how long the owner was parked. Parking and being woken costs some
// 5 µs where a processor is idle, as long as the work on a batch: workers that are
// nearly in step would do little else. So after a short wait the owner looks longer the
// next time. After a long one there is no traffic, or no processor for the others: then
// it looks a microsecond only, for a processor that looks is not there for anybody.
func (b *bell) waited(t time.Duration) {
	if t < shortWait {
		b.patience = min(4*b.patience, maxLooks)
	} else {
		b.patience = minLooks
	}
}

// maxLooks take about shortWait.
const (
	minLooks  = 200
	maxLooks  = 200 << 6
	shortWait = 100 * time.Microsecond
)

// ring is the positions of the workers of a crew.
type ring struct {
	read    position
	past    []position // by worker
	written position
	reader  lock
	ended   atomic.Bool // no more batches are read
	host    bell
	bells   []bell // by worker
}

// lock is held by at most one goroutine. Workers try, the host insists.
type lock struct {
	held, wanted atomic.Bool
	_            [120]byte
}

func newRing(workers int) *ring {
	r := &ring{past: make([]position, workers), bells: make([]bell, workers), host: newBell()}
	for w := range r.bells {
		r.bells[w] = newBell()
	}
	return r
}

// mayRead reports whether there is a point in trying to read batches below limit.
func (r *ring) mayRead(limit uint64) bool {
	return r.read.n.Load() < limit && !r.reader.held.Load() && !r.reader.wanted.Load() && !r.ended.Load()
}

// tryRead takes the reader lock for a worker, to read the batch whose number is that
// of batches read, if it is below limit.
func (r *ring) tryRead(limit uint64) bool {
	if !r.mayRead(limit) || !r.reader.held.CompareAndSwap(false, true) {
		return false
	}
	if r.read.n.Load() < limit && !r.reader.wanted.Load() && !r.ended.Load() {
		return true
	}
	r.leaveReading()
	return false
}

// leaveReading gives the reader lock back.
func (r *ring) leaveReading() {
	r.reader.held.Store(false)
	r.ringAll()
}

// ringAll wakes everybody who is parked.
func (r *ring) ringAll() {
	for w := range r.bells {
		r.bells[w].ring()
	}
	r.host.ring()
}

// pause takes the reader lock for the host and waits until everything that was read is
// written.
func (r *ring) pause() {
	r.reader.wanted.Store(true)
	r.host.until(func() bool { return r.reader.held.CompareAndSwap(false, true) })
	r.host.until(func() bool { return r.written.n.Load() == r.read.n.Load() })
}

// resume ends pause.
func (r *ring) resume() {
	r.reader.wanted.Store(false)
	r.leaveReading()
}

// isEnd reports whether there is no batch n, nor will there be.
func (r *ring) isEnd(n uint64) bool { return r.ended.Load() && r.read.n.Load() <= n }

// arePast reports whether all workers are done with the first n batches.
func (r *ring) arePast(n uint64) bool {
	for w := range r.past {
		if r.past[w].n.Load() < n {
			return false
		}
	}
	return true
}
