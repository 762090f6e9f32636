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
// most. All of this is packet time, so that a capture gives the same result each time, and is
// done between two batches. What is to be done at a later time is *due* then.

const (
	firstWait = time.Second
	mostWait  = time.Minute
)

// never is later than any packet.
const never packet.Time = math.MaxInt64

// restarts is what is known of how often a program was stopped.
type restarts struct {
	n     int           // times that it was started again
	stops []packet.Time // that count still
	at    packet.Time   // when it is to be started again; never = it is not
}

// plan decides whether and when the program, which was stopped now, is started again.
func (in *instance) plan() {
	r, now, policy := &in.restarts, in.probe.newest, in.limits.Restart
	r.at = never
	if in.isShadow {
		in.probe.due = min(in.probe.due, now)
		return
	}
	if policy == nil || !policy.OnFailure {
		return
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
	wait := mostWait
	if n := len(r.stops) - 1; n < 6 {
		wait = firstWait << n
	}
	r.at = now
	if in.probe.hasFirst {
		r.at += packet.Time(wait)
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
		if in.stopped == nil {
			continue
		}
		if in.restarts.at <= now {
			p.restart(in)
		} else {
			p.due = min(p.due, in.restarts.at)
		}
	}
}

// restart starts a program again.
func (p *Probe) restart(old *instance) {
	in, err := p.make(Artifact{Info: old.info, Path: old.path, Name: old.name}, old, nil)
	if err == nil {
		in.number = old.number
		in.restarts = restarts{n: old.restarts.n + 1, stops: old.restarts.stops, at: never}
		err = p.swap(in, old, nil)
	}
	if err != nil {
		p.opt.Logf("program %s could not be started again: %v", old.name, err)
		old.plan()
		return
	}
	if in.stopped == nil {
		p.opt.Notef("program %s was started again, with empty memory", in.name)
	}
}
