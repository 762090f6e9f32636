package check

import (
	"github.com/streamon/streamon/lang/ast"
	"github.com/streamon/streamon/lang/diag"
	"github.com/streamon/streamon/lang/types"
)

// eventHeads checks what makes each event happen and which entity it is for.
func (c *checker) eventHeads() {
	for _, e := range c.p.Events {
		errs := c.diags.Count(diag.Error)
		switch t := e.Decl.Trigger.(type) {
		case *ast.PacketTrigger:
			e.Kind = PacketEvent
			c.packetTrigger(e, t)
		case *ast.TimeoutTrigger:
			e.Kind = TimeoutEvent
			e.Entity = c.entity(t.Entity)
		case *ast.EveryTrigger:
			e.Kind = TickEvent
			c.constant(t.Period, types.Duration, "the period of an event", false)
		}
		e.broken = c.diags.Count(diag.Error) > errs
	}
}

func (c *checker) entity(id *ast.Ident) *Entity {
	e, ok := lookupAs[*Entity](c, id, diag.UnknownEntity, "entity")
	if !ok {
		return nil
	}
	e.used = true
	return e
}

func (c *checker) packetTrigger(e *Event, t *ast.PacketTrigger) {
	if t.Where != nil {
		c.checkPlace(inWhere, t.Where, c.collect(func() { c.condition(t.Where) }))
	}
	if t.For == nil {
		return
	}
	e.Entity = c.entity(t.For.Entity)
	c.checkPlace(inBinding, t.For.Key, c.collect(func() { c.binding(e, t.For) }))
}

// binding checks the key after "for entity =".
func (c *checker) binding(e *Event, b *ast.Binding) {
	parts := b.Key.Parts
	if call, ok := unparen(parts[0]).(*ast.Call); ok && call.Func.Name == "both" && len(parts) == 1 {
		if len(call.Args) != 2 {
			c.errorf(diag.ArgumentCount, call, "both takes two arguments, not %d", len(call.Args)).Hintf("write both(ip.src, ip.dst)")
			return
		}
		parts, e.Sorted = call.Args, true
	}
	key, ok := c.keys(parts)
	if !ok || e.Entity == nil || len(e.Entity.Fields) == 0 {
		return
	}
	want := make([]types.Type, len(e.Entity.Fields))
	for i, f := range e.Entity.Fields {
		if want[i] = f.Type; f.Type == types.Invalid {
			return
		}
	}
	if !sameKey(key, want) {
		c.errorf(diag.KeyMismatch, b.Key, "entity %q is %s, not %s", e.Entity.Name, keyText(want), keyText(key)).
			Note(e.Entity.Decl.Span(), "entity %q is declared here", e.Entity.Name)
	} else if e.Sorted && want[0] != want[1] {
		c.errorf(diag.KeyMismatch, b.Key, "both() needs an entity of two equal fields, %q is %s", e.Entity.Name, keyText(want))
	}
}

// constant checks a value that is computed once, when the program starts:
// literals, parameters and arithmetic on them. A duration has to be positive;
// zero says whether it may be nothing.
func (c *checker) constant(x ast.Expr, want types.Type, what string, zero bool) {
	c.checkPlace(inConstant, x, c.collect(func() {
		if c.value(x, want, what) {
			c.positive(x, what, zero)
		}
	}))
}

// positive checks the sign of a duration, as far as it is known.
func (c *checker) positive(x ast.Expr, what string, zero bool) {
	v, ok := c.foldDefault(x)
	if !ok || v.Type != types.Duration {
		return
	}
	if v.I < 0 || v.I == 0 && !zero {
		c.errorf(diag.BadDuration, x, "%s has to be positive", what)
	}
}
