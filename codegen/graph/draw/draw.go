// Package draw draws the state machines of a program: as SVG with a layout of its
// own, as a DOT file for Graphviz, and as Mermaid text for Markdown pages.
//
// A [Graph] is what there is to draw. It comes from the source, by package graph, or
// from what a compiled program says of itself. There is one machine for
// each entity, with the states that its events lead to. Conditions that act and
// stay where they are stand inside the state, as in UML; what happens in any
// state stands in a note, unless it has a transition: then it is an edge from a
// node "any state".
//
// Where boxes and lines go is decided by package layout; this package decides what
// they say, and how it looks. It knows nothing of the language, so that the probe can
// draw as well.
//
//	err := g.SVG(w)
package draw

import (
	"fmt"
	"slices"
	"strings"
)

// Levels are the levels that a state may have, the mildest first.
var Levels = []string{"info", "low", "medium", "high", "critical"}

// DefaultLevel is that of an alert without one.
const DefaultLevel = "medium"

// Otherwise is the guard of what happens if no other condition holds.
const Otherwise = "otherwise"

// Graph is what there is to draw of a program.
type Graph struct {
	Name, Doc string
	Machines  []*Machine
	Program   []*Rule // what program-wide events do; they have no machine

	// Reached, if not "", says in a line what runs reached; then the counts of states, rules
	// and edges are drawn. Mark sets it.
	Reached string
}

// Machine is the machine that is kept for each entity of one kind.
type Machine struct {
	Entity string   // its name
	Key    string   // the types of its key, as declared
	States []*State // States[0] is the default state
	Edges  []*Edge
	Timers []string // those of its events that are timeouts
	Any    []*Rule  // what happens in any state, without a transition
}

// State is a state.
type State struct {
	Name, Code, Doc string

	// Level is the level that the state declares; without one, the worst of the
	// alerts on the way into it, and Inferred is set. "" = neither.
	Level    string
	Inferred bool

	Rules []*Rule // what happens in this state, without a transition

	Hits uint64 // how often it was entered
}

// Any is the state that an edge of "in any" comes from.
const Any = -1

// Edge is a transition.
type Edge struct {
	From, To int    // indices of states, or Any
	After    string // the state is left by itself after this time; "" = on events
	Lazy     bool   // it is left with the next event after that time
	Rule
}

// after says when an edge is taken that no event leads along.
func (e *Edge) after() string {
	if e.Lazy {
		return "next event after " + e.After
	}
	return "after " + e.After
}

// isTimer reports whether an edge is taken on timeouts only.
func (m *Machine) isTimer(e *Edge) bool {
	return len(e.Events) > 0 && !slices.ContainsFunc(e.Events, func(name string) bool { return !slices.Contains(m.Timers, name) })
}

// hasAny reports whether an edge comes from any state.
func (m *Machine) hasAny() bool {
	return slices.ContainsFunc(m.Edges, func(e *Edge) bool { return e.From == Any })
}

// Rule is what is done on events under a condition.
type Rule struct {
	Events  []string
	Guard   string // condition; "otherwise"; "" = always
	Actions []Action
	Places  []Place // of its statements in the source; none = it is not one condition

	Hits       uint64 // how often its condition held; of an edge: how often it was taken
	NeverFails bool   // the condition was tried, and always held
}

// Place is a place in the source, 1-based.
type Place struct{ Line, Column int }

// Action is one action.
type Action struct {
	Short string // a few words; "" = it is not worth any: get
	Full  string // as in the source
	Keeps bool   // it only keeps the books: metrics and tables
}

// acts reports whether somebody outside the program notices what r does.
func (r *Rule) acts() bool {
	for _, a := range r.Actions {
		if a.Short != "" && !a.Keeps {
			return true
		}
	}
	return false
}

// acting returns the rules that act, and with marks those that could be missed.
func acting(list []*Rule, marked bool) (out []*Rule) {
	for _, r := range list {
		if r.acts() || marked && r.Guard != "" {
			out = append(out, r)
		}
	}
	return out
}

// said returns the rules that a note has something to say about, and with marks those
// that could be missed.
func said(list []*Rule, marked bool) (out []*Rule) {
	for _, r := range list {
		if len(r.words(true)) > 0 || marked && r.Guard != "" {
			out = append(out, r)
		}
	}
	return out
}

// nodeID is what a state, or Any, of a machine is called in text for other programs.
func nodeID(machine, state int) string {
	if state == Any {
		return fmt.Sprintf("m%d_any", machine)
	}
	return fmt.Sprintf("m%d_s%d", machine, state)
}

// AddEdge adds an edge, or its events to one that says the same otherwise.
func (m *Machine) AddEdge(e *Edge) {
	for _, o := range m.Edges {
		if o.From == e.From && o.To == e.To && o.Guard == e.Guard && slices.Equal(o.Actions, e.Actions) {
			for _, name := range e.Events {
				if !slices.Contains(o.Events, name) {
					o.Events = append(slices.Clip(o.Events), name)
				}
			}
			for _, place := range e.Places {
				if !slices.Contains(o.Places, place) {
					o.Places = append(slices.Clip(o.Places), place)
				}
			}
			return
		}
	}
	m.Edges = append(m.Edges, e)
}

// Infer gives states without a level the worst one of the alerts that lead there.
func (m *Machine) Infer() {
	for i, s := range m.States {
		if i == 0 || s.Level != "" {
			continue
		}
		worst := -1
		for _, e := range m.Edges {
			if e.To == i {
				for _, a := range e.Actions {
					if level, ok := strings.CutPrefix(a.Short, "alert "); ok {
						worst = max(worst, slices.Index(Levels, level))
					} else if a.Short == "alert" {
						worst = max(worst, slices.Index(Levels, DefaultLevel))
					}
				}
			}
		}
		if worst >= 0 {
			s.Level, s.Inferred = Levels[worst], true
		}
	}
}
