package bench

import (
	"context"
	"fmt"
	"runtime"
	"runtime/debug"
	"time"

	"github.com/streamon/streamon/internal/capture"
	"github.com/streamon/streamon/internal/probe"
	"github.com/streamon/streamon/runtime/list"
	"github.com/streamon/streamon/runtime/packet"
	"github.com/streamon/streamon/runtime/program"
)

// sample is what one run measured. Times are ns per packet.
type sample struct {
	time    float64 // the whole way
	program float64 // the program's part of it; 0 = not told apart
	allocs  uint64  // heap objects made by the whole process: direct, in the second half of the load; probed, from the first packet to the last
	heap    int64   // bytes that the heap has grown by, for the instance; 0 = not taken
	stats   program.Stats
}

// direct decodes the frames of a load batch by batch and shows each to the program, on
// one core and with nothing else around. Its clock is the thread's processor time.
type direct struct {
	clockCost float64 // ns, taken off for each reading
}

// run decodes a batch, then processes it, so that one run gives both figures: the
// time in Process, and the time in all. A batch is the probe's, 256 packets in 230 kB,
// so packets are in the second-level cache when the program sees them, as in the probe.
func (e direct) run(_ context.Context, info *program.Info, l *Load) (s sample, err error) {
	dec := packet.Decoder{App: packet.Layers(info.Manifest.Layers) & packet.AppLayers}
	batch, verdicts := new(packet.Batch), new(program.Verdicts)
	defer ownThread()()
	defer quiet()()
	heap := heapBytes()
	inst, err := newInstance(info)
	if err != nil {
		return s, err
	}
	objects := heapObjects()
	var busy, counting time.Duration
	batches, n := 0, l.Packets()
	begun := cpuTime()
	for i, from, half := 0, 0, false; i < n; i += batch.N {
		if !half && i >= n/2 {
			half = true
			t := cpuTime()
			objects = heapObjects()
			counting = cpuTime() - t
		}
		batch.N = min(packet.BatchSize, n-i)
		for j := range batch.N {
			end := l.ends[i+j]
			dec.Decode(&batch.Packets[j], l.Link, l.data[from:end:end], l.wire[i+j], l.times[i+j])
			from = end
		}
		*verdicts = program.Verdicts{}
		t := cpuTime()
		inst.Process(batch, verdicts)
		busy += cpuTime() - t
		batches++
	}
	total := cpuTime() - begun - counting
	s.allocs = heapObjects() - objects
	clock := e.clockCost * float64(batches)
	s.program = max(float64(busy)-clock, 0) / float64(n)
	s.time = max(float64(total)-2*clock, 0) / float64(n)
	s.stats = statsOf(info, inst)
	s.heap = heapBytes() - heap
	runtime.KeepAlive(inst)
	runtime.KeepAlive(batch)
	return s, nil
}

// probed is the probe itself, with as many workers, on a load in memory or on the
// capture file that was made of it: reading, decoding, counting, and for several
// workers steering and handing over.
type probed struct {
	workers int
	file    string // capture file of the load; "" = from memory
	wall    bool   // measure time on the wall, else processor time of all threads
}

func (e probed) run(ctx context.Context, info *program.Info, l *Load) (s sample, err error) {
	opt, ok := probeOptions(e.workers)
	if !ok {
		return s, fmt.Errorf("this probe has no %d workers", e.workers)
	}
	defer quiet()()
	p := probe.New(opt)
	if _, err := p.Load(ctx, probe.Artifact{Info: info}); err != nil {
		return s, err
	}
	now := processTime
	if begun := time.Now(); e.wall {
		now = func() time.Duration { return time.Since(begun) }
	}
	objects, begun := heapObjects(), now()
	src := l.Source()
	if e.file != "" {
		if src, err = capture.Open(e.file); err != nil {
			return s, err
		}
	}
	defer src.Close()
	if err := p.Run(ctx, src); err != nil {
		return s, err
	}
	total := now() - begun
	if err := ctx.Err(); err != nil {
		return s, err
	}
	s.allocs = heapObjects() - objects
	sum, err := p.Summary(ctx)
	switch {
	case err != nil:
		return s, err
	case sum.Packets.Read == 0:
		return s, fmt.Errorf("the probe read no packets of %s", src.Name())
	case len(sum.Programs) != 1 || sum.Programs[0].Error != "":
		return s, fmt.Errorf("the program was stopped: %+v", sum.Programs)
	}
	s.time = float64(total) / float64(sum.Packets.Read)
	return s, nil
}

// probeOptions are those of a probe with so many workers; ok is false if there can be
// no such probe.
func probeOptions(workers int) (opt probe.Options, ok bool) {
	return probe.Options{Seed: 1, Workers: workers}, workers > 0
}

// quiet collects garbage and turns the collector off until what it returns is called.
func quiet() (done func()) {
	runtime.GC()
	percent := debug.SetGCPercent(-1)
	return func() { debug.SetGCPercent(percent) }
}

func heapObjects() uint64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.Mallocs
}

// heapBytes is what is alive on the heap.
func heapBytes() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// silent takes the records of the programs.
type silent struct{}

func (silent) Emit(*program.Record) {}

// newInstance makes an instance with empty memory.
func newInstance(info *program.Info) (program.Instance, error) {
	if info.Manifest.ABI != program.ABI {
		return nil, fmt.Errorf("program %q uses program interface %d, this probe offers %d", info.Manifest.Name, info.Manifest.ABI, program.ABI)
	}
	inst, err := info.New(&program.Env{
		Seed: 1, Memory: program.NewMemory(), Sink: silent{},
		Param: func(string) (program.Value, bool) { return program.Value{}, false },
		List:  func(string) *list.List { return nil },
	})
	if err != nil {
		return nil, fmt.Errorf("program %q: %w", info.Manifest.Name, err)
	}
	inst.Activate()
	return inst, nil
}

func statsOf(info *program.Info, inst program.Instance) program.Stats {
	s := program.Stats{Events: make([]uint64, len(info.Manifest.Events)), Occupied: make([][]int, len(info.Manifest.Entities))}
	for i := range s.Occupied {
		s.Occupied[i] = make([]int, len(info.Manifest.States))
	}
	inst.Stats(&s)
	return s
}
