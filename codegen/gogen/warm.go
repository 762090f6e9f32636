package gogen

import (
	"slices"
	"strings"

	"github.com/dave/jennifer/jen"

	"github.com/streamon/streamon/codegen/ir"
)

// warmKinds are the monitors whose cells can be brought into the cache.
var warmKinds = map[string]bool{"cbf": true, "tbf": true, "tewma": true, "dleft": true}

// warmPackets is how many packets are prepared at a time. What they need must stay
// in the second-level cache until it is used: with 16 packets and 32 metrics some
// 100 KB. A power of two.
const warmPackets = 16

// warmed is what warm does for one packet event.
type warmed struct {
	cond    *jen.Statement
	hashing []jen.Code     // makes the keys and puts their hashes into hashes
	touches []jen.Code     // reads the cells
	slots   map[string]int // where the hash of a key is, by content; nil = nothing is done
}

// planWarm decides what is read beforehand, and where the hashes are kept.
func (g *gen) planWarm() {
	g.warmed = make([]warmed, len(g.p.Events))
	for i, e := range g.p.Events {
		if e.Kind == ir.PacketEvent && len(e.Handlers) > 0 {
			g.warmed[i] = g.warmEvent(i)
		}
	}
}

// hashesType writes [5]uint64.
func (g *gen) hashesType() *jen.Statement { return jen.Index(jen.Lit(g.hashes)).Uint64() }

// warmCall writes, at the head of the loop over a batch,
//
//	if i&15 == 0 {
//		m.warmed += m.warm(b.Packets[i:min(i+16, b.N)])
//	}
func (g *gen) warmCall() []jen.Code {
	if g.hashes == 0 {
		return nil
	}
	i := jen.Id("i")
	chunk := jen.Id("b").Dot("Packets").Index(i.Clone().Op(":").Min(i.Clone().Op("+").Lit(warmPackets), jen.Id("b").Dot("N")))
	return []jen.Code{jen.If(i.Clone().Op("&").Lit(warmPackets - 1).Op("==").Lit(0)).Block(
		jen.Id("m").Dot("warmed").Op("+=").Id("m").Dot("warm").Call(chunk),
	)}
}

// emitWarm writes
//
//	// warm hashes the keys of the next packets, at most 16, and then reads the cells
//	// that they need, so that the waits for memory overlap. The result means nothing.
//	func (m *machine) warm(packets []packet.Packet) (sum uint64) {
//		var rows [16]uint8 // packets of the event at hand
//		n := 0
//		for i := range packets {
//			p, hashes := &packets[i], &m.hashes[i&15]
//			if p.Has&packet.TCP != 0 && p.TCPFlags&packet.SYN != 0 {
//				key := [16]byte(p.Dst)
//				hash := flow.Hash16(m.seed, &key)
//				hashes[0] = hash
//				rows[n&15] = uint8(i)
//				n++
//			}
//		}
//		for _, i := range rows[:n] {
//			hashes := &m.hashes[i&15]
//			sum += m.metricSyns.Warm(hashes[0])
//		}
//		return sum
//	}
//
// if there is anything to read. A key that is made of values computed by the
// handler, or that need a test of their own, is left out. A handler relies on the
// hashes: it runs only for packets that meet the same condition.
func (g *gen) emitWarm() {
	if g.hashes == 0 {
		return
	}
	id := func(name string) *jen.Statement { return jen.Id(name) }
	mask := warmPackets - 1
	body := []jen.Code{
		jen.Var().Id("rows").Index(jen.Lit(warmPackets)).Uint8().Comment("packets of the event at hand"),
		id("n").Op(":=").Lit(0),
	}
	for i, w := range g.warmed {
		if w.slots == nil {
			continue
		}
		if len(body) > 2 {
			body = append(body, id("n").Op("=").Lit(0))
		}
		body = append(body, jen.Commentf("Event %s.", g.p.Events[i].Name))
		test := append(w.hashing[:len(w.hashing):len(w.hashing)],
			id("rows").Index(id("n").Op("&").Lit(mask)).Op("=").Uint8().Call(id("i")), id("n").Op("++"))
		if text(w.cond) != "true" {
			test = []jen.Code{jen.If(w.cond).Block(test...)}
		}
		body = append(body,
			jen.For(id("i").Op(":=").Range().Id("packets")).Block(append([]jen.Code{
				jen.List(id("p"), id("hashes")).Op(":=").List(jen.Op("&").Id("packets").Index(id("i")), jen.Op("&").Id("m").Dot("hashes").Index(id("i").Op("&").Lit(mask))),
			}, test...)...),
			jen.For(jen.List(id("_"), id("i")).Op(":=").Range().Id("rows").Index(jen.Op(":").Id("n"))).Block(append([]jen.Code{
				id("hashes").Op(":=").Op("&").Id("m").Dot("hashes").Index(id("i").Op("&").Lit(mask)),
			}, w.touches...)...),
		)
	}
	g.file.Commentf("warm hashes the keys of the next packets, at most %d, and then reads the cells", warmPackets)
	g.file.Comment("that they need, so that the waits for memory overlap. The result means nothing.")
	g.file.Func().Params(id("m").Op("*").Id("machine")).Id("warm").
		Params(id("packets").Index().Add(rt("packet", "Packet"))).Params(id("sum").Uint64()).
		Block(append(body, jen.Return(id("sum")))...)
	g.file.Line()
}

// warmEvent plans one packet event.
func (g *gen) warmEvent(i int) warmed {
	w := warmed{cond: g.selectorOf(i), slots: map[string]int{}}
	f := g.eventFn(&w.hashing, i)
	f.packet, f.silent = "p", true
	f.assume(f.selector())
	if f.entity >= 0 {
		f.emitBind()
	}
	n := len(w.hashing)
	seen := map[string]bool{}
	for _, h := range f.event.Handlers {
		ops := h.Body.Ops
		if len(h.Body.Arms) > 0 {
			ops = append(ops[:len(ops):len(ops)], h.Body.Arms[0].Pre...)
		}
		for _, s := range ops {
			f.warmOp(&w, s, seen)
		}
	}
	// What the condition reads must not change until the handler runs, nor what the
	// keys are made of: both come from the packet, parameters and lists only, and the
	// host changes a list between two batches only.
	if len(w.touches) == 0 || isTimed(w.cond) || slices.ContainsFunc(w.hashing, isTimed) || !readNames(w.hashing)["p"] {
		return warmed{}
	}
	if n > 0 && !readNames(w.hashing)["hash"] { // no structure is read by the entity's own key
		w.hashing = append(w.hashing[:n-1:n-1], w.hashing[n:]...)
		if n--; !readNames(w.hashing)["key"] {
			w.hashing = w.hashing[n:]
		}
	}
	g.hashes += len(w.slots)
	return w
}

// isTimed reports whether code reads the time, which is another one when the
// handler runs.
func isTimed(code jen.Code) bool { return strings.Contains(text(jen.Add(code)), "m.now") }

// warmOp plans the reads of one operation.
func (f *fn) warmOp(w *warmed, s ir.Stmt, seen map[string]bool) {
	read := func(field string, key []ir.Expr) {
		if len(key) == 0 || !f.isPlain(key) {
			return
		}
		k, id := f.makeKey(ir.Pos{}, key), f.keyID(key)
		slot, ok := w.slots[id]
		if !ok {
			slot = f.g.hashes + len(w.slots)
			w.slots[id] = slot
			f.add(jen.Id(slotName(slot)).Op("=").Add(k.hash()))
		}
		if id := field + " " + k.hashed; !seen[id] {
			seen[id] = true
			w.touches = append(w.touches, jen.Id("sum").Op("+=").Uint64().Call(f.m(field).Dot("Warm").Call(jen.Id(slotName(slot)))))
		}
	}
	metric := func(i int, key, distinct []ir.Expr) {
		d := f.g.p.Metrics[i]
		if d.Detector != nil {
			read(f.g.detectors[i], distinct)
		}
		if d.Monitor != nil && warmKinds[d.Monitor.Kind] {
			read(f.g.metrics[i], key)
		}
	}
	switch s := s.(type) {
	case *ir.Set:
		metric(s.Metric, s.Key, s.Distinct)
	case *ir.Get:
		metric(s.Metric, s.Key, s.Distinct)
	case *ir.Load:
		read(f.g.tables[s.Table], s.Key)
	case *ir.Has:
		read(f.g.tables[s.Table], s.Key)
	}
}

// isPlain reports whether a key can be made as soon as the event has matched.
func (f *fn) isPlain(key []ir.Expr) bool {
	plain := true
	for _, e := range key {
		ir.Walk(e, func(x ir.Expr) bool {
			switch x := x.(type) {
			case *ir.LocalRef:
				plain = false
			case *ir.Call:
				plain = plain && len(x.Args) > 0
			}
			return plain
		})
	}
	return plain && len(f.guards(f.all(key))) == 0
}
