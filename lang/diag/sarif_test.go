package diag

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/streamon/streamon/lang/source"
)

// sarifObjects describes the objects of SARIF 2.1.0 that the compiler writes, after the
// tables of the standard (OASIS sarif-v2.1.0, sections 3.13 to 3.55): their properties,
// a "!" before those that the standard, or a code host, requires. What stands after ":"
// is the property's kind: str, int (at least 1), index (at least 0), another object,
// or a list of them with "*".
var sarifObjects = map[string]string{
	"log":         "$schema:str !version:str !runs:run*",
	"run":         "!tool:tool columnKind:str !results:result*",
	"tool":        "!driver:driver",
	"driver":      "!name:str version:str rules:rule*",
	"rule":        "!id:str shortDescription:message help:message",
	"message":     "!text:str",
	"result":      "!ruleId:str ruleIndex:index level:str !message:message locations:location* relatedLocations:location* fixes:fix*",
	"location":    "id:int !physicalLocation:physical message:message",
	"physical":    "!artifactLocation:artifact !region:region",
	"artifact":    "!uri:str",
	"region":      "!startLine:int !startColumn:int !endLine:int !endColumn:int",
	"fix":         "description:message !artifactChanges:change*",
	"change":      "!artifactLocation:artifact !replacements:replacement*",
	"replacement": "!deletedRegion:region insertedContent:message",
}

// sarifWords are the properties whose values the standard enumerates.
var sarifWords = map[string][]string{
	"version":    {"2.1.0"},
	"level":      {"none", "note", "warning", "error"},
	"columnKind": {"utf16CodeUnits", "unicodeCodePoints"},
}

// sarifCheck holds a value against an object of the table.
func sarifCheck(v any, kind, at string) error {
	object, ok := v.(map[string]any)
	if !ok {
		return fmt.Errorf("%s is no object", at)
	}
	known := map[string]string{}
	for _, word := range strings.Fields(sarifObjects[kind]) {
		name, typ, _ := strings.Cut(strings.TrimPrefix(word, "!"), ":")
		known[name] = typ
		if _, has := object[name]; !has && word[0] == '!' {
			return fmt.Errorf("%s has no %q", at, name)
		}
	}
	for name, v := range object {
		typ, ok := known[name]
		if !ok {
			return fmt.Errorf("%s has %q, which the standard has not", at, name)
		}
		if words := sarifWords[name]; words != nil && kind != "driver" /* its version is free */ && !slices.Contains(words, v.(string)) {
			return fmt.Errorf("%s.%s is %q", at, name, v)
		}
		if err := sarifValue(v, typ, at+"."+name); err != nil {
			return err
		}
	}
	return nil
}

func sarifValue(v any, typ, at string) error {
	item, isList := strings.CutSuffix(typ, "*")
	switch {
	case isList:
		list, ok := v.([]any)
		if !ok {
			return fmt.Errorf("%s is no list", at)
		}
		for i, e := range list {
			if err := sarifCheck(e, item, fmt.Sprintf("%s[%d]", at, i)); err != nil {
				return err
			}
		}
	case typ == "str":
		if s, ok := v.(string); !ok || s == "" {
			return fmt.Errorf("%s is %v, want a text", at, v)
		}
	case typ == "int" || typ == "index":
		if n, ok := v.(float64); !ok || n != float64(int(n)) || n < 0 || n == 0 && typ == "int" {
			return fmt.Errorf("%s is %v, want a whole number", at, v)
		}
	default:
		return sarifCheck(v, typ, at)
	}
	return nil
}

func TestSARIF(t *testing.T) {
	f := source.NewFile("dir/a b.smon", []byte("program x\nevent e: packet where ip.dts\n"))
	var l List
	l.Errorf(UnknownField, f.Span(32, 38), "unknown packet field %q", "ip.dts").
		Suggest("ip.dst").Note(f.Span(0, 7), "in this program").Note(source.Span{}, "layer ip has src, dst")
	l.Warnf(Unused, f.Span(16, 17), "event %q is never handled", "e")
	l.Errorf(UnknownField, source.Span{}, "nowhere")
	for _, list := range []List{nil, l} {
		var log any
		if err := json.Unmarshal(list.SARIF("1.0"), &log); err != nil {
			t.Fatal(err)
		}
		if err := sarifCheck(log, "log", "log"); err != nil {
			t.Errorf("SARIF of %d diagnostics: %v", len(list), err)
		}
	}
	var log sarifLog
	if err := json.Unmarshal(l.SARIF("1.0"), &log); err != nil {
		t.Fatal(err)
	}
	rules, results := log.Runs[0].Tool.Driver.Rules, log.Runs[0].Results
	if len(rules) != 2 || len(results) != 3 || rules[results[2].RuleIndex].ID != results[2].RuleID {
		t.Fatalf("SARIF has %d rules, %d results: %+v", len(rules), len(results), results)
	}
	r := results[0]
	at := sarifPhysical{sarifArtifact{"dir/a%20b.smon"}, sarifRegion{2, 23, 2, 29}}
	if r.Level != "error" || len(r.Locations) != 1 || r.Locations[0].Physical != at {
		t.Errorf("SARIF of the first is %+v, want an error at %+v", r, at)
	}
	if want := "unknown packet field \"ip.dts\"; did you mean \"ip.dst\"?\nnote: layer ip has src, dst"; r.Message.Text != want {
		t.Errorf("SARIF says %q, want %q", r.Message.Text, want)
	}
	if len(r.Related) != 1 || r.Related[0].Message.Text != "in this program" {
		t.Errorf("SARIF has the related places %+v", r.Related)
	}
	if len(r.Fixes) != 1 || r.Fixes[0].Changes[0].Replacements[0] != (sarifReplacement{at.Region, sarifMessage{"ip.dst"}}) {
		t.Errorf("SARIF has the fixes %+v", r.Fixes)
	}
	if results[1].Level != "warning" || results[1].Fixes != nil || results[2].Locations != nil {
		t.Errorf("SARIF of the others is %+v", results[1:])
	}
}

func TestFileURI(t *testing.T) {
	for name, want := range map[string]string{
		"a.smon": "a.smon", "/tmp/x y.smon": "file:///tmp/x%20y.smon", "d/a%.smon": "d/a%25.smon", "a:b.smon": "./a:b.smon",
	} {
		if got := fileURI(name); got != want {
			t.Errorf("fileURI(%q) = %q, want %q", name, got, want)
		}
	}
}
