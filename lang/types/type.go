// Package types holds the types and units of the language and the catalogues
// of packet fields, constants and builtin functions.
package types

// Type is the type of an expression, a key part or a table value.
type Type uint8

const (
	Invalid  Type = iota
	Bool          //
	Int           // 64 bits, signed
	Float         // IEEE 754 double; NaN is the undefined number
	Duration      // nanoseconds
	Time          // nanoseconds since the Unix epoch
	Size          // bytes; an int with a unit
	IP            // IPv4 or IPv6 address
	Net           // address prefix
	MAC           //
	String        // bytes
	Set           // right side of in
	Entries       // list of a topk metric
)

var typeNames = [...]string{
	Invalid: "invalid", Bool: "bool", Int: "int", Float: "float", Duration: "duration", Time: "time",
	Size: "size", IP: "ip", Net: "net", MAC: "mac", String: "string", Set: "set", Entries: "entries",
}

// String returns the word for t in the language and in diagnostics.
func (t Type) String() string { return typeNames[t] }

// IsNumeric reports whether arithmetic applies to t.
func (t Type) IsNumeric() bool {
	return t == Int || t == Float || t == Duration || t == Size || t == Time
}
