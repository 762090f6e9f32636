package check

import (
	"strings"

	"github.com/streamon/streamon/lang/ast"
	"github.com/streamon/streamon/lang/diag"
	"github.com/streamon/streamon/lang/source"
	"github.com/streamon/streamon/lang/types"
)

// typed returns the type of an expression that has to be a single value, and
// notes it, its names and its constant value in Info. Invalid means that an
// error was reported.
func (c *checker) typed(e ast.Expr) types.Type {
	t := c.expr(e)
	if t != types.Invalid {
		c.info.Types[e] = t
		if v, ok := c.fold(e); ok {
			c.info.Consts[e] = v
		}
	}
	return t
}

// expr dispatches over the kinds of expressions.
func (c *checker) expr(e ast.Expr) types.Type {
	if v, ok := literal(e); ok {
		return v.Type
	}
	switch e := e.(type) {
	case *ast.Paren:
		if c.either == ast.Expr(e) {
			c.either = e.X
		}
		return c.typed(e.X)
	case *ast.Name:
		return c.name(e)
	case *ast.Index:
		return c.index(e)
	case *ast.Has:
		return c.has(e)
	case *ast.Call:
		return c.call(e)
	case *ast.Unary:
		return c.unary(e)
	case *ast.Binary:
		if e.Op == ast.In || e.Op == ast.NotIn {
			return c.in(e)
		}
		return c.binary(e)
	case *ast.StringLit:
		c.errorf(diag.NoInterpolation, e, "values in braces are for messages only").Hintf("write {{ for a brace")
	case *ast.SetLit:
		c.errorf(diag.Misplaced, e, "a set can only stand to the right of in")
	case *ast.Range:
		c.errorf(diag.Misplaced, e, "a range can only stand in a set or to the right of in")
	}
	return types.Invalid
}

// operand types one side of a comparison, the only place where a field that
// stands for two may be.
func (c *checker) operand(e ast.Expr) types.Type {
	outer := c.either
	c.either = e
	t := c.typed(e)
	c.either = outer
	return t
}

// value types an expression that must be of a type, or assignable to it.
func (c *checker) value(e ast.Expr, want types.Type, what string) bool {
	t := c.typed(e)
	if t == types.Invalid {
		return false
	}
	if Assignable(t, want) {
		return true
	}
	code := diag.TypeMismatch
	if t.IsNumeric() && want.IsNumeric() {
		code = diag.UnitMismatch
	}
	d := c.errorf(code, e, "%s is %s, %s is needed", what, an(t), an(want))
	if want == types.Duration && isNumber(t) {
		if lit, ok := unparen(e).(*ast.IntLit); ok {
			d.Hintf("write the unit: %ss", lit.Text)
		} else {
			d.Hintf("write the unit, as in 60s")
		}
	}
	return false
}

// condition types a truth value and looks whether it is always the same.
func (c *checker) condition(e ast.Expr) {
	if set, ok := e.(*ast.SetLit); ok {
		c.errorf(diag.Misplaced, set, "a condition is missing: this is read as a set of values").
			Hintf("write when CONDITION { … }, or otherwise { … }")
		return
	}
	switch t := c.typed(e); t {
	case types.Invalid:
	case types.Bool:
		c.neverTrue(e)
	default:
		d := c.errorf(diag.NotBool, e, "a condition has to be true or false, this is %s", an(t))
		if n, ok := unparen(e).(*ast.Name); ok && t.IsNumeric() && t != types.Time {
			zero := "0"
			if t == types.Duration {
				zero = "0s"
			}
			d.Hintf("compare it: %s > %s", n.Name, zero)
		} else if t.IsNumeric() {
			d.Hintf("compare it with a number")
		}
	}
}

// name types a name.
func (c *checker) name(n *ast.Name) types.Type {
	switch o := c.resolve(n).(type) {
	case *Param:
		return o.Type
	case *Feature:
		c.through(o, n)
		return o.Type
	case *Metric:
		o.read = true
		c.need(need{kind: needMemory, span: n.Span(), name: n.Name, metric: o})
		return o.Value
	case *Entity:
		c.need(need{kind: needEntity, span: n.Span(), name: n.Name, entity: o})
		if len(o.Fields) == 1 {
			return o.Fields[0].Type
		}
		if len(o.Fields) > 1 {
			c.errorf(diag.Misplaced, n, "entity %q has several fields and is no single value", n.Name).Hintf("%s", o.fieldHint())
		}
	case *EntityField:
		c.need(need{kind: needEntity, span: n.Span(), name: n.Name, entity: o.Entity})
		return o.Type
	case *types.Field:
		c.need(need{kind: needPacket, span: n.Span(), name: n.Name})
		if o.IsEither() && c.either != ast.Expr(n) {
			c.errorf(diag.Misplaced, n, "%q stands for two fields and can only be compared", n.Name).
				Hintf("choose %s", join(o.Either, "or"))
			return types.Invalid
		}
		return o.Type
	case *types.Layer:
		c.need(need{kind: needPacket, span: n.Span(), name: n.Name})
		return types.Bool
	case *types.Constant:
		return types.Int
	case *types.Builtin:
		if o.Name == "age" {
			c.need(need{kind: needState, span: n.Span(), name: n.Name})
		} else {
			c.need(need{kind: needClock, span: n.Span(), name: n.Name})
		}
		return o.Result
	case StateRef:
		c.need(need{kind: needState, span: n.Span(), name: n.Name, state: true})
		return types.String
	case *Table:
		c.errorf(diag.Misplaced, n, "table %q is read with a key", n.Name).Hintf("write %s[…]", n.Name)
	case *List:
		o.used = true
		c.errorf(diag.Misplaced, n, "list %q can only stand to the right of in", n.Name).
			Formf("write: … in %s", n.Name)
	}
	return types.Invalid
}

// fieldHint is "write pair.src or pair.dst".
func (e *Entity) fieldHint() string {
	var names []string
	for _, f := range e.Fields {
		names = append(names, e.Name+"."+f.Name)
	}
	return "write " + join(names, "or")
}

// resolve finds what a name means, notes it, and marks it used. It returns nil
// after reporting that there is nothing of that name.
func (c *checker) resolve(n *ast.Name) Object {
	o := c.lookup(n)
	if o == nil {
		return nil
	}
	c.info.Uses[n] = o
	switch o := o.(type) {
	case *Param:
		o.used = true
	case *Entity:
		o.used = true
	case *EntityField:
		o.Entity.used = true
	case *Feature:
		o.used = true
		c.feature(o, n)
	case *types.Field:
		if types.IsOldName(n.Name) {
			c.warnf(diag.Alias, n, "%q is an old name of %q", n.Name, o.Name).Hintf("write %s", o.Name)
		}
	}
	return o
}

func (c *checker) lookup(n *ast.Name) Object {
	name := n.Name
	if head, rest, dotted := strings.Cut(name, "."); dotted {
		return c.lookupDotted(n, head, rest)
	}
	if o, ok := c.values[name]; ok {
		return o
	}
	if b := types.LookupBuiltin(name, false); b != nil {
		return b
	}
	if k := types.LookupConstant(name); k != nil {
		return k
	}
	if l := types.LookupLayer(name); l != nil {
		return l
	}
	if f := types.LookupField(name); f != nil {
		return f
	}
	if name == "state" {
		return StateRef{}
	}
	if c.bad[name] {
		return nil
	}
	d := c.errorf(diag.UnknownName, n, "unknown name %q", name)
	if _, isState := c.states[name]; isState {
		d.Hintf("%q is a state; a transition is written -> %s", name, name)
	} else if b := types.LookupBuiltin(name, true); b != nil {
		d.Hintf("write %s", b.Sign)
	} else if c.quotes {
		d.Hintf("a text stands in quotes: %q", name)
	} else {
		d.Suggest(diag.Nearest(name, c.valueNames(name)))
		if d.Hint == "" && strings.Contains(name, "_") {
			d.Suggest(nearestField(name)) // an old name, misspelt
		}
	}
	return nil
}

// lookupDotted finds a packet field, a field of an entity or a part of "state".
func (c *checker) lookupDotted(n *ast.Name, head, rest string) Object {
	if f := types.LookupField(n.Name); f != nil {
		return f
	}
	if head == "state" && (rest == "level" || rest == "code" || rest == "description") {
		return StateRef{rest}
	}
	if e, ok := c.values[head].(*Entity); ok {
		var names []string
		for _, f := range e.Fields {
			if f.Name == rest {
				return f
			}
			names = append(names, e.Name+"."+f.Name)
		}
		e.used = true
		c.errorf(diag.UnknownField, n, "entity %q has no field %q", head, rest).
			Suggest(nearest(n.Name, names)).
			Note(e.Decl.Span(), "entity %q is declared here", head)
		return nil
	}
	if c.bad[head] {
		return nil
	}
	d := c.errorf(diag.UnknownField, n, "unknown packet field %q", n.Name)
	if d.Suggest(nearestField(n.Name)); d.Hint == "" {
		d.Suggest(sameEnd(head, rest))
	}
	if fields := fieldList(head); fields != "" {
		d.Note(source.Span{}, "layer %s has %s", head, fields)
	}
	return nil
}

// sameEnd returns the only field of a layer that ends like a name: dns.qry.name for
// dns.name; or "".
func sameEnd(layer, rest string) (found string) {
	end := rest[strings.LastIndexByte(rest, '.')+1:]
	for _, n := range types.FieldNames(layer + ".") {
		if strings.HasSuffix(n, "."+end) {
			if found != "" {
				return ""
			}
			found = n
		}
	}
	return found
}

// fieldOf returns the packet field that an expression is, or nil.
func (c *checker) fieldOf(e ast.Expr) *types.Field {
	if n, ok := unparen(e).(*ast.Name); ok {
		f, _ := c.info.Uses[n].(*types.Field)
		return f
	}
	return nil
}

// unparen removes parentheses.
func unparen(e ast.Expr) ast.Expr {
	for {
		p, ok := e.(*ast.Paren)
		if !ok {
			return e
		}
		e = p.X
	}
}
