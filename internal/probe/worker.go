package probe

import (
	"runtime/debug"

	"github.com/streamon/streamon/internal/capture"
	"github.com/streamon/streamon/runtime/packet"
	"github.com/streamon/streamon/runtime/program"
)

// work is a worker.
func (c *crew) work(w int) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	for n := c.ring.past[w].n.Load(); ; n++ {
		s := c.get(w, n)
		if s == nil {
			return
		}
		l := &c.lanes[w]
		l.begin(s, w)
		for i := range s.jobs {
			switch j := &s.jobs[i]; {
			case j.idle:
			case j.routes != nil:
				j.run(s, w, l.batch(j), n)
			case j.in.home == w:
				j.run(s, 0, l.batch(j), n)
			}
		}
		c.ring.past[w].n.Store(n + 1)
		c.write()
	}
}

// begin has worker w look at s. What another worker has decoded is decoded anew, if it
// can be: what of it is the worker's.
func (l *lane) begin(s *slot, w int) {
	l.shown = &s.batch
	if s.lane == l {
		return
	}
	l.want = capture.Wanted{}
	for i := range s.jobs {
		switch j := &s.jobs[i]; {
		case j.idle || j.share != nil:
		case j.routes != nil:
			for chunk := range l.want {
				l.want[chunk] |= j.routes.Due(chunk, w)
			}
		case j.in.home == w:
			l.want = capture.Wanted{^uint64(0), ^uint64(0), ^uint64(0), ^uint64(0)}
		}
	}
	if l.want != (capture.Wanted{}) && s.frames.DecodeAgain(&s.dec, &l.own, s.batch.N, &l.want) {
		limit(&l.own)
		l.shown = &l.own
	}
}

// batch returns what a program is shown of the batch at hand.
func (l *lane) batch(j *job) *packet.Batch {
	if j.share != nil {
		return &j.share.batch
	}
	return l.shown
}

// get returns batch n, nil if there is none. While it is not ready, and before, it reads
// and prepares what comes.
func (c *crew) get(w int, n uint64) *slot {
	m := &c.flight[n%uint64(len(c.flight))]
	isReady := func() bool { return m.ready.Load() == n+1 }
	for {
		for c.read(w, n) {
		}
		switch {
		case isReady():
			return m.slot
		case c.ring.isEnd(n):
			return nil
		}
		c.ring.bells[w].until(func() bool {
			return isReady() || c.ring.isEnd(n) || c.hasRoom(w) && c.ring.mayRead(n+ahead)
		})
	}
}

// hasRoom reports whether worker w's next slot is free.
func (c *crew) hasRoom(w int) bool {
	l := &c.lanes[w]
	n := l.slots[l.next].number
	return n == noBatch || n < c.ring.written.n.Load()
}

// read reads and prepares a batch, if nobody else is reading and the worker, which is
// at batch n, has room. It waits for the source only if n is what is to be read. It
// reports whether it did read.
func (c *crew) read(w int, n uint64) bool {
	if !c.hasRoom(w) || !c.ring.tryRead(n+ahead) {
		return false
	}
	if c.ring.read.n.Load() > n && !c.in.Ready() {
		c.ring.leaveReading()
		return false
	}
	l := &c.lanes[w]
	s := l.slots[l.next]
	err := c.in.NextFrames(&s.frames)
	ok := err == nil && s.frames.N > 0
	switch {
	case ok:
		c.begin(s)
	case err != nil:
		c.ring.ended.Store(true)
	}
	c.ring.leaveReading()
	if ok {
		l.next = (l.next + 1) % len(l.slots)
		c.prepare(w, s)
	}
	return ok
}

// begin gives the frames in a slot their number. The caller has the reader lock.
func (c *crew) begin(s *slot) {
	n := c.ring.read.n.Load()
	s.number = n
	s.dec, s.measure = c.p.dec, c.p.samples(n)
	c.p.wanted |= c.p.dec.App
	c.ring.read.n.Store(n + 1)
	if n%rebalanceEvery == rebalanceEvery-1 {
		select {
		case c.balance <- struct{}{}:
		default: // the host has not come to it yet
		}
	}
}

// prepare decodes, counts and steers the batch in a slot.
func (c *crew) prepare(w int, s *slot) {
	s.lane = &c.lanes[w]
	s.frames.Decode(&s.dec, &s.batch)
	count(&c.lanes[w].packets, &s.batch)
	for i := range s.jobs {
		j := &s.jobs[i]
		j.idle = j.in.fault.at.Load() < s.number
		if j.share != nil && !j.idle {
			j.share.fill(&s.batch, j.in.cuts)
			j.idle = j.share.batch.N == 0
		}
		if j.routes != nil && !j.idle {
			j.steer(s, w)
		}
	}
	m := &c.flight[s.number%uint64(len(c.flight))]
	m.slot = s
	m.ready.Store(s.number + 1)
	c.ring.ringAll()
}

// steer asks a program who does what. If it panics the program is stopped.
func (j *job) steer(s *slot, w int) {
	sh := j.in.shards[w]
	defer func() {
		if r := recover(); r != nil {
			j.idle = true
			j.in.fault.is(s.number, j.in.panicked("steering packets", r))
		}
	}()
	j.routes.Reset()
	if !s.measure {
		sh.split.Steer(j.batch(s), j.routes)
		return
	}
	begun := now()
	sh.split.Steer(j.batch(s), j.routes)
	sh.steering.add(begun, j.batch(s).N)
}

// run shows b, which is batch n, to a shard of the program.
func (j *job) run(s *slot, shard int, b *packet.Batch, n uint64) {
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
		sh.split.ProcessShard(b, j.routes, &p.verdicts)
	} else {
		sh.inst.Process(b, &p.verdicts)
	}
	if s.measure {
		sh.cost.add(begun, b.N)
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
