package check

import (
	"math"
	"slices"
	"strconv"
	"time"

	"github.com/streamon/streamon/lang/ast"
	"github.com/streamon/streamon/lang/diag"
	"github.com/streamon/streamon/lang/types"
)

// interval is the values that a number can have, if it is defined. Both ends belong
// to it.
type interval struct{ lo, hi float64 }

var anything = interval{math.Inf(-1), math.Inf(1)}

// notNegative is where counts, lengths and times live.
var notNegative = interval{0, math.Inf(1)}

// maxExact is the largest whole number below which all are exact as floats.
const maxExact = 1 << 53

// compared warns of a comparison of numbers that has the same outcome for all values that
// the two sides can have by their types and ranges. What is undefined is not looked
// at: then every comparison is false.
func (c *checker) compared(e *ast.Binary) {
	if _, isConst := c.fold(e); isConst { // neverTrue says so
		return
	}
	x, y := c.interval(e.X), c.interval(e.Y)
	if x == anything || y == anything {
		return
	}
	never, always := false, false
	switch e.Op {
	case ast.Lt:
		never, always = x.lo >= y.hi, x.hi < y.lo
	case ast.Le:
		never, always = x.lo > y.hi, x.hi <= y.lo
	case ast.Gt:
		never, always = x.hi <= y.lo, x.lo > y.hi
	case ast.Ge:
		never, always = x.hi < y.lo, x.lo >= y.hi
	case ast.Eq:
		never = x.lo > y.hi || x.hi < y.lo
	case ast.Ne:
		always = x.lo > y.hi || x.hi < y.lo
	}
	side, at, t := e.X, x, c.info.Types[e.X]
	if _, isConst := c.fold(e.X); isConst {
		side, at = e.Y, y
	}
	switch {
	case never:
		c.warnf(diag.NeverTrue, e, "this is never true: the left side is %s, the right side %s", x.text(t), y.text(t))
	case always && c.fieldOf(side) != nil && alwaysThere[c.fieldOf(side).Layer]:
		f := c.fieldOf(side)
		c.warnf(diag.AlwaysTrue, e, "this is true of every packet that has %s: it is %s", f.Name, at.text(t)).
			Hintf("to ask for the layer write its name: %s", f.Layer)
	case always && !c.readsPacket(e):
		c.warnf(diag.AlwaysTrue, e, "this is always true: the left side is %s, the right side %s", x.text(t), y.text(t))
	}
}

// readsPacket reports whether a packet field occurs in e: then a comparison that holds
// for all its values asks whether the field is there.
func (c *checker) readsPacket(e ast.Node) (found bool) {
	ast.Walk(e, func(n ast.Node) bool {
		switch o := c.info.Uses[n].(type) {
		case *types.Field:
			found = true
		case *Feature:
			found = found || slices.ContainsFunc(o.needs, func(n need) bool { return n.kind == needPacket })
		}
		return !found
	})
	return found
}

// text says what values of a type there are.
func (i interval) text(t types.Type) string {
	number := func(x float64) string {
		if t == types.Duration {
			return time.Duration(x).String()
		}
		return strconv.FormatFloat(x, 'g', -1, 64)
	}
	switch {
	case i.lo == i.hi:
		return number(i.lo)
	case math.IsInf(i.hi, 1) && math.IsInf(i.lo, -1):
		return "any number"
	case math.IsInf(i.hi, 1):
		return number(i.lo) + " or more"
	case math.IsInf(i.lo, -1):
		return number(i.hi) + " or less"
	}
	return "between " + number(i.lo) + " and " + number(i.hi)
}

// interval returns the values that a number can have; anything if that is not known.
func (c *checker) interval(e ast.Expr) interval {
	if v, ok := c.fold(e); ok {
		if x := v.Number(); v.Type.IsNumeric() && math.Abs(x) < maxExact*1e3 {
			return interval{x, x}
		}
		return anything
	}
	switch e := e.(type) {
	case *ast.Paren:
		return c.interval(e.X)
	case *ast.Name:
		return c.intervalOfName(e)
	case *ast.Index:
		if m, ok := c.info.Uses[e.Name].(*Metric); ok {
			return intervalOfMetric(m)
		}
	case *ast.Call:
		return c.intervalOfCall(e)
	case *ast.Binary:
		return arithmetic(e.Op, c.interval(e.X), c.interval(e.Y))
	}
	return anything
}

func (c *checker) intervalOfName(n *ast.Name) interval {
	switch o := c.info.Uses[n].(type) {
	case *types.Field:
		if o.Type == types.Int && o.Max > 0 {
			return interval{0, float64(o.Max)}
		}
		if o.Type == types.Int {
			return notNegative
		}
	case *Metric:
		return intervalOfMetric(o)
	case *Feature:
		if o.state == featureDone && o.weight < 100 {
			return c.interval(o.Decl.Value)
		}
	case *types.Builtin:
		if o.Result == types.Duration { // elapsed, age
			return notNegative
		}
	}
	return anything
}

// intervalOfMetric is what an operation can yield: d-left counters may be lowered.
func intervalOfMetric(m *Metric) interval {
	switch {
	case m.Monitor == nil && m.Detector != nil:
		return interval{0, 1}
	case m.Monitor != nil && m.Monitor.Kind.Name != "dleft":
		return notNegative
	}
	return anything
}

func (c *checker) intervalOfCall(e *ast.Call) interval {
	switch e.Func.Name {
	case "abs", "sqrt", "len", "exp":
		return notNegative
	case "min", "max":
		out := c.interval(e.Args[0])
		for _, a := range e.Args[1:] {
			x := c.interval(a)
			if e.Func.Name == "min" {
				out = interval{min(out.lo, x.lo), min(out.hi, x.hi)}
			} else {
				out = interval{max(out.lo, x.lo), max(out.hi, x.hi)}
			}
		}
		return out
	}
	return anything
}

// arithmetic returns what an operator makes of two intervals. Whole numbers that
// could overflow are stopped at the ends, which the float ends of intervals cover.
func arithmetic(op ast.Op, x, y interval) interval {
	if x == anything || y == anything {
		return anything
	}
	switch op {
	case ast.Add:
		return interval{x.lo + y.lo, x.hi + y.hi}
	case ast.Mul, ast.Div:
		if x.lo >= 0 && y.lo >= 0 {
			return notNegative
		}
	case ast.BitAnd:
		if x.lo >= 0 && y.lo >= 0 {
			return interval{0, min(x.hi, y.hi)}
		}
	case ast.BitOr:
		if x.lo >= 0 && y.lo >= 0 && x.hi <= 1 && y.hi <= 1 {
			return interval{0, 1}
		}
	case ast.Mod:
		if x.lo >= 0 && y.lo > 0 {
			return interval{0, y.hi}
		}
	}
	return anything
}
