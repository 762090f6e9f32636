package gogen

import (
	"slices"

	"github.com/dave/jennifer/jen"

	"github.com/streamon/streamon/codegen/ir"
)

// emitProcessShard writes
//
//	// ProcessShard does what this shard has to do about b.
//	func (m *machine) ProcessShard(b *packet.Batch, r *program.Routes, v *program.Verdicts) {
//		if b.N > 0 && !m.core.Started {
//			m.begin(int64(b.Time(0)))
//		}
//		m.place = -1
//		r.Warm(b, 0, m.shard)
//		for from := 0; from < b.N; from += 64 {
//			r.Warm(b, from/64+1, m.shard)
//			m.part(b, from, r, v)
//		}
//		r.FinishAll(m.shard)
//		m.reach(b, b.N-1)
//		…
//	}
func (g *gen) emitProcessShard() {
	id := func(name string) *jen.Statement { return jen.Id(name) }
	m := func(name string) *jen.Statement { return jen.Id("m").Dot(name) }
	warm := func(chunk jen.Code) jen.Code { return id("r").Dot("Warm").Call(id("b"), chunk, m("shard")) }
	v := id("_")
	args := []jen.Code{id("b"), id("from"), id("r")}
	if g.verdicts {
		v = id("v")
		args = append(args, id("v"))
	}
	body := []jen.Code{
		beginOnce(),
		m("place").Op("=").Lit(-1),
		warm(jen.Lit(0)),
		jen.For(id("from").Op(":=").Lit(0), id("from").Op("<").Id("b").Dot("N"), id("from").Op("+=").Lit(chunkPackets)).Block(
			warm(id("from").Op("/").Lit(chunkPackets).Op("+").Lit(1)),
			m("part").Call(args...),
		),
		g.finishAll(),
		m("reach").Call(id("b"), id("b").Dot("N").Op("-").Lit(1)),
		m("place").Op("=").Lit(-1),
		jen.If(m("shard").Op("==").Lit(0)).Block(m("count").Dot("Packets").Op("+=").Uint64().Call(id("b").Dot("N"))),
		m("core").Dot("Seen").Op("+=").Uint64().Call(id("b").Dot("N")),
		m("agenda").Dot("Number").Call(m("core").Dot("Seen"), jen.Lit(0)),
		m("core").Dot("Now").Op("=").Add(m("now")),
	}
	g.file.Comment("ProcessShard does what this shard has to do about b.")
	g.method("ProcessShard", []jen.Code{
		id("b").Op("*").Add(rt("packet", "Batch")), routesParam(), v.Op("*").Add(program("Verdicts")),
	}, body...)
}

// batchTime writes the time of a packet of b, which the shard may not have decoded:
// int64(b.Time(i)).
func batchTime(i jen.Code) *jen.Statement { return jen.Int64().Call(jen.Id("b").Dot("Time").Call(i)) }

// finishAll writes that nobody needs to wait for this shard any more.
func (g *gen) finishAll() *jen.Statement {
	if !slices.ContainsFunc(g.packetEvents(), g.awaits) {
		return jen.Null()
	}
	return jen.Id("r").Dot("FinishAll").Call(jen.Id("m").Dot("shard"))
}

// emitPart writes
//
//	// part does what this shard has to do about the chunk of b that begins at from.
//	func (m *machine) part(b *packet.Batch, from int, r *program.Routes, v *program.Verdicts) {
//		due := r.Part(from/64, m.shard)
//		todo := due[0] | due[1] | due[2]
//		if todo == 0 {
//			return
//		}
//		m.matched = [2]uint64(due)
//		m.fillShard(b.Packets[from:min(from+64, b.N)], due)
//		if m.idle(int64(b.Time(min(from+64, b.N) - 1))) {
//			return
//		}
//		rowUDP, rowTCP := 0, 0
//		for ; todo != 0; todo &= todo - 1 {
//			i, bit := from+program.FirstBit(todo), todo&-todo
//			p := &b.Packets[i]
//			if int64(p.Time) >= m.agenda.Earliest() {
//				m.reach(b, i)
//			}
//			m.place, m.now = i, int64(p.Time)
//			…
//		}
//	}
//
// How the events of a packet are done is as in chunk, but for the writes.
func (g *gen) emitPart() {
	id := func(name string) *jen.Statement { return jen.Id(name) }
	m := func(name string) *jen.Statement { return jen.Id("m").Dot(name) }
	todo := jen.Id("todo").Op(":=")
	for n := range len(g.p.Events) + len(g.plan.Writes) {
		if n < len(g.p.Events) && g.p.Events[n].Kind != ir.PacketEvent {
			continue
		}
		if n > g.packetEvents()[0] {
			todo.Op("|")
		}
		todo.Id("due").Index(jen.Lit(n))
	}
	body := []jen.Code{
		id("due").Op(":=").Id("r").Dot("Part").Call(id("from").Op("/").Lit(chunkPackets), m("shard")),
		todo,
		jen.If(id("todo").Op("==").Lit(0)).Block(jen.Return()),
		m("matched").Op("=").Index(jen.Lit(len(g.p.Events))).Uint64().Call(id("due")),
	}
	switch {
	case g.hasWriteColumns():
		body = append(body, m("fillShard").Call(chunkOf("from"), id("due")))
	case g.hasColumns():
		body = append(body, m("fill").Call(chunkOf("from")))
	}
	if g.idle != nil && len(g.plan.Writes) == 0 {
		end := jen.Min(id("from").Op("+").Lit(chunkPackets), id("b").Dot("N"))
		body = append(body, jen.If(g.idle.call(chunkOf("from"), batchTime(end.Op("-").Lit(1)))).Block(jen.Return()))
	}
	loop := []jen.Code{
		jen.List(id("i"), id("bit")).Op(":=").List(id("from").Op("+").Add(call("FirstBit", id("todo"))), id("todo").Op("&").Op("-").Id("todo")),
		id("p").Op(":=").Op("&").Id("b").Dot("Packets").Index(id("i")),
		jen.If(jen.Int64().Call(id("p").Dot("Time")).Op(">=").Add(m("agenda").Dot("Earliest").Call())).Block(m("reach").Call(id("b"), id("i"))),
		jen.List(m("place"), m("now")).Op("=").List(id("i"), jen.Int64().Call(id("p").Dot("Time"))),
	}
	for _, i := range g.packetEvents() {
		if row := g.rowName(i); g.batches[i].slots != nil {
			body = append(body, id(row).Op(":=").Lit(0))
		}
		loop = append(loop, g.partEvent(i))
	}
	if g.verdicts {
		loop = append(loop, g.takeVerdict(id("i")))
	}
	body = append(body, eachBit(nil, loop...))
	params := []jen.Code{id("b").Op("*").Add(rt("packet", "Batch")), id("from").Int(), routesParam()}
	if g.verdicts {
		params = append(params, id("v").Op("*").Add(program("Verdicts")))
	}
	g.file.Comment("part does what this shard has to do about the chunk of b that begins at from.")
	g.method("part", params, body...)
}

// partEvent writes what is done about event i of a packet:
//
//	if m.matched[eventTCP]&bit != 0 {
//		m.rank = eventTCP
//		m.agenda.Number(m.core.Seen+uint64(i), eventTCP+1)
//		m.shardTCP(p, rowTCP, r)
//		rowTCP++
//		r.Finish(m.shard, i, eventTCP)
//	} else if (due[2]|due[3])&bit != 0 {
//		m.writeTCP(p, due, bit, program.Row(due[2]|due[3], bit), r)
//	}
func (g *gen) partEvent(i int) jen.Code {
	m := func(name string) *jen.Statement { return jen.Id("m").Dot(name) }
	name := func() *jen.Statement { return jen.Id(g.events[i]) }
	from, to := g.plan.WritesOf(i)
	handler, args := g.handlers[i], []jen.Code{jen.Id("p")}
	var next []jen.Code
	if row := g.rowName(i); g.batches[i].slots != nil {
		args, next = append(args, jen.Id(row)), append(next, jen.Id(row).Op("++"))
	}
	if from < to {
		handler = g.sharders[i]
	}
	if g.awaits(i) {
		args = append(args, jen.Id("r"))
		next = append(next, jen.Id("r").Dot("Finish").Call(m("shard"), jen.Id("i"), name()))
	}
	out := jen.If(m("matched").Index(name()).Op("&").Id("bit").Op("!=").Lit(0)).Block(append([]jen.Code{
		m("rank").Op("=").Add(name()),
		m("agenda").Dot("Number").Call(m("core").Dot("Seen").Op("+").Uint64().Call(jen.Id("i")), name().Op("+").Lit(1)),
		m(handler).Call(args...),
	}, next...)...)
	if from == to {
		return out
	}
	bits := g.dueWrites(i)
	args = []jen.Code{jen.Id("p"), jen.Id("due"), jen.Id("bit")}
	if g.writeBatches[i].slots != nil {
		args = append(args, call("Row", bits.Clone(), jen.Id("bit")))
	}
	if g.awaits(i) {
		args = append(args, jen.Id("r"))
	}
	return out.Else().If(jen.Parens(bits).Op("&").Id("bit").Op("!=").Lit(0)).Block(m(g.writers[i]).Call(args...))
}

// emitReach writes
//
//	// reach moves to packet i of b: the timers fire that are due before it, each as if
//	// every packet since the last one had been looked at.
//	func (m *machine) reach(b *packet.Batch, i int) {
//		last := m.place
//		for last < i && int64(b.Time(i)) >= m.agenda.Earliest() {
//			last++
//			if limit := int64(b.Time(last)); limit >= m.agenda.Earliest() {
//				m.place = -1 - last
//				m.agenda.Number(m.core.Seen+uint64(last), 0)
//				m.advance(limit)
//			}
//		}
//		m.place, m.now = i, int64(b.Time(i))
//	}
//
// A batch without packets has no packet -1 to move to.
func (g *gen) emitReach() {
	m := func(name string) *jen.Statement { return jen.Id("m").Dot(name) }
	time := func(i string) *jen.Statement { return batchTime(jen.Id(i)) }
	g.file.Comment("reach moves to packet i of b: the timers fire that are due before it, each as if")
	g.file.Comment("every packet since the last one had been looked at.")
	g.method("reach", []jen.Code{jen.Id("b").Op("*").Add(rt("packet", "Batch")), jen.Id("i").Int()},
		jen.If(jen.Id("i").Op("<").Lit(0)).Block(jen.Return()),
		jen.Id("last").Op(":=").Add(m("place")),
		jen.For(jen.Id("last").Op("<").Id("i").Op("&&").Add(time("i")).Op(">=").Add(m("agenda").Dot("Earliest").Call())).Block(
			jen.Id("last").Op("++"),
			jen.If(jen.Id("limit").Op(":=").Add(time("last")), jen.Id("limit").Op(">=").Add(m("agenda").Dot("Earliest").Call())).Block(
				m("place").Op("=").Lit(-1).Op("-").Id("last"),
				m("agenda").Dot("Number").Call(m("core").Dot("Seen").Op("+").Uint64().Call(jen.Id("last")), jen.Lit(0)),
				m("advance").Call(jen.Id("limit")),
			),
		),
		jen.List(m("place"), m("now")).Op("=").List(jen.Id("i"), time("i")),
	)
}
