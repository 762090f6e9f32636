package graph

import (
	"slices"
	"strings"

	"github.com/streamon/streamon/codegen/graph/draw"
	"github.com/streamon/streamon/lang/ast"
	"github.com/streamon/streamon/lang/check"
	"github.com/streamon/streamon/lang/format"
)

// Of returns the machines of a checked program without errors. An entity without
// events has none. States that nothing leads to are in the first machine.
func Of(p *check.Program) *draw.Graph {
	g := &draw.Graph{Name: p.Name, Doc: plain(p.Doc)}
	var builders []*builder
	lost := slices.Repeat([]bool{true}, len(p.States))
	for _, e := range p.Entities {
		b := newBuilder(p, e)
		if len(b.events) == 0 {
			continue
		}
		b.follow()
		builders = append(builders, b)
		for i, r := range b.reached {
			lost[i] = lost[i] && !r
		}
	}
	for k, b := range builders {
		for i := range lost {
			b.reached[i] = b.reached[i] || k == 0 && lost[i]
		}
		g.Machines = append(g.Machines, b.machine())
	}
	for _, h := range p.Handlers {
		if names := eventNames(h, nil); len(names) > 0 {
			g.Program = append(g.Program, rules(h, names, func(*ast.Otherwise) bool { return true })...)
		}
	}
	return g
}

// builder makes one machine.
type builder struct {
	p       *check.Program
	entity  *check.Entity
	events  []*check.Event // of the entity
	reached []bool         // by state of the program
}

func newBuilder(p *check.Program, e *check.Entity) *builder {
	b := &builder{p: p, entity: e, reached: make([]bool, len(p.States))}
	for _, ev := range p.Events {
		if ev.Entity == e {
			b.events = append(b.events, ev)
		}
	}
	return b
}

// state returns the state that a name refers to.
func (b *builder) state(name *ast.Ident) *check.State {
	s, _ := b.p.Info.Uses[name].(*check.State)
	return s
}

// follow finds the states that the entity's events lead to.
func (b *builder) follow() {
	b.reached[0] = true
	for again := true; again; {
		again = false
		reach := func(s *check.State) {
			if s != nil && !b.reached[s.Index] {
				b.reached[s.Index], again = true, true
			}
		}
		for _, s := range b.p.States {
			if b.reached[s.Index] {
				reach(s.Next)
			}
		}
		for _, h := range b.p.Handlers {
			if len(eventNames(h, b.entity)) == 0 || !slices.ContainsFunc(b.p.States, func(s *check.State) bool { return b.reached[s.Index] && h.InState(s) }) {
				continue
			}
			for _, st := range h.Decl.Body {
				if to := target(st); to != nil {
					reach(b.state(to))
				}
			}
		}
	}
}

// machine makes the machine of the states that were reached.
func (b *builder) machine() *draw.Machine {
	m := &draw.Machine{Entity: b.entity.Name, Key: keyText(b.entity)}
	at := map[*check.State]int{}
	for _, s := range b.p.States {
		if b.reached[s.Index] {
			at[s] = len(m.States)
			m.States = append(m.States, &draw.State{Name: s.Name, Level: s.Level, Code: plain(s.Code), Doc: plain(s.Doc)})
		}
	}
	for _, e := range b.events {
		if e.Kind == check.TimeoutEvent {
			m.Timers = append(m.Timers, e.Name)
		}
	}
	for _, h := range b.p.Handlers {
		names := eventNames(h, b.entity)
		if len(names) == 0 {
			continue
		}
		from := []int{draw.Any}
		if h.States != nil || len(m.States) == 1 {
			from = nil
			for i, s := range b.p.States {
				if b.reached[i] && h.InState(s) {
					from = append(from, at[s])
				}
			}
		}
		for _, f := range from {
			b.handler(m, h, names, f, at)
		}
	}
	for _, s := range b.p.States {
		if b.reached[s.Index] && s.Next != nil {
			m.Edges = append(m.Edges, &draw.Edge{From: at[s], To: at[s.Next], After: format.Expr(s.Decl.For), Lazy: s.Decl.Lazy, Rule: draw.Rule{Places: placeOf(s.Decl)}})
		}
	}
	m.Infer()
	return m
}

// handler adds what a handler does in a state, or in any.
func (b *builder) handler(m *draw.Machine, h *check.Handler, names []string, from int, at map[*check.State]int) {
	first := func(o *ast.Otherwise) bool { return b.isFirst(h, o) }
	for _, st := range h.Decl.Body {
		if to := target(st); to != nil {
			m.AddEdge(&draw.Edge{From: from, To: at[b.state(to)], Rule: draw.Rule{Events: names, Guard: guard(st, first), Actions: actions(st), Places: placeOf(st)}})
		}
	}
	list := rules(h, names, first)
	if from == draw.Any {
		m.Any = append(m.Any, list...)
	} else {
		m.States[from].Rules = append(m.States[from].Rules, list...)
	}
}

// isFirst reports whether no condition of the same event is tried before o, in any
// state of h.
func (b *builder) isFirst(h *check.Handler, o *ast.Otherwise) bool {
	for _, e := range h.Events {
		for _, other := range b.p.Handlers {
			if !other.In(e, nil) || h.States != nil && !slices.ContainsFunc(h.States, func(s *check.State) bool { return other.In(e, s) }) {
				continue
			}
			for _, st := range other.Decl.Body {
				if st == ast.Stmt(o) {
					break
				}
				if _, isWhen := st.(*ast.When); isWhen {
					return false
				}
			}
			if other == h {
				break
			}
		}
	}
	return true
}

// eventNames returns those of a handler's events that an entity has; of a program-
// wide kind for nil.
func eventNames(h *check.Handler, entity *check.Entity) (names []string) {
	for _, e := range h.Events {
		if e.Entity == entity {
			names = append(names, e.Name)
		}
	}
	return names
}

// keyText returns the key of an entity as it is declared.
func keyText(e *check.Entity) string {
	var fields []string
	for _, f := range e.Decl.Fields {
		text := f.Type.Name
		if f.Name != nil {
			text = f.Name.Name + ": " + text
		}
		fields = append(fields, text)
	}
	text := strings.Join(fields, ", ")
	if len(fields) > 1 {
		text = "(" + text + ")"
	}
	return text
}

// plain puts a text on one line.
func plain(text string) string { return strings.Join(strings.Fields(text), " ") }
