package trace

import (
	"slices"

	"github.com/streamon/streamon/codegen/eval"
	"github.com/streamon/streamon/codegen/ir"
	"github.com/streamon/streamon/internal/notation"
	"github.com/streamon/streamon/runtime/packet"
	"github.com/streamon/streamon/runtime/program"
)

// ending is what is said of an entity at the end.
type ending struct {
	want   int // index of the key that it was asked for by
	entity string
	events int
	state  string // after the last event
}

// happening is one event, or the expiry of a state.
type happening struct {
	number  uint64 // of the packet
	now     packet.Time
	offset  packet.Time // since the first packet
	packet  string      // "" in timers
	event   string      // "" = expiry
	kind    ir.EventKind
	entity  string // "host 10.0.0.1"; "" = none
	key     []program.Field
	state   string
	other   bool // it is another entity's; steps holds what touches the chosen one
	missed  bool
	nothing bool // nothing is done in this state
	steps   []step
}

// step is one thing that was done.
type step struct {
	kind string // set get feature table when otherwise action report timer state where
	at   ir.Pos
	text string
	// value is what an operation yielded, or a table has.
	value    program.Value
	hasValue bool
	note     string // behind it
	// Of conditions.
	holds bool
	to    string
	sides []side
}

// side is one comparison of a condition.
type side struct {
	text        string
	left, right program.Value
	holds       bool
}

// happening makes one of where f is.
func (t *Tracer) happening(f eval.Frame) *happening {
	h := &happening{number: f.Number(), now: f.Now(), offset: f.Now() - f.First()}
	if p := f.Packet(); p != nil {
		h.packet = notation.Describe(p)
	}
	if i := f.Event(); i >= 0 {
		h.event, h.kind = t.p.Events[i].Name, t.p.Events[i].Kind
	}
	if i := f.Entity(); i >= 0 {
		h.key = f.Key()
		h.entity, h.state = t.p.Entities[i].Name+" "+KeyText(h.key), t.p.States[f.State()].Name
	}
	return h
}

// touched makes the happening of an event that is not a chosen entity's.
func (t *Tracer) touched(f eval.Frame) *happening {
	h := t.happening(f)
	h.other = true
	if t.state >= 0 {
		h.state = t.p.States[t.state].Name
	}
	return h
}

// note counts an event of a chosen entity.
func (t *Tracer) note(f eval.Frame, h *happening) {
	i := t.Find(f)
	if i < 0 {
		return
	}
	id := trackID{f.Entity(), f.ID()}
	e := t.byID[id]
	if e == nil {
		e = &ending{want: i, entity: h.entity}
		t.byID[id] = e
		t.ends = append(t.ends, e)
	}
	e.state = t.p.States[f.State()].Name
	e.events++
}

// isBrief reports whether h is one of those that Options.Brief leaves.
func (h *happening) isBrief() bool {
	return slices.ContainsFunc(h.steps, func(s step) bool { return s.to != "" || s.kind == "report" })
}
