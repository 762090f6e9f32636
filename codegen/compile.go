package codegen

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"

	"github.com/streamon/streamon/codegen/gogen"
	"github.com/streamon/streamon/codegen/graph"
	"github.com/streamon/streamon/codegen/graph/draw"
	"github.com/streamon/streamon/codegen/ir"
	"github.com/streamon/streamon/codegen/pass"
	"github.com/streamon/streamon/lang/check"
	"github.com/streamon/streamon/lang/diag"
)

// Program is a compiled program: its IR after all passes, from which Go is
// emitted on demand.
type Program struct {
	IR      *ir.Program
	Checked *check.Program // what it was made from, with [Options.KeepChecked]: it says more of the source
	Version string         // first 16 hex digits of the SHA-256 of the text
	Rules   []Rule         // of its state machines, as the manifest will have them
}

// Compile turns the text of a program into a Program. It is nil if the list has
// errors; the error is that of ctx, or wraps [ErrInternal].
func Compile(ctx context.Context, name string, src []byte, opt Options) (*Program, diag.List, error) {
	checked, p, diags, err := front(ctx, name, src, opt)
	if err != nil || p == nil {
		return nil, diags, err
	}
	rules := rules(graph.Of(checked))
	if !opt.KeepChecked {
		checked = nil // the passes need the room
	}
	if _, err := pass.Run(p, pass.Options{Verify: true}); err != nil {
		return nil, diags, fmt.Errorf("%w: %s: %w", ErrInternal, name, err)
	}
	sum := sha256.Sum256(src)
	return &Program{IR: p, Checked: checked, Version: hex.EncodeToString(sum[:])[:16], Rules: rules}, diags, nil
}

// Name returns the name that the program gives itself.
func (p *Program) Name() string { return p.IR.Name }

// Go returns the generated source as a file of package pkg. id is the identity
// of the build that it is for; it only shows in the manifest.
func (p *Program) Go(pkg, id string) ([]byte, error) {
	text, err := gogen.Emit(p.IR, gogen.Options{Package: pkg, ID: id, Version: p.Version, Rules: p.Rules})
	if err != nil {
		return nil, fmt.Errorf("%w: emitting %s: %w", ErrInternal, p.IR.Name, err)
	}
	return text, nil
}

// Rule is one rule of a program's state machines: see [gogen.Rule].
type Rule = gogen.Rule

// Layout is one structure of a program's memory: see [gogen.Layout].
type Layout = gogen.Layout

// Layouts lists the structures that a new generation of the program inherits if it
// declares them alike.
func (p *Program) Layouts() []Layout { return gogen.Layouts(p.IR) }

// Shape is which of the faster forms generated code has: see [gogen.Shape].
type Shape = gogen.Shape

// Shape tells it of the program.
func (p *Program) Shape() (Shape, error) {
	s, err := gogen.ShapeOf(p.IR)
	if err != nil {
		return s, fmt.Errorf("%w: emitting %s: %w", ErrInternal, p.IR.Name, err)
	}
	return s, nil
}

// rules lists what the machines of a program do, machine by machine, and then what
// program-wide events do.
func rules(g *draw.Graph) (list []gogen.Rule) {
	add := func(entity, from, to string, r *draw.Rule, more gogen.Rule) {
		more.Entity, more.From, more.To, more.Events, more.When = entity, from, to, r.Events, r.Guard
		for _, a := range r.Actions {
			more.Do = append(more.Do, a.Full)
		}
		list = append(list, more)
	}
	for _, m := range g.Machines {
		for _, r := range m.Any {
			add(m.Entity, "", "", r, gogen.Rule{})
		}
		for _, s := range m.States {
			for _, r := range s.Rules {
				add(m.Entity, s.Name, "", r, gogen.Rule{})
			}
		}
		for _, e := range m.Edges {
			from := ""
			if e.From != draw.Any {
				from = m.States[e.From].Name
			}
			add(m.Entity, from, m.States[e.To].Name, &e.Rule, gogen.Rule{After: e.After, Lazy: e.Lazy})
		}
	}
	for _, r := range g.Program {
		add("", "", "", r, gogen.Rule{})
	}
	return list
}
