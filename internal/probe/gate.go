package probe

import (
	"runtime"
	"sync/atomic"
)

// Words. Whoever runs a program's code is *inside* it: a *call* begins with enter and ends
// with leave, and the program comes back to the host in between for a *visit*, to emit a
// record or to list an entity. A call that does not come back is *given up*: the gate is
// closed for good, and the goroutine, which nothing in Go can end, stays behind. If it does
// come back, for a visit or with a panic or at its end, it finds the gate closed and ends
// there, so that it touches nothing of the host.

// gate is the door between the host and one shard of a program. One goroutine is inside at
// a time.
type gate struct {
	at     atomic.Uint64 // number of the call << 3 | where
	strays *atomic.Int64 // calls that were given up and whose goroutines have not ended
}

// Where the goroutine of the present call is.
const (
	outside  uint64 = iota // there is none
	inside                 // in the program
	visiting               // in the program, and back in the host for a visit
	closed                 // given up
	where    = 3
	aside    = 4 // the call has a goroutine of its own: see instance.call
)

// gone is a closed gate that the goroutine has come back to.
const gone = ^uint64(0)

// enter begins a call.
func (g *gate) enter(how uint64) {
	g.at.Store(g.at.Load()&^7 + 8 | inside | how)
}

// leave ends the call. It does not return if the call was given up.
func (g *gate) leave() {
	if !g.tryLeave() {
		g.exit()
	}
}

// exit ends the goroutine: its call was given up.
func (g *gate) exit() {
	if v := g.at.Load(); v&where == closed && v != gone && g.at.CompareAndSwap(v, gone) {
		g.strays.Add(-1)
	}
	runtime.Goexit()
}

// tryLeave ends the call; it is false if it was given up.
func (g *gate) tryLeave() bool {
	for {
		v := g.at.Load()
		if v&where == closed {
			return false
		}
		if g.at.CompareAndSwap(v, v&^7) { // outside
			return true
		}
	}
}

// visit comes back to the host, until endVisit. It does not return if the call was given
// up, or if a goroutine that the program has started comes after its end.
func (g *gate) visit() {
	for {
		switch v := g.at.Load(); v & where {
		case inside:
			if g.at.CompareAndSwap(v, v&^where|visiting) {
				return
			}
		case visiting: // a goroutine that the program has started is
			runtime.Gosched()
		default:
			g.exit()
		}
	}
}

// endVisit ends a visit.
func (g *gate) endVisit() { g.at.Store(g.at.Load()&^where | inside) }

// close gives up the call that at was, unless it has ended or is visiting.
func (g *gate) close(at uint64) bool {
	if at&where != inside || !g.at.CompareAndSwap(at, at|closed) {
		return false
	}
	g.strays.Add(1)
	return true
}

// call returns the number of the present call.
func (g *gate) call() uint64 { return g.at.Load() >> 3 }

// isClosed reports whether a call was given up.
func (g *gate) isClosed() bool { return g.at.Load()&where == closed }
