package capture

import (
	"fmt"
	"math"
	"path/filepath"
	"testing"
	"time"

	"github.com/streamon/streamon/runtime/packet"
)

// flight is how many batches the tests have at a time.
const flight = 4

// TestNextFramesKeepsBatches checks on every capture that batches still are what was
// read when three more have been read, and when they are decoded again.
func TestNextFramesKeepsBatches(t *testing.T) {
	for _, piece := range []int{700, 8 << 10, pieceBytes} {
		t.Run(fmt.Sprint("pieces of ", piece), func(t *testing.T) { testKeepsBatches(t, piece) })
	}
}

// isHeadOf reports whether h is the head of p, where it says that it is valid.
func isHeadOf(h *packet.Head, p *packet.Packet) bool {
	want := p.Head()
	switch {
	case h.Has&packet.IPLayer == 0:
		return h.Has == want.Has && h.Len == want.Len && h.Time == want.Time
	case h.Has&(packet.TCP|packet.UDP) == 0:
		return h.Has == want.Has && h.Len == want.Len && h.Time == want.Time && h.Src == want.Src && h.Dst == want.Dst && h.Proto == want.Proto
	case h.Has&packet.TCP == 0:
		want.TCPFlags, want.TCPWindow = h.TCPFlags, h.TCPWindow
	}
	return *h == want
}

func testKeepsBatches(t *testing.T, piece int) {
	inPieces(t, piece)
	var dec packet.Decoder
	flying, batch, again := make([]Frames, flight), new(packet.Batch), new(packet.Batch)
	heads, oddHeads, headed := new(packet.Heads), new(packet.Heads), 0
	odd, runs := Wanted{}, 0
	for i := range odd {
		odd[i] = 0xaaaaaaaaaaaaaaaa
	}
	for _, tr := range truths(t) {
		frames, end := readFile(t, tr.File)
		if end == "refused" {
			continue
		}
		for name, wrap := range map[string]func(Source) Source{
			"plain":  func(s Source) Source { return s },
			"opaque": func(s Source) Source { return struct{ Source }{s} },
			"joined": func(s Source) Source { return Concat(s) },
		} {
			src, err := Open(filepath.Join(tracesDir, tr.File))
			if err != nil {
				t.Fatal(err)
			}
			b := NewBatcher(wrap(src), &dec)
			n, read := 0, 0
			newest := packet.Time(math.MinInt64)
			check := func(f *Frames) {
				f.Decode(&dec, batch)
				times, isHeaded := f.DecodeHeads(&dec, heads)
				if isHeaded {
					headed++
					if heads.N != batch.N {
						t.Fatalf("%s, %s: %d heads of %d packets", tr.File, name, heads.N, batch.N)
					}
					if !f.HeadsAgain(&dec, oddHeads, batch.N, &odd) || oddHeads.N != batch.N {
						t.Fatalf("%s, %s: %d heads when decoded again, want %d", tr.File, name, oddHeads.N, batch.N)
					}
				}
				isRun := f.N > 0 && f.DecodeAgain(&dec, again, batch.N, &odd)
				if isRun {
					runs++
					if again.N != batch.N {
						t.Fatalf("%s, %s: %d packets when decoded again, want %d", tr.File, name, again.N, batch.N)
					}
				}
				for i := range batch.Packets[:batch.N] {
					p, want := &batch.Packets[i], &frames[n]
					newest = max(newest, want.Time)
					if string(p.Data) != string(want.Data) || p.Time != newest || p.Len != want.WireLen || p.Link != want.Link || p.Iface != want.Iface {
						t.Fatalf("%s, %s: packet %d differs when three more batches were read", tr.File, name, n+1)
					}
					if q := &again.Packets[i]; isRun && (again.Time(i) != p.Time || i%2 != 0 && (q.Time != p.Time || string(q.Data) != string(p.Data) || q.Len != p.Len || q.Link != p.Link || q.Iface != p.Iface || q.Has != p.Has)) {
						t.Fatalf("%s, %s: packet %d differs when decoded again", tr.File, name, n+1)
					}
					if h := &heads.Of[i]; isHeaded && (times[i] != p.Time || !isHeadOf(h, p)) {
						t.Fatalf("%s, %s: head of packet %d differs: %+v", tr.File, name, n+1, *h)
					}
					if h := &oddHeads.Of[i]; isHeaded && (oddHeads.Time(i) != p.Time || i%2 != 0 && !isHeadOf(h, p)) {
						t.Fatalf("%s, %s: head of packet %d differs when decoded again: %+v", tr.File, name, n+1, *h)
					}
					n++
				}
				f.N = 0
			}
			for err == nil {
				check(&flying[read%flight]) // the oldest one, of flight batches ago
				err = b.NextFrames(&flying[read%flight])
				read++
			}
			for range flight {
				check(&flying[read%flight])
				read++
			}
			if n != len(frames) {
				t.Errorf("%s, %s: %d packets in batches, want %d", tr.File, name, n, len(frames))
			}
			src.Close()
		}
	}
	if runs == 0 {
		t.Error("no batch was a run")
	}
	if isHeaded := headed > 0; isHeaded != packet.HasKernel(packet.LinkEthernet, 0) {
		t.Errorf("%d batches had heads", headed)
	}
}

// TestLimit: no time is later than the limit, whatever the frames are.
func TestLimit(t *testing.T) {
	for name, wrap := range map[string]func(Source) Source{
		"runs":   func(s Source) Source { return s },
		"frames": func(s Source) Source { return struct{ Source }{s} },
	} {
		src, err := Open("../../testdata/pcap/p2p-gnutella.pcap")
		if err != nil {
			t.Fatal(err)
		}
		defer src.Close()
		src = wrap(src)
		var dec packet.Decoder
		b, f, batch := NewBatcher(src, &dec), new(Frames), new(packet.Batch)
		for range 3 {
			if err := b.NextFrames(f); err != nil {
				t.Fatal(err)
			}
			f.Decode(&dec, batch)
			most := batch.Packets[batch.N/2].Time
			f.Limit(most)
			again := new(packet.Batch)
			f.Decode(&dec, again)
			for i := range again.Packets[:batch.N] {
				if got, want := again.Packets[i].Time, min(batch.Packets[i].Time, most); got != want {
					t.Fatalf("%s: packet %d at %d, want %d", name, i, got, want)
				}
			}
		}
	}
}

// lasting is a source whose frames are valid until it is closed, if it says so.
type lasting struct {
	Source
	says bool
	data []byte
}

func (l *lasting) Lasts() bool { return l.says }

func (l *lasting) Next(f *Frame) error {
	if err := l.Source.Next(f); err != nil {
		return err
	}
	n := len(l.data)
	l.data = append(l.data, f.Data...)
	f.Data = l.data[n:len(l.data):len(l.data)]
	return nil
}

// TestNextFramesCopies: frames are copied unless they last.
func TestNextFramesCopies(t *testing.T) {
	for _, says := range []bool{true, false} {
		t.Run(fmt.Sprintf("lasts %v", says), func(t *testing.T) {
			src := &lasting{Source: &memSource{frames: framesAt(1, 2, 3)}, says: says, data: make([]byte, 0, 100)}
			var dec packet.Decoder
			var f Frames
			var batch packet.Batch
			if err := NewBatcher(src, &dec).NextFrames(&f); err != nil || f.N != 3 {
				t.Fatalf("NextFrames = %v, %d frames", err, f.N)
			}
			f.Decode(&dec, &batch)
			if shares := &batch.Packets[0].Data[0] == &src.data[0]; shares != says {
				t.Errorf("the batch has the source's own bytes: %v, want %v", shares, says)
			}
			if copied := len(f.arena) > 0; copied == says {
				t.Errorf("the arena holds a copy: %v, want %v", copied, !says)
			}
		})
	}
}

func TestNextFramesDoesNotAllocate(t *testing.T) {
	var dec packet.Decoder
	src, err := NewSource("mem", &repeatReader{head: largest(t)[:24], body: largest(t)[24:]})
	if err != nil {
		t.Fatal(err)
	}
	b := NewBatcher(src, &dec)
	flying, batch := make([]Frames, flight), new(packet.Batch)
	i := 0
	next := func() {
		f := &flying[i%flight]
		if err := b.NextFrames(f); err != nil {
			t.Fatal(err)
		}
		f.Decode(&dec, batch)
		i++
	}
	for range 400 {
		next()
	}
	if n := testing.AllocsPerRun(200, next); n != 0 {
		t.Errorf("NextFrames and Decode allocate %v times a batch, want 0", n)
	}
}

// TestReady: a source that holds packets back is ready when one is due.
func TestReady(t *testing.T) {
	var dec packet.Decoder
	src := &gated{Source: &memSource{frames: framesAt(1)}}
	b := NewBatcher(src, &dec)
	var batch packet.Batch
	if b.Ready() {
		t.Error("ready though no packet is due")
	}
	src.open = true
	if !b.Ready() {
		t.Error("not ready though a packet is due")
	}
	b.Next(&batch)
	b.Next(&batch) // the end
	src.open = false
	if !b.Ready() {
		t.Error("not ready though the source has ended")
	}
	if plain := NewBatcher(&memSource{frames: framesAt(math.MaxInt64)}, &dec); !plain.Ready() {
		t.Error("a source without a pace is not ready")
	}
}

// gated is a source whose packets are due when it is open.
type gated struct {
	Source
	open bool
}

func (g *gated) due(time.Duration) bool { return g.open }
