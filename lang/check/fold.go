package check

import (
	"math"
	"math/bits"

	"github.com/streamon/streamon/lang/ast"
	"github.com/streamon/streamon/lang/types"
)

// fold returns the value of an expression that is known at compile time.
// Parameters are not: the host may override them.
func (c *checker) fold(e ast.Expr) (types.Const, bool) {
	return c.folding(e, false)
}

// foldDefault is fold with parameters at their defaults, for checks of range.
func (c *checker) foldDefault(e ast.Expr) (types.Const, bool) {
	return c.folding(e, true)
}

// folding evaluates literals, constants and operators on them. What would be
// undefined (1 / 0) has no value.
func (c *checker) folding(e ast.Expr, params bool) (types.Const, bool) {
	if v, ok := literal(e); ok {
		return v, true
	}
	switch e := e.(type) {
	case *ast.Paren:
		return c.folding(e.X, params)
	case *ast.Name:
		switch o := c.info.Uses[e].(type) {
		case *types.Constant:
			return types.IntConst(o.Value), true
		case *Param:
			return o.Value, params && o.Type != types.Invalid
		}
	case *ast.Unary:
		if x, ok := c.folding(e.X, params); ok {
			return foldUnary(e.Op, x)
		}
	case *ast.Binary:
		x, ok := c.folding(e.X, params)
		if !ok {
			return types.Const{}, false
		}
		if y, ok := c.folding(e.Y, params); ok {
			return foldBinary(e.Op, x, y)
		}
	}
	return types.Const{}, false
}

// literal returns the value of a literal.
func literal(e ast.Expr) (types.Const, bool) {
	switch e := e.(type) {
	case *ast.IntLit:
		return types.IntConst(e.Value), true
	case *ast.FloatLit:
		return types.FloatConst(e.Value), true
	case *ast.BoolLit:
		return types.BoolConst(e.Value), true
	case *ast.DurationLit:
		return types.DurationConst(e.Value), true
	case *ast.SizeLit:
		return types.Const{Type: types.Size, I: e.Value}, true
	case *ast.IPLit:
		return types.Const{Type: types.IP, Addr: e.Value.As16()}, e.Value.IsValid()
	case *ast.NetLit:
		item, ok := netItem(e.Value)
		return types.Const{Type: types.Net, Addr: item.Addr, Bits: item.Bits}, ok
	case *ast.MACLit:
		return types.Const{Type: types.MAC, MAC: e.Value}, true
	case *ast.StringLit:
		text, ok := e.Text()
		return types.Const{Type: types.String, S: text}, ok
	}
	return types.Const{}, false
}

func foldUnary(op ast.Op, x types.Const) (types.Const, bool) {
	switch {
	case op == ast.Not && x.Type == types.Bool:
		return types.BoolConst(x.I == 0), true
	case op == ast.BitNot && x.Type == types.Int:
		return types.IntConst(^x.I), true
	case op == ast.Neg && x.Type == types.Float:
		return types.FloatConst(-x.F), true
	case op == ast.Neg && x.Type.IsNumeric() && x.I != math.MinInt64:
		x.I = -x.I
		return x, true
	}
	return types.Const{}, false
}

func foldBinary(op ast.Op, x, y types.Const) (types.Const, bool) {
	r := Operate(op, x.Type, y.Type)
	x, y = Convert(x, r.X), Convert(y, r.Y)
	switch {
	case r.Result == types.Invalid:
		return types.Const{}, false
	case op == ast.And:
		return types.BoolConst(x.I != 0 && y.I != 0), true
	case op == ast.Or:
		return types.BoolConst(x.I != 0 || y.I != 0), true
	case op.IsComparison():
		return foldComparison(op, x, y)
	case r.Result == types.Float:
		return foldFloat(op, x.F, y.F)
	case x.Type == types.Float || y.Type == types.Float:
		f, ok := foldFloat(op, x.Number(), y.Number()) // a duration by a number
		if !ok || math.Abs(f.F) >= math.MaxInt64 {
			return types.Const{}, false
		}
		return types.Const{Type: r.Result, I: int64(f.F)}, true
	}
	i, ok := foldInt(op, x.I, y.I)
	return types.Const{Type: r.Result, I: i}, ok
}

// Convert returns the constant in another type, which [Operate] asked for.
func Convert(x types.Const, to types.Type) types.Const {
	switch {
	case to == types.Float && x.Type != types.Float:
		return types.FloatConst(x.Number())
	case to == types.Int && (x.Type == types.Bool || x.Type == types.Size):
		x.Type = types.Int
	case to == types.Size && x.Type == types.Int:
		x.Type = types.Size
	}
	return x
}

func foldComparison(op ast.Op, x, y types.Const) (types.Const, bool) {
	if op == ast.Eq || op == ast.Ne {
		return types.BoolConst((x == y) == (op == ast.Eq)), true
	}
	a, b := x.Number(), y.Number()
	if x.Type != types.Float && x.I != y.I { // exact where floats are not
		a, b = 0, 1
		if x.I > y.I {
			a, b = 1, 0
		}
	}
	switch op {
	case ast.Lt:
		return types.BoolConst(a < b), true
	case ast.Le:
		return types.BoolConst(a <= b), true
	case ast.Gt:
		return types.BoolConst(a > b), true
	case ast.Ge:
		return types.BoolConst(a >= b), true
	}
	return types.Const{}, false
}

func foldFloat(op ast.Op, x, y float64) (types.Const, bool) {
	r := math.NaN()
	switch op {
	case ast.Add:
		r = x + y
	case ast.Sub:
		r = x - y
	case ast.Mul:
		r = x * y
	case ast.Div:
		if y != 0 {
			r = x / y
		}
	}
	return types.FloatConst(r), !math.IsNaN(r) && !math.IsInf(r, 0)
}

// foldInt computes on whole numbers; what overflows has no value.
func foldInt(op ast.Op, x, y int64) (int64, bool) {
	switch op {
	case ast.Add:
		r := x + y
		return r, (r > x) == (y > 0)
	case ast.Sub:
		r := x - y
		return r, (r < x) == (y > 0)
	case ast.Mul:
		hi, lo := bits.Mul64(magnitude(x), magnitude(y))
		return x * y, hi == 0 && lo <= math.MaxInt64
	case ast.Div: // a duration by a whole number
		if y != 0 && y != -1 {
			return x / y, true
		}
	case ast.Mod:
		if y != 0 && y != -1 {
			return x % y, true
		}
	case ast.BitAnd:
		return x & y, true
	case ast.BitOr:
		return x | y, true
	case ast.BitXor:
		return x ^ y, true
	case ast.Shl:
		if y >= 0 && y < 64 {
			return x << y, true
		}
	case ast.Shr:
		if y >= 0 && y < 64 {
			return x >> y, true
		}
	}
	return 0, false
}

func magnitude(x int64) uint64 {
	if x < 0 {
		return -uint64(x)
	}
	return uint64(x)
}
