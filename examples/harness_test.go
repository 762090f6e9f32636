// Package examples_test runs the examples as a user does: compiled by smcc,
// loaded by smprobe, over captures and generated scenarios.
package examples_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// names lists the examples in the order in which the README shows them.
var names = []string{"conficker", "p2p", "ddos", "portscan", "hostscan", "dnstunnel", "modbus_scan", "heavy_hitters"}

// traces is the shared collection of captures; tests that need it skip without.
const traces = "../../shared/traces"

func needTraces(t *testing.T) {
	t.Helper()
	if _, err := os.Stat(traces); err != nil {
		t.Skipf("the shared captures are not here: %v", err)
	}
}

// workDir holds what the tests of one run build. TestMain removes it.
var workDir string

func TestMain(m *testing.M) {
	flag.Parse()
	dir, err := os.MkdirTemp("", "examples-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	workDir = dir
	code := m.Run()
	os.RemoveAll(dir)
	os.Exit(code)
}

// binaries builds smcc and smprobe as `make build` does, once.
var binaries = sync.OnceValue(func() error {
	cmd := exec.Command("make", "-s", "build", "BIN="+filepath.Join(workDir, "bin"))
	cmd.Dir = ".."
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("make build: %w\n%s", err, out)
	}
	return nil
})

func bin(t testing.TB, name string) string {
	t.Helper()
	if err := binaries(); err != nil {
		t.Fatal(err)
	}
	return filepath.Join(workDir, "bin", name)
}

// command runs a binary and returns its standard output; a non-zero exit fails
// the test with what it wrote to standard error.
func command(t testing.TB, path string, args ...string) []byte {
	t.Helper()
	cmd := exec.Command(path, args...)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s %s: %v\n%s", filepath.Base(path), strings.Join(args, " "), err, stderr.String())
	}
	return out
}

var (
	pluginLock sync.Mutex
	plugins    = map[string]string{}
)

// plugin compiles a program file to a plugin, once a run.
func plugin(t testing.TB, file string) string {
	t.Helper()
	pluginLock.Lock()
	defer pluginLock.Unlock()
	if so, ok := plugins[file]; ok {
		return so
	}
	so := filepath.Join(workDir, strings.TrimSuffix(filepath.Base(file), ".smon")+fmt.Sprint(len(plugins))+".so")
	command(t, bin(t, "smcc"), "build", "-q", "-o", so, file)
	plugins[file] = so
	return so
}

// example returns the program file of an example.
func example(name string) string { return filepath.Join(name, name+".smon") }

// line is one record of a probe's output.
type line struct {
	Time, Type, Program, Event, From, To, Level, Message, Topic string
	Entity, Features, Fields                                    map[string]any
}

// summary is what the tests read of a summary.
type summary struct {
	Packets  struct{ Read, Decoded, Dropped uint64 }
	Layers   map[string]uint64
	Programs []struct {
		Name        string
		Status      string
		Error       string
		Events      map[string]uint64
		Transitions uint64
		States      map[string]map[string]int
		Verdicts    struct{ Drop uint64 }
		Memory      []struct {
			Name, Kind              string
			Used, Evicted, Rejected uint64
			Bytes                   int64
			Error                   float64
		}
	}
	Malformed           map[string]uint64
	Damaged, Unreadable []struct{ File string }
}

// run feeds a capture to programs and returns the raw output, its records and
// the summary.
func run(t testing.TB, capture string, programs []string, more ...string) ([]byte, []line, summary) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "summary.json")
	args := []string{"run", "-r", capture, "--summary", file}
	for _, p := range programs {
		args = append(args, "-p", p)
	}
	out := command(t, bin(t, "smprobe"), append(args, more...)...)
	return out, records(t, out), readSummary(t, file)
}

func records(t testing.TB, out []byte) []line {
	t.Helper()
	var all []line
	for text := range bytes.Lines(out) {
		var l line
		if err := json.Unmarshal(text, &l); err != nil {
			t.Fatalf("output line %q: %v", text, err)
		}
		all = append(all, l)
	}
	return all
}

func readSummary(t testing.TB, file string) summary {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return summaryOf(t, text)
}

func summaryOf(t testing.TB, text []byte) (s summary) {
	t.Helper()
	if err := json.Unmarshal(text, &s); err != nil {
		t.Fatalf("summary: %v", err)
	}
	return s
}

// scenario writes a synthetic trace, once a run, and returns the capture and its
// truth.
func scenario(t testing.TB, name string) (capture, truth string) {
	t.Helper()
	pluginLock.Lock()
	defer pluginLock.Unlock()
	capture = filepath.Join(workDir, name+".pcapng")
	truth = filepath.Join(workDir, name+".json")
	if _, err := os.Stat(truth); err != nil {
		command(t, "go", "run", "../internal/syn/gen", "-o", workDir, name)
	}
	return capture, truth
}
