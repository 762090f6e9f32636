package gogen_test

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/streamon/streamon/codegen"
	"github.com/streamon/streamon/codegen/gogen"
	"github.com/streamon/streamon/internal/testkit"
)

const rebornTest = `package generated

import (
	"math/rand/v2"
	"sync/atomic"
	"testing"

	"github.com/streamon/streamon/internal/testkit"
	"github.com/streamon/streamon/runtime/program"

%s)

func TestReborn(t *testing.T) {
	records, sharded, whole := 0, 0, 0
	for _, c := range []struct {
		name   string
		info   *program.Info
		script string
	}{
%s	} {
		t.Run(c.name, func(t *testing.T) {
			var births atomic.Int64
			if c.script != "" {
				testkit.RunScript(t, testkit.Reborn(c.info, 1, &births), c.script, 7)
				testkit.RunScript(t, testkit.Reborn(c.info, 3, &births), c.script, 1)
			}
			packets := testkit.RandomPackets(rand.New(rand.NewPCG(1, 1)), 300)
			want := testkit.Trace(t, c.info, nil, packets, 1)
			records += len(want)
			if d := testkit.Diff(testkit.Trace(t, testkit.Reborn(c.info, 7, &births), nil, packets, 2), want); d != "" {
				t.Errorf("it does not go on as it was\n%%s", d)
			}
			if births.Load() < 20 {
				t.Errorf("born again %%d times only", births.Load())
			}
			if !c.info.Manifest.Partition.OK {
				whole++
				return
			}
			sharded++
			for _, shards := range []int{1, 2} {
				if d := testkit.Diff(testkit.Shards(t, testkit.Reborn(c.info, 11, &births), nil, packets, 5, shards, nil), want); d != "" {
					t.Errorf("%%d shards do not go on as they were\n%%s", shards, d)
				}
			}
		})
	}
	if records < 10000 || sharded == 0 || whole == 0 {
		t.Errorf("%%d lines of traces, programs in shards %%d, others %%d: too little was compared", records, sharded, whole)
	}
}
`

// TestReborn runs programs that begin anew from images of their memory again and again:
// those of the archives with their scripts, of the shared behaviour files, the examples,
// random ones of any statement and random ones for shards. Nothing may change for it, timers
// and their order included.
func TestReborn(t *testing.T) {
	files, imports, names, scripts := generated(t)
	var cases strings.Builder
	for _, name := range names {
		fmt.Fprintf(&cases, "\t\t{%q, &%s.Streamon, %q},\n", name, name, scripts[name])
	}
	add := func(name, src, script string) {
		files[name+"/"+name+".go"] = src
		imports += fmt.Sprintf("\t%q\n", generatedPath+name)
		fmt.Fprintf(&cases, "\t\t{%q, &%s.Streamon, %q},\n", name, name, script)
	}
	addText := func(name, file string, text []byte, script string, read func(string) ([]byte, error)) {
		p, diags, err := codegen.Compile(context.Background(), file, text, codegen.Options{ReadFile: read})
		if err != nil || p == nil {
			t.Fatal(err, diags)
		}
		src, err := p.Go(name, "")
		if err != nil {
			t.Fatal(err)
		}
		add(name, string(src), script)
	}
	behaviours, _ := filepath.Glob("../../testdata/behaviour/*.txtar")
	for _, path := range behaviours {
		testkit.Archive1(t, path, func(a *testkit.Archive) {
			script := string(a.Need("script"))
			if strings.Contains("\n"+script, "\nlist ") { // its file is of the operator
				script = ""
			}
			addText("b_"+a.Name(), "program.smon", a.Need("program.smon"), script, func(name string) ([]byte, error) {
				if data, ok := a.File(name); ok {
					return data, nil
				}
				return nil, os.ErrNotExist
			})
		})
	}
	examples, _ := filepath.Glob("../../examples/*/*.smon")
	for _, path := range examples {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		name := strings.TrimSuffix(filepath.Base(path), ".smon")
		addText("e_"+name, path, bytes.ReplaceAll(text, []byte("65536"), []byte("4096")), "", nil)
	}
	for seed := range uint64(6) {
		src, err := gogen.Emit(testkit.RandomProgram(rand.New(rand.NewPCG(seed, 0)), nil), gogen.Options{Package: fmt.Sprintf("r%d", seed)})
		if err != nil {
			t.Fatal(err)
		}
		add(fmt.Sprintf("r%d", seed), string(src), "")
		addText(fmt.Sprintf("s%d", seed), "shardable.smon", []byte(testkit.RandomShardable(rand.New(rand.NewPCG(seed, 0)))), "", nil)
	}
	files["generated_test.go"] = fmt.Sprintf(rebornTest, imports, cases.String())
	runGenerated(t, files)
}
