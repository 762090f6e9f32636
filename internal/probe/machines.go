package probe

import (
	"context"

	"github.com/streamon/streamon/runtime/program"
)

// Machines is what a program says of its state machines, in the words of its source.
type Machines struct {
	Program  string          `json:"program"` // name of the instance
	Version  string          `json:"version"`
	Doc      string          `json:"doc,omitempty"`
	Entities []MachineEntity `json:"entities"`
	States   []MachineState  `json:"states"` // the first is the default state
	Events   []MachineEvent  `json:"events"`
	Rules    []Rule          `json:"rules"`
}

// MachineEntity is a kind of entity; each has a machine of its own.
type MachineEntity struct {
	Name   string   `json:"name"`
	Fields []string `json:"fields"` // of its key
}

// MachineState is a state.
type MachineState struct {
	Name  string `json:"name"`
	Level string `json:"level,omitempty"`
	Code  string `json:"code,omitempty"`
	Doc   string `json:"doc,omitempty"`
}

// MachineEvent is an event.
type MachineEvent struct {
	Name   string `json:"name"`
	Kind   string `json:"kind"`             // packet, timeout or tick
	Entity string `json:"entity,omitempty"` // none: program-wide
}

// Rule is a transition, or what is done without one.
type Rule struct {
	Entity string   `json:"entity,omitempty"` // whose machine; none: program-wide
	From   string   `json:"from,omitempty"`   // state; none: any
	To     string   `json:"to,omitempty"`     // state that it leads to; none: it stays
	Events []string `json:"events,omitempty"` // on which it is tried; none: the state is left by itself
	When   string   `json:"when,omitempty"`   // condition; otherwise; none: always
	Do     []string `json:"do,omitempty"`     // actions
	After  string   `json:"after,omitempty"`  // time in the state after which it is left by itself
	Lazy   bool     `json:"lazy,omitempty"`   // it is left with the next event after that time
}

// Machines returns the state machines of a program. The error wraps ErrNotLoaded if it
// is not there.
func (p *Probe) Machines(ctx context.Context, name string) (m Machines, err error) {
	var info *program.Info
	err = p.look(ctx, name, func(in *instance) { m.Program, info = in.name, in.info })
	if err != nil {
		return m, err
	}
	of := &info.Manifest
	m.Version, m.Doc = of.Version, of.Doc
	m.Entities, m.States, m.Events, m.Rules = []MachineEntity{}, []MachineState{}, []MachineEvent{}, []Rule{}
	for _, e := range of.Entities {
		m.Entities = append(m.Entities, MachineEntity{e.Name, e.Fields})
	}
	for _, s := range of.States {
		m.States = append(m.States, MachineState(s))
	}
	for _, e := range of.Events {
		m.Events = append(m.Events, MachineEvent(e))
	}
	for _, r := range of.Rules {
		m.Rules = append(m.Rules, Rule(r))
	}
	return m, nil
}
