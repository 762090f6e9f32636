package format_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/streamon/streamon/lang"
	"github.com/streamon/streamon/lang/ast"
	"github.com/streamon/streamon/lang/format"
)

// FuzzParse holds three promises: Parse never panics; what it accepts has a
// canonical form with the same tree; the canonical form is its own.
func FuzzParse(f *testing.F) {
	files, _ := filepath.Glob("../../testdata/lang/*.smon")
	more, _ := filepath.Glob("testdata/*.txtar")
	chunks, _ := filepath.Glob("../smon/testdata/*.smon")
	for _, name := range append(append(files, more...), chunks...) {
		src, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		text := string(src)
		if _, after, ok := strings.Cut(text, "-- in.smon --\n"); ok {
			text, _, _ = strings.Cut(after, "-- out.smon --\n")
		}
		for _, chunk := range strings.Split(text, "---\n") {
			f.Add(chunk)
		}
	}
	f.Fuzz(func(t *testing.T, src string) {
		file, diags := lang.Parse("fuzz.smon", []byte(src))
		if file == nil {
			t.Fatal("no tree")
		}
		for _, d := range diags {
			if d.Message == "" || strings.Contains(d.Message, "\n") || d.Span.Start.Offset > len(src) || d.Span.Len() < 0 {
				t.Fatalf("bad diagnostic %+v", d)
			}
		}
		if diags.HasErrors() {
			return
		}
		once, err := format.Source(file, format.Options{})
		if err != nil {
			t.Fatal(err)
		}
		again, diags := lang.Parse("fuzz.smon", once)
		if diags.HasErrors() {
			t.Fatalf("the canonical form does not parse: %v\n%s", diags, once)
		}
		if a, b := shape(t, file), shape(t, again); a != b {
			t.Fatalf("formatting changed the tree from\n%s\nto\n%s", a, b)
		}
		if len(file.Comments) != len(again.Comments) {
			t.Fatalf("%d comments became %d\n%s", len(file.Comments), len(again.Comments), once)
		}
		twice, err := format.Source(again, format.Options{})
		if err != nil || string(twice) != string(once) {
			t.Fatalf("formatting twice gives (%v)\n%s\nonce\n%s", err, twice, once)
		}
	})
}

var places = regexp.MustCompile(` \d+:\d+-\d+:\d+`)

// shape is the dump of a tree without places, comments and the spelling of strings.
func shape(t *testing.T, f *ast.File) string {
	whole := *f
	whole.Comments = nil
	var b strings.Builder
	if err := ast.Dump(&b, &whole); err != nil {
		t.Fatal(err)
	}
	var lines []string
	for _, line := range strings.Split(b.String(), "\n") {
		line = places.ReplaceAllString(line, "")
		if before, _, ok := strings.Cut(line, "StringLit"); ok {
			line = before + "StringLit"
		}
		lines = append(lines, line)
	}
	return strings.Join(lines, "\n")
}
