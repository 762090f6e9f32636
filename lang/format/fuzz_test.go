package format_test

import (
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

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
	wrong, _ := filepath.Glob("../testdata/wrong/*.txtar")
	for _, name := range wrong {
		ar, err := txtar.ParseFile(name)
		if err != nil {
			f.Fatal(err)
		}
		for _, p := range ar.Files {
			if filepath.Ext(p.Name) == ".smon" {
				f.Add(string(p.Data))
			}
		}
	}
	f.Fuzz(check)
}

// check holds the promises of FuzzParse for one text.
func check(t *testing.T, src string) {
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

// Space, line ends and comments between tokens mean nothing, and what a word on a
// new line looks like must not matter.
func TestSpaceMeansNothing(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	for _, name := range []string{"all", "conficker", "p2p", "ddos", "spelling"} {
		ar, err := txtar.ParseFile("testdata/" + name + ".txtar")
		if err != nil {
			t.Fatal(err)
		}
		want, diags := lang.Parse(name, ar.Files[0].Data)
		if len(diags) > 0 {
			t.Fatal(diags)
		}
		for range 25 {
			src := respace(rnd, string(ar.Files[0].Data))
			got, diags := lang.Parse(name, []byte(src))
			if len(diags) > 0 || shape(t, got) != shape(t, want) {
				t.Fatalf("%s with other spaces: %v\n%s", name, diags, src)
			}
			check(t, src)
		}
	}
}

var tokens = regexp.MustCompile(`#.*|"(\\.|[^"\\])*"|[ \t\n]+|[^ \t\n"#(){}\[\],]+|.`)

// respace replaces the spaces and comments of a program, except that the
// header stays first on its line.
func respace(rnd *rand.Rand, src string) string {
	spaces := []string{" ", "\n", "\n\n\n", "\t", "  # c\n", "\n// c\n\n", "\r\n", " #\n# d\n"}
	var b strings.Builder
	for _, tok := range tokens.FindAllString(src, -1) {
		switch {
		case strings.TrimSpace(tok) == "", tok[0] == '#':
			b.WriteString(spaces[rnd.IntN(len(spaces))])
		case strings.ContainsAny(tok, "(){}[],") && rnd.IntN(4) == 0 && tok[0] != '"':
			b.WriteString(spaces[rnd.IntN(len(spaces))] + tok + spaces[rnd.IntN(len(spaces))])
		default:
			b.WriteString(tok)
		}
	}
	return b.String()
}

// Programs with tokens lost, doubled and swapped: many errors, and now and then
// another program.
func TestMutations(t *testing.T) {
	rnd := rand.New(rand.NewPCG(3, 4))
	ar, err := txtar.ParseFile("testdata/all.txtar")
	if err != nil {
		t.Fatal(err)
	}
	words := tokens.FindAllString(string(ar.Files[0].Data), -1)
	for range 600 {
		mutant := slices.Clone(words)
		for range 1 + rnd.IntN(3) {
			i, j := rnd.IntN(len(mutant)), rnd.IntN(len(mutant))
			switch rnd.IntN(3) {
			case 0:
				mutant[i] = ""
			case 1:
				mutant[i], mutant[j] = mutant[j], mutant[i]
			case 2:
				mutant[i] = mutant[j] + " " + mutant[i]
			}
		}
		check(t, strings.Join(mutant, ""))
	}
}
