package check

import (
	"github.com/streamon/streamon/lang/ast"
	"github.com/streamon/streamon/lang/types"
)

// Operation is what an operator does with its operands.
type Operation struct {
	X, Y   types.Type // what the operands are converted to first
	Result types.Type // Invalid: the operands do not go together
}

// Operate returns the operation of a binary operator, in and not in excepted, on
// operands of these types. It is the one place that knows which types go
// together:
//
//   - int and size mix as int, either mixes with float as float;
//   - durations and times mix only with themselves and each other, but a
//     duration can be scaled by a number;
//   - "/" yields a float, or a duration if a duration is divided by a number;
//   - a bool equals an int if that is 1 or 0;
//   - order is for numbers, equality for everything but networks.
func Operate(op ast.Op, x, y types.Type) Operation {
	none := Operation{}
	all := func(t, result types.Type) Operation {
		if t == types.Invalid {
			return none
		}
		return Operation{t, t, result}
	}
	num := common(x, y)
	switch op {
	case ast.And, ast.Or:
		if x == types.Bool && y == types.Bool {
			return all(types.Bool, types.Bool)
		}
	case ast.Eq, ast.Ne:
		switch {
		case isInt(x) && y == types.Bool, x == types.Bool && isInt(y):
			return all(types.Int, types.Bool)
		case x == y && x != types.Net && x < types.Set:
			return all(x, types.Bool)
		}
		return all(num, types.Bool)
	case ast.Lt, ast.Le, ast.Gt, ast.Ge:
		return all(num, types.Bool)
	case ast.Contains:
		if x == types.String && y == types.String {
			return all(x, types.Bool)
		}
	case ast.BitOr, ast.BitXor, ast.BitAnd, ast.Shl, ast.Shr:
		if isInt(x) && isInt(y) {
			return all(types.Int, types.Int)
		}
	case ast.Add, ast.Sub:
		switch {
		case x == types.Time && y == types.Time:
			if op == ast.Sub {
				return all(types.Time, types.Duration)
			}
			return none
		case x == types.Time && y == types.Duration, op == ast.Add && x == types.Duration && y == types.Time:
			return Operation{x, y, types.Time}
		}
		return all(num, num)
	case ast.Mul:
		switch {
		case x == types.Duration && isNumber(y), isNumber(x) && y == types.Duration:
			return Operation{unitless(x), unitless(y), types.Duration}
		case isNumber(num):
			return all(num, num)
		}
	case ast.Div:
		switch {
		case x == types.Duration && isNumber(y):
			return Operation{x, unitless(y), x}
		case isNumber(num), num == types.Duration:
			return all(types.Float, types.Float)
		}
	case ast.Mod:
		if isInt(num) || num == types.Duration {
			return all(num, num)
		}
	}
	return none
}

// common returns the type in which two numbers meet, or Invalid.
func common(x, y types.Type) types.Type {
	switch {
	case x == y && x.IsNumeric():
		return x
	case isInt(x) && isInt(y):
		return types.Int
	case isNumber(x) && isNumber(y):
		return types.Float
	}
	return types.Invalid
}

// unitless drops the unit of a size that scales something else.
func unitless(t types.Type) types.Type {
	if t == types.Size {
		return types.Int
	}
	return t
}

func isInt(t types.Type) bool    { return t == types.Int || t == types.Size }
func isNumber(t types.Type) bool { return isInt(t) || t == types.Float }

// Assignable reports whether a value of type from can be stored as type to, after
// [Convert] or its like.
func Assignable(from, to types.Type) bool {
	return from == to || isInt(from) && isNumber(to) || from == types.Bool && to == types.Int
}
