package xmlformat_test

import (
	"bytes"
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/streamon/streamon/lang"
	"github.com/streamon/streamon/lang/diag"
	"github.com/streamon/streamon/lang/format"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// TestSmon converts every program of the examples and tests.
func TestSmon(t *testing.T) {
	programs, said := smonPrograms(t), 0
	for _, name := range slices.Sorted(maps.Keys(programs)) {
		t.Run(name, func(t *testing.T) {
			src := programs[name]
			want, _ := irOf(t, "p.smon", src)
			if want == "" {
				t.Skip("it has errors, or is no program")
			}
			text, diags := toXML(t, "p.smon", src)
			if len(diags) > 0 {
				t.Fatal(diags)
			}
			said++
			check(t, src, text, want)
		})
	}
	if said < 90 {
		t.Errorf("%d programs converted, want 90 or more", said)
	}
}

// TestTwins holds the XML of each example against the one beside it, which was written
// by hand: they mean the same.
func TestTwins(t *testing.T) {
	twins, _ := filepath.Glob(root + "examples/*/*.xml")
	if len(twins) < 9 {
		t.Fatalf("%d examples in XML, want 9 or more", len(twins))
	}
	for _, twin := range twins {
		byHand, err := os.ReadFile(twin)
		if err != nil {
			t.Fatal(err)
		}
		src, err := os.ReadFile(strings.TrimSuffix(twin, ".xml") + ".smon")
		if err != nil {
			t.Fatal(err)
		}
		text, diags := toXML(t, "p.smon", src)
		if len(diags) > 0 {
			t.Fatal(diags)
		}
		got, _ := irOf(t, "p.xml", text)
		if want, _ := irOf(t, twin, byHand); got != want || want == "" {
			t.Errorf("%s: the IR of the conversion is\n%s\nthat of the program by hand is\n%s", twin, got, want)
		}
	}
}

// TestRefused: what cannot be written is what is more than the reader takes, and what no
// XML can hold. However often handlers are written, that does not take long.
func TestRefused(t *testing.T) {
	many := func(format string, n int) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, format, i)
		}
		return b.String()
	}
	tests := []struct {
		name, src string
		line      int // of the program, whose first line is its head
		want      string
	}{
		{"expressions", many("param n%d = 1 + 1\n", 1100), 1002, "in XML the program holds too much in the language"},
		{"names", many("event e%d: packet\n", 4100), 4000, "in XML a program has at most 4000 elements"},
		{"a long text", "param y = 1\nparam x = \"" + strings.Repeat("x", 17_000) + `"`, 3, `in XML the value of "value" has 17002 bytes, at most 16384 are possible`},
		{"a control character", "param y = 1\n\nparam x = \"\x01\"", 4, `this text has the character U\+0001, which XML cannot hold`},
		{"a control character in an action", "entity h: ip\nevent e: packet for h = ip.src\nstate default {\n  on e {\n    when frame.len > 1 {\n      log \"good\"\n      log \"{h} \x07\"\n    }\n  }\n}", 8,
			`this text has the character U\+0007, which XML cannot hold`},
		{"handlers", many("event e%d: packet\n", 3000) + many("on e0"+many(", e%d", 2999)+" { log \"%d\" }\n", 1), 1,
			`in XML the file has \d+ bytes, a program may have 262144`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			text, diags := toXML(t, "p.smon", []byte("program p\n"+tt.src))
			if text != nil || len(diags) != 1 || diags[0].Code != diag.NotInXML {
				t.Fatalf("%d bytes and %v, want not-in-xml", len(text), diags)
			}
			if got := diags[0].Span.Start.Line; got != tt.line {
				t.Errorf("line %d, want %d: %v", got, tt.line, diags)
			}
			if !regexp.MustCompile("^" + tt.want + "$").MatchString(diags[0].Message) {
				t.Errorf("message %q, want %q", diags[0].Message, tt.want)
			}
		})
	}
}

// TestXML converts every program in XML that loads to .smon and back.
func TestXML(t *testing.T) {
	programs, said := xmlPrograms(t), 0
	for _, name := range slices.Sorted(maps.Keys(programs)) {
		t.Run(name, func(t *testing.T) {
			want, _ := irOf(t, name, programs[name])
			if want == "" {
				t.Skip("it has errors")
			}
			tree, _ := lang.Parse(name, programs[name])
			tree.Comments = nil // their places are those of another text
			smon, err := format.Source(tree, format.Options{})
			if err != nil {
				t.Fatal(err)
			}
			text, diags := toXML(t, "p.smon", smon)
			if len(diags) > 0 {
				t.Fatal(diags)
			}
			said++
			check(t, smon, text, want)
		})
	}
	if said < 32 {
		t.Errorf("%d programs converted, want 32 or more", said)
	}
}

// Each archive of testdata holds in.smon and out.xml.
func TestGolden(t *testing.T) {
	files, _ := filepath.Glob("testdata/*.txtar")
	if len(files) == 0 {
		t.Fatal("no archives")
	}
	for _, name := range files {
		t.Run(filepath.Base(name), func(t *testing.T) {
			ar, err := txtar.ParseFile(name)
			if err != nil {
				t.Fatal(err)
			}
			src := ar.Files[0].Data
			want, bad := irOf(t, "in.smon", src)
			if want == "" {
				t.Fatal(bad)
			}
			text, diags := toXML(t, "in.smon", src)
			if len(diags) > 0 {
				t.Fatal(diags)
			}
			check(t, src, text, want)
			out := txtar.File{Name: "out.xml", Data: text}
			if *update {
				ar.Files = []txtar.File{ar.Files[0], out}
				if err := os.WriteFile(name, txtar.Format(ar), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			if len(ar.Files) != 2 || ar.Files[1].Name != out.Name || !bytes.Equal(ar.Files[1].Data, out.Data) {
				t.Errorf("%s: %s is now\n%s", name, out.Name, out.Data)
			}
		})
	}
}
