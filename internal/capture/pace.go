package capture

import (
	"context"
	"math"
	"time"

	"github.com/streamon/streamon/runtime/packet"
)

// Clock is the time that a replay keeps to. Tests bring their own.
type Clock interface {
	Now() time.Time
	// Sleep returns after d, or with the error of ctx as soon as that is done.
	Sleep(ctx context.Context, d time.Duration) error
}

// WallClock is the clock of the machine.
var WallClock Clock = wallClock{}

type wallClock struct{}

func (wallClock) Now() time.Time { return time.Now() }

func (wallClock) Sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// seam is the longest pause of a recording that is replayed.
const seam = packet.Time(time.Hour)

// A pacer is a source that holds packets back. due waits for at most d until the
// next packet, or the end, can be had from Next without waiting.
type pacer interface {
	due(d time.Duration) bool
}

// pacedSource hands out each packet when its time has come.
type pacedSource struct {
	ctx   context.Context
	src   Source
	speed float64
	clock Clock

	begun    bool
	t0       packet.Time // packet time at the start of the replay …
	w0       time.Time   // … and clock time
	lead     packet.Time // newest packet time so far; packets out of order do not wait
	pending  Frame       // read, not handed out
	isLoaded bool        // pending or err is valid
	err      error
}

// Paced returns a source that yields the packets of src at the pace of their
// recorded times: speed 1 as recorded, 10 ten times as fast, 0 or less or
// infinite without waiting, in which case src itself is returned. The first
// packet comes at once. When ctx is done Next returns its error. Closing it
// closes src.
//
// A jump of more than an hour is taken for the seam between two recordings in one
// file, and not waited for: some captures jump over years.
//
// The wait until packet n counts from the first packet, not from packet n-1, so
// delays of the reader do not add up.
func Paced(ctx context.Context, src Source, speed float64, clock Clock) Source {
	if !(speed > 0) || math.IsInf(speed, 1) {
		return src
	}
	return &pacedSource{ctx: ctx, src: src, speed: speed, clock: clock}
}

func (p *pacedSource) Name() string { return p.src.Name() }
func (p *pacedSource) Close() error { return p.src.Close() }

// Next implements Source.
func (p *pacedSource) Next(f *Frame) error {
	p.load()
	if p.err != nil {
		return p.err
	}
	if err := p.ctx.Err(); err != nil {
		return err
	}
	if d := p.wait(); d > 0 {
		if err := p.clock.Sleep(p.ctx, d); err != nil {
			return err
		}
	}
	*f = p.pending
	p.isLoaded = false
	return nil
}

// due implements pacer.
func (p *pacedSource) due(limit time.Duration) bool {
	if inner, ok := p.src.(pacer); ok && !p.isLoaded && p.err == nil && !inner.due(limit) {
		return false
	}
	p.load()
	if p.err != nil || p.ctx.Err() != nil {
		return true // Next will say so at once
	}
	d := p.wait()
	if d <= 0 {
		return true
	}
	if limit <= 0 {
		return false
	}
	return p.clock.Sleep(p.ctx, min(d, limit)) != nil || d <= limit
}

// load reads the next packet of src, once.
func (p *pacedSource) load() {
	if p.isLoaded || p.err != nil {
		return
	}
	if p.err = p.src.Next(&p.pending); p.err != nil {
		return
	}
	p.isLoaded = true
	if !p.begun {
		p.begun = true
		p.t0, p.lead, p.w0 = p.pending.Time, p.pending.Time, p.clock.Now()
	}
	if jump := p.pending.Time - p.lead; jump > seam {
		p.t0 = addTime(p.t0, jump)
	}
	p.lead = max(p.lead, p.pending.Time)
}

// wait returns how long the pending packet must still be held back.
func (p *pacedSource) wait() time.Duration {
	after := float64(p.lead-p.t0) / p.speed
	if after > float64(math.MaxInt64)/2 {
		after = float64(math.MaxInt64) / 2
	}
	return p.w0.Add(time.Duration(after)).Sub(p.clock.Now())
}
