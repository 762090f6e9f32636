package examples_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/streamon/streamon/codegen"
	"github.com/streamon/streamon/codegen/eval"
	"github.com/streamon/streamon/internal/capture"
	"github.com/streamon/streamon/internal/export"
	"github.com/streamon/streamon/internal/probe"
)

// scenarios are the synthetic traces that the engines are compared on.
var scenarios = []string{"syn-ddos", "syn-conficker", "syn-p2p", "syn-modbus-scan"}

// rewrite is a change of a program's text.
type rewrite struct {
	pattern *regexp.Regexp
	with    string
}

// roomy sizes every structure so that no two keys of the captures share all their
// cells, and replaces the two that are approximate at any size: hll by a count of
// new keys, a short top-k by one that holds every key. What is then compared is
// everything but the sketches' declared error. The capacity of a detector stays:
// it rotates by fill, which is part of its meaning.
var roomy = []rewrite{
	{regexp.MustCompile(`(?m)^program (\w+)`), "program ${1}_roomy"},
	{regexp.MustCompile(`count hll\(window: (\w+)\)`), "distinct bloom(window: $1) count cbf(window: $1)"},
	{regexp.MustCompile(`topk\(k: 10,`), "topk(k: 10, capacity: 65536,"},
	{regexp.MustCompile(`(cbf|tbf|tewma)\((window: \w+(?:, (?:memory|tick): \w+)?)(?:, capacity: \w+)?\)`), "$1($2, capacity: 65536, error: 1e-3)"},
	{regexp.MustCompile(`bloom\(([^)]*)\)`), "bloom($1, error: 1e-9)"},
}

// counted puts d-left tables, which are exact, in place of sketches. That makes
// other programs of them, since a d-left counter does not age.
var counted = []rewrite{
	{regexp.MustCompile(`(?m)^program (\w+)`), "program ${1}_counted"},
	{regexp.MustCompile(`(cbf|tbf|tewma)\([^)]*\)`), "dleft(capacity: 65536, full: evict)"},
	{regexp.MustCompile(`bloom\(([^)]*)\)`), "bloom($1, error: 1e-9)"},
}

// engines are the compiled programs as plugins and as the evaluator has them, in
// the same order: the examples, then their variants.
type engines struct {
	plugins []string
	infos   []probe.Artifact
}

// largeFile is the size in bytes from which captures are given to the variants
// too. Below it the examples' own structures are roomy enough, and half
// the time goes into loading.
const largeFile = 200_000

// fitting returns the engines for a capture.
func (e engines) fitting(file string) engines {
	if info, err := os.Stat(file); err == nil && info.Size() < largeFile {
		return engines{e.plugins[:len(names)], e.infos[:len(names)]}
	}
	return e
}

func newEngines(t *testing.T) engines {
	t.Helper()
	var e engines
	add := func(file string, src []byte) {
		p, diags, err := codegen.Compile(context.Background(), file, src, codegen.Options{})
		if err != nil || p == nil {
			t.Fatalf("%s: %v %v", file, err, diags)
		}
		e.plugins = append(e.plugins, plugin(t, file))
		e.infos = append(e.infos, probe.Artifact{Info: eval.Info(p.IR)})
	}
	for _, name := range names {
		src, err := os.ReadFile(example(name))
		if err != nil {
			t.Fatal(err)
		}
		add(example(name), src)
	}
	variant := func(dir, name string, rewrites []rewrite) {
		src, err := os.ReadFile(example(name))
		for _, r := range rewrites {
			src = r.pattern.ReplaceAll(src, []byte(r.with))
		}
		dir = filepath.Join(workDir, dir)
		file := filepath.Join(dir, name+".smon")
		if err == nil {
			err = os.MkdirAll(dir, 0o755)
		}
		if err == nil {
			err = os.WriteFile(file, src, 0o644)
		}
		if err != nil {
			t.Fatal(err)
		}
		add(file, src)
	}
	for _, name := range names {
		variant("roomy", name, roomy)
	}
	for _, name := range []string{"conficker", "ddos", "portscan"} {
		variant("counted", name, counted)
	}
	return e
}

// outcome is what one program did over one capture: a JSON object for each record,
// entity and table entry, in order.
type outcome map[string][]any

// compiled runs the plugins; of a file that is no capture they see nothing.
func (e engines) compiled(t *testing.T, file string) outcome {
	var r reading
	if len(e.plugins) == len(names) {
		r = readOnce(t, file, 1)
	} else {
		r = readNow(bin(t, "smprobe"), asked{file, 1}, e.plugins)
	}
	if r.code != 0 && r.code != 1 {
		t.Fatalf("smprobe run -r %s: exit %d\n%s", file, r.code, r.errors)
	}
	o := outcome{}
	o.addRecords(t, r.out)
	var s struct {
		Programs []struct {
			Name              string
			Entities, Entries []any
		}
	}
	if err := json.Unmarshal(r.state, &s); err != nil {
		t.Fatal(err)
	}
	for _, p := range s.Programs {
		o[p.Name] = append(append(o[p.Name], p.Entities...), p.Entries...)
	}
	return o
}

func (o outcome) addRecords(t *testing.T, out []byte) {
	for text := range bytes.Lines(out) {
		var v map[string]any
		if err := json.Unmarshal(text, &v); err != nil {
			t.Fatalf("output line %q: %v", text, err)
		}
		program := v["program"].(string)
		delete(v, "version") // the evaluator has none
		o[program] = append(o[program], v)
	}
}

// reference runs the evaluator in a probe of its own.
func (e engines) reference(t *testing.T, file string) outcome {
	ctx := context.Background()
	var out bytes.Buffer
	p := probe.New(probe.Options{Seed: 1, Records: export.NewJSON(&out)})
	for _, a := range e.infos {
		if _, err := p.Load(ctx, a); err != nil {
			t.Fatal(err)
		}
	}
	if src, err := capture.Open(file); err == nil {
		if err := p.Run(ctx, src); err != nil && len(capture.Damages(err)) == 0 {
			t.Errorf("%s: %v", file, err)
		}
		src.Close()
	}
	o := outcome{}
	o.addRecords(t, out.Bytes())
	for _, a := range e.infos {
		d, err := p.Show(ctx, a.Info.Manifest.Name, math.MaxInt)
		if err != nil || d.Status != "running" {
			t.Fatalf("%s: program %s: %v %s %s", file, a.Info.Manifest.Name, err, d.Status, d.Error)
		}
		for _, list := range []any{d.Entities, d.Entries} {
			text, err := json.Marshal(list)
			var v []any
			if err == nil {
				err = json.Unmarshal(text, &v)
			}
			if err != nil {
				t.Fatal(err)
			}
			o[d.Name] = append(o[d.Name], sorted(v)...)
		}
	}
	return o
}

// TestDifferential runs every example over every capture, as a plugin and in the
// evaluator, and compares all records, states and table entries. The variants must
// agree in everything. The examples may differ by the error that
// their sketches state: 4 σ and N/C for hll and topk, and one object in a hundred,
// the declared error of the others.
func TestDifferential(t *testing.T) {
	if testing.Short() {
		t.Skip("runs every example over every capture")
	}
	files, isWhole := captureFiles(t)
	all := newEngines(t)
	var lock sync.Mutex
	total := map[string]*tally{}
	for _, a := range all.infos {
		total[a.Info.Manifest.Name] = new(tally)
	}
	t.Run("captures", func(t *testing.T) {
		for _, file := range files {
			t.Run(filepath.Base(file), func(t *testing.T) {
				t.Parallel()
				e := all.fitting(file)
				got, want := e.compiled(t, file), e.reference(t, file)
				lock.Lock()
				defer lock.Unlock()
				for i, a := range e.infos {
					name := a.Info.Manifest.Name
					c := compare(got[name], want[name])
					total[name].add(c)
					switch {
					case c.differences()+c.near > 0 && i >= len(names):
						t.Errorf("%s: %v\n%s", name, c, strings.Join(c.examples, "\n"))
					case c.differences() > 0:
						t.Logf("%s: %v\n%s", name, c, strings.Join(c.examples, "\n"))
					}
				}
			})
		}
	})
	var b strings.Builder
	for i, a := range all.infos {
		c := total[a.Info.Manifest.Name]
		fmt.Fprintf(&b, "\n%-22s %v", a.Info.Manifest.Name, c)
		if c.compared == 0 && (isWhole || i < len(names)) { // variants are run over the larger captures, which may not be here
			t.Errorf("%s did nothing in any capture", a.Info.Manifest.Name)
		}
		if c.differences()*100 > c.compared {
			t.Errorf("%s: %v: more than the declared error of 1 %%", a.Info.Manifest.Name, c)
		}
	}
	t.Logf("%d captures%s", len(files), b.String())
}

// captureFiles lists the bundled captures, the shared ones and the scenarios, and reports
// whether the shared ones are there.
func captureFiles(t *testing.T) (files []string, isWhole bool) {
	bundled, _ := filepath.Glob("../testdata/pcap/*.pcap*")
	shared, _ := filepath.Glob(traces + "/*/*")
	if len(shared) == 0 {
		t.Logf("the shared captures are not here: only %d bundled ones and the scenarios are compared", len(bundled))
	}
	have := map[string]bool{}
	for _, file := range append(bundled, shared...) {
		ext := filepath.Ext(file)
		if ext == ".json" || ext == ".md" || ext == ".csv" || have[filepath.Base(file)] {
			continue
		}
		if info, err := os.Stat(file); err != nil || info.IsDir() {
			continue
		}
		have[filepath.Base(file)] = true
		files = append(files, file)
	}
	for _, name := range scenarios {
		file, _ := scenario(t, name)
		files = append(files, file)
	}
	return files, len(shared) > 0
}
