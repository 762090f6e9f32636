package check

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/streamon/streamon/lang/diag"
	"github.com/streamon/streamon/lang/smon"
	"github.com/streamon/streamon/lang/source"
)

// listFiles are the files that programs under test may name.
var listFiles = map[string]string{
	"bad.txt":   "# known bad\n192.0.2.1\n198.51.100.0/24  # test net\n",
	"mixed.txt": "192.0.2.1\nexample.com\n",
	"wrong.txt": "192.0.2.1/24\n10.0.0.0/40\n",
	"names.txt": "example.com\n*.example.net\n",
	"empty.txt": "# nothing\n",
}

func readList(path string) ([]byte, error) {
	text, ok := listFiles[path]
	if !ok {
		return nil, errors.New("no such file")
	}
	return []byte(text), nil
}

// run parses and checks a program.
func run(name, src string) (*Program, diag.List) {
	file, diags := smon.Parse(source.NewFile(name, []byte(src)))
	p, found := Check(file, Options{ReadFile: readList})
	return p, append(diags, found...)
}

// expectation is what a comment "#! text" asks for at its line: a diagnostic
// whose "severity: message (hint)" contains the text; "#! a #! b" asks for two.
type expectation struct {
	line int
	text string
}

func expectations(src string) []expectation {
	var out []expectation
	for i, line := range strings.Split(src, "\n") {
		parts := strings.Split(line, "#!")
		for _, text := range parts[1:] {
			out = append(out, expectation{i + 1, strings.TrimSpace(text)})
		}
	}
	return out
}

// TestWrong runs the programs of testdata/*.smon, cut by lines of "---". Every
// diagnostic must be expected at its line, and every expectation be met.
func TestWrong(t *testing.T) {
	files, err := filepath.Glob("testdata/*.smon")
	if err != nil || len(files) == 0 {
		t.Fatal("no programs under testdata", err)
	}
	programs := 0
	for _, file := range files {
		src, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		first := 1
		for _, chunk := range strings.Split(string(src), "\n---\n") {
			at := fmt.Sprintf("%s:%d", filepath.Base(file), first)
			// The lines before the chunk keep its line numbers those of the file.
			t.Run(at, func(t *testing.T) { wrong(t, filepath.Base(file), strings.Repeat("\n", first-1)+chunk) })
			first += strings.Count(chunk, "\n") + 2
			programs++
		}
	}
	if programs < 60 {
		t.Errorf("%d programs, want 60 or more", programs)
	}
}

func wrong(t *testing.T, name, src string) {
	_, diags := run(name, src)
	want := expectations(src)
	errs := 0
	for _, d := range diags {
		if d.Severity == diag.Error {
			errs++
		}
		text := fmt.Sprintf("%s: %s (%s)", d.Severity, d.Message, d.Hint)
		met := -1
		for i, w := range want {
			if w.line == d.Span.Start.Line && strings.Contains(text, w.text) {
				met = i
				break
			}
		}
		if met < 0 {
			t.Errorf("%s: unexpected: %s [%s]", d.Span, text, d.Code)
			continue
		}
		want = append(want[:met], want[met+1:]...)
		if len(d.Error()) > 140 {
			t.Errorf("%s: the first line has %d bytes: %s", d.Span, len(d.Error()), d.Error())
		}
	}
	for _, w := range want {
		t.Errorf("%s:%d: no diagnostic contains %q", name, w.line, w.text)
	}
}

// TestCodes runs the example of every diagnostic code that the checker or the
// parser can give.
func TestCodes(t *testing.T) {
	other := map[diag.Code]string{
		diag.XML:       "for XML programs only",
		diag.TooDeep:   "its example describes the program in words",
		diag.Oversized: "smcc check --memory gives it",
		diag.NotInXML:  "smcc convert gives it; its example describes the program in words",
	}
	for _, code := range diag.Codes() {
		t.Run(code.String(), func(t *testing.T) {
			if why, ok := other[code]; ok {
				t.Skip(why)
			}
			if strings.HasPrefix(code.Example(), "<") {
				t.Skip("for XML programs only")
			}
			_, diags := run("p.smon", code.Example())
			for _, d := range diags {
				if d.Code == code {
					return
				}
			}
			t.Errorf("no diagnostic has the code; got %v\n%s", diags, code.Example())
		})
	}
}

// TestRight checks that the programs of the paper and the examples give nothing
// to say.
func TestRight(t *testing.T) {
	files, _ := filepath.Glob("../../testdata/lang/*.smon")
	more, _ := filepath.Glob("../../examples/*/*.smon")
	files = append(files, more...)
	if len(files) == 0 {
		t.Skip("no programs beside this package")
	}
	for _, file := range files {
		src, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if _, diags := run(file, string(src)); len(diags) > 0 {
			for _, d := range diags {
				t.Error(d)
			}
		}
	}
}

// TestListErrors checks that a wrong entry of a list is reported in its file.
func TestListErrors(t *testing.T) {
	const src = `program p
list bad = file("mixed.txt")
event e: packet where ip.src in bad
on e { drop }
`
	_, diags := run("p.smon", src)
	if len(diags) != 1 {
		t.Fatalf("Check = %v, want one error", diags)
	}
	if got := diags[0].Span.Start; got.Filename != "mixed.txt" || got.Line != 2 || got.Column != 1 || got.Offset != 10 {
		t.Errorf("Check found the wrong entry at %v, offset %d, want mixed.txt:2:1, offset 10", got, got.Offset)
	}
	if !strings.Contains(diags[0].Message, "is a name") {
		t.Errorf("Check = %v, want it to say that the entry is a name", diags[0])
	}
}
