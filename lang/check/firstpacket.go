package check

import (
	"github.com/streamon/streamon/lang/ast"
	"github.com/streamon/streamon/lang/diag"
	"github.com/streamon/streamon/lang/source"
	"github.com/streamon/streamon/lang/types"
)

// firstPacket warns of values that are divided by what is 0 when the first packet comes,
// where that does harm: undefined removes a table entry, starts no timer, adds
// nothing, and is printed. A comparison with it is false, which is usually meant, so
// conditions are left alone, and so are the actions of a condition that asks for the
// ratio or its divisor.
//
// A divisor is 0 at first if it is elapsed, or a metric that the handlers of the event
// only get: one that they set reads 1 at least.
func (c *checker) firstPacket() {
	for _, e := range c.p.Events {
		if e.broken || e.Kind != PacketEvent {
			continue
		}
		states := c.p.States
		if e.Entity == nil {
			states = []*State{nil}
		}
		for _, s := range states {
			list := c.p.HandlersOf(e, s)
			f := firstRun{c: c, set: map[*Metric]bool{}}
			for _, h := range list {
				f.operations(h)
			}
			for _, h := range list {
				f.handler(h)
			}
		}
	}
}

// firstRun is the merged handlers of one event in one state, run for the first time.
type firstRun struct {
	c   *checker
	set map[*Metric]bool // by operations that always run
}

func (f *firstRun) operations(h *Handler) {
	for _, s := range h.Decl.Body {
		op, ok := s.(*ast.OpAction)
		if !ok || op.Verb != "set" {
			continue
		}
		for _, o := range op.Ops {
			if m, ok := f.c.info.Uses[o.Metric].(*Metric); ok && m.Monitor != nil {
				f.set[m] = true
			}
		}
	}
}

// handler looks at the actions that run whatever the ratio is.
func (f *firstRun) handler(h *Handler) {
	for _, s := range h.Decl.Body {
		switch s := s.(type) {
		case *ast.When:
			f.actions(s.Actions, f.c.asked(s.Cond))
		case *ast.Otherwise:
			f.actions(s.Actions, nil)
		case *ast.Always:
			f.actions(s.Actions, nil)
		case ast.Action:
			f.actions([]ast.Action{s}, nil)
		}
	}
}

// asked returns the features, metrics and builtins that a condition looks at: where it
// holds they are defined, and the writer has thought of them.
func (c *checker) asked(cond ast.Expr) map[Object]bool {
	out := map[Object]bool{}
	c.readBy(cond, out)
	return out
}

func (c *checker) readBy(n ast.Node, out map[Object]bool) {
	ast.Walk(n, func(n ast.Node) bool {
		o := c.info.Uses[n]
		if o == nil || out[o] {
			return true
		}
		switch o := o.(type) {
		case *Metric, *types.Builtin:
			out[o] = true
		case *Feature:
			out[o] = true
			c.readBy(o.Decl.Value, out)
		}
		return true
	})
}

func (f *firstRun) actions(list []ast.Action, asked map[Object]bool) {
	for _, a := range list {
		switch a := a.(type) {
		case *ast.AssignAction:
			f.value(a.Value, asked, "then the entry of %q is removed", a.Table.Name)
		case *ast.StartAction:
			if a.After != nil {
				f.value(a.After, asked, "then timeout %q is not started", a.Event.Name)
			} else {
				f.value(a.Every, asked, "then timeout %q is not started", a.Event.Name)
			}
		case *ast.OpAction:
			for _, o := range a.Ops {
				if o.By != nil {
					f.value(o.By, asked, "then nothing is added to %q", o.Metric.Name)
				}
			}
		case *ast.AlertAction:
			f.text(a.Text, asked)
		case *ast.LogAction:
			f.text(a.Text, asked)
		}
	}
}

func (f *firstRun) text(s *ast.StringLit, asked map[Object]bool) {
	for _, p := range s.Parts {
		if p.Expr != nil {
			f.value(p.Expr, asked, "then the message says %q", "undefined")
		}
	}
}

// value warns if a value is divided by what is 0 at first.
func (f *firstRun) value(e ast.Expr, asked map[Object]bool, effect, of string) {
	at := f.divisor(e, asked)
	if at == nil || !f.c.once(e.Span(), "division") {
		return
	}
	d := f.c.warnf(diag.UndefinedDivision, e, "undefined at the first packet: the divisor is still 0").
		Hintf("give a value for then: default(…, 0)").
		Note(source.Span{}, effect, of)
	if at.Span() != e.Span() {
		d.Note(at.Span(), "it is divided by this")
	}
}

// divisor returns a divisor in e, features included, that is 0 at the first packet and
// that no condition asked for; or nil.
func (f *firstRun) divisor(e ast.Expr, asked map[Object]bool) (found ast.Expr) {
	ast.Walk(e, func(n ast.Node) bool {
		if found != nil {
			return false
		}
		switch n := n.(type) {
		case *ast.Call:
			return n.Func.Name != "default"
		case *ast.Name:
			if x, ok := f.c.info.Uses[n].(*Feature); ok && !asked[x] && x.weight < maxWeight {
				found = f.divisor(x.Decl.Value, asked)
			}
		case *ast.Binary:
			if (n.Op == ast.Div || n.Op == ast.Mod) && f.zero(n.Y, asked) {
				found = n.Y
				return false
			}
		}
		return true
	})
	return found
}

// zero reports whether e is 0 at the first packet.
func (f *firstRun) zero(e ast.Expr, asked map[Object]bool) bool {
	switch e := unparen(e).(type) {
	case *ast.Name:
		switch o := f.c.info.Uses[e].(type) {
		case *types.Builtin:
			return o.Name == "elapsed" && !asked[o]
		case *Metric:
			return o.Monitor != nil && !f.set[o] && !asked[o]
		case *Feature:
			return !asked[o] && o.weight < maxWeight && f.zero(o.Decl.Value, asked)
		}
	case *ast.Index:
		m, ok := f.c.info.Uses[e.Name].(*Metric)
		return ok && !f.set[m] && !asked[m]
	case *ast.Binary: // elapsed / 1s, n * 60
		if e.Op == ast.Mul || e.Op == ast.Div {
			return f.zero(e.X, asked)
		}
	}
	return false
}
