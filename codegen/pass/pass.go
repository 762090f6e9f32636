// Package pass simplifies programs: IR in, IR out, the same meaning.
//
// It owns which passes there are and their order: the table below. A pass is one
// file. It never writes to an expression, statement or body, because lowering may
// have used one in several places; it makes new ones and puts them into the event
// or handler. Every change goes through rewrite with the reason, so that the log
// tells why the output is not what was written.
//
//	log, err := pass.Run(p, pass.Options{})
//
// Passes must keep what undefined means: a comparison with an undefined operand is
// false, so "not (a < b)" is not "a >= b", and "x * 0" is not 0.
package pass

import (
	"fmt"
	"slices"

	"github.com/streamon/streamon/codegen/ir"
)

// Pass is one entry of the table.
type Pass struct {
	Name string
	run  func(*run)
	Why  string // what it does, and why it stands where it stands
}

var passes = []Pass{
	{"fold-const", foldConst, "arithmetic on literals, conditions that are always true or false; first, so that the others see the short form"},
	{"share", share, "a metric or table that is read twice under one key is read once; before dead-locals, which removes what is left over"},
	{"dead-locals", deadLocals, "what no condition, action or alert reads is not computed"},
	{"order-predicates", orderPredicates, "cheap tests first; after fold-const, which shortens the chains"},
	{"capture-chains", captureChains, "a timer keeps what the timers that it starts will read; after dead-locals, which removes reads"},
	{"merge-handlers", mergeHandlers, "states with the same body share it; last, when bodies no longer change"},
}

// Passes returns the table.
func Passes() []Pass { return slices.Clone(passes) }

// Options choose passes. The zero value runs all.
type Options struct {
	Only   []string // if not empty, only these
	Skip   []string // not these
	Verify bool     // run ir.Verify before the first pass and after each
}

// Change is one rewriting.
type Change struct {
	Pass     string
	Where    string // "event syn", "event syn in default", "state alert"
	Old, New string // text forms; New is empty for what was removed
	Why      string
}

// String returns the change as one line.
func (c Change) String() string {
	if c.New == "" {
		return fmt.Sprintf("%s: %s: %s removed: %s", c.Pass, c.Where, c.Old, c.Why)
	}
	return fmt.Sprintf("%s: %s: %s => %s: %s", c.Pass, c.Where, c.Old, c.New, c.Why)
}

// Run applies the passes to p, in place, in the order of the table, and returns
// what they changed. It fails for an unknown name in the options and, with Verify,
// if a pass broke the program; the error then names the pass.
func Run(p *ir.Program, o Options) ([]Change, error) {
	for _, name := range append(slices.Clone(o.Only), o.Skip...) {
		if !slices.ContainsFunc(passes, func(p Pass) bool { return p.Name == name }) {
			return nil, fmt.Errorf("unknown pass %q", name)
		}
	}
	r := &run{p: p}
	if o.Verify {
		if err := ir.Verify(p); err != nil {
			return nil, fmt.Errorf("before the first pass: %w", err)
		}
	}
	for _, pass := range passes {
		if len(o.Only) > 0 && !slices.Contains(o.Only, pass.Name) || slices.Contains(o.Skip, pass.Name) {
			continue
		}
		r.pass = pass.Name
		pass.run(r)
		if !o.Verify {
			continue
		}
		if err := ir.Verify(p); err != nil {
			return r.log, fmt.Errorf("pass %s: %w", pass.Name, err)
		}
	}
	return r.log, nil
}

// run is one run of one pass; event is the one that is being worked on.
type run struct {
	p     *ir.Program
	pass  string
	where string
	event *ir.Event
	log   []Change
}

// rewrite records that new stands for old from now on and returns new.
func (r *run) rewrite(old, new ir.Expr, why string) ir.Expr {
	r.note(ir.ExprText(r.p, r.event, old), ir.ExprText(r.p, r.event, new), why)
	return new
}

// rewriteStmt is rewrite for a statement; a nil new removes it.
func (r *run) rewriteStmt(old, new ir.Stmt, why string) ir.Stmt {
	text := ""
	if new != nil {
		text = ir.StmtText(r.p, r.event, new)
	}
	r.note(ir.StmtText(r.p, r.event, old), text, why)
	return new
}

func (r *run) note(old, new, why string) {
	r.log = append(r.log, Change{r.pass, r.where, old, new, why})
}

// bodies replaces each body of the program by f's answer.
func (r *run) bodies(f func(*ir.Body) *ir.Body) {
	r.events(func(e *ir.Event) {
		for _, h := range e.Handlers {
			r.in(e, h, func() { h.Body = f(h.Body) })
		}
	})
}

// events calls f for each event.
func (r *run) events(f func(*ir.Event)) {
	for _, e := range r.p.Events {
		r.event, r.where = e, "event "+e.Name
		f(e)
	}
	r.event, r.where = nil, ""
}

// in calls f with the place set to a handler.
func (r *run) in(e *ir.Event, h *ir.Handler, f func()) {
	defer func(where string) { r.where = where }(r.where)
	if len(h.States) > 0 {
		r.where += " in " + r.p.States[h.States[0]].Name
	}
	f()
}
