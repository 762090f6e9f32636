package probe

import (
	"math"

	"github.com/streamon/streamon/runtime/program"
)

// counters are the numbers of a program that run on over its generations.
type counters struct {
	sum        program.Stats // its counters; events are by name
	events     map[string]uint64
	lost, shed uint64
}

// counters returns the numbers of this generation and those before it.
func (in *instance) counters() counters {
	s, _ := in.stats()
	return in.add(&s)
}

// add adds those of this generation, of which the program's own are s, to those before it.
func (in *instance) add(s *program.Stats) counters {
	c := in.before
	c.lost += in.lost
	c.shed += in.account.shed.Load()
	own := *s
	own.Events = nil
	c.sum.Packets += s.Packets
	c.sum.AddCounters(&own)
	c.events = map[string]uint64{}
	for i, e := range in.info.Manifest.Events {
		c.events[e.Name] = in.before.events[e.Name] + at(s.Events, i)
	}
	return c
}

// report describes the program for listings and summaries.
func (in *instance) report() Program {
	m := &in.info.Manifest
	s, err := in.stats()
	c := in.add(&s)
	r := Program{
		Name: in.name, Tenant: in.tenant, Slice: in.slice, Within: in.within, Doc: m.Doc, Version: m.Version, ID: m.ID, File: m.File, Path: in.path, Generation: in.number,
		Status: "running", Restarts: in.restarts.n, Rollbacks: in.restarts.rollbacks, RolledBack: in.rolledBack, AheadUntil: in.aheadText(), Limits: in.limits.inForce(), Packets: c.sum.Packets, Shed: c.shed, Events: c.events, Transitions: c.sum.Transitions,
		States: map[string]map[string]int{}, Memory: []Structure{}, Verdicts: Verdicts(c.sum.Verdicts), Skipped: c.sum.Skipped,
	}
	n := &c.sum.Records
	r.Records = Records{Alert: n.Alert, Publish: n.Publish, Log: n.Log, Exec: n.Exec, Lost: c.lost}
	if in.name != m.Name {
		r.Program = m.Name
	}
	if in.stopped != nil {
		err = in.stopped
	}
	if err != nil {
		r.Status, r.Error = "stopped", err.Error()
	}
	for i, e := range m.Entities {
		states := map[string]int{}
		for j := 1; j < len(m.States); j++ {
			states[m.States[j].Name] = at(at(s.Occupied, i), j)
		}
		r.States[e.Name] = states
	}
	for i, u := range s.Memory {
		t := Structure{
			Name: u.Name, Used: u.Used, Capacity: u.Capacity, Bytes: u.Bytes, Error: finite(u.Error),
			Evicted: u.Evicted, Rejected: u.Rejected,
		}
		if i < len(m.Memory) {
			t.Kind = m.Memory[i].Kind
		}
		if u.Capacity > 0 {
			t.Fill = float64(u.Used) / float64(u.Capacity)
		}
		r.Memory = append(r.Memory, t)
	}
	return r
}

// at returns s[i], or zero beyond the end.
func at[T any](s []T, i int) (v T) {
	if i < len(s) {
		v = s[i]
	}
	return v
}

// finite replaces what JSON has no number for.
func finite(x float64) float64 {
	if math.IsNaN(x) || math.IsInf(x, 0) {
		return 1
	}
	return x
}
