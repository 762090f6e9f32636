package gogen

import (
	"github.com/dave/jennifer/jen"

	"github.com/streamon/streamon/codegen/ir"
)

// warmKinds are the monitors whose cells can be brought into the cache.
var warmKinds = map[string]bool{"cbf": true, "tbf": true, "tewma": true, "dleft": true}

// emitWarm writes
//
//	// warm reads the cells that the packets of b will need, so that the waits for
//	// memory overlap. The result means nothing.
//	func (m *machine) warm(b *packet.Batch) (sum uint64) {
//		for i := range b.Packets[:b.N] {
//			p := &b.Packets[i]
//			if p.Has&packet.TCP != 0 && p.TCPFlags&packet.SYN != 0 {
//				key := [16]byte(p.Dst)
//				hash := flow.Hash16(m.seed, &key)
//				sum += m.metricSyns.Warm(hash)
//			}
//		}
//		return sum
//	}
//
// and reports whether there is anything to read. A key that is made of values
// computed by the handler, or that need a test of their own, is left out.
func (g *gen) emitWarm() bool {
	var tests []jen.Code
	for i, e := range g.p.Events {
		if e.Kind == ir.PacketEvent && len(e.Handlers) > 0 {
			tests = append(tests, g.warmEvent(i)...)
		}
	}
	if tests == nil || !readNames(tests)["p"] {
		return false
	}
	g.file.Comment("// warm reads the cells that the packets of b will need, so that the waits for")
	g.file.Comment("// memory overlap. The result means nothing.")
	body := append([]jen.Code{jen.Id("p").Op(":=").Op("&").Id("b").Dot("Packets").Index(jen.Id("i"))}, tests...)
	g.file.Func().Params(jen.Id("m").Op("*").Id("machine")).Id("warm").
		Params(jen.Id("b").Op("*").Add(rt("packet", "Batch"))).Params(jen.Id("sum").Uint64()).Block(
		jen.For(jen.Id("i").Op(":=").Range().Id("b").Dot("Packets").Index(jen.Op(":").Id("b").Dot("N"))).Block(body...),
		jen.Return(jen.Id("sum")),
	)
	g.file.Line()
	return true
}

// warmEvent writes the reads for one packet event; nil if there are none.
func (g *gen) warmEvent(i int) []jen.Code {
	var body []jen.Code
	f := g.eventFn(&body, i)
	f.packet, f.silent = "p", true
	sel := f.selector()
	f.assume(sel)
	cond := f.g.selectorOf(i)
	if f.entity >= 0 {
		f.emitBind()
	}
	n := len(body)
	seen := map[string]bool{}
	for _, h := range f.event.Handlers {
		ops := h.Body.Ops
		if len(h.Body.Arms) > 0 {
			ops = append(ops[:len(ops):len(ops)], h.Body.Arms[0].Pre...)
		}
		for _, s := range ops {
			f.warmOp(s, seen)
		}
	}
	if len(body) == n {
		return nil
	}
	if n > 0 && !readNames(body)["hash"] { // no structure is read by the entity's own key
		body = append(body[:n-1:n-1], body[n:]...)
		if n--; !readNames(body)["key"] {
			body = body[n:]
		}
	}
	switch {
	case text(cond) == "true":
		return []jen.Code{jen.Block(body...)}
	}
	return []jen.Code{jen.If(cond).Block(body...)}
}

// warmOp writes the reads of one operation.
func (f *fn) warmOp(s ir.Stmt, seen map[string]bool) {
	read := func(field string, key []ir.Expr) {
		if len(key) == 0 || !f.isPlain(key) {
			return
		}
		k := f.makeKey(ir.Pos{}, key)
		if id := field + " " + k.hashed; !seen[id] {
			seen[id] = true
			f.add(jen.Id("sum").Op("+=").Uint64().Call(f.m(field).Dot("Warm").Call(k.hash())))
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
