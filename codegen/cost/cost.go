package cost

import (
	"github.com/streamon/streamon/codegen/gogen"
	"github.com/streamon/streamon/codegen/ir"
)

// Memory is the bytes of a program's structures, by the number of what they belong to; 0
// where there is none.
type Memory struct {
	Detectors, Monitors []int64 // by metric
	Tables              []int64
	States              []int64 // by entity
	Timers              []int64 // by event
}

// NS is an estimate in nanoseconds.
type NS struct {
	// Usual is what an event costs mostly: its entity is in the default state, or in the
	// first one that handles the event, distinct keys were seen before, no condition holds.
	// Half of the keys were met a moment ago, so that what they touch is in the caches of
	// the core; half lie anywhere in the memory. Traffic is like that: few flows have most
	// packets.
	Usual float64
	// Low and High are the cheapest and the dearest case: the state with the shortest
	// handler, with all that it touches in the caches of the core; and that with the
	// longest, every key new, the dearest condition true, the keys spread over all of the
	// memory.
	Low, High float64
}

// Event is what an event costs.
type Event struct {
	Name string
	Kind ir.EventKind

	// Each is, of a packet event, for each packet if this event happens for every one,
	// without decoding; of others, each time that it happens.
	Each NS

	Layers []string // that a packet of the event has for sure; "tcp", "dns"
	Decode float64  // of such a packet: ns
}

// Estimate is what a program costs.
type Estimate struct {
	Reject Rejected
	Events []Event
}

// Rejected is what a packet costs that no event is for, without decoding: one that lacks
// the layers that events ask for, and one that fails the last test of each.
type Rejected struct{ Low, High float64 }

// Of estimates what a program costs, with the costs of a table. The program has been
// through all passes.
func Of(t *Table, p *ir.Program, m Memory) Estimate {
	e := estimator{t: t, p: p, m: m, columnar: gogen.Columnar(p)}
	var out Estimate
	first, all := t.at(perPacket, 0), t.at(perPacket, 0)
	for _, event := range p.Events {
		if event.Kind == ir.PacketEvent {
			first += e.layerTest(event)
			all += e.selector(event)
		}
	}
	out.Reject = Rejected{first, all}
	for i, event := range p.Events {
		x := Event{Name: event.Name, Kind: event.Kind, Each: e.event(i)}
		if event.Kind == ir.PacketEvent {
			others := first - e.layerTest(event) + e.selector(event)
			x.Each = x.Each.plus(others, others, all)
			x.Layers = layersOf(event)
			x.Decode = e.decode(x.Layers)
		}
		out.Events = append(out.Events, x)
	}
	return out
}

func (n NS) plus(usual, low, high float64) NS { return NS{n.Usual + usual, n.Low + low, n.High + high} }

// estimator is what an estimate is made with.
type estimator struct {
	t        *Table
	p        *ir.Program
	m        Memory
	columnar []bool
}

// situation is under what an operation happens.
type situation struct {
	event *ir.Event
	bytes int64 // of all that the event touches
	fresh bool  // distinct keys were not seen before
	taken bool  // the dearest condition holds
}

// event is what the handlers of an event cost.
func (e *estimator) event(i int) NS {
	event := e.p.Events[i]
	spread := situation{event: event, bytes: e.touched(i)}
	near := spread
	near.bytes = min(near.bytes, e.t.inner())
	worst := spread
	worst.fresh, worst.taken = true, true
	base := func(s situation) float64 { return e.arrival(i, s) + e.keys(i) }
	mean := func(f func(s situation) float64) float64 { return (f(near) + f(spread)) / 2 }
	out := NS{mean(base), base(near), base(worst)}
	if event.Entity < 0 {
		for _, h := range event.Handlers {
			body := func(s situation) float64 { return e.body(h.Body, s) }
			out = out.plus(mean(body), body(near), body(worst))
		}
		return out
	}
	usual, low, high := -1.0, -1.0, 0.0
	for state := range e.p.States {
		h := handlerIn(event, state)
		in := func(s situation) float64 { return e.state(h, state, s) }
		if usual < 0 && (h != nil || state == len(e.p.States)-1) {
			usual = mean(in)
		}
		if l := in(near); low < 0 || l < low {
			low = l
		}
		high = max(high, in(worst))
	}
	return out.plus(usual, low, high)
}

// handlerIn is the handler of an event in a state, nil if it is ignored there.
func handlerIn(e *ir.Event, state int) *ir.Handler {
	for _, h := range e.Handlers {
		for _, s := range h.States {
			if s == state {
				return h
			}
		}
	}
	return nil
}

// state is the look-up of an entity's state and what is done in it.
func (e *estimator) state(h *ir.Handler, state int, s situation) float64 {
	name := "state/default"
	if state > 0 {
		name = "state/other"
	}
	ns := e.t.at(name, s.bytes)
	if h != nil {
		ns += e.body(h.Body, s)
	}
	return ns
}

// arrival is what brings the event to its handler.
func (e *estimator) arrival(i int, s situation) float64 {
	switch e.p.Events[i].Kind {
	case ir.TimeoutEvent:
		return e.t.at(perTimer, 0) + e.t.at("timer/fire", s.bytes)
	case ir.TickEvent:
		return e.t.at(perTick, 0)
	}
	return e.t.at(perEvent, 0)
}

// body is what a body costs: its operations, the conditions until one holds, and, if one
// is to hold, the dearest of their actions.
func (e *estimator) body(b *ir.Body, s situation) float64 {
	ns := e.stmts(b.Ops, s) + e.stmts(b.Always, s)
	actions := 0.0
	for _, a := range b.Arms {
		ns += e.stmts(a.Pre, s) + e.expr(a.If, s)
		if then := e.arm(a, s); a.If == nil && !s.taken {
			actions = then
		} else if s.taken {
			actions = max(actions, then)
		}
	}
	return ns + actions
}

// arm is what follows when a condition holds.
func (e *estimator) arm(a *ir.Arm, s situation) float64 {
	ns := e.stmts(a.Then, s)
	for _, st := range a.Then {
		if _, ok := st.(*ir.Alert); ok { // shows what the condition read
			ns += float64(len(a.Reads)) * e.t.at(value, 0)
		}
	}
	if a.To >= 0 {
		ns += e.t.at("state/move", s.bytes)
	}
	return ns
}

// touched is the bytes of all structures that an event's handlers work on.
func (e *estimator) touched(i int) (bytes int64) {
	event := e.p.Events[i]
	if event.Entity >= 0 {
		bytes += e.m.States[event.Entity]
	}
	metrics, tables, timers := map[int]bool{}, map[int]bool{}, map[int]bool{}
	if event.Kind == ir.TimeoutEvent {
		timers[i] = true
	}
	for _, h := range event.Handlers {
		h.Body.Stmts(func(st ir.Stmt) {
			switch st := st.(type) {
			case *ir.Set:
				metrics[st.Metric] = true
			case *ir.Get:
				metrics[st.Metric] = true
			case *ir.Reset:
				metrics[st.Metric] = true
			case *ir.Load:
				tables[st.Table] = true
			case *ir.Has:
				tables[st.Table] = true
			case *ir.Store:
				tables[st.Table] = true
			case *ir.Delete:
				tables[st.Table] = true
			}
		})
	}
	for m := range metrics {
		bytes += e.m.Detectors[m] + e.m.Monitors[m]
	}
	for t := range tables {
		bytes += e.m.Tables[t]
	}
	for t := range timers {
		bytes += e.m.Timers[t]
	}
	return bytes
}
