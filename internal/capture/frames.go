package capture

import (
	"math"

	"github.com/streamon/streamon/runtime/packet"
)

// Frames is a batch that is not decoded yet. A Batcher fills it, then one goroutine
// decodes it: that is most of the work, so several batches are decoded at a time. Then
// others may decode it for themselves, or all do and it fills heads only. The zero Frames is
// ready, and can be used again.
type Frames struct {
	N   int // frames, in packet time that does not run back
	run run // they are in, if it has a form; else
	of  [packet.BatchSize]Frame

	arena []byte // copies of them, unless those of the source last
}

// NextFrames is Next without decoding, for callers that have several batches at a time:
// what f holds is valid until the next call with it. Frames are copied, unless
// those of the source are valid until it is closed.
func (b *Batcher) NextFrames(f *Frames) error {
	b.into = &f.arena
	if b.lasts {
		b.into = nil
	}
	b.empty(f)
	b.begin()
	if b.nextRun(f) {
		return b.ended(f.N)
	}
	for bytes := 0; f.N < packet.BatchSize && bytes < batchBytes && b.read(&f.of[f.N], f.N == 0); f.N++ {
		bytes += len(f.of[f.N].Data)
	}
	return b.ended(f.N)
}

// Decode fills batch with all frames.
func (f *Frames) Decode(dec *packet.Decoder, batch *packet.Batch) {
	batch.Plain, batch.Times = packet.Plain{}, nil
	if f.run.form != nil {
		f.run.decode(dec, batch, f.N, &wantAll)
		return
	}
	batch.N = f.N
	for i := range f.of[:f.N] {
		e := &f.of[i]
		p := &batch.Packets[i]
		dec.Decode(p, e.Link, e.Data, e.WireLen, e.Time)
		p.Iface = e.Iface
		batch.Plain.Take(p, i)
	}
}

// Wanted is a set of packets of a batch: bit i%64 of word i/64 is packet i.
type Wanted [packet.BatchSize / 64]uint64

// wantAll is every packet.
var wantAll = Wanted{math.MaxUint64, math.MaxUint64, math.MaxUint64, math.MaxUint64}

// Limit makes times later than most that. Nobody else may look at f yet.
func (f *Frames) Limit(most packet.Time) {
	if f.run.form != nil {
		f.run.limit(f.N, most)
		return
	}
	for i := f.N - 1; i >= 0 && f.of[i].Time > most; i-- {
		f.of[i].Time = most
	}
}

// DecodeHeads fills heads with those of all frames, and says when they came. It is for those
// who then decode what they need (DecodeAgain): it reports false, and heads is nothing, if
// there would be no gain, frames being no run or one that has no kernel.
func (f *Frames) DecodeHeads(dec *packet.Decoder, heads *packet.Heads) (times *[packet.BatchSize]packet.Time, ok bool) {
	if !f.HeadsAgain(dec, heads, f.N, &wantAll) {
		return nil, false
	}
	return heads.Times, true
}

// HeadsAgain fills heads with those of the first n frames that are wanted, which DecodeHeads
// has read: it is to that what DecodeAgain is to Decode. Of the others heads has the times
// only (heads.Time). Several goroutines may call it at a time.
func (f *Frames) HeadsAgain(dec *packet.Decoder, heads *packet.Heads, n int, want *Wanted) (ok bool) {
	if f.run.form == nil {
		return false
	}
	records, ok := f.run.form.plain(&f.run)
	if !ok || !packet.HasKernel(records.Link, records.Iface) {
		return false
	}
	heads.Plain, heads.Times = packet.Plain{}, &f.run.times
	f.run.decodeHeads(dec, &records, heads, n, want)
	return true
}

// DecodeAgain fills batch with those of the first n frames that are wanted, which Decode or
// DecodeHeads has read; of the others it has the times only (batch.Time), and what their
// places hold is anything. It reports false if that would be no gain: then batch is as it
// was. Several goroutines may call it at a time.
//
// What a processor has decoded is in its own cache: three lines a packet that another one
// would have to fetch, and the first one to fetch back for the next batch. To
// decode a run anew is cheaper. Of other frames each is a line too.
func (f *Frames) DecodeAgain(dec *packet.Decoder, batch *packet.Batch, n int, want *Wanted) (ok bool) {
	if f.run.form == nil {
		return false
	}
	batch.Plain, batch.Times = packet.Plain{}, &f.run.times
	f.run.decode(dec, batch, n, want)
	return true
}

// Err is what ended the source, nil if nothing did yet.
func (b *Batcher) Err() error { return b.err }
