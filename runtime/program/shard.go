package program

import (
	"runtime"
	"sync/atomic"

	"github.com/streamon/streamon/runtime/packet"
)

// Words. A program whose Manifest.Partition.OK holds can be run in *shards*: each
// shard is an instance of its own over memory of its own, and owns some of the
// entities. The *owner* of an event is the shard of its entity. A handler reads only
// what its owner owns; a *write* is an operation on what another shard may own (in
// p2p: the ports and peers of the destination), whose operands come from the packet
// alone. It is *certain* if the handler makes it whatever state the entity is in.
//
// For each batch one shard, whichever comes first, calls Steer, or SteerHeads, which fills
// Routes; then every shard runs ProcessShard on its own goroutine. A shard works through its packets
// in order: for each event it handles it, or makes the writes of the event that are
// its own. Those that are not certain wait until the owner has handled the event (Await),
// and are made if it has reached them (Said). Shards wait only for earlier packets, or for
// an earlier event of the same packet, so they cannot wait for each other in a circle.
//
// Results do not depend on how shards are spread over threads.

// Sharded is what an instance of a partitionable program offers.
type Sharded interface {
	Instance
	// Steer fills r, which is for this batch alone and was Reset, with the work of b.
	// It reads nothing that processing changes, so any instance can do it for any
	// batch, in any order, and all find the same. It belongs to the instance's
	// goroutine, as all its methods do. It does not allocate.
	Steer(b *packet.Batch, r *Routes)
	// ProcessShard does the work of this shard and then advances its clock to the
	// last packet of b. Each shard must be called for every batch, in order, also if
	// there is nothing for it. Of b the packets need be there that it has something to do
	// about, and the times of all. Records carry their Packet and Rank; v is this shard's own.
	ProcessShard(b *packet.Batch, r *Routes, v *Verdicts)
}

// HeadSteerer is what an instance offers whose Steer looks only at what a packet.Head has.
type HeadSteerer interface {
	Sharded
	// SteerHeads is Steer of the packets that have these heads.
	SteerHeads(h *packet.Heads, r *Routes)
}

// HeadSharded is what an instance offers besides that looks at nothing else at all.
type HeadSharded interface {
	HeadSteerer
	// ProcessShardHeads is ProcessShard of the packets that have these heads, all of them.
	ProcessShardHeads(h *packet.Heads, r *Routes, v *Verdicts)
}

// HeadProcessor is HeadSharded for a program that is not run in shards.
type HeadProcessor interface {
	Instance
	// ProcessHeads is Process of the packets that have these heads.
	ProcessHeads(h *packet.Heads, v *Verdicts)
}

// PartitionInfo says whether a program can be run in shards.
type PartitionInfo struct {
	OK     bool
	Why    string // if not OK: "p2p.smon:12:5: …", the first line that is in the way
	Writes int    // how many writes to other owners handlers have
	Awaits bool   // some of them are not certain
}

// Routes is the plan of one batch of one program: who does what. The host makes one
// for each batch that may be in flight, with NewRoutes. Packets come in chunks of 64,
// a bit each of a word.
type Routes struct {
	shards, events, width int
	bits                  []uint64 // by chunk and shard: a word for each event, then one for each write

	awaits bool // done and said are used
	done   []progress
	said   [packet.BatchSize]atomic.Uint64
}

// progress is the number of the last event that a shard has finished, on a cache
// line of its own.
type progress struct {
	at atomic.Uint64
	_  [56]byte
}

// MaxEvents bounds the events, and the writes, of a program in shards.
const MaxEvents = 64

const chunks = packet.BatchSize / 64

// NewRoutes returns empty routes for so many shards of a program.
func NewRoutes(m *Manifest, shards int) *Routes {
	width := (len(m.Events) + m.Partition.Writes + 7) &^ 7 // no line is two shards'
	return &Routes{
		shards: shards, events: len(m.Events), width: width, bits: make([]uint64, chunks*shards*width),
		awaits: m.Partition.Awaits, done: make([]progress, shards),
	}
}

// Reset empties r for the next batch. No shard may be at work with it.
func (r *Routes) Reset() {
	clear(r.bits)
	if !r.awaits {
		return
	}
	for s := range r.done {
		r.done[s].at.Store(0)
	}
	for i := range r.said {
		if r.said[i].Load() != 0 {
			r.said[i].Store(0)
		}
	}
}

// Give has a shard handle an event for the packets of a chunk that bits has.
func (r *Routes) Give(chunk, shard, event int, bits uint64) {
	r.bits[(chunk*r.shards+shard)*r.width+event] |= bits
}

// Pass has a shard make a write, 0 … 63 counted over all events of the program, for the
// packets of a chunk that bits has, where it does not handle the event itself: then
// its handler makes it.
func (r *Routes) Pass(chunk, shard, write int, bits uint64) {
	r.bits[(chunk*r.shards+shard)*r.width+r.events+write] |= bits
}

// Part is what a shard is to do about a chunk: a word for each event, then one for each
// write.
func (r *Routes) Part(chunk, shard int) []uint64 {
	from := (chunk*r.shards + shard) * r.width
	return r.bits[from : from+r.width]
}

// Due is the packets of a chunk that a shard has something to do about, a bit each.
func (r *Routes) Due(chunk, shard int) (due uint64) {
	for _, bits := range r.Part(chunk, shard) {
		due |= bits
	}
	return due
}

// Warm asks for what a shard will read of the packets of a chunk of b, which may have no
// such chunk: another processor may have decoded them.
func (r *Routes) Warm(b *packet.Batch, chunk, shard int) {
	if from := chunk * 64; from < b.N {
		packet.Warm(b.Packets[from:min(from+64, b.N)], r.Due(chunk, shard))
	}
}

// handler is the shard that handles an event for a packet.
func (r *Routes) handler(packet, event int) int {
	for s := range r.shards {
		if r.bits[(packet>>6*r.shards+s)*r.width+event]>>(packet&63)&1 != 0 {
			return s
		}
	}
	panic("a write of an event that nobody handles")
}

// Say records that the handler of an event reached a write of what another shard owns,
// which is not certain. It comes before Finish of the event.
func (r *Routes) Say(packet int, write uint) { r.said[packet].Or(1 << write) }

// Finish records that a shard is done with an event of a packet and all before it, for
// the shards that have writes of it which are not certain.
func (r *Routes) Finish(shard, packet, event int) {
	r.done[shard].at.Store(uint64(packet)*MaxEvents + uint64(event) + 1)
}

// FinishAll records that a shard is done with the batch, or will never be: the host
// calls it for a shard whose program has panicked.
func (r *Routes) FinishAll(shard int) { r.done[shard].at.Store(1 << 63) }

// Await waits until the shard that handles an event of a packet is done with it, and
// returns the writes that handlers of the packet reached so far, a bit each: those of
// that event are complete.
func (r *Routes) Await(packet, event int) uint64 {
	from := r.handler(packet, event)
	want := uint64(packet)*MaxEvents + uint64(event) + 1
	for n := 0; r.done[from].at.Load() < want; n++ {
		if n > 200 {
			runtime.Gosched()
		}
	}
	return r.said[packet].Load()
}
