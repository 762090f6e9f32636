package check

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"github.com/streamon/streamon/lang/diag"
)

// FuzzCheck checks whatever parses, and what does not: the checker never panics,
// says the same twice, and every diagnostic has a place and a text.
func FuzzCheck(f *testing.F) {
	for _, pattern := range []string{"testdata/*.smon", "../../testdata/lang/*.smon", "../../examples/*/*.smon"} {
		files, _ := filepath.Glob(pattern)
		for _, file := range files {
			src, err := os.ReadFile(file)
			if err != nil {
				f.Fatal(err)
			}
			for _, chunk := range strings.Split(string(src), "\n---\n") {
				f.Add(chunk)
			}
		}
	}
	for _, src := range wrongPrograms(f) {
		f.Add(src)
	}
	for _, code := range diag.Codes() {
		f.Add(code.Example())
	}
	f.Fuzz(func(t *testing.T, src string) {
		_, diags := run("p.smon", src)
		for _, d := range diags {
			if d.Message == "" || d.Code == diag.NoCode || !d.Span.IsValid() {
				t.Errorf("incomplete diagnostic: %+v", d)
			}
		}
		_, again := run("p.smon", src)
		if len(again) != len(diags) {
			t.Fatalf("%d diagnostics, then %d", len(diags), len(again))
		}
		for i := range again {
			if again[i].Error() != diags[i].Error() || again[i].Hint != diags[i].Hint {
				t.Errorf("%v, then %v", diags[i], again[i])
			}
		}
	})
}

// wrongPrograms are those of package lang's corpus.
func wrongPrograms(t testing.TB) (programs []string) {
	files, _ := filepath.Glob("../testdata/wrong/*.txtar")
	for _, file := range files {
		ar, err := txtar.ParseFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range ar.Files {
			if filepath.Ext(f.Name) == ".smon" {
				programs = append(programs, string(f.Data))
			}
		}
	}
	if len(programs) == 0 {
		t.Fatal("no wrong programs")
	}
	return programs
}
