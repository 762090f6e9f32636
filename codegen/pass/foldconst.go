package pass

import (
	"github.com/streamon/streamon/codegen/ir"
	"github.com/streamon/streamon/lang/types"
)

// foldConst evaluates operators on literals and removes what changes nothing.
//
// There are two ways to look at a bool. As a condition (where, when, an operand of
// and, or, not) an undefined one is as good as false, so "x and true" is x. As a
// value (a local, a table entry, a message) it is not: there "x and true" is false
// where x is undefined, and is kept unless x is never undefined.
//
// A parameter is not a constant, since the host may set it. An operation whose
// result would leave its type's range, and one whose result is undefined, is kept.
func foldConst(r *run) {
	for i, s := range r.p.States {
		if s.For == nil {
			continue
		}
		r.where = "state " + s.Name
		if x := r.foldValue(s.For); x != s.For {
			n := *s
			n.For = x
			r.p.States[i] = &n
		}
	}
	r.events(func(e *ir.Event) {
		if e.Where != nil {
			if e.Where = r.foldCond(e.Where); isTrue(e.Where) {
				e.Where = nil
			}
		}
		if e.Period != nil {
			e.Period = r.foldValue(e.Period)
		}
		bind := make([]ir.Expr, len(e.Bind))
		for i, x := range e.Bind {
			bind[i] = r.foldValue(x)
		}
		if e.Bind != nil {
			e.Bind = bind
		}
		for _, h := range e.Handlers {
			r.in(e, h, func() { h.Body = r.foldBody(h.Body) })
		}
	})
}

// foldBody folds all expressions and drops arms that cannot be chosen.
func (r *run) foldBody(b *ir.Body) *ir.Body {
	// Map does not tell conditions from values, so conditions are done first.
	n := *b
	n.Arms = nil
	for _, a := range b.Arms {
		m := *a
		if a.If != nil {
			m.If = r.foldCond(a.If)
		}
		n.Arms = append(n.Arms, &m)
	}
	conds := map[ir.Expr]bool{}
	for _, a := range n.Arms {
		conds[a.If] = true
	}
	out := n.Map(func(x ir.Expr) ir.Expr {
		if conds[x] {
			return x
		}
		return r.foldValue(x)
	})
	out.Arms = r.foldArms(out.Arms)
	return out
}

// foldArms removes arms whose condition is false and those after one whose
// condition is true. What a removed arm reads beforehand goes to the next arm,
// which may use it; the last arm is kept if it reads anything.
func (r *run) foldArms(arms []*ir.Arm) []*ir.Arm {
	var out []*ir.Arm
	var pre []ir.Stmt
	for i, a := range arms {
		m := *a
		m.Pre = append(pre, a.Pre...)
		pre = nil
		if isFalse(m.If) && (i < len(arms)-1 || len(m.Pre) == 0) {
			r.note("when false", "", "the condition never holds")
			pre = m.Pre
			continue
		}
		if isTrue(m.If) {
			r.note("when true", "otherwise", "the condition always holds")
			m.If = nil
		}
		out = append(out, &m)
		if m.If == nil {
			break
		}
	}
	return out
}

func isTrue(x ir.Expr) bool  { l, ok := x.(*ir.Lit); return ok && l.Type() == types.Bool && l.I != 0 }
func isFalse(x ir.Expr) bool { l, ok := x.(*ir.Lit); return ok && l.Type() == types.Bool && l.I == 0 }

func lit(c ir.Const) *ir.Lit { return &ir.Lit{Const: c} }

func boolLit(b bool) *ir.Lit {
	c := ir.Const{Type: types.Bool}
	if b {
		c.I = 1
	}
	return lit(c)
}

// foldCond folds a bool of which only counts whether it is true.
func (r *run) foldCond(x ir.Expr) ir.Expr {
	switch old := x.(type) {
	case *ir.Unary:
		if old.Op != ir.Not {
			break
		}
		y := r.foldCond(old.X)
		switch inner, _ := y.(*ir.Unary); {
		case isTrue(y) || isFalse(y):
			return r.rewrite(old, boolLit(isFalse(y)), "not of a constant")
		case inner != nil && inner.Op == ir.Not:
			return r.rewrite(old, inner.X, "double negation")
		case y != old.X:
			n := *old
			n.X = y
			return &n
		}
		return old
	case *ir.Binary:
		if old.Op == ir.And || old.Op == ir.Or {
			return r.foldLogic(old)
		}
		if old.Op == ir.Eq && isTrue(old.Y) {
			return r.rewrite(old, r.foldCond(old.X), "== true")
		}
	}
	return r.foldValue(x)
}

// foldLogic folds and, or.
func (r *run) foldLogic(old *ir.Binary) ir.Expr {
	x, y := r.foldCond(old.X), r.foldCond(old.Y)
	neutral, absorbing := isTrue, isFalse
	if old.Op == ir.Or {
		neutral, absorbing = isFalse, isTrue
	}
	switch {
	case absorbing(x) || absorbing(y):
		return r.rewrite(old, boolLit(old.Op == ir.Or), "one side decides")
	case neutral(x):
		return r.rewrite(old, y, "the other side decides")
	case neutral(y):
		return r.rewrite(old, x, "the other side decides")
	case ir.ExprText(r.p, r.event, x) == ir.ExprText(r.p, r.event, y):
		return r.rewrite(old, x, "both sides are the same")
	}
	if x == old.X && y == old.Y {
		return old
	}
	n := *old
	n.X, n.Y = x, y
	return &n
}

// foldValue folds an expression whose being undefined counts.
func (r *run) foldValue(x ir.Expr) ir.Expr {
	if isLogic(x) {
		mark := len(r.log)
		y := r.foldCond(x)
		if isDefined(y) {
			return y
		}
		r.log = r.log[:mark]
		return x
	}
	switch old := x.(type) {
	case *ir.Unary:
		if y := r.foldValue(old.X); y != old.X {
			n := *old
			n.X, x = y, &n
		}
	case *ir.Binary:
		y, z := r.foldValue(old.X), r.foldValue(old.Y)
		if y != old.X || z != old.Y {
			n := *old
			n.X, n.Y, x = y, z, &n
		}
	case *ir.Convert:
		if y := r.foldValue(old.X); y != old.X {
			n := *old
			n.X, x = y, &n
		}
	case *ir.In:
		if y := r.foldValue(old.X); y != old.X {
			n := *old
			n.X, x = y, &n
		}
	case *ir.Call:
		args := make([]ir.Expr, len(old.Args))
		changed := false
		for i, a := range old.Args {
			args[i] = r.foldValue(a)
			changed = changed || args[i] != a
		}
		if changed {
			n := *old
			n.Args, x = args, &n
		}
	}
	if y, why := simplify(x); y != nil {
		return r.rewrite(x, y, why)
	}
	return x
}

// isLogic reports whether x is and, or, not.
func isLogic(x ir.Expr) bool {
	switch x := x.(type) {
	case *ir.Unary:
		return x.Op == ir.Not
	case *ir.Binary:
		return x.Op == ir.And || x.Op == ir.Or
	}
	return false
}

// isDefined reports whether a bool is never undefined.
func isDefined(x ir.Expr) bool {
	switch x := x.(type) {
	case *ir.Lit, *ir.HasLayer, *ir.In, *ir.ParamRef:
		return true
	case *ir.Unary:
		return x.Op == ir.Not
	case *ir.Binary:
		return x.Op.IsComparison() || x.Op == ir.And || x.Op == ir.Or
	}
	return false
}
