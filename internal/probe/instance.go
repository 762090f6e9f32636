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
	number     int // generation, from 1
	inst       program.Instance
	mem        *program.Memory
	sink       *sink
	verdicts   program.Verdicts
	settings   []config.Setting
	lists      *lists
	inherited  []program.Inheritance
	before     counters // what earlier generations counted
	stopped    error    // why it does not run any more; nil = it runs
	isInternal bool     // it was our fault: a panic
	logf       func(string, ...any)
}

// sink gives an instance's records to the probe's writer.
type sink struct {
	origin export.Origin
	out    export.Writer
	lost   uint64 // records that out did not take
}

// Emit implements program.Sink.
func (s *sink) Emit(r *program.Record) {
	if s.out.Write(&s.origin, r) != nil {
		s.lost++
	}
}

// process shows a batch to the program. If it panics the program is stopped.
func (in *instance) process(b *packet.Batch) {
	in.verdicts = program.Verdicts{}
	defer in.guard("processing packets")
	in.inst.Process(b, &in.verdicts)
}

// guard is deferred around calls of generated code. A panic stops the program;
// its verdicts about the batch are void.
func (in *instance) guard(doing string) {
	r := recover()
	if r == nil {
		return
	}
	in.verdicts = program.Verdicts{}
	in.isInternal = true
	in.stopped = fmt.Errorf("panic while %s%s: %v", doing, place(in.info.Manifest.File), r)
	in.logf("program %s was stopped: %v", in.info.Manifest.Name, in.stopped)
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

// stats returns the instance's own counters; it is false if the program panics.
func (in *instance) stats() (s program.Stats, ok bool) {
	defer func() {
		if r := recover(); r != nil {
			s, ok = program.Stats{}, false
		}
	}()
	m := &in.info.Manifest
	s.Events = make([]uint64, len(m.Events))
	s.Occupied = make([][]int, len(m.Entities))
	for i := range s.Occupied {
		s.Occupied[i] = make([]int, len(m.States))
	}
	in.inst.Stats(&s)
	return s, true
}
