package probe

import (
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/streamon/streamon/internal/capture"
	"github.com/streamon/streamon/internal/export"
	"github.com/streamon/streamon/runtime/packet"
	"github.com/streamon/streamon/runtime/program"
)

// reader looks at bytes of packets, and cuts their file off when it comes to one of them.
type reader struct {
	path     string
	cutAt    int // 1 = the first
	keep     int64
	seen, at int  // packets that it was shown, and that it has read
	sum      byte // so that bytes are read
}

func (r *reader) read(t *testing.T, data []byte) {
	if r.seen++; r.seen == r.cutAt {
		if err := os.Truncate(r.path, r.keep); err != nil {
			t.Error(err)
		}
	}
	r.sum += data[0] + data[len(data)-1]
	r.at++
}

type readerOf struct {
	*reader
	t *testing.T
}

func (r readerOf) Write(f *capture.Frame) error {
	r.read(r.t, f.Data)
	return nil
}

func (r readerOf) Drop(o *export.Origin, p *packet.Packet) bool {
	r.read(r.t, p.Data)
	return false
}

func (r readerOf) See(b *packet.Batch) {
	for i := range b.Packets[:b.N] {
		r.read(r.t, b.Packets[i].Data)
	}
}

// TestReadersCut: who reads bytes of a file that is cut off meanwhile reads those of every packet, and
// the run ends in damage.
func TestReadersCut(t *testing.T) {
	const packets, keep, cutAt = 100 * packet.BatchSize, 64 << 10, 300
	for name, options := range map[string]func(o *Options, r readerOf){
		"evidence": func(o *Options, r readerOf) { o.Evidence = r },
		"drops":    func(o *Options, r readerOf) { o.Drops = r },
		"recent":   func(o *Options, r readerOf) { o.Recent = r },
	} {
		for workers := 1; workers <= 3; workers++ {
			path := mixedFile(t, 9, packets)
			r := readerOf{&reader{path: path, cutAt: cutAt, keep: keep}, t}
			opt := Options{Workers: workers}
			options(&opt, r)
			p := New(opt)
			if _, err := p.Load(ctx, Artifact{Info: crowd{name: "crowd", heads: true}.info()}); err != nil {
				t.Fatal(err)
			}
			err := p.Run(ctx, open(t, path))
			if d := (*capture.DamagedError)(nil); !errors.As(err, &d) || !strings.Contains(d.Reason, "shorter while it was read") {
				t.Errorf("%s, %d workers: Run = %v", name, workers, err)
			}
			s := summaryOf(t, p)
			if in := s.Programs[0]; in.Status != "running" || in.Packets != s.Packets.Read || s.Packets.Read >= packets {
				t.Errorf("%s, %d workers: %s after %d of %d packets: %s", name, workers, in.Status, in.Packets, s.Packets.Read, in.Error)
			}
			if r.at < cutAt || r.at != r.seen || s.Packets.Dropped == 0 {
				t.Errorf("%s, %d workers: %d packets looked at, %d dropped", name, workers, r.seen, s.Packets.Dropped)
			}
			if name == "evidence" && s.Packets.Evidence != uint64(r.at) {
				t.Errorf("%d workers: %d packets kept, want %d", workers, s.Packets.Evidence, r.at)
			}
		}
	}
}

// bytesProgram looks at bytes of packets, of a file that it cuts off.
type bytesProgram struct {
	program.Instance
	*reader
	t *testing.T
}

func (b *bytesProgram) Process(batch *packet.Batch, v *program.Verdicts) {
	for i := range batch.Packets[:batch.N] {
		b.read(b.t, batch.Packets[i].Data)
	}
	b.Instance.Process(batch, v)
}

// TestProgramCut: so does a program.
func TestProgramCut(t *testing.T) {
	for workers := 1; workers <= 2; workers++ {
		path := mixedFile(t, 9, 100*packet.BatchSize)
		info := crowd{name: "reads", whole: true}.info()
		inner := info.New
		info.New = func(env *program.Env) (program.Instance, error) {
			inst, err := inner(env)
			return &bytesProgram{inst, &reader{path: path, cutAt: 2000, keep: 64 << 10}, t}, err
		}
		p := New(Options{Workers: workers})
		if _, err := p.Load(ctx, Artifact{Info: info}); err != nil {
			t.Fatal(err)
		}
		err := p.Run(ctx, open(t, path))
		if d := (*capture.DamagedError)(nil); !errors.As(err, &d) {
			t.Errorf("%d workers: Run = %v", workers, err)
		}
		if s := summaryOf(t, p); s.Programs[0].Status != "running" || s.Programs[0].Packets != s.Packets.Read || s.Packets.Read < 2000 {
			t.Errorf("%d workers: %s after %d packets of %d: %s", workers, s.Programs[0].Status, s.Programs[0].Packets, s.Packets.Read, s.Programs[0].Error)
		}
	}
}
