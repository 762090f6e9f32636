package check

import (
	"strings"

	"github.com/streamon/streamon/lang/ast"
	"github.com/streamon/streamon/lang/diag"
	"github.com/streamon/streamon/lang/types"
)

// unary types "not x", "-x" and "~x".
func (c *checker) unary(e *ast.Unary) types.Type {
	x := c.typed(e.X)
	switch {
	case x == types.Invalid:
		return x
	case e.Op == ast.Not && x == types.Bool, e.Op == ast.BitNot && isInt(x),
		e.Op == ast.Neg && (isNumber(x) || x == types.Duration):
		if isInt(x) {
			return types.Int
		}
		return x
	case e.Op == ast.Not:
		d := c.errorf(diag.NotBool, e.X, "not takes true or false, this is %s", an(x))
		if x.IsNumeric() {
			d.Hintf("compare it: … == 0")
		}
	default:
		c.errorf(diag.TypeMismatch, e, "%q does not apply to %s", e.Op, an(x))
	}
	return types.Invalid
}

// binary types an operator between two values.
func (c *checker) binary(e *ast.Binary) types.Type {
	if set, ok := e.Y.(*ast.SetLit); ok && e.Op == ast.Mod { // 50% { actions }
		c.errorf(diag.Misplaced, set, "%% is the remainder of a division, and a number is missing after it").
			Hintf("a percentage is written as a fraction, as 0.5")
		return types.Invalid
	}
	var x, y types.Type
	if e.Op.IsComparison() {
		x = c.operand(e.X)
		outer := c.quotes
		c.quotes = x == types.String
		y = c.operand(e.Y)
		c.quotes = outer
	} else {
		x, y = c.typed(e.X), c.typed(e.Y)
	}
	if x == types.Invalid || y == types.Invalid {
		return types.Invalid
	}
	r := Operate(e.Op, x, y)
	if r.Result == types.Invalid {
		c.mismatch(e, x, y)
		return types.Invalid
	}
	if e.Op.IsComparison() {
		if (x == types.Bool) != (y == types.Bool) && !c.truth(e, x) {
			return types.Invalid
		}
		said := len(c.diags)
		t := c.comparison(e)
		if len(c.diags) == said {
			c.compared(e)
		}
		return t
	}
	if e.Op == ast.Div || e.Op == ast.Mod {
		if v, ok := c.fold(e.Y); ok && v.Number() == 0 {
			c.errorf(diag.OutOfRange, e.Y, "division by zero is always undefined")
			return types.Invalid
		}
	}
	if e.Op == ast.Shl || e.Op == ast.Shr {
		if v, ok := c.fold(e.Y); ok && (v.I < 0 || v.I > 63) {
			c.errorf(diag.OutOfRange, e.Y, "a shift by %d bits is always undefined, at most 63 are possible", v.I)
			return types.Invalid
		}
	}
	return r.Result
}

// mismatch says why two operands do not go together.
func (c *checker) mismatch(e *ast.Binary, x, y types.Type) {
	switch {
	case e.Op == ast.And || e.Op == ast.Or:
		bad, t := e.X, x
		if x == types.Bool {
			bad, t = e.Y, y
		}
		d := c.errorf(diag.NotBool, bad, "%q takes true or false, this is %s", e.Op, an(t))
		if cmp, ok := unparen(e.X).(*ast.Binary); ok && e.Op == ast.Or && (cmp.Op == ast.Eq || cmp.Op == ast.Ne) && bad == e.Y {
			d.Hintf("for several values write: … in {a, b}")
		} else if t.IsNumeric() {
			d.Hintf("compare it with a number")
		}
	case x == types.Net || y == types.Net:
		c.errorf(diag.TypeMismatch, e, "a network is not compared with %q", e.Op).Hintf("write in: ip.src in 10.0.0.0/8")
	case e.Op == ast.Contains:
		d := c.errorf(diag.TypeMismatch, e, "contains looks for a text in a text, not for %s in %s", an(y), an(x))
		if x == types.String {
			d.Hintf("write the text in quotes")
		}
	case x == types.Bool && y == types.Bool && !e.Op.IsComparison():
		c.errorf(diag.TypeMismatch, e, "%q does not apply to truth values", e.Op).Hintf("write and, or, not")
	case x.IsNumeric() && y.IsNumeric() && (x != y && !(isNumber(x) && isNumber(y))):
		d := c.errorf(diag.UnitMismatch, e, "%q between %s and %s", e.Op, an(x), an(y))
		if lit := unitless2(e, x, y); lit != nil {
			d.Hintf("write the unit: %ss", lit.Text)
		}
	case x == y:
		d := c.errorf(diag.TypeMismatch, e, "%q does not apply to %s", e.Op, an(x))
		if x == types.Float && (e.Op == ast.BitAnd || e.Op == ast.BitOr) {
			d.Hintf("for truth values write and, or")
		}
	case e.Op == ast.Div && c.isLayer(e.Y):
		c.errorf(diag.TypeMismatch, e, "%q between %s and %s", e.Op, an(x), an(y)).
			Hintf("a port is its number alone; the layer is in the name of the field")
	case x == types.MAC && y == types.Int || x == types.Int && y == types.MAC:
		c.errorf(diag.TypeMismatch, e, "%q between %s and %s", e.Op, an(x), an(y)).
			Hintf("a mac is written 00:11:22:33:44:55")
	default:
		c.quoted(c.errorf(diag.TypeMismatch, e, "%q between %s and %s", e.Op, an(x), an(y)), e)
	}
}

// isLayer reports whether e is the name of a layer.
func (c *checker) isLayer(e ast.Expr) bool {
	n, ok := unparen(e).(*ast.Name)
	if !ok {
		return false
	}
	_, ok = c.info.Uses[n].(*types.Layer)
	return ok
}

// quoted adds a hint if one side is a text that would mean something without its
// quotes.
func (c *checker) quoted(d *diag.Diagnostic, e *ast.Binary) {
	for _, side := range []ast.Expr{e.X, e.Y} {
		v, ok := literal(unparen(side))
		if !ok || v.Type != types.String {
			continue
		}
		kind, _ := entryKind(v.S)
		if types.LookupConstant(v.S) != nil || kind == types.Int || kind == types.Net || kind == types.MAC {
			d.Hintf("write it without quotes: %s", v.S)
		}
	}
}

// unitless2 returns the whole number beside a duration, or nil.
func unitless2(e *ast.Binary, x, y types.Type) *ast.IntLit {
	side := e.Y
	if y == types.Duration {
		side, y = e.X, x
	} else if x != types.Duration {
		return nil
	}
	lit, _ := unparen(side).(*ast.IntLit)
	if y != types.Int {
		return nil
	}
	return lit
}

// comparison checks what the types alone do not say: fields against constants
// that they cannot reach, two fields that stand for two each.
func (c *checker) comparison(e *ast.Binary) types.Type {
	fx, fy := c.fieldOf(e.X), c.fieldOf(e.Y)
	if fx != nil && fy != nil && fx.IsEither() && fy.IsEither() {
		c.errorf(diag.Misplaced, e, "%q and %q stand for two fields each and cannot be compared with each other", fx.Name, fy.Name)
		return types.Invalid
	}
	if fx != nil {
		if v, ok := c.fold(e.Y); ok {
			return c.against(e, e.Op, fx, e.Y, v)
		}
	}
	if fy != nil {
		if v, ok := c.fold(e.X); ok {
			return c.against(e, flipped(e.Op), fy, e.X, v)
		}
	}
	c.seldom(e, e.X, e.Op, e.Y)
	c.seldom(e, e.Y, flipped(e.Op), e.X)
	c.mask(e)
	return types.Bool
}

// truth checks a comparison of a truth value with a number, which must be 1 or 0
// as in Wireshark: dns.flags.response == 1.
func (c *checker) truth(e *ast.Binary, x types.Type) bool {
	truth, number := e.X, e.Y
	if x != types.Bool {
		truth, number = e.Y, e.X
	}
	if v, ok := c.fold(number); ok && (v.I == 0 || v.I == 1) {
		return true
	}
	d := c.errorf(diag.TypeMismatch, e, "%q between a truth value and a number", e.Op)
	if n, ok := unparen(truth).(*ast.Name); ok {
		if k := types.LookupConstant(strings.ToUpper(n.Name)); k != nil && k.Group == "proto" {
			d.Hintf("the number is %s; the layer alone is a condition: %s", k.Name, n.Name)
			return false
		}
	}
	d.Hintf("a truth value equals 1 or 0, true or false")
	return false
}

// seldom warns of a comparison that a detector's 0 or 1 never meets.
func (c *checker) seldom(e *ast.Binary, side ast.Expr, op ast.Op, at ast.Expr) {
	n, ok := unparen(side).(*ast.Name)
	if !ok {
		return
	}
	m, ok := c.info.Uses[n].(*Metric)
	v, isConst := c.fold(at)
	if !ok || !isConst || m.Monitor != nil || v.Type == types.Float {
		return
	}
	switch {
	case op == ast.Eq && v.I != 0 && v.I != 1, op == ast.Gt && v.I >= 1, op == ast.Ge && v.I > 1, op == ast.Lt && v.I <= 0, op == ast.Le && v.I < 0:
		c.warnf(diag.NeverTrue, e, "this is never true: %q reads 1 if the key was seen before, else 0", m.Name)
	}
}

// flipped is the operator with its operands exchanged.
func flipped(op ast.Op) ast.Op {
	switch op {
	case ast.Lt:
		return ast.Gt
	case ast.Le:
		return ast.Ge
	case ast.Gt:
		return ast.Lt
	case ast.Ge:
		return ast.Le
	}
	return op
}

// against checks "field op constant".
func (c *checker) against(e *ast.Binary, op ast.Op, f *types.Field, at ast.Expr, v types.Const) types.Type {
	if n, ok := unparen(at).(*ast.Name); ok {
		k, isConstant := c.info.Uses[n].(*types.Constant)
		if isConstant && f.Group != "" && k.Group != f.Group && f.Type == types.Int {
			c.warnf(diag.NeverTrue, at, "%s is no value of %s", n.Name, f.Name).
				Hintf("%s takes %s", f.Name, c.someConstants(f.Group))
		}
	}
	if f.Type != types.Int || f.Max == 0 || v.Type == types.Float {
		return types.Bool
	}
	outside := v.I < 0 || v.I > f.Max
	switch op {
	case ast.Eq, ast.Ne:
		if outside {
			c.errorf(diag.OutOfRange, at, "%s is between 0 and %d", f.Name, f.Max)
			return types.Invalid
		}
	case ast.Gt:
		outside = v.I >= f.Max
	case ast.Ge:
		outside = v.I > f.Max
	case ast.Lt:
		outside = v.I <= 0
	case ast.Le:
		outside = v.I < 0
	}
	if outside {
		c.warnf(diag.NeverTrue, e, "this is never true: %s is between 0 and %d", f.Name, f.Max)
	}
	return types.Bool
}

// someConstants lists the first constants of a group.
func (c *checker) someConstants(group string) string {
	var names []string
	for _, k := range types.Constants(group) {
		if names = append(names, k.Name); len(names) == 4 {
			return join(names, "or") + ", for example"
		}
	}
	return join(names, "or")
}

// mask looks for "x & mask == value" with a bit in value that mask has not.
func (c *checker) mask(e *ast.Binary) {
	if e.Op != ast.Eq {
		return
	}
	m, ok := unparen(e.X).(*ast.Binary)
	value, isConst := c.fold(e.Y)
	if !ok || m.Op != ast.BitAnd || !isConst || value.Type != types.Int {
		return
	}
	bits, ok := c.fold(m.Y)
	if !ok {
		bits, ok = c.fold(m.X)
	}
	if ok && value.I&^bits.I != 0 {
		c.warnf(diag.NeverTrue, e, "this is never true: the mask has not all bits of what it is compared with")
	}
}
