package eval

import (
	"slices"

	"github.com/streamon/streamon/codegen/ir"
	"github.com/streamon/streamon/runtime/packet"
	"github.com/streamon/streamon/runtime/program"
)

// context is what a handler runs in: one event, its entity, its packet.
type context struct {
	m        *machine
	index    int // of the event
	event    *ir.Event
	packet   *packet.Packet   // nil in timeouts and ticks
	captured map[string]value // timeouts: fields of the packet that armed the timer
	verdict  *program.Verdict // of the packet; nil without one
	id       string           // packed key of the entity
	key      []value
	from, to int // states for output
	locals   []value
	reads    []ir.NamedValue // of the arm whose actions run

	// For the observer.
	watched bool
	expires int   // where a state expires: the entity
	result  value // of the last operation
	updated bool  // the last set changed its monitor
}

// matches decides whether a packet event happens and binds its entity.
func (c *context) matches() bool {
	if c.event.Where != nil && !c.eval(c.event.Where).holds() {
		if c.m.observer != nil {
			c.m.observer.Missed(Frame{c})
		}
		return false
	}
	return c.event.Entity < 0 || c.bind()
}

// bind finds the entity; false if a part of its key is undefined.
func (c *context) bind() bool {
	c.key = c.evalAll(c.event.Bind)
	if c.event.Sorted {
		first, _ := keyOf(c.key[:1])
		second, _ := keyOf(c.key[1:])
		if second < first {
			c.key[0], c.key[1] = c.key[1], c.key[0]
		}
	}
	var ok bool
	c.id, ok = keyOf(c.key)
	return ok
}

func (c *context) evalAll(list []ir.Expr) []value {
	values := make([]value, len(list))
	for i, x := range list {
		values[i] = c.eval(x)
	}
	return values
}

// run handles an event that has happened: it finds the body for the state of the
// entity and runs it.
func (m *machine) run(c *context) {
	m.stats.Events[c.index]++
	state := 0
	if c.event.Entity >= 0 {
		state = m.look(c.event.Entity, c.id, c.key)
	}
	for _, h := range c.event.Handlers {
		if c.event.Entity < 0 || slices.Contains(h.States, state) {
			c.from, c.to = state, state
			if m.observer != nil {
				c.watched = m.observer.Begin(Frame{c}, h.Body)
				defer m.observer.End(Frame{c})
			}
			c.body(h.Body)
			return
		}
	}
	if m.observer != nil {
		m.observer.Begin(Frame{c}, nil)
		m.observer.End(Frame{c})
	}
}

// body runs operations, then the first arm that holds, then what is always done.
func (c *context) body(b *ir.Body) {
	c.locals = make([]value, len(b.Locals))
	c.stmts(b.Ops)
	for _, a := range b.Arms {
		c.stmts(a.Pre)
		holds := a.If == nil || c.eval(a.If).holds()
		if c.watched {
			c.m.observer.Tested(Frame{c}, a, holds)
		}
		if !holds {
			continue
		}
		if a.To >= 0 {
			c.to = a.To
		}
		c.reads = a.Reads
		c.stmts(a.Then)
		c.reads = nil
		if a.To >= 0 {
			c.m.move(c.event.Entity, c.id, c.key, a.To)
		}
		break
	}
	c.stmts(b.Always)
}

func (c *context) stmts(list []ir.Stmt) {
	for _, s := range list {
		c.stmt(s)
		if c.watched {
			c.m.observer.Did(Frame{c}, s)
		}
	}
}

func (c *context) stmt(s ir.Stmt) {
	switch s := s.(type) {
	case *ir.Let:
		c.assign(s.Dst, c.eval(s.X))
	case *ir.Set:
		c.assign(s.Dst, c.set(s))
	case *ir.Get:
		c.assign(s.Dst, c.get(s))
	case *ir.Reset:
		c.reset(s)
	case *ir.Load:
		v := undefined
		if key, ok := keyOf(c.evalAll(s.Key)); ok {
			v = c.m.tables[s.Table][key].value
		}
		c.assign(s.Dst, v)
	case *ir.Has:
		key, ok := keyOf(c.evalAll(s.Key))
		if ok {
			_, ok = c.m.tables[s.Table][key]
		}
		c.assign(s.Dst, boolean(ok))
	case *ir.Store:
		c.store(s.Table, s.Key, c.eval(s.X))
	case *ir.Delete:
		if s.Key == nil {
			clear(c.m.tables[s.Table])
			return
		}
		c.store(s.Table, s.Key, undefined)
	case *ir.Start:
		if after := c.eval(s.After); after.isDefined() {
			captured := c.capture(s.Event)
			if old := c.m.timeouts[s.Event][c.id]; s.Keep && old != nil {
				captured = old.captured
			}
			c.m.start(s.Event, c.id, c.key, captured, after.i, s.Every)
		}
	case *ir.Stop:
		c.m.stop(s.Event, c.id)
	case *ir.Drop:
		c.decide(program.Drop, &c.m.stats.Verdicts.Drop)
	case *ir.Capture:
		c.decide(program.Capture, &c.m.stats.Verdicts.Capture)
	default:
		c.emit(s)
	}
}

func (c *context) assign(l *ir.Local, v value) {
	c.result = v
	if l != nil {
		c.locals[l.ID] = v
	}
}

// decide sets a bit of the packet's verdict and counts the packet once.
func (c *context) decide(v program.Verdict, counter *uint64) {
	if *c.verdict&v == 0 {
		*counter++
	}
	*c.verdict |= v
}

// set updates a metric: with a detector, only if the distinct key was not seen.
func (c *context) set(s *ir.Set) value {
	c.updated = false
	amount := value{t: amountType, i: 1}
	if s.By != nil {
		amount = c.eval(s.By)
	}
	parts := c.evalAll(s.Key)
	key, ok := keyOf(parts)
	distinct, ok2 := keyOf(c.evalAll(s.Distinct))
	if !ok || !ok2 || !amount.isDefined() {
		return undefined
	}
	m := c.m.metrics[s.Metric]
	if m.seen != nil {
		seen := m.seen.set(distinct, c.m.now)
		c.updated = !seen
		switch {
		case m.monitor == nil:
			return integer(amountType, program.BoolInt(seen))
		case seen:
			return m.monitor.get(key, c.m.now)
		}
	}
	c.updated = true
	return m.monitor.add(key, parts, distinct, amount, c.m.now)
}

// get reads a metric: the monitor, or the detector if there is nothing else.
func (c *context) get(s *ir.Get) value {
	key, ok := keyOf(c.evalAll(s.Key))
	distinct, ok2 := keyOf(c.evalAll(s.Distinct))
	if !ok || !ok2 {
		return undefined
	}
	m := c.m.metrics[s.Metric]
	if m.monitor == nil {
		return integer(amountType, program.BoolInt(m.seen.get(distinct, c.m.now)))
	}
	return m.monitor.get(key, c.m.now)
}

func (c *context) reset(s *ir.Reset) {
	m := c.m.metrics[s.Metric]
	if s.Key == nil {
		if m.seen != nil {
			m.seen.clear()
		}
		if m.monitor != nil {
			m.monitor.clear()
		}
		return
	}
	if key, ok := keyOf(c.evalAll(s.Key)); ok && m.monitor != nil {
		m.monitor.reset(key)
	}
}

// store writes a table entry; an undefined value deletes it.
func (c *context) store(table int, keys []ir.Expr, v value) {
	parts := c.evalAll(keys)
	key, ok := keyOf(parts)
	if !ok {
		return
	}
	if !v.isDefined() {
		delete(c.m.tables[table], key)
		return
	}
	c.m.tables[table][key] = row{parts, v}
}

// capture returns what the handlers of a timeout event, and of timers that they
// start, will read of this packet, or of the one that began the chain.
func (c *context) capture(event int) map[string]value {
	kept := map[string]value{}
	for _, name := range c.m.captures[event] {
		if _, isLayer := layers[name]; isLayer {
			kept[name] = c.layer(name)
		} else {
			kept[name] = c.field(name)
		}
	}
	return kept
}
