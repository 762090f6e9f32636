package gogen

import (
	"fmt"

	"github.com/dave/jennifer/jen"

	"github.com/streamon/streamon/codegen/ir"
)

// emitStart writes
//
//	c := captureCheck{Has: p.Has, TcpDstport: p.DstPort}
//	m.timeoutCheck.Start(hash, &key, program.Add(m.now, m.paramPeriod), 0, &c)
//
// or, to keep what a running timer captured, Postpone for Start;
// under the guard that the duration is defined and not negative; a repeating one
// must be above 0.
func (f *fn) emitStart(s *ir.Start) {
	if f.key == nil {
		f.fail(fmt.Errorf("start without an entity"))
		return
	}
	after := wide(f.value(s.After))
	least := int64(0)
	if s.Every {
		least = 1
	}
	if !(after.lit && after.n >= least) {
		op := map[bool]string{false: ">=", true: ">"}[s.Every]
		after = after.also(after.in(precAdd).Op(op).Lit(0))
	}
	f.guard(s.Pos, after, func() {
		period := jen.Lit(0)
		if s.Every {
			period = after.code.Clone()
		}
		start := "Start"
		if s.Keep {
			start = "Postpone"
		}
		f.user(s.Pos, f.m(f.g.timeouts[s.Event]).Dot(start).Call(
			f.key.hash(), f.key.ref(), call("Add", f.now(), after.code), period, f.capture(s.Event)))
	})
}

// emitStop writes
//
//	m.timeoutCheck.Stop(hash, &key)
func (f *fn) emitStop(s *ir.Stop) {
	if f.key == nil {
		f.fail(fmt.Errorf("stop without an entity"))
		return
	}
	f.user(s.Pos, f.m(f.g.timeouts[s.Event]).Dot("Stop").Call(f.key.hash(), f.key.ref()))
}

// emitTimeout writes
//
//	// onCheck is event check: a timer of a server.
//	func (m *machine) onCheck(limit int64) {
//		var key [16]byte
//		var c captureCheck
//		if _, ok := m.timeoutCheck.Fire(limit, &key, &c); !ok {
//			return
//		}
//		m.count.Events[eventCheck]++
//		hash := flow.OfIP(m.seed, &key)
//		…
//	}
func (g *gen) emitTimeout(i int) {
	e, c := g.p.Events[i], &g.captures[i]
	var body []jen.Code
	f := g.eventFn(&body, i)
	f.captures, f.captured = c, "c"
	kept := jen.Op("&").Struct().Values()
	f.declareKey()
	switch {
	case c.hasText: // its texts may stand in records, which live in the machine
		f.add(jen.Id("c").Op(":=").Op("&").Id("m").Dot(g.captureVars[i]))
		kept = jen.Id("c")
	case c.alias != "":
		f.add(jen.Var().Id("c").Id(c.alias))
		kept = jen.Op("&").Id("c")
	}
	f.add(jen.If(
		jen.List(jen.Id("_"), jen.Id("ok")).Op(":=").Add(f.m(g.timeouts[i])).Dot("Fire").Call(jen.Id("limit"), f.key.ref(), kept),
		jen.Op("!").Id("ok"),
	).Block(jen.Return()))
	f.count(i)
	if g.shards() {
		f.add(f.m("rank").Op("=").Id(g.events[i]))
	}
	if f.handles() {
		f.add(f.key.hash().Op(":=").Add(f.entityHash()))
		f.emitHandlers()
	}
	g.file.Commentf("%s is event %s: a timer of a %s.", g.handlers[i], e.Name, g.p.Entities[e.Entity].Name)
	g.method(g.handlers[i], []jen.Code{jen.Id("limit").Int64()}, body...)
}

// emitTick writes
//
//	// onReport is event report, which happens at a fixed period.
//	func (m *machine) onReport(limit int64) {
//		if _, _, ok := m.tickReport.Fire(limit); !ok {
//			return
//		}
//		m.count.Events[eventReport]++
//		…
//	}
func (g *gen) emitTick(i int) {
	var body []jen.Code
	f := g.eventFn(&body, i)
	f.add(jen.If(
		jen.List(jen.Id("_"), jen.Id("_"), jen.Id("ok")).Op(":=").Add(f.m(g.ticks[i])).Dot("Fire").Call(jen.Id("limit")),
		jen.Op("!").Id("ok"),
	).Block(jen.Return()))
	f.count(i)
	f.emitHandlers()
	g.file.Commentf("%s is event %s, which happens at a fixed period.", g.handlers[i], g.p.Events[i].Name)
	g.method(g.handlers[i], []jen.Code{jen.Id("limit").Int64()}, body...)
}

// emitExpiry writes
//
//	// expireHost moves a host on whose state has ended.
//	func (m *machine) expireHost(limit int64) {
//		var key [16]byte
//		state, _, ok := m.entityHost.Expire(limit, &key)
//		if !ok {
//			return
//		}
//		next := stateDefault
//		switch state {
//		case stateSuspect:
//			next = stateWatched
//		}
//		m.moveHost(flow.OfIP(m.seed, &key), &key, next)
//	}
func (g *gen) emitExpiry(entity int) {
	var body []jen.Code
	f := g.newFn(&body)
	f.entity = entity
	f.declareKey()
	var cases []jen.Code
	for i, s := range g.p.States {
		if s.For != nil && !s.Lazy && s.Next != 0 {
			cases = append(cases, jen.Case(jen.Id(g.states[i])).Block(jen.Id("next").Op("=").Id(g.states[s.Next])))
		}
	}
	state := "_"
	if cases != nil {
		state = "state"
	}
	f.add(jen.List(jen.Id(state), jen.Id("_"), jen.Id("ok")).Op(":=").Add(f.m(g.entities[entity])).Dot("Expire").Call(jen.Id("limit"), f.key.ref()))
	f.add(jen.If(jen.Op("!").Id("ok")).Block(jen.Return()))
	next := jen.Id(g.states[0])
	if cases != nil {
		f.add(jen.Id("next").Op(":=").Add(next), jen.Switch(jen.Id("state")).Block(cases...))
		next = jen.Id("next")
	}
	f.add(f.m(g.movers[entity]).Call(f.entityHash(), f.key.ref(), next))
	g.file.Commentf("%s moves a %s on whose state has ended.", g.expirers[entity], g.p.Entities[entity].Name)
	g.method(g.expirers[entity], []jen.Code{jen.Id("limit").Int64()}, body...)
}

// emitAdvance writes
//
//	// advance moves packet time to limit and fires the timers that are due on the
//	// way; while one fires, time is its deadline.
//	func (m *machine) advance(limit int64) {
//		for {
//			wheel, deadline, ok := m.agenda.Next(limit)
//			if !ok {
//				break
//			}
//			m.now = max(m.now, deadline)
//			switch wheel {
//			case 0:
//				m.expireServer(limit)
//			case 1:
//				m.onCheck(limit)
//			}
//		}
//		m.now = limit
//	}
func (g *gen) emitAdvance() {
	var cases []jen.Code
	for i, w := range g.wheels {
		cases = append(cases, jen.Case(jen.Lit(i)).Block(jen.Id("m").Dot(w.fire).Call(jen.Id("limit"))))
	}
	now := jen.Id("m").Dot("now")
	body := []jen.Code{now.Clone().Op("=").Id("limit")}
	if cases != nil {
		body = append([]jen.Code{jen.For().Block(
			jen.List(jen.Id("wheel"), jen.Id("deadline"), jen.Id("ok")).Op(":=").Id("m").Dot("agenda").Dot("Next").Call(jen.Id("limit")),
			jen.If(jen.Op("!").Id("ok")).Block(jen.Break()),
			now.Clone().Op("=").Max(now.Clone(), jen.Id("deadline")),
			jen.Switch(jen.Id("wheel")).Block(cases...),
		)}, body...)
	}
	g.file.Comment("// advance moves packet time to limit and fires the timers that are due on the")
	g.file.Comment("// way; while one fires, time is its deadline.")
	g.method("advance", []jen.Code{jen.Id("limit").Int64()}, body...)
}

// emitBegin writes
//
//	// begin starts the program's clock at its first packet.
//	func (m *machine) begin(first int64) {
//		m.core.Started, m.core.First, m.core.Now, m.now = true, first, first, first
//		m.startTicks()
//	}
//
//	// startTicks arms the ticks that do not run yet.
//	func (m *machine) startTicks() {
//		m.tickReport.Start(0, m.core.NextTick(10000000000), 10000000000)
//	}
func (g *gen) emitBegin() {
	core := func(name string) jen.Code { return jen.Id("m").Dot("core").Dot(name) }
	first := jen.Id("first")
	body := []jen.Code{
		jen.List(core("Started"), core("First"), core("Now"), jen.Id("m").Dot("now")).Op("=").List(jen.True(), first, first, first),
	}
	if g.hasTicks() {
		body = append(body, jen.Id("m").Dot("startTicks").Call())
	}
	g.file.Comment("begin starts the program's clock at its first packet.")
	g.method("begin", []jen.Code{first.Clone().Int64()}, body...)
	if !g.hasTicks() {
		return
	}
	var starts []jen.Code
	f := g.newFn(&starts)
	for i, e := range g.p.Events {
		if e.Kind != ir.TickEvent {
			continue
		}
		period := f.value(e.Period)
		if !(period.lit && period.n > 0) {
			period = period.also(period.in(precAdd).Op(">").Lit(0))
		}
		f.guard(e.Pos, period, func() {
			f.user(e.Pos, f.m(g.ticks[i]).Dot("Start").Call(jen.Lit(0), jen.Id("m").Dot("core").Dot("NextTick").Call(period.code), period.code))
		})
		f.reset()
	}
	g.file.Comment("startTicks arms the ticks that do not run yet.")
	g.method("startTicks", nil, starts...)
}
