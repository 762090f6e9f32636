package trace

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/streamon/streamon/codegen/eval"
	"github.com/streamon/streamon/codegen/ir"
	"github.com/streamon/streamon/runtime/program"
)

// Counter is an observer that counts what a run reaches, and knows where each entity
// stands. p is best IR that no pass has seen. One goroutine uses it.
type Counter struct {
	Coverage
	p      *ir.Program
	stands map[trackID]eval.Stand
	keys   map[string][]trackID // of the entities that have appeared, by text
	edges  map[edge]int         // index in Transitions
	conds  map[ir.Pos]int
	values []*quantity
}

// edge is a transition: an arm, or the end of a state, from one state.
type edge struct {
	from int
	pos  ir.Pos
}

// NewCounter returns a counter of p that has counted nothing.
func NewCounter(p *ir.Program) *Counter {
	c := &Counter{p: p, stands: map[trackID]eval.Stand{}, keys: map[string][]trackID{}, edges: map[edge]int{}, conds: map[ir.Pos]int{}, values: quantities(p)}
	if len(p.Entities) > 0 {
		for _, s := range p.States {
			c.States = append(c.States, StateCount{Name: s.Name, Line: s.Pos.Line})
		}
	}
	for _, e := range p.Events {
		for _, h := range e.Handlers {
			for _, a := range h.Body.Arms {
				c.arm(e, h, a)
			}
		}
	}
	for i, s := range p.States {
		if s.For != nil {
			c.edges[edge{i, s.Pos}] = len(c.Transitions)
			c.Transitions = append(c.Transitions, EdgeCount{From: s.Name, To: p.States[s.Next].Name, Line: s.Pos.Line})
		}
	}
	return c
}

func (c *Counter) arm(e *ir.Event, h *ir.Handler, a *ir.Arm) {
	if a.To >= 0 {
		for _, from := range h.States {
			k := edge{from, a.Pos}
			if _, ok := c.edges[k]; !ok {
				c.edges[k] = len(c.Transitions)
				c.Transitions = append(c.Transitions, EdgeCount{From: c.p.States[from].Name, To: c.p.States[a.To].Name, Event: e.Name, Line: a.Pos.Line})
			}
		}
	}
	if _, ok := c.conds[a.Pos]; ok {
		return // one of the source in several bodies
	}
	c.conds[a.Pos] = len(c.Conditions)
	k := CondCount{Text: "otherwise", Event: e.Name, Line: a.Pos.Line, Column: a.Pos.Column, OneSide: true}
	if a.If != nil {
		w := &ir.Words{Program: c.p, Event: e, Names: a.Reads}
		k.Text, k.OneSide = "when "+w.Expr(a.If), false
	}
	c.Conditions = append(c.Conditions, k)
}

// Info returns the program with the counter looking on.
func (c *Counter) Info() *program.Info { return eval.Observed(c.p, c) }

// Packet implements eval.Observer.
func (c *Counter) Packet(eval.Frame) {}

// Missed implements eval.Observer.
func (c *Counter) Missed(eval.Frame) {}

// Begin implements eval.Observer.
func (c *Counter) Begin(f eval.Frame, _ *ir.Body) bool {
	if f.Entity() >= 0 {
		id := trackID{f.Entity(), f.ID()}
		if _, ok := c.stands[id]; !ok {
			c.States[0].Count++
			c.stands[id] = f.Stand()
			text := KeyText(f.Key())
			for _, k := range []string{text, c.p.Entities[id.entity].Name + "," + text} {
				c.keys[k] = append(c.keys[k], id)
			}
		}
	}
	return true
}

// Did implements eval.Observer.
func (c *Counter) Did(eval.Frame, ir.Stmt) {}

// Tested implements eval.Observer.
func (c *Counter) Tested(f eval.Frame, a *ir.Arm, holds bool) {
	k := &c.Conditions[c.conds[a.Pos]]
	if !holds {
		k.DidNot++
		return
	}
	k.Held++
	if a.To >= 0 {
		if i, ok := c.edges[edge{f.State(), a.Pos}]; ok {
			c.Transitions[i].Count++
		}
		c.States[a.To].Count++
	}
}

// End implements eval.Observer.
func (c *Counter) End(eval.Frame) {}

// Expired implements eval.Observer.
func (c *Counter) Expired(_ eval.Frame, from, to int) {
	c.Transitions[c.edges[edge{from, c.p.States[from].Pos}]].Count++
	c.States[to].Count++
}

// Value reads a feature, metric or table of an entity that has appeared, by the key's
// parts with commas between, behind the entity's name if need be.
func (c *Counter) Value(name, key string) (float64, error) {
	ids := c.keys[key]
	if ids == nil {
		return 0, &ValueError{"no event of an entity " + key + " has happened"}
	}
	var found []float64
	var known, have []string
	for _, id := range ids {
		entity := c.p.Entities[id.entity].Name
		var names []string
		for _, q := range c.values {
			switch {
			case q.entity != id.entity || !q.hasOwnTime():
			case q.name == name:
				v := q.at(c.stands[id])
				found = append(found, v)
				have = append(have, fmt.Sprintf("%g of %s", v, entity))
			default:
				names = append(names, q.name)
			}
		}
		if names == nil {
			names = []string{"none"}
		}
		known = append(known, entity+" has "+strings.Join(names, " "))
	}
	slices.Sort(have)
	slices.Sort(known)
	switch {
	case found == nil:
		return 0, &ValueError{"there is no value " + name + " of " + key + " that can be read between packets; " + strings.Join(known, "; ")}
	case slices.ContainsFunc(found, func(v float64) bool { return v != found[0] && !(math.IsNaN(v) && math.IsNaN(found[0])) }):
		return 0, &ValueError{name + " of " + key + " is " + strings.Join(have, ", ") + ": put the entity's name before the key"}
	}
	return found[0], nil
}

// ValueError says why there is no value.
type ValueError struct{ Reason string }

func (e *ValueError) Error() string { return e.Reason }
