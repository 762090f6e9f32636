package graph_test

import (
	"encoding/xml"
	"errors"
	"flag"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/streamon/streamon/codegen/graph"
	"github.com/streamon/streamon/codegen/graph/draw"
	"github.com/streamon/streamon/internal/testkit"
	"github.com/streamon/streamon/lang"
)

// load checks a program and makes its machines.
func load(t *testing.T, name string, text []byte) *draw.Graph {
	t.Helper()
	p, diags := lang.Check(name, text, nil)
	if err := diags.Err(); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return graph.Of(p)
}

func write(t *testing.T, f func(io.Writer) error) string {
	t.Helper()
	var b strings.Builder
	if err := f(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// TestGolden holds what is drawn, and how DOT and Mermaid say it.
func TestGolden(t *testing.T) {
	testkit.Archives(t, "testdata/*.txtar", func(t *testing.T, a *testkit.Archive) {
		g := load(t, a.Name()+".smon", a.Need("in.smon"))
		a.Golden("dot", write(t, g.DOT))
		a.Golden("mermaid", write(t, g.Mermaid))
		wellFormed(t, write(t, g.SVG))
	})
}

// examples are the programs that the project ships.
func examples(t *testing.T, ext string) []string {
	t.Helper()
	list, err := filepath.Glob("../../examples/*/*" + ext)
	if err != nil || len(list) == 0 {
		t.Fatalf("no examples (%v)", err)
	}
	return list
}

// images is where the drawings of the examples are kept; make docs writes them.
const images = "../../doc/img"

// TestGoldenImages checks that the drawings in the documentation are those of the
// examples, and of the program that the tutorial ends with, as they are now.
func TestGoldenImages(t *testing.T) {
	update := flag.Lookup("update").Value.String() == "true"
	known := map[string]bool{}
	for _, path := range append(examples(t, ".smon"), "../../doc/tutorial/worm.smon") {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		got := write(t, load(t, path, text).SVG)
		wellFormed(t, got)
		image := filepath.Join(images, "graph-"+strings.TrimSuffix(filepath.Base(path), ".smon")+".svg")
		known[image] = true
		if update {
			if err := os.WriteFile(image, []byte(got), 0o644); err != nil {
				t.Error(err)
			}
			continue
		}
		if want, err := os.ReadFile(image); err != nil || string(want) != got {
			t.Errorf("%s is not the drawing of %s (%v): make docs", image, path, err)
		}
	}
	list, err := filepath.Glob(filepath.Join(images, "graph-*.svg"))
	if err != nil {
		t.Fatal(err)
	}
	for _, image := range list {
		if !known[image] {
			t.Errorf("%s is the drawing of no example", image)
		}
	}
}

// TestXML draws the examples in XML: they have the states and ways of those in .smon.
func TestXML(t *testing.T) {
	for _, path := range examples(t, ".xml") {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		twin, err := os.ReadFile(strings.TrimSuffix(path, ".xml") + ".smon")
		if err != nil {
			continue // one of several variants
		}
		x, s := load(t, path, text), load(t, "twin.smon", twin)
		wellFormed(t, write(t, x.SVG))
		if got, want := states(x), states(s); got != want {
			t.Errorf("%s has the states %s, its twin %s", path, got, want)
		}
	}
}

func states(g *draw.Graph) string {
	var b strings.Builder
	for _, m := range g.Machines {
		for _, s := range m.States {
			b.WriteString(s.Name + " ")
		}
		b.WriteString("| ")
	}
	return b.String()
}

// wellFormed checks that text is an SVG document that refers to nothing outside.
func wellFormed(t *testing.T, text string) {
	t.Helper()
	dec := xml.NewDecoder(strings.NewReader(text))
	for depth := 0; ; {
		tok, err := dec.Token()
		if errors.Is(err, io.EOF) {
			if depth != 0 {
				t.Error("the SVG is cut off")
			}
			return
		}
		if err != nil {
			t.Fatalf("the SVG is no XML: %v", err)
		}
		switch tok := tok.(type) {
		case xml.StartElement:
			if depth++; depth == 1 && tok.Name.Local != "svg" {
				t.Errorf("the SVG begins with <%s>", tok.Name.Local)
			}
			for _, a := range tok.Attr {
				if a.Name.Local == "href" || a.Name.Local == "src" || strings.HasPrefix(a.Name.Local, "on") {
					t.Errorf("<%s> has the attribute %s", tok.Name.Local, a.Name.Local)
				}
			}
		case xml.EndElement:
			depth--
		}
	}
}
