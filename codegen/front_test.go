package codegen

import (
	"context"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/streamon/streamon/codegen/ir"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// programs are the paper's programs as the design has them, and the examples.
func programs(t *testing.T) []string {
	t.Helper()
	design, _ := filepath.Glob("../testdata/lang/*.smon")
	examples, _ := filepath.Glob("../examples/*/*.smon")
	if len(design) == 0 {
		t.Fatal("no programs under testdata/lang")
	}
	return append(design, examples...)
}

// TestPrograms compiles every program of the repository without a warning, to
// valid IR.
func TestPrograms(t *testing.T) {
	for _, file := range programs(t) {
		t.Run(filepath.Base(file), func(t *testing.T) {
			src, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			p, diags, err := Front(context.Background(), file, src, Options{Files: os.DirFS(filepath.Dir(file))})
			if err != nil {
				t.Fatal(err)
			}
			for _, d := range diags {
				t.Error(d)
			}
			if p == nil || p.File != filepath.Base(file) {
				t.Fatalf("Front(%s) = %v", file, p)
			}
		})
	}
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
// ones in testdata/lower that show one rule of lowering each.
func TestGolden(t *testing.T) {
	small, _ := filepath.Glob("testdata/lower/*.smon")
	design, _ := filepath.Glob("../testdata/lang/*.smon")
	for _, file := range append(design, small...) {
		name := strings.TrimSuffix(filepath.Base(file), ".smon")
		t.Run(name, func(t *testing.T) {
			src, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			p, diags, err := Front(context.Background(), file, src, Options{Files: os.DirFS(filepath.Dir(file))})
			if err != nil || diags.HasErrors() {
				t.Fatal(err, diags)
			}
			golden(t, filepath.Join("testdata", "lower", name+".ir"), p)
		})
	}
}

func TestFrontEnds(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, _, err := Front(ctx, "p.smon", []byte("program p"), Options{}); err != context.Canceled {
		t.Errorf("Front of a cancelled context: %v", err)
	}
	p, diags, err := Front(context.Background(), "p.smon", []byte("program p\nfeature f = x"), Options{})
	if p != nil || !diags.HasErrors() || err != nil {
		t.Errorf("Front of a wrong program = %v, %v, %v", p, diags, err)
	}
}
