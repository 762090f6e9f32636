package probe

import (
	"fmt"

	"github.com/streamon/streamon/runtime/flow"
	"github.com/streamon/streamon/runtime/image"
	"github.com/streamon/streamon/runtime/packet"
	"github.com/streamon/streamon/runtime/program"
)

// fake is a program written by hand: it counts packets by source address, alerts at
// every `every`-th packet of a source, marks packets to port 53 as evidence and
// those to port 445 for dropping.
type fake struct {
	name, version string
	countLayout   string // layout of the counters; changed = not inherited
	layers        packet.Layers
	every         int64 // default of the parameter
	params        []program.ParamInfo
	lists         []program.ListInfo
	newErr        error
	panicIn       string // "New", "Activate", "Process", "Tick", "Stats", "States" or ""
	panicAt       uint64 // packet number for Process
	hang          *hang  // instead of a panic
	slow          func() // called for every batch
	inNew         func() // called when an instance is made
	endless       bool   // it reports without end
	hasCore       bool   // it has the clock of generated programs
	keepsAll      bool   // wants all packets captured
	abi           int
}

func (f fake) info() *program.Info {
	if f.version == "" {
		f.version = "0000000000000001"
	}
	if f.countLayout == "" {
		f.countLayout = "count v1"
	}
	if f.every == 0 {
		f.every = 10
	}
	if f.abi == 0 {
		f.abi = program.ABI
	}
	m := program.Manifest{
		ABI: f.abi, Name: f.name, File: f.name + ".smon", Version: f.version, Layers: uint64(f.layers),
		Params:   append([]program.ParamInfo{{Name: "every", Default: program.Value{Kind: program.KindInt, I: f.every}}}, f.params...),
		Lists:    f.lists,
		Entities: []program.EntityInfo{{Name: "host", Fields: []string{"host"}, Capacity: 100}},
		States:   []program.StateInfo{{Name: "default"}, {Name: "seen"}},
		Events:   []program.EventInfo{{Name: "pkt", Kind: "packet", Entity: "host"}},
		Memory:   []program.MemoryInfo{{Name: "count", Kind: "dleft", Layout: f.countLayout}},
	}
	return &program.Info{Manifest: m, New: func(env *program.Env) (program.Instance, error) {
		if f.newErr != nil {
			return nil, f.newErr
		}
		if f.panicIn == "New" {
			f.hang.orPanic("fake New")
		}
		if f.inNew != nil {
			f.inNew()
		}
		i := &fakeInstance{fake: f, env: env, every: f.every}
		if v, ok := env.Param("every"); ok {
			i.every = v.I
		}
		if f.hasCore {
			program.AdoptCore(env)
		}
		i.count = program.Adopt(env.Memory, "count", f.countLayout, func() fakeCount { return fakeCount{} })
		return i, nil
	}}
}

// fakeCount is the packets of each source.
type fakeCount map[packet.IP]int64

func (c fakeCount) Form() string { return image.Form("fake", 1) }

func (c fakeCount) Save(w *image.Writer) {
	w.Uint(uint64(len(c)))
	for ip, n := range c {
		w.Text(string(ip[:]))
		w.Int(n)
	}
}

func (c fakeCount) Load(r *image.Reader) error {
	for range r.Count(1000) {
		ip, n := r.Text(), r.Int()
		if len(ip) != 16 {
			return image.ErrWrong
		}
		c[packet.IP([]byte(ip))] = n
	}
	return r.End()
}

type fakeInstance struct {
	fake
	env     *program.Env
	every   int64
	count   fakeCount
	packets uint64
	stats   program.Stats
	active  bool
}

func (i *fakeInstance) Activate() {
	if i.panicIn == "Activate" {
		i.hang.orPanic("fake Activate")
	}
	i.active = true
}

func (i *fakeInstance) Process(b *packet.Batch, v *program.Verdicts) {
	if !i.active {
		panic("Process before Activate")
	}
	if i.slow != nil {
		i.slow()
	}
	for i.endless {
		i.env.Sink.Emit(&program.Record{Type: program.LogRecord, Event: "pkt", Message: []byte("on and on")})
	}
	for n := range b.Packets[:b.N] {
		p := &b.Packets[n]
		i.packets++
		if i.panicIn == "Process" && i.packets == i.panicAt {
			i.fail(p)
		}
		if p.Has&packet.IPLayer == 0 {
			continue
		}
		if l := i.env.List("bad"); l != nil && l.HasIP((*[16]byte)(&p.Src)) {
			i.env.Sink.Emit(&program.Record{Type: program.LogRecord, Time: p.Time, Event: "pkt", Message: []byte("listed")})
		}
		i.stats.Events = append(i.stats.Events, 1)
		i.count[p.Src]++
		switch {
		case i.keepsAll || p.Has&packet.UDP != 0 && p.DstPort == 53:
			v.Of[n] |= program.Capture
			i.stats.Verdicts.Capture++
		case p.Has&packet.TCP != 0 && p.DstPort == 445:
			v.Of[n] |= program.Drop
			i.stats.Verdicts.Drop++
		}
		v.Any |= v.Of[n]
		if c := i.count[p.Src]; c%i.every == 0 {
			i.stats.Records.Alert++
			i.env.Sink.Emit(&program.Record{
				Type: program.AlertRecord, Time: p.Time, Event: "pkt", From: "default", To: "seen", Level: program.LevelLow,
				Entity:   []program.Field{{Name: "host", Value: program.Value{Kind: program.KindIP, B: p.Src}}},
				Message:  fmt.Appendf(nil, "%v sent %d packets", p.Src, c),
				Features: []program.Field{{Name: "count", Value: program.Value{Kind: program.KindInt, I: c}}},
			})
		}
	}
}

// fail panics as generated code would: its lines are mapped to the program.
func (i *fakeInstance) fail(p *packet.Packet) {
	if i.hang != nil {
//line fake.smon:41
		i.hang.spin()
//line fake_test.go:166
		return
	}
	var none []int
//line fake.smon:31
	_ = none[len(p.Data)]
//line fake_test.go:172
}

func (i *fakeInstance) Tick(packet.Time) {
	if i.panicIn == "Tick" {
		i.hang.orPanic("fake Tick")
	}
}

func (i *fakeInstance) Stats(s *program.Stats) {
	if i.panicIn == "Stats" {
		i.hang.orPanic("fake Stats")
	}
	s.Packets += i.packets
	s.Events[0] += uint64(len(i.stats.Events))
	s.Occupied[0][1] = len(i.count)
	s.Verdicts.Drop += i.stats.Verdicts.Drop
	s.Verdicts.Capture += i.stats.Verdicts.Capture
	s.Records.Alert += i.stats.Records.Alert
	s.Memory = append(s.Memory, program.StructureStats{Name: "count", Usage: flow.Usage{Used: len(i.count), Capacity: 100}})
}

func (i *fakeInstance) States(f func(string, []program.Field, string, packet.Time) bool) {
	if i.panicIn == "States" {
		i.hang.orPanic("fake States")
	}
	for ip := range i.count {
		if !f("host", []program.Field{{Name: "host", Value: program.Value{Kind: program.KindIP, B: ip}}}, "seen", 7) {
			return
		}
	}
}

func (i *fakeInstance) Tables(f func(string, []program.Field, program.Value) bool) {
	f("t", nil, program.Value{Kind: program.KindFloat, F: 1.5})
}
