package xmlformat_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/streamon/streamon/lang"
	"github.com/streamon/streamon/lang/format"
	"github.com/streamon/streamon/lang/xmlformat"
)

// FuzzXML holds every program that converts against its conversion, which has to
// read without a word and reach the same IR. No program makes the writer panic,
// whatever is wrong with it.
func FuzzXML(f *testing.F) {
	for _, src := range smonPrograms(f) {
		f.Add(src)
	}
	for name, src := range xmlPrograms(f) {
		tree, diags := lang.Parse(name, src)
		if diags.HasErrors() {
			continue
		}
		tree.Comments = nil
		smon, err := format.Source(tree, format.Options{})
		if err != nil {
			f.Fatal(err)
		}
		f.Add(smon)
	}
	files, _ := filepath.Glob("testdata/*.txtar")
	for _, file := range files {
		src, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(txtar.Parse(src).Files[0].Data)
	}
	f.Fuzz(func(t *testing.T, src []byte) {
		tree, diags := lang.Parse("p.smon", src)
		text, not := xmlformat.Source(tree)
		if diags.HasErrors() {
			return
		}
		if (text == nil) != not.HasErrors() {
			t.Fatalf("%d bytes of XML and %v", len(text), not)
		}
		for _, d := range not {
			if !d.Span.IsValid() {
				t.Errorf("a diagnostic without a place: %v", d)
			}
		}
		if want, _ := irOf(t, "p.smon", src); want != "" && text != nil {
			check(t, src, text, want)
		}
	})
}
