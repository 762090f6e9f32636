package check

import (
	"github.com/streamon/streamon/lang/diag"
	"github.com/streamon/streamon/lang/types"
)

// params gives every parameter the type and value of its default, which must be
// known at compile time: the host overrides values, not rules.
func (c *checker) params() {
	for _, p := range c.p.Params {
		c.param(p)
	}
}

func (c *checker) param(p *Param) {
	if c.typed(p.Decl.Value) == types.Invalid {
		return
	}
	v, ok := c.fold(p.Decl.Value)
	if !ok {
		c.errorf(diag.NotConstant, p.Decl.Value, "the value of parameter %q is not known at compile time", p.Name).
			Hintf("write a number, a duration, an address or a text")
		return
	}
	if v.Type == types.Net {
		c.errorf(diag.BadArgument, p.Decl.Value, "a parameter cannot be a network").
			Formf("use a list: list %s = {…}", p.Name)
		return
	}
	p.Type, p.Value = v.Type, v
}
