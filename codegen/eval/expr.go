package eval

import (
	"bytes"
	"math"
	"strings"

	"github.com/streamon/streamon/codegen/ir"
	"github.com/streamon/streamon/lang/types"
	"github.com/streamon/streamon/runtime/packet"
	"github.com/streamon/streamon/runtime/program"
)

// eval returns the value of x in the context c: one case for each kind of
// expression, undefined operands first.
func (c *context) eval(x ir.Expr) value {
	switch x := x.(type) {
	case *ir.Lit:
		return literal(x.Const)
	case *ir.ParamRef:
		return c.m.params[x.Param]
	case *ir.Field:
		return c.field(x.Name)
	case *ir.HasLayer:
		return c.layer(x.Layer)
	case *ir.LocalRef:
		return c.locals[x.Local.ID]
	case *ir.EntityField:
		return c.key[x.Index]
	case *ir.Unary:
		return unary(x, c.eval(x.X))
	case *ir.Binary:
		switch x.Op {
		case ir.And:
			return boolean(c.eval(x.X).holds() && c.eval(x.Y).holds())
		case ir.Or:
			return boolean(c.eval(x.X).holds() || c.eval(x.Y).holds())
		}
		return operate(x, c.eval(x.X), c.eval(x.Y))
	case *ir.Convert:
		return convert(x.T, c.eval(x.X))
	case *ir.Call:
		return c.call(x)
	case *ir.In:
		v := c.eval(x.X)
		if !v.isDefined() {
			return boolean(false)
		}
		return boolean(c.m.member(x, v) != x.Not)
	}
	panic("eval: unknown expression")
}

// field returns a field of the packet, or what the timer that fires now kept of it.
func (c *context) field(name string) value {
	if c.packet == nil {
		return c.captured[name]
	}
	get, ok := fields[name]
	if !ok {
		panic("eval: unknown field " + name)
	}
	if get.need != 0 && c.packet.Has&get.need == 0 {
		return undefined
	}
	return get.read(c.packet)
}

// layer tells whether the packet has a layer.
func (c *context) layer(name string) value {
	if c.packet == nil {
		return boolean(c.captured[name].holds())
	}
	need, ok := layers[name]
	if !ok {
		panic("eval: unknown layer " + name)
	}
	return boolean(need == 0 || c.packet.Has&need != 0)
}

func unary(x *ir.Unary, v value) value {
	if x.Op == ir.Not {
		return boolean(!v.holds())
	}
	switch {
	case !v.isDefined():
		return undefined
	case x.Op == ir.Inv:
		return integer(x.T, ^v.i)
	case v.t == types.Float:
		return float(-v.f)
	}
	return integer(x.T, program.Neg(v.i))
}

func operate(x *ir.Binary, a, b value) value {
	if x.Op.IsComparison() {
		return boolean(a.isDefined() && b.isDefined() && compare(x.Op, a, b))
	}
	if !a.isDefined() || !b.isDefined() {
		return undefined
	}
	if x.T == types.Float {
		return floats(x.Op, a.number(), b.number())
	}
	return integers(x, a, b)
}

func floats(op ir.Op, a, b float64) value {
	switch op {
	case ir.Add:
		return float(a + b)
	case ir.Sub:
		return float(a - b)
	case ir.Mul:
		return float(a * b)
	case ir.Div:
		if b == 0 {
			return undefined
		}
		return float(a / b)
	}
	panic("eval: operator " + op.String() + " on floats")
}

// integers applies an operator whose result is no float. Sums and products stay
// at the ends of int64; a duration times or divided by a number is rounded towards
// zero.
func integers(x *ir.Binary, a, b value) value {
	switch x.Op {
	case ir.Add:
		return integer(x.T, program.Add(a.i, b.i))
	case ir.Sub:
		return integer(x.T, program.Sub(a.i, b.i))
	case ir.Mul:
		if a.t == types.Float || b.t == types.Float {
			return rounded(x.T, floats(ir.Mul, a.number(), b.number()))
		}
		return integer(x.T, program.Mul(a.i, b.i))
	case ir.Div:
		return rounded(x.T, floats(ir.Div, a.number(), b.number()))
	case ir.Mod:
		if b.i == 0 {
			return undefined
		}
		return integer(x.T, program.Mod(a.i, b.i))
	case ir.BitAnd:
		return integer(x.T, a.i&b.i)
	case ir.BitOr:
		return integer(x.T, a.i|b.i)
	case ir.BitXor:
		return integer(x.T, a.i^b.i)
	case ir.Shl, ir.Shr:
		switch {
		case b.i < 0 || b.i > 63:
			return undefined
		case x.Op == ir.Shl:
			return integer(x.T, a.i<<b.i)
		}
		return integer(x.T, a.i>>b.i)
	}
	panic("eval: operator " + x.Op.String() + " on integers")
}

func rounded(t types.Type, v value) value {
	if !v.isDefined() {
		return undefined
	}
	return integer(t, program.ToInt(v.f))
}

// compare compares two defined values of one type.
func compare(op ir.Op, a, b value) bool {
	if op == ir.Contains {
		return strings.Contains(a.s, b.s)
	}
	order := 0
	switch {
	case a.t == types.String:
		order = strings.Compare(a.s, b.s)
	case a.t == types.IP || a.t == types.MAC:
		order = bytes.Compare(a.b[:], b.b[:])
	case a.t == types.Float || b.t == types.Float:
		order = sign(a.number() < b.number(), a.number() > b.number())
	default:
		order = sign(a.i < b.i, a.i > b.i)
	}
	switch op {
	case ir.Eq:
		return order == 0
	case ir.Ne:
		return order != 0
	case ir.Lt:
		return order < 0
	case ir.Le:
		return order <= 0
	case ir.Gt:
		return order > 0
	}
	return order >= 0
}

func sign(isLess, isMore bool) int {
	switch {
	case isLess:
		return -1
	case isMore:
		return 1
	}
	return 0
}

func convert(t types.Type, v value) value {
	switch {
	case !v.isDefined():
		return undefined
	case t == types.Float:
		return float(v.number())
	}
	return integer(t, v.i)
}

func (c *context) call(x *ir.Call) value {
	switch x.Func {
	case "now":
		return integer(types.Time, int64(c.m.now))
	case "elapsed":
		return integer(types.Duration, program.Sub(int64(c.m.now), int64(c.m.first)))
	case "age":
		if e := c.m.entities[c.event.Entity][c.id]; e != nil {
			return integer(types.Duration, program.Sub(int64(c.m.now), int64(e.since)))
		}
		return undefined
	}
	if x.Func == "default" {
		if v := c.eval(x.Args[0]); v.isDefined() {
			return v
		}
		return c.eval(x.Args[1])
	}
	args := make([]value, len(x.Args))
	for i, a := range x.Args {
		if args[i] = c.eval(a); !args[i].isDefined() {
			return undefined
		}
	}
	v := args[0]
	switch x.Func {
	case "len":
		return integer(types.Int, int64(len(v.s)))
	case "abs":
		if v.t == types.Float {
			return float(math.Abs(v.f))
		}
		return integer(x.T, program.Abs(v.i))
	case "min", "max":
		for _, w := range args[1:] {
			if compare(map[string]ir.Op{"min": ir.Lt, "max": ir.Gt}[x.Func], w, v) {
				v = w
			}
		}
		return v
	case "floor":
		return float(math.Floor(v.f))
	case "ceil":
		return float(math.Ceil(v.f))
	case "exp":
		return float(math.Exp(v.f))
	case "sqrt":
		return float(program.Sqrt(v.f))
	case "log":
		return float(program.Log(v.f))
	case "log2":
		return float(program.Log2(v.f))
	}
	panic("eval: unknown function " + x.Func)
}

// member reports whether a defined value is in the set of x.
func (m *machine) member(x *ir.In, v value) bool {
	if x.List < 0 {
		return inItems(x.Items, v)
	}
	l := m.lists[x.List]
	switch {
	case l == nil:
		return inItems(m.p.Lists[x.List].Items, v)
	case v.t == types.IP:
		return l.HasIP(&v.b)
	case v.t == types.MAC:
		return l.HasMAC((*[6]byte)(v.b[:6]))
	case v.t == types.String:
		return l.HasName([]byte(v.s))
	}
	return l.HasInt(v.i)
}

func inItems(items []ir.SetItem, v value) bool {
	for _, it := range items {
		switch {
		case it.Type == types.Net && v.t == types.IP:
			if inPrefix(v.b, it.Addr, it.Bits) {
				return true
			}
		case it.Type == types.MAC && v.t == types.MAC:
			if packet.MAC(v.b[:6]) == it.MAC {
				return true
			}
		case it.Type == types.String && v.t == types.String:
			if v.s == it.Text {
				return true
			}
		case it.Type == types.Int && v.t != types.Float:
			if it.Lo <= v.i && v.i <= it.Hi {
				return true
			}
		}
	}
	return false
}

// inPrefix reports whether the first bits of a and net agree.
func inPrefix(a, net [16]byte, bits int) bool {
	for i := 0; i < bits; i++ {
		if (a[i/8]^net[i/8])>>(7-i%8)&1 != 0 {
			return false
		}
	}
	return true
}
