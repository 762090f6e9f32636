package export

import (
	"encoding/json"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/streamon/streamon/runtime/program"
)

// ecsFields are the fields of ECS 8.11 that may appear, with the type that the schema
// gives them; a list is marked with []. All below "streamon." is ours.
var ecsFields = map[string]string{
	"@timestamp": "date", "ecs.version": "keyword", "message": "text", "log.level": "keyword",
	"event.module": "keyword", "event.dataset": "keyword", "event.kind": "keyword", "event.category": "[]keyword", "event.type": "[]keyword",
	"event.severity": "long", "event.code": "keyword", "event.action": "keyword", "event.reason": "keyword",
	"rule.name": "keyword", "rule.version": "keyword",
	"observer.vendor": "keyword", "observer.product": "keyword", "observer.type": "keyword", "observer.hostname": "keyword",
	"process.executable": "keyword", "process.args": "[]keyword", "related.ip": "[]ip",
}

// ecsValues are the values that the schema allows for fields with a closed list.
var ecsValues = map[string][]string{
	"event.kind":     {"alert", "asset", "enrichment", "event", "metric", "state", "pipeline_error", "signal"},
	"event.category": {"intrusion_detection", "network", "process"}, // of 22
	"event.type": {
		"access", "admin", "allowed", "change", "connection", "creation", "deletion", "denied", "device", "end", "error",
		"group", "indicator", "info", "installation", "protocol", "start", "user",
	},
}

// TestECS: every field has a name of the schema and a value of its type, or is ours.
func TestECS(t *testing.T) {
	for _, tt := range records {
		r := tt.r
		r.Suppressed = 3
		text := AppendECS(nil, origin, &r, "probe1")
		var v map[string]any
		if err := json.Unmarshal(text, &v); err != nil {
			t.Fatalf("%s: %v: %s", tt.name, err, text)
		}
		fields := map[string]any{}
		flatten(fields, "", v)
		for name, value := range fields {
			if strings.HasPrefix(name, "streamon.") {
				continue
			}
			kind, ok := ecsFields[name]
			if !ok {
				t.Errorf("%s: %s is no field of the schema", tt.name, name)
				continue
			}
			if err := isECS(name, kind, value); err != nil {
				t.Errorf("%s: %s: %v", tt.name, name, err)
			}
		}
		for _, name := range []string{"@timestamp", "ecs.version", "event.kind", "event.category", "event.type", "event.dataset"} {
			if fields[name] == nil {
				t.Errorf("%s: no %s", tt.name, name)
			}
		}
	}
}

// An alert as it is, whole.
func TestECSAlert(t *testing.T) {
	got := string(AppendECS(nil, origin, &records[0].r, ""))
	want := `{"@timestamp":"2012-06-01T09:30:00.123456789Z","ecs":{"version":"8.11.0"},"event":{"module":"streamon","dataset":"streamon.alert","kind":"alert","category":["intrusion_detection","network"],"type":["info"],"severity":73,"code":"C1","action":"verdict"},"rule":{"name":"conficker","version":"0123456789abcdef"},"observer":{"vendor":"StreaMon","product":"smprobe","type":"probe"},"log":{"level":"high"},"message":"10.0.0.7 scans \"port\" 445","related":{"ip":["10.0.0.7"]},"streamon":{"schema":1,"entity":{"host":"10.0.0.7"},"from":"alert","to":"infected","features":{"answer_ratio":0.125,"nx":null}}}`
	if got != want {
		t.Errorf("AppendECS:\n got %s\nwant %s", got, want)
	}
}

// Addresses of a pair stand in related.ip once each.
func TestECSRelated(t *testing.T) {
	r := program.Record{Type: program.LogRecord, Entity: []program.Field{{Name: "a", Value: ip("10.0.0.1")}, {Name: "b", Value: ip("2001:db8::1")}, {Name: "c", Value: ip("10.0.0.1")}, {Name: "p", Value: num(3)}}}
	if got := string(AppendECS(nil, origin, &r, "")); !strings.Contains(got, `"related":{"ip":["10.0.0.1","2001:db8::1"]}`) {
		t.Errorf("related addresses: %s", got)
	}
}

// flatten writes the leaves of v to fields by their dotted names.
func flatten(fields map[string]any, prefix string, v map[string]any) {
	for k, e := range v {
		if sub, ok := e.(map[string]any); ok {
			flatten(fields, prefix+k+".", sub)
			continue
		}
		fields[prefix+k] = e
	}
}

func isECS(name, kind string, v any) error {
	if of, ok := strings.CutPrefix(kind, "[]"); ok {
		list, ok := v.([]any)
		if !ok || len(list) == 0 {
			return fmt.Errorf("%v is no list", v)
		}
		for _, e := range list {
			if err := isECS(name, of, e); err != nil {
				return err
			}
		}
		return nil
	}
	if kind == "long" {
		if f, ok := v.(float64); !ok || f != float64(int64(f)) {
			return fmt.Errorf("%v is no long", v)
		}
		return nil
	}
	s, ok := v.(string)
	if !ok {
		return fmt.Errorf("%v is no text", v)
	}
	var err error
	switch kind {
	case "date":
		_, err = time.Parse(time.RFC3339Nano, s)
	case "ip":
		_, err = netip.ParseAddr(s)
	}
	if allowed, ok := ecsValues[name]; ok && !slices.Contains(allowed, s) {
		err = fmt.Errorf("%q is not one of %v", s, allowed)
	}
	return err
}
