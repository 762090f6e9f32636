package check

import (
	"github.com/streamon/streamon/lang/ast"
	"github.com/streamon/streamon/lang/diag"
	"github.com/streamon/streamon/lang/types"
)

// call types a builtin function applied to values.
func (c *checker) call(e *ast.Call) types.Type {
	b := types.LookupBuiltin(e.Func.Name, true)
	if b == nil {
		c.unknownFunction(e)
		return types.Invalid
	}
	c.info.Uses[e.Func] = b
	if n := len(e.Args); n < b.Min || b.Max >= 0 && n > b.Max {
		c.errorf(diag.ArgumentCount, e, "%s takes %s, not %d", b.Name, arguments(b), n).Hintf("write %s", b.Sign)
		return types.Invalid
	}
	if b.Name == "both" {
		c.errorf(diag.Misplaced, e, "both() makes the key of an event and can stand nowhere else").
			Hintf("for pair = both(ip.src, ip.dst)")
		return types.Invalid
	}
	if b.Args != types.Invalid {
		good := true
		for _, a := range e.Args {
			good = c.argument(b, a) && good
		}
		if !good {
			return types.Invalid
		}
		return b.Result
	}
	return c.sameNumber(b, e)
}

func (c *checker) unknownFunction(e *ast.Call) {
	d := c.errorf(diag.UnknownFunction, e.Func, "unknown function %q", e.Func.Name)
	if types.LookupBuiltin(e.Func.Name, false) != nil {
		d.Hintf("%s takes no parentheses", e.Func.Name)
		return
	}
	if o, ok := c.values[e.Func.Name]; ok {
		d.Hintf("%q is %s", e.Func.Name, kindOf(o))
		switch o.(type) {
		case *Metric, *Table:
			d.Hintf("a key stands in brackets: %s[…]", e.Func.Name)
		}
		return
	}
	var names []string
	for _, b := range types.Builtins() {
		if b.Call {
			names = append(names, b.Name)
		}
	}
	d.Suggest(nearest(e.Func.Name, names))
}

func arguments(b *types.Builtin) string {
	switch {
	case b.Max < 0:
		return "two or more arguments"
	case b.Min == 1:
		return "one argument"
	}
	return "two arguments"
}

// argument checks an argument whose type the function prescribes.
func (c *checker) argument(b *types.Builtin, a ast.Expr) bool {
	t := c.typed(a)
	if t == types.Invalid {
		return false
	}
	if Assignable(t, b.Args) {
		return true
	}
	code := diag.TypeMismatch
	if t.IsNumeric() && b.Args.IsNumeric() {
		code = diag.UnitMismatch
	}
	d := c.errorf(code, a, "%s takes %s, not %s", b.Name, an(b.Args), an(t))
	if t == types.Duration {
		d.Hintf("divide it by 1s first")
	}
	return false
}

// sameNumber types abs, min and max: numbers of one unit in, that unit out.
func (c *checker) sameNumber(b *types.Builtin, e *ast.Call) types.Type {
	result := types.Invalid
	good := true
	for i, a := range e.Args {
		t := c.typed(a)
		switch {
		case t == types.Invalid:
			good = false
		case !t.IsNumeric() || t == types.Time && b.Name == "abs":
			c.errorf(diag.TypeMismatch, a, "%s takes numbers, not %s", b.Name, an(t))
			good = false
		case i == 0 || result == types.Invalid:
			result = t
		default:
			both := common(result, t)
			if both == types.Invalid {
				c.errorf(diag.UnitMismatch, a, "%s of %s and %s", b.Name, an(result), an(t))
				good = false
				continue
			}
			result = both
		}
	}
	if !good {
		return types.Invalid
	}
	return unitless(result)
}

// index types M[key], a get of its own, and table[key].
func (c *checker) index(e *ast.Index) types.Type {
	switch o := c.values[e.Name.Name].(type) {
	case *Table:
		c.info.Uses[e.Name] = o
		o.read = true
		c.need(need{kind: needMemory, span: e.Span(), name: e.Name.Name + "[…]"})
		if !c.tableKey(o, e, e.Keys) {
			return types.Invalid
		}
		return o.Value
	case *Metric:
		c.info.Uses[e.Name] = o
		o.read = true
		c.need(need{kind: needMemory, span: e.Span(), name: e.Name.Name + "[…]"})
		if !c.flowKey(o, e, e.Keys) {
			return types.Invalid
		}
		if o.Monitor == nil && o.Detector != nil {
			c.errorf(diag.WrongKind, e, "metric %q has a detector only, which is read with a distinct key", o.Name).
				Hintf("get %s new (…), then read %s", o.Name, o.Name)
			return types.Invalid
		}
		return o.Value
	case nil:
		c.keys(e.Keys)
		if c.bad[e.Name.Name] {
			return types.Invalid
		}
		var names []string
		for n, v := range c.values {
			switch v.(type) {
			case *Metric, *Table:
				names = append(names, n)
			}
		}
		d := c.errorf(diag.UnknownTable, e.Name, "unknown table or metric %q", e.Name.Name)
		if d.Suggest(nearest(e.Name.Name, names)); d.Hint == "" {
			d.Formf("declare it: "+declared["table"], e.Name.Name)
		}
	default:
		c.errorf(diag.WrongKind, e.Name, "%q is %s and takes no key", e.Name.Name, kindOf(o)).
			Note(declOf(o).Span(), "%q is declared here", e.Name.Name)
	}
	return types.Invalid
}

// has types "has table[key]".
func (c *checker) has(e *ast.Has) types.Type {
	t, ok := lookupAs[*Table](c, e.Table, diag.UnknownTable, "table")
	if !ok {
		c.keys(e.Keys)
		return types.Invalid
	}
	t.read = true
	c.need(need{kind: needMemory, span: e.Span(), name: "has " + t.Name + "[…]"})
	if !c.tableKey(t, e, e.Keys) {
		return types.Invalid
	}
	return types.Bool
}
