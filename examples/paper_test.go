package examples_test

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var (
	// sourceVersion is the one field of a record that tells two texts of one program
	// apart: it is a hash of the text.
	sourceVersion = regexp.MustCompile(`"version":"[0-9a-f]{16}"`)
	bundled       = regexp.MustCompile(`-r (testdata/pcap/\S+)`)
)

// TestPaperTwins runs every example in the XML of the paper, as its README runs the
// program beside it: over the bundled captures that it names, and over that of the
// expected output. The records are the same, byte for byte.
func TestPaperTwins(t *testing.T) {
	twins, err := filepath.Glob("*/*.xml")
	if want := len(names) + len(apart); err != nil || len(twins) != want {
		t.Fatalf("%d examples in XML, want %d (%v)", len(twins), want, err)
	}
	for _, twin := range twins {
		name := filepath.Dir(twin)
		t.Run(name, func(t *testing.T) {
			page, err := os.ReadFile(filepath.Join(name, "README.md"))
			if err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(string(page), "("+filepath.Base(twin)+")") {
				t.Errorf("the README does not mention %s", filepath.Base(twin))
			}
			inputs := map[string]bool{captureOf(t, name): true}
			for _, m := range bundled.FindAllSubmatch(page, -1) {
				inputs["../"+string(m[1])] = true
			}
			records := 0
			for capture := range inputs {
				run := func(program string) []byte {
					out := command(t, bin(t, "smcc"), "run", program, "-r", capture)
					return sourceVersion.ReplaceAll(out, nil)
				}
				got, want := run(twin), run(example(name))
				if !bytes.Equal(got, want) {
					t.Errorf("%s: the records of %s differ from those of %s\n%s", capture, twin, example(name), firstDifference(got, want))
				}
				records += bytes.Count(want, []byte("\n"))
			}
			if records == 0 {
				t.Error("the program finds nothing")
			}
		})
	}
}
