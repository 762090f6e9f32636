package probe

import (
	"fmt"
	"sync/atomic"
	"time"

	"github.com/streamon/streamon/internal/config"
	"github.com/streamon/streamon/internal/export"
	"github.com/streamon/streamon/runtime/packet"
	"github.com/streamon/streamon/runtime/program"
)

// instance is one generation of a program in the probe.
type instance struct {
	info       *program.Info
	path       string
	name       string // in the probe; the program's unless the operator gave another
	tenant     string // whom it belongs to; "" = the operator
	slice      *Slice // what it is to be shown; nil = all
	within     *Slice // what its tenant may see; nil = all
	cuts       []cut  // both, compiled; none = it is shown all packets
	share      *share // its part of the batch that the only worker is at; nil without cuts
	number     int    // generation, from 1
	origin     export.Origin
	out        export.Writer
	shards     []*shard      // one, or one for each worker if the program is run in shards
	home       atomic.Int32  // the worker that runs a program that is not
	isShadow   bool          // it is only compared: see shadow
	tried      *ShadowReport // of the last version that was tried as its replacement; nil = none
	settings   []config.Setting
	lists      *lists
	inherited  []program.Inheritance
	before     counters         // what earlier generations counted
	lost       uint64           // records that could not be written
	repeated   program.Counters // verdicts that several shards counted about one packet
	limits     Limits
	asked      Limits // what the operator said, without the probe's own
	account    account
	code       string                // package of its code
	made       int64                 // bytes of its structures
	giveUp     atomic.Int64          // nanoseconds that a call may last
	doom       atomic.Pointer[error] // why it has to be stopped; nil = it has not
	restarts   restarts
	last       program.Stats // its counters when they were last asked for
	fault      fault         // while several workers run
	stopped    error         // why it does not run any more; nil = it runs
	isFresh    bool          // it began with empty memory
	isShown    bool          // it is, or was, shown packets; else nothing is known of it but to who makes it
	rolledBack string        // why it is the generation before that runs again; "" = it is not
	trial      *trial        // what it goes back to if it fails soon; nil = nothing
	clock      packet.Time   // that was restored and that packets may not have reached yet; else noClock
	isAhead    bool          // packets have not
	probe      *Probe
	logf       func(string, ...any)
}

// shard is one instance of the program over memory of its own. One goroutine at a time.
type shard struct {
	inst     program.Instance
	split    program.Sharded // inst, if it is one of several
	mem      *program.Memory
	sink     sink
	verdicts program.Verdicts // about the batch that the only worker is at
	cost     meter
	steering meter // of Steer, of the batches that this shard's worker has prepared
	debt     atomic.Int64
	emitting moment // the time that records took since the last batch, of a program with a budget
	ignored  int    // how often the program went on listing after it was told to stop
	watched  watched
	gate     gate
}

// sink takes a shard's records: to the probe's writer, or to a tape while there are
// several workers.
type sink struct {
	in      *instance
	shard   *shard
	tape    *tape
	call    uint64 // of the gate, in which …
	reports int    // so many records were emitted
}

// maxReports bounds what a program reports in one call: a tape keeps it all, and a program
// without end is told from one with much to say.
const maxReports = 1 << 20

// Emit implements program.Sink. Its name is known to inUse.
func (s *sink) Emit(r *program.Record) {
	s.shard.gate.visit()
	if call := s.shard.gate.call(); call != s.call {
		s.call, s.reports = call, 0
	}
	if s.reports++; s.reports > maxReports {
		s.shard.gate.endVisit()
		panic(fmt.Sprintf("it reports on and on: %d records in one call", maxReports))
	}
	switch {
	case s.tape != nil:
		s.tape.add(r)
	case s.in.limits.Budget > 0: // a file that is slow is not its fault
		begun := now()
		s.in.write(r)
		s.shard.emitting += now() - begun
	default:
		s.in.write(r)
	}
	s.shard.gate.endVisit()
}

// write writes a record.
func (in *instance) write(r *program.Record) {
	if in.out.Write(&in.origin, r) != nil {
		in.lost++
	}
}

// process shows a batch to the program, or if they are not nil its heads, whole and in this
// goroutine. If it panics the program is stopped. The batch is timed if measure says so.
func (in *instance) process(b *packet.Batch, heads *packet.Heads, measure bool) {
	s := in.shards[0]
	s.verdicts = program.Verdicts{}
	defer in.guard("processing packets")
	if in.share != nil {
		in.share.fill(b, in.cuts)
		b = &in.share.batch
		defer in.share.spread(&s.verdicts) // before guard, which voids them
	}
	if ok, why := in.admit(b.N); !ok {
		if why != nil {
			in.stop(why)
		}
		return
	}
	if !measure && in.limits.Budget == 0 {
		s.gate.enter(0)
		s.show(b, heads, &s.verdicts)
		s.gate.leave()
		return
	}
	begun := now()
	s.gate.enter(0)
	s.show(b, heads, &s.verdicts)
	s.gate.leave()
	s.took(begun, b.N, in.limits.Budget)
}

// show has the instance process b, or heads if they are not nil.
func (s *shard) show(b *packet.Batch, heads *packet.Heads, v *program.Verdicts) {
	if heads != nil {
		s.inst.(program.HeadProcessor).ProcessHeads(heads, v)
		return
	}
	s.inst.Process(b, v)
}

// took counts a batch of n packets that was begun at that moment.
func (s *shard) took(begun moment, n int, budget time.Duration) {
	s.cost.add(begun, n)
	if budget > 0 {
		s.draw(int64(now()-begun-s.emitting), int64(budget))
		s.emitting = 0
	}
}

// narrow compiles what the instance is to be shown.
func (in *instance) narrow() error {
	for _, s := range []*Slice{in.within, in.slice} {
		if s.IsAll() {
			continue
		}
		c, err := s.compile()
		if err != nil {
			return err
		}
		in.cuts = append(in.cuts, c)
		if s == in.within {
			in.origin.IsHeld, in.origin.Nets = true, c.prefixes()
		}
	}
	if len(in.cuts) > 0 {
		in.share = new(share)
	}
	return nil
}

// tick advances the program's time without packets. No other goroutine is at work with it.
func (in *instance) tick(now packet.Time) {
	for _, s := range in.shards {
		if err := in.call(s, "letting time pass", func() { s.inst.Tick(now) }); err != nil {
			in.stop(err)
			return
		}
	}
}

// guard is deferred around calls of generated code while no other goroutine is at
// work with the program. A panic stops the program; its verdicts about the batch are
// void.
func (in *instance) guard(doing string) {
	if r := recover(); r != nil {
		in.shards[0].gate.leave()
		in.shards[0].verdicts = program.Verdicts{}
		in.stop(in.panicked(doing, r))
	}
}

// isLost reports whether a call of the program was given up.
func (in *instance) isLost() bool {
	for _, s := range in.shards {
		if s != nil && s.gate.isClosed() {
			return true
		}
	}
	return false
}

// panicked describes a panic that is being recovered.
func (in *instance) panicked(doing string, r any) error {
	return fmt.Errorf("panic while %s%s: %v", doing, in.place(), r)
}

// stop stops this generation of the program for good.
func (in *instance) stop(why error) {
	if in.stopped != nil {
		return
	}
	in.stopped = why
	what := "program"
	if in.isShadow {
		what = "shadow of program"
	}
	in.logf("%s %s was stopped: %v", what, in.name, in.stopped)
	in.plan()
}
