package probe

import (
	"fmt"
	"io"
	"math/rand/v2"
	"runtime"
	"slices"
	"sync/atomic"

	"github.com/streamon/streamon/internal/capture"
	"github.com/streamon/streamon/runtime/flow"
	"github.com/streamon/streamon/runtime/packet"
	"github.com/streamon/streamon/runtime/program"
)

// crowd is a program in shards, written by hand. Its entity is the host:
//
//	event 0, every IP packet, for the source: counts it, may alert, may start a timer,
//	         and writes to the destination, depending on what the source remembers
//	event 1, UDP, for the destination: the same towards the source
//	timer:   publishes what the host remembers, may start itself again
type crowd struct {
	name    string
	whole   bool   // its manifest does not offer shards
	yield   uint64 // seed of handing the processor to others in the middle of handlers; 0 = never
	panicIn string // "Process", "Steer" or ""
	panicAt uint64 // packet number
	hang    *hang  // instead of a panic
	quiet   bool   // no records
	heads   bool   // it is steered by heads, and makes its writes in any case: nobody waits for another
	onHeads bool   // … and looks at nothing else
}

func (c crowd) info() *program.Info {
	m := program.Manifest{
		ABI: program.ABI, Name: c.name, File: c.name + ".smon", Version: "0000000000000001",
		Entities:  []program.EntityInfo{{Name: "host", Fields: []string{"host"}, Capacity: 100}},
		States:    []program.StateInfo{{Name: "default"}, {Name: "seen"}},
		Events:    []program.EventInfo{{Name: "pkt", Kind: "packet", Entity: "host"}, {Name: "udp", Kind: "packet", Entity: "host"}, {Name: "timer", Kind: "timeout", Entity: "host"}},
		Memory:    []program.MemoryInfo{{Name: "hosts", Kind: "table", Layout: "v1"}},
		Partition: program.PartitionInfo{OK: !c.whole, Writes: 2, Awaits: !c.heads},
	}
	return &program.Info{Manifest: m, New: func(env *program.Env) (program.Instance, error) {
		i := &crowdInstance{crowd: c, env: env, shards: max(1, env.Shards), rng: rand.New(rand.NewPCG(c.yield, uint64(env.Shard)))}
		i.mem = program.Adopt(env.Memory, "hosts", "v1", func() *crowdMemory { return &crowdMemory{hosts: map[packet.IP]*crowdHost{}} })
		byHeads := &crowdByHeads{crowdInstance: i}
		switch {
		case c.onHeads:
			return &crowdOnHeads{byHeads, new(packet.Batch)}, nil
		case c.heads:
			return byHeads, nil
		}
		return i, nil
	}}
}

// crowdMemory is what a new generation inherits.
type crowdMemory struct {
	hosts  map[packet.IP]*crowdHost
	timers []crowdTimer // by deadline, then seq
	seen   uint64       // packets
}

type crowdHost struct {
	ip         packet.IP
	sent, got  int64
	udp, fired int64
	since      packet.Time
}

type crowdTimer struct {
	deadline packet.Time
	seq      uint64
	h        *crowdHost
}

type crowdInstance struct {
	crowd
	env    *program.Env
	shards int
	mem    *crowdMemory
	stats  program.Stats
	events [3]uint64
	rng    *rand.Rand

	batch *packet.Batch
	v     *program.Verdicts
	done  int // packets of the batch that the shard is done with
	r     program.Record
	ent   [1]program.Field
	feat  [2]program.Field
	msg   []byte
}

func (i *crowdInstance) Activate()        {}
func (i *crowdInstance) Tick(packet.Time) {}

func (i *crowdInstance) owner(ip packet.IP) int { return int(ip[15]*7+ip[14]) % i.shards }

func (i *crowdInstance) host(ip packet.IP) *crowdHost {
	h := i.mem.hosts[ip]
	if h == nil {
		h = &crowdHost{ip: ip, since: i.batch.Time(0)}
		i.mem.hosts[ip] = h
	}
	return h
}

// Process runs the program whole.
func (i *crowdInstance) Process(b *packet.Batch, v *program.Verdicts) {
	i.begin(b, v)
	for n := range b.Packets[:b.N] {
		p := &b.Packets[n]
		i.advance(p.Time)
		for e := range 2 {
			if i.matches(p, e) && i.handle(n, e) {
				i.write(p, e)
			}
		}
		i.done = n + 1
	}
	i.end()
}

// Steer implements program.Sharded.
func (i *crowdInstance) Steer(b *packet.Batch, r *program.Routes) {
	for n := range b.Packets[:b.N] {
		p := &b.Packets[n]
		if i.panicIn == "Steer" && uint64(p.IPID) == i.panicAt {
			i.hang.orPanic("crowd Steer")
		}
		for e := range 2 {
			if !i.matches(p, e) {
				continue
			}
			at, to := i.owner(p.Src), i.owner(p.Dst)
			if e == 1 {
				at, to = to, at
			}
			r.Give(n/64, at, e, 1<<(n%64))
			r.Pass(n/64, to, e, 1<<(n%64))
		}
	}
}

// ProcessShard implements program.Sharded.
func (i *crowdInstance) ProcessShard(b *packet.Batch, r *program.Routes, v *program.Verdicts) {
	i.begin(b, v)
	me := i.env.Shard
	for n := range b.Packets[:b.N] {
		due, bit := r.Part(n/64, me), uint64(1)<<(n%64)
		for e := range 2 {
			mine, write := due[e]&bit != 0, due[3+e]&bit != 0
			if !mine && !write {
				continue
			}
			p := &b.Packets[n]
			if n >= i.done {
				i.advance(p.Time)
				i.done = n + 1
			}
			i.pause()
			if !mine {
				if i.heads || r.Await(n, e)&(1<<e) != 0 {
					i.write(p, e)
				}
				continue
			}
			if i.handle(n, e) {
				switch {
				case i.owner(p.Src) == i.owner(p.Dst):
					i.write(p, e)
				case !i.heads:
					r.Say(n, uint(e))
				}
			}
			i.pause()
			r.Finish(me, n, e)
		}
	}
	if i.done < b.N {
		i.advance(b.Time(b.N - 1))
	}
	i.end()
}

func (i *crowdInstance) begin(b *packet.Batch, v *program.Verdicts) { i.batch, i.v, i.done = b, v, 0 }

func (i *crowdInstance) end() {
	i.mem.seen += uint64(i.batch.N)
	i.stats.Packets += uint64(i.batch.N)
}

func (i *crowdInstance) matches(p *packet.Packet, event int) bool {
	return p.Has&packet.IPLayer != 0 && (event == 0 || p.Has&packet.UDP != 0)
}

// pause lets others run, at random.
func (i *crowdInstance) pause() {
	if i.yield != 0 && i.rng.Uint32()%8 == 0 {
		for range i.rng.Uint32() % 4 {
			runtime.Gosched()
		}
	}
}

// handle runs an event at its owner; it is true if the write to the other host is reached.
func (i *crowdInstance) handle(n, event int) bool {
	p := &i.batch.Packets[n]
	ip := p.Src
	if event == 1 {
		ip = p.Dst
	}
	h := i.host(ip)
	i.events[event]++
	if event == 1 {
		h.udp++
		if h.udp%13 == 0 {
			i.emit(program.LogRecord, p.Time, h, n, event, 0)
		}
		return i.heads || h.udp%2 == 0
	}
	if i.panicIn == "Process" && uint64(p.IPID) == i.panicAt {
		i.fail()
	}
	h.sent++
	if h.sent%5 == 0 {
		delay := packet.Time(2500e3)
		if h.sent%10 == 0 {
			delay = 0
		}
		i.start(crowdTimer{p.Time + delay, (i.mem.seen+uint64(n))*program.MaxEvents + uint64(event), h})
	}
	if h.sent%7 == 0 {
		i.emit(program.AlertRecord, p.Time, h, n, event, 0)
	}
	if h.got%4 == 1 {
		i.judge(n, program.Drop, &i.stats.Verdicts.Drop)
	}
	if h.sent%11 == 0 {
		i.judge(n, program.Capture, &i.stats.Verdicts.Capture)
	}
	return i.heads || (h.sent+h.got)%3 != 0
}

// fail panics as generated code would: its lines are mapped to the program.
func (i *crowdInstance) fail() {
	if i.hang != nil {
//line crowd.smon:27
		i.hang.spin()
//line crowd_test.go:248
		return
	}
	var none []int
//line crowd.smon:17
	_ = none[i.done]
//line crowd_test.go:254
}

func (i *crowdInstance) judge(n int, v program.Verdict, count *uint64) {
	i.v.Of[n] |= v
	i.v.Any |= v
	*count++
}

// write is the write of an event.
func (i *crowdInstance) write(p *packet.Packet, event int) {
	if event == 0 {
		i.host(p.Dst).got++
	} else {
		i.host(p.Src).got += 2
	}
}

func (i *crowdInstance) start(t crowdTimer) {
	at, _ := slices.BinarySearchFunc(i.mem.timers, t, func(a, b crowdTimer) int {
		if a.deadline != b.deadline {
			return int(a.deadline - b.deadline)
		}
		return int(a.seq) - int(b.seq)
	})
	i.mem.timers = slices.Insert(i.mem.timers, at, t)
}

// advance fires the timers that are due.
func (i *crowdInstance) advance(now packet.Time) {
	for len(i.mem.timers) > 0 && i.mem.timers[0].deadline <= now {
		t := i.mem.timers[0]
		i.mem.timers = i.mem.timers[:copy(i.mem.timers, i.mem.timers[1:])]
		i.events[2]++
		t.h.fired++
		i.emit(program.PublishRecord, t.deadline, t.h, -1-i.done, 2, t.seq)
		if (t.h.got+t.h.fired)%2 == 0 {
			i.start(crowdTimer{t.deadline + 1700e3, t.seq, t.h})
		}
	}
}

// emit reports from memory that is used again for the next record.
func (i *crowdInstance) emit(kind program.RecordType, t packet.Time, h *crowdHost, n, rank int, seq uint64) {
	switch kind {
	case program.AlertRecord:
		i.stats.Records.Alert++
	case program.PublishRecord:
		i.stats.Records.Publish++
	default:
		i.stats.Records.Log++
	}
	if i.quiet {
		return
	}
	i.ent[0] = program.Field{Name: "host", Value: program.Value{Kind: program.KindIP, B: h.ip}}
	i.feat[0] = program.Field{Name: "got", Value: program.Value{Kind: program.KindInt, I: h.got}}
	i.msg = append(i.msg[:0], "host "...)
	i.msg = program.AppendIP(i.msg, h.ip)
	i.feat[1] = program.Field{Name: "text", Value: program.Value{Kind: program.KindString, S: i.msg[5:]}}
	i.r = program.Record{
		Type: kind, Time: t, Event: "e", Entity: i.ent[:], From: "default", To: "seen", Message: i.msg,
		Packet: n, Rank: rank, Armed: program.ArmedOrder{Seq: seq},
	}
	if kind == program.PublishRecord {
		i.r.Topic, i.r.Fields = "timer", i.feat[:]
	} else {
		i.r.Features = i.feat[:]
	}
	i.env.Sink.Emit(&i.r)
	clear(i.msg)
	i.ent[0], i.feat[0], i.feat[1] = program.Field{}, program.Field{}, program.Field{}
}

func (i *crowdInstance) Stats(s *program.Stats) {
	s.Packets += i.stats.Packets
	for e := range i.events {
		s.Events[e] += i.events[e]
	}
	s.Occupied[0][1] += len(i.mem.hosts)
	s.Verdicts, s.Records = i.stats.Verdicts, i.stats.Records
	s.Memory = append(s.Memory, program.StructureStats{Name: "hosts", Usage: flow.Usage{Used: len(i.mem.hosts), Capacity: 100, Bytes: 1000, Error: float64(1+i.env.Shard) / 8, Evicted: 1, Rejected: 2}})
}

func (i *crowdInstance) States(f func(string, []program.Field, string, packet.Time) bool) {
	for ip, h := range i.mem.hosts {
		if !f("host", []program.Field{{Name: "host", Value: program.Value{Kind: program.KindIP, B: ip}}}, "seen", h.since) {
			return
		}
	}
}

func (i *crowdInstance) Tables(f func(string, []program.Field, program.Value) bool) {
	for ip, h := range i.mem.hosts {
		key := []program.Field{{Name: "host", Value: program.Value{Kind: program.KindIP, B: ip}}}
		if !f("numbers", key, program.Value{Kind: program.KindString, S: fmt.Appendf(nil, "%d %d %d %d", h.sent, h.got, h.udp, h.fired)}) {
			return
		}
	}
}

// mixed is a source of packets between 23 hosts, many of them at one time. Packet n has
// n mod 65536 in its IP header. It overwrites the bytes of the packet before.
type mixed struct {
	n    int // packets; 0 = until stop
	i    int
	rng  *rand.Rand
	now  packet.Time
	stop atomic.Bool
	read atomic.Int64
	buf  []byte
}

func newMixed(seed uint64, n int) *mixed { return &mixed{n: n, rng: rand.New(rand.NewPCG(seed, 1))} }

func (s *mixed) Name() string { return "mixed" }
func (s *mixed) Close() error { return nil }

func (s *mixed) Next(f *capture.Frame) error {
	if s.stop.Load() || s.n > 0 && s.i == s.n {
		return io.EOF
	}
	if s.rng.Uint32()%3 == 0 {
		s.now += packet.Time(s.rng.Uint32() % 2000e3)
	}
	s.buf = frame(s.buf[:0], int(s.rng.Uint32()%2))
	s.buf[18], s.buf[19] = byte(s.i>>8), byte(s.i)
	s.buf[29], s.buf[32], s.buf[33] = byte(s.rng.Uint32()%23), 0, byte(s.rng.Uint32()%23)
	copy(s.buf[26:], []byte{10, 0, 0})
	copy(s.buf[30:], []byte{10, 0, 0})
	if s.rng.Uint32()%16 == 0 {
		s.buf[12], s.buf[13] = 0x88, 0xb5 // not IP
	}
	*f = capture.Frame{Time: s.now, Data: s.buf, WireLen: 60, Link: packet.LinkEthernet}
	s.i++
	s.read.Add(1)
	return nil
}
