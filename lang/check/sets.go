package check

import (
	"net/netip"

	"github.com/streamon/streamon/lang/ast"
	"github.com/streamon/streamon/lang/diag"
	"github.com/streamon/streamon/lang/types"
)

// memberKind returns the type of set members that a value of type t is looked up
// among, or Invalid.
func memberKind(t types.Type) types.Type {
	switch t {
	case types.Int, types.Size, types.Duration:
		return types.Int
	case types.IP:
		return types.Net
	case types.MAC, types.String:
		return t
	}
	return types.Invalid
}

// in checks "x in set" and "x not in set".
func (c *checker) in(b *ast.Binary) types.Type {
	x := c.operand(b.X)
	if x != types.Invalid && memberKind(x) == types.Invalid {
		d := c.errorf(diag.TypeMismatch, b.X, "%s cannot be looked up with %q", an(x), b.Op)
		if x == types.Float {
			d.Hintf("compare it with >= and <=")
		}
		x = types.Invalid
	}
	outer := c.quotes
	c.quotes = x == types.String
	ok := c.set(b.Y, x, c.fieldOf(b.X))
	if c.quotes = outer; !ok {
		return types.Invalid
	}
	if x == types.Invalid {
		return types.Invalid
	}
	return types.Bool
}

// set checks the right side of in for a value of type x, Invalid if that is not
// known. f is the packet field on the left, or nil.
func (c *checker) set(e ast.Expr, x types.Type, f *types.Field) bool {
	switch s := unparen(e).(type) {
	case *ast.SetLit:
		if len(s.Elems) == 0 {
			c.warnf(diag.NeverTrue, s, "nothing is in an empty set")
		}
		items := make([]types.SetItem, 0, len(s.Elems))
		ok := true
		for _, elem := range s.Elems {
			item, good := c.member(elem, x)
			ok = ok && good
			if good {
				c.inRange(elem, item, f)
				items = append(items, item)
			}
		}
		c.info.Sets[e] = items
		return ok
	case *ast.Range, *ast.NetLit:
		item, ok := c.member(s, x)
		if ok {
			c.inRange(s, item, f)
			c.info.Sets[e] = []types.SetItem{item}
		}
		return ok
	case *ast.Name:
		return c.setName(s, x)
	}
	if c.typed(e) != types.Invalid {
		d := c.errorf(diag.Misplaced, e, "to the right of in stands a set, a list or a network").Hintf("for one value write ==")
		if b, ok := e.(*ast.Binary); ok && b.Op == ast.Div {
			d.Hintf("a network is written with all four numbers, as 10.0.0.0/8")
		}
	}
	return false
}

// setName checks a name to the right of in, which must be a list.
func (c *checker) setName(n *ast.Name, x types.Type) bool {
	o := c.resolve(n)
	if o == nil {
		if last := len(c.diags) - 1; last >= 0 {
			if d := c.diags[last]; d.Code == diag.UnknownName && d.Span == n.Span() && d.Hint == "" {
				d.Formf("declare it: list %s = {…}", n.Name)
			}
		}
		return false
	}
	l, ok := o.(*List)
	if !ok {
		d := c.errorf(diag.Misplaced, n, "%q is %s; to the right of in stands a set, a list or a network", n.Name, kindOf(o))
		if _, isTable := o.(*Table); isTable {
			d.Hintf("to ask a table write: has %s[…]", n.Name)
		}
		return false
	}
	errs := c.diags.Count(diag.Error)
	c.useList(l, n, x)
	return c.diags.Count(diag.Error) == errs
}

// member reads one member of a set that a value of type x is looked up in;
// Invalid means that any kind will do.
func (c *checker) member(e ast.Expr, x types.Type) (types.SetItem, bool) {
	if r, ok := unparen(e).(*ast.Range); ok {
		return c.rangeMember(r, x)
	}
	if c.typed(e) == types.Invalid {
		return types.SetItem{}, false
	}
	v, ok := c.fold(e)
	if !ok {
		c.errorf(diag.NotConstant, e, "a member of a set has to be known at compile time").
			Hintf("compare with == instead")
		return types.SetItem{}, false
	}
	item, ok := asMember(v)
	switch {
	case !ok:
		c.errorf(diag.TypeMismatch, e, "%s cannot be a member of a set", an(v.Type))
	case x != types.Invalid && (item.Type != memberKind(x) || (v.Type == types.Duration) != (x == types.Duration)):
		c.errorf(diag.TypeMismatch, e, "%s is looked up here, this is %s", an(x), an(v.Type))
		ok = false
	}
	return item, ok
}

func (c *checker) rangeMember(r *ast.Range, x types.Type) (types.SetItem, bool) {
	lo, ok1 := c.member(r.Lo, x)
	hi, ok2 := c.member(r.Hi, x)
	switch {
	case !ok1 || !ok2:
		return types.SetItem{}, false
	case lo.Type != types.Int || hi.Type != types.Int:
		d := c.errorf(diag.TypeMismatch, r, "a range runs from one number to another")
		if lo.Type == types.Net {
			d.Hintf("for addresses write a network, as 10.0.0.0/24")
		}
		return types.SetItem{}, false
	case lo.Lo > hi.Lo:
		c.errorf(diag.OutOfRange, r, "the range is empty: it ends below its beginning")
		return types.SetItem{}, false
	}
	return types.SetItem{Type: types.Int, Lo: lo.Lo, Hi: hi.Lo}, true
}

// asMember turns a constant into a member of a set.
func asMember(v types.Const) (types.SetItem, bool) {
	switch v.Type {
	case types.Int, types.Size, types.Duration:
		return types.SetItem{Type: types.Int, Lo: v.I, Hi: v.I}, true
	case types.IP:
		a := netip.AddrFrom16(v.Addr)
		return types.SetItem{Type: types.Net, Addr: a.As16(), Bits: 128}, true
	case types.Net:
		return types.SetItem{Type: types.Net, Addr: v.Addr, Bits: v.Bits}, true
	case types.MAC:
		return types.SetItem{Type: types.MAC, MAC: v.MAC}, true
	case types.String:
		return types.SetItem{Type: types.String, Text: v.S}, true
	}
	return types.SetItem{}, false
}

// inRange reports a member that the field can never equal.
func (c *checker) inRange(at ast.Expr, item types.SetItem, f *types.Field) {
	if f == nil || f.Max == 0 || item.Type != types.Int {
		return
	}
	if item.Lo < 0 || item.Hi > f.Max {
		d := c.errorf(diag.OutOfRange, at, "%s is between 0 and %d", f.Name, f.Max)
		if b, ok := unparen(at).(*ast.Binary); ok && b.Op == ast.Sub {
			d.Hintf("a range is written with two points: 6000..6063")
		}
	}
}
