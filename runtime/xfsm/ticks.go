package xfsm

import "github.com/streamon/streamon/runtime/timer"

// MaxFirings is how often one repeating timer fires in one advance of the clock;
// later firings are skipped.
const MaxFirings = 1000

// Ticks are the repeating timers of program-wide events, by number. One writer; no
// allocation after NewTicks.
type Ticks struct {
	wheel   *timer.Wheel
	agenda  *timer.Agenda
	timers  []repeat
	skipped uint64
}

// repeat is one repeating timer and how often it fired in the present advance.
type repeat struct {
	period int64 // ns; 0 = fires once
	limit  int64 // of the advance that fired is about
	fired  int32
}

// next counts a firing at deadline while the clock advances to limit. It returns
// the next deadline and the number of firings left out before it.
func (r *repeat) next(deadline, limit int64) (next int64, skipped uint64) {
	if r.limit != limit {
		r.limit, r.fired = limit, 0
	}
	r.fired++
	next = deadline + r.period
	if r.fired >= MaxFirings && next <= limit {
		n := (limit-next)/r.period + 1
		next += n * r.period
		skipped = uint64(n)
	}
	return next, skipped
}

// NewTicks returns n ticks, none of them started.
func NewTicks(n int) *Ticks {
	return &Ticks{wheel: timer.NewWheel(n), timers: make([]repeat, n)}
}

// Bind attaches the ticks to a and returns their index there. Called from
// Activate, once.
func (t *Ticks) Bind(a *timer.Agenda) int {
	t.agenda = a
	return a.Attach(t.wheel)
}

// Start makes tick i fire at first and every period from then on, unless it runs
// already. A period that is not positive does nothing.
func (t *Ticks) Start(i int, first, period int64) {
	if _, armed := t.wheel.Deadline(i); armed || period <= 0 {
		return
	}
	t.timers[i] = repeat{period: period}
	t.wheel.Arm(i, first, t.agenda.Seq())
}

// Fire takes the earliest tick with deadline ≤ limit and arms it again; see
// [Timeouts.Fire] for the rule of skipped firings.
func (t *Ticks) Fire(limit int64) (i int, deadline int64, ok bool) {
	i, deadline, ok = t.wheel.Pop(limit)
	if !ok {
		return 0, 0, false
	}
	next, skipped := t.timers[i].next(deadline, limit)
	t.skipped += skipped
	t.wheel.Arm(i, next, t.agenda.Seq())
	return i, deadline, true
}

// Skipped returns the number of firings that were skipped in time jumps.
func (t *Ticks) Skipped() uint64 { return t.skipped }
