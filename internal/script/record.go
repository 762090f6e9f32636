package script

import (
	"fmt"
	"strings"

	"github.com/streamon/streamon/internal/notation"
	"github.com/streamon/streamon/runtime/packet"
	"github.com/streamon/streamon/runtime/program"
)

// Sink remembers every record, deeply copied and as text. The zero Sink is empty.
type Sink struct {
	Records []program.Record
	Lines   []string    // Records as RecordText prints them
	base    packet.Time // that the lines' times count from; 0 = notation.Epoch
}

// Emit remembers r.
func (s *Sink) Emit(r *program.Record) {
	c := *r
	c.Entity, c.Features, c.Fields = copyFields(r.Entity), copyFields(r.Features), copyFields(r.Fields)
	c.Message = append([]byte(nil), r.Message...)
	c.Args = append([]program.Arg(nil), r.Args...)
	s.Records = append(s.Records, c)
	s.Lines = append(s.Lines, recordText(&c, s.base))
}

func copyFields(fields []program.Field) []program.Field {
	out := append([]program.Field(nil), fields...)
	for i := range out {
		out[i].Name = strings.Clone(out[i].Name)
		out[i].Value.S = append([]byte(nil), out[i].Value.S...)
		out[i].Value.L = copyFields(out[i].Value.L)
	}
	return out
}

// RecordText prints everything in a record on one line:
//
//	60.5s alert high check server=10.0.0.9 rising->attack code=C1 "SYN flood" rate=3 last=undefined
func RecordText(r *program.Record) string { return recordText(r, notation.Epoch) }

func recordText(r *program.Record, base packet.Time) string {
	var b strings.Builder
	if base == 0 {
		base = notation.Epoch
	}
	fmt.Fprintf(&b, "%v %v", seconds(r.Time-base), r.Type)
	if r.Type == program.AlertRecord {
		fmt.Fprintf(&b, " %v", r.Level)
	}
	fmt.Fprintf(&b, " %s", r.Event)
	if len(r.Entity) > 0 {
		fmt.Fprintf(&b, " %s", FieldsText(r.Entity))
	}
	if r.From != "" || r.To != "" {
		fmt.Fprintf(&b, " %s->%s", r.From, r.To)
	}
	if r.Code != "" {
		fmt.Fprintf(&b, " code=%s", r.Code)
	}
	if r.Topic != "" {
		fmt.Fprintf(&b, " topic=%s", r.Topic)
	}
	switch r.Type {
	case program.PublishRecord:
	case program.ExecRecord:
		for i, a := range r.Args {
			fmt.Fprintf(&b, " %q", r.Arg(i))
			if !a.Fixed {
				b.WriteByte('?')
			}
		}
	default:
		fmt.Fprintf(&b, " %q", r.Message)
	}
	if len(r.Features)+len(r.Fields) > 0 {
		fmt.Fprintf(&b, " %s", FieldsText(append(append([]program.Field(nil), r.Features...), r.Fields...)))
	}
	return b.String()
}

// FieldsText prints fields as name=value, with a space between them; a field
// without name is its value.
func FieldsText(fields []program.Field) string {
	var b []byte
	for i, f := range fields {
		if i > 0 {
			b = append(b, ' ')
		}
		if f.Name != "" {
			b = append(append(b, f.Name...), '=')
		}
		switch f.Value.Kind {
		case program.KindString:
			b = fmt.Appendf(b, "%q", f.Value.S)
		case program.KindEntries:
			b = append(program.AppendValue(append(b, '['), f.Value, ""), ']')
		default:
			b = program.AppendValue(b, f.Value, "")
		}
	}
	return string(b)
}

// seconds prints a time as seconds: 60.5s.
func seconds(d packet.Time) string {
	if d < 0 {
		return "-" + seconds(-d)
	}
	text := fmt.Sprintf("%d.%09d", d/1e9, d%1e9)
	return strings.TrimRight(strings.TrimRight(text, "0"), ".") + "s"
}

// States lists the entities that are not in the default state, in the order of
// the instance, one a line: "server 10.0.0.9 attack since 60s".
func States(inst program.Instance) []string { return states(inst, notation.Epoch) }

func states(inst program.Instance, base packet.Time) []string {
	var out []string
	inst.States(func(entity string, key []program.Field, state string, since packet.Time) bool {
		out = append(out, fmt.Sprintf("%s %s %s since %s", entity, valuesText(key), state, seconds(since-base)))
		return true
	})
	return out
}

// Tables lists the table entries, in the order of the instance, one a line: "last
// 10.0.0.9 = 3".
func Tables(inst program.Instance) []string {
	var out []string
	inst.Tables(func(table string, key []program.Field, value program.Value) bool {
		out = append(out, fmt.Sprintf("%s %s = %s", table, valuesText(key), FieldsText([]program.Field{{Value: value}})))
		return true
	})
	return out
}

// valuesText prints the values of fields with a space between them.
func valuesText(fields []program.Field) string {
	bare := make([]program.Field, len(fields))
	for i, f := range fields {
		bare[i].Value = f.Value
	}
	return FieldsText(bare)
}
