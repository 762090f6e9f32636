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
// alone.
//
// For each batch one goroutine calls Steer on the instance of shard 0, which fills
// Routes; then every shard runs ProcessShard on its own goroutine. A shard works
// through its items in order. An item is an event to handle, or a write that
// another shard's handler may have made: then it waits until that handler is done
// (Await), looks whether it reached the write (Said), and makes it. Items are in packet
// order and wait only for items of earlier packets, or of the same packet and an
// earlier event, so shards cannot wait for each other in a circle.
//
// Results do not depend on how shards are spread over threads.

// Sharded is what an instance of a partitionable program offers.
type Sharded interface {
	Instance
	// Steer fills r, which is for this batch alone and was Reset, with the work of b. It reads
	// nothing that processing changes, so it may run while any shard processes
	// another batch. One goroutine at a time. It does not allocate.
	Steer(b *packet.Batch, r *Routes)
	// ProcessShard runs the items of this shard and then advances its clock to the
	// last packet of b. Each shard must be called for every batch, in order, also if
	// it has no items. Records carry their Packet and Rank; v is this shard's own.
	ProcessShard(b *packet.Batch, r *Routes, v *Verdicts)
}

// PartitionInfo says whether a program can be run in shards.
type PartitionInfo struct {
	OK     bool
	Why    string // if not OK: "p2p.smon:12:5: …", the first line that is in the way
	Writes bool   // some handler writes to other owners
}

// Item is one piece of a shard's work on a batch.
type Item struct {
	Packet uint16 // index in the batch
	Event  uint16 // number of the event in the manifest
	From   int16  // -1: handle the event here; else: make the writes that shard From's handler of it reached
	Writes uint64 // From ≥ 0: which writes of the event are this shard's, a bit each, counted over all events of the program
}

// Routes is the plan of one batch of one program: who does what. The host makes one
// for each batch that may be in flight, with NewRoutes.
type Routes struct {
	Items [][]Item // by shard, in packet order

	done []progress // by shard
	said [packet.BatchSize]atomic.Uint64
}

// progress is the number of the last event that a shard has finished, on a cache
// line of its own.
type progress struct {
	at atomic.Uint64
	_  [56]byte
}

// MaxEvents bounds the events, and the writes, of a program in shards.
const MaxEvents = 64

// NewRoutes returns empty routes for so many shards.
func NewRoutes(shards int) *Routes {
	return &Routes{Items: make([][]Item, shards), done: make([]progress, shards)}
}

// Reset empties r for the next batch. No shard may be at work with it.
func (r *Routes) Reset() {
	for s := range r.Items {
		r.Items[s] = r.Items[s][:0]
		r.done[s].at.Store(0)
	}
	for i := range r.said {
		if r.said[i].Load() != 0 {
			r.said[i].Store(0)
		}
	}
}

// Add appends an item for a shard.
func (r *Routes) Add(shard int, it Item) { r.Items[shard] = append(r.Items[shard], it) }

// Pass appends an item for a shard that is to make writes which shard from may reach
// when it handles an event, unless they are one and the same. All writes of one event
// for one shard are one item.
func (r *Routes) Pass(shard, from, packet, event int, writes uint64) {
	if shard == from {
		return
	}
	items := r.Items[shard]
	if n := len(items) - 1; n >= 0 && items[n].From >= 0 && int(items[n].Packet) == packet && int(items[n].Event) == event {
		items[n].Writes |= writes
		return
	}
	r.Add(shard, Item{Packet: uint16(packet), Event: uint16(event), From: int16(from), Writes: writes})
}

// Chunk returns the end of the items of a shard, from the given one on, that are about
// the same 64 packets as that, and the first of these packets. It sets matched, by
// event, to which of the 64 the shard handles: bit i is packet first+i.
func (r *Routes) Chunk(shard, from int, matched []uint64) (to, first int) {
	items := r.Items[shard]
	first = int(items[from].Packet) &^ 63
	clear(matched)
	for to = from; to < len(items) && int(items[to].Packet) < first+64; to++ {
		if it := &items[to]; it.From < 0 {
			matched[it.Event] |= 1 << (it.Packet & 63)
		}
	}
	return to, first
}

// Shards is the number of shards.
func (r *Routes) Shards() int { return len(r.Items) }

// Say records that the handler of an event reached the write with that number, 0 … 63
// counted over all events of the program, of what another shard owns. It comes
// before Finish of the event.
func (r *Routes) Say(packet int, write uint) { r.said[packet].Or(1 << write) }

// Finish records that a shard is done with an event of a packet and all before it.
func (r *Routes) Finish(shard, packet, event int) {
	r.done[shard].at.Store(uint64(packet)*MaxEvents + uint64(event) + 1)
}

// FinishAll records that a shard is done with the batch, or will never be: the host
// calls it for a shard whose program has panicked.
func (r *Routes) FinishAll(shard int) { r.done[shard].at.Store(1 << 63) }

// Await waits until shard from is done with an event of a packet, and returns the
// writes that handlers of the packet reached so far, a bit each: those of that event
// are complete.
func (r *Routes) Await(from, packet, event int) uint64 {
	want := uint64(packet)*MaxEvents + uint64(event) + 1
	for n := 0; r.done[from].at.Load() < want; n++ {
		if n > 200 {
			runtime.Gosched()
		}
	}
	return r.said[packet].Load()
}
