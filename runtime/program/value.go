package program

import (
	"bytes"

	"github.com/streamon/streamon/runtime/flow"
	"github.com/streamon/streamon/runtime/packet"
)

// Constructors of values, for records. All are inlined.

// BoolValue returns b as a value.
func BoolValue(b bool) Value { return Value{Kind: KindBool, I: BoolInt(b)} }

// IntValue returns i as a value.
func IntValue(i int64) Value { return Value{Kind: KindInt, I: i} }

// FloatValue returns x as a value, undefined if it is NaN.
func FloatValue(x float64) Value {
	if x != x {
		return Value{}
	}
	return Value{Kind: KindFloat, F: x}
}

// DurationValue returns ns nanoseconds as a value.
func DurationValue(ns int64) Value { return Value{Kind: KindDuration, I: ns} }

// TimeValue returns a time in nanoseconds since the Unix epoch as a value.
func TimeValue(ns int64) Value { return Value{Kind: KindTime, I: ns} }

// IPValue returns an address as a value.
func IPValue(ip packet.IP) Value { return Value{Kind: KindIP, B: ip} }

// MACValue returns an address as a value.
func MACValue(mac packet.MAC) Value {
	v := Value{Kind: KindMAC}
	copy(v.B[:], mac[:])
	return v
}

// StringValue returns text as a value that aliases it.
func StringValue(text []byte) Value { return Value{Kind: KindString, S: text} }

// Opt returns v if ok, else undefined.
func Opt(ok bool, v Value) Value {
	if !ok {
		return Value{}
	}
	return v
}

// Text is a text kept by value, where it must outlive the packet that it stands
// in: length, then up to 255 bytes. The zero Text is empty.
type Text [256]byte

// TextOf returns s, cut after 255 bytes.
func TextOf(s []byte) (t Text) {
	t[0] = byte(copy(t[1:], s))
	return t
}

// Bytes returns the text; it aliases t.
func (t *Text) Bytes() []byte { return t[1 : 1+int(t[0])] }

// Contains reports whether sub stands somewhere in text.
func Contains(text, sub []byte) bool { return bytes.Contains(text, sub) }

// InNet reports whether the first bits of ip, 0 to 128, are those of net.
func InNet(ip, net packet.IP, bits int) bool {
	n := bits / 8
	if string(ip[:n]) != string(net[:n]) {
		return false
	}
	return n == len(ip) || (ip[n]^net[n])>>(8-bits%8) == 0
}

// At returns what p points to; ok is false for nil, a missing table entry.
func At[V any](p *V) (v V, ok bool) {
	if p == nil {
		return v, false
	}
	return *p, true
}

// FloatAt returns what p points to, undefined for nil.
func FloatAt(p *float64) float64 {
	if p == nil {
		return Undefined()
	}
	return *p
}

// Ref returns a pointer to a copy of x, for calls that take one.
func Ref[V any](x V) *V { return &x }

// KeyText returns the text in a string field of a flow key; of one that was cut,
// the beginning. The result aliases b.
func KeyText(b []byte) []byte {
	text, _ := flow.Text(b)
	return text
}

// TextAt returns the text that p points to; ok is false for nil. The result
// aliases it.
func TextAt(p *Text) (text []byte, ok bool) {
	if p == nil {
		return nil, false
	}
	return p.Bytes(), true
}
