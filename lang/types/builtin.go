package types

// Builtin is a function or a value that the language itself provides.
type Builtin struct {
	Name string
	Call bool // called with arguments; else a bare name
	Min  int  // number of arguments
	Max  int  // -1 = any number

	// Args is the type of every argument and Result that of the value; Invalid
	// means any number, and the result has the type of the arguments.
	Args, Result Type
	Sign         string // how the manual writes it
	Doc          string
}

// builtins is in the order of the manual.
var builtins = []Builtin{
	{"now", false, 0, 0, Invalid, Time, "now", "Packet time of the present packet, or the deadline of the present timer."},
	{"elapsed", false, 0, 0, Invalid, Duration, "elapsed", "Time since the first packet that the program saw."},
	{"age", false, 0, 0, Invalid, Duration, "age", "Time that the entity has been in its present state; undefined in the default state."},
	{"abs", true, 1, 1, Invalid, Invalid, "abs(x)", "Absolute value."},
	{"min", true, 2, -1, Invalid, Invalid, "min(x, y, …)", "Smallest argument; undefined if one is."},
	{"max", true, 2, -1, Invalid, Invalid, "max(x, y, …)", "Largest argument; undefined if one is."},
	{"default", true, 2, 2, Invalid, Invalid, "default(x, y)", "x if it is defined, else y."},
	{"floor", true, 1, 1, Float, Float, "floor(x)", "Largest whole number that is not above x."},
	{"ceil", true, 1, 1, Float, Float, "ceil(x)", "Smallest whole number that is not below x."},
	{"sqrt", true, 1, 1, Float, Float, "sqrt(x)", "Square root; undefined below 0."},
	{"log", true, 1, 1, Float, Float, "log(x)", "Natural logarithm; undefined at 0 and below."},
	{"log2", true, 1, 1, Float, Float, "log2(x)", "Logarithm to base 2; undefined at 0 and below."},
	{"exp", true, 1, 1, Float, Float, "exp(x)", "e to the power of x."},
	{"len", true, 1, 1, String, Int, "len(s)", "Length of a text in bytes."},
	{"both", true, 2, 2, Invalid, Invalid, "both(a, b)", "Two values as a key that ignores their order; only after for entity =."},
}

// LookupBuiltin returns the builtin of that name, or nil; call says whether it
// is used with arguments, for both kinds of name may coexist.
func LookupBuiltin(name string, call bool) *Builtin {
	for i := range builtins {
		if builtins[i].Name == name && builtins[i].Call == call {
			return &builtins[i]
		}
	}
	return nil
}

// Builtins returns all builtins in the order of the manual. Callers must not
// change it.
func Builtins() []Builtin { return builtins }

// Levels are the words for how bad an alert or a state is, mildest first.
var Levels = []string{"info", "low", "medium", "high", "critical"}

// DefaultLevel is that of an alert for which neither it nor its state says one.
const DefaultLevel = "medium"

// typesByName are the words a program may use for types.
var typesByName = map[string]Type{
	"bool": Bool, "int": Int, "float": Float, "duration": Duration, "time": Time,
	"size": Size, "ip": IP, "mac": MAC, "string": String,
}

// ByName returns the type that a program calls so, or Invalid.
func ByName(name string) Type { return typesByName[name] }

// Names are the words that [ByName] knows, for suggestions.
var Names = []string{"bool", "duration", "float", "int", "ip", "mac", "size", "string", "time"}
