package testkit

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"sort"
	"sync"
	"testing"

	"github.com/streamon/streamon/runtime/packet"
	"github.com/streamon/streamon/runtime/program"
)

// Shards is Trace for a program in that many shards, each on a goroutine of its own and with
// nothing to look at but the packets that are its own. If the program can be steered by heads
// that has to give the same.
// What it returns is equal to what Trace returns unless sketches collide or tables are
// full. r, if not nil, makes shards stop now and then to let others run.
func Shards(t testing.TB, info *program.Info, env *program.Env, packets []packet.Packet, size, shards int, r *rand.Rand) []string {
	t.Helper()
	s := newShards(t, info, env, shards, r)
	s.t = t
	var out, verdicts []string
	n := 0
	Batches(packets, size, func(b *packet.Batch) {
		v := s.run(b)
		out = append(out, s.merge()...)
		for i, bits := range v.Of[:b.N] {
			if bits != 0 {
				verdicts = append(verdicts, fmt.Sprintf("verdict %d of packet %d", bits, n+i))
			}
		}
		n += b.N
	})
	for _, one := range s.all {
		one.inst.Tick(packets[len(packets)-1].Time + 60e9)
	}
	out = append(append(out, s.merge()...), verdicts...)
	var states, tables []string
	var sum program.Stats
	for i, one := range s.all {
		states, tables = append(states, States(one.inst)...), append(tables, Tables(one.inst)...)
		var stats program.Stats
		one.inst.Stats(&stats)
		addCounters(&sum, &stats, i == 0)
	}
	sum.Verdicts.Drop -= s.again.Drops
	sum.Verdicts.Capture -= s.again.Captures
	sort.Strings(states)
	sort.Strings(tables)
	out = append(append(out, states...), tables...)
	return append(out, countersText(&sum))
}

// shardRun is a program in shards.
type shardRun struct {
	t       testing.TB
	all     []*oneShard
	routes  *program.Routes
	byHeads *program.Routes
	times   [packet.BatchSize]packet.Time
	batches int
	again   program.Counters // verdicts that several shards have counted about one packet
}

type oneShard struct {
	inst     program.Sharded
	sink     *Sink
	own      *packet.Batch
	rand     *rand.Rand
	verdicts program.Verdicts
}

// Emit implements program.Sink: a record is a place to let others run.
func (o *oneShard) Emit(r *program.Record) {
	o.pause()
	o.sink.Emit(r)
}

func (o *oneShard) pause() {
	if o.rand != nil {
		for range o.rand.IntN(4) {
			runtime.Gosched()
		}
	}
}

func newShards(t testing.TB, info *program.Info, env *program.Env, shards int, r *rand.Rand) *shardRun {
	t.Helper()
	if !info.Manifest.Partition.OK {
		t.Fatalf("%s cannot be run in shards: %s", info.Manifest.Name, info.Manifest.Partition.Why)
	}
	s := &shardRun{routes: program.NewRoutes(&info.Manifest, shards), byHeads: program.NewRoutes(&info.Manifest, shards)}
	for i := range shards {
		one := &oneShard{sink: new(Sink), own: new(packet.Batch)}
		if r != nil {
			one.rand = rand.New(rand.NewPCG(r.Uint64(), uint64(i)))
		}
		e := program.Env{Seed: 1}
		if env != nil {
			e = *env
		}
		e.Memory, e.Sink, e.Shard, e.Shards = program.NewMemory(), one, i, shards
		inst, err := info.New(&e)
		if err != nil {
			t.Fatalf("New: %v", err)
		}
		inst.Activate()
		one.inst = inst.(program.Sharded)
		s.all = append(s.all, one)
	}
	return s
}

// run shows a batch to all shards and returns the union of their verdicts.
func (s *shardRun) run(b *packet.Batch) (v program.Verdicts) {
	s.routes.Reset()
	steering := s.all[s.batches%len(s.all)].inst
	steering.Steer(b, s.routes)
	s.checkHeads(steering, b)
	s.batches++
	var done sync.WaitGroup
	for i, one := range s.all {
		one.verdicts = program.Verdicts{}
		b := s.own(i, b)
		done.Go(func() {
			one.pause()
			one.inst.ProcessShard(b, s.routes, &one.verdicts)
		})
	}
	done.Wait()
	for _, one := range s.all {
		for i := range v.Of {
			s.again.Verdict(v.Of[i] & one.verdicts.Of[i])
			v.Of[i] |= one.verdicts.Of[i]
		}
	}
	return v
}

// own returns what a batch is to a shard: only the packets that it has something to do about,
// and the times of all.
func (s *shardRun) own(shard int, b *packet.Batch) *packet.Batch {
	own := s.all[shard].own
	own.N, own.Times = b.N, &s.times
	for i := range b.Packets[:b.N] {
		s.times[i] = b.Time(i)
		if s.routes.Due(i/64, shard)>>(i%64)&1 != 0 {
			own.Packets[i] = b.Packets[i]
		} else {
			own.Packets[i] = packet.Packet{Time: -1, Has: ^packet.Layers(0)}
		}
	}
	return own
}

// checkHeads fails the test if an instance that can be steered by heads steers otherwise by
// them than by the packets of b, as it did just now.
func (s *shardRun) checkHeads(inst program.Sharded, b *packet.Batch) {
	by, ok := inst.(program.HeadSteerer)
	if !ok {
		return
	}
	heads := headsOf(b)
	s.byHeads.Reset()
	by.SteerHeads(heads, s.byHeads)
	for chunk := range packet.BatchSize / 64 {
		for shard := range s.all {
			if got, want := s.byHeads.Part(chunk, shard), s.routes.Part(chunk, shard); !slices.Equal(got, want) {
				s.t.Fatalf("chunk %d, shard %d: steering by heads gives %x, by packets %x", chunk, shard, got, want)
			}
		}
	}
}

// ByHeads reports whether a program in shards can be steered by heads.
func ByHeads(t testing.TB, info *program.Info) bool {
	_, ok := newShards(t, info, nil, 2, nil).all[0].inst.(program.HeadSteerer)
	return ok
}

// merge takes the records of all shards since the last call, in the order that
// program.Record states.
func (s *shardRun) merge() []string {
	type line struct {
		r    program.Record
		text string
	}
	var all []line
	for _, one := range s.all {
		for i, r := range one.sink.Records {
			all = append(all, line{r, one.sink.Lines[i]})
		}
		*one.sink = Sink{}
	}
	sort.SliceStable(all, func(i, j int) bool { return recordBefore(&all[i].r, &all[j].r) })
	var out []string
	for _, l := range all {
		out = append(out, l.text)
	}
	return out
}

func recordBefore(a, b *program.Record) bool {
	place := func(r *program.Record) int {
		if r.Packet < 0 {
			return -1 - r.Packet
		}
		return r.Packet
	}
	switch isTimer := a.Packet < 0; {
	case place(a) != place(b):
		return place(a) < place(b)
	case isTimer != (b.Packet < 0):
		return isTimer
	case isTimer && a.Time != b.Time:
		return a.Time < b.Time
	case isTimer && a.Armed != b.Armed:
		return a.Armed.Before(b.Armed)
	}
	return a.Rank < b.Rank
}

// addCounters adds what a shard counted; only the first counts packets.
func addCounters(sum, s *program.Stats, first bool) {
	if first {
		*sum = *s
		return
	}
	sum.Packets += s.Packets
	sum.AddCounters(s)
	for e := range s.Occupied {
		for i, n := range s.Occupied[e] {
			sum.Occupied[e][i] += n
		}
	}
}
