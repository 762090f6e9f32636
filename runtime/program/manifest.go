package program

import "github.com/streamon/streamon/runtime/flow"

// Manifest says what a program is, for listings, checks and inheritance.
// Everything in it is fixed when the program is compiled.
type Manifest struct {
	ABI     int    // program.ABI of the sources it was generated for
	Name    string // program name, unique in a tenant
	Doc     string // its description
	File    string // base name of the source file
	Version string // first 16 hex digits of the SHA-256 of the source
	ID      string // build identity: see codegen/build

	// Wanted is a filter that accepts every packet that one of the events may happen for,
	// and others: see internal/filter. Empty = all packets.
	Wanted string

	Layers   uint64 // packet.Layers it needs decoded (application layers are decoded on demand)
	Params   []ParamInfo
	Lists    []ListInfo
	Entities []EntityInfo
	States   []StateInfo // States[0] is the default state
	Events   []EventInfo
	Memory   []MemoryInfo // metrics and tables, in declaration order
	Rules    []RuleInfo   // of all state machines, in the words of the source

	Partition PartitionInfo
}

// ParamInfo describes one parameter. Default has the parameter's kind.
type ParamInfo struct {
	Name    string
	Default Value
}

// ListInfo describes one list that the operator can replace.
type ListInfo struct {
	Name string
	File string // as written in the program
	Text string // its content when the program was compiled
}

// EntityInfo describes one entity: its name, its key fields and where its
// states are kept.
type EntityInfo struct {
	Name     string
	Fields   []string // field names; a single field has the entity's name
	Capacity int
}

// StateInfo describes one state.
type StateInfo struct {
	Name, Level, Code, Doc string
}

// RuleInfo describes one thing that a program does: a transition, or what is done without one.
// It is for people, who get to see it in drawings and beside alerts.
type RuleInfo struct {
	Entity string   // whose machine; empty for program-wide events
	From   string   // state; empty = any
	To     string   // state that it leads to; empty = none
	Events []string // on which it is tried; empty = the state is left by itself
	When   string   // condition; "otherwise"; empty = always
	Do     []string // actions
	After  string   // time in the state after which it is left by itself
	Lazy   bool     // it is left with the next event after that time
}

// EventInfo describes one event.
type EventInfo struct {
	Name   string
	Kind   string // "packet", "timeout" or "tick"
	Entity string // empty for a program-wide event
}

// MemoryInfo describes one metric or table.
type MemoryInfo struct {
	Name   string
	Kind   string // "bloom", "tbf", …, "table"; a metric with both parts has two entries
	Layout string // inherited by a new generation iff equal
}

// Stats are the counters of one instance. Slices are parallel to the manifest's.
type Stats struct {
	Packets     uint64   // packets seen
	Events      []uint64 // matched packets or fired timers, by event
	Transitions uint64
	Occupied    [][]int // entities in each state, by entity then state; [e][0] is always 0
	Verdicts    struct{ Drop, Capture, Block uint64 }
	Records     struct{ Alert, Publish, Log, Exec uint64 }
	Skipped     uint64 // firings of repeating timers that were skipped in time jumps
	Memory      []StructureStats
}

// AddCounters adds what o has counted, but for Packets: shards of one program are all shown
// the same ones. Occupied and Memory, which say what is remembered, stay as they are.
func (s *Stats) AddCounters(o *Stats) {
	for len(s.Events) < len(o.Events) {
		s.Events = append(s.Events, 0)
	}
	for i, n := range o.Events {
		s.Events[i] += n
	}
	s.Transitions += o.Transitions
	s.Verdicts.Drop += o.Verdicts.Drop
	s.Verdicts.Capture += o.Verdicts.Capture
	s.Verdicts.Block += o.Verdicts.Block
	s.Records.Alert += o.Records.Alert
	s.Records.Publish += o.Records.Publish
	s.Records.Log += o.Records.Log
	s.Records.Exec += o.Records.Exec
	s.Skipped += o.Skipped
}

// StructureStats is the state of one structure of the instance.
type StructureStats struct {
	Name string // as in Memory.Adopt
	flow.Usage
}
