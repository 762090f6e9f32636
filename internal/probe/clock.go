package probe

import (
	"math"
	"slices"
	"time"

	"github.com/streamon/streamon/runtime/packet"
	"github.com/streamon/streamon/runtime/program"
)

// Words. The clock of a program is the newest packet time that it has seen, and never goes
// back. One that was restored may be *ahead* of the packets: the clock of the machine was
// set back, or a capture is older than the one before. Then windows, timeouts and timers of
// the program stand still until packets have reached its clock. State is kept all the same:
// nobody knows which of the two clocks was wrong, and an operator can give the state up.

// noClock is instance.clock of what has nothing restored, or has been reached.
const noClock packet.Time = math.MinInt64

// resume notes the clock of what a program that begins has restored.
func (in *instance) resume(clock packet.Time) {
	in.clock = clock
	in.probe.resumed = true
}

// seeClocks says which restored programs are ahead of the packets, after a batch. It is
// called while some may be.
func (p *Probe) seeClocks() {
	p.resumed = false
	for _, in := range p.programs {
		switch {
		case in.clock == noClock:
		case in.clock <= p.newest:
			if in.isAhead {
				p.opt.Notef("program %s: packets have reached its clock: its time goes on", in.name)
			}
			in.clock, in.isAhead = noClock, false
		default:
			p.resumed = true
			if !in.isAhead {
				p.opt.Logf("program %s: its restored clock, %s, is %v ahead of the packets: its time stands still until they reach it; unload and load it to begin with empty memory",
					in.name, *timeText(in.clock), time.Duration(in.clock-p.newest).Round(time.Millisecond))
			}
			in.isAhead = true
		}
	}
}

// inheritClock takes over the clock of the generation before, with its state.
func (in *instance) inheritClock(old *instance) {
	if !in.isFresh {
		in.clock, in.isAhead = old.clock, old.isAhead
	}
}

// hasKept reports whether a structure of what was before goes on.
func (in *instance) hasKept(name string) bool {
	return slices.ContainsFunc(in.inherited, func(i program.Inheritance) bool { return i.Name == name && i.Kept })
}

// aheadText returns the clock of a program for the listing, if packets have not reached it.
func (in *instance) aheadText() *string {
	if !in.isAhead {
		return nil
	}
	return timeText(in.clock)
}
