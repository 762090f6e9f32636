package gogen

import "github.com/dave/jennifer/jen"

// emitProcessShard writes
//
//	// ProcessShard runs this shard's items of b.
//	func (m *machine) ProcessShard(b *packet.Batch, r *program.Routes, v *program.Verdicts) {
//		if b.N > 0 && !m.core.Started {
//			m.begin(int64(b.Packets[0].Time))
//		}
//		m.place = -1
//		items := r.Items[m.shard]
//		for from := 0; from < len(items); {
//			to, first := r.Chunk(m.shard, from, m.matched[:])
//			m.fill(b.Packets[first:min(first+64, b.N)])
//			var rows [2]int
//			for _, it := range items[from:to] {
//				…
//			}
//			from = to
//		}
//		m.settle(v)
//		r.FinishAll(m.shard)
//		m.reach(b, b.N-1)
//		…
//	}
//
// What an item's chunk is and how it is filled is as in chunk, but for the packets of
// other shards.
func (g *gen) emitProcessShard() {
	id := func(name string) *jen.Statement { return jen.Id(name) }
	m := func(name string) *jen.Statement { return jen.Id("m").Dot(name) }
	packets := id("b").Dot("Packets")
	v, first := id("_"), id("_")
	var fill, settle []jen.Code
	if g.verdicts {
		v = id("v")
		settle = []jen.Code{m("settle").Call(id("v"))}
	}
	if g.hasColumns() {
		first = id("first")
		fill = []jen.Code{
			m("fill").Call(packets.Clone().Index(id("first").Op(":").Min(id("first").Op("+").Lit(chunkPackets), id("b").Dot("N")))),
			jen.Var().Id("rows").Index(jen.Lit(len(g.p.Events))).Int().Comment("of each event"),
		}
	}
	item := append([]jen.Code{
		id("i").Op(":=").Int().Call(id("it").Dot("Packet")),
		jen.If(id("i").Op("!=").Add(m("place"))).Block(append(settle[:len(settle):len(settle)], m("reach").Call(id("b"), id("i")))...),
		m("rank").Op("=").Int().Call(id("it").Dot("Event")),
		m("agenda").Dot("Number").Call(m("core").Dot("Seen").Op("+").Uint64().Call(id("i")), m("rank").Op("+").Lit(1)),
		id("p").Op(":=").Op("&").Add(packets.Clone()).Index(id("i")),
	}, g.shardItem()...)
	chunk := []jen.Code{jen.List(id("to"), first).Op(":=").Id("r").Dot("Chunk").Call(m("shard"), id("from"), m("matched").Index(jen.Op(":")))}
	chunk = append(append(chunk, fill...),
		jen.For(jen.List(id("_"), id("it")).Op(":=").Range().Id("items").Index(id("from").Op(":").Id("to"))).Block(item...),
		id("from").Op("=").Id("to"))
	body := []jen.Code{
		beginOnce(),
		m("place").Op("=").Lit(-1),
		id("items").Op(":=").Id("r").Dot("Items").Index(m("shard")),
		jen.For(id("from").Op(":=").Lit(0), id("from").Op("<").Len(id("items")), jen.Empty()).Block(chunk...),
	}
	body = append(append(body, settle...),
		id("r").Dot("FinishAll").Call(m("shard")),
		m("reach").Call(id("b"), id("b").Dot("N").Op("-").Lit(1)),
		m("place").Op("=").Lit(-1),
		jen.If(m("shard").Op("==").Lit(0)).Block(m("count").Dot("Packets").Op("+=").Uint64().Call(id("b").Dot("N"))),
		m("core").Dot("Seen").Op("+=").Uint64().Call(id("b").Dot("N")),
		m("agenda").Dot("Number").Call(m("core").Dot("Seen"), jen.Lit(0)),
		m("core").Dot("Now").Op("=").Add(m("now")),
	)
	g.file.Comment("ProcessShard runs this shard's items of b.")
	g.method("ProcessShard", []jen.Code{
		id("b").Op("*").Add(rt("packet", "Batch")), routesParam(), v.Op("*").Add(program("Verdicts")),
	}, body...)
	if g.verdicts {
		g.emitSettle()
	}
}

// shardItem writes what is done about one item:
//
//	if it.From >= 0 {
//		writes := it.Writes & r.Await(int(it.From), i, m.rank)
//		switch m.rank {
//		case eventTCP:
//			m.writeTCP(p, writes)
//		}
//		continue
//	}
//	switch m.rank {
//	case eventUDP:
//		m.onUDP(p, rows[eventUDP])
//		rows[eventUDP]++
//	case eventTCP:
//		m.shardTCP(p, rows[eventTCP], r)
//		rows[eventTCP]++
//		r.Finish(m.shard, i, eventTCP)
//	}
func (g *gen) shardItem() []jen.Code {
	rank := jen.Id("m").Dot("rank")
	var handle, write []jen.Code
	for _, i := range g.packetEvents() {
		name := func() *jen.Statement { return jen.Id(g.events[i]) }
		args := []jen.Code{jen.Id("p")}
		var next, finish []jen.Code
		if g.batches[i].slots != nil {
			row := jen.Id("rows").Index(name())
			args, next = append(args, row), []jen.Code{row.Clone().Op("++")}
		}
		handler := g.handlers[i]
		if from, to := g.plan.WritesOf(i); from < to {
			handler, args = g.sharders[i], append(args, jen.Id("r"))
			finish = []jen.Code{jen.Id("r").Dot("Finish").Call(jen.Id("m").Dot("shard"), jen.Id("i"), name())}
			write = append(write, jen.Case(name()).Block(jen.Id("m").Dot(g.writers[i]).Call(jen.Id("p"), jen.Id("writes"))))
		}
		handle = append(handle, jen.Case(name()).Block(append(append([]jen.Code{jen.Id("m").Dot(handler).Call(args...)}, next...), finish...)...))
	}
	var out []jen.Code
	if write != nil {
		await := jen.Id("r").Dot("Await").Call(jen.Int().Call(jen.Id("it").Dot("From")), jen.Id("i"), rank.Clone())
		out = append(out, jen.If(jen.Id("it").Dot("From").Op(">=").Lit(0)).Block(
			jen.Id("writes").Op(":=").Id("it").Dot("Writes").Op("&").Add(await),
			jen.Switch(rank.Clone()).Block(write...),
			jen.Continue(),
		))
	}
	return append(out, jen.Switch(rank).Block(handle...))
}

// emitReach writes
//
//	// reach moves to packet i of b: the timers fire that are due before it, each as if
//	// every packet since the last one had been looked at.
//	func (m *machine) reach(b *packet.Batch, i int) {
//		last := m.place
//		for int64(b.Packets[i].Time) >= m.agenda.Earliest() && last < i {
//			last++
//			if limit := int64(b.Packets[last].Time); limit >= m.agenda.Earliest() {
//				m.place = -1 - last
//				m.agenda.Number(m.core.Seen+uint64(last), 0)
//				m.advance(limit)
//			}
//		}
//		m.place, m.now = i, int64(b.Packets[i].Time)
//	}
//
// A batch without packets has no packet -1 to move to.
func (g *gen) emitReach() {
	m := func(name string) *jen.Statement { return jen.Id("m").Dot(name) }
	time := func(i string) *jen.Statement {
		return jen.Int64().Call(jen.Id("b").Dot("Packets").Index(jen.Id(i)).Dot("Time"))
	}
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

// emitSettle writes
//
//	// settle counts what was decided about the present packet.
//	func (m *machine) settle(v *program.Verdicts) {
//		if m.verdict != 0 {
//			m.count.Verdict(m.verdict)
//			v.Of[m.place] |= m.verdict
//			v.Any |= m.verdict
//			m.verdict = 0
//		}
//	}
func (g *gen) emitSettle() {
	g.file.Comment("settle counts what was decided about the present packet.")
	g.method("settle", []jen.Code{jen.Id("v").Op("*").Add(program("Verdicts"))}, g.takeVerdict(jen.Id("m").Dot("place")))
}
