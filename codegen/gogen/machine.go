package gogen

import (
	"fmt"
	"slices"

	"github.com/dave/jennifer/jen"

	"github.com/streamon/streamon/codegen/ir"
	"github.com/streamon/streamon/lang/types"
)

// emitMachine writes the type of the instance:
//
//	// machine is one instance of ddos.
//	type machine struct {
//		core   *program.Core
//		agenda timer.Agenda
//		…
//		metricSyns *sketch.TBF // metric syns
//	}
func (g *gen) emitMachine() {
	field := func(name string, t *jen.Statement, doc string) jen.Code {
		s := jen.Id(name).Add(t)
		if doc != "" {
			s.Comment(doc)
		}
		return s
	}
	fields := []jen.Code{
		field("core", jen.Op("*").Add(program("Core")), "handed from generation to generation"),
		field("seed", jen.Uint64(), "of every key hash"),
		field("now", jen.Int64(), "packet time, ns since the epoch"),
		field("sink", program("Sink"), ""),
		field("count", program("Counters"), ""),
	}
	fields = append(fields, g.columnFields()...)
	if len(g.wheels) > 0 {
		fields = append(fields, field("agenda", rt("timer", "Agenda"), "what is due when"))
	}
	if g.shards() {
		fields = append(fields, field("shard, shards", jen.Int(), "number of this one, and of all; 0 of 0 if there are none"),
			field("place, rank", jen.Int(), "packet and event at hand, for records: see program.Record"))
	}
	if g.verdicts {
		fields = append(fields, field("verdict", program("Verdict"), "about the present packet"))
	}
	if g.records {
		fields = append(fields, jen.Line(), field("record", program("Record"), "reused for every record"),
			field("message", jen.Index().Byte(), ""))
		if n := g.maxEntityFields(); n > 0 {
			fields = append(fields, field("entity", jen.Index(jen.Lit(n)).Add(program("Field")), ""))
		}
		if g.fields > 0 {
			fields = append(fields, field("fields", jen.Index(jen.Lit(g.fields)).Add(program("Field")), ""))
		}
		if g.args > 0 {
			fields = append(fields, field("args", jen.Index(jen.Lit(g.args)).Add(program("Arg")), ""))
		}
	}
	if len(g.texts) > 0 {
		fields = append(fields, field("texts", jen.Index(jen.Lit(len(g.texts))).Index().Byte(), "constants"))
	}
	var vars []jen.Code
	for i, d := range g.p.Params {
		vars = append(vars, field(g.params[i], goType(d.Type), "param "+d.Name))
	}
	for i, d := range g.p.Lists {
		if t := g.listType(i); t != nil {
			vars = append(vars, field(g.lists[i], jen.Op("*").Add(t), "list "+d.Name))
		}
	}
	for i := range g.p.Entities {
		if g.hasText(i) {
			vars = append(vars, field(g.keyVars[i], keyType(g.entitySize(i)), "key of the present event"))
		}
	}
	for i := range g.p.Events {
		if g.captures[i].hasText {
			vars = append(vars, field(g.captureVars[i], jen.Id(g.captures[i].alias), "what the present timer kept"))
		}
	}
	for i := range g.p.Metrics {
		if g.usesTop[i] {
			vars = append(vars, field(g.topLists[i], jen.Index().Add(rt("sketch", "Entry")).Types(keyType(keySizes(g.p.Metrics[i].Key))), "scratch space"))
			vars = append(vars, field(g.topValues[i], program("Entries"), "the same as a value"))
		}
	}
	if len(vars) > 0 {
		fields = append(append(fields, jen.Line()), vars...)
	}
	if len(g.structures) > 0 {
		fields = append(fields, jen.Line())
	}
	for _, s := range g.structures {
		fields = append(fields, field(s.field, jen.Op("*").Add(s.typ.Clone()), s.doc))
	}
	g.file.Commentf("machine is one instance of program %s.", g.p.Name)
	g.file.Type().Id("machine").Struct(fields...)
	g.file.Line()
}

// emitNew writes
//
//	// newMachine makes an instance over the host's memory.
//	func newMachine(env *program.Env) (program.Instance, error) {
//		var err error
//		core := program.AdoptCore(env)
//		m := &machine{
//			core: core, seed: core.Seed, sink: env.Sink,
//			paramThreshold: program.FloatParam(env, "threshold", 100, &err),
//			metricSyns: program.Adopt(env.Memory, "metric syns", "tbf key(ip) …", func() *sketch.TBF {
//				return metric.NewTBF(metric.Spec{…})
//			}),
//		}
//		m.count.Events = make([]uint64, 2)
//		return m, err
//	}
func (g *gen) emitNew() {
	body := []jen.Code{
		jen.Id("core").Op(":=").Add(call("AdoptCore", jen.Id("env"))),
		jen.Id("m").Op(":=").Op("&").Id("machine").Add(composite(
			pair{"core", jen.Id("core")}, pair{"seed", jen.Id("core").Dot("Seed")}, pair{"sink", jen.Id("env").Dot("Sink")},
		)),
		jen.Id("m").Dot("count").Dot("Events").Op("=").Make(jen.Index().Uint64(), jen.Lit(len(g.p.Events))),
	}
	if g.shards() {
		body = append(body, jen.List(jen.Id("m").Dot("shard"), jen.Id("m").Dot("shards")).Op("=").List(jen.Id("env").Dot("Shard"), jen.Id("env").Dot("Shards")))
	}
	if g.records {
		body = append(body, jen.Id("m").Dot("message").Op("=").Make(jen.Index().Byte(), jen.Lit(0), jen.Lit(256)))
	}
	for i, t := range g.texts {
		body = append(body, jen.Id("m").Dot("texts").Index(jen.Lit(i)).Op("=").Index().Byte().Parens(t))
	}
	for i, c := range g.fixed {
		body = append(body, jen.Id("m").Dot("fixed").Index(jen.Lit(i)).Op("=").Add(c))
	}
	inputs := g.emitInputs()
	if inputs != nil {
		body = append(body, jen.Var().Err().Error())
		body = append(body, inputs...)
		body = append(body, jen.If(jen.Err().Op("!=").Nil()).Block(jen.Return(jen.Nil(), jen.Err())))
	}
	for _, s := range g.structures {
		body = append(body, jen.Id("m").Dot(s.field).Op("=").Add(program("Adopt")).Call(
			jen.Id("env").Dot("Memory"), jen.Lit(s.adopt), jen.Lit(s.layout),
			jen.Func().Params().Op("*").Add(s.typ.Clone()).Block(jen.Return(s.make)),
		))
	}
	body = append(body, jen.Return(jen.Id("m"), jen.Nil()))
	g.file.Comment("newMachine makes an instance over the host's memory.")
	g.file.Func().Id("newMachine").Params(jen.Id("env").Op("*").Add(program("Env"))).
		Params(program("Instance"), jen.Error()).Block(body...)
	g.file.Line()
}

// emitInputs writes the parameters and lists that the host may replace.
func (g *gen) emitInputs() []jen.Code {
	var out []jen.Code
	names := map[types.Type]string{
		types.Bool: "BoolParam", types.Int: "IntParam", types.Size: "IntParam", types.Float: "FloatParam",
		types.Duration: "DurationParam", types.IP: "IPParam", types.MAC: "MACParam", types.String: "StringParam",
	}
	f := g.newFn(&out)
	for i, d := range g.p.Params {
		if names[d.Type] == "" {
			g.fail(fmt.Errorf("param %s: type %v", d.Name, d.Type))
			continue
		}
		f.user(d.Pos, f.m(g.params[i]).Op("=").Add(call(names[d.Type], jen.Id("env"), jen.Lit(d.Name), f.literal(d.Def).code, jen.Op("&").Err())))
	}
	for i, d := range g.p.Lists {
		switch {
		case d.File != "":
			f.user(d.Pos, f.m(g.lists[i]).Op("=").Add(call("OpenList", jen.Id("env"), jen.Lit(d.Name), jen.Lit(d.Text), jen.Op("&").Err())))
		case g.listType(i) != nil:
			f.user(d.Pos, f.m(g.lists[i]).Op("=").Add(call("ParseSet", jen.Lit(d.Name), jen.Lit(listText(d)), jen.Op("&").Err())))
		}
	}
	if out != nil {
		f.reset()
	}
	return out
}

// emitActivate writes
//
//	// Activate takes over what was adopted.
//	func (m *machine) Activate() {
//		m.now = m.core.Now
//		m.entityServer.Bind(&m.agenda, []string{"default", "monitored"})
//		m.timeoutCheck.Bind(&m.agenda)
//		m.core.Trail.Bind("default", "monitored")
//	}
//
// The order of the calls gives the wheels the numbers that advance knows them by.
func (g *gen) emitActivate() {
	now := jen.Id("m").Dot("now")
	body := []jen.Code{now.Op("=").Id("m").Dot("core").Dot("Now")}
	var states []jen.Code
	for _, s := range g.p.States {
		states = append(states, jen.Lit(s.Name))
	}
	for _, w := range g.wheels {
		bind := jen.Id("m").Dot(w.field).Dot("Bind")
		if w.states {
			body = append(body, bind.Call(jen.Op("&").Id("m").Dot("agenda"), jen.Index().String().Values(states...)))
			if g.hasLazy() {
				body = append(body, jen.Id("m").Dot(w.field).Dot("BindLazy").Call(jen.Id("m").Dot("lazyStates").Call()))
			}
		} else {
			body = append(body, bind.Call(jen.Op("&").Id("m").Dot("agenda")))
		}
	}
	if slices.ContainsFunc(g.p.Entities, func(e *ir.Entity) bool { return g.hasAlerts(e) }) {
		body = append(body, jen.Id("m").Dot("core").Dot("Trail").Dot("Bind").Call(states...))
	}
	if g.hasTicks() {
		body = append(body, jen.If(jen.Id("m").Dot("core").Dot("Started")).Block(jen.Id("m").Dot("startTicks").Call()))
	}
	g.file.Comment("Activate takes over what was adopted.")
	g.method("Activate", nil, body...)
}
