package xfsm

import (
	"github.com/streamon/streamon/runtime/flow"
	"github.com/streamon/streamon/runtime/timer"
)

// Timeouts holds the armed timers of one timeout event, at most one for each
// entity. C holds what the event's handlers read of the packet that armed the
// timer; it must be a type that every generation has in common: an unnamed struct
// of exported fields, or struct{}. One writer; no allocation after NewTimeouts.
type Timeouts[K comparable, C any] struct {
	_ K
	_ C
}

// NewTimeouts returns room for the timers of capacity entities.
func NewTimeouts[K comparable, C any](capacity int, full Policy) *Timeouts[K, C] { panic("TODO") }

// Bind attaches the timers to a and returns their index there. Called from
// Activate, once.
func (t *Timeouts[K, C]) Bind(a *timer.Agenda) int { panic("TODO") }

// Start arms the timer of an entity, or arms it anew with what c captured now.
// period > 0 repeats it; 0 does not. It returns false if there is no room and new
// keys are refused.
func (t *Timeouts[K, C]) Start(h uint64, k *K, deadline, period int64, c *C) bool { panic("TODO") }

// Stop cancels the timer of an entity and reports whether there was one.
func (t *Timeouts[K, C]) Stop(h uint64, k *K) bool { panic("TODO") }

// Fire takes the earliest timer with deadline ≤ limit and writes its entity to k
// and what it captured to c. A repeating timer is armed again before Fire returns,
// so that its handler may stop it. limit is the time that the clock advances to:
// of one repeating timer, at most 1000 firings happen for one limit, the rest is
// skipped and counted.
func (t *Timeouts[K, C]) Fire(limit int64, k *K, c *C) (deadline int64, ok bool) { panic("TODO") }

// Skipped returns the number of firings that were skipped in time jumps.
func (t *Timeouts[K, C]) Skipped() uint64 { panic("TODO") }

// Range calls f for each armed timer, until f returns false.
func (t *Timeouts[K, C]) Range(f func(k *K, deadline int64) bool) { panic("TODO") }

// Usage returns the fill.
func (t *Timeouts[K, C]) Usage() flow.Usage { panic("TODO") }
