package probe

import (
	"cmp"
	"context"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/streamon/streamon/internal/capture"
	"github.com/streamon/streamon/runtime/packet"
	"github.com/streamon/streamon/runtime/program"
)

// crew runs the programs in several goroutines. Each worker reads batches when it is its
// turn and prepares them: it decodes the packets, counts them, and steers the programs in
// shards. Worker w runs shard w of every program in shards, and the whole of those
// other programs whose home it is. What comes out is what one worker's run gives, in
// the same order: results stay in the batch's slot until all workers are past it.
//
// What a worker has read and decoded is in its own cache, and the other workers look at
// their share of it only: so a slot is one worker's for good. Where it can be, it is not all
// decoded at all: see direct.go.
type crew struct {
	p       *Probe
	ring    *ring
	lanes   []lane        // by worker
	flight  []mark        // by number of the batch, modulo the number of slots
	changed bool          // programs came or went since the slots were laid out
	balance chan struct{} // has a token when homes are to be chosen anew

	due chan struct{} // has a token when something is due

	// Of whoever has the reader lock, and of the host.
	in   *capture.Batcher // of the present run
	late uint64           // packets of the runs before it

	// Of whoever writes.
	left  sync.WaitGroup // workers that have not come to the end
	out   sync.Mutex
	order merge
	whole *packet.Batch // a direct slot's packets, if anybody looks at them
}

// mark says which batch is ready, and where it is.
type mark struct {
	ready atomic.Uint64 // its number plus one
	slot  *slot
	_     [112]byte
}

// slot is one batch in flight with all that belongs to it.
type slot struct {
	number   uint64
	frames   capture.Frames
	dec      packet.Decoder // that they are to be decoded with
	batch    packet.Batch
	lane     *lane         // of who has decoded it
	heads    *packet.Heads // if it is direct
	jobs     []job         // by program, in order of loading
	measure  bool          // it is sampled
	isDirect bool          // batch has no packets: each worker decodes its own
	isLost   atomic.Bool   // a call about it was given up: nothing of it is written again
}

// again returns a slot for what s was for.
func (s *slot) again() *slot {
	n := &slot{number: s.number}
	for i := range s.jobs {
		n.jobs = append(n.jobs, newJob(s.jobs[i].in))
	}
	return n
}

// job is one program's part in a slot.
type job struct {
	in       *instance
	idle     bool            // nothing is to be done about this batch
	onHeads  bool            // the program looks at nothing else
	isDirect bool            // its slot may go the direct way
	share    *share          // what an instance with a slice is shown of it; nil = all
	routes   *program.Routes // nil if the program is not run in shards
	parts    []*part         // by shard
	tapes    []*tape         // theirs
}

// batch returns what the program is shown of a batch.
func (j *job) batch(s *slot) *packet.Batch {
	if j.share != nil {
		return &j.share.batch
	}
	return &s.batch
}

// part is what one shard makes of a batch.
type part struct {
	verdicts program.Verdicts
	tape     tape
	_        [64]byte // the next part is another worker's
}

// laneSlots is the number of batches of each worker in flight: enough that nobody waits while
// another one reads ahead, and few enough to stay, nearly, in its second-level cache. See doc/note/scaling.md.
const laneSlots = 8

// ahead is how many batches before the one it works on a worker reads, at most: enough
// that the workers need not wait for each other.
const ahead = 6

// rebalanceEvery is the number of batches after which the homes of programs are
// chosen anew, by what they cost.
const rebalanceEvery = 1024

// tickEvery is how often time passes without packets.
const tickEvery = 100 * time.Millisecond

func newCrew(p *Probe, workers int) *crew {
	c := &crew{
		p: p, ring: newRing(workers), changed: true, lanes: make([]lane, workers),
		flight: make([]mark, laneSlots*workers), balance: make(chan struct{}, 1), due: make(chan struct{}, 1),
	}
	for w := range c.lanes {
		c.lanes[w].own, c.lanes[w].heads = new(packet.Batch), new(packet.Heads)
		for range laneSlots {
			c.lanes[w].slots = append(c.lanes[w].slots, &slot{number: noBatch})
		}
	}
	return c
}

// run is Run with several workers.
func (c *crew) run(ctx context.Context, b *capture.Batcher) error {
	c.in = b
	if c.changed {
		c.layOut()
	}
	c.late = c.p.packets.Late
	c.ring.ended.Store(false)
	over := make(chan struct{})
	for w := range c.lanes {
		c.left.Add(1)
		go func() {
			c.work(w)
			c.left.Done() // not deferred: one that is lost leaves it to whoever takes over
		}()
	}
	go func() { c.left.Wait(); close(over) }()
	onPatrol, home := context.WithCancel(context.Background())
	var patrol sync.WaitGroup
	patrol.Go(func() { c.p.patrol(onPatrol, c.relieve) })
	defer patrol.Wait()
	defer home()
	between := func(f func()) {
		c.ring.pause()
		c.collect()
		c.p.heed()
		f()
		if c.changed {
			c.layOut()
		}
		c.ring.resume()
	}
	done := ctx.Done()
	var passes <-chan time.Time
	var ticked uint64 // batches read when it was last looked whether time passes without
	if b.IsLive() {
		t := time.NewTicker(tickEvery)
		defer t.Stop()
		passes = t.C
	}
	for {
		select {
		case <-passes:
			if n := c.ring.read.n.Load(); n == ticked || c.p.wanting.isOpen {
				between(func() { c.p.tick(b); c.p.settle() })
			} else {
				ticked = n
			}
		case r := <-c.p.requests:
			between(r.do)
		case <-c.due:
			between(func() { c.p.seeTo(c.p.newest) })
		case <-c.balance:
			between(c.rehome)
		case <-done:
			between(func() { c.ring.ended.Store(true) })
			done = nil
		case <-over:
			c.collect()
			return endOf(b.Err())
		}
	}
}

// nudge has the host see to what is due, when it comes to it.
func (c *crew) nudge() {
	select {
	case c.due <- struct{}{}:
	default:
	}
}

// collect brings the counters up to date. No batch is in flight.
func (c *crew) collect() {
	for w := range c.lanes {
		c.p.packets.Add(&c.lanes[w].packets)
	}
	c.p.packets.Late = c.late + uint64(c.in.Late())
}

// layOut prepares all slots for the present programs.
func (c *crew) layOut() {
	c.changed = false
	c.rehome()
	for w := range c.lanes {
		for i, s := range c.lanes[w].slots {
			if s.isLost.Load() {
				s = &slot{number: s.number}
				c.lanes[w].slots[i] = s
			}
			s.jobs = nil
			for _, in := range c.p.line {
				if in.stopped == nil {
					s.jobs = append(s.jobs, newJob(in))
				}
			}
		}
	}
}

// newJob returns a program's part in a slot.
func newJob(in *instance) job {
	j := job{in: in}
	if len(in.cuts) > 0 {
		j.share = new(share)
	}
	if len(in.shards) > 1 {
		j.routes = program.NewRoutes(&in.info.Manifest, len(in.shards))
	}
	for range in.shards {
		p := new(part)
		j.parts, j.tapes = append(j.parts, p), append(j.tapes, &p.tape)
	}
	j.onHeads = j.looksAtHeads()
	j.isDirect = j.canBeDirect()
	return j
}

// rehome gives each program that is not run in shards a home: the most expensive
// first, each to the worker with the least to do. One that was not measured counts as
// much as the mean of the others.
func (c *crew) rehome() {
	var whole []*instance
	var sum float64
	for _, in := range c.p.line {
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
	load := make([]float64, len(c.lanes))
	for _, in := range whole {
		home := 0
		for w := range load {
			if load[w] < load[home] {
				home = w
			}
		}
		in.home.Store(int32(home))
		load[home] += cost(in)
	}
}
