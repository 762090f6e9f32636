package main

import (
	"bytes"
	"flag"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"testing"

	"github.com/streamon/streamon/internal/syn"
)

// pictures are the drawings of runs in doc/img: the paper's figures 5 (an infected
// host and a clean one) and 6 (a server under attack), on synthetic captures.
var pictures = []struct {
	name, example, scenario string
	keys                    []string
}{
	{"plot-conficker", "conficker", "syn-conficker", []string{"10.0.1.5", "10.0.1.20"}},
	{"plot-ddos", "ddos", "syn-ddos", []string{"10.0.0.80"}},
}

// The drawings in doc/img are those that smcc run --plot makes. -update, and make
// docs, rewrites them.
func TestPictures(t *testing.T) {
	if testing.Short() {
		t.Skip("makes captures: not with -short")
	}
	if runtime.GOARCH != "amd64" {
		t.Skip("the last digit of a place in a drawing may differ elsewhere")
	}
	update := flag.Lookup("update").Value.String() == "true"
	for _, p := range pictures {
		t.Run(p.name, func(t *testing.T) {
			dir := t.TempDir()
			capture, fresh := filepath.Join(dir, p.scenario+".pcapng"), filepath.Join(dir, p.name+".svg")
			scenario := syn.Scenarios()[slices.IndexFunc(syn.Scenarios(), func(s syn.Scenario) bool { return s.Name == p.scenario })]
			f, err := os.Create(capture)
			if err != nil {
				t.Fatal(err)
			}
			defer f.Close()
			if _, err := scenario.Write(f, 1); err != nil {
				t.Fatal(err)
			}
			args := []string{"run", filepath.Join("../../examples", p.example, p.example+".smon"), "-r", capture, "--plot", fresh}
			for _, k := range p.keys {
				args = append(args, "--plot-key", k)
			}
			var said bytes.Buffer
			if code := run(t.Context(), args, &stdio{nil, io.Discard, &said}); code != 0 {
				t.Fatalf("smcc %q: exit %d\n%s", args, code, &said)
			}
			got, err := os.ReadFile(fresh)
			if err != nil {
				t.Fatal(err)
			}
			path := filepath.Join("../../doc/img", p.name+".svg")
			if update {
				if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(path, got, 0o666); err != nil {
					t.Fatal(err)
				}
			}
			if want, err := os.ReadFile(path); err != nil || !bytes.Equal(got, want) {
				t.Errorf("%s is not what smcc run --plot draws (%v): make docs", path, err)
			}
		})
	}
}

// TestPictureReached: the drawing in doc/note/testing.md is what smcc test draws; make docs
// writes it.
func TestPictureReached(t *testing.T) {
	var out bytes.Buffer
	dir := t.TempDir()
	c := testCmd{Paths: []string{"../../examples/ddos"}, Filter: "^flood$", Graph: dir}
	if err := c.Run(t.Context(), &stdio{out: &out, err: &out}); err != nil {
		t.Fatalf("%v\n%s", err, out.String())
	}
	got, err := os.ReadFile(filepath.Join(dir, "ddos.svg"))
	if err != nil {
		t.Fatal(err)
	}
	if want, err := os.ReadFile("../../doc/img/reached-ddos.svg"); err != nil || !bytes.Equal(got, want) {
		t.Errorf("doc/img/reached-ddos.svg is not what smcc test draws (%v): make docs", err)
	}
}
