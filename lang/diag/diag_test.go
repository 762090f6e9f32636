package diag

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/streamon/streamon/lang/source"
)

func TestCodes(t *testing.T) {
	seen := map[string]Code{}
	for _, c := range Codes() {
		name := c.String()
		if name == "" || name == "?" {
			t.Errorf("code %d has no name", int(c))
			continue
		}
		if other, ok := seen[name]; ok {
			t.Errorf("codes %d and %d are both called %q", int(other), int(c), name)
		}
		seen[name] = c
		if back, ok := CodeByName(name); !ok || back != c {
			t.Errorf("CodeByName(%q) = %v, %v, want %v", name, back, ok, c)
		}
		// The constant's own name stands first in its comment: UnknownField for unknown-field.
		first, _, _ := strings.Cut(c.Doc(), " ")
		if kebab(first) != name {
			t.Errorf("the comment of code %q begins with %q", name, first)
		}
		if !strings.HasSuffix(c.Doc(), ".") {
			t.Errorf("the comment of code %q is no sentence: %q", name, c.Doc())
		}
		if fix := c.Fix(); !strings.HasSuffix(fix, ".") {
			t.Errorf("code %q says not what to do, in a sentence: %q", name, fix)
		}
		if c.Example() == "" {
			t.Errorf("code %q has no example", name)
		}
	}
	if NoCode.String() != "none" || Code(-1).String() != "?" {
		t.Errorf("NoCode, Code(-1) = %q, %q, want none, ?", NoCode, Code(-1))
	}
}

func kebab(camel string) string {
	var b strings.Builder
	wasUpper := true // capitals in a row are one word
	for _, r := range camel {
		isUpper := 'A' <= r && r <= 'Z'
		if isUpper && !wasUpper {
			b.WriteByte('-')
		}
		wasUpper = isUpper
		b.WriteString(strings.ToLower(string(r)))
	}
	return b.String()
}

func TestNearest(t *testing.T) {
	fields := []string{"ip.src", "ip.dst", "tcp.srcport", "tcp.dstport", "udp", "queries"}
	tests := []struct{ name, want string }{
		{"ip.dts", "ip.dst"}, // neighbours swapped
		{"tcp.dstprt", "tcp.dstport"},
		{"TCP.SRCPORT", "tcp.srcport"}, // case is free
		{"udq", "udp"},
		{"uqq", ""}, // two of three
		{"frame", ""},
		{"", ""},
		{"query", "queries"}, // singular and plural
		{"address", ""},
		{"udp", ""}, // itself is no guess
	}
	for _, tt := range tests {
		if got := Nearest(tt.name, fields); got != tt.want {
			t.Errorf("Nearest(%q) = %q, want %q", tt.name, got, tt.want)
		}
	}
}

func TestPrint(t *testing.T) {
	f := source.NewFile("ddos.smon", []byte("program x\n\tevent syn: packet(key: ip.dts) # ä\nend"))
	var l List
	l.Warnf(Unused, f.Span(11, 16), "unused event %q", "syn")
	l.Errorf(UnknownField, f.Span(34, 40), "unknown packet field %q", "ip.dts").
		Suggest("ip.dst").Note(f.Span(0, 7), "layer ip has src, dst").Note(source.Span{}, "see the manual")
	l.Errorf(Syntax, source.Span{}, "a place that is\nnowhere").Hintf("no line")
	l.Sort()
	want := `-: error: a place that is nowhere [syntax]
   hint: no line
ddos.smon:2:2: warning: unused event "syn" [unused]
    2 | 	event syn: packet(key: ip.dts) # ä
      | 	^^^^^
ddos.smon:2:25: error: unknown packet field "ip.dts" [unknown-field]
    2 | 	event syn: packet(key: ip.dts) # ä
      | 	                       ^^^^^^ did you mean "ip.dst"?
ddos.smon:1:1: note: layer ip has src, dst
   note: see the manual
`
	var b strings.Builder
	if err := l.Print(&b, f, false); err != nil || b.String() != want {
		t.Errorf("Print = %v\n%s\nwant\n%s", err, b.String(), want)
	}
	b.Reset()
	if err := l.Print(&b, f, true); err != nil || !strings.Contains(b.String(), "\x1b[1;31merror\x1b[0m") {
		t.Errorf("Print in colour = %v\n%q, want a red error", err, b.String())
	}
}

// A span that goes past its line, or past the file, still gives one caret line.
func TestPrintOddSpans(t *testing.T) {
	f := source.NewFile("a", []byte("ab\ncd"))
	for _, span := range []source.Span{f.Span(0, 5), f.Span(5, 5), {Start: source.Pos{Line: 1, Column: 40}}, {Start: source.Pos{Line: 9, Column: 1}}} {
		var l List
		l.Errorf(Syntax, span, "odd")
		var b strings.Builder
		if err := l.Print(&b, f, false); err != nil || strings.Count(b.String(), "\n") > 3 {
			t.Errorf("Print of span %v = %v\n%s\nwant at most three lines", span, err, b.String())
		}
	}
}

func TestPrintCountsTheRest(t *testing.T) {
	f := source.NewFile("a", []byte(strings.Repeat("x\n", 30)))
	var l List
	for i := range 9 {
		l.Warnf(Unused, f.Span(2*i, 2*i+1), "warning")
	}
	for i := 9; i < 21; i++ {
		l.Errorf(Syntax, f.Span(2*i, 2*i+1), "error")
	}
	l.Sort()
	var b strings.Builder
	if err := l.Print(&b, f, false); err != nil {
		t.Fatal(err)
	}
	if got := strings.Count(b.String(), "[syntax]"); got != MaxPrinted {
		t.Errorf("Print shows %d errors, want %d: errors go first", got, MaxPrinted)
	}
	if want := "and 2 errors and 9 warnings more\n"; !strings.HasSuffix(b.String(), want) {
		t.Errorf("Print ends with %q, want %q", b.String()[b.Len()-40:], want)
	}
}

func TestJSON(t *testing.T) {
	f := source.NewFile("a.smon", []byte("one\ntwo"))
	var l List
	if got := string(l.JSON()); got != "[]\n" {
		t.Errorf("JSON of nothing = %q, want %q", got, "[]\n")
	}
	l.Errorf(Cycle, f.Span(4, 7), "%q is in a cycle", "two").Hintf("h").Note(f.Span(0, 3), "first")
	var got []map[string]any
	if err := json.Unmarshal(l.JSON(), &got); err != nil || len(got) != 1 {
		t.Fatalf("JSON = %s: %v", l.JSON(), err)
	}
	for key, want := range map[string]any{
		"file": "a.smon", "line": 2.0, "column": 1.0, "end_line": 2.0, "end_column": 4.0,
		"severity": "error", "code": "cycle", "message": `"two" is in a cycle`, "hint": "h",
	} {
		if got[0][key] != want {
			t.Errorf("JSON[%q] = %v, want %v", key, got[0][key], want)
		}
	}
}

func TestListError(t *testing.T) {
	var l List
	l.Warnf(Unused, source.Span{}, "w")
	if err := l.Err(); err != nil {
		t.Errorf("Err() with a warning only = %v, want nil", err)
	}
	l.Errorf(Syntax, source.Span{}, "e")
	l.Errorf(Syntax, source.Span{}, "f")
	if got, want := l.Err().Error(), "-: error: e [syntax] (and 1 more)"; got != want {
		t.Errorf("Err() = %q, want %q", got, want)
	}
	var back List
	if !errors.As(l.Err(), &back) || len(back) != 3 {
		t.Errorf("Err() does not hold the list")
	}
}

func TestSortRemovesDoubles(t *testing.T) {
	f := source.NewFile("a", []byte("xyz"))
	var l List
	l.Errorf(Syntax, f.Span(1, 2), "b")
	l.Errorf(Syntax, f.Span(0, 1), "a")
	l.Errorf(Syntax, f.Span(1, 2), "b")
	l.Sort()
	if len(l) != 2 || l[0].Message != "a" {
		t.Errorf("Sort = %v, want a and b once each", l)
	}
}
