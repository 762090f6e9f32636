package lower

import (
	"github.com/streamon/streamon/codegen/ir"
	"github.com/streamon/streamon/lang/ast"
	"github.com/streamon/streamon/lang/check"
	"github.com/streamon/streamon/lang/types"
)

// eitherOf returns the field that stands for two and that e is, or nil.
func (s *scope) eitherOf(e ast.Expr) *types.Field {
	n, ok := unparen(e).(*ast.Name)
	if !ok {
		return nil
	}
	f, ok := s.l.p.Info.Uses[n].(*types.Field)
	if !ok || !f.IsEither() {
		return nil
	}
	return f
}

// sides returns what a side of a comparison stands for: two fields or itself.
func (s *scope) sides(e ast.Expr) []ir.Expr {
	f := s.eitherOf(e)
	if f == nil {
		return []ir.Expr{s.expr(e)}
	}
	var out []ir.Expr
	for _, name := range f.Either {
		out = append(out, field(types.LookupField(name)))
	}
	return out
}

// comparison lowers ==, <, contains and so on. A field that stands for two makes
// two comparisons, of which one must hold, or both if the operator denies.
func (s *scope) comparison(e *ast.Binary) ir.Expr {
	var out ir.Expr
	xs, ys := s.sides(e.X), s.sides(e.Y)
	for _, x := range xs {
		for _, y := range ys {
			r := check.Operate(e.Op, x.Type(), y.Type())
			out = combine(e.Op == ast.Ne, out, binary(ops[e.Op], types.Bool, convert(x, r.X), convert(y, r.Y)))
		}
	}
	return out
}

// combine joins two tests of one field that stands for two.
func combine(denies bool, x, y ir.Expr) ir.Expr {
	switch {
	case x == nil:
		return y
	case denies:
		return binary(ir.And, types.Bool, x, y)
	}
	return binary(ir.Or, types.Bool, x, y)
}

// in lowers "x in set" and "x not in set".
func (s *scope) in(e *ast.Binary) ir.Expr {
	not := e.Op == ast.NotIn
	var out ir.Expr
	for _, x := range s.sides(e.X) {
		test := &ir.In{Typed: ir.Typed{T: types.Bool}, X: x, List: -1, Not: not}
		if l := s.list(e.Y); l != nil {
			test.List = s.l.index[l]
		} else {
			test.Items = items(s.members(e.Y))
		}
		out = combine(not, out, test)
	}
	return out
}

func (s *scope) list(e ast.Expr) *check.List {
	n, ok := unparen(e).(*ast.Name)
	if !ok {
		return nil
	}
	l, _ := s.l.p.Info.Uses[n].(*check.List)
	return l
}

// members returns the set that check read on the right side of in.
func (s *scope) members(e ast.Expr) []types.SetItem {
	info := s.l.p.Info
	if set, ok := info.Sets[e]; ok {
		return set
	}
	return info.Sets[unparen(e)]
}
