package lower_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/streamon/streamon/lang"
	"github.com/streamon/streamon/lang/format"
	"github.com/streamon/streamon/lang/types"
)

// FuzzProgram lowers every program without errors: the result is always valid, the
// same twice, and the same after smcc fmt, whose result smcc fmt leaves as it is.
func FuzzProgram(f *testing.F) {
	for _, pattern := range []string{"testdata/*.smon", "../../testdata/lang/*.smon", "../../examples/*/*.smon", "../../lang/check/testdata/*.smon"} {
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
	f.Fuzz(func(t *testing.T, src string) {
		p, _ := front(t, "testdata/p.smon", []byte(src))
		if p == nil {
			return
		}
		if again, _ := front(t, "testdata/p.smon", []byte(src)); again.String() != p.String() {
			t.Errorf("two programs from one text")
		}
		canonical := formatted(t, src)
		if again, diags := front(t, "testdata/p.smon", canonical); again == nil || again.String() != p.String() {
			t.Errorf("smcc fmt changes what the program does: %v\n%s", diags, canonical)
		}
		if again := formatted(t, string(canonical)); string(again) != string(canonical) {
			t.Errorf("smcc fmt twice gives\n%s\nonce\n%s", again, canonical)
		}
	})
}

// formatted is what smcc fmt makes of a program.
func formatted(t *testing.T, src string) []byte {
	tree, _ := lang.Parse("p.smon", []byte(src))
	out, err := format.Source(tree, format.Options{Canonical: func(name string) string {
		if f := types.LookupField(name); f != nil {
			return f.Name
		}
		return name
	}})
	if err != nil {
		t.Fatal(err)
	}
	return out
}
