package sink

import (
	"sync"
	"time"
)

// policy says what becomes of a record that finds the queue full.
type policy int

const (
	dropNewest policy = iota // the record is dropped: what came first is kept
	dropOldest               // the oldest that is not on its way is dropped
	wait                     // the writer waits, as long as records get through
)

var policies = []string{dropNewest: "newest", dropOldest: "oldest", wait: "wait"}

// queue holds the records of a sink, from when they are written until they are
// delivered: those on their way count as well. It is bounded in records and in bytes.
// One goroutine delivers, any may offer.
type queue struct {
	limit int   // records
	bytes int64 // of their bodies and keys
	full  policy

	mu      sync.Mutex
	room    sync.Cond // there may be room, or no use in waiting
	items   []*item   // not on their way yet
	held    int64     // bytes of those in items and on their way
	flying  int       // on their way
	pressed bool      // an item found no room since the last take
	failing bool      // the last delivery failed: nobody waits
	hurried bool      // nobody waits any more
	closed  bool
	wake    chan struct{} // has a token if there is something to look at

	offered, dropped uint64
}

func newQueue(limit int, bytes int64, full policy) *queue {
	q := &queue{limit: limit, bytes: bytes, full: full, wake: make(chan struct{}, 1)}
	q.room.L = &q.mu
	return q
}

// size is what an item counts for.
func (it *item) size() int64 { return int64(len(it.body) + len(it.key)) }

// offer appends an item, or drops one. It waits only if the policy says so.
func (q *queue) offer(it *item) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.offered++
	for !q.fits(it) {
		q.pressed = true
		q.signal()
		switch {
		case q.closed, it.size() > q.bytes:
			q.dropped++
			return
		case q.full == wait && !q.failing && !q.hurried:
			q.room.Wait()
		case q.full == dropOldest && len(q.items) > 0:
			q.held -= q.pop().size()
			q.dropped++
		default:
			q.dropped++
			return
		}
	}
	q.items = append(q.items, it)
	q.held += it.size()
	q.signal()
}

func (q *queue) fits(it *item) bool {
	return !q.closed && len(q.items)+q.flying < q.limit && q.held+it.size() <= q.bytes
}

func (q *queue) pop() *item {
	it := q.items[0]
	q.items[0] = nil
	q.items = q.items[1:]
	return it
}

func (q *queue) signal() {
	select {
	case q.wake <- struct{}{}:
	default:
	}
}

// take appends to batch up to records of at most bytes together, at least one, for
// delivery. If there is none it waits; once there is one it waits for linger, for more to
// come, unless there is no room for more. It returns nothing when the queue is closed and empty, and when quit is closed.
func (q *queue) take(batch []*item, records int, bytes int64, linger time.Duration, quit <-chan struct{}) []*item {
	var timer <-chan time.Time
	for {
		q.mu.Lock()
		n := len(q.items)
		if n > 0 && timer == nil && linger > 0 {
			timer = time.After(linger)
		}
		if n >= records || n > 0 && (linger <= 0 || q.closed || q.pressed || q.held >= bytes) {
			break
		}
		done := q.closed && n == 0
		q.mu.Unlock()
		if done {
			return batch
		}
		select {
		case <-q.wake:
		case <-timer:
			linger = 0
		case <-quit:
			return batch
		}
	}
	defer q.mu.Unlock()
	q.pressed = false
	for sum := int64(0); len(q.items) > 0 && len(batch) < records; {
		if sum += q.items[0].size(); sum > bytes && len(batch) > 0 {
			break
		}
		batch = append(batch, q.pop())
		q.flying++
	}
	return batch
}

// done says that the first items of what was taken are no longer on their way.
func (q *queue) done(items []*item) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.flying -= len(items)
	for _, it := range items {
		q.held -= it.size()
	}
	q.room.Broadcast()
}

// fail says whether the last delivery failed, so that it is no use to wait.
func (q *queue) fail(failing bool) {
	q.mu.Lock()
	q.failing = failing
	q.room.Broadcast()
	q.mu.Unlock()
}

// hurry lets nobody wait any more: what finds no room is dropped.
func (q *queue) hurry() {
	q.mu.Lock()
	q.hurried = true
	q.room.Broadcast()
	q.mu.Unlock()
}

// close lets nothing in any more; what is there can still be taken.
func (q *queue) close() {
	q.mu.Lock()
	q.closed = true
	q.room.Broadcast()
	q.mu.Unlock()
	q.signal()
}

// counts returns how many were offered, how many of those dropped, and how many wait.
func (q *queue) counts() (offered, dropped uint64, waiting int) {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.offered, q.dropped, len(q.items) + q.flying
}
