package probe

import (
	"github.com/streamon/streamon/runtime/packet"
	"github.com/streamon/streamon/runtime/program"
)

// work is a worker.
func (c *crew) work(w int) {
	callsPrograms(&c.lanes[w].goroutine)
	for n := c.ring.past[w].n.Load(); ; n++ {
		s := c.get(w, n)
		if s == nil {
			return
		}
		c.lanes[w].begin(s, w)
		c.runFrom(0, s, w, n)
	}
}

// runFrom is the worker's part of batch n, from job first on.
func (c *crew) runFrom(first int, s *slot, w int, n uint64) {
	l := &c.lanes[w]
	l.slot = s
	for l.job = first; l.job < len(s.jobs); l.job++ {
		switch j := &s.jobs[l.job]; {
		case j.idle:
		case j.routes != nil:
			j.run(s, l, w, n)
		case int(j.in.home.Load()) == w:
			j.run(s, l, 0, n)
		}
	}
	c.ring.past[w].n.Store(n + 1)
	c.write()
}

// relieve has another goroutine take over for the worker whose call was given up, and
// stops the program from the batch on that the worker was at, or prepared others at. The
// batch of the call is not used again.
func (c *crew) relieve(k stuck) {
	w := c.workerOf(k.in, k.shard)
	l := &c.lanes[w]
	s, j := l.slot, &l.slot.jobs[l.job]
	s.isLost.Store(true)
	k.in.fault.is(c.ring.past[w].n.Load(), k.why)
	go func() {
		callsPrograms(&l.goroutine) // another program may hang in the same batch
		if l.isPreparing {
			j.idle = true
			c.prepareFrom(l.job+1, s, w)
		} else {
			j.leave(k.shard)
			l.own, l.heads = new(packet.Batch), new(packet.Heads) // the lost goroutine may look at the other ones still
			c.runFrom(l.job+1, s, w, s.number)
		}
		c.work(w)
		c.left.Done()
	}()
}

// workerOf returns the worker that calls a shard of a program.
func (c *crew) workerOf(in *instance, shard int) int {
	if len(in.shards) > 1 {
		return shard
	}
	return int(in.home.Load())
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
	if s.isLost.Load() {
		s = s.again()
		l.slots[l.next] = s
	}
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
		c.in.ReadAhead()
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
	l := &c.lanes[w]
	s.lane = l
	s.frames.Limit(maxTime)
	if s.isDirect = c.prepareHeads(l, s); !s.isDirect {
		s.frames.Decode(&s.dec, &s.batch)
		count(&l.packets, &s.batch)
	}
	c.prepareFrom(0, s, w)
}

// prepareFrom is the part of prepare that programs have, from job first on.
func (c *crew) prepareFrom(first int, s *slot, w int) {
	l := &c.lanes[w]
	was := l.slot
	l.slot, l.isPreparing = s, true
	for l.job = first; l.job < len(s.jobs); l.job++ {
		j := &s.jobs[l.job]
		j.idle = j.in.fault.at.Load() < s.number
		if j.share != nil && !j.idle {
			j.share.fill(&s.batch, j.in.cuts)
		}
		if !j.idle {
			ok, why := j.in.admit(j.batch(s).N)
			if j.idle = !ok; why != nil {
				j.in.fault.is(s.number, why)
			}
		}
		if j.routes != nil && !j.idle {
			j.steer(s, w)
		}
	}
	l.slot, l.isPreparing = was, false
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
			sh.gate.leave()
			j.idle = true
			j.in.fault.is(s.number, j.in.panicked("steering packets", r))
		}
	}()
	j.routes.Reset()
	var begun moment
	if s.measure {
		begun = now()
	}
	sh.gate.enter(0)
	j.steerBy(sh, s)
	sh.gate.leave()
	if s.measure {
		sh.steering.add(begun, j.batch(s).N)
	}
}

// run shows batch n, as it is in l, to a shard of the program.
func (j *job) run(s *slot, l *lane, shard int, n uint64) {
	if n > j.in.fault.at.Load() || j.in.shards[shard].gate.isClosed() {
		j.leave(shard)
		return
	}
	sh, p := j.in.shards[shard], j.parts[shard]
	p.verdicts = program.Verdicts{}
	p.tape.reset()
	sh.sink.tape = &p.tape
	defer j.guard(shard, n)
	var begun moment
	budget := j.in.limits.Budget
	if s.measure || budget > 0 {
		begun = now()
	}
	sh.gate.enter(0)
	j.show(sh, s, l, &p.verdicts)
	sh.gate.leave()
	sh.sink.tape = nil
	if s.measure || budget > 0 {
		sh.took(begun, j.batch(s).N, budget)
	}
}

// guard is deferred around the calls of run.
func (j *job) guard(shard int, n uint64) {
	if r := recover(); r != nil {
		sh := j.in.shards[shard]
		sh.gate.leave()
		sh.sink.tape = nil
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
