// Package partition finds out whether a program can be run in shards, each of
// which owns some of the entities, and how: the partition plan.
//
// Words. The *owner* of an event is the value of some fields of its entity's key,
// and the shard that this value falls to does the event's work. A *use* is an
// operation of a handler on a metric or table. A metric with both parts is two
// structures, the detector under the distinct key and the monitor under the flow
// key, which one use touches together. Each structure has *positions*: the parts of
// its key that say which shard holds the entry.
//
// Rules. A use is *local* if its key holds the owner of the event at the positions,
// in every structure that it touches. A use may instead *travel*, if it only writes:
// then the values at the positions name the owner of the entry, and that shard makes
// the write, if it is not certain after the handler has reached it (runtime/program,
// shard.go). What
// travels is made again from the packet, so that it has to be made of the packet,
// parameters, lists and the entity's key alone, and a timer has no packet. Where it
// travels to is found before any shard has worked, so that the values at the
// positions, like conditions of events and their entities, may not depend on time.
//
// Search. Which fields of the entities decide, and which positions a structure has,
// is tried out: keys have at most a few parts. Of the plans that work the one in
// which the fewest writes travel is taken, and of those the one with the most fields,
// which spreads work best. An entity (client, domain) beside an entity client is
// found to be owned by its client this way.
//
//	plan := partition.Of(p)
//	if !plan.OK { fmt.Println(plan.Why) }
package partition

import (
	"strconv"
	"strings"

	"github.com/streamon/streamon/codegen/ir"
)

// Max bounds the packet events of a program in shards, and the writes that travel:
// both are bits of a word (program.MaxEvents; a test of gogen compares).
const Max = 64

// Plan is how a program is run in shards.
type Plan struct {
	OK  bool
	Why Reason // if not OK

	Owner    [][]int // by entity: the fields of its key that decide, ascending
	Monitors [][]int // by metric: positions in the flow key; nil = never used
	Seen     [][]int // by metric: positions in the distinct key of its detector
	Tables   [][]int // by table
	Writes   []Write // what may travel, in order of events and, within one, of execution

	p      *ir.Program
	number map[place]int
}

// Reason is the first line that keeps a program from being run in shards.
type Reason struct {
	Pos  ir.Pos
	Text string
}

// String returns the reason as diagnostics are written: file:line:col: text.
func (r Reason) String() string {
	if !r.Pos.IsValid() {
		return r.Text
	}
	return r.Pos.String() + ": " + r.Text
}

// Write is an operation that may touch what another shard owns: a Set, Reset, Store
// or Delete of a packet event.
type Write struct {
	Event   int
	Stmt    ir.Stmt
	To      []ir.Expr // the values that name the owner, without references to the entity's key
	Certain bool      // every handler of the event makes it, whatever else it does
}

// place is where a statement stands: lowering may use one in several bodies.
type place struct {
	event int
	body  *ir.Body
	stmt  ir.Stmt
}

// Write returns the number of the write that a statement of a body of an event is, -1
// for one that does not travel.
func (pl *Plan) Write(event int, b *ir.Body, s ir.Stmt) int {
	if n, ok := pl.number[place{event, b, s}]; ok {
		return n
	}
	return -1
}

// WritesOf returns the numbers of an event's writes: from, up to but not including to.
func (pl *Plan) WritesOf(event int) (from, to int) {
	for from < len(pl.Writes) && pl.Writes[from].Event < event {
		from++
	}
	for to = from; to < len(pl.Writes) && pl.Writes[to].Event == event; to++ {
	}
	return from, to
}

// OwnerOf returns the values that decide who does the work of packet event e,
// without references to the key; nil if it is both(a, b), whose key must be sorted
// first.
func (pl *Plan) OwnerOf(event int) []ir.Expr {
	e := pl.p.Events[event]
	if e.Sorted {
		return nil
	}
	var out []ir.Expr
	for _, i := range pl.Owner[e.Entity] {
		out = append(out, e.Bind[i])
	}
	return out
}

// String returns the plan as text: owners by event, positions by structure, and what
// travels; or the reason against it.
func (pl *Plan) String() string {
	if !pl.OK {
		return "not partitionable: " + pl.Why.String() + "\n"
	}
	var b strings.Builder
	b.WriteString("partitionable\n")
	for i, e := range pl.p.Events {
		b.WriteString("event " + e.Name + ": owner " + pl.OwnerText(i) + "\n")
	}
	part := func(name, what string, positions []int) {
		if positions != nil {
			b.WriteString(name + ": " + what + " part " + numbers(positions) + "\n")
		}
	}
	for i, d := range pl.p.Metrics {
		part("metric "+d.Name, "key", pl.Monitors[i])
		part("metric "+d.Name, "distinct key", pl.Seen[i])
	}
	for i, d := range pl.p.Tables {
		part("table "+d.Name, "key", pl.Tables[i])
	}
	for i, w := range pl.Writes {
		b.WriteString("write " + strconv.Itoa(i) + ": event " + pl.p.Events[w.Event].Name + ": " + pl.WriteText(i) + "\n")
	}
	return b.String()
}

// WriteText returns a write and where it travels to.
func (pl *Plan) WriteText(i int) string {
	w := pl.Writes[i]
	e := pl.p.Events[w.Event]
	text := ir.StmtText(pl.p, e, w.Stmt) + " to " + list(pl.p, e, w.To)
	if !w.Certain {
		text += ", if it is reached"
	}
	return text
}

// OwnerText returns the owner of an event as text: host ip.src.
func (pl *Plan) OwnerText(event int) string {
	e := pl.p.Events[event]
	d := pl.p.Entities[e.Entity]
	name := d.Name
	if n := len(pl.Owner[e.Entity]); n < len(d.Fields) {
		var fields []string
		for _, i := range pl.Owner[e.Entity] {
			fields = append(fields, d.Fields[i].Name)
		}
		name += "." + strings.Join(fields, ", "+d.Name+".")
	}
	switch {
	case e.Kind != ir.PacketEvent:
		return name
	case e.Sorted:
		return name + " = both " + list(pl.p, e, e.Bind)
	}
	return name + " = " + list(pl.p, e, pl.OwnerOf(event))
}

func list(p *ir.Program, e *ir.Event, xs []ir.Expr) string {
	texts := make([]string, len(xs))
	for i, x := range xs {
		texts[i] = ir.ExprText(p, e, x)
	}
	return strings.Join(texts, ", ")
}

// numbers returns positions counted from 1: 1, 3.
func numbers(positions []int) string {
	texts := make([]string, len(positions))
	for i, n := range positions {
		texts[i] = strconv.Itoa(n + 1)
	}
	return strings.Join(texts, ", ")
}
