package gogen

import (
	"slices"

	"github.com/dave/jennifer/jen"

	"github.com/streamon/streamon/codegen/ir"
)

// A lazy state ends with the entity's next event after its duration. Every event of
// an entity looks, those that nothing handles included; see xfsm.Table.Look.

// hasLazy reports whether the program has lazy states.
func (g *gen) hasLazy() bool {
	return slices.ContainsFunc(g.p.States, func(s *ir.State) bool { return s.Lazy })
}

// visit is the state of the entity for the present event:
//
//	m.entityServer.Visit(hash, &key, m.now)
//
// or, in a program with lazy states,
//
//	m.lookServer(hash, &key)
func (f *fn) visit() *jen.Statement {
	if f.g.hasLazy() {
		return f.m(f.g.lookers[f.entity]).Call(f.key.hash(), f.key.ref())
	}
	return f.m(f.g.entities[f.entity]).Dot("Visit").Call(f.key.hash(), f.key.ref(), f.now())
}

// emitLooker writes
//
//	// lookHost returns the state of a host for an event. It ends a lazy one that is over.
//	func (m *machine) lookHost(hash uint64, key *[16]byte) int {
//		state, ended := m.entityHost.Look(hash, key, m.now)
//		if !ended {
//			return state
//		}
//		next := stateDefault
//		switch state {
//		case stateSuspect:
//			next = stateWatched
//		}
//		m.moveHost(hash, key, next)
//		return next
//	}
func (g *gen) emitLooker(entity int) {
	if !g.hasLazy() {
		return
	}
	var cases []jen.Code
	for i, s := range g.p.States {
		if s.Lazy && s.Next != 0 {
			cases = append(cases, jen.Case(jen.Id(g.states[i])).Block(jen.Id("next").Op("=").Id(g.states[s.Next])))
		}
	}
	var body []jen.Code
	f := g.newFn(&body)
	f.add(jen.List(jen.Id("state"), jen.Id("ended")).Op(":=").Add(f.m(g.entities[entity])).Dot("Look").Call(jen.Id("hash"), jen.Id("key"), f.now()))
	f.add(jen.If(jen.Op("!").Id("ended")).Block(jen.Return(jen.Id("state"))))
	f.add(jen.Id("next").Op(":=").Id(g.states[0]))
	if cases != nil {
		f.add(jen.Switch(jen.Id("state")).Block(cases...))
	}
	f.add(f.m(g.movers[entity]).Call(jen.Id("hash"), jen.Id("key"), jen.Id("next")), jen.Return(jen.Id("next")))
	name := g.p.Entities[entity].Name
	g.file.Commentf("%s returns the state of a %s for an event. It ends a lazy one that is over.", g.lookers[entity], name)
	g.file.Func().Params(jen.Id("m").Op("*").Id("machine")).Id(g.lookers[entity]).Params(
		jen.Id("hash").Uint64(), jen.Id("key").Op("*").Add(keyType(g.entitySize(entity))),
	).Int().Block(body...)
	g.file.Line()
}

// emitLazyStates writes
//
//	// lazyStates returns how long each lazy state lasts, ns; -1 is no end.
//	func (m *machine) lazyStates() []int64 {
//		lasts := []int64{-1, -1, -1}
//	//line p2p.smon:40:1
//		lasts[stateSuspect] = 600000000000
//		return lasts
//	}
//
// A duration below 0 or undefined is none.
func (g *gen) emitLazyStates() {
	if !g.hasLazy() || len(g.p.Entities) == 0 {
		return
	}
	none := make([]jen.Code, len(g.p.States))
	for i := range none {
		none[i] = jen.Lit(-1)
	}
	var body []jen.Code
	f := g.newFn(&body)
	f.add(jen.Id("lasts").Op(":=").Index().Int64().Values(none...))
	for i, s := range g.p.States {
		if !s.Lazy {
			continue
		}
		d := f.value(s.For)
		f.guard(s.Pos, d, func() { f.user(s.Pos, jen.Id("lasts").Index(jen.Id(g.states[i])).Op("=").Add(d.code)) })
	}
	f.reset()
	f.add(jen.Return(jen.Id("lasts")))
	g.file.Comment("lazyStates returns how long each lazy state lasts, ns; -1 is no end.")
	g.file.Func().Params(jen.Id("m").Op("*").Id("machine")).Id("lazyStates").Params().Index().Int64().Block(body...)
	g.file.Line()
}
