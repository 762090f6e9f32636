package eval

import (
	"github.com/streamon/streamon/codegen/ir"
	"github.com/streamon/streamon/runtime/program"
)

var alertLevels = map[string]program.Level{
	"info": program.LevelInfo, "low": program.LevelLow, "medium": program.LevelMedium,
	"high": program.LevelHigh, "critical": program.LevelCritical,
}

// emit carries out an action that makes a record.
func (c *context) emit(s ir.Stmt) {
	m := c.m
	r := program.Record{Time: m.now, Event: c.event.Name}
	if c.event.Entity >= 0 {
		r.Entity = m.entityFields(c.event.Entity, c.key)
		r.From, r.To = m.p.States[c.from].Name, m.p.States[c.to].Name
	}
	switch s := s.(type) {
	case *ir.Alert:
		r.Type, r.Level, r.Message = program.AlertRecord, alertLevels[s.Level], c.message(s.Message)
		r.Features = c.named(c.reads)
		if c.event.Entity >= 0 {
			r.Code = m.p.States[c.to].Code
		}
		m.stats.Records.Alert++
	case *ir.Log:
		r.Type, r.Message = program.LogRecord, c.message(s.Message)
		m.stats.Records.Log++
	case *ir.Publish:
		r.Type, r.Topic, r.Fields = program.PublishRecord, s.Topic, c.named(s.Fields)
		if s.Message != nil {
			r.Fields = []program.Field{{Name: "text", Value: program.StringValue(c.message(s.Message))}}
		}
		m.stats.Records.Publish++
	case *ir.Exec:
		r.Type = program.ExecRecord
		for _, a := range s.Args {
			r.Message = append(r.Message, c.message(a)...)
			r.Args = append(r.Args, program.Arg{End: len(r.Message), Fixed: len(a) > 0 && a[0].X == nil})
		}
		m.stats.Records.Exec++
	case *ir.Block:
		what, until := c.eval(s.What), c.eval(s.For)
		if !what.isDefined() || !until.isDefined() {
			return
		}
		r.Type = program.LogRecord
		r.Message = append(append([]byte("block "), s.Name...), ' ')
		r.Message = program.AppendValue(r.Message, what.output(), "")
		r.Message = program.AppendValue(append(r.Message, " for "...), until.output(), "")
		r.Fields = []program.Field{{Name: "block", Value: what.output()}, {Name: "for", Value: until.output()}}
		m.stats.Verdicts.Block++
		m.stats.Records.Log++
	default:
		panic("eval: unknown statement")
	}
	if m.sink != nil {
		m.sink.Emit(&r)
	}
}

// entityFields returns the key of an entity by field names.
func (m *machine) entityFields(entity int, key []value) []program.Field {
	fields := make([]program.Field, len(key))
	for i, v := range key {
		name := m.p.Entities[entity].Fields[i].Name
		if name == "" {
			name = m.p.Entities[entity].Name
		}
		fields[i] = program.Field{Name: name, Value: v.output()}
	}
	return fields
}

// message puts the parts of a message together.
func (c *context) message(parts []ir.Part) []byte {
	var b []byte
	for _, p := range parts {
		if p.X == nil {
			b = append(b, p.Text...)
			continue
		}
		b = program.AppendValue(b, c.eval(p.X).output(), p.Format)
	}
	return b
}

func (c *context) named(list []ir.NamedValue) []program.Field {
	var out []program.Field
	for _, v := range list {
		if top, ok := v.X.(*ir.TopList); ok {
			out = append(out, program.Field{Name: v.Name, Value: c.top(top.Metric)})
			continue
		}
		out = append(out, program.Field{Name: v.Name, Value: c.eval(v.X).output()})
	}
	return out
}

// top returns the list of a topk metric. The parts of a key are printed with a
// space between them.
func (c *context) top(metric int) program.Value {
	v := program.Value{Kind: program.KindEntries}
	for _, e := range c.m.metrics[metric].monitor.(*sums).top(c.m.now) {
		var name []byte
		for i, part := range e.parts {
			if i > 0 {
				name = append(name, ' ')
			}
			name = program.AppendValue(name, part.output(), "")
		}
		v.L = append(v.L, program.Field{Name: string(name), Value: program.Value{Kind: program.KindInt, I: e.count}})
	}
	return v
}
