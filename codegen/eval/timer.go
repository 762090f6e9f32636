package eval

import (
	"container/heap"

	"github.com/streamon/streamon/runtime/packet"
	"github.com/streamon/streamon/runtime/program"
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
	index    int    // in the queue; -1 = not armed
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

// maxFirings is how often one timer fires in one advance of the clock.
const maxFirings = 1000

// owner says whose timer it is, for counting firings: an event or a state, and the
// entity.
type owner struct {
	kind  timerKind
	index int // of the event or the entity
	id    string
}

func (t *timer) owner() owner {
	if t.kind == expiryTimer {
		return owner{t.kind, t.entity, t.id}
	}
	return owner{t.kind, t.event, t.id}
}

// count counts a firing in the advance to limit.
func (m *machine) count(t *timer, limit packet.Time) {
	if m.limit != limit {
		m.limit = limit
		clear(m.fired)
	}
	m.fired[t.owner()]++
}

// rearm arms a repeating timer that fires now while the clock advances to limit.
// After maxFirings firings those up to limit are left out and counted.
func (m *machine) rearm(t *timer, limit packet.Time) {
	next := later(t.deadline, t.period)
	if m.fired[t.owner()] >= maxFirings && next <= limit {
		n := int64(limit-next)/t.period + 1
		next = later(next, program.Mul(n, t.period))
		m.stats.Skipped += uint64(n)
	}
	m.arm(t, next)
}

// putOff returns the deadline of a timer that is armed anew. One that fired
// maxFirings times in this advance of the clock, and would fire again in it, waits
// until just after: otherwise timers that start each other without delay, or states
// without duration that follow each other in a circle, would never end.
func (m *machine) putOff(t *timer, deadline packet.Time) (at packet.Time, isPutOff bool) {
	if m.fired[t.owner()] >= maxFirings && deadline <= m.limit {
		return m.limit + 1, true
	}
	return deadline, false
}

// later is t + d, at most the end of time.
func later(t packet.Time, d int64) packet.Time { return packet.Time(program.Add(int64(t), d)) }

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
	m.count(t, limit)
	if t.period > 0 {
		m.rearm(t, limit)
	} else if t.kind == timeoutTimer {
		delete(m.timeouts[t.event], t.id)
	}
	switch t.kind {
	case expiryTimer:
		from := m.entities[t.entity][t.id].state
		to := m.p.States[from].Next
		m.move(t.entity, t.id, t.key, to)
		m.expired(t.entity, t.id, t.key, from, to)
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
	m.cancel(m.timeouts[event][id])
	t := &timer{kind: timeoutTimer, event: event, entity: m.p.Events[event].Entity, id: id, key: key, captured: captured}
	if every {
		t.period = after
	}
	m.timeouts[event][id] = t
	deadline, isPutOff := m.putOff(t, later(m.now, after))
	if isPutOff {
		m.stats.Skipped++
	}
	m.arm(t, deadline)
}

// stop cancels the timer of an entity; what it counted is forgotten.
func (m *machine) stop(event int, id string) {
	if t := m.timeouts[event][id]; t != nil {
		m.cancel(t)
		delete(m.timeouts[event], id)
		delete(m.fired, t.owner())
	}
}
