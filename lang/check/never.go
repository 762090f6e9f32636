package check

import (
	"github.com/streamon/streamon/lang/ast"
	"github.com/streamon/streamon/lang/diag"
	"github.com/streamon/streamon/lang/types"
)

// neverTrue warns of a condition that always has the same value: a constant, or
// a conjunction whose parts exclude each other.
func (c *checker) neverTrue(e ast.Expr) {
	if v, ok := c.fold(e); ok {
		if v.I == 0 {
			c.warnf(diag.NeverTrue, e, "this is never true")
		} else {
			c.warnf(diag.AlwaysTrue, e, "this is always true").Hintf("what has no condition stands after otherwise, or in always")
		}
		return
	}
	parts := conjuncts(e, nil)
	if len(parts) < 2 {
		return
	}
	said := len(c.diags)
	c.twoValues(parts)
	c.twoLayers(parts)
	if len(c.diags) == said {
		c.noValue(parts)
	}
}

// noValue looks for a field that is left without a value when all parts hold.
func (c *checker) noValue(parts []ast.Expr) {
	type limit struct {
		items []types.SetItem
		at    ast.Expr
	}
	first := map[test]limit{}
	for _, p := range parts {
		t, items, ok := c.fieldTest(p)
		if !ok || t.field.IsEither() {
			continue
		}
		old, seen := first[t]
		if seen {
			if items = intersect(old.items, items); len(items) == 0 {
				c.warnf(diag.NeverTrue, p, "this is never true: no value of %s meets both", t.field.Name).
					Note(old.at.Span(), "it is tested here, too").
					Hintf("for one of the two write or")
				return
			}
		}
		first[t] = limit{items, p}
	}
}

// conjuncts returns the operands of a chain of ands.
func conjuncts(e ast.Expr, list []ast.Expr) []ast.Expr {
	if b, ok := unparen(e).(*ast.Binary); ok && b.Op == ast.And {
		return conjuncts(b.Y, conjuncts(b.X, list))
	}
	return append(list, unparen(e))
}

// twoValues looks for one field that has to equal two constants.
func (c *checker) twoValues(parts []ast.Expr) {
	type equal struct {
		value types.Const
		at    ast.Expr
	}
	first := map[*types.Field]equal{}
	for _, p := range parts {
		b, ok := p.(*ast.Binary)
		if !ok || b.Op != ast.Eq {
			continue
		}
		f, v, ok := c.fieldEquals(b)
		if !ok || f.IsEither() {
			continue
		}
		old, seen := first[f]
		if seen && old.value != v {
			c.warnf(diag.NeverTrue, p, "this is never true: %s cannot have two values", f.Name).
				Note(old.at.Span(), "it is compared with another value here").
				Hintf("for one of several values write: %s in {…}", f.Name)
			return
		}
		first[f] = equal{v, p}
	}
}

// fieldEquals takes "field == constant" apart, in either order.
func (c *checker) fieldEquals(b *ast.Binary) (*types.Field, types.Const, bool) {
	if f := c.fieldOf(b.X); f != nil {
		v, ok := c.fold(b.Y)
		return f, v, ok
	}
	f := c.fieldOf(b.Y)
	v, ok := c.fold(b.X)
	return f, v, ok && f != nil
}

// twoLayers looks for two layers of which a packet has at most one.
func (c *checker) twoLayers(parts []ast.Expr) {
	first := map[string]*types.Layer{}
	for _, p := range parts {
		for _, l := range c.layersOf(p) {
			if l.Excludes == "" {
				continue
			}
			if old := first[l.Excludes]; old != nil && old != l {
				c.warnf(diag.NeverTrue, p, "this is never true: no packet is both %s and %s", old.Name, l.Name).
					Hintf("for one of several write or")
				return
			}
			first[l.Excludes] = l
		}
	}
}

// layersOf returns the layers that a packet must have for e to hold: e is a
// layer, a flag, or a comparison of fields.
func (c *checker) layersOf(e ast.Expr) []*types.Layer {
	var out []*types.Layer
	add := func(e ast.Expr) {
		n, ok := unparen(e).(*ast.Name)
		if !ok {
			return
		}
		switch o := c.info.Uses[n].(type) {
		case *types.Layer:
			out = append(out, o)
		case *types.Field:
			if l := types.LookupLayer(o.Layer); l != nil {
				out = append(out, l)
			}
		}
	}
	switch e := e.(type) {
	case *ast.Name:
		add(e)
	case *ast.Binary:
		if e.Op.IsComparison() {
			for _, side := range []ast.Expr{e.X, e.Y} {
				if m, ok := unparen(side).(*ast.Binary); ok && m.Op == ast.BitAnd {
					add(m.X)
					continue
				}
				if _, isLayer := c.info.Uses[unparen(side)].(*types.Layer); !isLayer {
					add(side)
				}
			}
		}
	}
	return out
}
