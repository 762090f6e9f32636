package lower

import (
	"reflect"

	"github.com/streamon/streamon/codegen/ir"
	"github.com/streamon/streamon/lang/ast"
	"github.com/streamon/streamon/lang/check"
	"github.com/streamon/streamon/lang/types"
)

// handlers merges the handlers of an event into one body for each state, and
// states with equal bodies into one handler.
func (l *lowerer) handlers(e *check.Event) []*ir.Handler {
	if e.Entity == nil {
		list := l.p.HandlersOf(e, nil)
		if len(list) == 0 {
			return nil
		}
		return []*ir.Handler{{Pos: pos(list[0].Decl), Body: l.body(e, nil, list)}}
	}
	var out []*ir.Handler
	for _, s := range l.p.States {
		list := l.p.HandlersOf(e, s)
		if len(list) == 0 {
			continue
		}
		h := &ir.Handler{Pos: pos(list[0].Decl), States: []int{s.Index}, Body: l.body(e, s, list)}
		if same := sameBody(out, h); same != nil {
			same.States = append(same.States, s.Index)
			continue
		}
		out = append(out, h)
	}
	return out
}

// sameBody finds a handler with the same source and body.
func sameBody(list []*ir.Handler, h *ir.Handler) *ir.Handler {
	for _, o := range list {
		if o.Pos == h.Pos && reflect.DeepEqual(o.Body, h.Body) {
			return o
		}
	}
	return nil
}

// body lowers handlers that run as one: all operations, then all conditions up
// to the first otherwise, then all that runs always.
func (l *lowerer) body(e *check.Event, state *check.State, list []*check.Handler) *ir.Body {
	b := &ir.Body{}
	s := &scope{
		l: l, event: e, state: state, after: state, body: b, stmts: &b.Ops,
		last: map[*check.Metric]*ir.Local{}, known: map[string]known{}, loads: new(int),
	}
	for _, h := range list {
		for _, st := range h.Decl.Body {
			if op, ok := st.(*ast.OpAction); ok {
				s.operation(op)
			}
		}
	}
	b.Arms = s.arms(list)
	always := s.into(&b.Always)
	always.known = map[string]known{} // conditions ran since, and perhaps a transition
	if leaves(b.Arms) {
		always.after = nil
	}
	for _, h := range list {
		for _, st := range h.Decl.Body {
			switch st := st.(type) {
			case *ast.Always:
				always.actions(st.Actions)
			case *ast.OpAction, *ast.When, *ast.Otherwise:
			case ast.Action:
				always.actions([]ast.Action{st})
			}
		}
	}
	prune(b)
	return b
}

func leaves(arms []*ir.Arm) bool {
	for _, a := range arms {
		if a.To >= 0 {
			return true
		}
	}
	return false
}

// arms lowers the conditions. What a condition reads before it is tested is
// known to those after it, which run only if it was tested.
func (s *scope) arms(list []*check.Handler) []*ir.Arm {
	var out []*ir.Arm
	var all []ir.NamedValue // of the conditions so far
	for _, h := range list {
		for _, st := range h.Decl.Body {
			switch st := st.(type) {
			case *ast.When:
				arm := &ir.Arm{Pos: pos(st), To: -1}
				s.stmts = &arm.Pre
				arm.If = s.expr(st.Cond)
				arm.Reads = s.reads(st.Cond)
				all = merge(all, arm.Reads)
				s.then(arm, st.To, st.Actions)
				out = append(out, arm)
			case *ast.Otherwise:
				arm := &ir.Arm{Pos: pos(st), To: -1, Reads: all}
				s.then(arm, st.To, st.Actions)
				return append(out, arm)
			}
		}
	}
	return out
}

// merge adds to list the values whose names are new to it.
func merge(list, more []ir.NamedValue) []ir.NamedValue {
	out := append([]ir.NamedValue(nil), list...)
	for _, v := range more {
		known := false
		for _, o := range list {
			known = known || o.Name == v.Name
		}
		if !known {
			out = append(out, v)
		}
	}
	return out
}

// then lowers the actions and the transition of an arm.
func (s *scope) then(arm *ir.Arm, to *ast.Ident, actions []ast.Action) {
	t := s.into(&arm.Then)
	if to != nil {
		t.after = s.l.p.Info.Uses[to].(*check.State)
		arm.To = t.after.Index
	}
	t.actions(actions)
}

// operation lowers set and get.
func (s *scope) operation(a *ast.OpAction) {
	for _, op := range a.Ops {
		m := s.l.p.Info.Uses[op.Metric].(*check.Metric)
		key := s.key(op.Keys)
		var distinct []ir.Expr
		if op.New != nil {
			distinct = s.key(op.New.Parts)
		}
		var by ir.Expr
		if op.By != nil {
			if by = s.expr(op.By); by.Type() == types.Size {
				by = convert(by, types.Int)
			}
		}
		v := s.local(m.Name, m.Value)
		at := ir.At{Pos: pos(op)}
		if a.Verb == "set" {
			s.emit(&ir.Set{At: at, Dst: v, Metric: s.l.metrics[m], Key: key, Distinct: distinct, By: by})
		} else {
			s.emit(&ir.Get{At: at, Dst: v, Metric: s.l.metrics[m], Key: key, Distinct: distinct})
		}
		s.last[m] = v
		s.changed()
	}
}
