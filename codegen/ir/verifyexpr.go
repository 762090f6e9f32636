package ir

import (
	"slices"

	"github.com/streamon/streamon/lang/types"
)

// exprs checks a list of expressions against the types that a declaration has.
func (v *verifier) exprs(what string, list []Expr, want []types.Type) {
	if len(list) != len(want) {
		v.errorf("%s: %d key parts, declared with %d", what, len(list), len(want))
		return
	}
	for i, x := range list {
		v.typed(what, x, want[i])
	}
}

// typed checks x and its type.
func (v *verifier) typed(what string, x Expr, want types.Type) {
	if x == nil {
		v.errorf("%s: expression missing", what)
		return
	}
	v.expr(x)
	if !same(x.Type(), want) {
		v.errorf("%s: %s is %v, not %v", what, v.text(x), x.Type(), want)
	}
}

// text is the text form of x, for messages.
func (v *verifier) text(x Expr) string { return (&writer{p: v.p, event: v.event}).expr(x) }

// same reports whether two types have the same values: a size is an int.
func same(a, b types.Type) bool { return a == b || isInt(a) && isInt(b) }

func isInt(t types.Type) bool { return t == types.Int || t == types.Size }

// constant checks an expression that is evaluated once: literals, parameters and
// arithmetic on them.
func (v *verifier) constant(x Expr, want types.Type) {
	v.typed("constant", x, want)
	Walk(x, func(y Expr) bool {
		switch y := y.(type) {
		case *Lit, *ParamRef, *Unary, *Binary, *Convert:
		case *Call:
			if len(y.Args) == 0 {
				v.errorf("%s is not constant", v.text(y))
			}
		default:
			v.errorf("%s is not constant", v.text(y))
		}
		return true
	})
}

// expr checks x and all its operands.
func (v *verifier) expr(x Expr) {
	if x == nil {
		v.errorf("expression missing")
		return
	}
	Walk(x, func(y Expr) bool {
		if y == nil {
			v.errorf("operand missing")
			return false
		}
		if !v.complete(y) {
			v.errorf("operand missing in %T", y)
			return false
		}
		if why := v.node(y); why != "" {
			v.errorf("%s: %s", v.text(y), why)
		}
		return true
	})
}

// complete reports whether no operand of x is nil.
func (v *verifier) complete(x Expr) bool {
	switch x := x.(type) {
	case *Unary:
		return x.X != nil
	case *Binary:
		return x.X != nil && x.Y != nil
	case *Convert:
		return x.X != nil
	case *Call:
		return !slices.Contains(x.Args, nil)
	case *In:
		return x.X != nil
	}
	return true
}

// node returns what is wrong with x itself, its operands set aside.
func (v *verifier) node(x Expr) string {
	switch x := x.(type) {
	case *Lit:
		if x.Const.Type == types.Invalid || x.Const.Type >= types.Set {
			return "literal of type " + x.Const.Type.String()
		}
	case *ParamRef:
		if x.Param < 0 || x.Param >= len(v.p.Params) {
			return "no such parameter"
		}
		return mismatch(x.T, v.p.Params[x.Param].Type)
	case *Field:
		return v.packetField(x.Name)
	case *HasLayer:
		if why := v.packetField(x.Layer); why != "" {
			return why
		}
		return mismatch(x.T, types.Bool)
	case *LocalRef:
		if x.Local == nil {
			return "no local"
		}
		v.local(x.Local)
		return mismatch(x.T, x.Local.Type)
	case *EntityField:
		if v.body == nil {
			return "no entity is bound here"
		}
		if v.event.Entity < 0 || v.event.Entity >= len(v.p.Entities) {
			return "the event has no entity"
		}
		fields := v.p.Entities[v.event.Entity].Fields
		if x.Index < 0 || x.Index >= len(fields) {
			return "no such field of the entity"
		}
		return mismatch(x.T, fields[x.Index].Type)
	case *Unary:
		return unaryType(x)
	case *Binary:
		if want := binaryType(x.Op, x.X.Type(), x.Y.Type()); want == types.Invalid {
			return "operands of type " + x.X.Type().String() + " and " + x.Y.Type().String()
		} else if !same(want, x.T) {
			return mismatch(x.T, want)
		}
	case *Convert:
		return convertType(x)
	case *Call:
		return v.call(x)
	case *In:
		return v.in(x)
	case *TopList:
		return "a list outside of publish"
	default:
		return "unknown expression"
	}
	return ""
}

func mismatch(has, want types.Type) string {
	if has == want {
		return ""
	}
	return "has type " + has.String() + ", must have " + want.String()
}

// packetField checks that a field or layer can be read here.
func (v *verifier) packetField(name string) string {
	switch {
	case v.event == nil:
		return "no packet here"
	case v.event.Kind == TickEvent:
		return "a tick has no packet"
	case v.event.Kind == TimeoutEvent && !slices.Contains(v.event.Captures, name):
		return "not among the captures of the timeout"
	}
	return ""
}

func unaryType(x *Unary) string {
	t := x.X.Type()
	switch {
	case x.Op == Not && t == types.Bool, x.Op == Inv && isInt(t),
		x.Op == Neg && (isInt(t) || t == types.Float || t == types.Duration):
		return mismatch(x.T, t)
	}
	return "operand of type " + t.String()
}

// binaryType returns the type of the result, Invalid if the operands do not fit.
func binaryType(op Op, x, y types.Type) types.Type {
	number := func(t types.Type) bool { return isInt(t) || t == types.Float }
	switch op {
	case Add, Sub:
		switch {
		case x == types.Time && y == types.Duration, op == Add && x == types.Duration && y == types.Time:
			return types.Time
		case op == Sub && x == types.Time && y == types.Time:
			return types.Duration
		case same(x, y) && (number(x) || x == types.Duration):
			return x
		}
	case Mul:
		switch {
		case x == types.Duration && number(y), number(x) && y == types.Duration:
			return types.Duration
		case same(x, y) && number(x):
			return x
		}
	case Div:
		switch {
		case x == types.Float && y == types.Float:
			return types.Float
		case x == types.Duration && number(y):
			return types.Duration
		}
	case Mod:
		if same(x, y) && (isInt(x) || x == types.Duration) {
			return x
		}
	case BitAnd, BitOr, BitXor, Shl, Shr:
		if isInt(x) && isInt(y) {
			return x
		}
	case Eq, Ne:
		if same(x, y) && x < types.Set && x != types.Net {
			return types.Bool
		}
	case Lt, Le, Gt, Ge:
		if same(x, y) && x < types.Set && x != types.Net && x != types.Bool {
			return types.Bool
		}
	case And, Or:
		if x == types.Bool && y == types.Bool {
			return types.Bool
		}
	case Contains:
		if x == types.String && y == types.String {
			return types.Bool
		}
	}
	return types.Invalid
}

func convertType(x *Convert) string {
	from := x.X.Type()
	switch x.T {
	case types.Float:
		if isInt(from) || from == types.Duration || from == types.Bool {
			return ""
		}
	case types.Int:
		if from == types.Bool || from == types.Size {
			return ""
		}
	case types.Size:
		if from == types.Int {
			return ""
		}
	}
	return "no conversion from " + from.String()
}

func (v *verifier) call(x *Call) string {
	args := make([]types.Type, len(x.Args))
	for i, a := range x.Args {
		args[i] = a.Type()
	}
	takes := func(want ...types.Type) bool { return slices.Equal(args, want) }
	ok := false
	switch x.Func {
	case "now":
		ok = takes() && x.T == types.Time
	case "elapsed":
		ok = takes() && x.T == types.Duration
	case "age":
		if v.body == nil || v.event.Entity == -1 {
			return "no entity is bound here"
		}
		ok = takes() && x.T == types.Duration
	case "len":
		ok = takes(types.String) && x.T == types.Int
	case "floor", "ceil", "sqrt", "log", "log2", "exp":
		ok = takes(types.Float) && x.T == types.Float
	case "abs":
		ok = takes(x.T) && x.T.IsNumeric() && x.T != types.Time
	case "min", "max", "default":
		ok = len(args) > 0 && x.T.IsNumeric() && (x.Func != "default" || len(args) == 2)
		for _, t := range args {
			ok = ok && same(t, x.T)
		}
	default:
		return "unknown function"
	}
	if !ok {
		return "arguments do not fit the result " + x.T.String()
	}
	return ""
}

func (v *verifier) in(x *In) string {
	items := x.Items
	if x.List >= 0 {
		if x.List >= len(v.p.Lists) {
			return "no such list"
		}
		if len(items) > 0 {
			return "both a list and items"
		}
		items = v.p.Lists[x.List].Items
	}
	v.items(x.Items)
	want := map[types.Type]types.Type{
		types.Int: types.Int, types.Size: types.Int, types.Duration: types.Int, types.Time: types.Int,
		types.IP: types.Net, types.MAC: types.MAC, types.String: types.String,
	}[x.X.Type()]
	if want == types.Invalid {
		return "membership of a " + x.X.Type().String()
	}
	for _, it := range items {
		if it.Type != want && x.List < 0 {
			return "item of type " + it.Type.String()
		}
	}
	return mismatch(x.T, types.Bool)
}
