package ir

import "github.com/streamon/streamon/lang/types"

// Expr is a typed expression without side effects. The set is closed.
type Expr interface {
	Type() types.Type
	expr()
}

// Typed is embedded in every expression but Lit: T is its type.
type Typed struct{ T types.Type }

// Type returns the type of the expression.
func (t Typed) Type() types.Type { return t.T }
func (Typed) expr()              {}

// Lit is a constant.
type Lit struct{ Const }

// Type returns the type of the constant.
func (l *Lit) Type() types.Type { return l.Const.Type }
func (*Lit) expr()              {}

// ParamRef is the value of a parameter.
type ParamRef struct {
	Typed
	Param int
}

// Field is a packet field, by its name in the catalogue (lang/types). Either
// fields (tcp.port) do not reach the IR. In a timeout handler it is the field
// of the packet that armed the timer.
type Field struct {
	Typed
	Name string
}

// HasLayer is true when the packet has the layer of that name.
type HasLayer struct {
	Typed
	Layer string
}

// LocalRef is the value of a local.
type LocalRef struct {
	Typed
	Local *Local
}

// EntityField is a key field of the entity that the event is bound to.
type EntityField struct {
	Typed
	Index int
}

// Op is an operator of Unary and Binary.
type Op uint8

const (
	BadOp Op = iota
	Neg      // -x
	Not      // not x
	Inv      // ~x
	Add
	Sub
	Mul
	Div // always float; x / 0 is undefined. Duration / number is a Duration
	Mod // int; x % 0 is undefined
	BitAnd
	BitOr
	BitXor
	Shl // by 0 … 63; else undefined
	Shr
	Eq
	Ne
	Lt
	Le
	Gt
	Ge
	And // evaluates Y only if X holds
	Or  // evaluates Y only if X does not hold
	Contains
)

var opNames = [...]string{
	BadOp: "bad", Neg: "neg", Not: "not", Inv: "inv", Add: "add", Sub: "sub", Mul: "mul", Div: "div", Mod: "mod",
	BitAnd: "and.bits", BitOr: "or.bits", BitXor: "xor", Shl: "shl", Shr: "shr", Eq: "eq", Ne: "ne", Lt: "lt", Le: "le",
	Gt: "gt", Ge: "ge", And: "and", Or: "or", Contains: "contains",
}

// String returns the name of the operator in the text form.
func (o Op) String() string { return opNames[o] }

// IsComparison reports whether o yields a bool that is false on undefined operands.
func (o Op) IsComparison() bool { return o >= Eq && o <= Ge || o == Contains }

// Unary applies Neg, Not or Inv.
type Unary struct {
	Typed
	Op Op
	X  Expr
}

// Binary applies an operator to two operands of the same type (after Convert),
// except: Duration·number, Duration/number, Time±Duration, shifts.
type Binary struct {
	Typed
	Op   Op
	X, Y Expr
}

// Convert turns an Int, Size, Duration or Bool into a Float (durations in
// nanoseconds, bools 0 or 1), a Bool into an Int, or takes the unit from a Size
// or gives it to an Int, which changes no bit.
type Convert struct {
	Typed
	X Expr
}

// Call is a builtin function, by name: abs min max floor ceil sqrt log log2 exp
// len; now, elapsed and age take no argument. Args have the type of the result,
// except len (string → int) and floor, ceil (float → float).
type Call struct {
	Typed
	Func string
	Args []Expr
}

// In tests membership of X in a declared list (List >= 0) or in Items.
type In struct {
	Typed
	X     Expr
	List  int
	Items []SetItem
	Not   bool
}

// TopList is the list of a topk metric, largest first, as a publish value.
type TopList struct {
	Typed
	Metric int
}
