package probe

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"github.com/streamon/streamon/internal/capture"
	"github.com/streamon/streamon/internal/export"
	"github.com/streamon/streamon/runtime/program"
)

// A run over files waits for whoever takes its output. What is asked for between two batches
// does not wait as long: a request with a deadline is refused when one write has lasted
// heldAfter.

// ErrHeld says that a request was not done, since packets are held up.
var ErrHeld = errors.New("packets are held up by an output that takes nothing, as a pipe that nobody reads: ask again when it is read")

// heldAfter is how long a write may last until requests do not wait for it.
const heldAfter = time.Second

// writes counts the beginnings and ends of writes: it is odd during one. There is one at a
// time.
type writes struct{ at atomic.Uint64 }

func (w *writes) turn() { w.at.Add(1) }

// heldRecords are Options.Records, counted.
type heldRecords struct {
	export.Writer
	writes *writes
}

// Write implements export.Writer.
func (h *heldRecords) Write(o *export.Origin, r *program.Record) error {
	h.writes.turn()
	defer h.writes.turn()
	return h.Writer.Write(o, r)
}

// Flush implements export.Writer.
func (h *heldRecords) Flush() error {
	h.writes.turn()
	defer h.writes.turn()
	return h.Writer.Flush()
}

// heldEvidence is Options.Evidence, counted.
type heldEvidence struct {
	Evidence
	writes *writes
}

// Write implements Evidence.
func (h *heldEvidence) Write(f *capture.Frame) error {
	h.writes.turn()
	defer h.writes.turn()
	return h.Evidence.Write(f)
}

// request is something to do between two batches.
type request struct {
	f     func()
	taken atomic.Bool // by who does it, or by who does not wait any more
	done  chan struct{}
}

// take reports whether the caller is the first who takes the request.
func (r *request) take() bool { return r.taken.CompareAndSwap(false, true) }

// do does the request, if it is still wanted.
func (r *request) do() {
	if r.take() {
		r.f()
	}
	close(r.done)
}

// between runs f when no batch is being processed, and returns when it is done. If ctx is
// done first f does not run, nor if ctx has a deadline and packets are held up (ErrHeld).
func (p *Probe) between(ctx context.Context, f func()) error {
	var look <-chan time.Time
	if _, ok := ctx.Deadline(); ok {
		t := time.NewTicker(lookEvery)
		defer t.Stop()
		look = t.C
	}
	at, looks := uint64(0), 0
	for {
		p.mu.Lock()
		if !p.running {
			defer p.mu.Unlock()
			f()
			return nil
		}
		ended := p.ended
		p.mu.Unlock()
		r := &request{f: f, done: make(chan struct{})}
		for requests, isOver := p.requests, false; !isOver; {
			var why error
			select {
			case requests <- r:
				requests, ended = nil, nil
			case <-r.done:
				return nil
			case <-ended:
				isOver = true
			case <-ctx.Done():
				why = ctx.Err()
			case <-look:
				if v := p.writes.at.Load(); v != at || v%2 == 0 {
					at, looks = v, 0
				} else if looks++; looks >= int(heldAfter/lookEvery) {
					why = ErrHeld
				}
			}
			if why != nil {
				if r.take() {
					return why
				}
				<-r.done // it is being done
				return nil
			}
		}
	}
}
