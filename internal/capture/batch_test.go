package capture

import (
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/streamon/streamon/runtime/packet"
)

// memSource yields frames from memory, and reuses one buffer for all of them, as
// the contract of Source allows.
type memSource struct {
	frames []Frame
	buf    []byte
	end    error // io.EOF if nil
	closed bool
}

func (m *memSource) Name() string { return "mem" }
func (m *memSource) Close() error { m.closed = true; return nil }

func (m *memSource) Next(f *Frame) error {
	if len(m.frames) == 0 {
		if m.end != nil {
			return m.end
		}
		return io.EOF
	}
	*f = m.frames[0]
	m.buf = append(m.buf[:0], f.Data...)
	f.Data = m.buf
	m.frames = m.frames[1:]
	return nil
}

// framesAt returns one small frame for each time, its number in its bytes.
func framesAt(times ...packet.Time) []Frame {
	var list []Frame
	for i, t := range times {
		list = append(list, Frame{Time: t, Data: []byte{byte(i), byte(i >> 8), byte(i >> 16)}, WireLen: 60, Link: packet.LinkEthernet})
	}
	return list
}

func TestBatcherKeepsTimeMonotone(t *testing.T) {
	var dec packet.Decoder
	b := NewBatcher(&memSource{frames: framesAt(5, 3, 7, 6, 7, 8)}, &dec)
	var batch packet.Batch
	if err := b.Next(&batch); err != nil {
		t.Fatal(err)
	}
	want := []packet.Time{5, 5, 7, 7, 7, 8}
	if batch.N != len(want) {
		t.Fatalf("batch of %d packets, want %d", batch.N, len(want))
	}
	for i, p := range batch.Packets[:batch.N] {
		if p.Time != want[i] || p.Data[0] != byte(i) {
			t.Errorf("packet %d: time %d, number %d, want time %d", i, p.Time, p.Data[0], want[i])
		}
	}
	if b.Late() != 2 || b.Packets() != 6 || b.Newest() != 8 {
		t.Errorf("late %d, packets %d, newest %d, want 2, 6, 8", b.Late(), b.Packets(), b.Newest())
	}
	if err := b.Next(&batch); err != io.EOF || batch.N != 0 {
		t.Errorf("Next = %v with %d packets, want EOF with 0", err, batch.N)
	}
}

// TestBatcherDataStays checks on every capture that the packets of a whole batch
// still have the bytes they were read with, whichever way the source keeps them.
func TestBatcherDataStays(t *testing.T) {
	var dec packet.Decoder
	batch := new(packet.Batch)
	for _, tr := range truths(t) {
		path := filepath.Join(tracesDir, tr.File)
		frames, end := readFile(t, tr.File)
		if end == "refused" {
			continue
		}
		for name, wrap := range map[string]func(Source) Source{
			"kept":   func(s Source) Source { return s },
			"copied": func(s Source) Source { return struct{ Source }{s} },
			"joined": func(s Source) Source { return Concat(s) },
		} {
			src, err := Open(path)
			if err != nil {
				t.Fatal(err)
			}
			src = wrap(src)
			b := NewBatcher(src, &dec)
			n := 0
			for b.Next(batch) == nil {
				for _, p := range batch.Packets[:batch.N] {
					if string(p.Data) != string(frames[n].Data) {
						t.Fatalf("%s, %s: packet %d differs at the end of its batch", tr.File, name, n+1)
					}
					n++
				}
			}
			if n != len(frames) {
				t.Errorf("%s, %s: %d packets in batches, want %d", tr.File, name, n, len(frames))
			}
			src.Close()
		}
	}
}

// largest returns the bytes of the largest capture there is, a made-up one
// without the captures.
func largest(tb testing.TB) []byte {
	b, err := os.ReadFile(filepath.Join(tracesDir, "mix/goprobe-mix.pcap"))
	if err != nil {
		tb.Skipf("no captures in %s", tracesDir)
	}
	return b
}

func TestBatcherDoesNotAllocate(t *testing.T) {
	var dec packet.Decoder
	src, err := NewSource("mem", &repeatReader{head: largest(t)[:24], body: largest(t)[24:]})
	if err != nil {
		t.Fatal(err)
	}
	b := NewBatcher(src, &dec)
	batch := new(packet.Batch)
	for range 200 {
		if err := b.Next(batch); err != nil {
			t.Fatal(err)
		}
	}
	if n := testing.AllocsPerRun(200, func() { b.Next(batch) }); n != 0 {
		t.Errorf("Batcher.Next allocates %v times a batch, want 0", n)
	}
}

// repeatReader is a capture without end: a header, then the same records for ever.
type repeatReader struct {
	head, body []byte
	at         int
}

func (r *repeatReader) Read(p []byte) (int, error) {
	if len(r.head) > 0 {
		n := copy(p, r.head)
		r.head = r.head[n:]
		return n, nil
	}
	n := copy(p, r.body[r.at:])
	r.at = (r.at + n) % len(r.body)
	return n, nil
}
