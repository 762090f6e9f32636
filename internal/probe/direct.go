package probe

import (
	mathbits "math/bits"

	"github.com/streamon/streamon/internal/metrics"
	"github.com/streamon/streamon/runtime/packet"
	"github.com/streamon/streamon/runtime/program"
)

// The direct way. Of a run of records, who prepares a batch needs of each packet what
// programs are steered by, and what is counted: a head of one line. Most programs look at
// nothing else, and are shown heads: by who prepared the batch those, by others their own heads,
// made anew. For programs that look at more every worker, the one that prepared the batch too, decodes
// what is its own, and nobody what is nobody's.
// A slot goes the direct way if nobody looks at packets but programs that are shown heads, and
// shards at what is theirs; what programs decided about packets is seen to by who writes, which
// decodes them for that. A direct slot's own batch has only the number of packets and their
// times.

// detour is for how many batches a worker goes the other way when the packets of one were
// not of the kind that heads are quickly made of.
const detour = 15

// prepareHeads decodes the heads of the packets in a slot and counts those, if it may go the
// direct way.
func (c *crew) prepareHeads(l *lane, s *slot) bool {
	if l.detour > 0 {
		l.detour--
		return false
	}
	if !c.p.mayShowHeads(&s.dec) || !s.mayBeDirect() {
		return false
	}
	if s.heads == nil {
		s.heads = new(packet.Heads)
	}
	times, ok := s.frames.DecodeHeads(&s.dec, s.heads)
	if !ok {
		return false
	}
	s.batch.N, s.batch.Times = s.heads.N, times
	l.detour = countHeads(&l.packets, s.heads)
	l.directs++
	return true
}

// mayShowHeads reports whether nobody but programs looks at the packets that dec decodes, and
// those not at application layers.
func (p *Probe) mayShowHeads(dec *packet.Decoder) bool {
	return dec.App == 0 && p.opt.Recent == nil && p.opt.Forward == nil
}

// mayBeDirect reports whether all programs in a slot that are to be shown packets can do with
// what is theirs.
func (s *slot) mayBeDirect() bool {
	for i := range s.jobs {
		if j := &s.jobs[i]; !j.isDirect && j.in.fault.at.Load() >= s.number {
			return false
		}
	}
	return true
}

// looksAtHeads reports whether a program looks at nothing but heads.
func (j *job) looksAtHeads() bool {
	if j.routes == nil {
		return j.in.looksAtHeads()
	}
	for _, sh := range j.in.shards {
		if _, ok := sh.split.(program.HeadSharded); !ok {
			return false
		}
	}
	return j.share == nil
}

// looksAtHeads reports whether a program that is not in shards looks at nothing but heads.
func (in *instance) looksAtHeads() bool {
	_, ok := in.shards[0].inst.(program.HeadProcessor)
	return ok && in.share == nil
}

// canBeDirect reports whether a program looks at heads only, or its shards are steered by them
// and wait for each other nowhere.
func (j *job) canBeDirect() bool {
	if j.onHeads {
		return true
	}
	if j.share != nil || j.routes == nil || j.in.info.Manifest.Partition.Awaits {
		return false
	}
	for _, sh := range j.in.shards {
		if _, ok := sh.split.(program.HeadSteerer); !ok {
			return false
		}
	}
	return true
}

// steerBy has a shard's instance say who does what.
func (j *job) steerBy(sh *shard, s *slot) {
	if s.isDirect {
		sh.split.(program.HeadSteerer).SteerHeads(s.heads, j.routes)
		return
	}
	sh.split.Steer(j.batch(s), j.routes)
}

// show has a shard's instance process the packets of s that are in l, or their heads.
func (j *job) show(sh *shard, s *slot, l *lane, v *program.Verdicts) {
	b := l.batch(j)
	var heads *packet.Heads
	if s.isDirect && j.onHeads {
		heads = l.shownHeads
	}
	switch {
	case j.routes == nil:
		sh.show(b, heads, v)
	case heads != nil:
		sh.split.(program.HeadSharded).ProcessShardHeads(heads, j.routes, v)
	default:
		sh.split.ProcessShard(b, j.routes, v)
	}
}

// packets returns the packets of a direct slot that is written.
func (c *crew) packets(s *slot) *packet.Batch {
	if c.whole == nil {
		c.whole = new(packet.Batch)
	}
	s.frames.Decode(&s.dec, c.whole)
	return c.whole
}

// countHeads counts the packets of a batch of heads, and returns for how many batches to go
// the other way, by how many are plain.
func countHeads(c *metrics.Packets, h *packet.Heads) int {
	others := 0
	for chunk, left := range countPlain(c, &h.Plain, h.N) {
		others += mathbits.OnesCount64(left)
		for ; left != 0; left &= left - 1 {
			countOutcome(c, h.Rest[64*chunk+mathbits.TrailingZeros64(left)])
		}
	}
	if 2*others > h.N {
		return detour
	}
	return 0
}
