package lower_test

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/streamon/streamon/codegen/ir"
	"github.com/streamon/streamon/codegen/lower"
	"github.com/streamon/streamon/lang"
	"github.com/streamon/streamon/lang/diag"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// front parses, checks, lowers and verifies. The program is nil if it has errors.
func front(t *testing.T, file string, src []byte) (*ir.Program, diag.List) {
	t.Helper()
	checked, diags := lang.Check(file, src, func(path string) ([]byte, error) {
		return os.ReadFile(filepath.Join(filepath.Dir(file), path))
	})
	if diags.HasErrors() {
		return nil, diags
	}
	p := lower.Program(checked, file)
	if err := ir.Verify(p); err != nil {
		t.Fatalf("%s: %v\n%s", file, err, p)
	}
	return p, diags
}

// golden compares the IR of a program with a file beside it.
func golden(t *testing.T, file string, p *ir.Program) {
	t.Helper()
	got := p.String()
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s differs; got:\n%s", file, got)
	}
}

// TestGolden holds the IR of whole programs: those of the paper, and the small
// ones in testdata that show one rule of lowering each.
func TestGolden(t *testing.T) {
	small, _ := filepath.Glob("testdata/*.smon")
	design, _ := filepath.Glob("../../testdata/lang/*.smon")
	for _, file := range append(design, small...) {
		name := strings.TrimSuffix(filepath.Base(file), ".smon")
		t.Run(name, func(t *testing.T) {
			src, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			p, diags := front(t, file, src)
			if p == nil {
				t.Fatal(diags)
			}
			golden(t, filepath.Join("testdata", name+".ir"), p)
		})
	}
}
