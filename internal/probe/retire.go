package probe

import "github.com/streamon/streamon/runtime/program"

// write writes the results of the batches that all workers are past, unless somebody is
// at it: that one sees to those too.
func (c *crew) write() {
	for n := c.ring.written.n.Load(); c.ring.arePast(n + 1); n = c.ring.written.n.Load() {
		if !c.out.TryLock() {
			return
		}
		any := false
		for n = c.ring.written.n.Load(); c.ring.arePast(n + 1); n++ {
			c.retire(c.flight[n%uint64(len(c.flight))].slot)
			c.ring.written.n.Store(n + 1)
			any = true
		}
		if any {
			c.p.flushRecords()
		}
		c.out.Unlock()
		c.ring.ringAll() // there is room, and the host may wait for this
	}
}

// retire writes the results of a batch, by program.
func (c *crew) retire(s *slot) {
	var union program.Verdicts
	packets, isWhole := &s.batch, !s.isDirect
	c.p.note(&s.batch)
	if c.p.newest >= c.p.due {
		c.nudge()
	}
	for i := range s.jobs {
		j := &s.jobs[i]
		in := j.in
		if in.stopped != nil {
			continue
		}
		if !j.idle {
			c.order.start(j.batch(s), j.tapes)
			for r := c.order.next(); r != nil; r = c.order.next() {
				in.write(r)
			}
		}
		if in.fault.at.Load() == s.number { // the verdicts about this batch are void
			in.stop(in.fault.reason())
			continue
		}
		if !j.idle {
			v := j.verdicts(j.batch(s).N)
			if j.share != nil {
				j.share.spread(v)
			}
			if !in.isShadow {
				if !isWhole && c.p.looks(v) {
					packets, isWhole = c.packets(s), true
				}
				c.p.drops(in, packets, v)
				unite(&union, v, s.batch.N)
			}
		}
	}
	if union.Any != 0 {
		c.p.judge(packets, &union)
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
