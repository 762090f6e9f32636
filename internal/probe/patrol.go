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
	var late []stuck
	for _, in := range *p.watched.Load() {
		for i, s := range in.shards {
			if s.isLate(in, heap, p) {
				late = append(late, stuck{in: in, shard: i})
			}
		}
	}
	if late != nil {
		p.judgeLate(late, heap, lost)
	}
	p.examine(heap)
}

// watched is what patrol knows of a shard.
type watched struct {
	at    uint64 // its gate at the last look
	looks int    // since then
	heap  int64  // of the process, then
}

// isLate looks at the call of a shard, and reports whether it may have to be given up.
func (s *shard) isLate(in *instance, heap int64, p *Probe) bool {
	v, w := s.gate.at.Load(), &s.watched
	if v != w.at || v&where != inside || v&aside != 0 {
		*w = watched{at: v, heap: heap}
		return false
	}
	w.looks++
	return w.looks >= in.looks() || w.looks >= 2 && p.fills(in, heap, heap-w.heap)
}

// longer is how much longer than others a shard may take that waits for another shard: that
// one may be late itself, or its worker have no time for it.
const longer = 5

// judgeLate gives up calls that are late. One that waits for another shard is not, if the
// other may come.
func (p *Probe) judgeLate(late []stuck, heap int64, lost func(stuck)) {
	text := stacks()
	var waiting []stuck
	any := false
	for _, k := range late {
		id := p.workerOf(k.in, k.shard)
		stack := stackOf(text, id)
		w := &k.in.shards[k.shard].watched
		if bytes.Contains(stack, []byte("program.(*Routes).Await(")) && w.looks < longer*k.in.looks() {
			waiting = append(waiting, k)
			continue
		}
		looks, grown := w.looks, heap-w.heap
		if looks < k.in.looks() && !p.hasFilled(k.in, grown) {
			w.heap = p.heap.look(p)
			continue
		}
		if !k.in.shards[k.shard].gate.close(w.at) {
			continue
		}
		any = true
		if k.why = k.in.givenUp("processing packets", id, text); looks < k.in.looks() {
			k.why = fmt.Errorf("memory: the process grew by %s in one call, which was %w while processing packets%s and goes on in the background, until the probe ends",
				sizeText(grown), ErrGivenUp, k.in.placeIn(stack))
		}
		lost(k)
	}
	if any || p.isWriting() {
		for _, k := range waiting {
			k.in.shards[k.shard].watched.looks = 0
		}
	}
}

// isWriting reports whether results are being written, which may take long and is no
// program's fault.
func (p *Probe) isWriting() bool {
	if p.crew == nil || !p.crew.out.TryLock() {
		return p.crew != nil
	}
	p.crew.out.Unlock()
	return false
}
