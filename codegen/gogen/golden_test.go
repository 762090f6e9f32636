package gogen_test

import (
	"context"
	"fmt"
	"go/format"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/streamon/streamon/codegen"
	"github.com/streamon/streamon/codegen/gogen"
	"github.com/streamon/streamon/codegen/ir"
	"github.com/streamon/streamon/internal/testkit"
)

// compile returns the IR of an archive's program, after all passes.
func compile(t *testing.T, a *testkit.Archive) *ir.Program {
	t.Helper()
	opt := codegen.Options{ReadFile: func(name string) ([]byte, error) { return a.Need(name), nil }}
	p, diags, err := codegen.Compile(context.Background(), a.Name()+".smon", a.Need("in.smon"), opt)
	if err != nil || p == nil {
		t.Fatal(err, diags)
	}
	return p.IR
}

// TestGolden compares the text of generated files.
func TestGolden(t *testing.T) {
	testkit.Archives(t, "testdata/*.txtar", func(t *testing.T, a *testkit.Archive) {
		p := compile(t, a)
		src, err := gogen.Emit(p, gogen.Options{Package: "main", ID: "id", Version: "version"})
		if err != nil {
			t.Fatal(err)
		}
		again, err := gogen.Emit(compile(t, a), gogen.Options{Package: "main", ID: "id", Version: "version"})
		if err != nil || string(again) != string(src) {
			t.Errorf("a second run gives another text (%v)", err)
		}
		if formatted, err := format.Source(src); err != nil || string(formatted) != string(src) {
			t.Errorf("gofmt changes the text (%v)", err)
		}
		checkLines(t, string(a.Need("in.smon")), a.Name(), string(src))
		a.Golden("go", string(src))
	})
}

// checkLines checks that line directives name places of the program, and that
// those which lead back name the line that follows them.
func checkLines(t *testing.T, program, name, src string) {
	t.Helper()
	source := strings.Split(program, "\n")
	inProgram := 0
	for i, l := range strings.Split(src, "\n") {
		var line, column int
		rest, ok := strings.CutPrefix(l, "//line ")
		if !ok {
			continue
		}
		if n, _ := fmt.Sscanf(rest, name+".go:%d:%d", &line, &column); n == 2 {
			if line != i+2 || column != 1 { // lines count from 1, and it is about the next one
				t.Errorf("line %d: %s", i+1, l)
			}
			continue
		}
		n, _ := fmt.Sscanf(rest, name+".smon:%d:%d", &line, &column)
		if n != 2 || line < 1 || line > len(source) || column < 1 || column > len(source[line-1]) {
			t.Errorf("line %d: %s is no place in the program", i+1, l)
		}
		inProgram++
	}
	if inProgram == 0 {
		t.Error("no line of the program is named")
	}
}

const scriptTest = `package generated

import (
	"testing"

	"github.com/streamon/streamon/internal/testkit"
	"github.com/streamon/streamon/runtime/packet"
	"github.com/streamon/streamon/runtime/program"

%s)

func TestScripts(t *testing.T) {
	for _, c := range []struct {
		name string
		info *program.Info
		script string
	}{
%s	} {
		t.Run(c.name, func(t *testing.T) {
			for _, size := range []int{1, packet.BatchSize} {
				testkit.RunScript(t, c.info, c.script, size)
			}
		})
	}
}
`

// generated emits every archive's program as a package and returns their files,
// imports and names.
func generated(t *testing.T) (files map[string]string, imports string, names []string, scripts map[string]string) {
	t.Helper()
	files, scripts = map[string]string{}, map[string]string{}
	paths, _ := filepath.Glob("testdata/*.txtar")
	for _, path := range paths {
		testkit.Archive1(t, path, func(a *testkit.Archive) {
			name := a.Name()
			src, err := gogen.Emit(compile(t, a), gogen.Options{Package: name})
			if err != nil {
				t.Fatal(err)
			}
			files[name+"/"+name+".go"] = string(src)
			imports += fmt.Sprintf("\t%q\n", generatedPath+name)
			names = append(names, name)
			script, _ := a.File("script")
			scripts[name] = string(script)
		})
	}
	return files, imports, names, scripts
}

// TestRun compiles the programs of the archives and runs their scripts.
func TestRun(t *testing.T) {
	files, imports, names, scripts := generated(t)
	var cases strings.Builder
	for _, name := range names {
		fmt.Fprintf(&cases, "\t\t{%q, &%s.Streamon, %q},\n", name, name, scripts[name])
	}
	files["generated_test.go"] = fmt.Sprintf(scriptTest, imports, cases.String())
	runGenerated(t, files)
}

// TestVet runs go vet over the programs of the archives, as plugins, in a module
// of their own.
func TestVet(t *testing.T) {
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	mod := "module generated\n\ngo 1.26\n\nrequire github.com/streamon/streamon v0.0.0\n\nreplace github.com/streamon/streamon => " + root + "\n"
	write(t, filepath.Join(dir, "go.mod"), mod)
	paths, _ := filepath.Glob("testdata/*.txtar")
	for _, path := range paths {
		testkit.Archive1(t, path, func(a *testkit.Archive) {
			src, err := gogen.Emit(compile(t, a), gogen.Options{})
			if err != nil {
				t.Fatal(err)
			}
			write(t, filepath.Join(dir, a.Name(), a.Name()+".go"), string(src))
		})
	}
	goTool(t, "-C", dir, "vet", "-mod=mod", "./...")
}

func write(t *testing.T, file, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}
