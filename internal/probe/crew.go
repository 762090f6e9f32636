package probe

import (
	"cmp"
	"runtime/debug"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/streamon/streamon/internal/capture"
	"github.com/streamon/streamon/internal/metrics"
	"github.com/streamon/streamon/runtime/packet"
	"github.com/streamon/streamon/runtime/program"
)

// crew runs the programs in several goroutines, beside the one that reads. Whichever
// worker comes first prepares a batch: it decodes the packets, counts them, and steers
// the programs in shards. Worker w runs shard w of every program in shards, and the
// whole of those other programs whose home it is. What comes out is what one worker's
// run gives, in the same order: results stay in the batch's slot until all workers are
// past it.
type crew struct {
	p       *Probe
	in      *capture.Batcher // of the present run
	ring    *ring
	slots   []*slot
	fronts  []front // by worker
	next    uint64  // number of the next batch
	written uint64  // batches whose results are out
	changed bool    // programs came or went since the slots were laid out
	order   merge
	workers sync.WaitGroup
}

// front is what a worker has for preparing batches.
type front struct {
	packets metrics.Packets // that it has decoded since the last drain
	_       [128]byte
}

// slot is one batch in the ring with all that belongs to it. The feeder owns it until
// it is published and when all workers are past it, the worker that prepares it in
// between, until it is ready.
type slot struct {
	ready   atomic.Uint64 // number of the batch that is, plus one
	frames  capture.Frames
	dec     packet.Decoder // that they are to be decoded with
	batch   packet.Batch
	jobs    []job // by program, in order of loading
	measure bool  // it is sampled
}

// job is one program's part in a slot.
type job struct {
	in     *instance
	idle   bool            // nothing is to be done about this batch
	routes *program.Routes // nil if the program is not run in shards
	parts  []*part         // by shard
	tapes  []*tape         // theirs
}

// part is what one shard makes of a batch.
type part struct {
	verdicts program.Verdicts
	tape     tape
	_        [64]byte // the next part is another worker's
}

// ringSlots is the number of batches in flight. See doc/note/scaling.md.
const ringSlots = 16

// ahead is how many batches before the one it works on a worker prepares, at most:
// enough that the workers need not wait for each other, and few enough that packets are
// still in the second-level cache when they are worked on.
const ahead = 3

// rebalanceEvery is the number of batches after which the homes of programs are
// chosen anew, by what they cost.
const rebalanceEvery = 1024

func newCrew(p *Probe, workers int) *crew {
	c := &crew{p: p, ring: newRing(workers), changed: true, fronts: make([]front, workers)}
	for range ringSlots {
		c.slots = append(c.slots, new(slot))
	}
	return c
}

// begin starts the workers; end ends them. All batches are written before.
func (c *crew) begin() {
	c.ring.ended.Store(false)
	for w := range c.ring.past {
		c.workers.Go(func() { c.work(w) })
	}
}

func (c *crew) end() {
	c.drain()
	c.ring.end()
	c.workers.Wait()
}

// step reads one batch and publishes it. While the source has nothing, no result is
// held back.
func (c *crew) step(b *capture.Batcher) error {
	if !b.Ready() {
		c.drain()
	}
	c.write()
	if n := uint64(len(c.slots)); c.next-c.written == n {
		// One slot at a time: were the feeder to wait for several, a worker that is
		// ahead would wait with it. Waking it for each costs less.
		c.ring.await(c.written + 1)
		c.write()
	}
	c.in = b
	s := c.slot(c.next)
	err := b.NextFrames(&s.frames)
	if err == nil && s.frames.N > 0 {
		c.publish(s)
	}
	return err
}

func (c *crew) slot(n uint64) *slot { return c.slots[n%uint64(len(c.slots))] }

// drain waits until all workers are done with everything, and writes it.
func (c *crew) drain() {
	c.ring.await(c.next)
	c.write()
	for i := range c.fronts {
		c.p.packets.Add(&c.fronts[i].packets)
	}
}

// publish hands a batch to the workers.
func (c *crew) publish(s *slot) {
	if c.next%rebalanceEvery == 0 && c.next > 0 {
		c.drain()
		c.balance()
	}
	if c.changed { // by a request, so no batch is in flight
		c.layOut()
	}
	c.p.wanted |= c.p.dec.App
	s.dec = c.p.dec
	s.measure = c.p.samples(c.next)
	for i := range s.jobs {
		j := &s.jobs[i]
		j.idle = j.in.stopped != nil
	}
	c.next++
	c.ring.publish()
}

// prepare decodes, counts and steers batch n.
func (c *crew) prepare(w int, n uint64) {
	s := c.slot(n)
	s.frames.Decode(&s.dec, &s.batch)
	count(&c.fronts[w].packets, &s.batch)
	for i := range s.jobs {
		if j := &s.jobs[i]; j.routes != nil && !j.idle {
			j.steer(s, w, n)
		}
	}
	c.ring.ready(w, n, &s.ready)
}

// steer asks a program who does what. If it panics the program is stopped.
func (j *job) steer(s *slot, w int, n uint64) {
	sh := j.in.shards[w]
	defer func() {
		if r := recover(); r != nil {
			j.idle = true
			j.in.fault.is(n, j.in.panicked("steering packets", r))
		}
	}()
	j.routes.Reset()
	if !s.measure {
		sh.split.Steer(&s.batch, j.routes)
		return
	}
	begun := now()
	sh.split.Steer(&s.batch, j.routes)
	sh.steering.add(begun, s.batch.N)
}

// work is a worker.
func (c *crew) work(w int) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	for n := c.ring.past[w].n.Load(); c.get(w, n); n++ {
		s := c.slot(n)
		for i := range s.jobs {
			switch j := &s.jobs[i]; {
			case j.idle:
			case j.routes != nil:
				j.run(s, w, n)
			case j.in.home == w:
				j.run(s, 0, n)
			}
		}
		c.ring.pass(w)
	}
}

// get prepares what is to be prepared ahead of batch n and waits for that; it is false
// if there is none.
func (c *crew) get(w int, n uint64) bool {
	s := c.slot(n)
	for {
		for {
			k, ok := c.ring.claim(n + ahead)
			if !ok {
				break
			}
			c.prepare(w, k)
		}
		switch {
		case s.ready.Load() == n+1:
			return true
		case c.ring.isEnd(n):
			return false
		}
		c.ring.wait(w, n, n+ahead, &s.ready)
	}
}

// run shows batch n to a shard of the program.
func (j *job) run(s *slot, shard int, n uint64) {
	if n > j.in.fault.at.Load() {
		j.leave(shard)
		return
	}
	sh, p := j.in.shards[shard], j.parts[shard]
	p.verdicts = program.Verdicts{}
	p.tape.reset()
	sh.sink.tape = &p.tape
	defer j.guard(shard, n)
	var begun moment
	if s.measure {
		begun = now()
	}
	if j.routes != nil {
		sh.split.ProcessShard(&s.batch, j.routes, &p.verdicts)
	} else {
		sh.inst.Process(&s.batch, &p.verdicts)
	}
	if s.measure {
		sh.cost.add(begun, s.batch.N)
	}
}

// guard is deferred around the calls of run.
func (j *job) guard(shard int, n uint64) {
	j.in.shards[shard].sink.tape = nil
	if r := recover(); r != nil {
		j.in.fault.is(n, j.in.panicked("processing packets", r))
		j.leave(shard)
	}
}

// leave lets no other shard wait for this one, which does not run (any more).
func (j *job) leave(shard int) {
	if j.routes != nil {
		j.routes.FinishAll(shard)
	}
}

// write writes the results of the batches that all workers are past.
func (c *crew) write() {
	if c.written == c.next || !c.ring.arePast(c.written+1) {
		return
	}
	for ; c.written < c.next && c.ring.arePast(c.written+1); c.written++ {
		c.retire(c.slot(c.written), c.written)
	}
	c.p.flushRecords()
}

// retire writes the results of batch n, by program.
func (c *crew) retire(s *slot, n uint64) {
	var union program.Verdicts
	c.in.Done(&s.frames)
	c.p.note(&s.batch)
	for i := range s.jobs {
		j := &s.jobs[i]
		in := j.in
		if in.stopped != nil {
			continue
		}
		if !j.idle {
			c.order.start(&s.batch, j.tapes)
			for r := c.order.next(); r != nil; r = c.order.next() {
				in.write(r)
			}
		}
		if in.fault.at.Load() == n { // the verdicts about this batch are void
			in.stop(in.fault.reason())
			continue
		}
		unite(&union, j.verdicts(s.batch.N), s.batch.N)
	}
	if union.Any != 0 {
		c.p.judge(&s.batch, &union)
	}
}

// verdicts unites those of the shards about n packets. Each shard has counted its own:
// what several decided about one packet is one verdict of the program.
func (j *job) verdicts(n int) *program.Verdicts {
	first := &j.parts[0].verdicts
	for _, p := range j.parts[1:] {
		if first.Any&p.verdicts.Any != 0 {
			for i, v := range p.verdicts.Of[:n] {
				j.in.repeated.Verdict(first.Of[i] & v)
			}
		}
		unite(first, &p.verdicts, n)
	}
	return first
}

// layOut prepares all slots for the present programs.
func (c *crew) layOut() {
	c.changed = false
	c.balance()
	for _, s := range c.slots {
		s.jobs = nil
		for _, in := range c.p.programs {
			j := job{in: in}
			if len(in.shards) > 1 {
				j.routes = program.NewRoutes(&in.info.Manifest, len(in.shards))
			}
			for range in.shards {
				p := new(part)
				j.parts, j.tapes = append(j.parts, p), append(j.tapes, &p.tape)
			}
			s.jobs = append(s.jobs, j)
		}
	}
}

// balance gives each program that is not run in shards a home: the most expensive
// first, each to the worker with the least to do. One that was not measured counts as
// much as the mean of the others.
func (c *crew) balance() {
	var whole []*instance
	var sum float64
	for _, in := range c.p.programs {
		if len(in.shards) == 1 && in.stopped == nil {
			whole = append(whole, in)
			sum += in.nsPerPacket()
		}
	}
	mean := 1.0
	if sum > 0 {
		mean = sum / float64(len(whole))
	}
	cost := func(in *instance) float64 {
		if ns := in.nsPerPacket(); ns > 0 {
			return ns
		}
		return mean
	}
	slices.SortStableFunc(whole, func(a, b *instance) int { return cmp.Compare(cost(b), cost(a)) })
	load := make([]float64, len(c.ring.past))
	for _, in := range whole {
		in.home = 0
		for w := range load {
			if load[w] < load[in.home] {
				in.home = w
			}
		}
		load[in.home] += cost(in)
	}
}
