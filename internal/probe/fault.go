package probe

import (
	"math"
	"sync"
	"sync/atomic"
)

// fault is how a program that several workers run was stopped. Workers run ahead of
// each other, so the batch counts: shards still work through the batches before it,
// and what they did about later ones is void.
type fault struct {
	at  atomic.Uint64 // number of the batch; none if it runs
	mu  sync.Mutex
	why error // of at
}

const noBatch = math.MaxUint64

func (f *fault) init() { f.at.Store(noBatch) }

// is records that the program failed in a batch; the earliest one counts.
func (f *fault) is(batch uint64, why error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if batch < f.at.Load() {
		f.why = why
		f.at.Store(batch)
	}
}

// reason returns why the program failed.
func (f *fault) reason() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.why
}
