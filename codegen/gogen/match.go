package gogen

import (
	"slices"
	"strings"

	"github.com/dave/jennifer/jen"
)

// emitMatch writes
//
//	// match finds the packets that events happen for: bit i of matched is packet i.
//	func (m *machine) match(packets []packet.Packet) (any uint64) {
//		var bitsSyn, bitsSynack uint64
//		for i := range packets {
//			p, bit := &packets[i], uint64(1)<<(i&63)
//			if p.Has&packet.TCP != 0 {
//	//line conficker.smon:20:1
//				if p.DstPort == 445 && p.TCPFlags == packet.SYN {
//					bitsSyn |= bit
//				}
//	//line conficker.smon:21:1
//				if p.SrcPort == 445 && … {
//					bitsSynack |= bit
//				}
//			}
//		}
//		m.matched[eventSyn], m.matched[eventSynack] = bitsSyn, bitsSynack
//		return bitsSyn | bitsSynack
//	}
//
// The layers that several events need are tested once for all of them. A selector
// reads the packet, parameters, lists and the time, none of which a handler changes,
// so it may be evaluated before the handlers of earlier packets run. Of a program in
// which only the first matching event runs, the conditions are the cases of a switch.
//
// What the decoder says of all packets of a chunk is a test that it made once for all
// programs. Of those of which it tells that no event happens for them,
//
//	func (m *machine) match(packets []packet.Packet, may uint64) (any uint64) {
//		may &= program.First(len(packets))
//		if may == 0 {
//			return 0
//		}
//
// none is looked at if few others are to be expected:
//
//	for todo := may; todo != 0; todo &= todo - 1 {
//		i, bit := program.FirstBit(todo), todo&-todo
//		p := &packets[i]
func (g *gen) emitMatch() {
	events := g.packetEvents()
	if len(events) == 0 {
		return
	}
	id, m := jen.Id, func(name string) *jen.Statement { return jen.Id("m").Dot(name) }
	var names, masks, bits []jen.Code
	var any *jen.Statement
	for _, i := range events {
		b := "bits" + camel(g.p.Events[i].Name)
		names, bits, masks = append(names, id(b)), append(bits, id(b)), append(masks, m("matched").Index(id(g.events[i])))
		if any == nil {
			any = id(b)
		} else {
			any = any.Op("|").Id(b)
		}
	}
	tests := g.emitTests(events)
	params := []jen.Code{id("packets").Index().Add(rt("packet", "Packet"))}
	var body []jen.Code
	few := g.skips.tcp && g.skips.udp
	if g.skips != (skips{}) {
		params = append(params, id("may").Uint64())
		body = append(body, id("may").Op("&=").Add(call("First", jen.Len(id("packets")))),
			jen.If(id("may").Op("==").Lit(0)).Block(jen.Return(jen.Lit(0))))
	}
	body = append(body, jen.Var().List(names...).Uint64())
	if slices.ContainsFunc(tests, isTimed) { // the time is that of the packet, and afterwards what it was
		tests = append([]jen.Code{m("now").Op("=").Int64().Call(id("packets").Index(id("i")).Dot("Time"))}, tests...)
		body = append(body, id("now").Op(":=").Add(m("now")), matchLoop(tests, few), m("now").Op("=").Id("now"))
	} else {
		body = append(body, matchLoop(tests, few))
	}
	g.file.Comment("match finds the packets that events happen for: bit i of matched is packet i.")
	g.file.Func().Params(id("m").Op("*").Id("machine")).Id("match").Params(params...).Params(id("any").Uint64()).
		Block(append(body, jen.List(masks...).Op("=").List(bits...), jen.Return(any))...)
	g.file.Line()
}

// matchLoop writes the loop over the packets of a chunk, or over those of may, which are few.
func matchLoop(tests []jen.Code, few bool) jen.Code {
	id := jen.Id
	i, p := id("i"), jen.Op("&").Id("packets").Index(id("i"))
	if few {
		return eachBit(id("may"), append([]jen.Code{
			jen.List(i, id("bit")).Op(":=").List(call("FirstBit", id("todo")), id("todo").Op("&").Op("-").Id("todo")),
			id("p").Op(":=").Add(p),
		}, tests...)...)
	}
	bit := jen.Uint64().Call(jen.Lit(1)).Op("<<").Parens(id("i").Op("&").Lit(chunkPackets - 1))
	head := id("bit").Op(":=").Add(bit)
	if readNames(tests)["p"] {
		head = jen.List(id("p"), id("bit")).Op(":=").List(p, bit)
	}
	return jen.For(i.Op(":=").Range().Id("packets")).Block(append([]jen.Code{head}, tests...)...)
}

// skips is of which packets the decoder's word is enough that no event of a program happens for
// them: those that are plain TCP if every event needs another layer than such packets have, and
// those that are plain UDP likewise. If of both, few packets are left.
type skips struct{ tcp, udp bool }

// planSkips finds them.
func (g *gen) planSkips() {
	events := g.packetEvents()
	g.skips = skips{len(events) > 0, len(events) > 0}
	for _, i := range events {
		need := g.matchFn(nil, i).selector().need
		g.skips.tcp = g.skips.tcp && need&^layer("Eth", "IP4", "IPLayer", "TCP") != 0
		g.skips.udp = g.skips.udp && need&^layer("Eth", "IP4", "IPLayer", "UDP") != 0
	}
}

// may writes what match is called with besides the packets of the chunk at from: those that
// are not skipped, if any may be.
func (s skips) may() []jen.Code {
	plain := func(name string) *jen.Statement {
		return jen.Id("b").Dot("Plain").Dot(name).Index(jen.Id("from").Op("/").Lit(chunkPackets))
	}
	switch {
	case s.tcp && s.udp:
		return []jen.Code{jen.Op("^").Parens(plain("TCP").Op("|").Add(plain("UDP")))}
	case s.tcp:
		return []jen.Code{jen.Op("^").Add(plain("TCP"))}
	case s.udp:
		return []jen.Code{jen.Op("^").Add(plain("UDP"))}
	}
	return nil
}

// isTimed reports whether code reads the time.
func isTimed(code jen.Code) bool { return strings.Contains(text(jen.Add(code)), "m.now") }

// emitTests writes the conditions of the events.
func (g *gen) emitTests(events []int) []jen.Code {
	hit := func(i int) *jen.Statement { return jen.Id("bits" + camel(g.p.Events[i].Name)).Op("|=").Id("bit") }
	var out []jen.Code
	if g.p.MatchFirst {
		var cases []jen.Code
		for _, i := range events {
			f := g.matchFn(&cases, i)
			f.at(g.p.Events[i].Pos)
			f.add(jen.Case(f.condition(f.selector())).Block(jen.Comment(resetMark), hit(i)))
		}
		return append(out, jen.Switch().Block(cases...), jen.Comment(resetMark))
	}
	for _, group := range g.sameLayers(events) {
		need := g.matchFn(nil, group[0]).selector().need
		var tests []jen.Code
		for _, i := range group {
			f := g.matchFn(&tests, i)
			f.known = need
			f.at(g.p.Events[i].Pos)
			if cond := f.condition(f.selector()); text(cond) == "true" {
				f.add(hit(i))
			} else {
				f.add(jen.If(cond).Block(hit(i)))
			}
		}
		if need != 0 {
			tests = []jen.Code{jen.If(g.matchFn(nil, group[0]).hasAll(need)).Block(tests...)}
		}
		out = append(out, tests...)
	}
	return append(out, jen.Comment(resetMark))
}

// matchFn is the context of the condition of event i.
func (g *gen) matchFn(out *[]jen.Code, i int) *fn {
	f := g.eventFn(out, i)
	f.packet = "p"
	return f
}

// sameLayers groups events that need the same layers, in order of the first of each
// group. What is a test of the packet alone may be made in any order.
func (g *gen) sameLayers(events []int) (groups [][]int) {
	at := map[layers]int{}
	for _, i := range events {
		need := g.matchFn(nil, i).selector().need
		n, ok := at[need]
		if !ok {
			n = len(groups)
			at[need] = n
			groups = append(groups, nil)
		}
		groups[n] = append(groups[n], i)
	}
	return groups
}
