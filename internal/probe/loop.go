package probe

import (
	"context"
	"sync/atomic"

	"github.com/streamon/streamon/internal/capture"
	"github.com/streamon/streamon/runtime/packet"
	"github.com/streamon/streamon/runtime/program"
)

// loop is a run with one worker.
type loop struct {
	p         *Probe
	ctx       context.Context
	in        *capture.Batcher
	late      uint64        // packets of the runs before it
	at        int           // the program, in line, that the worker is at
	measure   bool          // the batch is sampled
	heads     *packet.Heads // of the batch, if …
	onHeads   bool          // … programs are shown nothing else
	isWhole   bool          // the packets were decoded besides
	detour    int           // batches of which no heads are decoded
	goroutine atomic.Uint64 // number of the worker's
	done      chan error    // has what the run ended in
}

// runAlone is Run with one worker: a goroutine of its own, so that another can take over if
// a program does not return.
func (p *Probe) runAlone(ctx context.Context, b *capture.Batcher) error {
	l := &loop{p: p, ctx: ctx, in: b, late: p.packets.Late, done: make(chan error, 1), heads: new(packet.Heads)}
	p.loop = l
	go l.work()
	onPatrol, home := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() {
		err := <-l.done
		home()
		ended <- err
	}()
	p.patrol(onPatrol, l.relieve)
	return <-ended
}

// work reads batches and shows them to programs until the source has ended.
func (l *loop) work() {
	callsPrograms(&l.goroutine)
	p := l.p
	for {
		select {
		case r := <-p.requests:
			p.heed()
			r.do()
			continue
		default:
		}
		if l.ctx.Err() != nil {
			l.done <- nil
			return
		}
		if err := l.step(); err != nil {
			l.done <- endOf(err)
			return
		}
	}
}

// relieve has another goroutine take over for the worker, whose call was given up. The batch
// that it was at, and the bytes of its packets, are not used again.
func (l *loop) relieve(k stuck) {
	k.in.stop(k.why)
	go func() {
		callsPrograms(&l.goroutine)
		l.showFrom(l.at + 1)
		l.p.batch, l.heads = new(packet.Batch), new(packet.Heads)
		l.in.Forget()
		l.p.settle()
		l.p.seeTo(l.p.newest)
		l.work()
	}()
}

// step reads one batch and shows it to every program.
func (l *loop) step() error {
	p := l.p
	err := l.next()
	p.packets.Late = l.late + uint64(l.in.Late())
	switch {
	case err != nil:
	case p.batch.N > 0:
		l.process()
		p.settle()
		p.seeTo(p.newest)
	default:
		p.tick(l.in)
	}
	return err
}

// next reads a batch, or its heads if programs look at nothing else.
func (l *loop) next() (err error) {
	p := l.p
	l.onHeads, l.isWhole = false, false
	switch {
	case l.detour > 0:
		l.detour--
	case p.mayShowHeads(&p.dec) && p.looksAtHeads():
		l.onHeads, err = l.in.NextHeads(l.heads, p.batch, maxTime)
		return err
	}
	return l.in.Next(p.batch)
}

// looksAtHeads reports whether no program looks at anything but heads.
func (p *Probe) looksAtHeads() bool {
	for _, in := range p.line {
		if in.stopped == nil && !in.looksAtHeads() {
			return false
		}
	}
	return true
}

// shown returns the heads that programs are shown, nil if they are shown packets.
func (l *loop) shown() *packet.Heads {
	if l.onHeads {
		return l.heads
	}
	return nil
}

// decode decodes the packets of a batch of heads, if somebody looks at what was decided
// about them.
func (l *loop) decode(v *program.Verdicts) {
	if l.onHeads && !l.isWhole && l.p.looks(v) {
		l.in.Whole(l.p.batch)
		l.isWhole = true
	}
}

// process counts the batch and shows it to every program.
func (l *loop) process() {
	p := l.p
	p.wanted |= p.dec.App
	if l.onHeads {
		l.detour = countHeads(&p.packets, l.heads)
	} else {
		limit(p.batch)
		count(&p.packets, p.batch)
	}
	p.note(p.batch)
	l.measure = p.samples(p.batches)
	p.batches++
	l.showFrom(0)
}

// showFrom shows the batch to the programs from place first in line on, and does what
// they all decided.
func (l *loop) showFrom(first int) {
	p := l.p
	for l.at = first; l.at < len(p.line); l.at++ {
		if in := p.line[l.at]; in.stopped == nil {
			in.process(p.batch, l.shown(), l.measure)
		}
	}
	var union program.Verdicts
	for _, in := range p.line {
		if v := &in.shards[0].verdicts; in.stopped == nil && v.Any != 0 && !in.isShadow {
			l.decode(v)
			p.drops(in, p.batch, v)
			unite(&union, v, p.batch.N)
		}
	}
	if union.Any != 0 {
		p.judge(p.batch, &union)
	}
	if p.opt.Forward != nil {
		p.opt.Forward.Forward(p.batch, p.drop[:p.batch.N])
		p.drop = [packet.BatchSize]bool{}
	}
	p.flushRecords()
}

// workerOf returns the number of the goroutine that calls a shard of a program.
func (p *Probe) workerOf(in *instance, shard int) uint64 {
	if p.crew != nil {
		return p.crew.lanes[p.crew.workerOf(in, shard)].goroutine.Load()
	}
	return p.loop.goroutine.Load()
}
