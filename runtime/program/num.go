package program

import "math"

// The arithmetic of the language where Go's own differs: floats use NaN for
// undefined, integers saturate, nothing panics. All of it is inlined.

// Undefined returns the float that stands for undefined: NaN.
func Undefined() float64 { return math.NaN() }

// Defined reports whether x is a value, not undefined. Infinities are values.
func Defined(x float64) bool { return x == x }

// Ne reports x != y, false if either is undefined (Go's != is true on NaN).
func Ne(x, y float64) bool { return x < y || x > y }

// Div returns x / y, undefined if y is 0.
func Div(x, y float64) float64 {
	if y == 0 {
		return math.NaN()
	}
	return x / y
}

// Log returns the natural logarithm, undefined for x ≤ 0.
func Log(x float64) float64 {
	if x <= 0 {
		return math.NaN()
	}
	return math.Log(x)
}

// Log2 returns the binary logarithm, undefined for x ≤ 0.
func Log2(x float64) float64 {
	if x <= 0 {
		return math.NaN()
	}
	return math.Log2(x)
}

// Sqrt returns the square root, undefined for x < 0.
func Sqrt(x float64) float64 { return math.Sqrt(x) }

// Add returns x + y, saturating at the ends of int64.
func Add(x, y int64) int64 {
	s := x + y
	if (x^s)&(y^s) < 0 { // operands agree in sign, the sum does not
		return math.MaxInt64 ^ (x >> 63)
	}
	return s
}

// Sub returns x - y, saturating at the ends of int64.
func Sub(x, y int64) int64 {
	d := x - y
	if (x^y)&(x^d) < 0 {
		return math.MaxInt64 ^ (x >> 63)
	}
	return d
}

// Mul returns x · y, saturating at the ends of int64.
func Mul(x, y int64) int64 {
	p := x * y
	if x == 0 || p/x == y && !(x == -1 && y == math.MinInt64) {
		return p
	}
	return math.MaxInt64 ^ ((x ^ y) >> 63)
}

// Neg returns -x; the negation of the smallest int64 is the largest.
func Neg(x int64) int64 {
	if x == math.MinInt64 {
		return math.MaxInt64
	}
	return -x
}

// Abs returns |x|; that of the smallest int64 is the largest.
func Abs(x int64) int64 {
	if x < 0 {
		return Neg(x)
	}
	return x
}

// Mod returns x % y with the sign of x. The caller has excluded y == 0, which is
// undefined; here it yields 0 instead of a panic.
func Mod(x, y int64) int64 {
	if y == 0 || y == -1 { // MinInt64 % -1 is 0 too
		return 0
	}
	return x % y
}

// ShiftOK reports whether n is a shift count the language defines: 0 … 63.
func ShiftOK(n int64) bool { return uint64(n) < 64 }

// Shl returns x << n. The caller has excluded counts outside 0 … 63, which are
// undefined; here only the low six bits count.
func Shl(x, n int64) int64 { return x << (uint64(n) & 63) }

// Shr returns x >> n, keeping the sign; see Shl for the count.
func Shr(x, n int64) int64 { return x >> (uint64(n) & 63) }

// ToInt returns x rounded toward zero, saturating at the ends of int64; undefined
// yields 0, so the caller guards with Defined. It turns float results into
// durations: ToInt(float64(d) * 1.5).
func ToInt(x float64) int64 {
	switch {
	case x >= math.MaxInt64: // the constant rounds up to 2^63
		return math.MaxInt64
	case x <= math.MinInt64:
		return math.MinInt64
	case x != x:
		return 0
	}
	return int64(x)
}

// BoolInt returns 1 for true, 0 for false.
func BoolInt(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

// BoolFloat returns 1 for true, 0 for false.
func BoolFloat(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

// DefaultInt returns x if it is defined, else y.
func DefaultInt(isDefined bool, x, y int64) int64 {
	if isDefined {
		return x
	}
	return y
}

// DefaultFloat returns x if it is defined, else y; NaN is undefined.
func DefaultFloat(isDefined bool, x, y float64) float64 {
	if isDefined && x == x {
		return x
	}
	return y
}
