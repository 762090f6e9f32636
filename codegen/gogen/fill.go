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
//		n := program.Fill(packets, m.matched[eventSyn], m.seed, nil, &m.columns[0], nil)
//		if n > 0 {
//			m.count.Events[eventSyn] += uint64(n)
//			m.metricSyns.Warm(m.columns[0][:n], 0)
//		}
//	}
//
// with a loop over the rows for the columns that are more than the hash of an address, over
// their packets if it reads those:
//
//	n := 0
//	for rows := program.Fill(packets, m.matched[eventSyn], m.seed, &m.columns[0], &m.columns[1], nil); n < rows; n++ {
//		m.columns[2][n&63] = m.columns[0][n&63] + m.columns[1][n&63]*flow.Odd1
//	}
//
//	program.Fill(packets, m.matched[eventSyn], m.seed, nil, &m.columns[0], nil)
//	n := 0
//	for todo := m.matched[eventSyn]; todo != 0; todo &= todo - 1 {
//		p := &packets[program.FirstBit(todo)]
//		part := flow.OfInt(m.seed, int64(p.DstPort))
//		m.columns[1][n&63] = m.columns[0][n&63] + part*flow.Odd1
//		n++
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
			whole.rows("Event "+name+".", w, matched, append([]jen.Code{g.countRows(i)}, w.all...))
			shard.rows("Event "+name+".", w, matched, append([]jen.Code{g.countRows(i)}, w.mine...))
		}
		if w := g.writeBatches[i]; w.slots != nil {
			shard.rows("Writes of event "+name+".", w, g.dueWrites(i), w.all)
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

// rows adds what fills the columns of the packets that bits has, and what is done once they
// are filled.
func (f *filling) rows(about string, w batched, bits *jen.Statement, all []jen.Code) {
	how := assign(f.body != nil)
	f.timed = f.timed || slices.ContainsFunc(w.row, isTimed)
	f.body = append(append(f.body, jen.Comment(about)), w.loop(bits, how)...)
	if len(all) > 0 {
		f.body = append(f.body, jen.If(jen.Id("n").Op(">").Lit(0)).Block(all...))
	}
}

// assign is how a variable is set that is there or not.
func assign(isThere bool) string {
	if isThere {
		return "="
	}
	return ":="
}

// loop writes what fills the columns of the packets that bits has, and counts them: n.
func (w batched) loop(bits *jen.Statement, how string) []jen.Code {
	id := jen.Id
	row := w.row
	if slices.ContainsFunc(row, isTimed) { // the time is that of the packet
		row = append([]jen.Code{id("m").Dot("now").Op("=").Int64().Call(id("p").Dot("Time"))}, row...)
	}
	of := readNames(row)["p"]
	switch {
	case !w.fill.any(): // the keys may come from parameters
	case len(row) == 0:
		return []jen.Code{id("n").Op(how).Add(w.fill.call(bits))}
	case !of:
		return []jen.Code{
			id("n").Op(how).Lit(0),
			jen.For(id("rows").Op(":=").Add(w.fill.call(bits)), id("n").Op("<").Id("rows"), id("n").Op("++")).Block(row...),
		}
	}
	if of {
		row = append([]jen.Code{packetOfBit()}, row...)
	}
	var out []jen.Code
	if w.fill.any() {
		out = append(out, w.fill.call(bits))
	}
	return append(out, id("n").Op(how).Lit(0),
		eachBit(bits, append(row, id("n").Op("++"))...))
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
