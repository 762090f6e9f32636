package smprobe

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/streamon/streamon/runtime/program"
)

// schema checks the part of JSON Schema that doc/output.schema.json uses: type,
// const, enum, pattern, required, properties, additionalProperties, items, oneOf
// and $ref to #/$defs.
type schema struct{ defs map[string]any }

func loadSchema(t *testing.T) *schema {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", "doc", "output.schema.json"))
	if err != nil {
		t.Fatal(err)
	}
	var s struct {
		Defs map[string]any `json:"$defs"`
	}
	if err := json.Unmarshal(text, &s); err != nil {
		t.Fatal(err)
	}
	return &schema{s.Defs}
}

// check holds v against the definition called def.
func (s *schema) check(v any, def string) error {
	d, ok := s.defs[def].(map[string]any)
	if !ok {
		return fmt.Errorf("no definition %q", def)
	}
	return s.match(v, d, def)
}

func (s *schema) match(v any, d map[string]any, at string) error {
	for key, rule := range d {
		var err error
		switch key {
		case "description", "title":
		case "$ref":
			err = s.check(v, strings.TrimPrefix(rule.(string), "#/$defs/"))
		case "type":
			err = isType(v, rule)
		case "const":
			if v != rule {
				err = fmt.Errorf("%v is not %v", v, rule)
			}
		case "enum":
			if !slices.Contains(rule.([]any), v) {
				err = fmt.Errorf("%v is none of %v", v, rule)
			}
		case "pattern":
			if text, ok := v.(string); ok && !regexp.MustCompile(rule.(string)).MatchString(text) {
				err = fmt.Errorf("%q does not match %s", text, rule)
			}
		case "required":
			object, _ := v.(map[string]any)
			for _, name := range rule.([]any) {
				if _, ok := object[name.(string)]; !ok {
					err = fmt.Errorf("no %q", name)
				}
			}
		case "properties", "additionalProperties":
			err = s.matchFields(v, d, at)
		case "items":
			list, _ := v.([]any)
			for i, e := range list {
				if err == nil {
					err = s.match(e, rule.(map[string]any), fmt.Sprintf("%s[%d]", at, i))
				}
			}
		case "oneOf":
			err = s.oneOf(v, rule.([]any), at)
		default:
			err = fmt.Errorf("the checker does not know %q", key)
		}
		if err != nil {
			return fmt.Errorf("%s: %w", at, err)
		}
	}
	return nil
}

func (s *schema) matchFields(v any, d map[string]any, at string) error {
	object, _ := v.(map[string]any)
	props, _ := d["properties"].(map[string]any)
	for name, e := range object {
		rule, ok := props[name].(map[string]any)
		if !ok {
			switch more := d["additionalProperties"].(type) {
			case bool:
				if !more {
					return fmt.Errorf("%q is not described", name)
				}
				continue
			case map[string]any:
				rule = more
			default:
				continue
			}
		}
		if err := s.match(e, rule, at+"."+name); err != nil {
			return err
		}
	}
	return nil
}

func (s *schema) oneOf(v any, rules []any, at string) error {
	var errs []string
	for _, r := range rules {
		err := s.match(v, r.(map[string]any), at)
		if err == nil {
			return nil
		}
		errs = append(errs, err.Error())
	}
	return fmt.Errorf("matches no alternative: %s", strings.Join(errs, " | "))
}

func isType(v, want any) error {
	got := "null"
	switch x := v.(type) {
	case bool:
		got = "boolean"
	case string:
		got = "string"
	case float64:
		got = "number"
		if x == float64(int64(x)) {
			got = "integer"
		}
	case []any:
		got = "array"
	case map[string]any:
		got = "object"
	}
	types, ok := want.([]any)
	if !ok {
		types = []any{want}
	}
	if slices.Contains(types, any(got)) || got == "integer" && slices.Contains(types, any("number")) {
		return nil
	}
	return fmt.Errorf("is %s, want %v", got, want)
}

// TestSchema holds the outputs against the schema, and the schema against
// records that must not pass.
func TestSchema(t *testing.T) {
	s := loadSchema(t)
	var v any
	for _, costs := range []string{"--costs=false", "--costs"} {
		out, _, _ := run(t, []*program.Info{talker("talk", "1")}, "run", "-r", writeCapture(t, 10), "--summary", "-", costs)
		if err := json.Unmarshal([]byte(out), &v); err != nil {
			t.Fatal(err)
		}
		if err := s.check(v, "summary"); err != nil {
			t.Errorf("summary: %v", err)
		}
		if has := strings.Contains(out, `"cost"`); has != (costs == "--costs") {
			t.Errorf("%s: the summary has costs: %v", costs, has)
		}
	}
	out, _, _ := run(t, []*program.Info{talker("talk", "1")}, "run", "-r", writeCapture(t, 10), "--state", "-")
	if err := json.Unmarshal([]byte(out), &v); err != nil {
		t.Fatal(err)
	}
	if err := s.check(v, "state"); err != nil {
		t.Errorf("state: %v", err)
	}
	checkLines(t, filepath.Join("testdata", "alerts.jsonl"))
	for _, bad := range []string{
		`{}`,
		`{"schema":1,"time":"yesterday","type":"alert","program":"p","version":"1","event":"e","entity":{},"from":"","to":"","level":"low","message":"","features":{}}`,
		`{"schema":1,"time":"2012-06-01T09:30:00.123456789Z","type":"alert","program":"p","version":"1","event":"e","entity":{},"from":"","to":"","message":"","features":{}}`,
		`{"schema":1,"time":"2012-06-01T09:30:00.123456789Z","type":"alert","program":"p","version":"1","event":"e","entity":{},"from":"","to":"","level":"grave","message":"","features":{}}`,
		`{"schema":1,"time":"2012-06-01T09:30:00.123456789Z","type":"publish","program":"p","version":"1","event":"e","entity":{},"from":"","to":"","topic":"x","fields":{"a":{}}}`,
	} {
		json.Unmarshal([]byte(bad), &v)
		if err := s.check(v, "record"); err == nil {
			t.Errorf("the schema accepts %s", bad)
		}
	}
}

// TestSchemaFields: the schema has every field that a summary can have, those that are there
// only if something befell a program too.
func TestSchemaFields(t *testing.T) {
	s := loadSchema(t)
	s.holds(t, reflect.TypeFor[summary](), map[string]any{"$ref": "#/$defs/summary"}, "summary")
}

// holds checks that the fields of a type are described.
func (s *schema) holds(t *testing.T, of reflect.Type, d map[string]any, at string) {
	t.Helper()
	if ref, ok := d["$ref"].(string); ok {
		d, _ = s.defs[strings.TrimPrefix(ref, "#/$defs/")].(map[string]any)
	}
	switch of.Kind() {
	case reflect.Pointer:
		s.holds(t, of.Elem(), d, at)
		return
	case reflect.Slice:
		items, _ := d["items"].(map[string]any)
		s.holds(t, of.Elem(), items, at+"[]")
		return
	case reflect.Struct:
	default:
		return
	}
	props, _ := d["properties"].(map[string]any)
	for _, f := range reflect.VisibleFields(of) {
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		switch e, ok := props[name].(map[string]any); {
		case f.Anonymous || name == "-" || at == "summary" && name == "checkpoint": // of listings
		case ok:
			s.holds(t, f.Type, e, at+"."+name)
		case d["additionalProperties"] == false:
			t.Errorf("the schema does not have %s.%s", at, name)
		}
	}
}
