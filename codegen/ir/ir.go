// Package ir is the intermediate representation between a checked program and
// the code that runs it: the generated Go and the reference evaluator both
// start here.
//
// It owns the node types, their text form ([Program.String], which goldens
// hold) and the verifier ([Verify], run after every pass). The source language,
// its sugar and its names for things end here: features are expanded, either-port
// fields are written out, handlers are merged so that each pair of event and
// state has at most one body, and everything refers to declarations by index.
//
// Undefined. Every expression may be undefined (a field of an absent layer, a
// missing table entry, a division by zero). It spreads through arithmetic and
// calls. A comparison or In with an undefined operand is false; And, Or and Not
// are ordinary, and an undefined bool counts as false. What a statement does
// with an undefined operand stands at the statement.
package ir

import (
	"slices"
	"strconv"
	"time"

	"github.com/streamon/streamon/lang/source"
	"github.com/streamon/streamon/lang/types"
)

// Program is one program, ready for passes and emission.
type Program struct {
	Name, Doc  string
	File       string // base name of the source
	MatchFirst bool   // only the first matching packet event runs
	Params     []*Param
	Lists      []*List
	Entities   []*Entity
	Metrics    []*Metric
	Tables     []*Table
	States     []*State // States[0] is the default state
	Events     []*Event // in declaration order
}

// Pos is a place in the source, for //line directives and messages.
type Pos = source.Pos

// Param is a parameter with its default; the host may override it.
type Param struct {
	Pos  Pos
	Name string
	Type types.Type // Int, Float, Duration, Size, Bool, IP, MAC or String
	Def  Const
}

// List is a named set. One declared with file(…) may be replaced while the
// program runs; an inline one is constant.
type List struct {
	Pos   Pos
	Name  string
	File  string // "" = inline
	Text  string // content of File when the program was compiled
	Items []SetItem
}

// SetItem is one member of a set: a range of ints (Lo = Hi for one), a prefix
// (Bits = 128 for one address; IPv4 in mapped form, so /8 is 104), a MAC or a name.
type SetItem struct {
	Type   types.Type // Int, Net, MAC or String
	Lo, Hi int64
	Addr   [16]byte
	Bits   int
	MAC    [6]byte
	Text   string
}

// KeyField is one part of a flow key.
type KeyField struct {
	Name string // entity fields only
	Type types.Type
}

// Policy is what a full structure does with a new key.
type Policy uint8

const (
	Evict  Policy = iota // drop the entry that was idle longest among the candidates
	Reject               // refuse the new key
)

// String returns the word of the language.
func (p Policy) String() string { return [...]string{"evict", "reject"}[p] }

// Entity is what an XFSM is kept for.
type Entity struct {
	Pos      Pos
	Name     string
	Fields   []KeyField
	Capacity int
	Full     Policy
}

// Structure is one sketch: the detector or the monitor of a metric. All values
// are resolved: no default is left open.
type Structure struct {
	Kind     string        // bloom · cbf, tbf, tewma, dleft, hll, topk
	Window   time.Duration // 0 = none
	Memory   time.Duration // tbf: T
	Tick     time.Duration // tewma: rounding of time; 0 = none
	Capacity int           // keys
	Error    float64       // declared error at capacity; 0 = exact (dleft)
	K        int           // topk: length of the list
	Full     Policy        // dleft
}

// Metric is a variation detector, a variation monitor or both.
type Metric struct {
	Pos      Pos
	Name     string
	Key      []types.Type // types of the flow key; empty = one cell for the program
	Distinct []types.Type // types of the distinct key; empty without Detector (hll: what is counted)
	Detector *Structure   // nil = none
	Monitor  *Structure   // nil = detector only
}

// ValueType is the type of what an operation on the metric yields.
func (m *Metric) ValueType() types.Type {
	if m.Monitor == nil {
		return types.Int
	}
	switch m.Monitor.Kind {
	case "tbf", "tewma", "hll":
		return types.Float
	}
	return types.Int
}

// Table maps a flow key to one scalar.
type Table struct {
	Pos      Pos
	Name     string
	Key      []types.Type
	Parts    []string // names of the parts of Key; "" or missing where it is a type alone
	Value    types.Type
	Capacity int
	Full     Policy
}

// PartNames names the parts of the key for people: those without a name by their type,
// and a number from the second on where a name is taken.
func (t *Table) PartNames() []string {
	names := make([]string, 0, len(t.Key))
	for i, k := range t.Key {
		base := k.String()
		if i < len(t.Parts) && t.Parts[i] != "" {
			base = t.Parts[i]
		}
		name := base
		for n := 2; slices.Contains(names, name); n++ {
			name = base + strconv.Itoa(n)
		}
		names = append(names, name)
	}
	return names
}

// State is one state of every entity's machine.
type State struct {
	Pos         Pos
	Name        string
	Level, Code string
	Doc         string
	For         Expr // duration after which the state is left by itself; nil = stays. Const or ParamRef arithmetic
	Next        int  // state that follows For
	Lazy        bool // For is looked at with the entity's next event, not at its end
}

// EventKind says what makes an event happen.
type EventKind uint8

const (
	PacketEvent  EventKind = iota // a packet that Where accepts
	TimeoutEvent                  // a timer of an entity, armed by Start
	TickEvent                     // every Period from the program's first packet; no entity
)

// Event is one event and what is done about it.
type Event struct {
	Pos      Pos
	Name     string
	Kind     EventKind
	Entity   int      // index, or -1: program-wide
	Where    Expr     // PacketEvent; nil = every packet
	Bind     []Expr   // PacketEvent with entity: one for each key field; undefined = no match
	Sorted   bool     // Bind is both(a, b): the two values are ordered by their key bytes
	Period   Expr     // TickEvent: duration
	Captures []string // TimeoutEvent: packet fields and layers that its handlers read, kept when the timer is armed; sorted; see Captures
	Handlers []*Handler
}

// Handler is what an event does in some states. The bodies of one event name
// each state at most once; a state that no body names ignores the event. For a
// program-wide event there is one handler with States nil.
type Handler struct {
	Pos    Pos
	States []int // sorted
	Body   *Body
}

// Body runs in order: Ops; then the first arm of Arms whose condition holds: its
// actions (seeing the old state as from and the arm's target as to), then its
// transition; then Always.
type Body struct {
	Locals []*Local // every local of the body, arms included; Local.ID is the index
	Ops    []Stmt
	Arms   []*Arm
	Always []Stmt
}

// Local is a value computed once in a body. A local that was not assigned on
// the way to a use is undefined there.
type Local struct {
	ID   int
	Name string // metric, table or feature it stems from; not unique
	Type types.Type
}

// Arm is one when … or otherwise.
type Arm struct {
	Pos   Pos
	Pre   []Stmt       // reads (Get, Load, Has, Let) that If needs; run only when the arms before did not hold
	If    Expr         // nil = otherwise
	Reads []NamedValue // features, metrics and tables that the condition reads, for alerts
	Then  []Stmt
	To    int // state index, or -1: stay
}

// NamedValue is a value under the name that output gives it.
type NamedValue struct {
	Name string
	X    Expr
}
