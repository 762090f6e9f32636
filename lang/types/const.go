package types

import "time"

// Const is a value known at compile time. Which fields count depends on Type.
// codegen/ir declares the same struct, so that one converts to the other.
type Const struct {
	Type Type
	I    int64   // Bool, Int, Duration, Time, Size
	F    float64 // Float
	Addr [16]byte
	Bits int // Net: prefix length of the 128 bits
	MAC  [6]byte
	S    string
}

// SetItem is one member of a set: a range of ints (Lo = Hi for one), a prefix
// (Bits = 128 for one address; IPv4 in mapped form, so /8 is 104), a MAC or a name.
// codegen/ir declares the same struct.
type SetItem struct {
	Type   Type // Int, Net, MAC or String
	Lo, Hi int64
	Addr   [16]byte
	Bits   int
	MAC    [6]byte
	Text   string
}

// BoolConst returns the constant of a truth value.
func BoolConst(b bool) Const {
	if b {
		return Const{Type: Bool, I: 1}
	}
	return Const{Type: Bool}
}

// IntConst returns a constant without a unit.
func IntConst(i int64) Const { return Const{Type: Int, I: i} }

// FloatConst returns a constant with a fraction.
func FloatConst(f float64) Const { return Const{Type: Float, F: f} }

// DurationConst returns a length of time.
func DurationConst(d time.Duration) Const { return Const{Type: Duration, I: int64(d)} }

// Number returns the value as a float: durations in nanoseconds, sizes in bytes.
// It is 0 for what is no number.
func (c Const) Number() float64 {
	if c.Type == Float {
		return c.F
	}
	return float64(c.I)
}
