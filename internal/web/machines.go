package web

import (
	"bytes"
	"net/http"
	"slices"
	"strings"

	"github.com/streamon/streamon/codegen/graph/draw"
	"github.com/streamon/streamon/internal/probe"
)

func doMachines(s *Server, r *http.Request) (any, error) {
	return s.p.Machines(r.Context(), r.PathValue("name"))
}

// doGraph writes the drawing of a program's machines. Groups for states have the attributes
// data-entity and data-state, so that a page can show how many are in each.
func doGraph(s *Server, w http.ResponseWriter, r *http.Request, _ caller) error {
	m, err := s.p.Machines(r.Context(), r.PathValue("name"))
	if err != nil {
		return err
	}
	var text bytes.Buffer
	if err := graphOf(&m).LiveSVG(&text); err != nil {
		return err
	}
	h := w.Header()
	h.Set("Content-Type", "image/svg+xml")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Cache-Control", "no-store")
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'") // as a page of its own
	deadline(w, writeTimeout)
	w.Write(text.Bytes())
	return nil
}

// graphOf returns what there is to draw of what a program says of itself. It is what
// package graph makes of the source, but for the types of keys.
func graphOf(m *probe.Machines) *draw.Graph {
	g := &draw.Graph{Name: m.Program, Doc: m.Doc}
	placed := map[string]bool{}
	for _, e := range m.Entities {
		if !slices.ContainsFunc(m.Rules, func(r probe.Rule) bool { return r.Entity == e.Name }) &&
			!slices.ContainsFunc(m.Events, func(v probe.MachineEvent) bool { return v.Entity == e.Name }) {
			continue
		}
		key := strings.Join(e.Fields, ", ")
		if len(e.Fields) == 1 {
			key = ""
		}
		g.Machines = append(g.Machines, &draw.Machine{Entity: e.Name, Key: key, States: statesOf(m, e.Name, placed)})
	}
	if len(g.Machines) > 0 { // states that nothing leads to are in the first machine
		for _, s := range m.States {
			if !placed[s.Name] {
				g.Machines[0].States = addState(m, g.Machines[0].States, s.Name)
			}
		}
	}
	for _, x := range g.Machines {
		fill(x, m)
	}
	for i := range m.Rules {
		if r := &m.Rules[i]; r.Entity == "" {
			g.Program = append(g.Program, ruleOf(r))
		}
	}
	return g
}

// statesOf lists the states of an entity's machine, in order of declaration: the default
// state and those that its rules name.
func statesOf(m *probe.Machines, entity string, placed map[string]bool) (list []*draw.State) {
	for i, s := range m.States {
		if i == 0 || slices.ContainsFunc(m.Rules, func(r probe.Rule) bool { return r.Entity == entity && (r.From == s.Name || r.To == s.Name) }) {
			list = append(list, &draw.State{Name: s.Name, Level: s.Level, Code: s.Code, Doc: s.Doc})
			placed[s.Name] = true
		}
	}
	return list
}

// addState puts a state where its declaration has it.
func addState(m *probe.Machines, list []*draw.State, name string) []*draw.State {
	at := func(name string) int {
		return slices.IndexFunc(m.States, func(s probe.MachineState) bool { return s.Name == name })
	}
	s := m.States[at(name)]
	i := slices.IndexFunc(list, func(o *draw.State) bool { return at(o.Name) > at(name) })
	if i < 0 {
		i = len(list)
	}
	return slices.Insert(list, i, &draw.State{Name: s.Name, Level: s.Level, Code: s.Code, Doc: s.Doc})
}

// fill adds timers, edges, and what is done within states.
func fill(x *draw.Machine, m *probe.Machines) {
	for _, e := range m.Events {
		if e.Entity == x.Entity && e.Kind == "timeout" {
			x.Timers = append(x.Timers, e.Name)
		}
	}
	at := func(name string) int {
		return slices.IndexFunc(x.States, func(s *draw.State) bool { return s.Name == name })
	}
	for i := range m.Rules {
		r := &m.Rules[i]
		if r.Entity != x.Entity {
			continue
		}
		from := draw.Any
		if r.From != "" {
			from = at(r.From)
		}
		switch {
		case r.To != "":
			x.AddEdge(&draw.Edge{From: from, To: at(r.To), After: r.After, Lazy: r.Lazy, Rule: *ruleOf(r)})
		case from == draw.Any:
			x.Any = append(x.Any, ruleOf(r))
		default:
			x.States[from].Rules = append(x.States[from].Rules, ruleOf(r))
		}
	}
	x.Infer()
}

func ruleOf(r *probe.Rule) *draw.Rule {
	d := &draw.Rule{Events: r.Events, Guard: r.When}
	for _, text := range r.Do {
		d.Actions = append(d.Actions, draw.ActionOf(text))
	}
	return d
}
