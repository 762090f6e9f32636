package check

import (
	"slices"
	"time"

	"github.com/streamon/streamon/lang/ast"
	"github.com/streamon/streamon/lang/types"
)

// Object is what a name refers to: *Param, *List, *Entity, *EntityField,
// *Metric, *Table, *Feature, *Event, *State, [StateRef], or from the catalogues
// *types.Field, *types.Layer, *types.Builtin, *types.Constant.
type Object any

// Program is a checked program: its declarations in source order.
type Program struct {
	File       *ast.File
	Name, Doc  string
	MatchFirst bool
	Params     []*Param
	Lists      []*List
	Entities   []*Entity
	Metrics    []*Metric
	Tables     []*Table
	Features   []*Feature
	States     []*State // States[0] is the default state
	Events     []*Event
	Handlers   []*Handler // in source order
	Info       *Info
}

// Param is a parameter.
type Param struct {
	Decl  *ast.ParamDecl
	Name  string
	Type  types.Type // Invalid after an error
	Value types.Const

	used bool
}

// List is a named set.
type List struct {
	Decl  *ast.ListDecl
	Name  string
	File  string          // as written; "" = inline
	Text  string          // content of the file
	Kind  types.Type      // of its members: Int, Net, MAC or String; Invalid = nothing known
	Items []types.SetItem // of an inline list

	lines []listLine // entries of the file
	first ast.Node   // the use that gave a file its kind
	used  bool
}

// Entity is what a state machine is kept for.
type Entity struct {
	Decl     *ast.EntityDecl
	Name     string
	Fields   []*EntityField
	Capacity int
	Reject   bool // full: reject

	used bool
}

// EntityField is one part of an entity's key.
type EntityField struct {
	Entity *Entity
	Name   string // that of the entity if it has one field
	Type   types.Type
	Index  int
}

// Structure is a detector or monitor with every argument resolved.
type Structure struct {
	Kind                 *types.Kind
	Window, Memory, Tick time.Duration // 0 = none
	Capacity, K          int
	Error                float64 // 0 = exact
	Reject               bool
}

// Metric is a metric. Its keys have the types of their first use.
type Metric struct {
	Decl              *ast.MetricDecl
	Name              string
	Key, Distinct     []types.Type
	Detector, Monitor *Structure // nil = none
	Value             types.Type // of what an operation yields; Invalid after an error

	keyed, counted ast.Node // the uses that gave the types of Key and Distinct; nil = none so far
	fed, got, read bool     // by set, by get, by its name
}

// Used reports whether an operation names m.
func (m *Metric) Used() bool { return m.keyed != nil }

// ReadsAlone reports whether the name of m alone can be read without an
// operation in the handler: it has no key, so there is no doubt what to get.
func (m *Metric) ReadsAlone() bool { return m.Monitor != nil && len(m.Key) == 0 }

// IsTop reports whether m has a list of largest keys.
func (m *Metric) IsTop() bool { return m.Monitor != nil && m.Monitor.Kind.Name == "topk" }

// Table is a side table.
type Table struct {
	Decl     *ast.TableDecl
	Name     string
	Key      []types.Type
	Parts    []string   // of Key: names of an entity's fields, or ""
	Value    types.Type // Invalid after an error
	Capacity int
	Reject   bool

	written, read bool
}

// Feature is a named expression.
type Feature struct {
	Decl *ast.FeatureDecl
	Name string
	Type types.Type

	state featureState
	needs []need
	used  bool

	weight int // nodes of its expression, features written out
}

// EventKind is what makes an event happen.
type EventKind uint8

// The kinds of events.
const (
	PacketEvent EventKind = iota
	TimeoutEvent
	TickEvent
)

// Event is an event.
type Event struct {
	Decl   *ast.EventDecl
	Name   string
	Kind   EventKind
	Entity *Entity // nil = program-wide
	Sorted bool    // for e = both(a, b)

	handlers         []*Handler // in source order
	broken           bool       // its head has an error
	handled, started bool
}

// State is a state.
type State struct {
	Decl             *ast.StateDecl // nil: the default state that nothing declares
	Name             string
	Index            int
	Level, Code, Doc string
	Next             *State // of a state that is left by itself
}

// StateRef is "state" in a message: the state of the entity, or what was
// declared about it.
type StateRef struct {
	Part string // "", "level", "code" or "description"
}

// Handler is one "on" with the states that it is for.
type Handler struct {
	Decl   *ast.Handler
	Events []*Event
	States []*State // nil = any

	touches []touch
}

// In reports whether h applies to an event and, unless that is program-wide, a
// state.
func (h *Handler) In(e *Event, s *State) bool {
	return slices.Contains(h.Events, e) && h.InState(s)
}

// InState reports whether h applies to a state; nil is that of a program-wide event.
func (h *Handler) InState(s *State) bool {
	return h.States == nil || s == nil || slices.Contains(h.States, s)
}

// HandlersOf returns the handlers of an event in a state, in source order: they
// are merged in that order. s is nil for a program-wide event.
func (p *Program) HandlersOf(e *Event, s *State) []*Handler {
	var out []*Handler
	for _, h := range e.handlers {
		if h.InState(s) {
			out = append(out, h)
		}
	}
	return out
}
