package gogen

import (
	"github.com/dave/jennifer/jen"

	"github.com/streamon/streamon/codegen/ir"
	"github.com/streamon/streamon/lang/types"
)

// emitTickMethod writes
//
//	// Tick advances packet time to now.
//	func (m *machine) Tick(now packet.Time) {
//		if m.core.Started && int64(now) > m.now {
//			m.advance(int64(now))
//			m.core.Now = m.now
//		}
//	}
func (g *gen) emitTickMethod() {
	now := jen.Int64().Call(jen.Id("now"))
	g.file.Comment("Tick advances packet time to now.")
	g.method("Tick", []jen.Code{jen.Id("now").Add(rt("packet", "Time"))},
		jen.If(jen.Id("m").Dot("core").Dot("Started").Op("&&").Add(now.Clone()).Op(">").Id("m").Dot("now")).Block(
			jen.Id("m").Dot("advance").Call(now),
			jen.Id("m").Dot("core").Dot("Now").Op("=").Id("m").Dot("now"),
		))
}

// emitStats writes
//
//	// Stats adds the counters of m to s.
//	func (m *machine) Stats(s *program.Stats) {
//		m.count.AddTo(s)
//		s.Skipped += m.timeoutCheck.Skipped()
//		var occupied [4]int
//		m.entityServer.Occupied(occupied[:])
//		s.AddOccupied(0, occupied[:])
//		s.AddMemory("syns", m.metricSyns.Usage())
//	}
func (g *gen) emitStats() {
	s := jen.Id("s")
	body := []jen.Code{jen.Id("m").Dot("count").Dot("AddTo").Call(s)}
	for i, e := range g.p.Events {
		switch e.Kind {
		case ir.TimeoutEvent:
			body = append(body, jen.Id("s").Dot("Skipped").Op("+=").Id("m").Dot(g.timeouts[i]).Dot("Skipped").Call())
		case ir.TickEvent:
			body = append(body, jen.Id("s").Dot("Skipped").Op("+=").Id("m").Dot(g.ticks[i]).Dot("Skipped").Call())
		}
	}
	if len(g.p.Entities) > 0 {
		body = append(body, jen.Var().Id("occupied").Index(jen.Lit(len(g.p.States))).Int())
	}
	for i := range g.p.Entities {
		body = append(body,
			jen.Id("m").Dot(g.entities[i]).Dot("Occupied").Call(jen.Id("occupied").Index(jen.Op(":"))),
			jen.Id("s").Dot("AddOccupied").Call(jen.Lit(i), jen.Id("occupied").Index(jen.Op(":"))))
	}
	for _, x := range g.structures {
		if x.show != "" {
			body = append(body, jen.Id("s").Dot("AddMemory").Call(jen.Lit(x.show), jen.Id("m").Dot(x.field).Dot("Usage").Call()))
		}
	}
	g.file.Comment("Stats adds the counters of m to s.")
	g.method("Stats", []jen.Code{jen.Id("s").Op("*").Add(program("Stats"))}, body...)
}

// emitStates writes
//
//	// States calls f for each entity that is not in its default state.
//	func (m *machine) States(f func(entity string, key []program.Field, state string, since packet.Time) bool) {
//		ok := true
//		m.entityServer.Range(func(key *[16]byte, state int, since int64) bool {
//			ok = f("server", []program.Field{…}, stateName(state), packet.Time(since))
//			return ok
//		})
//		if !ok {
//			return
//		}
//	}
func (g *gen) emitStates() {
	var body []jen.Code
	for i, d := range g.p.Entities {
		key := &keyVar{name: "key", pointer: true, size: g.entitySize(i)}
		g.usesStateName = true
		call := jen.Id("f").Call(jen.Lit(d.Name), g.keyFields(i, key), jen.Id("stateName").Call(jen.Id("state")), rt("packet", "Time").Call(jen.Id("since")))
		args := []jen.Code{jen.Id("key").Op("*").Add(keyType(key.size)), jen.Id("state").Int(), jen.Id("since").Int64()}
		body = append(body, g.each(g.entities[i], args, call, i == 0, i == len(g.p.Entities)-1)...)
	}
	name := jen.Id("f")
	if body == nil {
		name = jen.Id("_")
	}
	g.file.Comment("States calls f for each entity that is not in its default state.")
	g.method("States", []jen.Code{name.Func().Params(
		jen.Id("entity").String(), jen.Id("key").Index().Add(program("Field")), jen.Id("state").String(), jen.Id("since").Add(rt("packet", "Time")),
	).Bool()}, body...)
}

// each writes one call of Range; f may end all of them.
func (g *gen) each(field string, args []jen.Code, call *jen.Statement, first, last bool) []jen.Code {
	if last && first {
		return []jen.Code{jen.Id("m").Dot(field).Dot("Range").Call(jen.Func().Params(args...).Bool().Block(jen.Return(call)))}
	}
	var out []jen.Code
	if first {
		out = append(out, jen.Id("ok").Op(":=").True())
	}
	out = append(out, jen.Id("m").Dot(field).Dot("Range").Call(jen.Func().Params(args...).Bool().Block(
		jen.Id("ok").Op("=").Add(call), jen.Return(jen.Id("ok")))))
	if !last {
		out = append(out, jen.If(jen.Op("!").Id("ok")).Block(jen.Return()))
	}
	return out
}

// keyFields writes the fields of an entity's key.
func (g *gen) keyFields(entity int, key *keyVar) *jen.Statement {
	var list []jen.Code
	offset := 0
	for _, k := range g.p.Entities[entity].Fields {
		list = append(list, namedField(g.fieldName(entity, k), valueOfPart(key, offset, k.Type)))
		offset += keySize(k.Type)
	}
	return jen.Index().Add(program("Field")).Values(list...)
}

// fieldName is the name of a key field in output; a single one may have none of
// its own.
func (g *gen) fieldName(entity int, k ir.KeyField) string {
	if k.Name == "" {
		return g.p.Entities[entity].Name
	}
	return k.Name
}

// namedField writes {Name: "server", Value: …}.
func namedField(name string, value *jen.Statement) *jen.Statement {
	return composite(pair{"Name", word(name)}, pair{"Value", value})
}

func valueOfPart(key *keyVar, offset int, t types.Type) *jen.Statement {
	return call(valueNames[t], readPart(key, offset, t))
}

// emitTables writes
//
//	// Tables calls f for each entry of each side table.
//	func (m *machine) Tables(f func(table string, key []program.Field, value program.Value) bool) {
//		m.tableLast.Range(func(key *[16]byte, v *float64) bool {
//			return f("last", []program.Field{{Name: "host", Value: program.IPValue(packet.IP(*key))}}, program.FloatValue(*v))
//		})
//	}
func (g *gen) emitTables() {
	var body []jen.Code
	for i, d := range g.p.Tables {
		key := &keyVar{name: "key", pointer: true, size: keySizes(d.Key)}
		var parts []jen.Code
		offset := 0
		names := d.PartNames()
		for j, t := range d.Key {
			parts = append(parts, namedField(names[j], valueOfPart(key, offset, t)))
			offset += keySize(t)
		}
		v := jen.Op("*").Id("v")
		if d.Value == types.String {
			v = jen.Id("v").Dot("Bytes").Call()
		}
		call := jen.Id("f").Call(jen.Lit(d.Name), jen.Index().Add(program("Field")).Values(parts...), call(valueNames[d.Value], v))
		args := []jen.Code{jen.Id("key").Op("*").Add(keyType(key.size)), jen.Id("v").Op("*").Add(storedType(d.Value))}
		body = append(body, g.each(g.tables[i], args, call, i == 0, i == len(g.p.Tables)-1)...)
	}
	name := jen.Id("f")
	if body == nil {
		name = jen.Id("_")
	}
	g.file.Comment("Tables calls f for each entry of each side table.")
	g.method("Tables", []jen.Code{name.Func().Params(
		jen.Id("table").String(), jen.Id("key").Index().Add(program("Field")), jen.Id("value").Add(program("Value")),
	).Bool()}, body...)
}

// emitNamer writes
//
//	// fieldsServer names the parts of a server's key for a record.
//	func (m *machine) fieldsServer(key *[16]byte) []program.Field {
//		m.entity[0] = program.Field{Name: "server", Value: program.IPValue(packet.IP(*key))}
//		return m.entity[:1]
//	}
func (g *gen) emitNamer(entity int) {
	d := g.p.Entities[entity]
	key := &keyVar{name: "key", pointer: true, size: g.entitySize(entity)}
	var body []jen.Code
	offset := 0
	for i, k := range d.Fields {
		body = append(body, jen.Id("m").Dot("entity").Index(jen.Lit(i)).Op("=").Add(program("Field")).Add(
			namedField(g.fieldName(entity, k), valueOfPart(key, offset, k.Type))))
		offset += keySize(k.Type)
	}
	body = append(body, jen.Return(jen.Id("m").Dot("entity").Index(jen.Op(":").Lit(len(d.Fields)))))
	g.file.Commentf("%s names the parts of a %s's key for a record.", g.namers[entity], d.Name)
	g.file.Func().Params(jen.Id("m").Op("*").Id("machine")).Id(g.namers[entity]).
		Params(jen.Id("key").Op("*").Add(keyType(key.size))).Index().Add(program("Field")).Block(body...)
	g.file.Line()
}

// emitStateTexts writes
//
//	// stateName returns the name of a state.
//	func stateName(state int) string {
//		return [...]string{"default", "monitored"}[state]
//	}
func (g *gen) emitStateTexts() {
	text := func(name, doc string, get func(s *ir.State) string) {
		var list []jen.Code
		for _, s := range g.p.States {
			list = append(list, jen.Lit(get(s)))
		}
		g.file.Comment(doc)
		g.file.Func().Id(name).Params(jen.Id("state").Int()).String().Block(
			jen.Return(jen.Index(jen.Op("...")).String().Values(list...).Index(jen.Id("state"))))
		g.file.Line()
	}
	if g.usesStateName {
		text("stateName", "stateName returns the name of a state.", func(s *ir.State) string { return s.Name })
	}
	if g.usesStateCode {
		text("stateCode", "stateCode returns the declared code of a state.", func(s *ir.State) string { return s.Code })
	}
}

// emitTops writes, if there is a topk metric,
//
//	// Tops calls f for each topk metric with its list.
//	func (m *machine) Tops(f func(metric string, list program.Value)) {
//		f("talkers", m.topTalkers())
//	}
func (g *gen) emitTops() {
	var body []jen.Code
	for i, d := range g.p.Metrics {
		if g.usesTop[i] {
			body = append(body, jen.Id("f").Call(jen.Lit(d.Name), jen.Id("m").Dot(g.tops[i]).Call()))
		}
	}
	if body == nil {
		return
	}
	g.file.Comment("Tops calls f for each topk metric with its list.")
	g.method("Tops", []jen.Code{jen.Id("f").Func().Params(jen.Id("metric").String(), jen.Id("list").Add(program("Value")))}, body...)
}
