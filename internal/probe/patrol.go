package probe

import (
	"bytes"
	"context"
	"fmt"
	"time"
)

// Words. While packets are processed one goroutine is on *patrol*: it looks every lookEvery
// at the calls that workers make. One that it has found unchanged for Options.GiveUp, or
// that has filled memory meanwhile, it gives up: the program is stopped, another goroutine
// *takes over* for the worker, from the next program on, and the batch that the lost
// goroutine has is never written to again. On the way of a packet nothing of this is seen
// but the two words that enter and leave write.

// stuck is a call that was given up.
type stuck struct {
	in    *instance
	shard int
	why   error
}

// patrol looks at calls until ctx is done, and hands those that it gives up to lost.
func (p *Probe) patrol(ctx context.Context, lost func(stuck)) {
	look := time.NewTicker(lookEvery)
	defer look.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-look.C:
			p.lookAround(lost)
		}
	}
}

// lookAround looks at all calls once.
func (p *Probe) lookAround(lost func(stuck)) {
	heap := p.heap.look(p)
	for _, in := range *p.watched.Load() {
		if s, why := p.overdue(in, heap); s >= 0 {
			lost(stuck{in, s, why})
		}
	}
	p.examine(heap)
}

// watched is what patrol knows of a shard.
type watched struct {
	at    uint64 // its gate at the last look
	looks int    // since then
	heap  int64  // of the process, then
}

// overdue looks at the shards of a program. If the call of one has to be given up, it is,
// and the shard and the reason are returned, else -1. Of several it is one that does not
// wait for another.
func (p *Probe) overdue(in *instance, heap int64) (shard int, why error) {
	var late []int
	for i, s := range in.shards {
		v, w := s.gate.at.Load(), &s.watched
		if v != w.at || v&where != inside || v&aside != 0 {
			*w = watched{at: v, heap: heap}
			continue
		}
		if w.looks++; w.looks >= in.looks() || w.looks >= 2 && p.fills(in, heap, heap-w.heap) {
			late = append(late, i)
		}
	}
	if late == nil {
		return -1, nil
	}
	text := stacks()
	for n, i := range late {
		s := in.shards[i]
		id := p.workerOf(in, i)
		stack := stackOf(text, id)
		if n < len(late)-1 && bytes.Contains(stack, []byte("program.(*Routes).Await(")) || !s.gate.close(s.watched.at) {
			continue
		}
		for _, other := range in.shards { // they waited for this one
			other.watched = watched{heap: heap}
		}
		if grown := heap - s.watched.heap; s.watched.looks < in.looks() {
			return i, fmt.Errorf("memory: %w while processing packets%s: the process grew by %s in one call; it goes on in the background, until the probe ends",
				errGivenUp, in.placeIn(stack), sizeText(grown))
		}
		return i, in.givenUp("processing packets", id, text)
	}
	return -1, nil
}
