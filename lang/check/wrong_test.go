package check

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"github.com/streamon/streamon/lang/diag"
	"github.com/streamon/streamon/lang/source"
)

var update = flag.Bool("update", false, "rewrite the printed diagnostics of testdata/wrong")

// maxFollowing is how many diagnostics may follow the first one of a program with one
// mistake.
const maxFollowing = 2

// TestCorpus checks the programs of testdata/wrong, each with a mistake that people make.
// A comment "#! CODE", which the compiler does not see, stands at the line of the first
// diagnostic; the file NAME.out holds what smcc check prints.
func TestCorpus(t *testing.T) {
	files, err := filepath.Glob("testdata/wrong/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatal("no programs under testdata/wrong", err)
	}
	programs := 0
	for _, file := range files {
		ar, err := txtar.ParseFile(file)
		if err != nil {
			t.Fatal(err)
		}
		golden := map[string]string{}
		fresh := &txtar.Archive{Comment: ar.Comment}
		for _, f := range ar.Files {
			golden[f.Name] = string(f.Data)
		}
		for _, f := range ar.Files {
			name, isProgram := strings.CutSuffix(f.Name, ".smon")
			if !isProgram {
				continue
			}
			programs++
			out := ""
			t.Run(filepath.Base(file)+"/"+name, func(t *testing.T) {
				out = corpusProgram(t, f.Name, string(f.Data))
				if want := golden[name+".out"]; out != want && !*update {
					t.Errorf("%s prints\n%swant\n%s", f.Name, out, want)
				}
			})
			fresh.Files = append(fresh.Files, f, txtar.File{Name: name + ".out", Data: []byte(out)})
		}
		if text := txtar.Format(fresh); *update {
			if err := os.WriteFile(file, text, 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
	if programs < 120 {
		t.Errorf("%d programs, want 120 or more", programs)
	}
}

// corpusProgram checks one program of the corpus and returns what is printed.
func corpusProgram(t *testing.T, name, text string) string {
	var src strings.Builder
	wantLine, wantCode := 0, ""
	for i, line := range strings.Split(strings.TrimSuffix(text, "\n"), "\n") {
		line, mark, marked := strings.Cut(line, "#! ")
		if marked && wantLine == 0 {
			wantLine, wantCode = i+1, strings.TrimSpace(mark)
		}
		src.WriteString(strings.TrimRight(line, " ") + "\n")
	}
	_, list := run(name, src.String())
	if list.HasErrors() { // as package lang does beside errors of syntax
		for _, d := range list {
			if d.Code == diag.Syntax {
				list = errorsOf(list)
				break
			}
		}
	}
	list.Sort()
	if len(list) == 0 {
		t.Fatalf("%s: nothing is said of it", name)
	}
	if first := list[0]; first.Span.Start.Line != wantLine || first.Code.String() != wantCode {
		t.Errorf("%s: the first diagnostic is %v, want line %d [%s]", name, first, wantLine, wantCode)
	}
	if len(list) > 1+maxFollowing {
		t.Errorf("%s: %d diagnostics of one mistake", name, len(list))
	}
	for _, d := range list {
		checkFix(t, src.String(), d)
		if len(d.Error()) > 140 {
			t.Errorf("%s: the first line has %d bytes: %s", name, len(d.Error()), d.Error())
		}
	}
	var out bytes.Buffer
	if err := list.Print(&out, source.NewFile(name, []byte(src.String())), false); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func errorsOf(list diag.List) (out diag.List) {
	for _, d := range list {
		if d.Severity == diag.Error {
			out = append(out, d)
		}
	}
	return out
}

// checkFix makes the change that a diagnostic proposes: then it is not there any more.
func checkFix(t *testing.T, src string, d *diag.Diagnostic) {
	if d.Fix == nil {
		return
	}
	from, to := d.Fix.Span.Start.Offset, d.Fix.Span.End.Offset
	_, list := run(d.Span.Start.Filename, src[:from]+d.Fix.Text+src[to:])
	for _, again := range list {
		if again.Code == d.Code && again.Span.Start == d.Span.Start && again.Message == d.Message {
			t.Errorf("%v: putting %q there does not help", d, d.Fix.Text)
		}
	}
}
