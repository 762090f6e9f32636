package capture

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"testing"
	"time"

	"github.com/streamon/streamon/runtime/packet"
)

const liveTrace = "../../testdata/pcap/p2p-gnutella.pcap"

// TestLiveYieldsTheSame reads a capture directly and live, whole and damaged.
func TestLiveYieldsTheSame(t *testing.T) {
	text, err := os.ReadFile(liveTrace)
	if err != nil {
		t.Fatal(err)
	}
	for _, data := range [][]byte{text, text[:len(text)-5], text[:24]} {
		plain, err := NewSource("x", bytes.NewReader(data))
		if err != nil {
			t.Fatal(err)
		}
		src, err := NewSource("x", bytes.NewReader(data))
		if err != nil {
			t.Fatal(err)
		}
		live := Live(context.Background(), src)
		for n := 0; ; n++ {
			var want, got Frame
			errWant, errGot := plain.Next(&want), live.Next(&got)
			if errWant != nil {
				if errGot == nil || errGot.Error() != errWant.Error() || len(Damages(errGot)) != len(Damages(errWant)) {
					t.Errorf("%d bytes: the end is %v, want %v", len(data), errGot, errWant)
				}
				break
			}
			same := got.Time == want.Time && got.WireLen == want.WireLen && got.Link == want.Link && bytes.Equal(got.Data, want.Data)
			if errGot != nil || !same {
				t.Fatalf("%d bytes: frame %d differs: %v", len(data), n, errGot)
			}
		}
		live.Close()
	}
}

// TestLiveDoesNotWait writes packets to a pipe, one and then 300, and expects each
// batch without a packet more.
func TestLiveDoesNotWait(t *testing.T) {
	text, err := os.ReadFile(liveTrace)
	if err != nil {
		t.Fatal(err)
	}
	plain, err := NewSource("x", bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	var f Frame
	if err := plain.Next(&f); err != nil {
		t.Fatal(err)
	}
	first := 24 + 16 + len(f.Data) // header and first record
	r, w := io.Pipe()
	feed := make(chan []byte)
	go func() {
		for data := range feed {
			w.Write(data)
		}
	}()
	feed <- text[:first]
	src, err := NewSource("pipe", r)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	live := Live(ctx, src)
	b := NewBatcher(live, new(packet.Decoder))
	batch := new(packet.Batch)
	read := func(want int64) {
		t.Helper()
		for deadline := time.Now().Add(10 * time.Second); b.Packets() < want; {
			if err := b.Next(batch); err != nil || time.Now().After(deadline) {
				t.Fatalf("%d packets, %v, want %d", b.Packets(), err, want)
			}
		}
	}
	read(1)
	if err := b.Next(batch); err != nil || batch.N != 0 {
		t.Fatalf("Next with nothing to read = %d packets, %v, want an empty batch", batch.N, err)
	}
	feed <- text[first:]
	read(3905)
	cancel()
	for err = nil; err == nil; {
		err = b.Next(batch)
	}
	if !errors.Is(err, context.Canceled) {
		t.Errorf("the end is %v, want that of the context", err)
	}
	live.Close()
	r.Close()
}

// endless is a source that never ends.
type endless struct{ n chan int }

func (e endless) Next(f *Frame) error {
	e.n <- 1
	f.Data = make([]byte, 100)
	return nil
}
func (endless) Close() error { return nil }
func (endless) Name() string { return "endless" }

// TestLiveIsBounded checks that reading ahead stops, and that Close ends it.
func TestLiveIsBounded(t *testing.T) {
	src := endless{make(chan int)}
	live := Live(context.Background(), src)
	for range aheadFrames + 1 { // one more is read and has to wait
		<-src.n
	}
	select {
	case <-src.n:
		t.Errorf("more than %d frames are read ahead", aheadFrames)
	case <-time.After(50 * time.Millisecond):
	}
	live.Close()
	var f Frame
	for i := range aheadFrames {
		if err := live.Next(&f); err != nil || len(f.Data) != 100 {
			t.Fatalf("frame %d: %d bytes, %v", i, len(f.Data), err)
		}
	}
	if err := live.Next(&f); err == nil {
		t.Error("Next after Close = nil, want an error")
	}
}
