package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/streamon/streamon/codegen"
	"github.com/streamon/streamon/lang"
	"github.com/streamon/streamon/lang/format"
	"github.com/streamon/streamon/lang/types"
)

// xmlPrograms are all programs in XML that the repository has.
func xmlPrograms(t *testing.T) []string {
	t.Helper()
	var files []string
	for _, pattern := range []string{"../../testdata/xml/*.xml", "../../testdata/xml/*/*.xml", "../../examples/*/*.xml"} {
		found, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, found...)
	}
	if len(files) < 40 {
		t.Fatalf("%d programs, want 40 or more", len(files))
	}
	return files
}

var fileLine = regexp.MustCompile(`(?m)^file ".*"\n`)

// irOf returns the IR of a program without the name of its file; "" if it has
// errors.
func irOf(t *testing.T, name string, src []byte) string {
	t.Helper()
	p, _, err := codegen.Front(context.Background(), name, src, codegen.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if p == nil {
		return ""
	}
	return fileLine.ReplaceAllString(p.String(), "")
}

// TestConvertIR converts every program that loads; what comes out reaches the
// same IR, is canonical, and has every comment.
func TestConvertIR(t *testing.T) {
	converted := 0
	for _, file := range xmlPrograms(t) {
		t.Run(strings.TrimPrefix(file, "../../"), func(t *testing.T) {
			src, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			want := irOf(t, file, src)
			text, diags, err := convert(file, src)
			if err != nil {
				t.Fatal(err)
			}
			if want == "" {
				if !diags.HasErrors() || text != nil {
					t.Errorf("a program with errors is converted to\n%s", text)
				}
				return
			}
			converted++
			if got := irOf(t, "p.smon", text); got != want {
				t.Errorf("the IR of the conversion is\n%s\nthat of the program is\n%s\nthe conversion is\n%s", got, want, text)
			}
			again, err := canonical("p.smon", text)
			if err != nil || !bytes.Equal(again, text) {
				t.Errorf("smcc fmt changes the conversion to (%v)\n%s", err, again)
			}
			for _, m := range regexp.MustCompile(`(?s)<!--(.*?)-->`).FindAllSubmatch(src, -1) {
				first, _, _ := strings.Cut(strings.TrimSpace(string(m[1])), "\n")
				if !strings.Contains(string(text), "# "+first) {
					t.Errorf("comment %q is lost", first)
				}
			}
		})
	}
	if converted < 32 {
		t.Errorf("%d programs converted, want 32 or more", converted)
	}
}

// TestConvertBack converts the examples to XML and back: they mean what they meant,
// are canonical, and have every comment and name.
func TestConvertBack(t *testing.T) {
	files, err := filepath.Glob("../../examples/*/*.smon")
	if err != nil || len(files) < 9 {
		t.Fatalf("%d examples, want 9 or more (%v)", len(files), err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			src, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			xml, diags, err := convertToXML(context.Background(), file, src)
			if err != nil || diags.HasErrors() {
				t.Fatal(err, diags)
			}
			text, diags, err := convert("p.xml", xml)
			if err != nil || len(diags) > 0 {
				t.Fatal(err, diags)
			}
			if got, want := irOf(t, "p.smon", text), irOf(t, file, src); got != want {
				t.Errorf("the IR of the program that came back is\n%s\nthat of the program is\n%s", got, want)
			}
			again, err := canonical("p.smon", text)
			if err != nil || !bytes.Equal(again, text) {
				t.Errorf("smcc fmt changes the conversion to (%v)\n%s", err, again)
			}
			if got, want := commentsOf(t, "p.smon", text), commentsOf(t, file, src); got != want {
				t.Errorf("the comments that came back are\n%s\nthose of the program are\n%s", got, want)
			}
			if got, want := len(text), len(src); got*10 > want*11 {
				t.Errorf("it has %d bytes, had %d:\n%s", got, want, text)
			}
		})
	}
}

// commentsOf returns the text of all comments, line by line, sorted.
func commentsOf(t *testing.T, name string, src []byte) string {
	t.Helper()
	tree, diags := lang.Parse(name, src)
	if err := diags.Err(); err != nil {
		t.Fatal(err)
	}
	var lines []string
	for _, c := range tree.Comments {
		lines = append(lines, strings.TrimSpace(strings.TrimLeft(c.Text, "#/")))
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}

var marker = regexp.MustCompile(`  <!-- ! [a-z -]+ -->`)

// TestConvertShort: the programs of the paper are shorter than half their XML in bytes;
// how many lines they have depends on how each is laid out, so those are only fewer.
func TestConvertShort(t *testing.T) {
	for _, name := range []string{"config_conficker-to", "config_p2p"} {
		file := "../../testdata/xml/old/" + name + ".xml"
		src, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		src = marker.ReplaceAll(src, nil)
		text, _, err := convert(file, src)
		if err != nil {
			t.Fatal(err)
		}
		lines, before := bytes.Count(text, []byte("\n")), bytes.Count(src, []byte("\n"))
		t.Logf("%s: %d bytes and %d lines as XML, %d and %d as .smon", name, len(src), before, len(text), lines)
		if 2*len(text) >= len(src) || lines >= before {
			t.Errorf("%s: %d bytes and %d lines as XML, %d and %d as .smon", name, len(src), before, len(text), lines)
		}
	}
}

// canonical is what smcc fmt makes of a program.
func canonical(name string, src []byte) ([]byte, error) {
	tree, diags := lang.Parse(name, src)
	if err := diags.Err(); err != nil {
		return nil, err
	}
	return format.Source(tree, format.Options{Canonical: types.CanonicalName})
}
