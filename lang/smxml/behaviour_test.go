package smxml_test

import (
	"context"
	"path/filepath"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/streamon/streamon/codegen"
	"github.com/streamon/streamon/codegen/eval"
	"github.com/streamon/streamon/internal/testkit"
)

// TestBehaviour runs the scripts of testdata on their programs: program.xml in
// the archive, or one of the counterparts, which the comment then begins with.
func TestBehaviour(t *testing.T) {
	files, _ := filepath.Glob("testdata/*.txtar")
	if len(files) == 0 {
		t.Fatal("no scripts")
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			ar, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			var src []byte
			name, script := "program.xml", ""
			for _, f := range ar.Files {
				switch f.Name {
				case "script":
					script = string(f.Data)
				case "program.xml":
					src = f.Data
				default: // the name of a counterpart
					name = filepath.Base(f.Name)
					src = read(t, f.Name)
				}
			}
			p, diags, err := codegen.Front(context.Background(), name, src, codegen.Options{})
			if err != nil || p == nil {
				t.Fatal(diags, err)
			}
			for _, size := range []int{1, 64} {
				testkit.RunScript(t, eval.Info(p), script, size)
			}
		})
	}
}
