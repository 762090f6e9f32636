package gogen

import (
	"slices"

	"github.com/dave/jennifer/jen"

	"github.com/streamon/streamon/codegen/ir"
)

// A chunk is *idle* if no handler would do anything about its packets: every entity is in the
// default state, of the conditions there none holds for any row, no timer is due, and what
// handlers do else was done column by column. Of most traffic most chunks are, and the loop
// over their packets is left out.

// hasIdle reports whether it can be told that a chunk is idle: of every packet event there are
// rows, and in the default state it does nothing but what is columnar unless a condition
// holds that packet and columns decide.
func (g *gen) hasIdle() bool {
	events := g.packetEvents()
	return g.hasColumns() && !slices.ContainsFunc(events, func(i int) bool {
		return g.batches[i].slots == nil || !g.isRowwise(g.p.Events[i])
	})
}

// isRowwise reports whether rows tell if the event does anything in the default state.
func (g *gen) isRowwise(e *ir.Event) bool {
	h := defaultOf(e)
	if h == nil {
		return true
	}
	plain := len(h.Body.Always) == 0
	see := func(stmts []ir.Stmt) {
		for _, s := range stmts {
			switch s := s.(type) {
			case *ir.Let:
				plain = plain && ofRow(s.X)
			case *ir.Set:
				_, is := g.columnar[s.Metric]
				plain = plain && is
			default:
				plain = false
			}
		}
	}
	see(h.Body.Ops)
	for _, a := range h.Body.Arms {
		see(a.Pre)
		plain = plain && a.If != nil && ofRow(a.If)
	}
	return plain
}

// inDefault reports whether a handler is one of the default state, or of a program-wide event.
func inDefault(h *ir.Handler) bool { return h.States == nil || slices.Contains(h.States, 0) }

// defaultOf returns what an event does in the default state, nil if nothing.
func defaultOf(e *ir.Event) *ir.Handler {
	if i := slices.IndexFunc(e.Handlers, inDefault); i >= 0 {
		return e.Handlers[i]
	}
	return nil
}

// ofRow reports whether an expression reads nothing but the packet, locals, parameters and
// lists.
func ofRow(e ir.Expr) bool {
	is := true
	ir.Walk(e, func(x ir.Expr) bool {
		switch x := x.(type) {
		case *ir.EntityField, *ir.TopList:
			is = false
		case *ir.Call:
			is = is && !isClock(x)
		}
		return is
	})
	return is
}

// emitIdle writes
//
//	// idle reports whether no handler would do anything about the chunk that fill has
//	// prepared, whose last packet is of that time.
//	func (m *machine) idle(packets []packet.Packet, last int64) bool {
//		if last >= m.agenda.Earliest() || m.entityServer.Len() > 0 {
//			return false
//		}
//		for row := range program.Rows(m.matched[eventSyn]) {
//			syns := m.rates[0][row&63]
//			if syns > 1000000000 {
//				return false
//			}
//		}
//		return true
//	}
//
// It takes packets if a condition reads them, and the time if there are timers.
func (g *gen) emitIdle() {
	if !g.hasIdle() {
		return
	}
	g.idle = new(idle)
	var params []jen.Code
	var busy []*jen.Statement
	if len(g.wheels) > 0 {
		g.idle.timed = true
		busy = append(busy, jen.Id("last").Op(">=").Id("m").Dot("agenda").Dot("Earliest").Call())
	}
	var rows []jen.Code
	var entities []int
	for _, i := range g.packetEvents() {
		if e := g.p.Events[i].Entity; e >= 0 && !slices.Contains(entities, e) {
			entities = append(entities, e)
			busy = append(busy, jen.Id("m").Dot(g.entities[e]).Dot("Len").Call().Op(">").Lit(0))
		}
		rows = append(rows, g.idleRows(i)...)
	}
	about := "prepared."
	if g.idle.packets {
		params = append(params, jen.Id("packets").Index().Add(rt("packet", "Packet")))
	}
	if g.idle.timed {
		params = append(params, jen.Id("last").Int64())
		about = "prepared, whose last packet is of that time."
	}
	var body []jen.Code
	if busy != nil {
		body = append(body, jen.If(join("||", busy)).Block(jen.Return(jen.False())))
	}
	g.file.Comment("idle reports whether no handler would do anything about the chunk that fill has")
	g.file.Comment(about)
	g.file.Func().Params(jen.Id("m").Op("*").Id("machine")).Id("idle").Params(params...).Bool().
		Block(append(append(body, rows...), jen.Return(jen.True()))...)
	g.file.Line()
}

// idle says what the method idle takes.
type idle struct{ packets, timed bool }

// idleRows writes the loop over the rows of event i.
func (g *gen) idleRows(i int) []jen.Code {
	h := defaultOf(g.p.Events[i])
	if h == nil || len(h.Body.Arms) == 0 {
		return nil
	}
	var row []jen.Code
	f := g.eventFn(&row, i)
	f.packet, f.silent, f.sieves = "p", true, true
	f.slots, f.row = g.batches[i].slots, "row"
	f.assume(f.selector())
	f.emitBody(h)
	id, matched := jen.Id, jen.Id("m").Dot("matched").Index(jen.Id(g.events[i]))
	if !readNames(row)["p"] {
		return []jen.Code{jen.For(id("row").Op(":=").Range().Add(call("Rows", matched))).Block(row...)}
	}
	g.idle.packets = true
	row = append([]jen.Code{packetOfBit()}, row...)
	return []jen.Code{jen.For(
		jen.List(id("row"), id("todo")).Op(":=").List(jen.Lit(0), matched),
		id("todo").Op("!=").Lit(0),
		jen.List(id("row"), id("todo")).Op("=").List(id("row").Op("+").Lit(1), id("todo").Op("&").Parens(id("todo").Op("-").Lit(1))),
	).Block(row...)}
}

// call writes m.idle(packets, last), where last is the time of the last packet.
func (w *idle) call(packets, last *jen.Statement) *jen.Statement {
	var args []jen.Code
	if w.packets {
		args = append(args, packets)
	}
	if w.timed {
		args = append(args, last)
	}
	return jen.Id("m").Dot("idle").Call(args...)
}
