package gogen

import (
	"slices"

	"github.com/dave/jennifer/jen"

	"github.com/streamon/streamon/codegen/ir"
)

// emitHandlers writes what an event does, by state of its entity:
//
//	switch from := m.entityServer.Visit(hash, &key, m.now); from {
//	case stateDefault:
//		…
//	case stateMonitored, stateRising:
//		…
//	}
//
// from is left out where no record needs it. A program-wide event has one body
// and no states.
func (f *fn) emitHandlers() {
	if f.entity < 0 {
		for _, h := range f.event.Handlers {
			f.emitBody(h)
		}
		return
	}
	if !f.handles() {
		return
	}
	visit := f.visit()
	if len(f.event.Handlers) == 0 {
		f.add(visit)
		return
	}
	var cases []jen.Code
	usesFrom := false
	for _, h := range f.event.Handlers {
		var states []jen.Code
		for _, s := range h.States {
			states = append(states, jen.Id(f.g.states[s]))
		}
		if len(h.States) > 1 && records(h.Body) {
			usesFrom = true
		}
		body := f.block(func() { f.emitBody(h) })
		cases = append(cases, jen.Case(states...).Block(body...))
	}
	if usesFrom {
		f.add(jen.Switch(jen.Id("from").Op(":=").Add(visit), jen.Id("from")).Block(cases...))
		return
	}
	f.add(jen.Switch(visit).Block(cases...))
}

// records reports whether a body emits records, which name the states.
func records(b *ir.Body) bool {
	found := false
	b.Stmts(func(s ir.Stmt) { found = found || isRecord(s) })
	return found
}

func isRecord(s ir.Stmt) bool {
	switch s.(type) {
	case *ir.Alert, *ir.Log, *ir.Publish, *ir.Exec, *ir.Block:
		return true
	}
	return false
}

// emitBody writes a handler. Some locals turn out not to stand in the code,
// because what reads them is constant; Go refuses such variables, so the body is
// then written once more without them.
func (f *fn) emitBody(h *ir.Handler) {
	unread := map[*ir.Local]unread{}
	for {
		body := f.block(func() { f.emitParts(h, unread) })
		if !f.findUnread(body, unread) {
			f.add(body...)
			return
		}
	}
}

// findUnread adds the locals that body does not read, and reports whether it
// found any.
func (f *fn) findUnread(body []jen.Code, found map[*ir.Local]unread) bool {
	read := readNames(body)
	if read == nil {
		return false
	}
	n := len(found)
	for l, v := range f.locals {
		if !v.used || found[l] != unreadNone {
			continue
		}
		switch {
		case !read[v.name] && (v.isFloat || v.total || !read[v.ok]):
			found[l] = unreadAll
		case !read[v.name]:
			found[l] = unreadName
		case !v.isFloat && !v.total && !read[v.ok]:
			found[l] = unreadOK
		}
	}
	return len(found) > n
}

// emitParts writes operations, the arms and what is always done. A record in the
// last part names the state that an arm went to:
//
//	to := stateMonitored
func (f *fn) emitParts(h *ir.Handler, unread map[*ir.Local]unread) {
	b := h.Body
	f.body, f.states, f.since = b, h.States, nil
	f.planLocals(b, unread)
	f.declare(b)
	f.to = f.from()
	f.stmts(b.Ops)
	moves := slices.ContainsFunc(b.Arms, func(a *ir.Arm) bool { return a.To >= 0 })
	late := moves && slices.ContainsFunc(b.Always, isRecord)
	if late {
		f.add(jen.Id("to").Op(":=").Add(f.stateNumber(f.from())))
	}
	f.emitArms(b.Arms, 0, late)
	if moves {
		f.since = nil // age is that of the new state
	}
	if late {
		f.to = stateRef{variable: "to"}
	}
	f.stmts(b.Always)
	if n := len(*f.out); n > 0 {
		f.reset()
	}
}

// emitArms writes the arms from i on: the first that holds is run.
//
//	//line ddos.smon:14:5
//	if rate > m.paramThreshold {
//		…
//	}
//
// Several arms are a switch; one that has to read something first begins a
// nested one:
//
//	switch {
//	case rate < m.paramThreshold:
//		…
//	default:
//		last := program.FloatAt(m.tableLast.Get(hash, &key))
//		if rate > m.paramGrowth*last {
//			…
//		}
//	}
func (f *fn) emitArms(arms []*ir.Arm, i int, late bool) {
	if i == len(arms) {
		return
	}
	f.stmts(arms[i].Pre)
	last := i + 1
	for last < len(arms) && len(arms[last].Pre) == 0 {
		last++
	}
	if arms[i].If == nil {
		f.emitThen(arms[i], late)
		return
	}
	conds := make([]*jen.Statement, last-i)
	for j := range conds {
		if a := arms[i+j]; a.If != nil {
			conds[j] = f.condition(f.cond(a.If)) // may write a look-up that it needs
		}
	}
	if last == i+1 && last == len(arms) {
		body := f.block(func() { f.emitThen(arms[i], late) })
		f.at(arms[i].Pos)
		f.add(jen.If(conds[0]).Block(body...))
		return
	}
	var cases []jen.Code
	for j, c := range conds {
		a := arms[i+j]
		body := f.block(func() { f.emitThen(a, late) })
		cases = append(cases, f.lineOf(a.Pos)...)
		if c == nil {
			cases = append(cases, jen.Default().Block(body...))
		} else {
			cases = append(cases, jen.Case(c).Block(body...))
		}
	}
	if last < len(arms) {
		rest := f.block(func() { f.emitArms(arms, last, late) })
		cases = append(cases, jen.Comment(resetMark), jen.Default().Block(rest...))
	}
	f.reset()
	f.add(jen.Switch().Block(cases...))
}

// lineOf returns the directive that at would write.
func (f *fn) lineOf(pos ir.Pos) []jen.Code { return f.block(func() { f.at(pos) }) }

// emitThen writes the actions of an arm, which see the old state as from and the
// arm's target as to, and then its transition:
//
//	m.moveServer(hash, &key, stateMonitored)
func (f *fn) emitThen(a *ir.Arm, late bool) {
	if f.sieves {
		f.add(jen.Return(jen.False()))
		return
	}
	old := f.to
	if a.To >= 0 {
		f.to = stateRef{number: a.To}
	}
	f.reads = a.Reads
	f.stmts(a.Then)
	f.reads = nil
	if a.To >= 0 {
		f.user(a.Pos, f.m(f.g.movers[f.entity]).Call(f.key.hash(), f.key.ref(), jen.Id(f.g.states[a.To])))
		if late {
			f.add(jen.Id("to").Op("=").Id(f.g.states[a.To]))
		}
	}
	f.to = old
}

// emitMover writes
//
//	// moveHost puts a host into a state.
//	func (m *machine) moveHost(hash uint64, key *[16]byte, to int) {
//		m.count.Transitions++
//		m.core.Trail.Note(0, hash, to, m.now)
//		expires := int64(0) // it stays
//		switch to {
//		case stateP2p:
//	//line p2p.smon:40:1
//			expires = program.Add(m.now, 600000000000)
//		}
//		m.entityHost.Move(hash, key, to, m.now, expires)
//	}
//
// A duration below 0 or undefined is none.
func (g *gen) emitMover(entity int) {
	var body []jen.Code
	f := g.newFn(&body)
	f.add(jen.Id("m").Dot("count").Dot("Transitions").Op("++"))
	if g.hasAlerts(g.p.Entities[entity]) {
		f.add(jen.Id("m").Dot("core").Dot("Trail").Dot("Note").Call(jen.Lit(entity), jen.Id("hash"), jen.Id("to"), f.now()))
	}
	expires := jen.Lit(0)
	var cases []jen.Code
	for i, s := range g.p.States {
		if s.For == nil || s.Lazy {
			continue
		}
		cases = append(cases, jen.Case(jen.Id(g.states[i])).Block(f.block(func() { f.emitStay(s) })...))
	}
	if cases != nil {
		f.add(jen.Id("expires").Op(":=").Int64().Call(jen.Lit(0)).Comment("it stays"))
		f.add(jen.Switch(jen.Id("to")).Block(cases...))
		expires = jen.Id("expires")
	}
	f.add(f.m(g.entities[entity]).Dot("Move").Call(jen.Id("hash"), jen.Id("key"), jen.Id("to"), f.now(), expires))
	e := g.p.Entities[entity]
	g.file.Commentf("%s puts a %s into a state.", g.movers[entity], e.Name)
	g.method(g.movers[entity], []jen.Code{
		jen.Id("hash").Uint64(), jen.Id("key").Op("*").Add(keyType(g.entitySize(entity))), jen.Id("to").Int(),
	}, body...)
}

// hasAlerts reports whether there may be alerts about an entity that changes its state:
// then its states are noted.
func (g *gen) hasAlerts(e *ir.Entity) bool {
	if len(g.p.States) == 1 {
		return false
	}
	for _, ev := range g.p.Events {
		if ev.Entity < 0 || g.p.Entities[ev.Entity] != e {
			continue
		}
		for _, h := range ev.Handlers {
			found := false
			h.Body.Stmts(func(s ir.Stmt) {
				_, isAlert := s.(*ir.Alert)
				found = found || isAlert
			})
			if found {
				return true
			}
		}
	}
	return false
}

func (f *fn) emitStay(s *ir.State) {
	d := f.value(s.For)
	f.guard(s.Pos, d, func() {
		set := jen.Id("expires").Op("=").Add(call("Add", f.now(), d.code))
		if d.lit && d.n >= 0 {
			f.user(s.Pos, set)
		} else {
			body := f.block(func() { f.user(s.Pos, set) })
			f.at(s.Pos)
			f.add(jen.If(d.in(precAdd).Op(">=").Lit(0)).Block(body...))
		}
	})
	f.reset()
}
