package xmlformat_test

import (
	"bytes"
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/streamon/streamon/lang"
	"github.com/streamon/streamon/lang/diag"
	"github.com/streamon/streamon/lang/format"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// unsaid are the programs that the dialect cannot say, with the lines that say why.
var unsaid = map[string]string{
	"codegen/gogen/testdata/guards.txtar/in.smon":           "7",
	"codegen/gogen/testdata/tables.txtar/in.smon":           "25",
	"codegen/gogen/testdata/ticks.txtar/in.smon":            "3 4 5 7 8 9",
	"codegen/gogen/testdata/verdicts.txtar/in.smon":         "4 7 7",
	"codegen/lower/testdata/either.smon":                    "4 5 6 7 8 9 10 11",
	"codegen/lower/testdata/keys.smon":                      "21 21",
	"codegen/lower/testdata/tick.smon":                      "4 5 7 8",
	"codegen/lower/testdata/timeout.smon":                   "4 9",
	"codegen/partition/testdata/rules.txtar/no_entity.smon": "4",
	"codegen/partition/testdata/rules.txtar/tick.smon":      "4",
	"codegen/partition/testdata/rules.txtar/topk.smon":      "3",
	"codegen/pass/testdata/order-predicates.txtar/in.smon":  "4 5",
	"examples/heavy_hitters/heavy_hitters.smon":             "11 12 19",
	"examples/nxdomain/nxdomain.smon":                       "16",
	"testdata/behaviour/actions.txtar/program.smon":         "10",
	"testdata/behaviour/ipv6.txtar/program.smon":            "5 6",
	"testdata/behaviour/tables.txtar/program.smon":          "7",
	"testdata/behaviour/ticks.txtar/program.smon":           "2 3 5 6",
	"testdata/behaviour/undefined.txtar/program.smon":       "8 9 10",
}

// TestSmon converts every program of the examples and tests: it means the same, or
// the lines that the dialect cannot say are reported.
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
			var lines []string
			for _, d := range diags {
				if d.Code != diag.NotInXML {
					t.Errorf("%v", d)
				}
				lines = append(lines, fmt.Sprint(d.Span.Start.Line))
			}
			if got := strings.Join(lines, " "); got != unsaid[name] {
				t.Errorf("lines that cannot be said = %q, want %q: %v", got, unsaid[name], diags)
			}
			if text != nil {
				said++
				check(t, src, text, want)
			}
		})
	}
	if said < 70 {
		t.Errorf("%d programs converted, want 70 or more", said)
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

// Each archive of testdata holds in.smon and either out.xml or diag.
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
			out := txtar.File{Name: "out.xml", Data: text}
			if text == nil {
				out = txtar.File{Name: "diag"}
				for _, d := range diags {
					out.Data = fmt.Appendf(out.Data, "%s\n", d.Error())
				}
			} else {
				check(t, src, text, want)
			}
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
