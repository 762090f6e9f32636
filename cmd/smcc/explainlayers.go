package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/streamon/streamon/codegen/graph"
	"github.com/streamon/streamon/codegen/graph/draw"
	"github.com/streamon/streamon/codegen/ir"
	"github.com/streamon/streamon/lang/check"
	"github.com/streamon/streamon/lang/format"
)

// layers is a program by the four layers of the paper: what a reader wants to know first.
type layers struct {
	Doc       string     `json:"doc,omitempty"`
	Params    []string   `json:"params,omitempty"`
	Metrics   []named    `json:"metrics,omitempty"`
	Features  []named    `json:"features,omitempty"`
	Decisions []decision `json:"decisions,omitempty"`
}

// named is a declaration in a line.
type named struct {
	Name string `json:"name"`
	Text string `json:"text"`
}

// decision is what happens in a state on events.
type decision struct {
	Entity string   `json:"entity,omitempty"` // "" = of the whole program
	In     string   `json:"in"`               // state; "any"
	On     []string `json:"on,omitempty"`     // events
	When   string   `json:"when,omitempty"`   // condition; "otherwise"; "" = always
	To     string   `json:"to,omitempty"`     // "" = it stays
	After  string   `json:"after,omitempty"`  // the state ends by itself after this time
	Then   []string `json:"then,omitempty"`   // actions
}

// layersOf reads them from the checked program.
func layersOf(p *check.Program) layers {
	l := layers{Doc: p.Doc}
	for _, d := range p.Params {
		l.Params = append(l.Params, d.Name+" = "+format.Expr(d.Decl.Value))
	}
	for _, d := range p.Metrics {
		l.Metrics = append(l.Metrics, named{d.Name, metricText(d)})
	}
	for _, d := range p.Features {
		l.Features = append(l.Features, named{d.Name, format.Expr(d.Decl.Value)})
	}
	g := graph.Of(p)
	for _, m := range g.Machines {
		for _, r := range m.Any {
			l.Decisions = append(l.Decisions, decide(m.Entity, "any", "", r))
		}
		for i, s := range m.States {
			for _, r := range s.Rules {
				l.Decisions = append(l.Decisions, decide(m.Entity, s.Name, "", r))
			}
			for _, e := range m.Edges {
				if e.From == i || e.From == draw.Any && i == 0 {
					in := s.Name
					if e.From == draw.Any {
						in = "any"
					}
					d := decide(m.Entity, in, m.States[e.To].Name, &e.Rule)
					d.After = e.After
					l.Decisions = append(l.Decisions, d)
				}
			}
		}
	}
	for _, r := range g.Program {
		l.Decisions = append(l.Decisions, decide("", "any", "", r))
	}
	return l
}

func decide(entity, in, to string, r *draw.Rule) decision {
	d := decision{Entity: entity, In: in, On: r.Events, When: r.Guard, To: to}
	for _, a := range r.Actions {
		d.Then = append(d.Then, a.Full)
	}
	return d
}

// metricText writes a metric's structures and keys.
func metricText(d *check.Metric) string {
	var parts []string
	for _, p := range d.Decl.Parts {
		text := p.Role + " " + p.Kind.Name
		var args []string
		for _, a := range p.Args {
			args = append(args, a.Name.Name+": "+format.Expr(a.Value))
		}
		if args != nil {
			text += "(" + strings.Join(args, ", ") + ")"
		}
		if key := d.Key; p.Role == "count" && len(key) > 0 {
			text += " by " + keyText(key)
		} else if key := d.Distinct; p.Role == "distinct" && len(key) > 0 {
			text += " of " + keyText(key)
		}
		parts = append(parts, text)
	}
	return strings.Join(parts, ", ")
}

// print writes the layers; the events are those of the explanation.
func (e *explanation) printLayers(w io.Writer) {
	l := &e.Layers
	fmt.Fprintf(w, "program %s", e.Program)
	if l.Doc != "" {
		fmt.Fprintf(w, ": %s", l.Doc)
	}
	fmt.Fprintln(w)
	if l.Params != nil {
		fmt.Fprintf(w, "parameters %s\n", strings.Join(l.Params, ", "))
	}
	width := 0
	for _, x := range e.Events {
		width = max(width, len(x.Name))
	}
	for _, list := range [][]named{l.Metrics, l.Features} {
		for _, x := range list {
			width = max(width, len(x.Name))
		}
	}
	fmt.Fprintln(w, "\nevents")
	for _, x := range e.Events {
		fmt.Fprintf(w, "  %-*s  %s\n", width, x.Name, x.When)
		if x.Reads != nil {
			fmt.Fprintf(w, "  %-*s    looks at %s\n", width, "", strings.Join(x.Reads, ", "))
		}
		if x.Keys != nil {
			fmt.Fprintf(w, "  %-*s    hashes %s\n", width, "", strings.Join(x.Keys, "; "))
		}
	}
	for _, part := range []struct {
		title string
		list  []named
	}{{"metrics", l.Metrics}, {"features", l.Features}} {
		if part.list == nil {
			continue
		}
		fmt.Fprintf(w, "\n%s\n", part.title)
		for _, x := range part.list {
			fmt.Fprintf(w, "  %-*s  %s\n", width, x.Name, x.Text)
		}
	}
	entity := "\x00"
	for _, d := range l.Decisions {
		if d.Entity != entity {
			entity = d.Entity
			switch entity {
			case "":
				fmt.Fprint(w, "\ndecisions, for the whole program\n")
			default:
				fmt.Fprintf(w, "\ndecisions, for each %s\n", entity)
			}
		}
		fmt.Fprintf(w, "  %s\n", d.text())
	}
	fmt.Fprintln(w)
}

// text writes a decision in a line: in default on udp when both == 1 -> p2p: alert medium "…".
func (d *decision) text() string {
	text := "in " + d.In
	if d.On != nil {
		text += " on " + strings.Join(d.On, ", ")
	}
	switch {
	case d.After != "":
		text += " after " + d.After
	case d.When == "otherwise":
		text += " otherwise"
	case d.When != "":
		text += " when " + d.When
	}
	if d.To != "" {
		text += " -> " + d.To
	}
	if d.Then != nil {
		text += ": " + strings.Join(d.Then, ", ")
	}
	return text
}

// readsOf lists the fields and layers that an event looks at: in its condition, and in its
// handlers.
func readsOf(p *ir.Program, e *ir.Event) []string {
	one := &ir.Program{Events: []*ir.Event{e}}
	return reads(one)
}
