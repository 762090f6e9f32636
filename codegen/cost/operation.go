package cost

import (
	"github.com/streamon/streamon/codegen/ir"
	"github.com/streamon/streamon/lang/types"
)

// Operation is an entry of the table.
type Operation struct {
	Name  string
	Sized bool // depends on how large structures are
}

// The operations that no list of the language names.
const (
	perPacket = "packet" // in the loop that looks for events
	perEvent  = "event"  // that happens for a packet: its handler is called
	perTimer  = "timer"  // that fires
	perTick   = "tick"

	readField = "field" // of a packet, from a cache line that was not looked at before
	readParam = "param"
	testLayer = "layer"
	testItem  = "in/item" // of an inline set, each
	convert   = "convert"
	topList   = "toplist"

	hashPart = "hash/part" // one more field in a key
	value    = "value"     // in a message or a record, each
)

// Operations lists what the table has to hold: for all that the IR can say, a cost.
func Operations() []Operation {
	var out []Operation
	add := func(sized bool, names ...string) {
		for _, name := range names {
			out = append(out, Operation{name, sized})
		}
	}
	for _, l := range types.Layers() {
		add(false, "decode/"+l.Name)
	}
	add(false, perPacket, perEvent, perTimer, perTick, readField, readParam, testLayer, testItem, convert, topList)
	for _, t := range []types.Type{types.Int, types.Net, types.MAC, types.String} {
		add(false, "in/"+t.String())
	}
	for op := ir.Neg; op <= ir.Contains; op++ {
		add(false, "op/"+op.String())
	}
	add(false, "op/eq/ip", "op/eq/string")
	for _, b := range types.Builtins() {
		switch b.Name {
		case "both": // only in keys
		case "age": // looks into the states
			add(true, "call/"+b.Name)
		default:
			add(false, "call/"+b.Name)
		}
	}
	for _, t := range []types.Type{types.Int, types.IP, types.MAC, types.String, types.Bool} {
		add(false, "hash/"+t.String())
	}
	add(false, hashPart)
	for _, k := range append(types.Kinds(types.Distinct), types.Kinds(types.Count)...) {
		add(true, "set/"+k.Name, "get/"+k.Name, "reset/"+k.Name)
	}
	add(true, "columns/bloom", "columns/dleft", "columns/tbf", "columns/tewma")
	add(true, "table/load", "table/has", "table/store", "table/delete")
	add(true, "state/default", "state/other", "state/move")
	add(true, "timer/start", "timer/stop", "timer/fire")
	add(false, "emit/alert", "emit/log", "emit/publish", "emit/exec", "emit/block", value, "mark/drop", "mark/capture")
	return out
}
