package examples_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"text/tabwriter"

	"github.com/streamon/streamon/codegen"
)

// engine builds a test binary of testdata/bench with the generated packages of all
// examples, in an overlay of the build. It is built once a run.
var engine = sync.OnceValues(func() (string, error) {
	root, err := filepath.Abs("..")
	if err != nil {
		return "", err
	}
	dir := filepath.Join(workDir, "engine")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", err
	}
	overlay := struct{ Replace map[string]string }{map[string]string{}}
	add := func(path string, text []byte) error {
		file := filepath.Join(dir, fmt.Sprintf("%d.go", len(overlay.Replace)))
		overlay.Replace[filepath.Join(root, "examples", "zzbench", path)] = file
		return os.WriteFile(file, text, 0o644)
	}
	var imports, programs strings.Builder
	for _, name := range names {
		src, err := os.ReadFile(example(name))
		if err != nil {
			return "", err
		}
		p, diags, err := codegen.Compile(context.Background(), example(name), src, codegen.Options{})
		if err != nil || p == nil {
			return "", fmt.Errorf("%s: %w %v", name, err, diags)
		}
		text, err := p.Go(name, "bench")
		if err == nil {
			err = add(filepath.Join(name, "prog.go"), text)
		}
		if err != nil {
			return "", err
		}
		fmt.Fprintf(&imports, "%q\n", "github.com/streamon/streamon/examples/zzbench/"+name)
		fmt.Fprintf(&programs, "%q: &%s.Streamon,\n", name, name)
	}
	list := fmt.Sprintf("package zzbench\n\nimport (\n%q\n%s)\n\nvar programs = map[string]*program.Info{\n%s}\n",
		"github.com/streamon/streamon/runtime/program", &imports, &programs)
	driver, err := os.ReadFile("testdata/bench/engine_test.go")
	if err == nil {
		err = add("engine_test.go", driver)
	}
	if err == nil {
		err = add("programs_test.go", []byte(list))
	}
	if err != nil {
		return "", err
	}
	text, err := json.Marshal(overlay)
	if err != nil {
		return "", err
	}
	file, binary := filepath.Join(dir, "overlay.json"), filepath.Join(dir, "engine.test")
	if err := os.WriteFile(file, text, 0o644); err != nil {
		return "", err
	}
	build := exec.Command("go", "test", "-c", "-vet=off", "-overlay", file, "-o", binary, "./examples/zzbench")
	build.Dir = root
	if out, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("building the engine: %w\n%s", err, out)
	}
	return binary, nil
})

// runEngine runs the test binary of engine in this directory.
func runEngine(t testing.TB, env string, args ...string) []byte {
	t.Helper()
	binary, err := engine()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(binary, args...)
	cmd.Env = append(os.Environ(), env)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return out
}

// TestNoAllocations wants that decoding and running whole captures through the
// generated code of each example, reports included, allocates nothing.
func TestNoAllocations(t *testing.T) {
	var files []string
	for _, name := range names {
		files = append(files, captureOf(t, name))
	}
	t.Logf("%s", runEngine(t, "CAPTURES="+strings.Join(files, " "), "-test.run", "NoAllocations", "-test.v"))
}

// benchCaptures are the largest real captures here, and one bundled with the
// sources where the shared ones are not.
func benchCaptures() []string {
	var files []string
	for _, name := range []string{"mix/echo-500conn.pcap.gz", "detect/synflood-spoofed.pcap", "mix/goprobe-mix.pcap"} {
		if _, err := os.Stat(filepath.Join(traces, name)); err == nil {
			files = append(files, filepath.Join(traces, name))
		}
	}
	if files == nil {
		files = append(files, "../testdata/pcap/p2p-gnutella.pcap")
	}
	return files
}

// BenchmarkExamples prints packets a second of each example over large captures:
// of generated code over decoded packets, of decoding and generated code over
// frames in memory, and of smprobe with the plugin, which reads the file as well.
func BenchmarkExamples(b *testing.B) {
	files := benchCaptures()
	out := runEngine(b, "BENCH="+strings.Join(files, " "), "-test.run", "^$", "-test.bench", ".", "-test.benchtime", "100ms", "-test.count", "3")
	engine, allocs := best(out)
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "\nmillion packets/s, best of 3\tcapture\tengine\tdecode + engine\tsmprobe, from the file\tallocs/op\t")
	for _, name := range names {
		for _, file := range files {
			base := filepath.Base(file)
			key := name + "/" + base
			fmt.Fprintf(w, "%s\t%s\t%.2f\t%.2f\t%.2f\t%v\t\n", name, base, engine["Engine/"+key], engine["DecodeEngine/"+key],
				fromFile(b, plugin(b, example(name)), file), max(allocs["Engine/"+key], allocs["DecodeEngine/"+key]))
		}
	}
	w.Flush()
	b.ReportMetric(0, "ns/op")
}

var benchLine = regexp.MustCompile(`(?m)^Benchmark(\S+?)(?:-\d+)?\s.*?([\d.e+]+) packets/s.*?(\d+) allocs/op`)

// best reads the output of benchmarks: the best millions of packets/s, and the
// most allocations, of each.
func best(out []byte) (speed, allocs map[string]float64) {
	speed, allocs = map[string]float64{}, map[string]float64{}
	for _, m := range benchLine.FindAllStringSubmatch(string(out), -1) {
		s, _ := strconv.ParseFloat(m[2], 64)
		a, _ := strconv.ParseFloat(m[3], 64)
		speed[m[1]], allocs[m[1]] = max(speed[m[1]], s/1e6), max(allocs[m[1]], a)
	}
	return speed, allocs
}

var probeSpeed = regexp.MustCompile(`(\d+) packets/s`)

// fromFile runs smprobe over a file three times and returns the best figure of its
// summary.
func fromFile(b *testing.B, so, file string) (speed float64) {
	b.Helper()
	for range 3 {
		cmd := exec.Command(bin(b, "smprobe"), "run", "-r", file, "-p", so)
		var stderr bytes.Buffer
		cmd.Stderr = &stderr
		if err := cmd.Run(); err != nil {
			b.Fatalf("%v\n%s", err, stderr.String())
		}
		line, _ := bufio.NewReader(&stderr).ReadString('\n')
		if m := probeSpeed.FindStringSubmatch(line); m != nil {
			s, _ := strconv.ParseFloat(m[1], 64)
			speed = max(speed, s/1e6)
		}
	}
	return speed
}
