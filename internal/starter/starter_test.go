package starter

import (
	"context"
	"strings"
	"testing"

	"github.com/streamon/streamon/codegen"
	"github.com/streamon/streamon/codegen/eval"
	"github.com/streamon/streamon/internal/testkit"
	"github.com/streamon/streamon/lang"
	"github.com/streamon/streamon/lang/format"
)

// TestTemplates checks what the package promises of each template.
func TestTemplates(t *testing.T) {
	list := Templates()
	if len(list) < 6 || list[0].Name != Default {
		t.Errorf("Templates() = %v, want several, %s first", list, Default)
	}
	for _, tmpl := range list {
		t.Run(tmpl.Name, func(t *testing.T) {
			if tmpl.Doc == "" {
				t.Error("it begins without a comment that says what it is about")
			}
			text, err := Program(tmpl.Name, "mine")
			if err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(string(text), "\nprogram mine ") {
				t.Errorf("the program is not called as asked:\n%s", text)
			}
			tree, diags := lang.Parse("mine.smon", text)
			if err := diags.Err(); err != nil {
				t.Fatal(err)
			}
			if out, err := format.Source(tree, format.Options{}); err != nil || string(out) != string(text) {
				t.Errorf("it is not in the canonical form (%v): smcc fmt", err)
			}
			p, diags, err := codegen.Compile(context.Background(), "mine.smon", text, codegen.Options{})
			if err != nil || len(diags) > 0 {
				t.Fatalf("Compile = %v, %v, want no error and no warning", diags, err)
			}
			for _, size := range []int{1, 256} {
				testkit.RunScript(t, eval.Info(p.IR), script(t, string(text)), size)
			}
		})
	}
}

// script returns the test that a program ends with.
func script(t *testing.T, text string) string {
	t.Helper()
	_, test, ok := strings.Cut(text, "\n# Test:\n")
	if !ok {
		t.Fatal("it ends without a test")
	}
	var b strings.Builder
	for line := range strings.Lines(test) {
		line, ok := strings.CutPrefix(line, "#   ")
		if !ok {
			t.Fatalf("the test has the line %q", line)
		}
		b.WriteString(line)
	}
	return b.String()
}

func TestNoTemplate(t *testing.T) {
	for _, name := range []string{"", "nope", "../starter", "basic.smon"} {
		if text, err := Program(name, "mine"); err == nil {
			t.Errorf("Program(%q) = %q, want an error", name, text)
		}
	}
}
