package ir

import "github.com/streamon/streamon/lang/types"

// Stmt is one operation or action. The set is closed.
type Stmt interface {
	Position() Pos
	stmt()
}

// At is embedded in every statement: Pos is the place in the source it stems from.
type At struct{ Pos Pos }

// Position returns that place.
func (a At) Position() Pos { return a.Pos }
func (At) stmt()           {}

// Let computes a local.
//
//	%dst = x
type Let struct {
	At
	Dst *Local
	X   Expr
}

// Set is the operation "set": with a detector the monitor is updated only if
// the distinct key was not seen before. Dst, if not nil, becomes the monitor's
// value for the key after the update; for a detector-only metric 1 if the
// distinct key was seen before, else 0. If a key or By is undefined nothing
// happens and Dst is undefined.
//
//	%dst = set syns [ip.dst] new [ip.src] by 1
type Set struct {
	At
	Dst      *Local
	Metric   int
	Key      []Expr
	Distinct []Expr
	By       Expr // nil = 1
}

// Get reads a metric without changing it.
//
//	%dst = get syns [ip.dst] new [ip.src]
type Get struct {
	At
	Dst      *Local
	Metric   int
	Key      []Expr
	Distinct []Expr
}

// Reset removes one key from a metric's monitor, or clears the whole metric
// (detector and monitor) if Key is nil.
type Reset struct {
	At
	Metric int
	Key    []Expr
}

// Load reads a table entry; a missing one is undefined.
//
//	%dst = load last [server]
type Load struct {
	At
	Dst   *Local
	Table int
	Key   []Expr
}

// Has tells whether a table has an entry; Dst is a bool. An undefined key has none.
type Has struct {
	At
	Dst   *Local
	Table int
	Key   []Expr
}

// Store writes a table entry; an undefined X deletes it, an undefined key does
// nothing.
type Store struct {
	At
	Table int
	Key   []Expr
	X     Expr
}

// Delete removes a table entry, or all of them if Key is nil.
type Delete struct {
	At
	Table int
	Key   []Expr
}

// Start arms the timer of a timeout event for the entity of this handler, or
// re-arms it. An undefined or negative After does nothing.
type Start struct {
	At
	Event int
	After Expr
	Every bool // repeats with the same period
	Keep  bool // a timer that runs keeps what it captured when it was armed
}

// Stop cancels a timer of the entity.
type Stop struct {
	At
	Event int
}

// Alert emits an alert with the Reads of the arm it stands in.
type Alert struct {
	At
	Level   string // info, low, medium, high, critical
	Message []Part
}

// Log emits a log record.
type Log struct {
	At
	Message []Part
}

// Publish emits a record with named values under a topic, or with one value
// "text" if Message is not nil.
type Publish struct {
	At
	Topic   string
	Message []Part
	Fields  []NamedValue
}

// Exec emits a record with a command: the parts of each argument, the program first. It
// has no values.
type Exec struct {
	At
	Args [][]Part
}

// Drop marks the packet for dropping. Packet events only.
type Drop struct{ At }

// Block asks for traffic of What to be blocked For a duration; it is logged.
type Block struct {
	At
	Name string // the field or entity as written
	What Expr
	For  Expr
}

// Capture marks the packet as evidence. Packet events only.
type Capture struct{ At }

// Part is a piece of a message: literal text, or a value with its format.
type Part struct {
	Text   string
	X      Expr   // nil = Text
	Format string // "" = natural; else [.N](f|e|g|d|x|s)
}

// Const is a literal.
type Const struct {
	Type types.Type
	I    int64   // Bool, Int, Duration, Time, Size
	F    float64 // Float
	Addr [16]byte
	Bits int // Net
	MAC  [6]byte
	S    string
}
