package xmlformat_test

import (
	"bytes"
	"flag"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/streamon/streamon/lang"
	"github.com/streamon/streamon/lang/format"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// TestSmon converts every program of the examples and tests.
func TestSmon(t *testing.T) {
	programs, said := smonPrograms(t), 0
	for _, name := range slices.Sorted(maps.Keys(programs)) {
		t.Run(name, func(t *testing.T) {
			src := programs[name]
			want, _ := irOf(t, "p.smon", src)
			if want == "" {
				t.Skip("it has errors, or is no program")
			}
			text, diags := toXML(t, "p.smon", src)
			if len(diags) > 0 {
				t.Fatal(diags)
			}
			said++
			check(t, src, text, want)
		})
	}
	if said < 90 {
		t.Errorf("%d programs converted, want 90 or more", said)
	}
}

// TestXML converts every program in XML that loads to .smon and back.
func TestXML(t *testing.T) {
	programs, said := xmlPrograms(t), 0
	for _, name := range slices.Sorted(maps.Keys(programs)) {
		t.Run(name, func(t *testing.T) {
			want, _ := irOf(t, name, programs[name])
			if want == "" {
				t.Skip("it has errors")
			}
			tree, _ := lang.Parse(name, programs[name])
			tree.Comments = nil // their places are those of another text
			smon, err := format.Source(tree, format.Options{})
			if err != nil {
				t.Fatal(err)
			}
			text, diags := toXML(t, "p.smon", smon)
			if len(diags) > 0 {
				t.Fatal(diags)
			}
			said++
			check(t, smon, text, want)
		})
	}
	if said < 32 {
		t.Errorf("%d programs converted, want 32 or more", said)
	}
}

// Each archive of testdata holds in.smon and out.xml.
func TestGolden(t *testing.T) {
	files, _ := filepath.Glob("testdata/*.txtar")
	if len(files) == 0 {
		t.Fatal("no archives")
	}
	for _, name := range files {
		t.Run(filepath.Base(name), func(t *testing.T) {
			ar, err := txtar.ParseFile(name)
			if err != nil {
				t.Fatal(err)
			}
			src := ar.Files[0].Data
			want, bad := irOf(t, "in.smon", src)
			if want == "" {
				t.Fatal(bad)
			}
			text, diags := toXML(t, "in.smon", src)
			if len(diags) > 0 {
				t.Fatal(diags)
			}
			check(t, src, text, want)
			out := txtar.File{Name: "out.xml", Data: text}
			if *update {
				ar.Files = []txtar.File{ar.Files[0], out}
				if err := os.WriteFile(name, txtar.Format(ar), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			if len(ar.Files) != 2 || ar.Files[1].Name != out.Name || !bytes.Equal(ar.Files[1].Data, out.Data) {
				t.Errorf("%s: %s is now\n%s", name, out.Name, out.Data)
			}
		})
	}
}
