package gogen

import (
	"slices"

	"github.com/dave/jennifer/jen"
)

// emitFill writes
//
//	// fill prepares what the handlers of a chunk need, by row.
//	func (m *machine) fill(packets []packet.Packet) {
//		// Event syn.
//		n := 0
//		for todo := m.matched[eventSyn]; todo != 0; todo &= todo - 1 {
//			p := &packets[program.FirstBit(todo)]
//			part := flow.OfIP(m.seed, (*[16]byte)(&p.Dst))
//			m.columns[0][n&63] = part
//			n++
//		}
//		if n > 0 {
//			m.count.Events[eventSyn] += uint64(n)
//			m.metricSyns.Warm(m.columns[0][:n], 0)
//		}
//	}
//
// and, if some writes have columns, fillShard for a shard: its own writes have rows of their
// own,
//
//	// Writes of event tcp.
//	n = 0
//	for todo := due[2] | due[3]; todo != 0; todo &= todo - 1 {
//		…
//	}
//
// the rows of an event are those that the shard handles, and of what it may leave to others
// it asks for nothing there.
//
// Events that have rows are counted here, those of a chunk at once: counters are read
// between batches. A program that a panic stops has counted the whole chunk.
func (g *gen) emitFill() {
	if !g.hasColumns() {
		return
	}
	whole, shard := filling{g: g}, filling{g: g}
	for i, w := range g.batches {
		name, matched := g.p.Events[i].Name, jen.Id("m").Dot("matched").Index(jen.Id(g.events[i]))
		if w.slots != nil {
			whole.rows("Event "+name+".", w.row, matched, append([]jen.Code{g.countRows(i)}, w.all...))
			shard.rows("Event "+name+".", w.row, matched, append([]jen.Code{g.countRows(i)}, w.mine...))
		}
		if w := g.writeBatches[i]; w.slots != nil {
			shard.rows("Writes of event "+name+".", w.row, g.dueWrites(i), w.all)
		}
	}
	whole.emit("fill", "fill prepares what the handlers of a chunk need, by row.")
	if g.hasWriteColumns() {
		shard.emit("fillShard", "fillShard is fill for a shard, with what its own writes need.", jen.Id("due").Index().Uint64())
	}
}

// countRows writes m.count.Events[eventSyn] += uint64(n).
func (g *gen) countRows(i int) jen.Code {
	return jen.Id("m").Dot("count").Dot("Events").Index(jen.Id(g.events[i])).Op("+=").Uint64().Call(jen.Id("n"))
}

// hasWriteColumns reports whether there are columns for writes.
func (g *gen) hasWriteColumns() bool {
	return slices.ContainsFunc(g.writeBatches, func(b batched) bool { return b.slots != nil })
}

// dueWrites writes the packets for which a shard is to make writes of event i:
// due[2] | due[3].
func (g *gen) dueWrites(i int) *jen.Statement {
	from, to := g.plan.WritesOf(i)
	bits := jen.Id("due").Index(jen.Lit(len(g.p.Events) + from))
	for n := from + 1; n < to; n++ {
		bits.Op("|").Id("due").Index(jen.Lit(len(g.p.Events) + n))
	}
	return bits
}

// filling collects the body of fill.
type filling struct {
	g     *gen
	body  []jen.Code
	timed bool // some keys have the time in them
}

// rows adds a loop that fills the columns of the packets that bits has, and what is
// done once they are filled.
func (f *filling) rows(about string, row []jen.Code, bits *jen.Statement, all []jen.Code) {
	id := jen.Id
	assign := ":="
	if f.body != nil {
		assign = "="
	}
	if slices.ContainsFunc(row, isTimed) { // the time is that of the packet
		f.timed = true
		row = append([]jen.Code{id("m").Dot("now").Op("=").Int64().Call(id("p").Dot("Time"))}, row...)
	}
	if readNames(row)["p"] { // else the keys come from parameters
		row = append([]jen.Code{id("p").Op(":=").Op("&").Id("packets").Index(call("FirstBit", id("todo")))}, row...)
	}
	f.body = append(f.body, jen.Comment(about),
		id("n").Op(assign).Lit(0),
		jen.For(id("todo").Op(":=").Add(bits), id("todo").Op("!=").Lit(0), id("todo").Op("&=").Id("todo").Op("-").Lit(1)).
			Block(append(row, id("n").Op("++"))...),
	)
	if len(all) > 0 {
		f.body = append(f.body, jen.If(id("n").Op(">").Lit(0)).Block(all...))
	}
}

// emit writes the method.
func (f *filling) emit(name, about string, params ...jen.Code) {
	body := f.body
	if f.timed { // afterwards the time is what it was
		now := jen.Id("m").Dot("now")
		body = append(append([]jen.Code{jen.Id("now").Op(":=").Add(now)}, body...), now.Clone().Op("=").Id("now"))
	}
	f.g.file.Comment(about)
	f.g.method(name, append([]jen.Code{jen.Id("packets").Index().Add(rt("packet", "Packet"))}, params...), body...)
}
