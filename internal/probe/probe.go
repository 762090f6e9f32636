// Package probe runs programs over packets.
//
// It owns the life of a program in the probe (load, replace, unload, stop on a
// panic), the worker that feeds all programs from one source, and what is known
// about both: counters, listings, the summary. Reading packets is package
// capture's, compiled code arrives as a [program.Info] from wherever it was loaded,
// records go to an export.Writer. The main type is [Probe]:
//
//	p := probe.New(probe.Options{Seed: 1, Records: export.NewJSON(os.Stdout)})
//	report, err := p.Load(ctx, probe.Artifact{Info: info})
//	…
//	err = p.Run(ctx, source)      // until the source ends
//	fmt.Println(p.Summary().Packets.Read)
//
// One goroutine, the worker, decodes each packet once and shows it to every
// program (see loop); with Options.Workers several do (see crew). All other methods may be
// called from any goroutine while Run runs: what they change or look at is done
// between two batches, when no program is at work. Before and after Run it is done
// at once. A program that panics, does not return, or takes more than its limits is
// stopped and the others are not: see gate, patrol, Limits.
package probe

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"sync"
	"sync/atomic"
	"time"

	"github.com/streamon/streamon/internal/capture"
	"github.com/streamon/streamon/internal/checkpoint"
	"github.com/streamon/streamon/internal/export"
	"github.com/streamon/streamon/internal/metrics"
	"github.com/streamon/streamon/runtime/packet"
)

// Options configure a probe.
type Options struct {
	// Seed is the seed of every key hash. The same seed over the same packets gives
	// the same output.
	Seed uint64
	// Workers is the number of goroutines that read packets and run programs, at least
	// one. Results do not depend on it.
	Workers int
	// Records takes what programs report; nil = nobody. One goroutine at a time uses it.
	Records export.Writer
	// Evidence takes the packets that programs want kept; nil = nobody.
	Evidence Evidence
	// Drops takes the packets that programs want dropped; nil = nobody. One goroutine at a
	// time calls it, the one of Records.
	Drops Dropper
	// Forward takes every batch when all is known about it; nil = nobody. It needs one worker.
	Forward Forwarder
	// Wanted is told which packets the loaded programs want, when that changes: the Wanted
	// of their manifests, or nil for all packets. When a program has been loaded all are
	// wanted until it was shown some: its time begins with the first packet on the link
	// and not with the first that it wants. nil = nobody is told.
	Wanted func(filters []string)
	// Recent is shown every batch, before the records about it are written; nil = nobody.
	// It copies what it keeps. One goroutine at a time calls it, the one of Records.
	Recent Recent
	// Limits hold for programs that name no others.
	Limits Limits
	// TenantPrograms bounds the instances that one tenant may have, for limits hold for each;
	// 0 = no bound. It holds for what tenants ask for, not for the operator.
	TenantPrograms int
	// GiveUp is how long a call of a program may last before it is given up; 0 = 2 s.
	GiveUp time.Duration
	// MemoryLimit ends a run in ErrMemory when the process has more bytes on its heap while
	// a call that was given up goes on, which nothing else could end; 0 = never.
	MemoryLimit int64
	// Logf takes a line about a program that was stopped, or output that was lost;
	// nil = nobody. One goroutine at a time calls it; it must not call the probe.
	Logf func(format string, args ...any)
	// Notef is Logf for what is no fault: a program that was started again, what came of a
	// shadow.
	Notef func(format string, args ...any)
}

// Probe runs programs over the packets of one source.
type Probe struct {
	opt Options
	dec packet.Decoder

	lifecycle sync.Mutex // held by Load, Replace, Unload and Reload: one at a time

	mu       sync.Mutex // guards running and ended; and all below while not running
	running  bool
	ended    chan struct{} // closed when the present Run has ended
	requests chan *request
	writes   writes // to Records, Evidence and Drops

	end     atomic.Pointer[context.CancelCauseFunc] // ends the present run
	watched atomic.Pointer[[]*instance]             // line, for patrol
	strays  atomic.Int64                            // calls that were given up and go on
	heap    heapUse                                 // patrol's

	// The worker's goroutine's, and with several workers of those that crew says.
	programs []*instance          // in order of loading
	pending  []checkpoint.Program // what programs begin with that are not loaded
	shadows  []*shadow
	line     []*instance // that are shown packets, in this order: programs, then shadows
	due      packet.Time // when something is due that waits for its time
	loop     *loop       // of the present run, with one worker
	crew     *crew       // nil with one worker
	batches  uint64      // shown to programs, with one worker
	unpriced bool        // no batch is sampled
	wanting  wanting
	src      counter // of the last run, if it is live
	packets  metrics.Packets
	wanted   packet.Layers // application layers that were decoded for at least one batch
	first    packet.Time
	hasFirst bool
	newest   packet.Time
	kept     capture.Frame          // the last one written to Evidence, without its bytes
	resumed  bool                   // clocks of programs that were restored are to be compared with packets
	batch    *packet.Batch          // with one worker
	drop     [packet.BatchSize]bool // its packets that a Forwarder is to drop
	outErr   error                  // first error of Records
	evidErr  error                  // first error of Evidence
}

// counter is a live source.
type counter interface {
	Counts() []capture.InterfaceCounts
}

// New returns a probe without programs. It starts nothing.
func New(opt Options) *Probe {
	if opt.Logf == nil {
		opt.Logf = func(string, ...any) {}
	}
	if opt.Notef == nil {
		opt.Notef = func(string, ...any) {}
	}
	if opt.GiveUp <= 0 {
		opt.GiveUp = defaultGiveUp
	}
	p := &Probe{opt: opt, requests: make(chan *request), newest: math.MinInt64, due: never}
	if opt.Records == nil {
		p.opt.Records = export.Discard
	} else {
		p.opt.Records = &heldRecords{opt.Records, &p.writes}
	}
	if opt.Evidence != nil {
		p.opt.Evidence = &heldEvidence{opt.Evidence, &p.writes}
	}
	if opt.Workers > 1 {
		p.crew = newCrew(p, opt.Workers)
	} else {
		p.batch = new(packet.Batch)
	}
	p.choose()
	return p
}

// Run feeds all programs from src until it ends or ctx is done, neither of which
// is an error; damage at the end of a capture is (see capture.Damages). It does
// not close src. After the last packet no timer fires. Run may be called again
// with another source.
func (p *Probe) Run(ctx context.Context, src capture.Source) error {
	p.mu.Lock()
	if p.running {
		p.mu.Unlock()
		return errors.New("the probe is running already")
	}
	p.running, p.ended = true, make(chan struct{})
	p.mu.Unlock()
	defer func() {
		p.mu.Lock()
		p.running = false
		close(p.ended)
		p.mu.Unlock()
	}()

	within, end := context.WithCancelCause(ctx)
	defer end(nil)
	p.end.Store(&end)
	p.src, _ = src.(counter)
	b := capture.NewBatcher(src, &p.dec)
	run := p.runAlone
	if p.crew != nil {
		run = p.crew.run
	}
	err := run(within, b)
	if len(p.shadows) > 0 {
		p.endShadows(true, "there are no more packets")
		p.choose()
	}
	err = errors.Join(err, p.flush())
	if why := context.Cause(within); errors.Is(why, ErrMemory) {
		return errors.Join(why, err)
	}
	return err
}

// endOf is what a run returns whose source has ended in err. A source may hear that the run is to
// end a moment before the context of the run does, which is a child of the one that it has.
func endOf(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return nil
	}
	return err
}

// tick lets time pass without packets, if the source is live: timers that are due fire.
func (p *Probe) tick(b *capture.Batcher) {
	now, ok := b.Idle()
	if !ok {
		return
	}
	p.heed()
	for _, in := range p.line {
		if in.stopped == nil {
			in.tick(min(now, maxTime))
			if in.stopped != nil && p.crew != nil {
				p.crew.changed = true
			}
		}
	}
	p.flushRecords()
	p.seeTo(now)
}

// samples reports whether batch n is to be timed.
func (p *Probe) samples(n uint64) bool { return n%sampleEvery == 0 && !p.unpriced }

// flushRecords hands the records so far to their file.
func (p *Probe) flushRecords() {
	if err := p.opt.Records.Flush(); err != nil && p.outErr == nil {
		p.outErr = fmt.Errorf("writing records: %w", err)
		p.opt.Logf("%v; records are lost from here on", p.outErr)
	}
}

// maxTime is the latest packet time that programs see, in the year 2189: damaged
// captures and endless replays reach the end of 64 bits, and a deadline is a packet
// time plus a duration.
const maxTime packet.Time = math.MaxInt64 - 1<<61

// note keeps the times of the first and the last packet, and shows the batch to Recent.
func (p *Probe) note(b *packet.Batch) {
	if b.N == 0 {
		return
	}
	if p.opt.Recent != nil {
		p.opt.Recent.See(b)
	}
	if !p.hasFirst {
		p.first, p.hasFirst = b.Time(0), true
	}
	p.newest = b.Time(b.N - 1)
	if p.resumed {
		p.seeClocks()
	}
}

// flush ends a run: it returns what went wrong with the output.
func (p *Probe) flush() error {
	if err := p.opt.Records.Flush(); err != nil && p.outErr == nil {
		p.outErr = fmt.Errorf("writing records: %w", err)
	}
	return errors.Join(p.outErr, p.evidErr)
}
