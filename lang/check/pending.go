package check

import (
	"github.com/streamon/streamon/lang/ast"
	"github.com/streamon/streamon/lang/diag"
)

// pending warns of timeouts that are started where no state that can follow handles
// them, and of states that handle a timeout which cannot run there. It takes every
// condition to be possible, and a timer to survive every transition.
func (c *checker) pending(next map[*State]map[*State]bool, reachable map[*State]bool) {
	for _, e := range c.p.Events {
		if e.Kind != TimeoutEvent || !e.started || !e.handled {
			continue // which was said
		}
		anywhere := map[*State]bool{}
		for _, s := range c.starts(e) {
			from := map[*State]bool{}
			for _, state := range s.states {
				if !from[state] {
					c.follow(state, next, from)
				}
			}
			handled := false
			for state := range from {
				anywhere[state] = true
				handled = handled || len(c.p.HandlersOf(e, state)) > 0
			}
			if !handled {
				c.warnf(diag.UnhandledTimer, s.action, "timeout %q is handled in no state that can follow", e.Name).
					Hintf("add to the state: on %s { … }", e.Name)
			}
		}
		c.idle(e, anywhere, reachable)
	}
}

// idle warns of handlers of a timeout in states in which it never runs.
func (c *checker) idle(e *Event, running, reachable map[*State]bool) {
	for _, h := range c.p.Handlers {
		if h.States == nil {
			continue
		}
		some := false
		for _, s := range h.States {
			some = some || running[s] || !reachable[s]
		}
		for i, on := range h.Events {
			if on == e && !some {
				c.warnf(diag.NeverStarted, h.Decl.Events[i], "timeout %q never runs in state %q", e.Name, h.States[0].Name).
					Hintf("nothing starts it before this state")
			}
		}
	}
}

// start is an action that starts a timeout, with the states that the entity can be
// in afterwards.
type start struct {
	action *ast.StartAction
	states []*State
}

// starts returns the actions that start a timeout.
func (c *checker) starts(e *Event) (list []start) {
	for _, h := range c.p.Handlers {
		here := h.States
		if here == nil {
			here = c.p.States
		}
		add := func(actions []ast.Action, to *ast.Ident) {
			for _, a := range actions {
				s, ok := a.(*ast.StartAction)
				if !ok || c.info.Uses[s.Event] != Object(e) {
					continue
				}
				states := here
				if to != nil {
					states = []*State{c.states[to.Name]}
				}
				list = append(list, start{s, states})
			}
		}
		for _, s := range h.Decl.Body {
			switch s := s.(type) {
			case *ast.When:
				add(s.Actions, s.To)
			case *ast.Otherwise:
				add(s.Actions, s.To)
			case *ast.Always:
				add(s.Actions, nil)
			case ast.Action:
				add([]ast.Action{s}, nil)
			}
		}
	}
	return list
}
