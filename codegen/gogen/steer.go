package gogen

import (
	"slices"

	"github.com/dave/jennifer/jen"

	"github.com/streamon/streamon/codegen/ir"
	"github.com/streamon/streamon/codegen/partition"
)

// shards reports whether the program can be run in shards.
func (g *gen) shards() bool { return g.plan.OK }

// partitionInfo writes program.PartitionInfo{OK: true, Writes: 2}.
func (g *gen) partitionInfo() *jen.Statement {
	if !g.shards() {
		return program("PartitionInfo").Add(composite(pair{"Why", jen.Lit(g.plan.Why.String())}))
	}
	var writes, awaits *jen.Statement
	if n := len(g.plan.Writes); n > 0 {
		writes = jen.Lit(n)
	}
	if slices.ContainsFunc(g.plan.Writes, func(w partition.Write) bool { return !w.Certain }) {
		awaits = jen.True()
	}
	return program("PartitionInfo").Add(composite(pair{"OK", jen.True()}, pair{"Writes", writes}, pair{"Awaits", awaits}))
}

// awaits reports whether event i has a write that is not certain.
func (g *gen) awaits(i int) bool {
	return slices.ContainsFunc(g.plan.Writes, func(w partition.Write) bool { return w.Event == i && !w.Certain })
}

// emitShards writes what a program in shards has besides.
func (g *gen) emitShards() {
	if !g.shards() {
		return
	}
	g.emitSteer()
	g.emitSteerChunk()
	g.emitProcessShard()
	g.emitPart()
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
//		for from := 0; from < b.N; from += 64 {
//			if packets := b.Packets[from:min(from+64, b.N)]; m.match(packets, ^b.Plain.UDP[from/64]) != 0 {
//				m.steer(packets, from>>6, r)
//			}
//		}
//	}
func (g *gen) emitSteer() {
	id, m := jen.Id, func(name string) *jen.Statement { return jen.Id("m").Dot(name) }
	g.file.Comment("Steer fills r with who does what about the packets of b.")
	g.method("Steer", []jen.Code{id("b").Op("*").Add(rt("packet", "Batch")), routesParam()},
		jen.For(id("from").Op(":=").Lit(0), id("from").Op("<").Id("b").Dot("N"), id("from").Op("+=").Lit(chunkPackets)).Block(
			jen.If(id("packets").Op(":=").Add(chunkOf("from")), m("match").Call(append([]jen.Code{id("packets")}, g.skips.may()...)...).Op("!=").Lit(0)).Block(
				m("steer").Call(id("packets"), id("from").Op("/").Lit(chunkPackets), id("r")))))
}

// chunkOf writes b.Packets[from:min(from+64, b.N)].
func chunkOf(from string) *jen.Statement {
	return jen.Id("b").Dot("Packets").Index(jen.Id(from).Op(":").Min(jen.Id(from).Op("+").Lit(chunkPackets), jen.Id("b").Dot("N")))
}

func routesParam() *jen.Statement { return jen.Id("r").Op("*").Add(program("Routes")) }

// emitSteerChunk writes
//
//	// steer gives the packets of a chunk that events happen for to their owners.
//	func (m *machine) steer(packets []packet.Packet, chunk int, r *program.Routes) {
//		// Event tcp, to the owner of the host, and to those it writes for.
//		program.Fill(packets, m.matched[eventTCP], m.seed, &m.columns[0], &m.columns[1], nil)
//		r.GiveRows(chunk, eventTCP, m.matched[eventTCP], &m.columns[0], 0)
//		r.PassRows(chunk, 0, m.matched[eventTCP], &m.columns[1], 0)
//		r.PassAlso(chunk, 1, 0)
//	}
//
// It may not read what a shard changes. No chunk needs the columns when it is called.
func (g *gen) emitSteerChunk() {
	var body []jen.Code
	counts := false
	for _, i := range g.packetEvents() {
		about := ""
		if from, to := g.plan.WritesOf(i); from < to {
			about = ", and to those it writes for"
		}
		body = append(body, jen.Commentf("Event %s, to the owner of the %s%s.", g.p.Events[i].Name, g.p.Entities[g.p.Events[i].Entity].Name, about))
		body = append(body, g.steerEvent(i, &counts)...)
	}
	g.file.Comment("steer gives the packets of a chunk that events happen for to their owners.")
	g.method("steer", []jen.Code{jen.Id("packets").Index().Add(rt("packet", "Packet")), jen.Id("chunk").Int(), routesParam()}, body...)
}

// steerEvent writes what steer does about event i: first by column, then, packet by packet,
// about keys that have no address in them, or that not all packets have. counts is whether
// there is an n.
func (g *gen) steerEvent(i int, counts *bool) []jen.Code {
	id := jen.Id
	var columns batched
	next := 0
	p := g.columnPlan(i, &columns, &next)
	given, row := g.steerKeys(i, p)
	g.columns = max(g.columns, next)
	var out []jen.Code
	matched := id("m").Dot("matched").Index(id(g.events[i]))
	switch {
	case len(columns.row) > 0:
		out = append(out, columns.loop(matched, assign(*counts))...)
		*counts = true
	case columns.fill.any():
		out = append(out, columns.fill.call(matched))
	}
	out = append(out, given...)
	if len(row) == 0 {
		return out
	}
	if readNames(row)["p"] {
		row = append([]jen.Code{packetOfBit()}, row...)
	}
	return append(out, eachBit(matched, row...))
}

// steerKeys writes to whom event i is given and passed: what is given by the columns of p, and
// row, what is done about each packet:
//
//	p := &packets[program.FirstBit(todo)]
//	part := flow.OfInt(m.seed, int64(p.DstPort))
//	hash2 := part
//	owner := flow.Shard(hash2, m.shards)
//	r.Pass(chunk, owner, 0, todo&-todo)
//	r.Pass(chunk, owner, 1, todo&-todo)
func (g *gen) steerKeys(i int, p *columnPlan) (given, row []jen.Code) {
	f := g.eventFn(&row, i)
	f.packet = "p"
	f.assume(f.selector())
	event := jen.Id(g.events[i])
	shard := func(hash jen.Code) *jen.Statement { return rt("flow", "Shard").Call(hash, f.m("shards")) }
	route := func(how string, args ...jen.Code) *jen.Statement {
		return jen.Id("r").Dot(how).Call(append([]jen.Code{jen.Id("chunk")}, args...)...)
	}
	bit := jen.Id("todo").Op("&").Op("-").Id("todo")
	if s, ok := p.byRows(g.plan.OwnerOf(i)); ok {
		given = append(given, route("GiveRows", append([]jen.Code{event, f.m("matched").Index(event)}, s.whole()...)...))
	} else {
		f.add(route("Give", shard(f.ownerHash(i)), event, bit))
		f.reset()
	}
	from, to := g.plan.WritesOf(i)
	done := map[string]bool{}
	for n := from; n < to; n++ {
		w := g.plan.Writes[n]
		id := f.keyID(w.To)
		if done[id] {
			continue
		}
		done[id] = true
		each := func(do func(write int)) {
			for same := n; same < len(g.plan.Writes) && g.plan.Writes[same].Event == i; same++ {
				if f.keyID(g.plan.Writes[same].To) == id {
					do(same)
				}
			}
		}
		if s, ok := p.byRows(w.To); ok {
			each(func(write int) {
				if write == n {
					given = append(given, route("PassRows", append([]jen.Code{jen.Lit(n), f.m("matched").Index(event)}, s.whole()...)...))
				} else {
					given = append(given, route("PassAlso", jen.Lit(write), jen.Lit(n)))
				}
			})
			continue
		}
		pos := w.Stmt.Position()
		f.guard(pos, f.all(w.To), func() {
			k := f.makeHash(pos, w.To)
			to := f.names.fresh("owner")
			f.add(jen.Id(to).Op(":=").Add(shard(k.hash())))
			each(func(write int) { f.add(route("Pass", jen.Id(to), jen.Lit(write), bit)) })
		})
		f.reset()
	}
	return given, row
}

// byRows is slot for a key with an address in it: others are no faster by column.
func (p *columnPlan) byRows(key []ir.Expr) (slot, bool) {
	if !slices.ContainsFunc(key, func(e ir.Expr) bool { return p.f.address(e) != "" }) {
		return slot{}, false
	}
	return p.slot(key)
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
//
// Nobody waits for word of what is certain.
func (f *fn) emitTravel(s ir.Stmt) {
	n := f.g.plan.Write(f.number(), f.body, s)
	w := f.g.plan.Writes[n]
	f.guard(s.Position(), f.all(w.To), func() {
		k := f.makeHash(s.Position(), w.To)
		mine := f.block(func() { f.stmt(s) })
		f.at(s.Position())
		isMine := jen.If(rt("flow", "Shard").Call(k.hash(), f.m("shards")).Op("==").Add(f.m("shard"))).Block(mine...)
		if !w.Certain {
			isMine.Else().Block(jen.Id("r").Dot("Say").Call(f.m("place"), jen.Lit(n)))
		}
		f.add(isMine)
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
//	// writeTCP makes the writes of event tcp that are due for a packet of another shard.
//	func (m *machine) writeTCP(p *packet.Packet, due []uint64, bit uint64, row int) {
//		if due[2]&bit != 0 {
//			m.metricPorts.Add(m.columns[7][row&63], 1, m.now)
//		}
//	}
//
// and, if there are some that are not certain, in place of the first line of the body
//
//	var reached uint64
//	if (due[2]|due[3])&bit != 0 {
//		reached = r.Await(m.place, eventTCP)
//	}
//	if due[2]&bit != 0 && reached&(1<<0) != 0 {
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
	columns := g.writeBatches[i].slots
	f.slots, f.row = columns, "row"
	var unsure *jen.Statement
	for n := from; n < to; n++ {
		w := g.plan.Writes[n]
		bits := func() *jen.Statement { return jen.Id("due").Index(jen.Lit(len(g.p.Events) + n)) }
		cond := bits().Op("&").Id("bit").Op("!=").Lit(0)
		if !w.Certain {
			cond.Op("&&").Id("reached").Op("&").Parens(jen.Lit(1).Op("<<").Lit(n)).Op("!=").Lit(0)
			if unsure == nil {
				unsure = bits()
			} else {
				unsure.Op("|").Add(bits())
			}
		}
		body := f.block(func() { f.stmt(w.Stmt) })
		f.add(jen.If(cond).Block(append(body, jen.Comment(resetMark))...))
	}
	if !readNames(rest)["key"] {
		bind = nil
	}
	params := []jen.Code{jen.Id("p").Op("*").Add(rt("packet", "Packet")), jen.Id("due").Index().Uint64(), jen.Id("bit").Uint64()}
	if columns != nil {
		params = append(params, jen.Id("row").Int())
	}
	if unsure != nil {
		params = append(params, routesParam())
		bind = append([]jen.Code{
			jen.Var().Id("reached").Uint64(),
			jen.If(jen.Parens(unsure).Op("&").Id("bit").Op("!=").Lit(0)).Block(
				jen.Id("reached").Op("=").Id("r").Dot("Await").Call(f.m("place"), jen.Id(g.events[i]))),
		}, bind...)
	}
	g.file.Commentf("%s makes the writes of event %s that are due for a packet of another shard.", g.writers[i], f.event.Name)
	g.method(g.writers[i], params, append(bind, rest...)...)
}
