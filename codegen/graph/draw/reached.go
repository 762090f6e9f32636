package draw

import (
	"fmt"
	"slices"
)

// Reached is how often runs of a program reached its parts, by places in the source.
type Reached struct {
	States      map[string]uint64     // how often each was entered, by name
	Transitions map[Transition]uint64 // how often each was taken
	Conditions  map[Place]Outcomes    // by the place of the when or otherwise
}

// Transition is a transition from one state. Line is that of its condition, or of the
// state that ends by itself.
type Transition struct {
	From, To string
	Line     int
}

// Outcomes is how often a condition held, and did not.
type Outcomes struct{ Held, DidNot uint64 }

// Mark writes counts into the graph, so that its SVG shows what was reached and what was
// not. about says in a line what that was.
func (g *Graph) Mark(r *Reached, about string) {
	g.Reached = about
	for _, m := range g.Machines {
		for _, s := range m.States {
			s.Hits = r.States[s.Name]
			markRules(r, s.Rules)
		}
		markRules(r, m.Any)
		for _, e := range m.Edges {
			e.Hits, e.NeverFails = 0, neverFails(r, &e.Rule)
			for _, place := range e.Places {
				for _, from := range m.States {
					if e.From == Any || m.States[e.From] == from {
						e.Hits += r.Transitions[Transition{from.Name, m.States[e.To].Name, place.Line}]
					}
				}
			}
		}
	}
	markRules(r, g.Program)
}

func markRules(r *Reached, list []*Rule) {
	for _, rule := range list {
		rule.Hits, rule.NeverFails = 0, neverFails(r, rule)
		for _, place := range rule.Places {
			rule.Hits += r.Conditions[place].Held
		}
	}
}

// neverFails reports whether the condition of a rule, which could fail, was tried and
// never did.
func neverFails(r *Reached, rule *Rule) bool {
	return rule.Guard != "" && rule.Guard != Otherwise && len(rule.Places) > 0 && !slices.ContainsFunc(rule.Places, func(p Place) bool {
		o := r.Conditions[p]
		return o.Held == 0 || o.DidNot > 0
	})
}

// count writes how often something was reached: ×12, or never.
func (b *block) count(hits uint64, word, indent string) {
	if hits == 0 {
		b.add(&fontNever, indent+"never "+word)
		return
	}
	b.add(&fontHits, fmt.Sprintf("%s×%d", indent, hits))
}

// addReached writes what was reached of a rule or an edge.
func (b *block) addReached(r *Rule, word, indent string) {
	b.count(r.Hits, word, indent)
	if r.NeverFails {
		b.add(&fontNever, indent+"never fails")
	}
}
