package gogen_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/streamon/streamon/codegen"
)

const xmlTest = `package generated

import (
	"context"
	"math/rand/v2"
	"os"
	"regexp"
	"testing"

	"github.com/streamon/streamon/codegen"
	"github.com/streamon/streamon/codegen/eval"
	"github.com/streamon/streamon/internal/testkit"
	"github.com/streamon/streamon/runtime/packet"
	"github.com/streamon/streamon/runtime/program"

%s)

func captures(t *testing.T) map[string][]packet.Packet {
	out := map[string][]packet.Packet{}
	for _, p := range testkit.RandomPackets(rand.New(rand.NewPCG(1, 2)), 1500) {
		if len(p.DNS.Name) < 64 { // longer ones are cut in keys
			out["random"] = append(out["random"], p)
		}
	}
	for _, name := range []string{"device_scan", "dos", "nxd", "synscan", "ddos_new"} {
		for _, f := range testkit.Prototype(t, name) {
			var p packet.Packet
			f.Decode(&p)
			if n := len(out[name]); n > 0 { // time does not run backwards
				p.Time = max(p.Time, out[name][n-1].Time)
			}
			out[name] = append(out[name], p)
		}
	}
	return out
}

// rounded cuts the last digits of floats, in which a sketch and an exact count differ.
func rounded(lines []string) []string {
	out := make([]string, len(lines))
	for i, line := range lines {
		out[i] = digits.ReplaceAllString(line, "$1")
	}
	return out
}

var digits = regexp.MustCompile("([0-9][.][0-9]{9})[0-9]+")

func TestXML(t *testing.T) {
	all := captures(t)
	sharded := 0
	for _, c := range []struct {
		file string
		info *program.Info
	}{
%s	} {
		src, err := os.ReadFile(c.file)
		if err != nil {
			t.Fatal(err)
		}
		p, _, err := codegen.Front(context.Background(), c.file, src, codegen.Options{})
		if err != nil || p == nil {
			t.Fatal(c.file, err)
		}
		for name, packets := range all {
			want := testkit.Trace(t, c.info, nil, packets, 64)
			if d := testkit.Diff(rounded(want), rounded(testkit.Trace(t, eval.Info(p), nil, packets, 64))); d != "" {
				t.Errorf("%%s on %%s: generated code and evaluator differ\n%%s", c.file, name, d)
			}
			if h := testkit.OnHeads(t, c.info); h != nil {
				if d := testkit.Diff(testkit.Trace(t, h, nil, packets, 64), want); d != "" {
					t.Errorf("%%s on %%s: code over heads does something else\n%%s", c.file, name, d)
				}
			}
			if !c.info.Manifest.Partition.OK {
				continue
			}
			sharded++
			for _, shards := range []int{1, 2, 3} {
				if d := testkit.Diff(testkit.Shards(t, c.info, nil, packets, 64, shards, nil), want); d != "" {
					t.Errorf("%%s on %%s: %%d shards do not do what one does\n%%s", c.file, name, shards, d)
				}
			}
		}
	}
	if sharded < 30 {
		t.Errorf("%%d runs in shards, want more", sharded)
	}
}
`

// TestXML compiles the counterparts of the prototype's programs, whose states with a
// timeout are lazy, and compares what they do to the prototype's captures with the
// reference evaluator, also in shards.
func TestXML(t *testing.T) {
	list, _ := filepath.Glob("../../testdata/xml/*/*.xml")
	files := map[string]string{}
	var imports, cases strings.Builder
	for i, file := range list {
		src, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		p, _, err := codegen.Compile(context.Background(), file, src, codegen.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if p == nil {
			continue // it is refused
		}
		name := fmt.Sprintf("x%d", i)
		text, err := p.Go(name, "")
		if err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		files[name+"/"+name+".go"] = string(text)
		fmt.Fprintf(&imports, "\t%q\n", generatedPath+name)
		fmt.Fprintf(&cases, "\t\t{%q, &%s.Streamon},\n", file, name)
	}
	if len(files) < 30 {
		t.Fatalf("%d programs, want more", len(files))
	}
	files["generated_test.go"] = fmt.Sprintf(xmlTest, imports.String(), cases.String())
	runGenerated(t, files)
}
