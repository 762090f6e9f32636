package program

import (
	"errors"

	"github.com/streamon/streamon/runtime/list"
	"github.com/streamon/streamon/runtime/packet"
)

// The functions below return the host's value for a parameter, or def if it has
// none. A value of another kind sets *err, unless it is set already.

// ErrParam is wrapped by the error for a parameter value of the wrong kind.
var ErrParam = errors.New("program: parameter of another kind")

// ParamError is a parameter value that does not fit.
type ParamError struct {
	Name string // of the parameter
	Want Kind
	Got  Kind
}

var kindNames = [...]string{
	KindUndefined: "undefined", KindBool: "bool", KindInt: "int", KindFloat: "float", KindDuration: "duration",
	KindTime: "time", KindIP: "ip", KindMAC: "mac", KindString: "string", KindEntries: "entries",
}

// String returns the word for the kind in programs.
func (k Kind) String() string { return kindNames[k] }

// Error says which parameter wants what.
func (e *ParamError) Error() string {
	return "parameter " + e.Name + ": want a value of type " + e.Want.String() + ", got " + e.Got.String()
}

// Unwrap returns ErrParam.
func (e *ParamError) Unwrap() error { return ErrParam }

func param(env *Env, name string, want Kind, err *error) (Value, bool) {
	if env.Param == nil {
		return Value{}, false
	}
	v, ok := env.Param(name)
	if !ok {
		return Value{}, false
	}
	if v.Kind != want {
		if *err == nil {
			*err = &ParamError{name, want, v.Kind}
		}
		return Value{}, false
	}
	return v, true
}

// BoolParam returns a bool parameter.
func BoolParam(env *Env, name string, def bool, err *error) bool {
	if v, ok := param(env, name, KindBool, err); ok {
		return v.I != 0
	}
	return def
}

// IntParam returns an int or size parameter.
func IntParam(env *Env, name string, def int64, err *error) int64 {
	if v, ok := param(env, name, KindInt, err); ok {
		return v.I
	}
	return def
}

// FloatParam returns a float parameter.
func FloatParam(env *Env, name string, def float64, err *error) float64 {
	if v, ok := param(env, name, KindFloat, err); ok {
		return v.F
	}
	return def
}

// DurationParam returns a duration parameter in nanoseconds.
func DurationParam(env *Env, name string, def int64, err *error) int64 {
	if v, ok := param(env, name, KindDuration, err); ok {
		return v.I
	}
	return def
}

// IPParam returns an address parameter.
func IPParam(env *Env, name string, def packet.IP, err *error) packet.IP {
	if v, ok := param(env, name, KindIP, err); ok {
		return v.B
	}
	return def
}

// MACParam returns an address parameter.
func MACParam(env *Env, name string, def packet.MAC, err *error) packet.MAC {
	if v, ok := param(env, name, KindMAC, err); ok {
		return packet.MAC(v.B[:6])
	}
	return def
}

// StringParam returns a copy of a string parameter.
func StringParam(env *Env, name, def string, err *error) []byte {
	if v, ok := param(env, name, KindString, err); ok {
		return append([]byte(nil), v.S...)
	}
	return []byte(def)
}

// OpenList returns the host's list of that name, else one with the entries of
// text, which was compiled in. An entry that cannot be read sets *err.
func OpenList(env *Env, name, text string, err *error) *list.List {
	if env.List != nil {
		if l := env.List(name); l != nil {
			return l
		}
	}
	return list.New(ParseSet(name, text, err))
}

// ParseSet returns the set of an inline list with many members, one a line.
func ParseSet(name, text string, err *error) *list.Set {
	set, bad := list.Parse([]byte(text))
	if bad != nil {
		if *err == nil {
			*err = errors.Join(errors.New("list "+name), bad)
		}
		return new(list.Set)
	}
	return set
}
