package trace

import (
	"math"
	"slices"

	"github.com/streamon/streamon/codegen/eval"
	"github.com/streamon/streamon/codegen/ir"
	"github.com/streamon/streamon/lang/types"
	"github.com/streamon/streamon/runtime/program"
)

// quantity is a value of an entity that can be followed over time.
type quantity struct {
	name, formula, unit string
	entity              int
	steps               bool // it changes at events only
	// How it is read at any time: x, after reads. If reads is nil and arm is not, it
	// depends on the packet, and is known only where arm is tried.
	reads  []ir.Stmt
	x      ir.Expr
	locals int
	arm    *ir.Arm
	limits []limit
}

// limit is a constant that a condition compares a quantity with.
type limit struct {
	name string
	x    ir.Expr
}

// hasOwnTime reports whether q can be read at any time.
func (q *quantity) hasOwnTime() bool { return q.arm == nil }

// quantities finds what conditions read, in the order of the source, then the metrics
// and tables that are kept by an entity's key and that no condition reads bare.
func quantities(p *ir.Program) []*quantity {
	var list []*quantity
	for _, e := range p.Events {
		if e.Entity < 0 {
			continue
		}
		for _, h := range e.Handlers {
			var before []ir.Stmt
			before = append(before, h.Body.Ops...)
			for _, a := range h.Body.Arms {
				before = append(before, a.Pre...)
				for _, r := range a.Reads {
					list = merge(list, read(p, e, h.Body, before, a, r))
				}
			}
		}
	}
	for i, e := range p.Entities {
		for k, m := range p.Metrics {
			if keyOf(e, m.Key) && m.Monitor != nil && m.Monitor.Kind != "topk" {
				l := &ir.Local{Name: m.Name, Type: m.ValueType()}
				g := &ir.Get{Dst: l, Metric: k, Key: ownKey(e)}
				list = merge(list, &quantity{name: m.Name, unit: metricUnit(m), entity: i, reads: []ir.Stmt{g}, x: refTo(l), locals: 1})
			}
		}
		for k, t := range p.Tables {
			if keyOf(e, t.Key) && isNumber(t.Value) {
				l := &ir.Local{Name: t.Name, Type: t.Value}
				g := &ir.Load{Dst: l, Table: k, Key: ownKey(e)}
				list = merge(list, &quantity{name: t.Name, unit: typeUnit(t.Value), entity: i, reads: []ir.Stmt{g}, x: refTo(l), locals: 1, steps: true})
			}
		}
	}
	return list
}

// merge adds q, or its limits to the quantity of that name. One that can be read at
// any time takes the place of one that cannot.
func merge(list []*quantity, q *quantity) []*quantity {
	if q == nil {
		return list
	}
	for i, old := range list {
		if old.name != q.name || old.entity != q.entity {
			continue
		}
		for _, l := range q.limits {
			if !slices.ContainsFunc(old.limits, func(o limit) bool { return ir.Same(o.x, l.x) }) {
				old.limits = append(old.limits, l)
			}
		}
		if q.hasOwnTime() && !old.hasOwnTime() {
			q.limits = old.limits
			list[i] = q
		}
		return list
	}
	return append(list, q)
}

// read is what arm a reads by a name; before is what runs until its condition. It is
// nil if it is no number.
func read(p *ir.Program, e *ir.Event, b *ir.Body, before []ir.Stmt, a *ir.Arm, r ir.NamedValue) *quantity {
	if !isNumber(r.X.Type()) {
		return nil
	}
	w := &ir.Words{Program: p, Event: e}
	q := &quantity{name: r.Name, formula: w.Expr(r.X), entity: e.Entity, x: r.X, locals: len(b.Locals)}
	q.limits = limitsOf(w, a.If, r.X)
	q.unit = unitOf(p, before, r.X)
	if l, ok := r.X.(*ir.LocalRef); ok {
		switch s := definition(before, l.Local).(type) {
		case *ir.Load:
			q.steps = true
		case *ir.Let:
			q.formula = w.Expr(s.X)
		}
	}
	reads, ok := readsOf(p, before, r.X)
	if !ok {
		q.arm = a
		return q
	}
	q.reads = reads
	return q
}

// limitsOf returns the constants that a condition compares x with.
func limitsOf(w *ir.Words, cond, x ir.Expr) []limit {
	var out []limit
	if cond == nil {
		return nil
	}
	each(cond, func(c ir.Expr) {
		b, ok := c.(*ir.Binary)
		if !ok || !b.Op.IsComparison() {
			return
		}
		left, right := bare(b.X), bare(b.Y)
		if ir.Same(right, x) {
			left, right = right, left
		}
		if ir.Same(left, x) && isFixed(right) {
			out = append(out, limit{w.Expr(right), right})
		}
	})
	return out
}

// bare takes conversions from x.
func bare(x ir.Expr) ir.Expr {
	for {
		c, ok := x.(*ir.Convert)
		if !ok {
			return x
		}
		x = c.X
	}
}

// isFixed reports whether x is the same throughout a run.
func isFixed(x ir.Expr) bool {
	fixed := true
	each(x, func(x ir.Expr) {
		switch x := x.(type) {
		case *ir.Lit, *ir.ParamRef, *ir.Binary, *ir.Unary, *ir.Convert:
		case *ir.Call:
			fixed = fixed && len(x.Args) > 0
		default:
			fixed = false
		}
	})
	return fixed
}

func isNumber(t types.Type) bool {
	return t == types.Int || t == types.Float || t == types.Duration || t == types.Size || t == types.Bool
}

func keyOf(e *ir.Entity, key []types.Type) bool {
	if len(key) != len(e.Fields) {
		return false
	}
	for i, f := range e.Fields {
		if f.Type != key[i] {
			return false
		}
	}
	return true
}

func ownKey(e *ir.Entity) []ir.Expr {
	var key []ir.Expr
	for i, f := range e.Fields {
		key = append(key, &ir.EntityField{Typed: ir.Typed{T: f.Type}, Index: i})
	}
	return key
}

// each calls f for x and all that it is made of.
func each(x ir.Expr, f func(ir.Expr)) {
	ir.Walk(x, func(x ir.Expr) bool { f(x); return true })
}

func refTo(l *ir.Local) ir.Expr { return &ir.LocalRef{Local: l} }

// numberOf returns a value as a number; NaN if it is undefined.
func numberOf(v program.Value) float64 {
	switch v.Kind {
	case program.KindFloat:
		return v.F
	case program.KindDuration:
		return float64(v.I) / 1e9
	case program.KindInt, program.KindBool:
		return float64(v.I)
	}
	return math.NaN()
}

// at reads q where an entity stands.
func (q *quantity) at(s eval.Stand) float64 { return numberOf(s.Value(q.reads, q.x, q.locals)) }
