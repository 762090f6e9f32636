package ast

// Op is an operator.
type Op int

// The operators, loosest first as in the grammar.
const (
	NoOp Op = iota
	Or
	And
	Not
	Eq
	Ne
	Lt
	Le
	Gt
	Ge
	In
	NotIn
	Contains
	BitOr
	BitXor
	BitAnd
	Shl
	Shr
	Add
	Sub
	Mul
	Div
	Mod
	Neg
	BitNot

	numOps
)

var opNames = [numOps]string{
	NoOp: "no operator", Or: "or", And: "and", Not: "not",
	Eq: "==", Ne: "!=", Lt: "<", Le: "<=", Gt: ">", Ge: ">=",
	In: "in", NotIn: "not in", Contains: "contains",
	BitOr: "|", BitXor: "^", BitAnd: "&", Shl: "<<", Shr: ">>",
	Add: "+", Sub: "-", Mul: "*", Div: "/", Mod: "%",
	Neg: "-", BitNot: "~",
}

// String returns the operator as it is written in a program.
func (o Op) String() string {
	if o < 0 || o >= numOps {
		return "?"
	}
	return opNames[o]
}

// IsComparison reports whether o yields a bool from two values of any type.
func (o Op) IsComparison() bool { return o >= Eq && o <= Contains }

// The binding powers, loosest first. An operand that binds more loosely than
// its place wants stands in parentheses.
const (
	PrecOr = iota + 1
	PrecAnd
	PrecNot
	PrecCompare // not associative: a < b < c is an error
	PrecRange   // of "..", which is no Op
	PrecBitOr
	PrecBitXor
	PrecBitAnd
	PrecShift
	PrecAdd
	PrecMul
	PrecUnary
)

// Prec returns how tightly o binds; 0 for NoOp.
func (o Op) Prec() int {
	switch o {
	case Or:
		return PrecOr
	case And:
		return PrecAnd
	case Not:
		return PrecNot
	case Eq, Ne, Lt, Le, Gt, Ge, In, NotIn, Contains:
		return PrecCompare
	case BitOr:
		return PrecBitOr
	case BitXor:
		return PrecBitXor
	case BitAnd:
		return PrecBitAnd
	case Shl, Shr:
		return PrecShift
	case Add, Sub:
		return PrecAdd
	case Mul, Div, Mod:
		return PrecMul
	case Neg, BitNot:
		return PrecUnary
	}
	return 0
}
