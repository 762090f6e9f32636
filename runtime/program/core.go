package program

import (
	"github.com/streamon/streamon/runtime/flow"
	"github.com/streamon/streamon/runtime/image"
)

// Core is what every generation of a program hands to the next one, whatever
// else changes: the clock, and the seed that the keys in its memory were hashed
// with. Generated code adopts it under the name "core"; while the previous
// generation runs, only that one writes it.
type Core struct {
	Seed    uint64 // wins over Env.Seed when inherited
	Started bool   // the program has seen a packet
	First   int64  // packet time of the first packet, ns since the epoch
	Now     int64  // newest packet time, ns since the epoch
	Seen    uint64 // packets of the batches that are done with, of a program in shards
	Trail   Trail  // of entities about which there are alerts
}

// AdoptCore returns the core of the previous generation, or a new one with the
// host's seed. It comes before every other structure: images of those are of no use
// without the seed.
func AdoptCore(env *Env) *Core {
	c := Adopt(env.Memory, "core", "core v2", func() *Core { return &Core{Seed: env.Seed} })
	env.Memory.needSeed()
	return c
}

// Form implements Saver.
func (c *Core) Form() string { return image.Form("core", 2, trailSlots) }

// Save implements Saver.
func (c *Core) Save(w *image.Writer) {
	w.Uint(c.Seed)
	w.Bool(c.Started)
	w.Int(c.First)
	w.Int(c.Now)
	w.Uint(c.Seen)
	c.Trail.save(w)
}

// Load implements Saver.
func (c *Core) Load(r *image.Reader) error {
	c.Seed, c.Started, c.First, c.Now, c.Seen = r.Uint(), r.Bool(), r.Int(), r.Int(), r.Uint()
	c.Trail.load(r)
	return r.End()
}

// NextTick returns when a tick of that period, in ns and above 0, fires next: the
// first multiple of it since the program's first packet that is still to come.
func (c *Core) NextTick(period int64) int64 {
	return Add(c.First, Mul(Sub(c.Now, c.First)/period+1, period))
}

// Counters are the counters that generated code keeps. One writer.
type Counters struct {
	Packets, Transitions    uint64
	Events                  []uint64 // by event
	Drops, Captures, Blocks uint64   // Drops and Captures: packets
	Alerts, Publishes, Logs uint64
	Execs                   uint64
}

// Verdict counts one packet's verdict.
func (c *Counters) Verdict(v Verdict) {
	if v&Drop != 0 {
		c.Drops++
	}
	if v&Capture != 0 {
		c.Captures++
	}
}

// AddTo adds the counters to s.
func (c *Counters) AddTo(s *Stats) {
	s.Packets += c.Packets
	s.Transitions += c.Transitions
	for len(s.Events) < len(c.Events) {
		s.Events = append(s.Events, 0)
	}
	for i, n := range c.Events {
		s.Events[i] += n
	}
	s.Verdicts.Drop += c.Drops
	s.Verdicts.Capture += c.Captures
	s.Verdicts.Block += c.Blocks
	s.Records.Alert += c.Alerts
	s.Records.Publish += c.Publishes
	s.Records.Log += c.Logs
	s.Records.Exec += c.Execs
}

// AddOccupied adds the entities in each state of entity e, which is the number of
// its declaration; n has one element for each state.
func (s *Stats) AddOccupied(e int, n []int) {
	for len(s.Occupied) <= e {
		s.Occupied = append(s.Occupied, make([]int, len(n)))
	}
	for i, k := range n {
		s.Occupied[e][i] += k
	}
}

// AddMemory appends the fill of one structure.
func (s *Stats) AddMemory(name string, u flow.Usage) {
	s.Memory = append(s.Memory, StructureStats{Name: name, Usage: u})
}

// Record counts one record.
func (c *Counters) Record(t RecordType) {
	switch t {
	case AlertRecord:
		c.Alerts++
	case PublishRecord:
		c.Publishes++
	case LogRecord:
		c.Logs++
	case ExecRecord:
		c.Execs++
	}
}
