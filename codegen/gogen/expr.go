package gogen

import (
	"fmt"
	"math"

	"github.com/dave/jennifer/jen"

	"github.com/streamon/streamon/codegen/ir"
	"github.com/streamon/streamon/lang/types"
)

// value returns e as a Go expression of the Go type of its type (see goType),
// with the guards under which it is defined.
func (f *fn) value(e ir.Expr) val {
	switch e := e.(type) {
	case *ir.Lit:
		return f.literal(e.Const)
	case *ir.ParamRef:
		return primary(f.m(f.g.params[e.Param]))
	case *ir.Field:
		return f.field(e.Name)
	case *ir.LocalRef:
		return f.local(e.Local)
	case *ir.EntityField:
		return f.entityField(e.Index)
	case *ir.Convert:
		return f.convert(e)
	case *ir.Call:
		return f.builtin(e)
	case *ir.Unary:
		x := f.value(e.X)
		switch {
		case e.Op == ir.Not:
			return f.closed(f.cond(e)).orTrue()
		case e.Op == ir.Inv:
			x, _ = meet2(wide(x), x)
			return with(jen.Op("^").Add(x.in(precUnary)), precUnary, x)
		case e.Type() == types.Float && x.lit && isZero(e.X):
			return primary(floatLit(math.Copysign(0, -1)))
		case e.Type() == types.Float || x.lit && e.Op == ir.Neg && x.n != math.MinInt64:
			v := with(jen.Op("-").Add(x.in(precPrimary)), precUnary, x)
			v.lit, v.n = x.lit, -x.n
			return v
		}
		return with(call("Neg", wide(x).code), precPrimary, x)
	case *ir.Binary:
		if e.Op.IsComparison() || e.Op == ir.And || e.Op == ir.Or {
			return f.closed(f.cond(e)).orTrue()
		}
		return f.binary(e)
	case *ir.In, *ir.HasLayer:
		return f.closed(f.cond(e)).orTrue()
	}
	f.fail(fmt.Errorf("expression %T has no value in Go", e))
	return primary(jen.Lit(0))
}

// orTrue writes out a condition that is always true.
func (v val) orTrue() val {
	if v.code == nil {
		return primary(jen.True())
	}
	return v
}

// wide returns an integer value as an int64 expression.
func wide(v val) val {
	if v.narrow == 0 {
		return v
	}
	v.code, v.prec, v.narrow = jen.Int64().Parens(v.code.Clone()), precPrimary, 0
	return v
}

// literal writes a constant: 100, 0.25, true, packet.IPv4(10, 0, 0, 1),
// packet.MAC{0x02, …}, "text". Durations are nanoseconds.
func (f *fn) literal(c ir.Const) val {
	v := val{prec: precPrimary, lit: true}
	switch c.Type {
	case types.Bool:
		return primary(jen.Lit(c.I != 0))
	case types.Float:
		v.code = floatLit(c.F)
		v.lit = !math.IsInf(c.F, 0) && !math.IsNaN(c.F) && (c.F != 0 || !math.Signbit(c.F))
	case types.IP:
		return primary(ipLit(c.Addr))
	case types.MAC:
		return primary(macLit(c.MAC))
	case types.String:
		v.code, v.isText = jen.Lit(c.S), true
	default:
		v.code, v.n = intLit(c.I), c.I
	}
	if c.Type != types.String && v.lit && (c.I < 0 || c.F < 0) {
		v.prec = precUnary
	}
	return v
}

// intLit writes an integer constant.
func intLit(i int64) *jen.Statement {
	if i == math.MinInt64 {
		return jen.Qual("math", "MinInt64")
	}
	return jen.Lit(int(i))
}

func floatLit(x float64) *jen.Statement {
	switch {
	case math.IsNaN(x):
		return call("Undefined")
	case math.IsInf(x, 0):
		sign := 1
		if x < 0 {
			sign = -1
		}
		return jen.Qual("math", "Inf").Call(jen.Lit(sign))
	case x == 0 && math.Signbit(x): // Go's constants have no negative zero
		return jen.Qual("math", "Copysign").Call(jen.Lit(0), jen.Lit(-1))
	case x == math.Trunc(x) && math.Abs(x) < 1e15:
		return jen.Lit(int(x))
	}
	return jen.Lit(x)
}

func ipLit(a [16]byte) *jen.Statement {
	if [12]byte(a[:12]) == [12]byte{10: 0xff, 11: 0xff} {
		return rt("packet", "IPv4").Call(jen.Lit(int(a[12])), jen.Lit(int(a[13])), jen.Lit(int(a[14])), jen.Lit(int(a[15])))
	}
	return jen.Parens(rt("packet", "IP").Values(hexBytes(a[:])...))
}

func macLit(a [6]byte) *jen.Statement {
	return jen.Parens(rt("packet", "MAC").Values(hexBytes(a[:])...))
}

func hexBytes(b []byte) []jen.Code {
	out := make([]jen.Code, len(b))
	for i, x := range b {
		out[i] = jen.Id(fmt.Sprintf("0x%02x", x))
	}
	return out
}

// binary writes an arithmetic operator. Integers saturate through program.Add,
// Sub and Mul; divisors and shift counts of a value outside the operator's domain
// become guards.
func (f *fn) binary(e *ir.Binary) val {
	x, y := f.value(e.X), f.value(e.Y)
	if e.Type() == types.Float {
		return f.floatBinary(e, x, y)
	}
	tx, ty := e.X.Type(), e.Y.Type()
	if tx == types.Float || ty == types.Float || e.Op == ir.Div {
		return f.scaled(e, x, y)
	}
	switch e.Op {
	case ir.BitAnd, ir.BitOr, ir.BitXor:
		return bitwise(e.Op, x, y)
	}
	xc, yc := wide(x).code, wide(y).code
	switch e.Op {
	case ir.Add, ir.Sub, ir.Mul:
		name := map[ir.Op]string{ir.Add: "Add", ir.Sub: "Sub", ir.Mul: "Mul"}[e.Op]
		return with(call(name, xc, yc), precPrimary, x, y)
	case ir.Mod:
		v := with(call("Mod", xc, yc), precPrimary, x, y)
		if !y.lit || y.n == 0 {
			v = v.also(wide(y).in(precAdd).Op("!=").Lit(0))
		}
		return v
	case ir.Shl, ir.Shr:
		name := map[ir.Op]string{ir.Shl: "Shl", ir.Shr: "Shr"}[e.Op]
		v := with(call(name, xc, yc), precPrimary, x, y)
		if l, ok := e.Y.(*ir.Lit); !ok || uint64(l.I) > 63 {
			v = v.also(call("ShiftOK", yc))
		}
		return v
	}
	f.fail(fmt.Errorf("operator %v on %v", e.Op, e.X.Type()))
	return x
}

// floatBinary writes x + y, program.Div(x, y) and so on. A product that is
// added to something is rounded first, by a conversion: fused multiply-add
// would make results differ between machines.
func (f *fn) floatBinary(e *ir.Binary, x, y val) val {
	x, y = asFloat(e.X.Type(), x), asFloat(e.Y.Type(), y)
	if x.lit && y.lit && e.Op != ir.Div { // Go would refuse a constant that overflows
		x.code, x.prec = f.typedFloat(x), precPrimary
	}
	var op string
	prec := precAdd
	switch e.Op {
	case ir.Div:
		return with(call("Div", x.code, y.code), precPrimary, x, y)
	case ir.Add:
		op = "+"
	case ir.Sub:
		op = "-"
	case ir.Mul:
		return with(x.in(precMul).Op("*").Add(y.in(precUnary)), precMul, x, y)
	default:
		f.fail(fmt.Errorf("operator %v on floats", e.Op))
	}
	return with(rounded(x).in(prec).Op(op).Add(rounded(y).in(prec+1)), prec, x, y)
}

func rounded(v val) val {
	if v.prec == precMul {
		v.code, v.prec = jen.Float64().Parens(v.code.Clone()), precPrimary
	}
	return v
}

// typedFloat keeps Go from folding a literal.
func (f *fn) typedFloat(v val) *jen.Statement { return call("Div", v.code.Clone(), jen.Lit(1)) }

// scaled writes a duration times or divided by a number, rounded towards zero:
// program.ToInt(float64(d) * x). It is undefined if the quotient is.
func (f *fn) scaled(e *ir.Binary, x, y val) val {
	if e.Op == ir.Mul && e.X.Type() != types.Float && e.Y.Type() != types.Float {
		return with(call("Mul", wide(x).code, wide(y).code), precPrimary, x, y)
	}
	fx, fy := asFloat(e.X.Type(), x), asFloat(e.Y.Type(), y)
	if fx.lit && fy.lit {
		fx.code, fx.prec = f.typedFloat(fx), precPrimary
	}
	product := fx.in(precMul).Op("*").Add(fy.in(precUnary))
	if e.Op == ir.Div {
		product = call("Div", fx.code, fy.code)
	}
	v := with(call("ToInt", product), precPrimary, x, y)
	if e.Op == ir.Div && fy.lit && !isZero(e.Y) || fx.lit && fy.lit && e.Op == ir.Mul {
		return v
	}
	return v.also(call("Defined", product.Clone()))
}

func isZero(e ir.Expr) bool {
	l, ok := e.(*ir.Lit)
	return ok && l.I == 0 && l.F == 0
}

// bitwise writes x & y and so on. A narrow field with a literal that fits stays
// narrow: p.TCPFlags & (packet.SYN|packet.ACK).
func bitwise(op ir.Op, x, y val) val {
	prec, sign := precAdd, map[ir.Op]string{ir.BitAnd: "&", ir.BitOr: "|", ir.BitXor: "^"}[op]
	if op == ir.BitAnd {
		prec = precMul
	}
	lit, other := y, x
	if x.lit {
		lit, other = x, y
	}
	narrow := 0
	if lit.lit && other.narrow > 0 && fits(lit, other.narrow) {
		narrow = other.narrow
		if other.flags {
			if x.lit {
				x = flagNames(x, x.n)
			} else {
				y = flagNames(y, y.n)
			}
		}
	} else {
		x, y = meet2(wide(x), wide(y))
	}
	v := with(x.in(prec).Op(sign).Add(y.in(prec+1)), prec, x, y)
	v.narrow, v.flags = narrow, other.flags && narrow > 0
	return v
}

// asFloat returns a numeric value as a float64 expression.
func asFloat(t types.Type, v val) val {
	if t == types.Float {
		return v
	}
	if v.lit {
		return v
	}
	if t == types.Bool {
		return with(call("BoolFloat", v.code), precPrimary, v)
	}
	return with(jen.Float64().Parens(v.code.Clone()), precPrimary, v)
}

func (f *fn) convert(e *ir.Convert) val {
	x := f.value(e.X)
	if e.Type() == types.Float {
		return asFloat(e.X.Type(), x)
	}
	if e.X.Type() == types.Bool {
		return with(call("BoolInt", x.code), precPrimary, x)
	}
	return x
}

// orElse writes default(x, y). The guards of x choose; the value is undefined if
// neither they nor those of y hold.
func (f *fn) orElse(e *ir.Call, x, y val) val {
	name := "DefaultInt"
	conds := f.guards(x)
	either := conds
	if e.Type() == types.Float {
		name = "DefaultFloat"
		either = append(either[:len(either):len(either)], call("Defined", x.code.Clone()))
	}
	ok := jen.True()
	if len(conds) > 0 {
		ok = join("&&", conds)
	}
	v := primary(call(name, ok, x.code, y.code))
	if other := f.guards(y); len(other) > 0 && len(either) > 0 {
		v.oks = []*jen.Statement{jen.Parens(join("&&", either).Op("||").Add(join("&&", other)))}
	}
	return v
}

// builtin writes a call of a function of the language.
func (f *fn) builtin(e *ir.Call) val {
	args := make([]val, len(e.Args))
	parts := make([]*jen.Statement, len(e.Args))
	for i, a := range e.Args {
		args[i] = wide(f.value(a))
		if e.Type() == types.Float {
			args[i] = asFloat(a.Type(), args[i])
		}
		parts[i] = args[i].code
	}
	float := e.Type() == types.Float
	fun := func(s *jen.Statement) val { return with(s.Call(codes(parts)...), precPrimary, args...) }
	switch e.Func {
	case "now":
		return primary(f.m("now"))
	case "elapsed":
		return primary(call("Sub", f.m("now"), f.m("core").Dot("First")))
	case "age":
		return f.age()
	case "abs":
		if float {
			return fun(jen.Qual("math", "Abs"))
		}
		return fun(program("Abs"))
	case "min", "max":
		if len(args) > 0 && args[0].lit { // constants only would yield an int
			parts[0] = jen.Id(map[bool]string{true: "float64", false: "int64"}[float]).Parens(parts[0].Clone())
		}
		return fun(jen.Id(e.Func))
	case "default":
		return f.orElse(e, args[0], args[1])
	case "floor":
		return fun(jen.Qual("math", "Floor"))
	case "ceil":
		return fun(jen.Qual("math", "Ceil"))
	case "exp":
		return fun(jen.Qual("math", "Exp"))
	case "sqrt":
		return fun(program("Sqrt"))
	case "log":
		return fun(program("Log"))
	case "log2":
		return fun(program("Log2"))
	case "len":
		return with(jen.Int64().Parens(jen.Len(args[0].code)), precPrimary, args[0])
	}
	f.fail(fmt.Errorf("builtin %q", e.Func))
	return primary(jen.Lit(0))
}
