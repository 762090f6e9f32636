package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/streamon/streamon/codegen/build"
	"github.com/streamon/streamon/codegen/ir"
	"github.com/streamon/streamon/codegen/partition"
	"github.com/streamon/streamon/lang/check"
	"github.com/streamon/streamon/lang/diag"
)

// explanation is what `smcc explain FILE` says about a program.
type explanation struct {
	Program    string         `json:"program"`
	Layers     layers         `json:"layers"`
	Reads      []string       `json:"reads"` // packet fields and layers
	Shape      shape          `json:"shape"`
	Structures []structure    `json:"structures"`
	Bytes      int64          `json:"bytes"` // of all structures, of each shard
	Lazy       []string       `json:"lazy_states,omitempty"`
	Partition  partitionPlan  `json:"partition"`
	Events     []explainEvent `json:"events"`
	Reject     costRange      `json:"reject_ns"` // a packet that no event is for
	NS         costRange      `json:"ns"`        // a packet, whatever it is, if it is of one event at most
	CostsOf    costSource     `json:"ns_of"`
}

// partitionPlan says whether the program runs in shards.
type partitionPlan struct {
	OK     bool     `json:"ok"`
	Why    string   `json:"why,omitempty"`
	Owners []string `json:"owners,omitempty"` // by event
	Writes []string `json:"travelling_writes,omitempty"`
}

// explainEvent is what an event costs at most: operations of its longest handler, and
// the cache lines that they touch besides the entity's state.
type explainEvent struct {
	Name       string   `json:"name"`
	When       string   `json:"when"`
	Reads      []string `json:"reads,omitempty"` // fields and layers, in its condition and its handlers
	Keys       []string `json:"keys,omitempty"`  // that are hashed
	Operations int      `json:"operations"`
	Lines      int      `json:"cache_lines"`
	NS         eventNS  `json:"ns"`
	Decode     float64  `json:"decode_ns,omitempty"` // of a packet of the event, once for all programs
	Timer      bool     `json:"timer,omitempty"`     // ns are for each time that it happens, not for each packet

	where *string // the condition of a packet event, "" = all; nil of others
}

type explainCmd struct {
	What []string `arg:"" optional:"" help:"Programs (.smon or .xml), or the code of a diagnostic, as it stands in brackets behind it; without it, all codes." predictor:"explain"`
	JSON bool     `name:"json" help:"Of programs: JSON."`
}

// Run explains a program: its layers, what it reads, the memory it takes, how it is run on
// several workers; several programs, and how they run together; or prints when a
// diagnostic occurs and a program that provokes it.
func (c *explainCmd) Run(ctx context.Context, std *stdio) error {
	if len(c.What) == 0 {
		for _, name := range codeNames() {
			fmt.Fprintln(std.out, name)
		}
		return nil
	}
	isProgram := func(what string) bool { return slices.Contains([]string{".smon", ".xml"}, filepath.Ext(what)) }
	if slices.ContainsFunc(c.What, isProgram) || len(c.What) > 1 {
		return explainPrograms(ctx, std, c.What, c.JSON)
	}
	return explainCode(std.out, c.What[0])
}

// explainCode prints what is known about a code.
func explainCode(w io.Writer, what string) error {
	code, ok := diag.CodeByName(strings.Trim(what, "[]"))
	if !ok {
		hint := "smcc explain lists them all"
		if near := diag.Nearest(what, codeNames()); near != "" {
			hint = "did you mean " + near + "?"
		}
		return &build.UserError{Reason: fmt.Sprintf("no diagnostic has the code %q", what), Hint: hint}
	}
	_, err := fmt.Fprintf(w, "%s\n\n%s\n\nWhat to do: %s\n\nFor example:\n\n%s\n", code, code.About(), code.Fix(), code.Example())
	return err
}

// explainPrograms explains one program, or several and how they run together.
func explainPrograms(ctx context.Context, std *stdio, files []string, asJSON bool) error {
	var list []explanation
	for _, file := range files {
		p, _, err := input{File: file}.loadWith(ctx, std, true) // diagnostics go to standard error
		if err != nil {
			return err
		}
		e := explain(p.IR, p.Checked)
		if e.Shape, err = shapeOf(p); err != nil {
			return err
		}
		list = append(list, e)
	}
	var all *together
	if len(list) > 1 {
		t := joined(list)
		all = &t
	}
	if asJSON {
		out := json.NewEncoder(std.out)
		out.SetIndent("", "  ")
		if all == nil {
			return out.Encode(list[0])
		}
		return out.Encode(struct {
			Programs []explanation `json:"programs"`
			Together *together     `json:"together"`
		}{list, all})
	}
	for i := range list {
		if err := list[i].print(std.out); err != nil {
			return err
		}
		if all != nil {
			fmt.Fprintln(std.out)
		}
	}
	if all != nil {
		all.print(std.out)
	}
	return nil
}

func explain(p *ir.Program, checked *check.Program) explanation {
	e := explanation{Program: p.Name, Layers: layersOf(checked), Reads: reads(p), Structures: structures(p), Partition: planOf(p)}
	for _, s := range e.Structures {
		e.Bytes += s.Bytes
	}
	for _, s := range p.States {
		if s.Lazy {
			e.Lazy = append(e.Lazy, s.Name)
		}
	}
	for i, event := range p.Events {
		x := explainEvent{Name: event.Name, When: trigger(checked.Events[i].Decl), where: condition(checked.Events[i].Decl), Reads: readsOf(p, event), Keys: keysOf(checked, checked.Events[i])}
		for _, h := range event.Handlers {
			operations, lines := work(p, h)
			x.Operations, x.Lines = max(x.Operations, operations), max(x.Lines, lines)
		}
		e.Events = append(e.Events, x)
	}
	e.addCosts(p)
	return e
}

// reads lists the fields and layers that the program looks at.
func reads(p *ir.Program) (list []string) {
	look := func(x ir.Expr) {
		ir.Walk(x, func(x ir.Expr) bool {
			switch x := x.(type) {
			case *ir.Field:
				list = append(list, x.Name)
			case *ir.HasLayer:
				list = append(list, x.Layer)
			}
			return true
		})
	}
	for _, e := range p.Events {
		for _, x := range append(e.Bind[:len(e.Bind):len(e.Bind)], e.Where) {
			if x != nil {
				look(x)
			}
		}
		for _, h := range e.Handlers {
			h.Body.Stmts(func(s ir.Stmt) { ir.Exprs(s, look) })
			for _, a := range h.Body.Arms {
				if a.If != nil {
					look(a.If)
				}
			}
		}
	}
	slices.Sort(list)
	return slices.Compact(list)
}

func planOf(p *ir.Program) partitionPlan {
	plan := partition.Of(p)
	if !plan.OK {
		return partitionPlan{Why: plan.Why.String()}
	}
	out := partitionPlan{OK: true}
	for i, e := range p.Events {
		out.Owners = append(out.Owners, e.Name+": "+plan.OwnerText(i))
	}
	for i, w := range plan.Writes {
		out.Writes = append(out.Writes, p.Events[w.Event].Name+": "+plan.WriteText(i))
	}
	return out
}

// linesOf are the cache lines that an operation on a kind of structure touches at most.
var linesOf = map[string]int{"bloom": 1, "cbf": 2, "tbf": 2, "tewma": 2, "dleft": 2, "hll": 1, "topk": 3}

// work counts the operations of a handler and the cache lines that they touch at most.
func work(p *ir.Program, h *ir.Handler) (operations, lines int) {
	of := func(metric int, detector bool) {
		operations++
		d := p.Metrics[metric]
		if d.Detector != nil && (detector || d.Monitor == nil) {
			lines += linesOf[d.Detector.Kind]
		}
		if d.Monitor != nil {
			lines += linesOf[d.Monitor.Kind]
		}
	}
	h.Body.Stmts(func(s ir.Stmt) {
		switch s := s.(type) {
		case *ir.Set:
			of(s.Metric, true)
		case *ir.Get:
			of(s.Metric, false)
		case *ir.Reset:
			of(s.Metric, false)
		case *ir.Load, *ir.Has, *ir.Store, *ir.Delete:
			operations++
			lines += 3
		}
	})
	return operations, lines
}

// print writes the explanation for people.
func (e *explanation) print(w io.Writer) error {
	e.printLayers(w)
	fmt.Fprintf(w, "reads %s\n%s\n", strings.Join(e.Reads, ", "), e.Shape.about())
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "structure\tkind\tkey\tcapacity\tbytes\twhat its answers are worth")
	for _, s := range e.Structures {
		fmt.Fprintf(t, "%s\t%s\t%s\t%d\t%d\t%s\n", s.Name, s.Kind, s.Key, s.Capacity, s.Bytes, s.Bound)
	}
	fmt.Fprintf(t, "all\t\t\t\t%d\t\n\n", e.Bytes)
	e.printCosts(t)
	if err := t.Flush(); err != nil {
		return err
	}
	fmt.Fprintf(w, "\na packet costs this program %.1f to %.0f ns, by what it is and what is in the memory\n%s", e.NS.Low, e.NS.High, e.CostsOf.about())
	if e.Lazy != nil {
		fmt.Fprintf(w, "\nlazy states end with the next event of their entity, without a timer: %s\n", strings.Join(e.Lazy, ", "))
	}
	if !e.Partition.OK {
		_, err := fmt.Fprintf(w, "\nruns on one worker: %s\n", e.Partition.Why)
		return err
	}
	fmt.Fprint(w, "\nruns in shards, one for each worker (--workers), each with the memory above; the owner of the work is, by event\n")
	for _, s := range e.Partition.Owners {
		fmt.Fprintf(w, "  %s\n", s)
	}
	for _, s := range e.Partition.Writes {
		fmt.Fprintf(w, "  travels: %s\n", s)
	}
	return nil
}
