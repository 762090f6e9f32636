package gogen

import (
	"fmt"

	"github.com/dave/jennifer/jen"

	"github.com/streamon/streamon/codegen/ir"
	"github.com/streamon/streamon/lang/types"
)

var goOps = map[ir.Op]string{ir.Eq: "==", ir.Ne: "!=", ir.Lt: "<", ir.Le: "<=", ir.Gt: ">", ir.Ge: ">="}

// cond returns e as a condition. Unlike value, its guards are conjuncts: where
// they do not hold e is false. So the guards of "a and b" can be merged and
// tested first, in one comparison of p.Has.
func (f *fn) cond(e ir.Expr) val {
	switch e := e.(type) {
	case *ir.Binary:
		switch e.Op {
		case ir.And:
			return f.both(f.cond(e.X), f.cond(e.Y))
		case ir.Or:
			x, y := f.closed(f.cond(e.X)), f.closed(f.cond(e.Y))
			if x.code == nil || y.code == nil {
				return val{}
			}
			if same(x.code, y.code) {
				return x
			}
			return val{code: x.in(precOr).Op("||").Add(y.in(precOr + 1)), prec: precOr}
		}
		if e.Op.IsComparison() {
			return f.compare(e)
		}
	case *ir.Unary:
		if e.Op == ir.Not {
			return f.not(f.closed(f.cond(e.X)))
		}
	case *ir.HasLayer:
		return f.hasLayer(e.Layer)
	case *ir.In:
		return f.member(e)
	case *ir.Lit:
		if e.I != 0 {
			return val{}
		}
	}
	return f.value(e)
}

// both is the conjunction of two conditions; a nil code is true.
func (f *fn) both(x, y val) val {
	v := with(nil, precAnd, x, y)
	switch {
	case x.code == nil:
		v.code, v.prec = y.code, y.prec
	case y.code == nil || same(x.code, y.code):
		v.code, v.prec = x.code, x.prec
	default:
		v.code = x.in(precAnd).Op("&&").Add(y.in(precAnd + 1))
	}
	return v
}

func (f *fn) not(x val) val {
	if x.code == nil {
		return primary(jen.False())
	}
	return val{code: jen.Op("!").Add(x.in(precPrimary)), prec: precUnary}
}

// compare writes a comparison of two values of one type.
func (f *fn) compare(e *ir.Binary) val {
	x, y := f.value(e.X), f.value(e.Y)
	op, t := goOps[e.Op], e.X.Type()
	if e.Op == ir.Contains {
		return with(call("Contains", f.bytes(x), f.bytes(y)), precPrimary, x, y)
	}
	switch t {
	case types.Float:
		if e.Y.Type() != types.Float {
			y = asFloat(e.Y.Type(), y)
		}
		if e.Op == ir.Ne {
			return with(call("Ne", x.code, y.code), precPrimary, x, y)
		}
		if x.lit && y.lit {
			x.code, x.prec = f.typedFloat(x), precPrimary
		}
	case types.Bool:
		if e.Op != ir.Eq && e.Op != ir.Ne {
			f.fail(fmt.Errorf("operator %v on bools", e.Op))
		}
		return f.sameBool(e, x, y)
	case types.String:
		return with(stringOf(x).Op(op).Add(stringOf(y)), precCmp, x, y)
	case types.IP, types.MAC:
		if e.Op != ir.Eq && e.Op != ir.Ne {
			f.fail(fmt.Errorf("operator %v on addresses", e.Op))
		}
	default:
		x, y = meet(x, y)
		x, y = meet2(x, y)
	}
	return with(x.in(precAdd).Op(op).Add(y.in(precAdd)), precCmp, x, y)
}

// sameBool writes a == b, and a or !a for a comparison with a constant.
func (f *fn) sameBool(e *ir.Binary, x, y val) val {
	lit, other := e.Y, x
	if _, ok := e.X.(*ir.Lit); ok {
		lit, other = e.X, y
	}
	l, ok := lit.(*ir.Lit)
	switch {
	case !ok:
		return with(x.in(precAdd).Op(goOps[e.Op]).Add(y.in(precAdd)), precCmp, x, y)
	case (l.I != 0) == (e.Op == ir.Eq):
		return other
	}
	v := f.not(other.bare())
	v.need, v.oks = other.need, other.oks
	return v
}

// meet brings two integers to one Go type: a literal that fits takes the type of
// a narrow field, equally narrow fields stay, everything else becomes int64.
func meet(x, y val) (val, val) {
	switch {
	case x.narrow > 0 && y.lit && fits(y, x.narrow):
		if x.flags {
			y = flagNames(y, y.n)
		}
		return x, y
	case y.narrow > 0 && x.lit && fits(x, y.narrow):
		if y.flags {
			x = flagNames(x, x.n)
		}
		return x, y
	case x.narrow > 0 && x.narrow == y.narrow:
		return x, y
	}
	return wide(x), wide(y)
}

// meet2 keeps two constants from being compared as Go's untyped ones, whose
// result the compiler may refuse to mix with others.
func meet2(x, y val) (val, val) {
	if x.lit && y.lit {
		x.code, x.prec = jen.Int64().Parens(x.code.Clone()), precPrimary
	}
	return x, y
}

// stringOf writes a string for comparing: Go compares string(b) without copying.
func stringOf(v val) *jen.Statement {
	if v.isText {
		return v.code.Clone()
	}
	return jen.String().Parens(v.code.Clone())
}

// bytes writes a text as a []byte; a constant one exists once: m.texts[0].
func (f *fn) bytes(v val) *jen.Statement {
	if !v.isText {
		return v.code.Clone()
	}
	t := text(v.code)
	for i, have := range f.g.texts {
		if text(have) == t {
			return f.m("texts").Index(jen.Lit(i))
		}
	}
	f.g.texts = append(f.g.texts, v.code)
	return f.m("texts").Index(jen.Lit(len(f.g.texts) - 1))
}

// member writes a membership test, by the set of a list or as comparisons.
func (f *fn) member(e *ir.In) val {
	x := f.value(e.X)
	var v val
	if e.List >= 0 {
		v = f.inList(e, x)
	} else {
		v = f.inItems(e, x)
	}
	if !e.Not {
		return v
	}
	n := f.not(v.bare())
	n.need, n.oks = v.need, v.oks
	return n
}

// inItems writes the test of a small constant set:
//
//	p.DstPort == 53 || p.DstPort >= 20 && p.DstPort <= 25
func (f *fn) inItems(e *ir.In, x val) val {
	if e.X.Type() == types.Float {
		f.fail(fmt.Errorf("membership of a float"))
	}
	var parts []*jen.Statement
	for i := range e.Items {
		if c := f.inItem(&e.Items[i], x); c != nil {
			parts = append(parts, c)
		}
	}
	if len(parts) == 0 {
		return with(jen.False(), precPrimary, x)
	}
	v := with(join("||", parts), precOr, x)
	if len(parts) == 1 {
		v.prec = precAnd
	}
	return v
}

func (f *fn) inItem(it *ir.SetItem, x val) *jen.Statement {
	switch it.Type {
	case types.MAC:
		return x.in(precAdd).Op("==").Add(macLit(it.MAC))
	case types.String:
		return stringOf(x).Op("==").Lit(it.Text)
	case types.IP, types.Net:
		if it.Bits == 128 {
			return x.in(precAdd).Op("==").Add(ipLit(it.Addr))
		}
		return call("InNet", x.code, ipLit(it.Addr), jen.Lit(it.Bits))
	}
	lo, hi := it.Lo, it.Hi
	if x.narrow > 0 {
		top := int64(1)<<x.narrow - 1
		if hi < 0 || lo > top {
			return nil
		}
		if lo <= 0 && hi >= top {
			return jen.True()
		}
		lo, hi = max(lo, 0), min(hi, top)
		if lo == 0 && hi > 0 {
			return x.in(precAdd).Op("<=").Lit(int(hi))
		}
		if hi == top && lo < hi {
			return x.in(precAdd).Op(">=").Lit(int(lo))
		}
	}
	if x.lit {
		x.code, x.prec = jen.Int64().Parens(x.code.Clone()), precPrimary
	}
	if lo == hi {
		return x.in(precAdd).Op("==").Lit(int(lo))
	}
	return x.in(precAdd).Op(">=").Lit(int(lo)).Op("&&").Add(x.in(precAdd)).Op("<=").Lit(int(hi))
}
