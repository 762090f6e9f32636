package gogen_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/streamon/streamon/codegen"
)

// What Layouts says is what generated code adopts, name by name.
func TestLayoutsAreThoseOfTheCode(t *testing.T) {
	files, _ := filepath.Glob("../../examples/*/*.smon")
	if len(files) == 0 {
		t.Fatal("no examples")
	}
	for _, file := range files {
		src, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		p, diags, err := codegen.Compile(context.Background(), file, src, codegen.Options{})
		if err != nil || p == nil {
			t.Fatalf("%s: %v %v", file, err, diags)
		}
		code, err := p.Go("p", "id")
		if err != nil {
			t.Fatal(err)
		}
		list := p.Layouts()
		for _, l := range list {
			if want := fmt.Sprintf("env.Memory, %q, %q", l.Name, l.Text); !strings.Contains(string(code), want) {
				t.Errorf("%s: the code does not adopt %s", file, want)
			}
		}
		if n := strings.Count(string(code), "program.Adopt("); n != len(list) {
			t.Errorf("%s: %d layouts, and the code adopts %d structures", file, len(list), n)
		}
	}
}
