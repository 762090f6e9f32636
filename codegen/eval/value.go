package eval

import (
	"encoding/binary"
	"math"

	"github.com/streamon/streamon/codegen/ir"
	"github.com/streamon/streamon/lang/types"
	"github.com/streamon/streamon/runtime/packet"
	"github.com/streamon/streamon/runtime/program"
)

// value is what an expression yields. Its type says which part counts; Invalid
// means undefined, and all its parts are zero then, so that values compare with ==.
type value struct {
	t types.Type
	i int64    // Bool, Int, Size, Duration, Time
	f float64  // Float, never NaN
	b [16]byte // IP, MAC
	s string   // String, whole
}

var undefined value

func (v value) isDefined() bool { return v.t != types.Invalid }

// holds reports whether v is true; undefined is not.
func (v value) holds() bool { return v.t == types.Bool && v.i != 0 }

func boolean(b bool) value {
	if b {
		return value{t: types.Bool, i: 1}
	}
	return value{t: types.Bool}
}

func integer(t types.Type, i int64) value { return value{t: t, i: i} }

// float returns a number; NaN is undefined.
func float(f float64) value {
	if math.IsNaN(f) {
		return undefined
	}
	return value{t: types.Float, f: f}
}

func address(a packet.IP) value { return value{t: types.IP, b: a} }

func hardware(m packet.MAC) value {
	v := value{t: types.MAC}
	copy(v.b[:], m[:])
	return v
}

func text(s []byte) value { return value{t: types.String, s: string(s)} }

// literal returns the value of a constant.
func literal(c ir.Const) value {
	switch c.Type {
	case types.Float:
		return float(c.F)
	case types.IP:
		return address(c.Addr)
	case types.MAC:
		return hardware(c.MAC)
	case types.String:
		return value{t: types.String, s: c.S}
	}
	return integer(c.Type, c.I)
}

// number returns v as a float: durations in nanoseconds, bools 0 or 1.
func (v value) number() float64 {
	if v.t == types.Float {
		return v.f
	}
	return float64(v.i)
}

// output returns v as the host and the sinks see it.
func (v value) output() program.Value {
	switch v.t {
	case types.Bool:
		return program.Value{Kind: program.KindBool, I: v.i}
	case types.Int, types.Size:
		return program.Value{Kind: program.KindInt, I: v.i}
	case types.Float:
		return program.Value{Kind: program.KindFloat, F: v.f}
	case types.Duration:
		return program.Value{Kind: program.KindDuration, I: v.i}
	case types.Time:
		return program.Value{Kind: program.KindTime, I: v.i}
	case types.IP:
		return program.Value{Kind: program.KindIP, B: v.b}
	case types.MAC:
		return program.Value{Kind: program.KindMAC, B: v.b}
	case types.String:
		return program.Value{Kind: program.KindString, S: []byte(v.s)}
	}
	return program.Value{}
}

// input is the reverse of output for a parameter of type t; undefined if the kind
// is another.
func input(t types.Type, v program.Value) value {
	if got := (value{t: t}).output().Kind; got != v.Kind {
		return undefined
	}
	switch t {
	case types.Float:
		return float(v.F)
	case types.IP, types.MAC:
		return value{t: t, b: v.B}
	case types.String:
		return value{t: t, s: string(v.S)}
	}
	return integer(t, v.I)
}

// keyOf packs values into one string that is the same iff they are. Where no text
// is longer than a flow key keeps, the strings sort as flow keys do. ok is false
// if a value is undefined.
func keyOf(parts []value) (key string, ok bool) {
	var b []byte
	for _, v := range parts {
		switch v.t {
		case types.Invalid:
			return "", false
		case types.IP:
			b = append(b, v.b[:]...)
		case types.MAC:
			b = append(b, v.b[:6]...)
		case types.Bool:
			b = append(b, byte(v.i))
		case types.String:
			b = append(b, byte(min(len(v.s), 255)))
			if len(v.s) >= 255 {
				b = binary.BigEndian.AppendUint64(b, uint64(len(v.s)))
			}
			b = append(b, v.s...)
		default:
			b = binary.BigEndian.AppendUint64(b, uint64(v.i))
		}
	}
	return string(b), true
}
