package ast

import (
	"net/netip"
	"time"
)

// Expr is an expression: [Name], [Index], [Has], [Call], [Unary], [Binary],
// [Range], [Paren], [SetLit], or a literal: [IntLit], [FloatLit], [BoolLit],
// [DurationLit], [SizeLit], [IPLit], [NetLit], [MACLit], [StringLit].
type Expr interface {
	Node
	expr()
}

// Name refers to a declared name, a builtin value (now, elapsed, age), a
// constant (SYN, NXDOMAIN), a layer (udp) or, with dots, a packet field.
//
//	dns.qry.name
type Name struct {
	Place
	Name string `parser:"@( Ident | Dotted )"`
}

// Index reads a metric or a table under a key.
//
//	last[server]
type Index struct {
	Place
	Name *Ident
	Keys []Expr // one or more
}

// Has reports whether a table has an entry.
//
//	has owner[ip.src]
type Has struct {
	Place
	Table *Ident
	Keys  []Expr // one or more
}

// Call is a builtin function applied to values.
//
//	abs(ports - peers)
type Call struct {
	Place
	Func *Ident
	Args []Expr
}

// Unary is an operator before its operand.
//
//	not dns.response
type Unary struct {
	Place
	Op Op // Not, Neg or BitNot
	X  Expr
}

// Binary is an operator between its operands.
//
//	rate > threshold
type Binary struct {
	Place
	Op    Op
	OpPos Place // where the operator stands
	X, Y  Expr
}

// Range is the values from Lo to Hi, both included; it stands in sets and to
// the right of in.
//
//	20..25
type Range struct {
	Place
	Lo, Hi Expr
}

// Paren is an expression in parentheses.
//
//	(SYN|ACK)
type Paren struct {
	Place
	X Expr
}

// SetLit is a set of values and ranges.
//
//	{20..25, 53, 10.0.0.0/8}
type SetLit struct {
	Place
	Elems []Expr `parser:"'{' ( @@ ( (?! ',' '}' ) ',' @@ )* ','? )? '}'"`
}

// IntLit is a whole number: 10, 65_536, 0x1f.
type IntLit struct {
	Place
	Text  string // as written
	Value int64
}

// FloatLit is a number with a point or an exponent: 0.25, 1e6.
type FloatLit struct {
	Place
	Text  string
	Value float64
}

// BoolLit is true or false.
type BoolLit struct {
	Place
	Value bool
}

// DurationLit is a length of time: 60s, 1h30m, 500ms, 2d.
type DurationLit struct {
	Place
	Text  string
	Value time.Duration
}

// SizeLit is a number of bytes: 10KB (10 000), 1GiB (1 073 741 824).
type SizeLit struct {
	Place
	Text  string
	Value int64 // bytes
}

// IPLit is an IPv4 or IPv6 address.
type IPLit struct {
	Place
	Text  string
	Value netip.Addr
}

// NetLit is a network; bits beyond its length may be set, see Value.Masked.
type NetLit struct {
	Place
	Text  string
	Value netip.Prefix
}

// MACLit is a link-layer address: 00:11:22:33:44:55.
type MACLit struct {
	Place
	Text  string
	Value [6]byte
}

// StringLit is a text, cut into parts where values are put in.
//
//	"{host} sent {rate:.0f} SYNs, {{ is a brace"
type StringLit struct {
	Place
	Raw   string        `parser:"@String"` // as written, with its quotes
	Parts []*StringPart // in order; empty for ""
}

// StringPart is either plain text (Expr is nil) or a value with its format.
type StringPart struct {
	Place
	Text   string // escapes and {{ }} resolved
	Expr   Expr
	Format string // what follows the colon, as in "{x:.2f}"; "" when absent
}

func (*Name) expr()        {}
func (*Index) expr()       {}
func (*Has) expr()         {}
func (*Call) expr()        {}
func (*Unary) expr()       {}
func (*Binary) expr()      {}
func (*Range) expr()       {}
func (*Paren) expr()       {}
func (*SetLit) expr()      {}
func (*IntLit) expr()      {}
func (*FloatLit) expr()    {}
func (*BoolLit) expr()     {}
func (*DurationLit) expr() {}
func (*SizeLit) expr()     {}
func (*IPLit) expr()       {}
func (*NetLit) expr()      {}
func (*MACLit) expr()      {}
func (*StringLit) expr()   {}
