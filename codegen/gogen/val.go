package gogen

import (
	"fmt"

	"github.com/dave/jennifer/jen"
)

// Precedences of Go's operators, for putting only the parentheses that are needed.
const (
	precOr = 1 + iota
	precAnd
	precCmp
	precAdd
	precMul
	precUnary
	precPrimary
)

// val is a Go expression and what must hold for it to be defined. The expression
// may be evaluated in any case: it never panics.
//
// need and oks travel outwards through operators, until something that has an
// answer for undefined takes them: a comparison (false), a statement (skipped),
// a local (its ok variable stays false). An undefined float may be either: NaN
// as a value, or a guard that does not hold.
type val struct {
	code   *jen.Statement
	prec   int              // of the outermost operator of code
	need   layers           // bits that p.Has must hold, all of them
	oks    []*jen.Statement // further conditions, of precCmp at least
	lit    bool             // code is an untyped constant
	n      int64            // value of an integer constant
	narrow int              // bits of the unsigned Go type of an integer; 0 = int64
	isText bool             // string: code is a Go string constant, not a []byte
	flags  bool             // integer made of TCP flag bits
}

// primary is a defined value that needs no parentheses.
func primary(c *jen.Statement) val { return val{code: c, prec: precPrimary} }

// in returns v's code as an operand of an operator of precedence prec.
func (v val) in(prec int) *jen.Statement {
	if v.prec < prec {
		return jen.Parens(v.code.Clone())
	}
	return v.code.Clone()
}

// with returns a value that is made of v's operands and code: it has the guards
// of all of them.
func with(code *jen.Statement, prec int, operands ...val) val {
	r := val{code: code, prec: prec}
	for _, o := range operands {
		r.need |= o.need
		for _, c := range o.oks {
			r = r.also(c)
		}
	}
	return r
}

// also returns v with one more condition for being defined.
func (v val) also(cond *jen.Statement) val {
	for _, c := range v.oks {
		if same(c, cond) {
			return v
		}
	}
	v.oks = append(v.oks[:len(v.oks):len(v.oks)], cond)
	return v
}

// bare returns v without its guards.
func (v val) bare() val {
	v.need, v.oks = 0, nil
	return v
}

// same reports whether two expressions are the same text. To write one out takes long,
// so it is not done for those of different sizes, such as a chain and one more link.
func same(a, b *jen.Statement) bool { return size(a) == size(b) && text(a) == text(b) }

// size is the number of parts that an expression is put together from.
func size(s *jen.Statement) int {
	n := 0
	for _, c := range *s {
		if inner, ok := c.(*jen.Statement); ok {
			n += size(inner)
		} else {
			n++
		}
	}
	return n
}

// text is the Go text of an expression.
func text(c *jen.Statement) string { return fmt.Sprintf("%#v", c) }

// rt names something of a runtime package.
func rt(pkg, name string) *jen.Statement { return jen.Qual(runtimePath+pkg, name) }

// program names something of runtime/program.
func program(name string) *jen.Statement { return rt("program", name) }

// call is a defined call of a function of runtime/program.
func call(name string, args ...*jen.Statement) *jen.Statement {
	return program(name).Call(codes(args)...)
}

func codes(s []*jen.Statement) []jen.Code {
	out := make([]jen.Code, len(s))
	for i, c := range s {
		out[i] = c
	}
	return out
}

// guards returns the conditions for v to be defined, cheapest first; what the
// event has already tested is left out.
func (f *fn) guards(v val) []*jen.Statement {
	var out []*jen.Statement
	if need := v.need &^ f.known; need != 0 {
		out = append(out, f.hasAll(need))
	}
	for _, c := range v.oks {
		if !f.knownOK[text(c)] {
			out = append(out, c)
		}
	}
	return out
}

// closed returns v as a condition that is false if v is undefined; true is nil.
func (f *fn) closed(v val) val {
	parts := f.guards(v)
	if v.code != nil {
		parts = append(parts, v.in(precAnd))
	}
	switch {
	case len(parts) == 0:
		return val{}
	case len(parts) == 1 && v.code != nil:
		return v.bare()
	case len(parts) == 1:
		return val{code: parts[0], prec: precCmp}
	}
	return val{code: join("&&", parts), prec: precAnd}
}

// condition returns closed(v) as code, true written out.
func (f *fn) condition(v val) *jen.Statement {
	if c := f.closed(v); c.code != nil {
		return c.code
	}
	return jen.True()
}

// hasAll writes
//
//	p.Has&packet.TCP != 0
//	p.Has&(packet.TCP|packet.DNS) == packet.TCP|packet.DNS
func (f *fn) hasAll(need layers) *jen.Statement {
	bits := need.code()
	if need.single() {
		return f.has().Op("&").Add(bits).Op("!=").Lit(0)
	}
	return f.has().Op("&").Parens(bits).Op("==").Add(bits.Clone())
}

// join writes parts with an operator between them.
func join(op string, parts []*jen.Statement) *jen.Statement {
	s := parts[0].Clone()
	for _, p := range parts[1:] {
		s.Op(op).Add(p.Clone())
	}
	return s
}
