package probe

import (
	"context"

	"github.com/streamon/streamon/internal/capture"
	"github.com/streamon/streamon/runtime/packet"
	"github.com/streamon/streamon/runtime/program"
)

// Summary is what the probe did so far. Its JSON form is described in
// doc/output.md; it holds no wall-clock time, so that two runs over one file agree.
type Summary struct {
	Schema    int               `json:"schema"`
	Packets   Packets           `json:"packets"`
	Malformed map[string]uint64 `json:"malformed"`       // by reason; only reasons that occurred
	Layers    map[string]uint64 `json:"layers"`          // packets that have the layer; application layers only if they were decoded
	Late      uint64            `json:"late"`            // packets older than one before them
	Stuck     int64             `json:"stuck,omitempty"` // calls of programs that were given up and go on in the background
	First     *string           `json:"first"`           // packet times; null without packets
	Last      *string           `json:"last"`
	Programs  []Program         `json:"programs"` // in order of loading

	Interfaces []capture.InterfaceCounts `json:"interfaces,omitempty"` // captured from
	Checkpoint *Checkpoints              `json:"checkpoint,omitempty"` // in listings of a probe that writes them; not for a tenant
}

// Packets counts packets by outcome: Decoded + Snapped + UnknownLink + Malformed = Read.
type Packets struct {
	Read        uint64 `json:"read"`
	Bytes       uint64 `json:"bytes"` // captured bytes of all packets read
	Decoded     uint64 `json:"decoded"`
	Snapped     uint64 `json:"snapped"`      // sound, cut by the snap length
	UnknownLink uint64 `json:"unknown_link"` // link type that is not decoded
	Malformed   uint64 `json:"malformed"`
	Dropped     uint64 `json:"dropped"`  // packets that a program wants dropped
	Evidence    uint64 `json:"evidence"` // packets written to the evidence file
}

// Program is one loaded program. Counters run on over its generations.
type Program struct {
	Name        string                    `json:"name"`              // of the instance
	Program     string                    `json:"program,omitempty"` // of the program, if it is another
	Tenant      string                    `json:"tenant,omitempty"`  // whom it belongs to; none: the operator
	Slice       *Slice                    `json:"slice,omitempty"`   // what it is shown, if not all packets
	Within      *Slice                    `json:"within,omitempty"`  // what its tenant may see, if not all packets
	Doc         string                    `json:"doc,omitempty"`
	Version     string                    `json:"version"`
	ID          string                    `json:"id,omitempty"`
	File        string                    `json:"file,omitempty"` // source
	Path        string                    `json:"path,omitempty"` // plugin
	Generation  int                       `json:"generation"`
	Status      string                    `json:"status"` // running or stopped
	Error       string                    `json:"error,omitempty"`
	Restarts    int                       `json:"restarts,omitempty"`    // times that it was started again after it was stopped
	Rollbacks   int                       `json:"rollbacks,omitempty"`   // times that it went back to the version before
	RolledBack  string                    `json:"rolled_back,omitempty"` // why it did, if that is what runs
	AheadUntil  *string                   `json:"ahead_until,omitempty"` // packet time that its restored clock has and packets have not reached: until then its time stands still
	Limits      *LimitsInForce            `json:"limits,omitempty"`      // what it may take; none: no limit
	Packets     uint64                    `json:"packets"`
	Shed        uint64                    `json:"shed,omitempty"` // packets withheld because it was over its budget
	Events      map[string]uint64         `json:"events"`
	Transitions uint64                    `json:"transitions"`
	States      map[string]map[string]int `json:"states"` // entity → state → how many; the default state is not counted
	Memory      []Structure               `json:"memory"`
	MemoryBytes int64                     `json:"memory_bytes,omitempty"` // of all structures; in listings
	Cost        *Cost                     `json:"cost,omitempty"`         // in listings
	Verdicts    Verdicts                  `json:"verdicts"`
	Records     Records                   `json:"records"`
	Skipped     uint64                    `json:"skipped"` // firings of repeating timers left out in time jumps
}

// Verdicts counts what a program wants done about packets.
type Verdicts struct {
	Drop    uint64 `json:"drop"`
	Capture uint64 `json:"capture"`
	Block   uint64 `json:"block"`
}

// Records counts what a program reported.
type Records struct {
	Alert   uint64 `json:"alert"`
	Publish uint64 `json:"publish"`
	Log     uint64 `json:"log"`
	Exec    uint64 `json:"exec"`
	Lost    uint64 `json:"lost"` // could not be written
}

// Structure is the fill of one metric, table or state table.
type Structure struct {
	Name     string  `json:"name"`
	Kind     string  `json:"kind,omitempty"`
	Used     int     `json:"used"`
	Capacity int     `json:"capacity"`
	Bytes    int64   `json:"bytes"`
	Fill     float64 `json:"fill"`  // Used / Capacity
	Error    float64 `json:"error"` // estimated at this fill; 0 = exact
	Evicted  uint64  `json:"evicted"`
	Rejected uint64  `json:"rejected"`
}

// Summary returns what the probe did so far.
func (p *Probe) Summary(ctx context.Context) (s Summary, err error) {
	var src counter
	err = p.between(ctx, func() { s, src = p.summary(), p.src })
	s.count(src)
	return s, err
}

// count takes the counters of a live source. No packet waits for that.
func (s *Summary) count(src counter) {
	if src != nil {
		s.Interfaces = src.Counts()
	}
}

// Listing is Summary with what the programs take: memory, and processor time, in which
// no two runs agree. A tenant gets its own programs, and nothing about the packets of all.
func (p *Probe) Listing(ctx context.Context) (s Summary, err error) {
	_, isTenant := TenantOf(ctx)
	var src counter
	err = p.between(ctx, func() {
		s = p.summary()
		for i, in := range p.programs {
			p.account(&s.Programs[i], in)
		}
		if isTenant {
			mine := []Program{}
			for i, in := range p.programs {
				if in.isOf(ctx) {
					mine = append(mine, s.Programs[i])
				}
			}
			s = Summary{Schema: s.Schema, Malformed: map[string]uint64{}, Layers: map[string]uint64{}, First: s.First, Last: s.Last, Programs: mine}
			return
		}
		src = p.src
	})
	s.count(src)
	return s, err
}

// Program returns one program; the error wraps ErrNotLoaded if it is not there.
func (p *Probe) Program(ctx context.Context, name string) (s Program, err error) {
	err = p.look(ctx, name, func(in *instance) { s = in.report() })
	return s, err
}

// Stopped returns how many programs were stopped by a panic.
func (p *Probe) Stopped(ctx context.Context) (n int) {
	p.between(ctx, func() {
		for _, in := range p.programs {
			if in.stopped != nil {
				n++
			}
		}
	})
	return n
}

func (p *Probe) summary() Summary {
	c := &p.packets
	c.Settle()
	s := Summary{
		Schema: 1,
		Packets: Packets{
			Read: c.Read, Bytes: c.Bytes, Decoded: c.Decoded, Snapped: c.Snapped, UnknownLink: c.UnknownLink,
			Malformed: c.Malformed, Dropped: c.Dropped, Evidence: c.Evidence,
		},
		Malformed: map[string]uint64{}, Layers: map[string]uint64{}, Late: c.Late, Stuck: p.strays.Load(), Programs: []Program{},
	}
	for i, n := range c.Reasons {
		if n > 0 {
			s.Malformed[packet.Malformed(i).String()] = n
		}
	}
	for i, name := range packet.LayerNames {
		if l := packet.Layers(1) << i; l&packet.AppLayers&^p.wanted == 0 {
			s.Layers[name] = c.Layers[i]
		}
	}
	if p.hasFirst {
		s.First, s.Last = timeText(p.first), timeText(p.newest)
	}
	for _, in := range p.programs {
		s.Programs = append(s.Programs, in.report())
	}
	return s
}

func timeText(t packet.Time) *string {
	s := string(program.AppendTime(nil, t))
	return &s
}
