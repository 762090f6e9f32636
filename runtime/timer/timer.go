// Package timer keeps timers in packet time.
//
// It owns when a timer is due and in which order timers fire: by deadline, then
// by the order in which they were armed. What a timer means is the business of
// package xfsm. Time is int64 nanoseconds and always an argument.
//
// A [Wheel] holds the timers of one kind, each in a numbered slot. An [Agenda]
// joins the wheels of one program instance: it hands out arming sequence numbers
// and answers with one load whether anything is due.
//
//	if a.Earliest() <= now {
//		for {
//			i, deadline, ok := a.Next(now)
//			if !ok { break }
//			… take it from wheel i with Pop(now), run it at deadline …
//		}
//	}
package timer

import "math"

// Never is the deadline that is never reached: a timer armed for it is not due even
// at that time. Deadlines that saturate end here.
const Never = math.MaxInt64

// Clock is the packet time of one program instance: what now and elapsed read. A
// generation hands it to the next one. The zero Clock has not started.
type Clock struct {
	Started    bool
	First, Now int64 // time of the program's first packet, and of the newest
}

// Agenda joins the wheels of one instance. The zero Agenda has none. One writer.
type Agenda struct {
	earliest int64 // no timer is due before
	seq      uint64
	fired    uint64 // seq of the timer that Next found last
	since    int64  // when that was armed, if another timer's handler armed it; else 0
	at       int64  // deadline of the timer that fires now, 0 while packets are handled
	root     uint32 // of timers that are armed now: where the chain began
	wheels   []*Wheel
}

// Attach adds w and returns the index that Next gives it: 0, 1, … From now on w
// reports to a and no longer to the agenda it was attached to before.
func (a *Agenda) Attach(w *Wheel) int {
	w.agenda = a
	a.wheels = append(a.wheels, w)
	a.seq = max(a.seq, w.maxSeq)
	a.earliest = min(a.earliest, w.Earliest())
	return len(a.wheels) - 1
}

// Seq returns the next arming sequence number.
func (a *Agenda) Seq() uint64 {
	a.seq++
	return a.seq
}

// Number says at which event of which packet timers are armed from now on: packets are
// counted from 0, events from 1, and 0 is what fires before the packet. Instances that
// share the work of one program so number their timers alike.
func (a *Agenda) Number(packet uint64, event int) {
	a.seq = max(a.seq, packet<<24|uint64(event)<<16)
	a.root, a.at = uint32(packet)<<6|uint32(event)&63, 0
}

// Fired returns what decides between the timer that Next found last and one of another
// instance that is due at the same time: where it was armed and, if another timer's
// handler armed it, when, and where the chain of these began. The upper half of seq
// counts first, then armed, then the lower half. Numbers start anew after 2^31 packets,
// of chains after 2^26.
func (a *Agenda) Fired() (seq uint64, armed int64) {
	packet, rest := a.fired>>24<<33, a.fired&(1<<24-1)
	if rest >= 1<<16 {
		return packet | 1<<32 | rest, 0
	}
	return packet | uint64(a.root), a.since
}

// Earliest returns a time before which no timer is due: one load, for the check
// on every packet. It may be too early, never too late; Next corrects it.
func (a *Agenda) Earliest() int64 { return a.earliest }

// Next returns the wheel that holds the earliest timer with deadline ≤ limit, and
// that deadline. The timer stays armed: the caller takes it with that wheel's
// Pop(limit). Calls go on until ok is false.
func (a *Agenda) Next(limit int64) (wheel int, deadline int64, ok bool) {
	var seq uint64
	var root uint32
	var armed int64
	for i, w := range a.wheels {
		slot := w.due(limit)
		if slot < 0 {
			continue
		}
		if n := &w.nodes[slot]; !ok || n.deadline < deadline || n.deadline == deadline && n.seq < seq {
			wheel, deadline, seq, root, armed, ok = i, n.deadline, n.seq, n.root, n.armed, true
		}
	}
	if ok {
		a.fired, a.since, a.root, a.at = seq, armed, root, deadline
	} else {
		a.earliest = Never
		for _, w := range a.wheels {
			a.earliest = min(a.earliest, w.Earliest())
		}
	}
	return wheel, deadline, ok
}
