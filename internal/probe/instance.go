package probe

import (
	"fmt"
	"path/filepath"
	"runtime"

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
	shards     []*shard // one, or one for each worker if the program is run in shards
	home       int      // the worker that runs a program that is not
	settings   []config.Setting
	lists      *lists
	inherited  []program.Inheritance
	before     counters         // what earlier generations counted
	lost       uint64           // records that could not be written
	repeated   program.Counters // verdicts that several shards counted about one packet
	fault      fault            // while several workers run
	stopped    error            // why it does not run any more; nil = it runs
	isInternal bool             // it was our fault: a panic
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
}

// sink takes a shard's records: to the probe's writer, or to a tape while there are
// several workers.
type sink struct {
	in   *instance
	tape *tape
}

// Emit implements program.Sink.
func (s *sink) Emit(r *program.Record) {
	if s.tape != nil {
		s.tape.add(r)
		return
	}
	s.in.write(r)
}

// write writes a record.
func (in *instance) write(r *program.Record) {
	if in.out.Write(&in.origin, r) != nil {
		in.lost++
	}
}

// process shows a batch to the program, whole and in this goroutine. If it panics the
// program is stopped. The batch is timed if measure says so.
func (in *instance) process(b *packet.Batch, measure bool) {
	s := in.shards[0]
	s.verdicts = program.Verdicts{}
	defer in.guard("processing packets")
	if in.share != nil {
		if in.share.fill(b, in.cuts); in.share.batch.N == 0 {
			return
		}
		b = &in.share.batch
		defer in.share.spread(&s.verdicts) // before guard, which voids them
	}
	if !measure {
		s.inst.Process(b, &s.verdicts)
		return
	}
	begun := now()
	s.inst.Process(b, &s.verdicts)
	s.cost.add(begun, b.N)
}

// limit compiles what the instance is to be shown.
func (in *instance) limit() error {
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
	defer in.guard("letting time pass")
	for _, s := range in.shards {
		s.inst.Tick(now)
	}
}

// guard is deferred around calls of generated code while no other goroutine is at
// work with the program. A panic stops the program; its verdicts about the batch are
// void.
func (in *instance) guard(doing string) {
	if r := recover(); r != nil {
		in.shards[0].verdicts = program.Verdicts{}
		in.stop(in.panicked(doing, r))
	}
}

// panicked describes a panic that is being recovered.
func (in *instance) panicked(doing string, r any) error {
	return fmt.Errorf("panic while %s%s: %v", doing, place(in.info.Manifest.File), r)
}

// stop stops the program for good.
func (in *instance) stop(why error) {
	in.isInternal = true
	in.stopped = why
	in.logf("program %s was stopped: %v", in.name, in.stopped)
}

// place returns " at file:line", the innermost line of the program on the stack of
// the panic being recovered, or "". Generated code carries //line directives.
func place(file string) string {
	pcs := make([]uintptr, 64)
	frames := runtime.CallersFrames(pcs[:runtime.Callers(3, pcs)])
	for {
		f, more := frames.Next()
		if base := filepath.Base(f.File); base == file && file != "" {
			return fmt.Sprintf(" at %s:%d", base, f.Line)
		}
		if !more {
			return ""
		}
	}
}
