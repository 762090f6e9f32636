package bench

import (
	"context"
	"testing"
	"unsafe"

	"github.com/streamon/streamon/runtime/flow"
	"github.com/streamon/streamon/runtime/packet"
	"github.com/streamon/streamon/runtime/program"
)

// eater is a program that takes a block of memory, and makes a heap object for each
// batch if it is told to.
type eater struct {
	counter
	block   []byte
	leaking bool
	leak    *[100]byte
}

func (e *eater) Process(b *packet.Batch, v *program.Verdicts) {
	e.counter.Process(b, v)
	for i := range e.block {
		e.block[i]++
	}
	if e.leaking {
		e.leak = new([100]byte)
	}
	if v.Any != 0 {
		panic("the verdicts of the batch before are there still")
	}
	v.Any = 1
}

func (e *eater) Stats(s *program.Stats) {
	e.counter.Stats(s)
	s.Memory = []program.StructureStats{{Name: "block", Usage: flow.Usage{Bytes: int64(len(e.block)), Evicted: 7}}}
}

func eaterInfo(bytes int, leaking bool) *program.Info {
	return &program.Info{
		Manifest: program.Manifest{ABI: program.ABI, Name: "eater", Memory: []program.MemoryInfo{{Name: "block", Kind: "dleft"}}},
		New: func(*program.Env) (program.Instance, error) {
			return &eater{block: make([]byte, bytes), leaking: leaking}, nil
		},
	}
}

// Allocations and memory of a program are seen, and nothing of the harness's own.
func TestDirect(t *testing.T) {
	const n, size = 10 * packet.BatchSize, 8 << 20
	l := Synthetic(n, 1)
	for _, leaking := range []bool{false, true} {
		s, err := direct{}.run(context.Background(), eaterInfo(size, leaking), l)
		if err != nil {
			t.Fatal(err)
		}
		want := uint64(0)
		if leaking {
			want = 10
		}
		if s.allocs != want {
			t.Errorf("leaking %v: %d objects, want %d", leaking, s.allocs, want)
		}
		if s.heap < size*99/100 || s.heap > size*101/100 {
			t.Errorf("heap = %d, want %d", s.heap, size)
		}
		if s.stats.Events[0] != n || !(s.time >= s.program && s.program > 0) {
			t.Errorf("%d packets, %v ns, %v in the program", s.stats.Events[0], s.time, s.program)
		}
		var r Row
		r.describe(eaterInfo(size, leaking), &s, l)
		if r.Bytes != size || r.Evicted != 7 || r.Metrics != 1 || r.Events != 1 || r.Allocs != float64(want)/n {
			t.Errorf("row %+v", r)
		}
	}
	// What the clock is said to cost is taken off, and no time is negative.
	if s, err := (direct{clockCost: 1e12}).run(context.Background(), eaterInfo(size, false), l); err != nil || s.time != 0 || s.program != 0 {
		t.Errorf("a slow clock: %v, %v, %v", s.time, s.program, err)
	}
}

// The probe reads a load as often from memory as from a file, and says what it cannot do.
func TestProbed(t *testing.T) {
	l := Synthetic(1000, 1)
	path := t.TempDir() + "/l.pcap"
	if err := l.writeFile(path, 300, true); err != nil {
		t.Fatal(err)
	}
	for _, e := range []probed{{workers: 1}, {workers: 1, wall: true}, {workers: 1, file: path}} {
		if s, err := e.run(context.Background(), eaterInfo(1, false), l); err != nil || !(s.time > 0) {
			t.Errorf("%+v: %v ns, %v", e, s.time, err)
		}
	}
	for _, e := range []probed{{workers: 1, file: path + "x"}, {workers: 0}} {
		if _, err := e.run(context.Background(), eaterInfo(1, false), l); err == nil {
			t.Errorf("%+v was measured", e)
		}
	}
	if _, err := (probed{workers: 1}).run(context.Background(), eaterInfo(1, false), &Load{}); err == nil {
		t.Error("a load without packets was measured")
	}
	crash := eaterInfo(1, false)
	crash.New = func(*program.Env) (program.Instance, error) { return new(crasher), nil }
	if _, err := (probed{workers: 1}).run(context.Background(), crash, l); err == nil {
		t.Error("a program that panics was measured")
	}
}

// crasher panics when it is shown a packet.
type crasher struct{ counter }

func (*crasher) Process(*packet.Batch, *program.Verdicts) { panic("no") }
func (*crasher) Stats(*program.Stats)                     {}
func (*crasher) Activate()                                {}

// The note on performance speaks of a batch of 230 kB.
func TestBatchBytes(t *testing.T) {
	if got := unsafe.Sizeof(packet.Batch{}); got > 300<<10 {
		t.Errorf("a batch has %d bytes: packets no longer stay in a second-level cache until the program sees them", got)
	}
}

func TestClock(t *testing.T) {
	defer ownThread()()
	if c := clockCost(); !(c > 0) {
		t.Errorf("reading the clock costs %v ns", c)
	}
	a, b := cpuTime(), processTime()
	for range 1000 {
		cpuTime()
	}
	if cpuTime() <= a || processTime() <= b {
		t.Error("a clock stands still")
	}
}
