package lang_test

import (
	"bytes"
	"errors"
	"flag"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/tools/txtar"

	"github.com/streamon/streamon/lang"
	"github.com/streamon/streamon/lang/diag"
	"github.com/streamon/streamon/lang/source"
)

var update = flag.Bool("update", false, "rewrite the printed diagnostics of testdata/wrong")

// maxFollowing is how many diagnostics may follow the first one of a program with one
// mistake.
const maxFollowing = 2

// TestWrong checks the programs of testdata/wrong, each with a mistake that people make.
// A comment "#! CODE" in .smon, "<!--! CODE -->" in XML, stands at the line of the first
// diagnostic; the file NAME.out holds what smcc check prints. In .smon the compiler does
// not see the comment.
func TestWrong(t *testing.T) {
	files, err := filepath.Glob("testdata/wrong/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatal("no programs under testdata/wrong", err)
	}
	programs := 0
	for _, file := range files {
		programs += wrongPrograms(t, file)
	}
	if programs < 120 {
		t.Errorf("%d programs, want 120 or more", programs)
	}
}

// wrongPrograms checks the programs of one archive and returns how many there are.
func wrongPrograms(t *testing.T, file string) (programs int) {
	ar, err := txtar.ParseFile(file)
	if err != nil {
		t.Fatal(err)
	}
	golden := map[string]string{}
	fresh := &txtar.Archive{Comment: ar.Comment}
	for _, f := range ar.Files {
		if golden[f.Name] != "" {
			t.Errorf("%s: two files are %s", file, f.Name)
		}
		golden[f.Name] = string(f.Data)
	}
	for _, f := range ar.Files {
		ext := filepath.Ext(f.Name)
		if ext == ".out" {
			continue
		}
		programs++
		outName, out := strings.TrimSuffix(f.Name, ext)+".out", ""
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar")+"/"+f.Name, func(t *testing.T) {
			out = wrongProgram(t, f.Name, string(f.Data))
			if want := golden[outName]; out != want && !*update {
				t.Errorf("%s prints\n%swant\n%s", f.Name, out, want)
			}
		})
		fresh.Files = append(fresh.Files, f, txtar.File{Name: outName, Data: []byte(out)})
	}
	if *update {
		if err := os.WriteFile(file, txtar.Format(fresh), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return programs
}

// noFiles is what the lists of the programs find.
func noFiles(name string) ([]byte, error) {
	return nil, &fs.PathError{Op: "open", Path: name, Err: errors.New("no such file")}
}

// wrongProgram checks one program and returns what is printed.
func wrongProgram(t *testing.T, name, text string) string {
	src, wantLine, wantCode := unmarked(name, text)
	_, list := lang.Check(name, []byte(src), noFiles)
	if len(list) == 0 {
		t.Fatalf("%s: nothing is said of it", name)
	}
	first := list[0]
	if first.Span.Start.Line != wantLine || first.Code.String() != wantCode {
		t.Errorf("%s: the first diagnostic is %v, want line %d [%s]", name, first, wantLine, wantCode)
	}
	if len(list) > 1+maxFollowing {
		t.Errorf("%s: %d diagnostics of one mistake", name, len(list))
	}
	for _, d := range list {
		checkFix(t, src, d)
		if n := utf8.RuneCountInString(d.Error()); n > 140 {
			t.Errorf("%s: the first line has %d characters: %s", name, n, d.Error())
		}
	}
	var out bytes.Buffer
	if err := list.Print(&out, source.NewFile(name, []byte(src)), false); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// unmarked returns a program without its comment, the line of it and the code in it.
func unmarked(name, text string) (src string, line int, code string) {
	begin, end := "#! ", "\n"
	if strings.HasSuffix(name, ".xml") {
		begin, end = "<!--! ", " -->"
	}
	before, after, marked := strings.Cut(text, begin)
	if !marked {
		return text, 0, ""
	}
	code, after, _ = strings.Cut(after, end)
	if end == "\n" {
		after = end + after
	}
	return strings.TrimRight(before, " ") + after, strings.Count(before, "\n") + 1, strings.TrimSpace(code)
}

// checkFix makes the change that a diagnostic proposes: then it is not there any more.
func checkFix(t *testing.T, src string, d *diag.Diagnostic) {
	if d.Fix == nil {
		return
	}
	from, to := d.Fix.Span.Start.Offset, d.Fix.Span.End.Offset
	_, list := lang.Check(d.Span.Start.Filename, []byte(src[:from]+d.Fix.Text+src[to:]), noFiles)
	for _, again := range list {
		if again.Code == d.Code && again.Span.Start == d.Span.Start && again.Message == d.Message {
			t.Errorf("%v: putting %q there does not help", d, d.Fix.Text)
		}
	}
}
