package xfsm

import (
	"github.com/streamon/streamon/runtime/flow"
	"github.com/streamon/streamon/runtime/image"
	"github.com/streamon/streamon/runtime/timer"
)

// MaxFirings is how often one repeating timer fires in one advance of the clock;
// later firings are skipped.
const MaxFirings = 1000

// Ticks are the repeating timers of program-wide events, by number. One writer; no
// allocation after NewTicks.
type Ticks struct {
	wheel   *timer.Wheel
	agenda  *timer.Agenda
	timers  []repeat
	kept    []bool // ran in the previous generation, and were not started in this one
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
	r.fired = min(r.fired+1, MaxFirings)
	if r.period <= 0 || deadline > timer.Never-r.period {
		return timer.Never, 0
	}
	next = deadline + r.period
	if r.fired < MaxFirings || next > limit {
		return next, 0
	}
	// Unsigned, for limit and next may be further apart than an int64 reaches.
	gap, period := uint64(limit)-uint64(next), uint64(r.period)
	skipped = gap/period + 1
	if last := limit - int64(gap%period); last <= timer.Never-r.period {
		return last + r.period, skipped
	}
	return timer.Never, skipped
}

// after returns the time just after t.
func after(t int64) int64 {
	if t == timer.Never {
		return t
	}
	return t + 1
}

// NewTicks returns n ticks, none of them started.
func NewTicks(n int) *Ticks {
	return &Ticks{wheel: timer.NewWheel(n), timers: make([]repeat, n), kept: make([]bool, n)}
}

// Bind attaches the ticks to a and returns their index there. Called from
// Activate, once. Ticks of the previous generation stop until Start.
func (t *Ticks) Bind(a *timer.Agenda) int {
	t.agenda = a
	for i := range t.kept {
		t.kept[i] = t.wheel.Cancel(i)
	}
	return a.Attach(t.wheel)
}

// Start makes tick i fire at first and every period from then on, unless it runs
// already. One that ran with this period before Bind goes on as if it had not
// stopped. A period that is not positive does nothing.
func (t *Ticks) Start(i int, first, period int64) {
	if _, armed := t.wheel.Deadline(i); armed || period <= 0 {
		return
	}
	if t.kept[i] && t.timers[i].period == period {
		t.kept[i] = false
		t.wheel.Resume(i)
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

// Usage returns the fill.
func (t *Ticks) Usage() flow.Usage {
	return flow.Usage{Used: t.wheel.Len(), Capacity: len(t.timers), Bytes: t.wheel.Bytes() + int64(len(t.timers))*24}
}

// Skipped returns the number of firings that were skipped in time jumps.
func (t *Ticks) Skipped() uint64 { return t.skipped }

// Form implements program.Saver.
func (t *Ticks) Form() string { return image.Form("ticks", 1, len(t.timers)) }

// Save implements program.Saver.
func (t *Ticks) Save(w *image.Writer) {
	image.Put(w, t.timers)
	t.wheel.Save(w)
}

// Load implements program.Saver.
func (t *Ticks) Load(r *image.Reader) error {
	image.Get(r, t.timers)
	for i := range t.timers {
		t.timers[i].check(r)
	}
	return t.wheel.Load(r)
}

// check refuses what next does not count: firings without a bound.
func (r *repeat) check(from *image.Reader) {
	from.Refuse(r.period >= 0 && r.fired >= 0 && r.fired <= MaxFirings)
}
