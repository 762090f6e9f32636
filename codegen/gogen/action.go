package gogen

import (
	"fmt"

	"github.com/dave/jennifer/jen"

	"github.com/streamon/streamon/codegen/ir"
	"github.com/streamon/streamon/lang/types"
)

var levelNames = map[string]string{
	"info": "LevelInfo", "low": "LevelLow", "medium": "LevelMedium", "high": "LevelHigh", "critical": "LevelCritical",
}

func (f *fn) emitAction(s ir.Stmt) {
	switch s := s.(type) {
	case *ir.Alert:
		f.emitAlert(s)
	case *ir.Log:
		f.emitMessage(s.Pos, s.Message)
		f.emitRecord(s.Pos, "LogRecord", pair{"Message", f.m("message")})
	case *ir.Publish:
		f.emitPublish(s)
	case *ir.Exec:
		f.emitExec(s)
	case *ir.Block:
		f.emitBlock(s)
	case *ir.Drop:
		f.user(s.Pos, f.m("verdict").Op("|=").Add(program("Drop")))
		f.needPacket("drop")
	case *ir.Capture:
		f.user(s.Pos, f.m("verdict").Op("|=").Add(program("Capture")))
		f.needPacket("capture")
	default:
		f.fail(fmt.Errorf("statement %T", s))
	}
}

// emitPublish writes the record of a publish action: its values, or its text as
// the one value "text".
func (f *fn) emitPublish(s *ir.Publish) {
	n := len(s.Fields)
	if s.Message == nil {
		f.emitFields(s.Pos, s.Fields)
	} else {
		n = 1
		f.g.fields = max(f.g.fields, 1)
		f.emitMessage(s.Pos, s.Message)
		f.user(s.Pos, f.m("fields").Index(jen.Lit(0)).Op("=").Add(program("Field")).Add(namedField("text", call("StringValue", f.m("message")))))
	}
	f.emitRecord(s.Pos, "PublishRecord", pair{"Topic", jen.Lit(s.Topic)}, pair{"Fields", f.fieldsUsed(n)})
}

func (f *fn) needPacket(action string) {
	f.g.verdicts = true
	if f.packet == "" {
		f.fail(fmt.Errorf("%s without a packet", action))
	}
}

// emitAlert writes
//
//	m.message = append(m.message[:0], "SYN flood on "...)
//	m.message = program.AppendIP(m.message, packet.IP(key))
//	m.fields[0] = program.Field{Name: "rate", Value: program.FloatValue(rate)}
//	m.emit(program.Record{
//		Type:     program.AlertRecord,
//		Event:    "check",
//		Entity:   m.fieldsServer(&key),
//		From:     "rising",
//		To:       "attack",
//		Level:    program.LevelCritical,
//		Message:  m.message,
//		Features: m.fields[:1],
//		Path:     m.core.Trail.Of(0, hash),
//	})
func (f *fn) emitAlert(s *ir.Alert) {
	f.emitMessage(s.Pos, s.Message)
	f.emitFields(s.Pos, f.reads)
	if levelNames[s.Level] == "" {
		f.fail(fmt.Errorf("alert level %q", s.Level))
	}
	var code, path *jen.Statement
	if f.entity >= 0 {
		code = f.stateCode(f.to)
	}
	if f.entity >= 0 && f.g.hasAlerts(f.g.p.Entities[f.entity]) {
		path = jen.Id("m").Dot("core").Dot("Trail").Dot("Of").Call(jen.Lit(f.entity), f.key.hash())
	}
	f.emitRecord(s.Pos, "AlertRecord",
		pair{"Level", program(levelNames[s.Level])}, pair{"Code", code},
		pair{"Message", f.m("message")}, pair{"Features", f.fieldsUsed(len(f.reads))}, pair{"Path", path})
}

// emitBlock writes the record of a block action, if both operands are defined.
func (f *fn) emitBlock(s *ir.Block) {
	f.guard(s.Pos, f.defined(f.defined(f.all([]ir.Expr{s.What, s.For}), s.What), s.For), func() {
		f.emitMessage(s.Pos, []ir.Part{{Text: "block " + s.Name + " "}, {X: s.What}, {Text: " for "}, {X: s.For}})
		f.emitFields(s.Pos, []ir.NamedValue{{Name: "block", X: s.What}, {Name: "for", X: s.For}})
		f.add(f.m("count").Dot("Blocks").Op("++"))
		f.emitRecord(s.Pos, "LogRecord", pair{"Message", f.m("message")}, pair{"Fields", f.fieldsUsed(2)})
	})
}

// fieldsUsed writes m.fields[:2]; nil for none.
func (f *fn) fieldsUsed(n int) *jen.Statement {
	if n == 0 {
		return nil
	}
	return f.m("fields").Index(jen.Op(":").Lit(n))
}

// emitRecord writes the record; special is what is particular to its type.
func (f *fn) emitRecord(pos ir.Pos, typ string, special ...pair) {
	f.g.records = true
	fields := []pair{{"Type", program(typ)}, {"Event", jen.Lit(f.event.Name)}}
	if f.entity >= 0 {
		fields = append(fields, pair{"Entity", f.m(f.g.namers[f.entity]).Call(f.key.ref())},
			pair{"From", f.stateName(f.from())}, pair{"To", f.stateName(f.to)})
	}
	f.user(pos, f.m("emit").Call(program("Record").Add(tall(append(fields, special...)...))))
}

// emitEmit writes
//
//	// emit hands a record to the host.
//	func (m *machine) emit(r program.Record) {
//		m.count.Record(r.Type)
//		m.record = r
//		m.record.Time = packet.Time(m.now)
//		m.sink.Emit(&m.record)
//	}
func (g *gen) emitEmit() {
	m := func(name string) *jen.Statement { return jen.Id("m").Dot(name) }
	var shard *jen.Statement
	if g.shards() {
		shard = jen.List(m("record").Dot("Packet"), m("record").Dot("Rank")).Op("=").List(m("place"), m("rank")).Line().
			List(m("record").Dot("Armed").Dot("Seq"), m("record").Dot("Armed").Dot("Since")).Op("=").Add(m("agenda")).Dot("Fired").Call()
	}
	g.file.Comment("emit hands a record to the host.")
	g.method("emit", []jen.Code{jen.Id("r").Add(program("Record"))},
		m("count").Dot("Record").Call(jen.Id("r").Dot("Type")),
		m("record").Op("=").Id("r"),
		m("record").Dot("Time").Op("=").Add(rt("packet", "Time")).Call(m("now")),
		shard,
		m("sink").Dot("Emit").Call(jen.Op("&").Add(m("record"))),
	)
}

// emitMessage writes the parts of a message into the buffer.
func (f *fn) emitMessage(pos ir.Pos, parts []ir.Part) {
	f.emitText(pos, f.m("message").Index(jen.Op(":").Lit(0)), parts)
}

// emitText appends the parts of a message to buf and makes that the message.
func (f *fn) emitText(pos ir.Pos, buf *jen.Statement, parts []ir.Part) {
	for _, p := range parts {
		var code *jen.Statement
		if p.X == nil {
			code = jen.Append(buf, jen.Lit(p.Text).Op("..."))
		} else {
			code = f.appendValue(buf, p)
			f.at(pos)
		}
		f.add(f.m("message").Op("=").Add(code))
		buf = f.m("message")
	}
	if len(parts) == 0 {
		f.add(f.m("message").Op("=").Add(buf))
	}
}

// appendValue writes program.AppendFloat(m.message, rate, ".2f").
func (f *fn) appendValue(buf *jen.Statement, p ir.Part) *jen.Statement {
	x := f.value(p.X)
	if len(f.guards(x)) > 0 {
		return call("AppendValue", buf, f.output(p.X), jen.Lit(p.Format))
	}
	format := jen.Lit(p.Format)
	switch p.X.Type() {
	case types.Bool:
		return call("AppendBool", buf, x.code)
	case types.Float:
		return call("AppendFloat", buf, x.code, format)
	case types.Duration:
		return call("AppendDuration", buf, wide(x).code, format)
	case types.Time:
		return call("AppendTime", buf, rt("packet", "Time").Call(x.code))
	case types.IP:
		return call("AppendIP", buf, x.code)
	case types.MAC:
		return call("AppendMAC", buf, x.code)
	case types.String:
		return call("AppendString", buf, f.bytes(x), format)
	}
	return call("AppendInt", buf, wide(x).code, format)
}

var valueNames = map[types.Type]string{
	types.Bool: "BoolValue", types.Int: "IntValue", types.Size: "IntValue", types.Float: "FloatValue",
	types.Duration: "DurationValue", types.Time: "TimeValue", types.IP: "IPValue", types.MAC: "MACValue",
	types.String: "StringValue",
}

// output writes an expression as a value of a record, undefined included.
func (f *fn) output(e ir.Expr) *jen.Statement {
	if top, ok := e.(*ir.TopList); ok {
		return f.topList(top)
	}
	x := f.value(e)
	name := valueNames[e.Type()]
	if name == "" {
		f.fail(fmt.Errorf("a value of type %v in a record", e.Type()))
		name = "IntValue"
	}
	code := wide(x).code
	if x.isText {
		code = f.bytes(x)
	}
	v := call(name, code)
	if conds := f.guards(x); len(conds) > 0 {
		return call("Opt", join("&&", conds), v)
	}
	return v
}

// emitFields writes named values to m.fields.
func (f *fn) emitFields(pos ir.Pos, list []ir.NamedValue) {
	f.g.fields = max(f.g.fields, len(list))
	for i, v := range list {
		code := f.output(v.X)
		f.user(pos, f.m("fields").Index(jen.Lit(i)).Op("=").Add(program("Field")).Add(namedField(v.Name, code)))
	}
}

// topList writes the list of a topk metric: m.topTalkers().
func (f *fn) topList(t *ir.TopList) *jen.Statement {
	return f.m(f.g.tops[t.Metric]).Call()
}

// emitTop writes
//
//	// topTalkers returns the list of metric talkers, largest first.
//	func (m *machine) topTalkers() program.Value {
//		m.entriesTalkers = m.metricTalkers.List(m.now, m.entriesTalkers)
//		out := &m.printedTalkers
//		out.Reset()
//		for i := range m.entriesTalkers {
//			e := &m.entriesTalkers[i]
//			key := &e.Key
//			out.Text = program.AppendValue(out.Text, program.IPValue(packet.IP(*key)), "")
//			out.End(e.Count)
//		}
//		return out.Value()
//	}
func (g *gen) emitTop(metric int) {
	d := g.p.Metrics[metric]
	list := jen.Id("m").Dot(g.topLists[metric])
	k := &keyVar{name: "key", pointer: true, size: keySizes(d.Key)}
	text := jen.Id("out").Dot("Text")
	body := []jen.Code{
		jen.Id("e").Op(":=").Op("&").Add(list.Clone()).Index(jen.Id("i")),
		jen.Id("key").Op(":=").Op("&").Id("e").Dot("Key"),
	}
	offset := 0
	for i, t := range d.Key {
		if i > 0 {
			body = append(body, text.Clone().Op("=").Append(text.Clone(), jen.LitRune(' ')))
		}
		value := call(valueNames[t], readPart(k, offset, t))
		body = append(body, text.Clone().Op("=").Add(call("AppendValue", text.Clone(), value, jen.Lit(""))))
		offset += keySize(t)
	}
	body = append(body, jen.Id("out").Dot("End").Call(jen.Id("e").Dot("Count")))
	g.file.Commentf("%s returns the list of metric %s, largest first; it holds until the next call.", g.tops[metric], d.Name)
	g.file.Func().Params(jen.Id("m").Op("*").Id("machine")).Id(g.tops[metric]).Params().Add(program("Value")).Block(
		list.Clone().Op("=").Id("m").Dot(g.metrics[metric]).Dot("List").Call(jen.Id("m").Dot("now"), list.Clone()),
		jen.Id("out").Op(":=").Op("&").Id("m").Dot(g.topValues[metric]),
		jen.Id("out").Dot("Reset").Call(),
		jen.For(jen.Id("i").Op(":=").Range().Add(list.Clone())).Block(body...),
		jen.Return(jen.Id("out").Dot("Value").Call()),
	)
	g.file.Line()
}
