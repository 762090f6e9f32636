package pass

import (
	"math"

	"github.com/streamon/streamon/codegen/ir"
	"github.com/streamon/streamon/lang/types"
)

// simplify returns what x, whose operands are folded, is worth, and why; nil if
// there is nothing simpler.
func simplify(x ir.Expr) (ir.Expr, string) {
	switch x := x.(type) {
	case *ir.Unary:
		if l, ok := x.X.(*ir.Lit); ok {
			return foldUnary(x, l)
		}
	case *ir.Binary:
		a, isA := x.X.(*ir.Lit)
		b, isB := x.Y.(*ir.Lit)
		if isA && isB {
			return foldBinary(x, a, b)
		}
		if x.Op.IsComparison() && (isA && isNaN(a) || isB && isNaN(b)) {
			return boolLit(false), "compared with undefined"
		}
		if isB && isIdentity(x.Op, b) && x.X.Type() == x.T {
			return x.X, "the right side changes nothing"
		}
		if isA && commutes(x.Op) && isIdentity(x.Op, a) && x.Y.Type() == x.T {
			return x.Y, "the left side changes nothing"
		}
	case *ir.Convert:
		if l, ok := x.X.(*ir.Lit); ok {
			c := ir.Const{Type: x.T, I: l.I}
			if x.T == types.Float {
				c = ir.Const{Type: x.T, F: number(l)}
			}
			return lit(c), "constant"
		}
	case *ir.Call:
		return foldCall(x)
	case *ir.In:
		if x.List < 0 && len(x.Items) == 0 && !x.Not {
			return boolLit(false), "the set is empty"
		}
		if x.List < 0 && len(x.Items) == 0 { // true iff x is defined
			return &ir.Binary{Typed: x.Typed, Op: ir.Eq, X: x.X, Y: x.X}, "the set is empty"
		}
	}
	return nil, ""
}

func isNaN(l *ir.Lit) bool { return l.Type() == types.Float && math.IsNaN(l.F) }

func number(l *ir.Lit) float64 {
	if l.Type() == types.Float {
		return l.F
	}
	return float64(l.I)
}

// isInt reports whether t is kept in 64 bits.
func isInt(t types.Type) bool {
	return t == types.Int || t == types.Size || t == types.Duration || t == types.Time || t == types.Bool
}

// isIdentity reports whether "x op l" is x for every x, an undefined one too.
// Adding a float zero is not: it makes +0 of -0.
func isIdentity(op ir.Op, l *ir.Lit) bool {
	if l.Type() == types.Float {
		return (op == ir.Mul || op == ir.Div) && l.F == 1
	}
	switch op {
	case ir.Add, ir.Sub, ir.BitOr, ir.BitXor, ir.Shl, ir.Shr:
		return l.I == 0
	case ir.Mul:
		return l.I == 1
	case ir.BitAnd:
		return l.I == -1
	}
	return false
}

func commutes(op ir.Op) bool {
	switch op {
	case ir.Add, ir.Mul, ir.BitAnd, ir.BitOr, ir.BitXor:
		return true
	}
	return false
}

func foldUnary(x *ir.Unary, l *ir.Lit) (ir.Expr, string) {
	c := l.Const
	switch {
	case x.Op == ir.Neg && c.Type == types.Float:
		c.F = -c.F
	case x.Op == ir.Neg && c.I != math.MinInt64:
		c.I = -c.I
	case x.Op == ir.Inv:
		c.I = ^c.I
	default:
		return nil, ""
	}
	return lit(c), "constant"
}

func foldBinary(x *ir.Binary, a, b *ir.Lit) (ir.Expr, string) {
	const why = "constant"
	ta, tb := a.Type(), b.Type()
	if x.Op.IsComparison() {
		switch {
		case ta == types.Float || tb == types.Float:
			if isInt(ta) || isInt(tb) || ta == tb {
				return boolLit(compare(x.Op, number(a), number(b))), why
			}
		case isInt(ta) && isInt(tb):
			return boolLit(compare(x.Op, a.I, b.I)), why
		case ta == types.String && x.Op != ir.Contains:
			return boolLit(compare(x.Op, a.S, b.S)), why
		}
		return nil, ""
	}
	if x.T == types.Float && (x.Op != ir.Div || number(b) != 0) {
		if f, ok := floats(x.Op, number(a), number(b)); ok {
			return lit(ir.Const{Type: types.Float, F: f}), why
		}
		return nil, ""
	}
	if !isInt(ta) || !isInt(tb) || !isInt(x.T) {
		return nil, ""
	}
	if n, ok := integers(x.Op, a.I, b.I); ok {
		return lit(ir.Const{Type: x.T, I: n}), why
	}
	return nil, ""
}

// compare is false if one is NaN, for != too.
func compare[T int64 | float64 | string](op ir.Op, a, b T) bool {
	switch op {
	case ir.Eq:
		return a == b
	case ir.Ne:
		return a < b || a > b
	case ir.Lt:
		return a < b
	case ir.Le:
		return a <= b
	case ir.Gt:
		return a > b
	}
	return a >= b
}

func floats(op ir.Op, a, b float64) (float64, bool) {
	f := math.NaN()
	switch op {
	case ir.Add:
		f = a + b
	case ir.Sub:
		f = a - b
	case ir.Mul:
		f = a * b
	case ir.Div:
		f = a / b
	}
	return f, !math.IsNaN(f)
}

// integers computes a op b; ok is false where it overflows, is undefined, or is a
// division, which rounds by rules of its own.
func integers(op ir.Op, a, b int64) (n int64, ok bool) {
	switch op {
	case ir.Add:
		n = a + b
		return n, (a^n)&(b^n) >= 0
	case ir.Sub:
		n = a - b
		return n, (a^b)&(a^n) >= 0
	case ir.Mul:
		if max(a, -a) > math.MaxInt32 || max(b, -b) > math.MaxInt32 || a == math.MinInt64 || b == math.MinInt64 {
			if f := float64(a) * float64(b); math.Abs(f) > 1<<62 {
				return 0, false
			}
		}
		return a * b, true
	case ir.Mod:
		if b == 0 || b == -1 {
			return 0, false
		}
		return a % b, true
	case ir.BitAnd:
		return a & b, true
	case ir.BitOr:
		return a | b, true
	case ir.BitXor:
		return a ^ b, true
	case ir.Shl:
		return a << (b & 63), b >= 0 && b < 64
	case ir.Shr:
		return a >> (b & 63), b >= 0 && b < 64
	}
	return 0, false
}

// foldCall folds abs, min and max; the rest is left to run time, which rounds as
// it does for values that are not constant.
func foldCall(x *ir.Call) (ir.Expr, string) {
	if len(x.Args) == 0 {
		return nil, ""
	}
	if len(x.Args) == 1 && (x.Func == "min" || x.Func == "max") && x.Args[0].Type() == x.T {
		return x.Args[0], "of one value"
	}
	best, ok := x.Args[0].(*ir.Lit)
	if !ok || isNaN(best) {
		return nil, ""
	}
	for _, a := range x.Args[1:] {
		l, ok := a.(*ir.Lit)
		if !ok || isNaN(l) {
			return nil, ""
		}
		if x.Func == "min" && number(l) < number(best) || x.Func == "max" && number(l) > number(best) {
			best = l
		}
	}
	c := best.Const
	switch x.Func {
	case "min", "max":
	case "abs":
		if c.I == math.MinInt64 {
			return nil, ""
		}
		c.I, c.F = max(c.I, -c.I), math.Abs(c.F)
	default:
		return nil, ""
	}
	c.Type = x.T
	return lit(c), "constant"
}
