package lower

import (
	"github.com/streamon/streamon/codegen/ir"
	"github.com/streamon/streamon/lang/ast"
	"github.com/streamon/streamon/lang/check"
	"github.com/streamon/streamon/lang/types"
)

// as lowers e and converts it.
func (s *scope) as(e ast.Expr, t types.Type) ir.Expr { return convert(s.expr(e), t) }

// convert turns x into another type, which check found possible.
func convert(x ir.Expr, t types.Type) ir.Expr {
	if x.Type() == t || t == types.Invalid {
		return x
	}
	if lit, ok := x.(*ir.Lit); ok {
		return constant(check.Convert(types.Const(lit.Const), t))
	}
	return &ir.Convert{Typed: ir.Typed{T: t}, X: x}
}

func constant(v types.Const) *ir.Lit { return &ir.Lit{Const: ir.Const(v)} }

func text(t string) *ir.Lit { return constant(types.Const{Type: types.String, S: t}) }

// expr lowers an expression. What is known at compile time becomes a literal.
func (s *scope) expr(e ast.Expr) ir.Expr {
	info := s.l.p.Info
	if v, ok := info.Consts[e]; ok {
		return constant(v)
	}
	switch e := e.(type) {
	case *ast.Paren:
		return s.expr(e.X)
	case *ast.Name:
		return s.name(e)
	case *ast.Index:
		return s.index(e)
	case *ast.Has:
		return s.has(e)
	case *ast.Call:
		return s.call(e)
	case *ast.Unary:
		return s.unary(e)
	case *ast.Binary:
		switch {
		case e.Op == ast.In || e.Op == ast.NotIn:
			return s.in(e)
		case e.Op.IsComparison():
			return s.comparison(e)
		}
		return s.binary(e)
	}
	panic("lower: unchecked expression at " + pos(e).String())
}

func (s *scope) name(n *ast.Name) ir.Expr {
	switch o := s.l.p.Info.Uses[n].(type) {
	case *check.Param:
		return &ir.ParamRef{Typed: ir.Typed{T: o.Type}, Param: s.l.index[o]}
	case *check.Feature:
		return s.feature(o)
	case *check.Metric:
		return s.metric(o, n)
	case *check.Entity:
		return entityField(o.Fields[0])
	case *check.EntityField:
		return entityField(o)
	case *types.Field:
		return field(o)
	case *types.Layer:
		if len(o.Need) == 0 {
			return constant(types.BoolConst(true))
		}
		return &ir.HasLayer{Typed: ir.Typed{T: types.Bool}, Layer: o.Name}
	case *types.Builtin:
		return &ir.Call{Typed: ir.Typed{T: o.Result}, Func: o.Name}
	case check.StateRef:
		return text(stateText(o, s.after))
	}
	panic("lower: unchecked name at " + pos(n).String())
}

func field(f *types.Field) ir.Expr { return &ir.Field{Typed: ir.Typed{T: f.Type}, Name: f.Name} }

func entityField(f *check.EntityField) ir.Expr {
	return &ir.EntityField{Typed: ir.Typed{T: f.Type}, Index: f.Index}
}

// stateText is what {state}, {state.level}, … print.
func stateText(r check.StateRef, s *check.State) string {
	switch {
	case s == nil:
		return ""
	case r.Part == "level":
		return s.Level
	case r.Part == "code":
		return s.Code
	case r.Part == "description":
		return s.Doc
	}
	return s.Name
}

// call lowers a builtin function: abs, min and max work in the type of their
// result, the others in that of their argument.
func (s *scope) call(e *ast.Call) ir.Expr {
	t := s.l.p.Info.Types[e]
	b := s.l.p.Info.Uses[e.Func].(*types.Builtin)
	arg := b.Args
	if arg == types.Invalid {
		arg = t
	}
	out := &ir.Call{Typed: ir.Typed{T: t}, Func: b.Name}
	for _, a := range e.Args {
		out.Args = append(out.Args, s.as(a, arg))
	}
	return out
}

// unary lowers an operator before its operand. "not flag" is a test on a packet
// field, so it is false if the field is absent; not of anything else is ordinary.
func (s *scope) unary(e *ast.Unary) ir.Expr {
	t := s.l.p.Info.Types[e]
	x := s.expr(e.X)
	switch e.Op {
	case ast.Not:
		if f, ok := x.(*ir.Field); ok {
			return binary(ir.Eq, types.Bool, f, constant(types.BoolConst(false)))
		}
		return &ir.Unary{Typed: ir.Typed{T: types.Bool}, Op: ir.Not, X: x}
	case ast.BitNot:
		return &ir.Unary{Typed: ir.Typed{T: t}, Op: ir.Inv, X: convert(x, t)}
	}
	return &ir.Unary{Typed: ir.Typed{T: t}, Op: ir.Neg, X: convert(x, t)}
}

// ops are the operators of the IR.
var ops = map[ast.Op]ir.Op{
	ast.Or: ir.Or, ast.And: ir.And, ast.Eq: ir.Eq, ast.Ne: ir.Ne, ast.Lt: ir.Lt, ast.Le: ir.Le, ast.Gt: ir.Gt, ast.Ge: ir.Ge,
	ast.Contains: ir.Contains, ast.BitOr: ir.BitOr, ast.BitXor: ir.BitXor, ast.BitAnd: ir.BitAnd, ast.Shl: ir.Shl, ast.Shr: ir.Shr,
	ast.Add: ir.Add, ast.Sub: ir.Sub, ast.Mul: ir.Mul, ast.Div: ir.Div, ast.Mod: ir.Mod,
}

func binary(op ir.Op, t types.Type, x, y ir.Expr) ir.Expr {
	return &ir.Binary{Typed: ir.Typed{T: t}, Op: op, X: x, Y: y}
}

// binary lowers an operator that is no comparison.
func (s *scope) binary(e *ast.Binary) ir.Expr {
	x, y := s.expr(e.X), s.expr(e.Y)
	r := check.Operate(e.Op, x.Type(), y.Type())
	return binary(ops[e.Op], r.Result, convert(x, r.X), convert(y, r.Y))
}

func unparen(e ast.Expr) ast.Expr {
	for {
		p, ok := e.(*ast.Paren)
		if !ok {
			return e
		}
		e = p.X
	}
}
