// Package eval is the reference evaluator: it runs the IR directly, with exact
// counters where generated code has sketches. It is the oracle that generated
// code is compared with, and what `smcc run --exact` uses.
//
// It owns the meaning of every IR node, written as plainly as possible: values
// are structs, memory is Go maps, one switch for each kind of node. It is slow and
// allocates. Its table of packet fields is its own, so that a mistake there shows
// when the two are compared.
//
//	inst, err := eval.Info(p).New(&program.Env{Sink: sink})
//	inst.Activate()
//	inst.Process(batch, &verdicts)
//
// What differs from generated code on purpose: metrics, tables and entities have
// no capacity, so nothing is ever evicted or refused (the pair's rotation by fill
// excepted, which is part of its meaning); a cbf does not saturate at 2^40; hashes
// are not used, so env.Seed has no effect; nothing is inherited through
// env.Memory. Keys hold strings whole.
package eval

import (
	"fmt"

	"github.com/streamon/streamon/codegen/ir"
	"github.com/streamon/streamon/lang/types"
	"github.com/streamon/streamon/runtime/list"
	"github.com/streamon/streamon/runtime/packet"
	"github.com/streamon/streamon/runtime/program"
)

// amountType is the type of an amount that is not written and of what a detector
// reads.
const amountType = types.Int

// Info returns p as a program that the host can run like a compiled one. p must
// not change afterwards. New fails with what ir.Verify finds, a parameter of
// another kind, or a list that cannot be read.
func Info(p *ir.Program) *program.Info {
	return &program.Info{
		Manifest: manifest(p),
		New: func(env *program.Env) (program.Instance, error) {
			if err := ir.Verify(p); err != nil {
				return nil, err
			}
			return newMachine(p, env)
		},
	}
}

// machine is one instance.
type machine struct {
	p        *ir.Program
	sink     program.Sink
	params   []value
	lists    []*list.List // nil where the items of the declaration hold
	metrics  []*metric
	tables   []map[string]row
	entities []map[string]*entity // those not in the default state, by packed key
	timeouts []map[string]*timer  // armed, by event and packed key
	captures [][]string           // what a timer keeps of its packet, by event
	observer Observer             // or nil

	timers  queue
	seq     uint64
	limit   packet.Time   // that the clock advances to, or advanced to last
	fired   map[owner]int // firings in the advance to limit
	started bool
	first   packet.Time // time of the first packet
	now     packet.Time
	stats   program.Stats
}

// entity is one that is not in its default state.
type entity struct {
	key    []value
	state  int
	since  packet.Time
	expiry *timer // nil = the state has no duration, or is lazy
}

// row is one table entry.
type row struct {
	key   []value
	value value
}

func newMachine(p *ir.Program, env *program.Env) (*machine, error) {
	m := &machine{p: p, sink: env.Sink, captures: ir.Captures(p), fired: map[owner]int{}}
	for _, d := range p.Params {
		v := literal(d.Def)
		if env.Param != nil {
			if given, ok := env.Param(d.Name); ok {
				if v = input(d.Type, given); !v.isDefined() {
					return nil, fmt.Errorf("parameter %s: want a value of type %v", d.Name, d.Type)
				}
			}
		}
		m.params = append(m.params, v)
	}
	for _, d := range p.Lists {
		l, err := openList(d, env)
		if err != nil {
			return nil, fmt.Errorf("list %s: %w", d.Name, err)
		}
		m.lists = append(m.lists, l)
	}
	for _, d := range p.Metrics {
		m.metrics = append(m.metrics, newMetric(d))
	}
	for range p.Tables {
		m.tables = append(m.tables, map[string]row{})
	}
	for range p.Entities {
		m.entities = append(m.entities, map[string]*entity{})
	}
	for range p.Events {
		m.timeouts = append(m.timeouts, map[string]*timer{})
	}
	m.stats.Events = make([]uint64, len(p.Events))
	return m, nil
}

// openList returns the list that the host has for d, else the one that was
// compiled in; nil for an inline one.
func openList(d *ir.List, env *program.Env) (*list.List, error) {
	if d.File == "" {
		return nil, nil
	}
	if env.List != nil {
		if l := env.List(d.Name); l != nil {
			return l, nil
		}
	}
	set, err := list.Parse([]byte(d.Text))
	if err != nil {
		return nil, err
	}
	return list.New(set), nil
}

// Activate does nothing: an evaluator inherits no memory.
func (m *machine) Activate() {}

// Process runs the program over the packets of b. Timers that a packet makes due
// fire before it; then every event that it matches runs, in order of declaration.
func (m *machine) Process(b *packet.Batch, v *program.Verdicts) {
	for i := range b.Packets[:b.N] {
		m.packet(&b.Packets[i], &v.Of[i])
		v.Any |= v.Of[i]
	}
}

func (m *machine) packet(p *packet.Packet, verdict *program.Verdict) {
	m.stats.Packets++
	if !m.started {
		m.begin(p.Time)
	}
	m.advance(max(p.Time, m.now))
	if m.observer != nil {
		m.observer.Packet(Frame{&context{m: m, packet: p, expires: -1}})
	}
	for i, e := range m.p.Events {
		if e.Kind != ir.PacketEvent {
			continue
		}
		c := &context{m: m, index: i, event: e, packet: p, verdict: verdict}
		if !c.matches() {
			continue
		}
		m.run(c)
		if m.p.MatchFirst {
			break
		}
	}
}

// begin starts the program's clock at its first packet, and its ticks.
func (m *machine) begin(t packet.Time) {
	m.started, m.first, m.now = true, t, t
	for i, e := range m.p.Events {
		if e.Kind != ir.TickEvent {
			continue
		}
		c := &context{m: m, event: e}
		if period := c.eval(e.Period); period.isDefined() && period.i > 0 {
			m.arm(&timer{kind: tickTimer, event: i, period: period.i}, later(t, period.i))
		}
	}
}

// Tick advances packet time. Before the first packet there is none.
func (m *machine) Tick(now packet.Time) {
	if m.started && now > m.now {
		m.advance(now)
	}
}
