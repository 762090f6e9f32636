package gogen

import (
	"github.com/dave/jennifer/jen"

	"github.com/streamon/streamon/codegen/ir"
)

// chunkPackets is how many packets are worked on at a time: a bit each of a word, and
// few enough that what they need stays in the first-level cache until it is used.
const chunkPackets = 64

// packetEvents are the numbers of the packet events.
func (g *gen) packetEvents() (list []int) {
	for i, e := range g.p.Events {
		if e.Kind == ir.PacketEvent {
			list = append(list, i)
		}
	}
	return list
}

// emitProcess writes
//
//	func (m *machine) Process(b *packet.Batch, v *program.Verdicts) {
//		if b.N > 0 && !m.core.Started {
//			m.begin(int64(b.Time(0)))
//		}
//		for from := 0; from < b.N; from += 64 {
//			m.chunk(b.Packets[from:min(from+64, b.N)], ^b.Plain.UDP[from/64], v, from)
//		}
//		m.count.Packets += uint64(b.N)
//		m.core.Now = m.now
//	}
func (g *gen) emitProcess() {
	from, batch := jen.Id("from"), jen.Id("b")
	v := "_"
	args := append([]jen.Code{chunkOf("from")}, g.skips.may()...)
	if g.verdicts {
		v = "v"
		args = append(args, jen.Id("v"), from.Clone())
	}
	g.file.Comment("Process runs the program over the packets of b.")
	g.method("Process", []jen.Code{jen.Id("b").Op("*").Add(rt("packet", "Batch")), jen.Id(v).Op("*").Add(program("Verdicts"))},
		beginOnce(),
		jen.For(from.Clone().Op(":=").Lit(0), from.Clone().Op("<").Add(batch.Clone().Dot("N")), from.Clone().Op("+=").Lit(chunkPackets)).Block(
			jen.Id("m").Dot("chunk").Call(args...),
		),
		jen.Id("m").Dot("count").Dot("Packets").Op("+=").Uint64().Call(batch.Clone().Dot("N")),
		jen.Id("m").Dot("core").Dot("Now").Op("=").Id("m").Dot("now"),
	)
}

// beginOnce writes the start of the clock at the program's first packet, as above.
func beginOnce() jen.Code {
	return jen.If(jen.Id("b").Dot("N").Op(">").Lit(0).Op("&&").Op("!").Id("m").Dot("core").Dot("Started")).Block(
		jen.Id("m").Dot("begin").Call(batchTime(jen.Lit(0))),
	)
}

// emitChunk writes
//
//	// chunk runs the program over at most 64 packets.
//	func (m *machine) chunk(packets []packet.Packet, may uint64, v *program.Verdicts, from int) {
//		todo := m.match(packets, may)
//		if todo != 0 {
//			m.fill(packets)
//			if m.idle(int64(packets[len(packets)-1].Time)) {
//				todo = 0
//			}
//		}
//		next, rowSyn := 0, 0
//		for ; todo != 0; todo &= todo - 1 {
//			i := program.FirstBit(todo)
//			p := &packets[i]
//			if int64(p.Time) >= m.agenda.Earliest() {
//				m.pass(packets[next : i+1])
//			}
//			next, m.now = i+1, int64(p.Time)
//	//line ddos.smon:14:1
//			if m.matched[eventSyn]&todo&-todo != 0 {
//				m.onSyn(p, rowSyn)
//				rowSyn++
//			}
//			if m.verdict != 0 {
//				m.count.Verdict(m.verdict)
//				v.Of[from+i] |= m.verdict
//				v.Any |= m.verdict
//				m.verdict = 0
//			}
//		}
//		m.pass(packets[next:])
//	}
//
// Only packets that an event happens for are visited; for what may says, see emitMatch. A program without timers needs no
// next: what is left is then m.pass(packets).
func (g *gen) emitChunk() {
	id, m := jen.Id, func(name string) *jen.Statement { return jen.Id("m").Dot(name) }
	params, matched := []jen.Code{id("packets").Index().Add(rt("packet", "Packet"))}, []jen.Code{id("packets")}
	if g.skips != (skips{}) {
		params, matched = append(params, id("may").Uint64()), append(matched, id("may"))
	}
	if g.verdicts {
		params = append(params, id("v").Op("*").Add(program("Verdicts")), id("from").Int())
	}
	g.file.Commentf("chunk runs the program over at most %d packets.", chunkPackets)
	events := g.packetEvents()
	if len(events) == 0 {
		g.method("chunk", params, m("pass").Call(id("packets")))
		return
	}
	body := []jen.Code{id("todo").Op(":=").Add(m("match")).Call(matched...)}
	if g.hasColumns() {
		fill := []jen.Code{m("fill").Call(id("packets"))}
		if g.idle != nil {
			last := jen.Int64().Call(id("packets").Index(jen.Len(id("packets")).Op("-").Lit(1)).Dot("Time"))
			fill = append(fill, jen.If(g.idle.call(id("packets"), last)).Block(id("todo").Op("=").Lit(0)))
		}
		body = append(body, jen.If(id("todo").Op("!=").Lit(0)).Block(fill...))
	}
	loop := []jen.Code{
		id("i").Op(":=").Add(call("FirstBit", id("todo"))),
		id("p").Op(":=").Op("&").Id("packets").Index(id("i")),
	}
	rest, now := id("packets"), jen.Int64().Call(id("p").Dot("Time"))
	if len(g.wheels) > 0 {
		rest = id("packets").Index(id("next").Op(":"))
		body = append(body, id("next").Op(":=").Lit(0))
		loop = append(loop, jen.If(now.Clone().Op(">=").Add(m("agenda").Dot("Earliest").Call())).Block(
			m("pass").Call(id("packets").Index(id("next").Op(":").Id("i").Op("+").Lit(1))),
		), jen.List(id("next"), m("now")).Op("=").List(id("i").Op("+").Lit(1), now))
	} else {
		loop = append(loop, m("now").Op("=").Add(now))
	}
	for _, i := range events {
		call := []jen.Code{m(g.handlers[i]).Call(id("p"))}
		if row := g.rowName(i); g.batches[i].slots != nil {
			body = append(body, id(row).Op(":=").Lit(0))
			call = []jen.Code{m(g.handlers[i]).Call(id("p"), id(row)), id(row).Op("++")}
		}
		if len(events) == 1 {
			loop = append(loop, call...)
			continue
		}
		loop = append(loop, jen.If(m("matched").Index(id(g.events[i])).Op("&").Id("todo").Op("&").Op("-").Id("todo").Op("!=").Lit(0)).Block(call...))
	}
	if g.verdicts {
		loop = append(loop, g.takeVerdict(id("from").Op("+").Id("i")))
	}
	body = append(body, eachBit(nil, loop...),
		m("pass").Call(rest))
	g.method("chunk", params, body...)
}

// eachBit writes a loop over the bits of a mask, or over those of todo if there is no mask:
//
//	for todo := m.matched[eventSyn]; todo != 0; todo &= todo - 1 {
//		…
//	}
func eachBit(mask *jen.Statement, body ...jen.Code) *jen.Statement {
	some, next := jen.Id("todo").Op("!=").Lit(0), jen.Id("todo").Op("&=").Id("todo").Op("-").Lit(1)
	if mask == nil {
		return jen.For(jen.Op(";").Add(some), next).Block(body...)
	}
	return jen.For(jen.Id("todo").Op(":=").Add(mask), some, next).Block(body...)
}

// packetOfBit writes p := &packets[program.FirstBit(todo)], which begins such a loop.
func packetOfBit() jen.Code {
	return jen.Id("p").Op(":=").Op("&").Id("packets").Index(call("FirstBit", jen.Id("todo")))
}

// rowName is the variable that counts the rows of event i: rowSyn.
func (g *gen) rowName(i int) string { return "row" + camel(g.p.Events[i].Name) }

// takeVerdict writes what was decided about the packet with that number in the batch.
func (g *gen) takeVerdict(number *jen.Statement) *jen.Statement {
	verdict := func() *jen.Statement { return jen.Id("m").Dot("verdict") }
	return jen.If(verdict().Op("!=").Lit(0)).Block(
		jen.Id("m").Dot("count").Dot("Verdict").Call(verdict()),
		jen.Id("v").Dot("Of").Index(number).Op("|=").Add(verdict()),
		jen.Id("v").Dot("Any").Op("|=").Add(verdict()),
		verdict().Op("=").Lit(0),
	)
}

// emitPass writes
//
//	// pass moves packet time over packets, one by one where something is due.
//	func (m *machine) pass(packets []packet.Packet) {
//		if len(packets) == 0 {
//			return
//		}
//		last := int64(packets[len(packets)-1].Time)
//		if last >= m.agenda.Earliest() {
//			for i := range packets {
//				if t := int64(packets[i].Time); t >= m.agenda.Earliest() {
//					m.advance(t)
//				}
//			}
//		}
//		m.now = last
//	}
func (g *gen) emitPass() {
	id, m := jen.Id, func(name string) *jen.Statement { return jen.Id("m").Dot(name) }
	body := []jen.Code{
		jen.If(jen.Len(id("packets")).Op("==").Lit(0)).Block(jen.Return()),
		id("last").Op(":=").Int64().Call(id("packets").Index(jen.Len(id("packets")).Op("-").Lit(1)).Dot("Time")),
	}
	if len(g.wheels) > 0 {
		earliest := m("agenda").Dot("Earliest").Call()
		body = append(body, jen.If(id("last").Op(">=").Add(earliest)).Block(
			jen.For(id("i").Op(":=").Range().Id("packets")).Block(
				jen.If(id("t").Op(":=").Int64().Call(id("packets").Index(id("i")).Dot("Time")), id("t").Op(">=").Add(earliest.Clone())).Block(m("advance").Call(id("t"))),
			),
		))
	}
	g.file.Comment("pass moves packet time over packets, one by one where something is due.")
	g.method("pass", []jen.Code{id("packets").Index().Add(rt("packet", "Packet"))}, append(body, m("now").Op("=").Id("last"))...)
}
