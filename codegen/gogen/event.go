package gogen

import (
	"github.com/dave/jennifer/jen"

	"github.com/streamon/streamon/codegen/ir"
	"github.com/streamon/streamon/lang/types"
)

// newFn returns the context of a method that writes to out.
func (g *gen) newFn(out *[]jen.Code) *fn {
	return &fn{
		g: g, out: out, names: localScope(), entity: -1,
		keys: map[string]*keyVar{}, heads: map[string]string{}, knownOK: map[string]bool{},
	}
}

// eventFn returns the context of the method that handles event i.
func (g *gen) eventFn(out *[]jen.Code, i int) *fn {
	f := g.newFn(out)
	f.event, f.entity = g.p.Events[i], g.p.Events[i].Entity
	return f
}

// count writes m.count.Events[eventSyn]++.
func (f *fn) count(i int) {
	f.add(f.m("count").Dot("Events").Index(jen.Id(f.g.events[i])).Op("++"))
}

// handles reports whether the event does anything.
func (f *fn) handles() bool { return len(f.event.Handlers) > 0 }

// hasText reports whether a key of the entity has a text.
func (g *gen) hasText(entity int) bool {
	for _, k := range g.p.Entities[entity].Fields {
		if k.Type == types.String {
			return true
		}
	}
	return false
}

func (g *gen) entitySize(entity int) int {
	n := 0
	for _, k := range g.p.Entities[entity].Fields {
		n += keySize(k.Type)
	}
	return n
}

// newKey returns the variables of the entity's key. A key with texts stands in the
// machine, because records refer to it.
func (f *fn) newKey() *keyVar {
	return &keyVar{name: "key", hashed: "hash", size: f.g.entitySize(f.entity), pointer: f.g.hasText(f.entity)}
}

// declareKey writes var key [16]byte.
func (f *fn) declareKey() {
	f.key = f.newKey()
	if f.key.pointer {
		f.add(jen.Id("key").Op(":=").Op("&").Id("m").Dot(f.g.keyVars[f.entity]))
	} else {
		f.add(jen.Var().Id("key").Add(keyType(f.key.size)))
	}
	f.rememberKey()
}

// rememberKey lets operations on the entity's own key use it.
func (f *fn) rememberKey() { f.keys[f.entityID()] = f.key }

// entityID is the content of the entity's own key.
func (f *fn) entityID() string {
	var parts []ir.Expr
	for i, k := range f.g.p.Entities[f.entity].Fields {
		parts = append(parts, &ir.EntityField{Typed: ir.Typed{T: k.Type}, Index: i})
	}
	return f.keyID(parts)
}

// selector returns the condition for a packet event, its key included.
func (f *fn) selector() val {
	var v val
	if f.event.Where != nil {
		v = f.cond(f.event.Where)
	}
	for _, b := range f.event.Bind {
		v = f.both(v, with(nil, precPrimary, f.value(b)))
	}
	return v
}

// selectorOf is the condition of packet event i as code.
func (g *gen) selectorOf(i int) *jen.Statement {
	f := g.eventFn(new([]jen.Code), i)
	f.packet = "p"
	return f.condition(f.selector())
}

// assume lets the code that follows rely on a condition.
func (f *fn) assume(v val) {
	f.known = v.need
	for _, c := range v.oks {
		f.knownOK[text(c)] = true
	}
}

// emitPacketEvent writes
//
//	// onSyn is event syn: a packet for a server.
//	func (m *machine) onSyn(p *packet.Packet) {
//		m.count.Events[eventSyn]++
//		key := [16]byte(p.Dst)
//		hash := flow.Hash16(m.seed, &key)
//		…
//	}
func (g *gen) emitPacketEvent(i int) {
	var body []jen.Code
	f := g.eventFn(&body, i)
	f.packet, f.slots = "p", g.warmed[i].slots
	f.assume(f.selector())
	f.count(i)
	about := "a packet"
	if f.entity >= 0 {
		about += " for a " + g.p.Entities[f.entity].Name
		if f.handles() {
			f.emitBind()
		}
	}
	f.emitHandlers()
	g.file.Commentf("%s is event %s: %s.", g.handlers[i], f.event.Name, about)
	params := []jen.Code{jen.Id("p").Op("*").Add(rt("packet", "Packet"))}
	if g.warmed[i].slots != nil {
		params = append(params, jen.Id("hashes").Op("*").Add(g.hashesType()))
	}
	g.method(g.handlers[i], params, body...)
}

// emitBind writes the key of the entity and its hash:
//
//	key := [16]byte(p.Dst)
//	hash := flow.Hash16(m.seed, &key)
func (f *fn) emitBind() {
	k := f.newKey()
	if f.event.Pos.IsValid() {
		f.at(f.event.Pos)
	}
	if k.pointer {
		f.add(jen.Id("key").Op(":=").Op("&").Id("m").Dot(f.g.keyVars[f.entity]))
	}
	f.fillKey(k, f.event.Bind, !k.pointer)
	if f.event.Sorted {
		f.add(rt("flow", "Both").Call(k.from(0)))
	}
	f.reset()
	f.key = k
	f.rememberKey()
	if slot, ok := f.slots[f.entityID()]; ok {
		f.add(jen.Id("hash").Op(":=").Id(slotName(slot)))
		return
	}
	f.add(jen.Id("hash").Op(":=").Add(f.hashCall(k)))
}

// emitProcess writes
//
//	func (m *machine) Process(b *packet.Batch, v *program.Verdicts) {
//		if b.N > 0 && !m.core.Started {
//			m.begin(int64(b.Packets[0].Time))
//		}
//		for i := range b.Packets[:b.N] {
//			if i&15 == 0 {
//				m.warmed += m.warm(b.Packets[i:min(i+16, b.N)])
//			}
//			p := &b.Packets[i]
//			if int64(p.Time) >= m.agenda.Earliest() {
//				m.advance(int64(p.Time))
//			}
//			m.now = int64(p.Time)
//	//line ddos.smon:14:1
//			if p.Has&packet.TCP != 0 && p.TCPFlags&packet.SYN != 0 {
//				m.onSyn(p, &m.hashes[i&15])
//			}
//			if m.verdict != 0 {
//				m.count.Verdict(m.verdict)
//				v.Of[i] |= m.verdict
//				v.Any |= m.verdict
//				m.verdict = 0
//			}
//		}
//		m.count.Packets += uint64(b.N)
//		m.core.Now = m.now
//	}
//
// A program in which only the first matching event runs has a switch in place of
// the ifs.
func (g *gen) emitProcess() {
	now := jen.Id("m").Dot("now")
	time := jen.Int64().Call(jen.Id("p").Dot("Time"))
	loop := append(g.warmCall(), jen.Id("p").Op(":=").Op("&").Id("b").Dot("Packets").Index(jen.Id("i")))
	if len(g.wheels) > 0 {
		loop = append(loop, jen.If(time.Clone().Op(">=").Id("m").Dot("agenda").Dot("Earliest").Call()).Block(
			jen.Id("m").Dot("advance").Call(time.Clone())))
	}
	loop = append(loop, now.Clone().Op("=").Add(time.Clone()))
	loop = append(loop, g.emitSelectors()...)
	if g.verdicts {
		verdict := jen.Id("m").Dot("verdict")
		loop = append(loop, jen.If(verdict.Clone().Op("!=").Lit(0)).Block(
			jen.Id("m").Dot("count").Dot("Verdict").Call(verdict.Clone()),
			jen.Id("v").Dot("Of").Index(jen.Id("i")).Op("|=").Add(verdict.Clone()),
			jen.Id("v").Dot("Any").Op("|=").Add(verdict.Clone()),
			verdict.Clone().Op("=").Lit(0),
		))
	}
	i := jen.Id("i")
	g.file.Comment("Process runs the program over the packets of b.")
	v := jen.Id("v")
	if !g.verdicts {
		v = jen.Id("_")
	}
	g.method("Process", []jen.Code{
		jen.Id("b").Op("*").Add(rt("packet", "Batch")), v.Op("*").Add(program("Verdicts")),
	},
		jen.If(jen.Id("b").Dot("N").Op(">").Lit(0).Op("&&").Op("!").Id("m").Dot("core").Dot("Started")).Block(
			jen.Id("m").Dot("begin").Call(jen.Int64().Call(jen.Id("b").Dot("Packets").Index(jen.Lit(0)).Dot("Time"))),
		),
		jen.For(i.Op(":=").Range().Id("b").Dot("Packets").Index(jen.Op(":").Id("b").Dot("N"))).Block(loop...),
		jen.Id("m").Dot("count").Dot("Packets").Op("+=").Uint64().Call(jen.Id("b").Dot("N")),
		jen.Id("m").Dot("core").Dot("Now").Op("=").Add(now.Clone()),
	)
}

// emitSelectors writes the tests of the packet events in order of declaration.
func (g *gen) emitSelectors() []jen.Code {
	var out, cases []jen.Code
	for i, e := range g.p.Events {
		if e.Kind != ir.PacketEvent {
			continue
		}
		var lines []jen.Code
		f := g.eventFn(&lines, i)
		cond := g.selectorOf(i)
		args := []jen.Code{jen.Id("p")}
		if g.warmed[i].slots != nil {
			args = append(args, jen.Op("&").Id("m").Dot("hashes").Index(jen.Id("i").Op("&").Lit(warmPackets-1)))
		}
		call := jen.Id("m").Dot(g.handlers[i]).Call(args...)
		f.at(e.Pos)
		if g.p.MatchFirst {
			cases = append(append(cases, lines...), jen.Case(cond).Block(jen.Comment(resetMark), call))
			continue
		}
		if text(cond) == "true" {
			out = append(append(out, lines...), call)
			continue
		}
		out = append(append(out, lines...), jen.If(cond).Block(call))
	}
	if cases != nil {
		out = append(out, jen.Switch().Block(cases...))
	}
	if out != nil {
		out = append(out, jen.Comment(resetMark))
	}
	return out
}
