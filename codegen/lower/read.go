package lower

import (
	"strings"

	"github.com/streamon/streamon/codegen/ir"
	"github.com/streamon/streamon/lang/ast"
	"github.com/streamon/streamon/lang/check"
	"github.com/streamon/streamon/lang/types"
)

// feature computes a feature, once for each place where what it reads is the
// same. Outside of handlers there are no locals, so it is written out.
func (s *scope) feature(f *check.Feature) ir.Expr {
	if s.body == nil {
		return s.expr(f.Decl.Value)
	}
	key := "feature " + f.Name
	if x, ok := s.recall(key); ok {
		return x
	}
	loads := *s.loads
	x := s.expr(f.Decl.Value)
	if !isAtom(x) {
		v := s.local(f.Name, x.Type())
		s.emit(&ir.Let{At: ir.At{Pos: pos(f.Decl)}, Dst: v, X: x})
		x = ref(v)
	}
	s.known[key] = known{x, *s.loads > loads}
	return x
}

// isAtom reports whether x is computed by looking at one place.
func isAtom(x ir.Expr) bool {
	switch x.(type) {
	case *ir.Lit, *ir.ParamRef, *ir.Field, *ir.HasLayer, *ir.LocalRef, *ir.EntityField:
		return true
	}
	return false
}

// metric reads a metric by its bare name: the value of the last operation on it.
// Without one, a metric that has no key is got here; any other is undefined,
// which is a local that nothing assigns.
func (s *scope) metric(m *check.Metric, at ast.Node) ir.Expr {
	if v := s.last[m]; v != nil {
		return ref(v)
	}
	if m.ReadsAlone() && m.Used() {
		return s.get(m, nil, at)
	}
	return ref(s.local(m.Name, m.Value))
}

// get emits a get that is no operation of the program.
func (s *scope) get(m *check.Metric, key []ir.Expr, at ast.Node) ir.Expr {
	id := "get " + m.Name + keyText(key)
	if x, ok := s.recall(id); ok {
		return x
	}
	v := s.local(m.Name, m.Value)
	s.emit(&ir.Get{At: ir.At{Pos: pos(at)}, Dst: v, Metric: s.l.metrics[m], Key: key})
	s.known[id] = known{x: ref(v)}
	return ref(v)
}

// index reads M[key] or table[key].
func (s *scope) index(e *ast.Index) ir.Expr {
	key := s.key(e.Keys)
	t, ok := s.l.p.Info.Uses[e.Name].(*check.Table)
	if !ok {
		return s.get(s.l.p.Info.Uses[e.Name].(*check.Metric), key, e)
	}
	id := "load " + t.Name + keyText(key)
	if x, ok := s.recall(id); ok {
		return x
	}
	v := s.local(t.Name, t.Value)
	s.emit(&ir.Load{At: ir.At{Pos: pos(e)}, Dst: v, Table: s.l.index[t], Key: key})
	s.known[id] = known{ref(v), true}
	*s.loads++
	return ref(v)
}

// has reads "has table[key]".
func (s *scope) has(e *ast.Has) ir.Expr {
	t := s.l.p.Info.Uses[e.Table].(*check.Table)
	key := s.key(e.Keys)
	id := "has " + t.Name + keyText(key)
	if x, ok := s.recall(id); ok {
		return x
	}
	v := s.local("has "+t.Name, types.Bool)
	s.emit(&ir.Has{At: ir.At{Pos: pos(e)}, Dst: v, Table: s.l.index[t], Key: key})
	s.known[id] = known{ref(v), true}
	*s.loads++
	return ref(v)
}

// key lowers the parts of a key; an entity becomes its fields.
func (s *scope) key(parts []ast.Expr) []ir.Expr {
	var out []ir.Expr
	for _, e := range parts {
		if n, ok := unparen(e).(*ast.Name); ok {
			if ent, ok := s.l.p.Info.Uses[n].(*check.Entity); ok {
				for _, f := range ent.Fields {
					out = append(out, entityField(f))
				}
				continue
			}
		}
		x := s.expr(e)
		if x.Type() == types.Size {
			x = convert(x, types.Int)
		}
		out = append(out, x)
	}
	return out
}

// reads names the features, metrics and tables that the source of a condition
// mentions, with their values at that place, for alerts.
func (s *scope) reads(cond ast.Expr) []ir.NamedValue {
	var out []ir.NamedValue
	seen := map[string]bool{}
	add := func(name string, x ir.Expr) {
		if !seen[name] {
			seen[name] = true
			out = append(out, ir.NamedValue{Name: name, X: x})
		}
	}
	info := s.l.p.Info
	ast.Walk(cond, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.Name:
			switch o := info.Uses[n].(type) {
			case *check.Feature:
				add(o.Name, s.feature(o))
			case *check.Metric:
				add(o.Name, s.metric(o, n))
			}
		case *ast.Index:
			x := s.index(n)
			name := n.Name.Name
			if seen[name] && !has(out, name, x) {
				name += "[" + sourceText(n.Keys) + "]"
			}
			add(name, x)
			return false
		}
		return true
	})
	return out
}

// has reports whether list has the same local under the name already.
func has(list []ir.NamedValue, name string, x ir.Expr) bool {
	for _, v := range list {
		if v.Name == name {
			return exprText(v.X) == exprText(x)
		}
	}
	return false
}

// sourceText is a key as the program names its parts.
func sourceText(parts []ast.Expr) string {
	names := make([]string, len(parts))
	for i, e := range parts {
		names[i] = "…"
		if n, ok := unparen(e).(*ast.Name); ok {
			names[i] = n.Name
		}
	}
	return strings.Join(names, ", ")
}
