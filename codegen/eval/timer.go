package eval

import (
	"container/heap"

	"github.com/streamon/streamon/runtime/packet"
)

// timer is one armed timer: of a tick event, of a timeout event and an entity, or
// of an entity whose state has a duration.
type timer struct {
	kind     timerKind
	event    int    // tick, timeout: index of the event
	entity   int    // timeout, expiry: index of the declaration
	id       string // timeout, expiry: packed key
	key      []value
	captured map[string]value // timeout: what was kept of the packet

	deadline packet.Time
	seq      uint64 // order of arming
	period   int64  // > 0 repeats
	limit    packet.Time
	fired    int // firings in the advance to limit
	index    int // in the queue; -1 = not armed
}

type timerKind uint8

const (
	tickTimer timerKind = iota
	timeoutTimer
	expiryTimer
)

// queue is a heap of armed timers by deadline, then by order of arming.
type queue []*timer

func (q queue) Len() int { return len(q) }
func (q queue) Less(i, j int) bool {
	if q[i].deadline != q[j].deadline {
		return q[i].deadline < q[j].deadline
	}
	return q[i].seq < q[j].seq
}
func (q queue) Swap(i, j int) {
	q[i], q[j] = q[j], q[i]
	q[i].index, q[j].index = i, j
}
func (q *queue) Push(x any) {
	t := x.(*timer)
	t.index = len(*q)
	*q = append(*q, t)
}
func (q *queue) Pop() any {
	last := len(*q) - 1
	t := (*q)[last]
	*q, t.index = (*q)[:last], -1
	return t
}

// arm puts t into the queue; it must not be there.
func (m *machine) arm(t *timer, deadline packet.Time) {
	m.seq++
	t.seq, t.deadline = m.seq, deadline
	heap.Push(&m.timers, t)
}

// cancel takes t out of the queue if it is there.
func (m *machine) cancel(t *timer) {
	if t != nil && t.index >= 0 {
		heap.Remove(&m.timers, t.index)
	}
}

// maxFirings is how often one repeating timer fires in one advance of the clock.
const maxFirings = 1000

// rearm arms a repeating timer that fires now while the clock advances to limit.
// After maxFirings firings those up to limit are left out and counted.
func (m *machine) rearm(t *timer, limit packet.Time) {
	if t.limit != limit {
		t.limit, t.fired = limit, 0
	}
	t.fired++
	next := t.deadline + packet.Time(t.period)
	if t.fired >= maxFirings && next <= limit {
		n := int64(limit-next)/t.period + 1
		next += packet.Time(n * t.period)
		m.stats.Skipped += uint64(n)
	}
	m.arm(t, next)
}

// advance moves packet time to limit, firing what is due on the way. While a timer
// fires, time is its deadline.
func (m *machine) advance(limit packet.Time) {
	for len(m.timers) > 0 && m.timers[0].deadline <= limit {
		t := heap.Pop(&m.timers).(*timer)
		m.now = max(m.now, t.deadline)
		m.fire(t, limit)
	}
	m.now = max(m.now, limit)
}

// fire runs what t stands for. A repeating timer is armed again before its handler
// runs, so that the handler can stop it.
func (m *machine) fire(t *timer, limit packet.Time) {
	if t.period > 0 {
		m.rearm(t, limit)
	} else if t.kind == timeoutTimer {
		delete(m.timeouts[t.event], t.id)
	}
	switch t.kind {
	case expiryTimer:
		from := m.entities[t.entity][t.id].state
		m.move(t.entity, t.id, t.key, m.p.States[from].Next)
	case timeoutTimer:
		m.run(&context{m: m, index: t.event, event: m.p.Events[t.event], id: t.id, key: t.key, captured: t.captured})
	case tickTimer:
		m.run(&context{m: m, index: t.event, event: m.p.Events[t.event]})
	}
}

// start arms the timer of an entity for a timeout event, or arms it anew.
func (m *machine) start(event int, id string, key []value, captured map[string]value, after int64, every bool) {
	if after < 0 || every && after == 0 {
		return
	}
	m.stop(event, id)
	t := &timer{kind: timeoutTimer, event: event, entity: m.p.Events[event].Entity, id: id, key: key, captured: captured}
	if every {
		t.period = after
	}
	m.timeouts[event][id] = t
	m.arm(t, m.now+packet.Time(after))
}

func (m *machine) stop(event int, id string) {
	m.cancel(m.timeouts[event][id])
	delete(m.timeouts[event], id)
}
