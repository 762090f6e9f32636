package probe

import (
	"math"
	"slices"
	"time"

	"github.com/streamon/streamon/runtime/packet"
)

// Words. A program that was stopped is *started again*, if its limits say so, by a new
// instance of the same code over empty memory: what a fault left behind is not to be relied
// on. It waits a second for the first time, twice as long for each that follows, a minute at
// most, and a second again once it has run for ten minutes. All of this is packet time, so
// that a capture gives the same result each time, and is done between two batches. What is to
// be done at a later time is *due* then.

const (
	firstWait = time.Second
	mostWait  = time.Minute
	steady    = 10 * time.Minute
)

// never is later than any packet.
const never packet.Time = math.MaxInt64

// restarts is what is known of how often a program was stopped.
type restarts struct {
	n         int           // times that it was started again, over all generations
	rollbacks int           // times that it went back to the generation before
	stops     []packet.Time // that count still
	at        packet.Time   // when it is to be started again; never = it is not
	isBack    bool          // or rolled back
	wait      time.Duration // that the last start was preceded by; 0 = it was not started again
	begun     packet.Time   // of that start
}

// plan decides whether and when the program, which was stopped now, is started again.
func (in *instance) plan() {
	r, now, policy := &in.restarts, in.probe.newest, in.limits.Restart
	r.at, r.isBack = never, false
	switch {
	case in.isShadow:
		in.probe.due = min(in.probe.due, now)
		return
	case in.isOnTrial():
		r.at, r.isBack = now, true
		in.probe.due = min(in.probe.due, now)
		return
	case policy == nil || !policy.OnFailure:
		return
	}
	if !in.probe.hasFirst { // there is no time yet
		now = 0
	}
	from := 0
	for from < len(r.stops) && r.stops[from] < now-packet.Time(policy.Within) {
		from++
	}
	r.stops = append(r.stops[from:len(r.stops):len(r.stops)], now)
	if n := len(r.stops); n > policy.Most {
		in.logf("program %s was stopped %d times, its limit is %v: it stays stopped", in.name, n, policy)
		return
	}
	if r.wait = min(2*r.wait, mostWait); r.wait == 0 || now-r.begun >= packet.Time(steady) {
		r.wait = firstWait
	}
	r.at = in.probe.newest
	if in.probe.hasFirst {
		r.at += packet.Time(r.wait)
	}
	in.probe.due = min(in.probe.due, r.at)
}

// seeTo does what is due now. No batch is being processed.
func (p *Probe) seeTo(now packet.Time) {
	if now < p.due || !p.lifecycle.TryLock() { // somebody changes programs: at the next batch
		return
	}
	defer p.lifecycle.Unlock()
	p.due = never
	p.seeToShadows(now)
	for _, in := range slices.Clone(p.programs) {
		switch {
		case in.stopped == nil:
		case in.restarts.at > now:
			p.due = min(p.due, in.restarts.at)
		case in.restarts.isBack:
			p.rollBack(in)
		default:
			p.restart(in)
		}
	}
}

// restart starts a program again.
func (p *Probe) restart(old *instance) {
	in, err := p.make(Artifact{Info: old.info, Path: old.path, Name: old.name, isFresh: true}, old, nil)
	if err == nil {
		in.number, in.rolledBack = old.number, old.rolledBack
		r := &old.restarts
		in.restarts = restarts{stops: r.stops, at: never, wait: r.wait, begun: p.newest}
		p.retarget(old, in)
		err = p.swap(in, old)
	}
	if err != nil {
		p.retarget(in, old)
		p.opt.Logf("program %s could not be started again: %v", old.name, err)
		old.plan()
		return
	}
	if in.restarts.n++; in.stopped == nil {
		p.opt.Notef("program %s was started again, with empty memory", in.name)
	}
}
