package probe

import (
	"context"
	"encoding/json"

	"github.com/streamon/streamon/internal/export"
	"github.com/streamon/streamon/runtime/packet"
	"github.com/streamon/streamon/runtime/program"
)

// Detail is a program with what it remembers, up to a limit.
type Detail struct {
	Program
	Params   map[string]json.RawMessage `json:"params"`           // in force
	Lists    map[string]string          `json:"lists"`            // file in force; "" = as compiled
	Entities []Entity                   `json:"entities"`         // that are not in the default state
	Entries  []Entry                    `json:"entries"`          // of side tables
	More     bool                       `json:"more"`             // the limit left some out
	Kept     []Inheritance              `json:"inherited"`        // by this generation
	Shadow   *ShadowReport              `json:"shadow,omitempty"` // of the last version that was tried as its replacement

	Checkpoint *Checkpoints `json:"checkpoint,omitempty"` // of all programs; as in Summary
}

// Entity is one monitored entity.
type Entity struct {
	Entity string          `json:"entity"`
	Key    json.RawMessage `json:"key"` // object by field
	State  string          `json:"state"`
	Since  string          `json:"since"` // packet time
}

// Entry is one entry of a side table.
type Entry struct {
	Table string          `json:"table"`
	Key   json.RawMessage `json:"key"`
	Value json.RawMessage `json:"value"`
}

// Show returns a program with up to limit entities and as many table entries. The
// error wraps ErrNotLoaded if it is not there.
func (p *Probe) Show(ctx context.Context, name string, limit int) (d Detail, err error) {
	err = p.look(ctx, name, func(in *instance) {
		d = in.show(limit)
		p.account(&d.Program, in)
	})
	return d, err
}

// look runs f with an instance when no batch is being processed. The error wraps
// ErrNotLoaded or ErrForeign.
func (p *Probe) look(ctx context.Context, name string, f func(in *instance)) error {
	var in *instance
	var denied error
	err := p.between(ctx, func() {
		if in = p.lookup(name); in == nil {
			return
		}
		if denied = in.allows(ctx); denied == nil {
			f(in)
		}
	})
	switch {
	case err != nil:
		return err
	case in == nil:
		return p.notLoaded(ctx, name)
	}
	return denied
}

func (in *instance) show(limit int) Detail {
	d := Detail{
		Program: in.report(), Params: map[string]json.RawMessage{}, Lists: map[string]string{},
		Entities: []Entity{}, Entries: []Entry{}, Kept: in.generation().Memory, Shadow: in.tried.copy(),
	}
	for _, p := range in.params() {
		d.Params[p.Name] = p.Value
	}
	for _, l := range in.info.Manifest.Lists {
		d.Lists[l.Name] = ""
	}
	for _, s := range in.lists.files {
		d.Lists[s.Name] = s.Value
	}
	in.remember(&d, limit)
	return d
}

// remember lists entities and table entries; a program that panics here shows
// what it had listed.
func (in *instance) remember(d *Detail, limit int) {
	in.states(func(entity string, key []program.Field, state string, since packet.Time) bool {
		if len(d.Entities) == limit {
			d.More = true
			return false
		}
		d.Entities = append(d.Entities, Entity{entity, export.AppendObject(nil, key), state, *timeText(since)})
		return true
	})
	in.tables(func(table string, key []program.Field, value program.Value) bool {
		if len(d.Entries) == limit {
			d.More = true
			return false
		}
		d.Entries = append(d.Entries, Entry{table, export.AppendObject(nil, key), export.AppendValue(nil, value)})
		return true
	})
}
