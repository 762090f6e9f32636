package check

import (
	"maps"
	"slices"

	"github.com/streamon/streamon/lang/ast"
	"github.com/streamon/streamon/lang/diag"
)

// handlers checks every handler, in source order. A handler outside of any block
// is one of "in any".
func (c *checker) handlers() {
	for _, d := range c.p.File.Decls {
		switch d := d.(type) {
		case *ast.Handler:
			c.handler(d, nil)
		case *ast.InDecl:
			states, ok := c.inStates(d)
			for _, h := range d.Handlers {
				if ok {
					c.handler(h, states)
				}
			}
		case *ast.StateDecl:
			if s := c.states[d.Name.Name]; s != nil && s.Decl == d {
				for _, h := range d.Handlers {
					c.handler(h, []*State{s})
				}
			}
		}
	}
}

// inStates returns the states of an in block, nil for any.
func (c *checker) inStates(d *ast.InDecl) ([]*State, bool) {
	if d.Any {
		return nil, true
	}
	var states []*State
	good := true
	for _, id := range d.States {
		s := c.state(id)
		switch {
		case s == nil:
			good = false
		case slices.Contains(states, s):
			c.errorf(diag.DuplicateArgument, id, "state %q is named twice", id.Name)
		default:
			states = append(states, s)
		}
	}
	return states, good
}

// handler checks one handler once, whatever the number of its events and states,
// and then holds what it needs against each event.
func (c *checker) handler(d *ast.Handler, states []*State) {
	h := &Handler{Decl: d, States: states}
	broken := false
	for _, id := range d.Events {
		e := c.event(id)
		switch {
		case e == nil:
			broken = true
			continue
		case slices.Contains(h.Events, e):
			c.errorf(diag.DuplicateArgument, id, "event %q is named twice", id.Name)
			continue
		}
		e.handled = true
		h.Events = append(h.Events, e)
		if e.Entity == nil && states != nil && !e.broken {
			c.errorf(diag.NoEntity, id, "event %q has no entity, so no state either", e.Name).
				Hintf("handle it outside of states, or add: for entity = …").
				Note(e.Decl.Span(), "event %q is declared here", e.Name)
			broken = true
		}
	}
	needs := c.collect(func() { c.body(h) })
	if broken {
		return
	}
	for _, e := range h.Events {
		c.checkEvent(e, needs)
	}
	c.p.Handlers = append(c.p.Handlers, h)
	for i, e := range h.Events {
		if !slices.Contains(h.Events[:i], e) {
			e.handlers = append(e.handlers, h)
		}
	}
}

// event finds the event that an identifier names; nil after an error.
func (c *checker) event(id *ast.Ident) *Event {
	e := c.events[id.Name]
	if e == nil {
		if !c.bad[id.Name] {
			d := c.errorf(diag.UnknownEvent, id, "unknown event %q", id.Name)
			d.Suggest(nearest(id.Name, slices.Collect(maps.Keys(c.events))))
			if _, isState := c.states[id.Name]; isState {
				d.Hintf("%q is a state", id.Name)
			} else if id.Name == "timeout" || id.Name == "every" {
				d.Formf("name it: event NAME: %s …, and then: on NAME { … }", id.Name)
			} else if d.Hint == "" {
				d.Formf("declare it: event %s: packet where …", id.Name)
			}
		}
		return nil
	}
	c.info.Uses[id] = e
	return e
}

// The phases of a handler, in the order in which they run.
const (
	phaseOps = iota
	phaseConditions
	phaseThen
	phaseAlways
)

// touch is an operation on a metric, a bare read of it or a read of "state", in
// the order of the source within its phase.
type touch struct {
	phase  int
	arm    int      // of phaseConditions and phaseThen: index among the handler's
	metric *Metric  // nil = a read of state
	op     ast.Node // the operation; nil = a read
	read   need
}

// part runs f, which checks something in a phase, and notes which metrics it
// reads by their bare names.
func (c *checker) part(h *Handler, phase, arm int, f func()) {
	needs := c.collect(f)
	for _, n := range needs {
		if n.metric != nil || n.state {
			h.touches = append(h.touches, touch{phase: phase, arm: arm, metric: n.metric, read: n})
		}
	}
	c.needs = append(c.needs, needs...)
}

// body checks the statements of a handler.
func (c *checker) body(h *Handler) {
	arm := -1
	var otherwise *ast.Otherwise
	for _, s := range h.Decl.Body {
		switch s := s.(type) {
		case *ast.When:
			arm++
			if otherwise != nil {
				c.errorf(diag.OrderOfConditions, s, "a condition after otherwise is never looked at").
					Note(otherwise.Span(), "otherwise stands here")
			}
			c.part(h, phaseConditions, arm, func() { c.condition(s.Cond) })
			c.transition(h, s.To)
			c.actions(h, phaseThen, arm, s.Actions)
		case *ast.Otherwise:
			arm++
			if otherwise != nil {
				c.errorf(diag.OrderOfConditions, s, "a handler has one otherwise").Note(otherwise.Span(), "the first one is here")
			}
			otherwise = s
			c.transition(h, s.To)
			c.actions(h, phaseThen, arm, s.Actions)
		case *ast.Always:
			c.actions(h, phaseAlways, 0, s.Actions)
		case *ast.OpAction:
			c.operation(h, phaseOps, 0, s)
		case ast.Action:
			c.actions(h, phaseAlways, 0, []ast.Action{s})
		}
	}
}

// transition checks the target of a condition. Only an entity has a state.
func (c *checker) transition(h *Handler, to *ast.Ident) {
	if to == nil || c.state(to) == nil {
		return
	}
	c.need(need{kind: needState, span: to.Span(), name: "-> " + to.Name})
}

func (c *checker) actions(h *Handler, phase, arm int, list []ast.Action) {
	for _, a := range list {
		if op, ok := a.(*ast.OpAction); ok {
			c.operation(h, phase, arm, op)
			continue
		}
		c.part(h, phase, arm, func() { c.action(h, a) })
	}
}
