package gogen

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/dave/jennifer/jen"

	"github.com/streamon/streamon/codegen/ir"
	"github.com/streamon/streamon/lang/types"
)

// structure is one piece of the program's memory: how it is named, laid out,
// made, and under which name and kind it is shown.
type structure struct {
	field  string // of the machine
	doc    string
	adopt  string // name in Memory; "" = made anew by each generation
	layout string
	typ    *jen.Statement // without the pointer
	make   *jen.Statement
	show   string // name in the manifest and in Stats; "" = not shown
	kind   string
}

// memory lists the structures of the program: metrics and tables in order of
// declaration, then states, timers and ticks.
func (g *gen) memory() []structure {
	var out []structure
	for i, d := range g.p.Metrics {
		if d.Detector != nil {
			out = append(out, g.detector(i))
		}
		if d.Monitor != nil {
			out = append(out, g.monitorOf(i))
		}
	}
	for i, d := range g.p.Tables {
		k, v := keyType(keySizes(d.Key)), storedType(d.Value)
		layout := fmt.Sprintf("table %s %v capacity=%d full=%v", keyText(d.Key), d.Value, d.Capacity, d.Full)
		out = append(out, structure{
			field: g.tables[i], doc: "table " + d.Name, adopt: "table " + d.Name, layout: layout, show: d.Name, kind: "table",
			typ:  rt("dleft", "Table").Types(k, v),
			make: rt("dleft", "NewTable").Types(k, v).Call(jen.Lit(d.Capacity), fullPolicy(d.Full)),
		})
	}
	for i, d := range g.p.Entities {
		k := keyType(g.entitySize(i))
		layout := fmt.Sprintf("states %s capacity=%d full=%v", g.entityKeyText(i), d.Capacity, d.Full)
		out = append(out, structure{
			field: g.entities[i], doc: "states of entity " + d.Name, adopt: "states " + d.Name, layout: layout,
			show: d.Name, kind: "states",
			typ: rt("xfsm", "Table").Types(k), make: rt("xfsm", "NewTable").Types(k).Call(jen.Lit(d.Capacity), fullPolicy(d.Full)),
		})
	}
	for i, e := range g.p.Events {
		switch e.Kind {
		case ir.TimeoutEvent:
			d := g.p.Entities[e.Entity]
			k, c := keyType(g.entitySize(e.Entity)), g.captures[i].typ()
			layout := fmt.Sprintf("timers %s capacity=%d full=%v keep(%s)", g.entityKeyText(e.Entity), d.Capacity, d.Full, strings.Join(g.captures[i].names, ","))
			out = append(out, structure{
				field: g.timeouts[i], doc: "armed timers of event " + e.Name, adopt: "timers " + e.Name, layout: layout,
				show: e.Name, kind: "timers",
				typ:  rt("xfsm", "Timeouts").Types(k, c),
				make: rt("xfsm", "NewTimeouts").Types(k, c).Call(jen.Lit(d.Capacity), fullPolicy(d.Full)),
			})
		case ir.TickEvent:
			out = append(out, structure{
				field: g.ticks[i], doc: "timer of event " + e.Name,
				typ: rt("xfsm", "Ticks"), make: rt("xfsm", "NewTicks").Call(jen.Lit(1)),
			})
		}
	}
	return out
}

func fullPolicy(p ir.Policy) *jen.Statement {
	return rt("dleft", map[ir.Policy]string{ir.Evict: "Evict", ir.Reject: "Reject"}[p])
}

func keyText(ts []types.Type) string {
	words := make([]string, len(ts))
	for i, t := range ts {
		words[i] = t.String()
	}
	return "key(" + strings.Join(words, ",") + ")"
}

func (g *gen) entityKeyText(entity int) string {
	var ts []types.Type
	for _, k := range g.p.Entities[entity].Fields {
		ts = append(ts, k.Type)
	}
	return keyText(ts)
}

func (g *gen) detector(i int) structure {
	d := g.p.Metrics[i]
	return structure{
		field: g.detectors[i], doc: "detector of metric " + d.Name, adopt: "metric " + d.Name + " distinct",
		layout: specText(d.Detector, keyText(d.Distinct)), show: d.Name, kind: d.Detector.Kind,
		typ: rt("sketch", "Pair"), make: rt("metric", "NewDistinct").Call(spec(d.Detector, 0)),
	}
}

// monitorMakers are the Go type and the constructor of each kind of monitor.
var monitorMakers = map[string][3]string{
	"cbf": {"sketch", "CBF", "NewCBF"}, "tbf": {"sketch", "TBF", "NewTBF"}, "tewma": {"sketch", "TEWMA", "NewTEWMA"},
	"dleft": {"dleft", "Counters", "NewCounters"}, "hll": {"sketch", "HLL", "NewHLL"}, "topk": {"sketch", "TopK", "NewTopK"},
}

func (g *gen) monitorOf(i int) structure {
	d := g.p.Metrics[i]
	mk, ok := monitorMakers[d.Monitor.Kind]
	if !ok {
		g.fail(fmt.Errorf("metric %s: monitor of kind %q", d.Name, d.Monitor.Kind))
	}
	key := d.Key
	if d.Monitor.Kind == "hll" {
		key = d.Distinct
	}
	s := structure{
		field: g.metrics[i], doc: "metric " + d.Name, adopt: "metric " + d.Name, layout: specText(d.Monitor, keyText(key)),
		show: d.Name, kind: d.Monitor.Kind, typ: rt(mk[0], mk[1]), make: rt("metric", mk[2]),
	}
	bytes := 0
	if d.Monitor.Kind == "topk" {
		bytes = keySizes(key)
		s.typ.Types(keyType(bytes))
		s.make.Types(keyType(bytes))
	}
	s.make.Call(spec(d.Monitor, bytes))
	return s
}

// spec writes metric.Spec{Kind: metric.TBF, Window: 60000000000, Capacity: 65536}.
func spec(s *ir.Structure, keyBytes int) *jen.Statement {
	kinds := map[string]string{
		"bloom": "Bloom", "cbf": "CBF", "tbf": "TBF", "tewma": "TEWMA", "dleft": "DLeft", "hll": "HLL", "topk": "TopK",
	}
	var full, failure *jen.Statement
	if s.Kind == "dleft" {
		full = fullPolicy(s.Full)
	}
	if s.Error != 0 {
		failure = jen.Lit(s.Error)
	}
	return rt("metric", "Spec").Add(composite(
		pair{"Kind", rt("metric", kinds[s.Kind])},
		pair{"Window", number(int64(s.Window))},
		pair{"Memory", number(int64(s.Memory))},
		pair{"Tick", number(int64(s.Tick))},
		pair{"K", number(int64(s.K))},
		pair{"Capacity", number(int64(s.Capacity))},
		pair{"Error", failure},
		pair{"KeyBytes", number(int64(keyBytes))},
		pair{"Full", full},
	))
}

// specText is the layout of a sketch: every declared property that its bytes
// depend on.
func specText(s *ir.Structure, key string) string {
	t := s.Kind + " " + key
	if s.Window != 0 {
		t += " window=" + s.Window.String()
	}
	if s.Memory != 0 {
		t += " memory=" + s.Memory.String()
	}
	if s.Tick != 0 {
		t += " tick=" + s.Tick.String()
	}
	if s.K != 0 {
		t += " k=" + strconv.Itoa(s.K)
	}
	if s.Capacity != 0 {
		t += " capacity=" + strconv.Itoa(s.Capacity)
	}
	if s.Error != 0 {
		t += " error=" + strconv.FormatFloat(s.Error, 'g', -1, 64)
	}
	if s.Kind == "dleft" {
		t += " full=" + s.Full.String()
	}
	return t
}

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
	if len(g.wheels) > 0 {
		fields = append(fields, field("agenda", rt("timer", "Agenda"), "what is due when"))
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
	if g.records {
		body = append(body, jen.Id("m").Dot("message").Op("=").Make(jen.Index().Byte(), jen.Lit(0), jen.Lit(256)))
	}
	for i, t := range g.texts {
		body = append(body, jen.Id("m").Dot("texts").Index(jen.Lit(i)).Op("=").Index().Byte().Parens(t))
	}
	inputs := g.emitInputs()
	if inputs != nil {
		body = append(body, jen.Var().Err().Error())
		body = append(body, inputs...)
		body = append(body, jen.If(jen.Err().Op("!=").Nil()).Block(jen.Return(jen.Nil(), jen.Err())))
	}
	for _, s := range g.structures {
		if s.adopt == "" {
			body = append(body, jen.Id("m").Dot(s.field).Op("=").Add(s.make))
			continue
		}
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
		} else {
			body = append(body, bind.Call(jen.Op("&").Id("m").Dot("agenda")))
		}
	}
	if g.hasTicks() {
		body = append(body, jen.If(jen.Id("m").Dot("core").Dot("Started")).Block(jen.Id("m").Dot("startTicks").Call()))
	}
	g.file.Comment("Activate takes over what was adopted.")
	g.method("Activate", nil, body...)
}
