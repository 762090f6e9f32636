package smprobe

import (
	"bytes"
	"cmp"
	"context"
	"math"
	"slices"

	"github.com/streamon/streamon/internal/probe"
)

// state is what the programs remember at the end of a run, for comparing runs.
type state struct {
	Schema   int            `json:"schema"`
	Last     *string        `json:"last"` // packet time it is of; null without packets
	Programs []programState `json:"programs"`
}

// programState is what one program remembers, sorted, so that it does not depend
// on where its tables keep things.
type programState struct {
	Name     string         `json:"name"`
	Version  string         `json:"version"`
	Entities []probe.Entity `json:"entities"` // that are not in the default state
	Entries  []probe.Entry  `json:"entries"`  // of side tables
}

// stateOf asks every program of s what it remembers.
func stateOf(ctx context.Context, p *probe.Probe, s *probe.Summary) (state, error) {
	st := state{Schema: s.Schema, Last: s.Last, Programs: []programState{}}
	for i := range s.Programs {
		d, err := p.Show(ctx, s.Programs[i].Name, math.MaxInt)
		if err != nil {
			return st, err
		}
		slices.SortFunc(d.Entities, func(a, b probe.Entity) int {
			return cmp.Or(cmp.Compare(a.Entity, b.Entity), bytes.Compare(a.Key, b.Key))
		})
		slices.SortFunc(d.Entries, func(a, b probe.Entry) int {
			return cmp.Or(cmp.Compare(a.Table, b.Table), bytes.Compare(a.Key, b.Key))
		})
		st.Programs = append(st.Programs, programState{d.Name, d.Version, d.Entities, d.Entries})
	}
	return st, nil
}
