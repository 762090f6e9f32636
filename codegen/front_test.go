package codegen

import (
	"context"
	"os"
	"path/filepath"
	"testing"
)

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
