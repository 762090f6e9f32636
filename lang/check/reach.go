package check

import (
	"fmt"

	"github.com/streamon/streamon/lang/ast"
	"github.com/streamon/streamon/lang/diag"
)

// reach warns of states that nothing leads to and of states that, once entered,
// are never left: entities pile up there. It takes every condition to be possible.
func (c *checker) reach() {
	next := c.nextStates()
	reached := map[*State]bool{}
	c.follow(c.p.States[0], next, reached)
	c.pending(next, reached)
	for _, s := range c.p.States {
		if s.Decl == nil || s.Index == 0 {
			continue
		}
		if !reached[s] {
			d := c.warnf(diag.UnreachableState, s.Decl.Name, "state %q is never entered: no transition leads to it", s.Name).
				Formf("add to a handler: when … -> %s", s.Name)
			for _, from := range c.p.States {
				if from != s && next[from][s] {
					d.Message = fmt.Sprintf("state %q is never entered: nor is state %q, from which a transition leads to it", s.Name, from.Name)
					d.Hint = ""
					break
				}
			}
			continue
		}
		delete(next[s], s)
		if len(next[s]) == 0 {
			c.warnf(diag.NoExit, s.Decl.Name, "state %q is never left", s.Name).
				Hintf("add a duration: state %s for 1h then %s", s.Name, c.p.States[0].Name)
		}
	}
}

// nextStates returns the states that can follow each state.
func (c *checker) nextStates() map[*State]map[*State]bool {
	next := map[*State]map[*State]bool{}
	for _, s := range c.p.States {
		next[s] = map[*State]bool{}
		if s.Next != nil {
			next[s][s.Next] = true
		}
	}
	for _, h := range c.p.Handlers {
		for _, st := range h.Decl.Body {
			var to *ast.Ident
			switch st := st.(type) {
			case *ast.When:
				to = st.To
			case *ast.Otherwise:
				to = st.To
			}
			if to == nil {
				continue
			}
			for _, s := range c.p.States {
				if h.InState(s) {
					next[s][c.states[to.Name]] = true
				}
			}
		}
	}
	return next
}

// follow marks the states that can be reached from s. The depth is at most the
// number of states; it uses a list, not recursion, for that can be large.
func (c *checker) follow(s *State, next map[*State]map[*State]bool, reached map[*State]bool) {
	todo := []*State{s}
	reached[s] = true
	for len(todo) > 0 {
		s = todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		for n := range next[s] {
			if !reached[n] {
				reached[n] = true
				todo = append(todo, n)
			}
		}
	}
}
