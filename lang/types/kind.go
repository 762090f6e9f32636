package types

import "time"

// Role is what a structure does in a metric.
type Role string

// The roles, by their keyword.
const (
	Distinct Role = "distinct" // variation detector: was this key seen before? (paper §III-B)
	Count    Role = "count"    // variation monitor: how much?
)

// Kind is one structure that a metric can be built from. A new one is an entry
// here and a file in runtime/sketch.
type Kind struct {
	Name  string
	Role  Role
	Value Type // of what it reads
	Args  []KindArg
	Doc   string

	// Whole: kept once for the program, without a flow key (hll), or with the
	// key as what is ranked (topk).
	Whole bool
	// Counted: the distinct key of an operation is what is counted, without a
	// detector.
	Counted bool
}

// KindArg is one argument of a structure.
type KindArg struct {
	Name string
	Type Type // Int, Float, Duration; Invalid = a word: evict or reject

	Required bool
	Default  Const   // if not Required; Invalid = none, or computed as Doc says
	Min, Max float64 // both allowed; durations in nanoseconds
	Doc      string
}

// The limits of arguments.
const (
	minWindow   = float64(time.Millisecond)
	maxWindow   = float64(366 * 24 * time.Hour)
	maxCapacity = 1 << 30
)

// DefaultCapacity is the number of keys that a structure, table or entity is
// made for if the program does not say.
const DefaultCapacity = 65536

// MaxCapacity is the largest capacity that can be asked for.
const MaxCapacity = maxCapacity

// DefaultError is the error at capacity of sketches that the program gives none.
const DefaultError = 0.01

// DefaultTop is the length of a topk list.
const DefaultTop = 10

var (
	argCapacity = KindArg{Name: "capacity", Type: Int, Default: IntConst(DefaultCapacity), Min: 1, Max: maxCapacity, Doc: "keys it is made for"}
	argError    = KindArg{Name: "error", Type: Float, Default: FloatConst(DefaultError), Min: 1e-9, Max: 0.499, Doc: "error at that number of keys"}
	argWindow   = KindArg{Name: "window", Type: Duration, Required: true, Min: minWindow, Max: maxWindow, Doc: "time it looks back"}
	argNoWindow = KindArg{Name: "window", Type: Duration, Min: minWindow, Max: maxWindow, Doc: "time it looks back; without it, the whole run"}
)

// kinds is in the order of the manual.
var kinds = []Kind{
	{
		Name: "bloom", Role: Distinct, Value: Int, Doc: "Pair of Bloom filters, rotated by time and by fill.",
		Args: []KindArg{
			{Name: "window", Type: Duration, Default: DurationConst(60 * time.Second), Min: minWindow, Max: maxWindow, Doc: "a key is remembered at least that long"},
			argCapacity,
			{Name: "error", Type: Float, Default: FloatConst(DefaultError), Min: 1e-9, Max: 0.499, Doc: "rate of new keys taken for known ones, at capacity"},
		},
	},
	{
		Name: "cbf", Role: Count, Value: Int, Doc: "Counting Bloom filter in two half windows.",
		Args: []KindArg{argWindow, argCapacity, argError},
	},
	{
		Name: "tbf", Role: Count, Value: Float, Doc: "Time-decaying Bloom filter: a steady rate reads as arrivals per window.",
		Args: []KindArg{
			argWindow,
			{Name: "memory", Type: Duration, Min: minWindow, Max: 4 * maxWindow, Doc: "time after which less than 2 % is left; without it, four windows"},
			argCapacity, argError,
		},
	},
	{
		Name: "tewma", Role: Count, Value: Float, Doc: "Moving average of arrivals per second, as the first prototype had it.",
		Args: []KindArg{
			{Name: "window", Type: Duration, Required: true, Min: float64(6*time.Second) + 1, Max: maxWindow, Doc: "more than 6 s"},
			{Name: "tick", Type: Duration, Min: minWindow, Max: float64(time.Hour), Doc: "time is rounded down to this; without it, not at all"},
			argCapacity, argError,
		},
	},
	{
		Name: "dleft", Role: Count, Value: Int, Doc: "d-left table of counters: exact up to fingerprint collisions, never ages.",
		Args: []KindArg{argCapacity, {Name: "full", Doc: "what happens to a new key when it is full: evict or reject"}},
	},
	{
		Name: "hll", Role: Count, Value: Float, Doc: "Number of different keys in the whole program (HyperLogLog).", Whole: true, Counted: true,
		Args: []KindArg{argNoWindow, {Name: "error", Type: Float, Default: FloatConst(DefaultError), Min: 0.002, Max: 0.499, Doc: "relative standard error"}},
	},
	{
		Name: "topk", Role: Count, Value: Int, Doc: "The keys with the largest counts in the whole program (space saving).", Whole: true,
		Args: []KindArg{
			{Name: "k", Type: Int, Default: IntConst(DefaultTop), Min: 1, Max: 10000, Doc: "length of the list"},
			{Name: "capacity", Type: Int, Min: 1, Max: 1 << 20, Doc: "keys that are watched; without it, ten times k"},
			argNoWindow,
		},
	},
}

// LookupKind returns the kind of that name, or nil.
func LookupKind(name string) *Kind {
	for i := range kinds {
		if kinds[i].Name == name {
			return &kinds[i]
		}
	}
	return nil
}

// Kinds returns those of a role in the order of the manual, or all for "".
func Kinds(role Role) []Kind {
	var out []Kind
	for _, k := range kinds {
		if role == "" || k.Role == role {
			out = append(out, k)
		}
	}
	return out
}
