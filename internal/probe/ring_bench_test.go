package probe

import (
	"fmt"
	"io"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/streamon/streamon/internal/capture"
	"github.com/streamon/streamon/runtime/packet"
	"github.com/streamon/streamon/runtime/program"
)

// huge is a source of packets so long that eight of them are a batch.
type huge struct {
	frame [262144]byte
	left  int
}

func (h *huge) Next(f *capture.Frame) error {
	if h.left == 0 {
		return io.EOF
	}
	h.left--
	*f = capture.Frame{Data: h.frame[:], WireLen: uint32(len(h.frame)), Link: packet.LinkEthernet}
	return nil
}

func (h *huge) Close() error { return nil }
func (h *huge) Name() string { return "huge" }
func (h *huge) Lasts() bool  { return true }

// BenchmarkBatch is a batch of eight packets that no program looks at, from the source to
// the end: what a batch costs beside what is done for its packets.
func BenchmarkBatch(b *testing.B) {
	for _, workers := range []int{1, 2, 4} {
		b.Run(fmt.Sprintf("workers%d", workers), func(b *testing.B) {
			p := New(Options{Workers: workers})
			b.ResetTimer()
			if err := p.Run(ctx, &huge{left: 8 * b.N}); err != nil {
				b.Fatal(err)
			}
		})
	}
}

// BenchmarkHandover is a word that goes from one goroutine to another and back: what a
// write that travels costs the two shards at least, when both are at the same packet.
func BenchmarkHandover(b *testing.B) {
	var here, there struct {
		n atomic.Uint64
		_ [120]byte
	}
	n := uint64(b.N)
	var wg sync.WaitGroup
	wg.Go(func() {
		for i := uint64(1); i <= n; i++ {
			for here.n.Load() < i {
			}
			there.n.Store(i)
		}
	})
	b.ResetTimer()
	for i := uint64(1); i <= n; i++ {
		here.n.Store(i)
		for there.n.Load() < i {
		}
	}
	wg.Wait()
}

// BenchmarkSample is what timing a batch costs; one in sampleEvery is.
func BenchmarkSample(b *testing.B) {
	var m meter
	for range b.N {
		m.add(now(), 256)
	}
}

// BenchmarkGate is what a call of a program costs beside the program: once a batch.
func BenchmarkGate(b *testing.B) {
	var g gate
	for range b.N {
		g.enter(0)
		g.leave()
	}
}

// idler is a program that does nothing.
type idler struct{ program.Instance }

func (idler) Activate()                                {}
func (idler) Process(*packet.Batch, *program.Verdicts) {}
func (idler) Stats(*program.Stats)                     {}

// BenchmarkIdlePrograms is a batch that is shown to four programs that do nothing.
func BenchmarkIdlePrograms(b *testing.B) {
	p := New(Options{})
	for i := range 4 {
		m := program.Manifest{ABI: program.ABI, Name: fmt.Sprint("idle", i)}
		_, err := p.Load(ctx, Artifact{Info: &program.Info{Manifest: m, New: func(*program.Env) (program.Instance, error) { return idler{}, nil }}})
		if err != nil {
			b.Fatal(err)
		}
	}
	b.ReportAllocs()
	b.ResetTimer()
	if err := p.Run(ctx, &huge{left: 8 * b.N}); err != nil {
		b.Fatal(err)
	}
}
