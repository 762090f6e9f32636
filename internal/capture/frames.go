package capture

import (
	"fmt"
	"math"
	"runtime/debug"

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
	loss  Loss
}

// Loss is frames that were read and could not be decoded, since their file was cut off
// in between, or none but one of which not all bytes could be read. The zero Loss is none.
type Loss struct {
	Frames int
	addr   uintptr // at which that showed
}

// Any reports whether something could not be read: then the Batcher is to be told.
func (l Loss) Any() bool { return l.addr != 0 }

// Guard calls f, which looks at bytes of frames. Where f comes to one that can no longer be
// read, its file being cut off, it ends.
func Guard(f func()) (loss Loss) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if r := recover(); r != nil {
			loss = Loss{addr: addrOf(r)}
		}
	}()
	f()
	return Loss{}
}

// NextFrames is Next without decoding, for callers that have several batches at a time:
// what f holds is valid until the next call with it, and until the source is closed.
// Frames are copied, unless those of the source are valid that long.
func (b *Batcher) NextFrames(f *Frames) (err error) {
	b.into = &f.arena
	if b.lasts {
		b.into = nil
	}
	f.N, f.run.form, f.loss = 0, nil, Loss{}
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer b.caught(&f.N, &err)
	b.begin()
	if b.nextRun(f) {
		return b.ended(f.N)
	}
	for bytes := 0; f.N < packet.BatchSize && bytes < batchBytes && b.read(&f.of[f.N], f.N == 0); f.N++ {
		bytes += len(f.of[f.N].Data)
	}
	return b.ended(f.N)
}

// Decode fills batch with all frames. If one can no longer be read, since its file was
// cut off, they end before it.
func (f *Frames) Decode(dec *packet.Decoder, batch *packet.Batch) {
	if addr, ok := f.decode(dec, batch, f.N, &wantAll); !ok {
		f.loss = Loss{f.N - batch.N, addr}
	}
}

// Wanted is a set of packets of a batch: bit i%64 of word i/64 is packet i.
type Wanted [packet.BatchSize / 64]uint64

// has reports whether packet i is in the set.
func (w *Wanted) has(i int) bool { return w[i>>6&3]>>(i&63)&1 != 0 }

// between is how many packets of the set have numbers from from to below to.
func (w *Wanted) between(from, to int) (n int) {
	for i := from; i < to; i++ {
		if w.has(i) {
			n++
		}
	}
	return n
}

// wantAll is every packet.
var wantAll = Wanted{math.MaxUint64, math.MaxUint64, math.MaxUint64, math.MaxUint64}

// Limit makes times later than most that. Nobody else may look at f yet.
func (f *Frames) Limit(most packet.Time) {
	if f.run.form != nil {
		f.run.limit(most)
		return
	}
	for i := f.N - 1; i >= 0 && f.of[i].Time > most; i-- {
		f.of[i].Time = most
	}
}

// DecodeHeads fills heads with those of all frames, and says when they came. It is for those
// who then decode what they need (DecodeAgain): it reports false, and heads is nothing, if
// there would be no gain, frames being no run or one that has no kernel, or if one
// can no longer be read. Then Decode says more.
func (f *Frames) DecodeHeads(dec *packet.Decoder, heads *packet.Heads) (times *[packet.BatchSize]packet.Time, ok bool) {
	if !f.decodeHeads(dec, heads, f.N, &wantAll) {
		return nil, false
	}
	return heads.Times, true
}

// HeadsAgain fills heads with those of the first n frames that are wanted, which DecodeHeads
// has read: it is to that what DecodeAgain is to Decode. Of the others heads has the times
// only (heads.Time). If one can no longer be read it reports false, and heads is nothing.
// Several goroutines may call it at a time.
func (f *Frames) HeadsAgain(dec *packet.Decoder, heads *packet.Heads, n int, want *Wanted) (ok bool) {
	return f.decodeHeads(dec, heads, n, want)
}

// decodeHeads fills heads with those of the first n frames that are wanted.
func (f *Frames) decodeHeads(dec *packet.Decoder, heads *packet.Heads, n int, want *Wanted) (ok bool) {
	if f.run.form == nil {
		return false
	}
	records, ok := f.run.form.plain(&f.run)
	if !ok || !packet.AsksAhead(records.Link, records.Iface) {
		return false
	}
	heads.N, heads.Plain, heads.Times = 0, packet.Plain{}, &f.run.times
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if r := recover(); r != nil {
			addrOf(r)
			ok = false
		}
	}()
	f.run.decodeHeads(dec, &records, heads, n, want)
	heads.N = n
	return true
}

// FaultAt returns the address of a fault, if that is what was recovered.
func FaultAt(recovered any) (addr uintptr, ok bool) {
	if fault, ok := recovered.(interface{ Addr() uintptr }); ok {
		return fault.Addr(), true
	}
	return 0, false
}

// addrOf returns the address of a fault; another panic goes on.
func addrOf(r any) uintptr {
	addr, ok := FaultAt(r)
	if !ok {
		panic(r)
	}
	return addr
}

// DecodeAgain fills batch with those of the first n frames that are wanted, which Decode or
// DecodeHeads has read; of the others it has the times only (batch.Time), and what their
// places hold is anything. It reports false if that would be no gain (batch is as it was then)
// or one can no longer be read: those before number batch.N are there, and loss is the
// wanted ones that are not. Several goroutines may call it at a time.
//
// What a processor has decoded is in its own cache: three lines a packet that another one
// would have to fetch, and the first one to fetch back for the next batch. To
// decode a run anew is cheaper. Of other frames each is a line too.
func (f *Frames) DecodeAgain(dec *packet.Decoder, batch *packet.Batch, n int, want *Wanted) (loss Loss, ok bool) {
	if f.run.form == nil {
		return Loss{}, false
	}
	addr, ok := f.decode(dec, batch, n, want)
	batch.Times = &f.run.times
	if !ok {
		loss = Loss{want.between(batch.N, n), addr}
	}
	return loss, ok
}

// decode decodes the first n frames, up to one that cannot be read: then it returns the
// address and false.
func (f *Frames) decode(dec *packet.Decoder, batch *packet.Batch, n int, want *Wanted) (addr uintptr, ok bool) {
	if addr, ok = f.tryDecode(dec, batch, n, want, false); !ok && f.run.form != nil {
		addr, ok = f.tryDecode(dec, batch, n, want, true)
	}
	return addr, ok
}

// tryDecode is decode, singly or not.
func (f *Frames) tryDecode(dec *packet.Decoder, batch *packet.Batch, n int, want *Wanted, singly bool) (addr uintptr, ok bool) {
	batch.N, batch.Plain, batch.Times = 0, packet.Plain{}, nil
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if r := recover(); r != nil {
			addr, ok = addrOf(r), false
		}
	}()
	if f.run.form != nil {
		f.run.decode(dec, batch, n, want, singly)
		return 0, true
	}
	for ; batch.N < n; batch.N++ {
		e := &f.of[batch.N]
		p := &batch.Packets[batch.N]
		dec.Decode(p, e.Link, e.Data, e.WireLen, e.Time)
		p.Iface = e.Iface
		batch.Plain.Take(p, batch.N)
	}
	return 0, true
}

// Loss is what Decode did not get at: the caller has to tell the Batcher.
func (f *Frames) Loss() Loss { return f.loss }

// Lost takes note of what could not be read: the source is told, and so ends in
// damage. It panics if that was no fault of the source.
func (b *Batcher) Lost(l Loss) {
	if !l.Any() {
		return
	}
	src, ok := b.src.(faulter)
	if !ok || src.faulted(l.addr, l.Frames) == nil {
		panic(fmt.Sprintf("capture: what looks at packets read memory that is not there, at %#x", l.addr))
	}
	b.total -= int64(l.Frames)
	if b.err != nil {
		b.err = b.src.Next(&b.frame)
	}
}

// Err is what ended the source, nil if nothing did yet.
func (b *Batcher) Err() error { return b.err }
