package xmlformat_test

import (
	"context"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/streamon/streamon/codegen"
	"github.com/streamon/streamon/lang"
	"github.com/streamon/streamon/lang/diag"
	"github.com/streamon/streamon/lang/format"
	"github.com/streamon/streamon/lang/smon"
	"github.com/streamon/streamon/lang/smxml"
	"github.com/streamon/streamon/lang/source"
	"github.com/streamon/streamon/lang/xmlformat"
)

const root = "../../"

var fileLine = regexp.MustCompile(`(?m)^file ".*"\n`)

// irOf returns the IR of a program without the name of its file; "" if it has errors.
func irOf(t testing.TB, name string, src []byte) (string, diag.List) {
	t.Helper()
	files := func(string) ([]byte, error) { return []byte("192.0.2.1\n"), nil }
	p, diags, err := codegen.Front(context.Background(), name, src, codegen.Options{ReadFile: files})
	if err != nil {
		t.Fatal(err)
	}
	if p == nil {
		return "", diags
	}
	return fileLine.ReplaceAllString(p.String(), ""), diags
}

// toXML converts a program in .smon.
func toXML(t testing.TB, name string, src []byte) ([]byte, diag.List) {
	t.Helper()
	f, diags := lang.Parse(name, src)
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	return xmlformat.Source(f)
}

// check holds a converted program against what it was converted from: it reads
// without a word and means the same, as it does when it is converted back.
func check(t testing.TB, src, text []byte, want string) {
	t.Helper()
	tree, diags := smxml.Parse(source.NewFile("p.xml", text), smon.Parse)
	if len(diags) > 0 {
		t.Fatalf("the conversion is read with\n%v\n%s", diags, text)
	}
	tree.Comments = nil // their places are those of another text
	back, err := format.Source(tree, format.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, one := range []struct {
		name string
		text []byte
	}{{"p.xml", text}, {"p.smon", back}} {
		if got, diags := irOf(t, one.name, one.text); got != want {
			t.Errorf("the IR of %s is\n%s%v\nthat of the program is\n%s\n%[1]s is\n%[5]s\nthe program is\n%s", one.name, got, diags, want, one.text, src)
		}
	}
}

// xmlPrograms are the programs in XML that load, as .smon.
func xmlPrograms(t testing.TB) map[string][]byte {
	t.Helper()
	out := map[string][]byte{}
	for _, pattern := range []string{"*.xml", "*/*.xml"} {
		files, _ := filepath.Glob(root + "testdata/xml/" + pattern)
		for _, file := range files {
			src, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			out[strings.TrimPrefix(file, root)] = src
		}
	}
	if len(out) < 40 {
		t.Fatalf("%d programs, want 40 or more", len(out))
	}
	return out
}

// smonPrograms are the examples and the programs of all tests.
func smonPrograms(t testing.TB) map[string][]byte {
	t.Helper()
	out := map[string][]byte{}
	for _, pattern := range []string{"examples/*/*.smon", "testdata/lang/*.smon", "codegen/lower/testdata/*.smon"} {
		files, _ := filepath.Glob(root + pattern)
		for _, file := range files {
			src, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			out[strings.TrimPrefix(file, root)] = src
		}
	}
	for _, pattern := range []string{"testdata/behaviour/*.txtar", "codegen/gogen/testdata/*.txtar", "codegen/pass/testdata/*.txtar", "codegen/partition/testdata/*.txtar", "lang/format/testdata/*.txtar", "lang/smon/testdata/*.txtar"} {
		files, _ := filepath.Glob(root + pattern)
		for _, file := range files {
			ar, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			for _, f := range ar.Files {
				if strings.HasSuffix(f.Name, ".smon") {
					out[strings.TrimPrefix(file, root)+"/"+f.Name] = f.Data
				}
			}
		}
	}
	return out
}
