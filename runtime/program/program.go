// Package program is the contract between generated code and its host.
//
// A compiled program exports one [Info]: a manifest that says what it is, and
// New, which makes an instance over memory that the host owns. The host calls
// Activate once, then Process for each batch of decoded packets and Tick when
// time passes without packets, all from one goroutine. The instance answers
// through the [Sink] and the [Verdicts] of the batch.
//
// The package owns these types and the few arithmetic helpers that generated
// code calls. It does not know sketches, tables or state machines: to the host
// they are [Structure] values under a name and a layout.
package program

import (
	"github.com/streamon/streamon/runtime/list"
	"github.com/streamon/streamon/runtime/packet"
)

// ABI numbers the contract of this package. A host refuses a program whose
// manifest has another number.
const ABI = 7

// Info is what a compiled program exports, under the name Streamon in a plugin.
type Info struct {
	Manifest Manifest
	// New makes an instance. It adopts or makes every structure through
	// env.Memory and must not change one that it adopted: until Activate the
	// previous generation goes on using it.
	New func(env *Env) (Instance, error)
}

// Instance is one running program. Single writer: the host calls its methods
// from one goroutine at a time.
type Instance interface {
	// Activate is called once, between two batches, before the first Process:
	// the instance takes over what it adopted (it renumbers states and timers
	// whose declaration order changed).
	Activate()
	// Process runs the program over b.Packets[:b.N], whose times are monotone,
	// and adds to v what the program decided about each. It does not allocate.
	Process(b *packet.Batch, v *Verdicts)
	// Tick advances packet time to now and fires the timers that are due.
	Tick(now packet.Time)
	// Stats adds the instance's counters to s, in the manifest's order.
	Stats(s *Stats)
	// States calls f for each entity that is not in its default state.
	States(f func(entity string, key []Field, state string, since packet.Time) bool)
	// Tables calls f for each entry of each side table.
	Tables(f func(table string, key []Field, value Value) bool)
}

// Verdict is what a program decided about one packet, as a set of bits.
type Verdict uint8

const (
	// Drop: the packet should not be forwarded.
	Drop Verdict = 1 << iota
	// Capture: keep the packet as evidence.
	Capture
)

// Verdicts holds one Verdict for each packet of a batch. The host clears it
// before Process.
type Verdicts struct {
	Of  [packet.BatchSize]Verdict
	Any Verdict // union of Of[:N]
}

// Env is what the host gives to New.
type Env struct {
	Seed   uint64 // seed of every key hash; fixed for files, random on live capture
	Shard  int    // number of the shard, if Shards > 1
	Shards int    // 0 or 1: the instance runs the whole program; else it is a Sharded
	Memory *Memory
	Sink   Sink
	// Param returns the host's value for a parameter and whether there is one.
	// Its kind is the parameter's.
	Param func(name string) (Value, bool)
	// List returns the operator's list for a name declared with file(…); nil
	// means that the host has none, and the program uses what was compiled in.
	List func(name string) *list.List
}

// Sink takes the records of one instance. r and all it points to are valid only
// during the call.
type Sink interface {
	Emit(r *Record)
}

// Tops is an Instance that has topk metrics.
type Tops interface {
	// Tops calls f for each topk metric, in order of declaration, with its list, which
	// holds during the call only.
	Tops(f func(metric string, list Value))
}
