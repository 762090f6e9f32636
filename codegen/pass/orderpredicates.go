package pass

import (
	"sort"

	"github.com/streamon/streamon/codegen/ir"
	"github.com/streamon/streamon/lang/types"
)

// orderPredicates sorts the parts of each chain of ands, and of each chain of ors,
// by what they cost to test, cheapest first; equals keep the order of the source.
//
// Every expression is pure, and and and or answer true or false whatever is
// undefined, so the order of a chain has no meaning. A chain ends in the form
// ((a and b) and c), which the emitter prints without parentheses.
func orderPredicates(r *run) {
	r.events(func(e *ir.Event) {
		if e.Where != nil {
			e.Where = r.order(e.Where)
		}
		for _, h := range e.Handlers {
			r.in(e, h, func() {
				h.Body = h.Body.Map(func(x ir.Expr) ir.Expr { return r.order(x) })
			})
		}
	})
}

func (r *run) order(x ir.Expr) ir.Expr {
	switch old := x.(type) {
	case *ir.Unary:
		if y := r.order(old.X); y != old.X {
			n := *old
			n.X = y
			return &n
		}
	case *ir.Binary:
		if old.Op != ir.And && old.Op != ir.Or {
			break
		}
		parts := chain(old.Op, old, nil)
		for i, p := range parts {
			parts[i] = r.order(p)
		}
		sort.SliceStable(parts, func(i, j int) bool { return cost(parts[i]) < cost(parts[j]) })
		y := parts[0]
		for _, p := range parts[1:] {
			y = &ir.Binary{Typed: old.Typed, Op: old.Op, X: y, Y: p}
		}
		if ir.ExprText(r.p, r.event, y) != ir.ExprText(r.p, r.event, old) {
			return r.rewrite(old, y, "cheap tests first")
		}
	}
	return x
}

// chain appends the parts of x as a chain of op, left to right.
func chain(op ir.Op, x ir.Expr, parts []ir.Expr) []ir.Expr {
	if b, ok := x.(*ir.Binary); ok && b.Op == op {
		return chain(op, b.Y, chain(op, b.X, parts))
	}
	return append(parts, x)
}

// cost is a rough price of testing x: 1 is a load and a compare of a machine word.
func cost(x ir.Expr) int {
	n := 0
	ir.Walk(x, func(y ir.Expr) bool {
		switch y := y.(type) {
		case *ir.HasLayer, *ir.LocalRef, *ir.ParamRef, *ir.Convert:
			n++
		case *ir.Field, *ir.EntityField:
			n += width(y.Type())
		case *ir.Unary:
			n++
		case *ir.Binary:
			n += 1 + operator(y)
		case *ir.Call:
			n += 20
		case *ir.In:
			n += 1 + len(y.Items)*width(y.X.Type())
			if y.List >= 0 {
				n += 10 * width(y.X.Type())
			}
		}
		return true
	})
	return n
}

// width is the price of looking at a value of type t.
func width(t types.Type) int {
	switch t {
	case types.String:
		return 8
	case types.IP, types.MAC:
		return 3
	}
	return 2
}

func operator(x *ir.Binary) int {
	switch {
	case x.Op == ir.Contains:
		return 40
	case x.Op == ir.Div || x.Op == ir.Mod:
		return 10
	case x.Op.IsComparison() && x.X.Type() == types.String:
		return 8
	}
	return 0
}
