package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/streamon/streamon/lang"
)

// TestPaperIR: every example is there in the XML of the paper too, and reaches the
// same IR as the .smon file beside it: parameters, lists, levels, descriptions,
// windows and capacities are in it.
func TestPaperIR(t *testing.T) {
	programs, err := filepath.Glob("../../examples/*/*.smon")
	if err != nil || len(programs) < 8 {
		t.Fatalf("%d examples, want 8 or more (%v)", len(programs), err)
	}
	for _, file := range programs {
		t.Run(filepath.Base(file), func(t *testing.T) {
			twin := strings.TrimSuffix(file, ".smon") + ".xml"
			src, err := os.ReadFile(twin)
			if err != nil {
				t.Fatal(err)
			}
			if _, diags := lang.Check(twin, src, nil); len(diags) > 0 {
				t.Errorf("diagnostics: %v", diags)
				for _, d := range diags {
					t.Log(d.Error(), d.Hint)
				}
			}
			program, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if got, want := irOf(t, twin, src), irOf(t, file, program); got != want {
				t.Errorf("the IR of %s is\n%s\nthat of %s is\n%s", twin, got, file, want)
			}
		})
	}
}

// TestDocShowsPaper: doc/xml.md shows the example in the style of the paper as it is.
func TestDocShowsPaper(t *testing.T) {
	page, err := os.ReadFile("../../doc/xml.md")
	if err != nil {
		t.Fatal(err)
	}
	src, err := os.ReadFile("../../examples/nxdomain/nxdomain.xml")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Contains(page, src) {
		t.Error("doc/xml.md does not show examples/nxdomain/nxdomain.xml")
	}
}
