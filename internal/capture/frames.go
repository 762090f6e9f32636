package capture

import (
	"runtime/debug"

	"github.com/streamon/streamon/runtime/packet"
)

// Frames is a batch that is not decoded yet. A Batcher fills it, and then any one
// goroutine decodes it: that is most of the work, so several batches are decoded at a
// time. The zero Frames is ready, and can be used again.
type Frames struct {
	N  int // frames, in packet time that does not run back
	of [packet.BatchSize]Frame

	arena  []byte  // copies of them, unless those of the source last
	unread int     // frames at the end that turned out to be unreadable
	fault  uintptr // address at which that showed
}

// NextFrames is Next without decoding, for callers that have several batches at a time:
// what f holds is valid until the next call with it, and until the source is closed.
// Frames are copied, unless those of the source are valid that long. When f has been
// decoded, and before it is filled again, the caller has to call Done.
func (b *Batcher) NextFrames(f *Frames) (err error) {
	b.into = &f.arena
	if b.lasts {
		b.into = nil
	}
	f.N, f.unread = 0, 0
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer b.caught(&f.N, &err)
	b.begin()
	for bytes := 0; f.N < packet.BatchSize && bytes < batchBytes && b.read(&f.of[f.N], f.N == 0); f.N++ {
		bytes += len(f.of[f.N].Data)
	}
	return b.ended(f.N)
}

// Time is the packet time of frame i, 0 … N-1.
func (f *Frames) Time(i int) packet.Time { return f.of[i].Time }

// Decode fills batch with all frames. If one can no longer be read, since its file was
// cut off, they end before it.
func (f *Frames) Decode(dec *packet.Decoder, batch *packet.Batch) {
	batch.N = 0
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if r := recover(); r != nil {
			fault, ok := r.(interface{ Addr() uintptr })
			if !ok {
				panic(r)
			}
			f.fault, f.unread = fault.Addr(), f.N-batch.N
		}
	}()
	for ; batch.N < f.N; batch.N++ {
		e := &f.of[batch.N]
		p := &batch.Packets[batch.N]
		dec.Decode(p, e.Link, e.Data, e.WireLen, e.Time)
		p.Iface = e.Iface
	}
}

// Done takes note of frames that have been decoded, in the order in which they were
// read: the source is told of those that could not be read. It panics if that was no
// fault of the source.
func (b *Batcher) Done(f *Frames) {
	if f.unread == 0 {
		return
	}
	src, ok := b.src.(faulter)
	if !ok || src.faulted(f.fault, f.unread) == nil {
		panic("capture: decoding read memory that is not there")
	}
	b.total -= int64(f.unread)
}
