package lower

import (
	"github.com/streamon/streamon/codegen/ir"
	"github.com/streamon/streamon/lang/ast"
	"github.com/streamon/streamon/lang/check"
	"github.com/streamon/streamon/lang/types"
)

func (s *scope) actions(list []ast.Action) {
	for _, a := range list {
		s.action(a)
	}
}

// action lowers one action; what it reads comes right before it.
func (s *scope) action(a ast.Action) {
	at := ir.At{Pos: pos(a)}
	info := s.l.p.Info
	switch a := a.(type) {
	case *ast.OpAction:
		s.operation(a)
	case *ast.ResetAction:
		if t, ok := info.Uses[a.Metric].(*check.Table); ok {
			s.emit(&ir.Delete{At: at, Table: s.l.index[t]})
			s.stored()
			return
		}
		m := info.Uses[a.Metric].(*check.Metric)
		if i, ok := s.l.metrics[m]; ok {
			s.emit(&ir.Reset{At: at, Metric: i, Key: s.key(a.Keys)})
			s.changed()
		}
	case *ast.AssignAction:
		t := info.Uses[a.Table].(*check.Table)
		key, x := s.key(a.Keys), s.as(a.Value, t.Value)
		s.emit(&ir.Store{At: at, Table: s.l.index[t], Key: key, X: x})
		s.stored()
	case *ast.DeleteAction:
		s.emit(&ir.Delete{At: at, Table: s.l.index[info.Uses[a.Table]], Key: s.key(a.Keys)})
		s.stored()
	case *ast.AlertAction:
		s.emit(&ir.Alert{At: at, Level: s.level(a.Level), Message: s.message(a.Text)})
	case *ast.LogAction:
		s.emit(&ir.Log{At: at, Message: s.message(a.Text)})
	case *ast.PublishAction:
		p := &ir.Publish{At: at, Topic: a.Topic.Name}
		if a.Text != nil {
			p.Message = append([]ir.Part{}, s.message(a.Text)...)
		} else {
			p.Fields = s.published(a.Fields)
		}
		s.emit(p)
	case *ast.ExecAction:
		x := &ir.Exec{At: at}
		for _, arg := range a.Args {
			x.Args = append(x.Args, s.message(arg))
		}
		s.emit(x)
	case *ast.DropAction:
		s.emit(&ir.Drop{At: at})
	case *ast.CaptureAction:
		s.emit(&ir.Capture{At: at})
	case *ast.BlockAction:
		s.emit(&ir.Block{At: at, Name: s.blockName(a.Field), What: s.expr(a.Field), For: s.as(a.For, types.Duration)})
	case *ast.StartAction:
		st := &ir.Start{At: at, Event: s.l.index[info.Uses[a.Event]], Keep: a.Keep}
		if st.Every = a.Every != nil; st.Every {
			st.After = s.as(a.Every, types.Duration)
		} else {
			st.After = s.as(a.After, types.Duration)
		}
		s.emit(st)
	case *ast.StopAction:
		s.emit(&ir.Stop{At: at, Event: s.l.index[info.Uses[a.Event]]})
	}
}

// level is that of an alert: as written, else that of the state that the entity
// is in afterwards, else the default.
func (s *scope) level(id *ast.Ident) string {
	switch {
	case id != nil:
		return id.Name
	case s.after != nil && s.after.Level != "":
		return s.after.Level
	}
	return types.DefaultLevel
}

// blockName is what the log calls that which is blocked.
func (s *scope) blockName(e ast.Expr) string {
	n, ok := unparen(e).(*ast.Name)
	if !ok {
		return ""
	}
	if f, ok := s.l.p.Info.Uses[n].(*types.Field); ok {
		return f.Name
	}
	return n.Name
}

func (s *scope) published(fields []*ast.Arg) []ir.NamedValue {
	out := make([]ir.NamedValue, len(fields))
	for i, f := range fields {
		out[i].Name = f.Name.Name
		if s.l.p.Info.Types[f.Value] != types.Entries {
			out[i].X = s.expr(f.Value)
			continue
		}
		m := s.l.p.Info.Uses[unparen(f.Value)].(*check.Metric)
		if index, ok := s.l.metrics[m]; ok {
			out[i].X = &ir.TopList{Typed: ir.Typed{T: types.Entries}, Metric: index}
		} else { // never set: there is nothing to list
			out[i].X = ref(s.local(m.Name, m.Value))
		}
	}
	return out
}

// message lowers a text with values. Text that is known stands as text; an
// entity with several fields prints as "a, b".
func (s *scope) message(lit *ast.StringLit) []ir.Part {
	var out []ir.Part
	plain := func(t string) {
		if n := len(out); n > 0 && out[n-1].X == nil {
			out[n-1].Text += t
		} else if t != "" {
			out = append(out, ir.Part{Text: t})
		}
	}
	for _, p := range lit.Parts {
		if p.Expr == nil {
			plain(p.Text)
			continue
		}
		if n, ok := unparen(p.Expr).(*ast.Name); ok {
			if e, ok := s.l.p.Info.Uses[n].(*check.Entity); ok && len(e.Fields) > 1 {
				for i, f := range e.Fields {
					if i > 0 {
						plain(", ")
					}
					out = append(out, ir.Part{X: entityField(f)})
				}
				continue
			}
		}
		x := s.expr(p.Expr)
		if l, ok := x.(*ir.Lit); ok && l.Const.Type == types.String && p.Format == "" {
			plain(l.Const.S)
			continue
		}
		out = append(out, ir.Part{X: x, Format: p.Format})
	}
	return out
}
