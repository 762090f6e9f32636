package xfsm

import (
	"github.com/streamon/streamon/runtime/dleft"
	"github.com/streamon/streamon/runtime/flow"
	"github.com/streamon/streamon/runtime/timer"
)

// Timeouts holds the armed timers of one timeout event, at most one for each
// entity. C holds what the event's handlers read of the packet that armed the
// timer; it must be a type that every generation has in common: an unnamed struct
// of exported fields without pointers, or struct{}. One writer; no allocation
// after NewTimeouts.
//
// When there is no room for another entity, the policy says whether the timer that
// was armed longest ago gives way or the new one is refused.
type Timeouts[K comparable, C any] struct {
	keys    *dleft.Table[K, armed[C]]
	wheel   *timer.Wheel // by slot
	agenda  *timer.Agenda
	starts  uint64
	last    int // slot that fired without being armed again, to be freed; -1 = none
	skipped uint64
}

// armed is one timer.
type armed[C any] struct {
	repeat
	c C
}

// NewTimeouts returns room for the timers of capacity entities. Bind comes before
// anything else.
func NewTimeouts[K comparable, C any](capacity int, full Policy) *Timeouts[K, C] {
	t := &Timeouts[K, C]{keys: dleft.NewTable[K, armed[C]](capacity, full), last: -1}
	t.wheel = timer.NewWheel(t.keys.Slots())
	t.keys.OnEvict = func(s dleft.Slot, _ *K, _ *armed[C]) { t.wheel.Cancel(int(s)) }
	return t
}

// Bind attaches the timers to a and returns their index there. Called from
// Activate, once. Timers armed by the previous generation stay armed.
func (t *Timeouts[K, C]) Bind(a *timer.Agenda) int {
	t.agenda = a
	return a.Attach(t.wheel)
}

// Start arms the timer of an entity, or arms it anew with what c captured now.
// period > 0 repeats it; otherwise it fires once. It returns false if there is no
// room and new keys are refused.
//
// A timer whose handler arms it again, to be due in the same advance of the clock,
// is bound by MaxFirings too: the firing that would be one too many is put off to
// just after the time that the clock advances to, and counted as skipped.
func (t *Timeouts[K, C]) Start(h uint64, k *K, deadline, period int64, c *C) bool {
	return t.arm(h, k, deadline, period, c, false)
}

// Postpone is Start, but a timer that is armed already keeps what it captured.
func (t *Timeouts[K, C]) Postpone(h uint64, k *K, deadline, period int64, c *C) bool {
	return t.arm(h, k, deadline, period, c, true)
}

func (t *Timeouts[K, C]) arm(h uint64, k *K, deadline, period int64, c *C, keep bool) bool {
	t.starts++
	// The order of starts stands in for time of use, in units of 64.
	s, isNew, ok := t.keys.PutSlot(h, k, int64(t.starts>>6)<<24)
	if !ok {
		return false
	}
	if int(s) == t.last {
		t.last, isNew = -1, true
	}
	_, v := t.keys.At(s)
	v.period = max(period, 0)
	if isNew || !keep {
		v.c = *c
	}
	if v.fired >= MaxFirings && deadline <= v.limit {
		deadline = after(v.limit)
		t.skipped++
	}
	t.wheel.Arm(int(s), deadline, t.agenda.Seq())
	return true
}

// Stop cancels the timer of an entity and reports whether there was one.
func (t *Timeouts[K, C]) Stop(h uint64, k *K) bool {
	s, ok := t.keys.Find(h, k)
	if !ok || int(s) == t.last {
		return false
	}
	t.wheel.Cancel(int(s))
	t.keys.DeleteSlot(s)
	return true
}

// Fire takes the earliest timer with deadline ≤ limit and writes its entity to k
// and what it captured to c. A repeating timer is armed again before Fire returns,
// so its handler may stop it. limit is the time that the clock advances to: of one
// repeating timer at most MaxFirings happen for one limit, then the rest is
// skipped and counted, and the timer is due at its first multiple after limit.
func (t *Timeouts[K, C]) Fire(limit int64, k *K, c *C) (deadline int64, ok bool) {
	t.free()
	slot, deadline, ok := t.wheel.Pop(limit)
	if !ok {
		return 0, false
	}
	key, v := t.keys.At(dleft.Slot(slot))
	*k, *c = *key, v.c
	next, skipped := v.next(deadline, limit)
	if v.period > 0 {
		t.skipped += skipped
		t.wheel.Arm(slot, next, t.agenda.Seq())
	} else {
		t.last = slot // its handler may arm it again; what it counted is then still there
	}
	return deadline, true
}

// free forgets a timer that fired and was not armed again.
func (t *Timeouts[K, C]) free() {
	if t.last < 0 {
		return
	}
	if _, isArmed := t.wheel.Deadline(t.last); !isArmed {
		t.keys.DeleteSlot(dleft.Slot(t.last))
	}
	t.last = -1
}

// Skipped returns the number of firings that were skipped in time jumps.
func (t *Timeouts[K, C]) Skipped() uint64 { return t.skipped }

// Len returns the number of armed timers.
func (t *Timeouts[K, C]) Len() int { return t.wheel.Len() }

// Range calls f for each armed timer, in the order of slots, until f returns
// false. f must not change the timers; k is valid during the call.
func (t *Timeouts[K, C]) Range(f func(k *K, deadline int64) bool) {
	for s := range t.keys.Used {
		if deadline, ok := t.wheel.Deadline(int(s)); ok {
			if k, _ := t.keys.At(s); !f(k, deadline) {
				return
			}
		}
	}
}

// Usage returns the fill; Bytes includes the wheel.
func (t *Timeouts[K, C]) Usage() flow.Usage {
	u := t.keys.Usage()
	u.Used = t.wheel.Len()
	u.Bytes += t.wheel.Bytes()
	return u
}
