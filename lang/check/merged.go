package check

import (
	"fmt"

	"github.com/streamon/streamon/lang/ast"
	"github.com/streamon/streamon/lang/diag"
)

// merged looks at what can only be seen when all handlers of an event in a state
// are taken together, as they run: whether a metric that is read by its bare name
// was set or got before, and whether a condition is ever looked at.
func (c *checker) merged() {
	for _, e := range c.p.Events {
		switch {
		case e.broken:
		case e.Entity == nil:
			c.merge(e, nil)
		default:
			for _, s := range c.p.States {
				c.merge(e, s)
			}
		}
	}
}

func (c *checker) merge(e *Event, s *State) {
	list := c.p.HandlersOf(e, s)
	if len(list) == 0 {
		return
	}
	c.shadowed(list)
	m := merger{c: c, where: fmt.Sprintf("event %q", e.Name), touched: map[*Metric]bool{}, later: map[*Metric]ast.Node{}}
	if s != nil && len(c.p.States) > 1 {
		m.where += fmt.Sprintf(" in state %q", s.Name)
	}
	for phase := phaseOps; phase <= phaseAlways; phase++ {
		for _, h := range list {
			m.handler(h, phase)
		}
	}
}

// shadowed warns of conditions that stand after the otherwise of an earlier
// handler of the same event and state.
func (c *checker) shadowed(list []*Handler) {
	var otherwise ast.Node
	for _, h := range list {
		before := otherwise
		for _, st := range h.Decl.Body {
			switch st := st.(type) {
			case *ast.When:
				if before != nil && c.once(st.Span(), "shadowed") {
					c.warnf(diag.AlwaysTrue, st, "this condition is never looked at: an otherwise comes before it").
						Note(before.Span(), "handlers of one event and state run as one, in this order")
				}
			case *ast.Otherwise:
				if before != nil && c.once(st.Span(), "shadowed") {
					c.warnf(diag.AlwaysTrue, st, "this is never looked at: another otherwise comes before it").
						Note(before.Span(), "handlers of one event and state run as one, in this order")
				}
				otherwise = st
			}
		}
	}
}

// merger follows the metrics through the phases of a merged handler.
type merger struct {
	c       *checker
	where   string
	touched map[*Metric]bool     // by the operations that always ran
	later   map[*Metric]ast.Node // by an operation among the actions of a condition
	always  map[*Metric]bool     // by an operation of an always block
	leaves  bool                 // a condition has a transition
}

// handler goes through the touches of one phase.
func (m *merger) handler(h *Handler, phase int) {
	if phase == phaseConditions {
		m.transitions(h)
	}
	arm, inArm := -1, map[*Metric]bool{}
	for _, t := range h.touches {
		if t.phase != phase {
			continue
		}
		if t.phase == phaseThen && t.arm != arm {
			arm, inArm = t.arm, map[*Metric]bool{}
		}
		switch {
		case t.metric == nil:
			m.stateRead(t, phase)
		case t.op == nil:
			m.read(t, phase, inArm)
		case phase == phaseOps:
			m.touched[t.metric] = true
		case phase == phaseThen:
			inArm[t.metric] = true
			m.later[t.metric] = t.op
		case phase == phaseAlways:
			if m.always == nil {
				m.always = map[*Metric]bool{}
			}
			m.always[t.metric] = true
		}
	}
}

// transitions notes whether a condition leaves the state.
func (m *merger) transitions(h *Handler) {
	for _, s := range h.Decl.Body {
		switch s := s.(type) {
		case *ast.When:
			m.leaves = m.leaves || s.To != nil
		case *ast.Otherwise:
			m.leaves = m.leaves || s.To != nil
		}
	}
}

// stateRead refuses {state} in always after a transition that may or may not
// have been made.
func (m *merger) stateRead(t touch, phase int) {
	if phase != phaseAlways || !m.leaves || !m.c.once(t.read.span, "state") {
		return
	}
	m.c.diags.Errorf(diag.Misplaced, t.read.span, "%q is not known in always: a condition of this handler changes it", t.read.said()).
		Hintf("use it among the actions of the condition")
}

// read checks a bare read of a metric.
func (m *merger) read(t touch, phase int, inArm map[*Metric]bool) {
	x := t.metric
	if inArm[x] || phase == phaseAlways && m.always[x] {
		return
	}
	if op := m.later[x]; op != nil && phase == phaseAlways {
		if m.c.once(t.read.span, "later") {
			t.read.explain(m.c.diags.Errorf(diag.Misplaced, t.read.span,
				"%q has one value if a condition held and another if not", t.read.said())).
				Hintf("get %s first, in this block", x.Name).
				Note(op.Span(), "the last operation on metric %q may be this one", x.Name)
		}
		return
	}
	if m.touched[x] || x.ReadsAlone() || !x.Used() {
		return
	}
	if m.c.once(t.read.span, "untouched") {
		t.read.explain(m.c.diags.Warnf(diag.Untouched, t.read.span,
			"%q is undefined here: %s neither sets nor gets metric %q", t.read.said(), m.where, x.Name)).
			Hintf("add: get %s", x.Name)
	}
}
