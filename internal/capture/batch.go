package capture

import (
	"math"
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

// A Batcher reads the packets of a source in batches, in packet time that never runs
// back. It allocates nothing per packet. One goroutine uses it.
type Batcher struct {
	src  Source
	dec  *packet.Decoder
	keep keeper // src, if its frames can be made to stay; else nil and they are copied
	pace pacer  // src, if it can say whether a packet is due; else nil
	runs runner // src, if it may have runs; else nil

	shelf  *shelf  // of blocks that files are read into
	lasts  bool    // frames are valid until src is closed
	arena  []byte  // copies of the frames that Next hands out
	into   *[]byte // where the frames of the batch are copied; nil = they stay
	frame  Frame   // of Next
	frames *Frames // of Next, of a source that has runs; nil = it has none
	steps  steps   // of nextRun
	newest packet.Time
	late   int64
	total  int64
	err    error // what ended the source; returned once the last batch is out
}

// laster is a source that can say whether its frames are valid until Close, at the first
// question for good. Those of other sources are copied where they have to last.
type laster interface{ Lasts() bool }

// NewBatcher returns a Batcher that reads src and decodes with dec. It takes over
// neither: the caller closes src when the last batch is done with.
func NewBatcher(src Source, dec *packet.Decoder) *Batcher {
	b := &Batcher{src: src, dec: dec, newest: math.MinInt64, shelf: newShelf()}
	b.pace, _ = src.(pacer)
	b.runs, _ = src.(runner)
	if l, ok := src.(laster); ok {
		b.lasts = l.Lasts()
	}
	if b.pace != nil {
		b.runs = nil
	}
	if b.runs != nil {
		b.frames = new(Frames)
	}
	if k, ok := src.(keeper); ok {
		k.hold(b.shelf)
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
	if b.nextOwn() {
		b.Whole(batch)
		return b.ended(batch.N)
	}
	return b.fill(batch)
}

// NextHeads is Next, or fills h with the heads of the packets and reports that it did: then
// batch has only their number and times, until Whole is called. Times later than most become that.
func (b *Batcher) NextHeads(h *packet.Heads, batch *packet.Batch, most packet.Time) (isHeads bool, err error) {
	if !b.nextOwn() {
		return false, b.fill(batch)
	}
	b.frames.Limit(most)
	times, isHeads := b.frames.DecodeHeads(b.dec, h)
	if isHeads {
		batch.N, batch.Plain, batch.Times = h.N, packet.Plain{}, times
	} else {
		b.Whole(batch)
	}
	return isHeads, b.ended(batch.N)
}

// nextOwn makes ready for a batch, and reads it into the Batcher's own frames if it is a run.
func (b *Batcher) nextOwn() bool {
	b.into = nil
	if b.keep == nil && !b.lasts {
		b.into = &b.arena
		if b.arena == nil {
			b.arena = make([]byte, 0, batchBytes+maxPacketBytes)
		}
	}
	if b.frames == nil {
		b.begin()
		return false
	}
	b.empty(b.frames)
	b.begin()
	return b.nextRun(b.frames)
}

// fill fills batch with packets one after the other.
func (b *Batcher) fill(batch *packet.Batch) error {
	batch.N, batch.Plain, batch.Times = 0, packet.Plain{}, nil
	for bytes := 0; batch.N < packet.BatchSize && bytes < batchBytes && b.read(&b.frame, batch.N == 0); batch.N++ {
		f := &b.frame
		p := &batch.Packets[batch.N]
		b.dec.Decode(p, f.Link, f.Data, f.WireLen, f.Time)
		p.Iface = f.Iface
		batch.Plain.Take(p, batch.N)
		bytes += len(f.Data)
	}
	return b.ended(batch.N)
}

// Whole fills batch with the packets whose heads NextHeads has returned.
func (b *Batcher) Whole(batch *packet.Batch) { b.frames.Decode(b.dec, batch) }

// Forget lets go of the memory of the last batch: somebody may look at it still. What lies
// in a ring, or was read singly from a stream, may be written over nevertheless.
func (b *Batcher) Forget() {
	b.arena = nil
	if b.frames != nil {
		b.frames = new(Frames)
	}
}

// ReadAhead reads from the file what comes after the batches so far, if somebody has not done so
// or is at it. It is for callers with several goroutines: any of them may call it, also while
// another one has the Batcher.
func (b *Batcher) ReadAhead() { b.shelf.readAhead() }

// empty takes from f what it has.
func (b *Batcher) empty(f *Frames) {
	if f.run.block != nil {
		b.shelf.drop(f.run.block)
	}
	f.N, f.run.form, f.run.block = 0, nil, nil
}

// begin makes ready for a batch.
func (b *Batcher) begin() {
	if b.keep != nil {
		b.keep.release()
	}
	if b.into != nil {
		*b.into = (*b.into)[:0]
	}
}

// read reads the next frame of a batch to f, if there is one.
func (b *Batcher) read(f *Frame, first bool) bool {
	if b.err != nil || b.pace != nil && !b.due(first) {
		return false
	}
	if b.err = b.src.Next(f); b.err != nil {
		return false
	}
	if b.into != nil {
		n := len(*b.into)
		a := append(*b.into, f.Data...)
		f.Data, *b.into = a[n:len(a):len(a)], a
	}
	if f.Time < b.newest {
		f.Time = b.newest
		b.late++
	}
	b.newest = f.Time
	return true
}

// ended counts a batch of n packets, and returns the error that ended the source if
// there are none.
func (b *Batcher) ended(n int) error {
	b.total += int64(n)
	if n == 0 {
		return b.err
	}
	return nil
}

// An idler is a live source. Idle returns a time before which no packet will come any
// more, if there is none to be had now.
type idler interface{ Idle() (packet.Time, bool) }

// IsLive reports whether src goes on in time without packets.
func (b *Batcher) IsLive() bool {
	_, ok := b.src.(idler)
	return ok
}

// Idle returns the time that has come although there is no packet, if src is live and has
// none now: programs may act on it. Later packets are not older.
func (b *Batcher) Idle() (packet.Time, bool) {
	live, ok := b.src.(idler)
	if !ok || b.err != nil {
		return 0, false
	}
	t, ok := live.Idle()
	if !ok || t <= b.newest {
		return 0, false
	}
	b.newest = t
	return t, true
}

// Ready reports whether Next would return at once, be it with an error.
func (b *Batcher) Ready() bool { return b.err != nil || b.pace == nil || b.pace.due(0) }

// due reports whether src has a packet, or its end, for this moment. Only the
// first packet of a batch is waited for.
func (b *Batcher) due(first bool) bool {
	wait := time.Duration(0)
	if first {
		wait = maxWait
	}
	return b.pace.due(wait)
}

// Late is the number of packets so far that were older than one before them.
func (b *Batcher) Late() int64 { return b.late }

// Packets is the number of packets handed out so far.
func (b *Batcher) Packets() int64 { return b.total }

// Newest is the time of the last packet, math.MinInt64 before the first.
func (b *Batcher) Newest() packet.Time { return b.newest }
