package export

import (
	"slices"
	"strconv"

	"github.com/streamon/streamon/runtime/program"
)

// ecsVersion is the version of the Elastic Common Schema that AppendECS follows.
const ecsVersion = "8.11.0"

// severities are event.severity of levels: Elastic's own rules take these numbers
// for low, medium, high and critical.
var severities = [...]int64{
	program.LevelInfo: 0, program.LevelLow: 21, program.LevelMedium: 47, program.LevelHigh: 73, program.LevelCritical: 99,
}

// AppendECS appends r as a JSON object in the names of the Elastic Common Schema,
// without a line end. What the schema has no name for stands in the object
// "streamon", as the schema asks of custom fields. observer is the name of the machine
// that the probe runs on, "" if it is not to be there. doc/sinks.md has the table.
func AppendECS(b []byte, o *Origin, r *program.Record, observer string) []byte {
	b = append(b, `{"@timestamp":"`...)
	b = program.AppendTime(b, r.Time)
	b = append(b, `","ecs":{"version":"`+ecsVersion+`"},"event":{"module":"streamon"`...)
	b = appendText(b, `,"dataset":`, "streamon."+r.Type.String())
	switch r.Type {
	case program.AlertRecord:
		b = append(b, `,"kind":"alert","category":["intrusion_detection","network"],"type":["info"]`...)
		b = strconv.AppendInt(append(b, `,"severity":`...), severities[r.Level], 10)
		if r.Code != "" {
			b = appendText(b, `,"code":`, r.Code)
		}
	case program.PublishRecord:
		b = append(b, `,"kind":"metric","category":["network"],"type":["info"]`...)
	case program.ExecRecord:
		b = append(b, `,"kind":"event","category":["process"]`...)
		if r.Runs {
			b = append(b, `,"type":["start"]`...)
		} else {
			b = append(b, `,"type":["denied"]`...)
			b = appendText(b, `,"reason":`, r.Reason)
		}
	default:
		b = append(b, `,"kind":"event","category":["network"],"type":["info"]`...)
	}
	b = appendText(b, `,"action":`, r.Event)
	b = appendText(b, `},"rule":{"name":`, o.Program)
	b = appendText(b, `,"version":`, o.Version)
	b = append(b, `},"observer":{"vendor":"StreaMon","product":"smprobe","type":"probe"`...)
	if observer != "" {
		b = appendText(b, `,"hostname":`, observer)
	}
	b = append(b, '}')
	switch r.Type {
	case program.AlertRecord:
		b = appendText(b, `,"log":{"level":`, r.Level.String())
		b = appendString(append(b, `},"message":`...), r.Message)
	case program.LogRecord:
		b = appendString(append(b, `,"message":`...), r.Message)
	case program.ExecRecord:
		b = appendString(append(b, `,"process":{"executable":`...), r.Arg(0))
		b = append(b, `,"args":[`...)
		for i := range r.Args {
			if i > 0 {
				b = append(b, ',')
			}
			b = appendString(b, r.Arg(i))
		}
		b = append(b, "]}"...)
	}
	b = appendRelated(b, r)
	return append(appendOwn(b, o, r), '}')
}

// appendRelated appends the addresses of the entity as related.ip, each once.
func appendRelated(b []byte, r *program.Record) []byte {
	var seen [5][16]byte // an entity has five key fields at most
	n := 0
	for i := range r.Entity {
		v := &r.Entity[i].Value
		if v.Kind != program.KindIP || n == len(seen) || slices.Contains(seen[:n], v.B) {
			continue
		}
		if n == 0 {
			b = append(b, `,"related":{"ip":[`...)
		} else {
			b = append(b, ',')
		}
		b = appendValue(b, v)
		seen[n] = v.B
		n++
	}
	if n > 0 {
		b = append(b, "]}"...)
	}
	return b
}

// appendOwn appends the object of what has no name in the schema.
func appendOwn(b []byte, o *Origin, r *program.Record) []byte {
	b = append(b, `,"streamon":{"schema":`...)
	b = strconv.AppendInt(b, schemaVersion, 10)
	if o.Instance != "" {
		b = appendText(b, `,"instance":`, o.Instance)
	}
	if o.Tenant != "" {
		b = appendText(b, `,"tenant":`, o.Tenant)
	}
	b = append(b, `,"entity":`...)
	b = AppendObject(b, r.Entity)
	b = appendText(b, `,"from":`, r.From)
	b = appendText(b, `,"to":`, r.To)
	if r.Type == program.AlertRecord {
		b = append(b, `,"features":`...)
		b = AppendObject(b, r.Features)
		if r.Suppressed > 0 {
			b = strconv.AppendUint(append(b, `,"suppressed":`...), r.Suppressed, 10)
		}
	}
	if r.Topic != "" {
		b = appendText(b, `,"topic":`, r.Topic)
	}
	if len(r.Fields) > 0 {
		b = append(b, `,"fields":`...)
		b = AppendObject(b, r.Fields)
	}
	return append(b, '}')
}
