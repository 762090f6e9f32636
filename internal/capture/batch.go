package capture

import (
	"math"
	"runtime/debug"
	"time"

	"github.com/streamon/streamon/runtime/packet"
)

const (
	// batchBytes ends a batch early, so that a run of huge packets does not
	// pile up in memory.
	batchBytes = 2 << 20
	// maxWait is how long Batcher.Next waits for a paced source before it
	// returns an empty batch.
	maxWait = 100 * time.Millisecond
)

// A Batcher decodes the packets of a source into batches, in packet time that
// never runs back. It allocates nothing per packet. One goroutine uses it.
type Batcher struct {
	src  Source
	dec  *packet.Decoder
	keep keeper // src, if its frames can be made to stay; else nil and they are copied
	pace pacer  // src, if it can say whether a packet is due; else nil

	lasts  bool   // frames are valid until src is closed
	arena  Arena  // of Next
	into   *Arena // where the frames of the batch are copied; nil = they stay
	frame  Frame
	newest packet.Time
	late   int64
	total  int64
	err    error // what ended the source; returned once the last batch is out
}

// An Arena holds copies of the frames of one batch. It grows to what the largest
// batch needs, and is then used again. The zero Arena is ready.
type Arena struct{ data []byte }

// laster is a source that can say whether its frames are valid until Close.
type laster interface{ lasts() bool }

// NewBatcher returns a Batcher that reads src and decodes with dec. It takes over
// neither: the caller closes src when the last batch is done with.
func NewBatcher(src Source, dec *packet.Decoder) *Batcher {
	b := &Batcher{src: src, dec: dec, newest: math.MinInt64}
	b.pace, _ = src.(pacer)
	if l, ok := src.(laster); ok {
		b.lasts = l.lasts()
	}
	if k, ok := src.(keeper); ok {
		k.hold()
		b.keep = k
	}
	return b
}

// Next fills batch with up to packet.BatchSize decoded packets; what they point
// to is valid until the next call. A packet older than the newest one gets the
// newest time. The error that ends the source comes alone, after the last batch.
//
// A paced source hands over what is due: if nothing is for a while, Next returns
// nil and an empty batch, so that the caller can see to other things.
func (b *Batcher) Next(batch *packet.Batch) error {
	b.into = nil
	if b.keep == nil && !b.lasts {
		b.into = &b.arena
		if b.arena.data == nil {
			b.arena.data = make([]byte, 0, batchBytes+maxPacketBytes)
		}
	}
	return b.fill(batch)
}

// NextIn is Next for callers that have several batches at a time: what batch points
// to is valid until the next call with the same arena, and until the source is closed.
// Frames are copied to it, unless those of the source are valid that long.
func (b *Batcher) NextIn(batch *packet.Batch, arena *Arena) error {
	b.into = arena
	if b.lasts {
		b.into = nil
	}
	return b.fill(batch)
}

// Ready reports whether Next would return at once, be it with an error.
func (b *Batcher) Ready() bool { return b.err != nil || b.pace == nil || b.pace.due(0) }

func (b *Batcher) fill(batch *packet.Batch) (err error) {
	batch.N = 0
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer b.caught(batch, &err)
	if b.err != nil {
		return b.err
	}
	if b.keep != nil {
		b.keep.release()
	}
	if b.into != nil {
		b.into.data = b.into.data[:0]
	}
	for bytes := 0; batch.N < packet.BatchSize && bytes < batchBytes; batch.N++ {
		if b.pace != nil && !b.due(batch.N == 0) {
			break
		}
		if b.err = b.src.Next(&b.frame); b.err != nil {
			break
		}
		b.decode(&batch.Packets[batch.N])
		bytes += len(b.frame.Data)
	}
	b.total += int64(batch.N)
	if batch.N == 0 {
		return b.err
	}
	return nil
}

// caught is deferred by fill. A frame that can no longer be read, since its file was
// cut off, ends the batch before it; the source says next time that it is damaged.
func (b *Batcher) caught(batch *packet.Batch, err *error) {
	r := recover()
	if r == nil {
		return
	}
	if fault, ok := r.(interface{ Addr() uintptr }); ok {
		if src, ok := b.src.(faulter); ok && src.faulted(fault.Addr()) != nil {
			b.total += int64(batch.N)
			*err = nil
			return
		}
	}
	panic(r)
}

// due reports whether src has a packet, or its end, for this moment. Only the
// first packet of a batch is waited for.
func (b *Batcher) due(first bool) bool {
	wait := time.Duration(0)
	if first {
		wait = maxWait
	}
	return b.pace.due(wait)
}

// decode reads b.frame into p, at a time that is not before the newest.
func (b *Batcher) decode(p *packet.Packet) {
	f := &b.frame
	if a := b.into; a != nil {
		n := len(a.data)
		a.data = append(a.data, f.Data...)
		f.Data = a.data[n:len(a.data):len(a.data)]
	}
	ts := f.Time
	if ts < b.newest {
		ts = b.newest
		b.late++
	}
	b.newest = ts
	b.dec.Decode(p, f.Link, f.Data, f.WireLen, ts)
	p.Iface = f.Iface
}

// Late is the number of packets so far that were older than one before them.
func (b *Batcher) Late() int64 { return b.late }

// Packets is the number of packets handed out so far.
func (b *Batcher) Packets() int64 { return b.total }

// Newest is the time of the last packet, math.MinInt64 before the first.
func (b *Batcher) Newest() packet.Time { return b.newest }
