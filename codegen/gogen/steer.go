package gogen

import (
	"slices"

	"github.com/dave/jennifer/jen"

	"github.com/streamon/streamon/codegen/ir"
	"github.com/streamon/streamon/codegen/partition"
)

// shards reports whether the program can be run in shards.
func (g *gen) shards() bool { return g.plan.OK }

// partitionInfo writes program.PartitionInfo{OK: true, Writes: true}.
func (g *gen) partitionInfo() *jen.Statement {
	if !g.shards() {
		return program("PartitionInfo").Add(composite(pair{"Why", jen.Lit(g.plan.Why.String())}))
	}
	var writes *jen.Statement
	if len(g.plan.Writes) > 0 {
		writes = jen.True()
	}
	return program("PartitionInfo").Add(composite(pair{"OK", jen.True()}, pair{"Writes", writes}))
}

// emitShards writes what a program in shards has besides.
func (g *gen) emitShards() {
	if !g.shards() {
		return
	}
	g.emitSteer()
	for _, i := range g.packetEvents() {
		g.emitSteerer(i)
	}
	g.emitProcessShard()
	g.emitReach()
	for _, i := range g.packetEvents() {
		if from, to := g.plan.WritesOf(i); from < to {
			g.emitShardEvent(i)
			g.emitWriter(i)
		}
	}
}

// emitSteer writes
//
//	// Steer fills r with who does what about the packets of b.
//	func (m *machine) Steer(b *packet.Batch, r *program.Routes) {
//		for i := range b.Packets[:b.N] {
//			p := &b.Packets[i]
//	//line ddos.smon:14:1
//			if p.Has&packet.TCP != 0 && p.TCPFlags&packet.SYN != 0 {
//				m.steerSyn(p, r, i)
//			}
//		}
//	}
//
// Items stand in order of events, so the tests do too. Steer may not read what a
// shard changes.
func (g *gen) emitSteer() {
	var tests, cases []jen.Code
	for _, i := range g.packetEvents() {
		out := &tests
		if g.p.MatchFirst {
			out = &cases
		}
		f := g.matchFn(out, i)
		cond := f.condition(f.selector())
		steer := jen.Id("m").Dot(g.steerers[i]).Call(jen.Id("p"), jen.Id("r"), jen.Id("i"))
		f.at(f.event.Pos)
		if g.p.MatchFirst {
			f.add(jen.Case(cond).Block(jen.Comment(resetMark), steer))
		} else {
			f.add(jen.If(cond).Block(steer))
		}
	}
	if g.p.MatchFirst {
		tests = []jen.Code{jen.Switch().Block(cases...)}
	}
	loop := append([]jen.Code{jen.Id("p").Op(":=").Op("&").Id("b").Dot("Packets").Index(jen.Id("i"))}, append(tests, jen.Comment(resetMark))...)
	g.file.Comment("Steer fills r with who does what about the packets of b.")
	g.method("Steer", []jen.Code{jen.Id("b").Op("*").Add(rt("packet", "Batch")), routesParam()},
		jen.For(jen.Id("i").Op(":=").Range().Id("b").Dot("Packets").Index(jen.Op(":").Id("b").Dot("N"))).Block(loop...))
}

func routesParam() *jen.Statement { return jen.Id("r").Op("*").Add(program("Routes")) }

// emitSteerer writes, for an event with and without writes for others,
//
//	// steerTCP gives event tcp to the owner of the host.
//	func (m *machine) steerTCP(p *packet.Packet, r *program.Routes, i int) {
//		part := flow.OfIP(m.seed, (*[16]byte)(&p.Src))
//		hash2 := part
//		owner := flow.Shard(hash2, r.Shards())
//		r.Add(owner, program.Item{Packet: uint16(i), Event: eventTCP, From: -1})
//		part2 := flow.OfIP(m.seed, (*[16]byte)(&p.Dst))
//		hash3 := part2
//		r.Pass(flow.Shard(hash3, r.Shards()), owner, i, eventTCP, 1<<0|1<<1)
//	}
func (g *gen) emitSteerer(i int) {
	var body []jen.Code
	f := g.eventFn(&body, i)
	f.packet = "p"
	f.assume(f.selector())
	shard := func(hash jen.Code) *jen.Statement {
		return rt("flow", "Shard").Call(hash, jen.Id("r").Dot("Shards").Call())
	}
	owner := f.names.fresh("owner")
	f.add(jen.Id(owner).Op(":=").Add(shard(f.ownerHash(i))))
	f.reset()
	f.add(jen.Id("r").Dot("Add").Call(jen.Id(owner), program("Item").Add(composite(
		pair{"Packet", jen.Uint16().Call(jen.Id("i"))}, pair{"Event", jen.Id(g.events[i])}, pair{"From", jen.Lit(-1)}))))
	from, to := g.plan.WritesOf(i)
	done := map[string]bool{}
	for n := from; n < to; n++ {
		w := g.plan.Writes[n]
		id := f.keyID(w.To)
		if done[id] {
			continue
		}
		done[id] = true
		bits := jen.Lit(1).Op("<<").Lit(n)
		for k := n + 1; k < to; k++ {
			if f.keyID(g.plan.Writes[k].To) == id {
				bits.Op("|").Lit(1).Op("<<").Lit(k)
			}
		}
		pos := w.Stmt.Position()
		f.guard(pos, f.all(w.To), func() {
			k := f.makeHash(pos, w.To)
			f.user(pos, jen.Id("r").Dot("Pass").Call(shard(k.hash()), jen.Id(owner), jen.Id("i"), jen.Id(g.events[i]), bits))
		})
		f.reset()
	}
	g.file.Commentf("%s gives event %s to the owner of the %s.", g.steerers[i], f.event.Name, g.p.Entities[f.entity].Name)
	g.method(g.steerers[i], []jen.Code{jen.Id("p").Op("*").Add(rt("packet", "Packet")), routesParam(), jen.Id("i").Int()}, body...)
}

// ownerHash writes the value that decides who does the work of packet event i, and
// returns its hash. The key stands in the function: that of the machine is a shard's.
func (f *fn) ownerHash(i int) *jen.Statement {
	if !f.event.Sorted {
		return f.makeHash(f.event.Pos, f.g.plan.OwnerOf(i)).hash()
	}
	f.key = &keyVar{name: "key", size: f.g.entitySize(f.entity)}
	f.at(f.event.Pos)
	f.fillKey(f.key, f.event.Bind, true)
	f.add(rt("flow", "Both").Call(f.key.from(0)))
	fields := f.g.p.Entities[f.entity].Fields
	var parts []ir.Expr
	for _, n := range f.g.plan.Owner[f.entity] {
		parts = append(parts, &ir.EntityField{Typed: ir.Typed{T: fields[n].Type}, Index: n})
	}
	if len(parts) < len(fields) {
		return f.makeHash(f.event.Pos, parts).hash()
	}
	return f.entityHash()
}

// travels reports whether an operation may be another shard's to make.
func (f *fn) travels(s ir.Stmt) bool {
	return f.inShard && f.g.plan.Write(f.number(), f.body, s) >= 0
}

// number is that of the event.
func (f *fn) number() int {
	for i, e := range f.g.p.Events {
		if e == f.event {
			return i
		}
	}
	return -1
}

// emitTravel writes an operation, or word that it was reached:
//
//	if flow.Shard(hash2, m.shards) == m.shard {
//		m.metricPorts.Add(hash2, 1, m.now)
//	} else {
//		r.Say(m.place, 0)
//	}
func (f *fn) emitTravel(s ir.Stmt) {
	n := f.g.plan.Write(f.number(), f.body, s)
	w := f.g.plan.Writes[n]
	f.guard(s.Position(), f.all(w.To), func() {
		k := f.makeHash(s.Position(), w.To)
		mine := f.block(func() { f.stmt(s) })
		f.at(s.Position())
		f.add(jen.If(rt("flow", "Shard").Call(k.hash(), f.m("shards")).Op("==").Add(f.m("shard"))).Block(mine...).Else().Block(
			jen.Id("r").Dot("Say").Call(f.m("place"), jen.Lit(n))))
	})
}

// isWrittenForOthers reports whether a metric has writes that travel: they cannot be
// done column by column.
func (g *gen) isWrittenForOthers(metric int) bool {
	return slices.ContainsFunc(g.plan.Writes, func(w partition.Write) bool { return metricOf(w.Stmt) == metric })
}

// emitShardEvent writes shardTCP, which is onTCP of an event that writes for others.
func (g *gen) emitShardEvent(i int) {
	g.file.Commentf("%s is event %s in a shard: what others own is left to them.", g.sharders[i], g.p.Events[i].Name)
	g.emitHandler(i, g.sharders[i], true)
}

// emitWriter writes
//
//	// writeTCP makes the writes that event tcp has reached in another shard.
//	func (m *machine) writeTCP(p *packet.Packet, writes uint64) {
//		if writes&(1<<0) != 0 {
//			part := flow.OfIP(m.seed, (*[16]byte)(&p.Dst))
//			hash2 := part
//			m.metricPorts.Add(hash2, 1, m.now)
//		}
//	}
//
// The key of the entity is made where its parts are not those of the packet: in
// order, or cut.
func (g *gen) emitWriter(i int) {
	from, to := g.plan.WritesOf(i)
	var bind, rest []jen.Code
	f := g.eventFn(&bind, i)
	f.packet = "p"
	f.assume(f.selector())
	if f.event.Sorted || g.hasText(f.entity) {
		f.at(f.event.Pos)
		f.bindKey()
		f.reset()
	}
	f.out = &rest
	for n := from; n < to; n++ {
		s := g.plan.Writes[n].Stmt
		body := f.block(func() { f.stmt(s) })
		f.add(jen.If(jen.Id("writes").Op("&").Parens(jen.Lit(1).Op("<<").Lit(n)).Op("!=").Lit(0)).Block(append(body, jen.Comment(resetMark))...))
	}
	if !readNames(rest)["key"] {
		bind = nil
	}
	g.file.Commentf("%s makes the writes that event %s has reached in another shard.", g.writers[i], f.event.Name)
	g.method(g.writers[i], []jen.Code{jen.Id("p").Op("*").Add(rt("packet", "Packet")), jen.Id("writes").Uint64()}, append(bind, rest...)...)
}
