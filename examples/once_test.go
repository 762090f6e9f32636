package examples_test

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
)

// reading is what a probe left that read a capture.
type reading struct {
	code           int
	out, errors    []byte
	state, summary []byte // empty if the probe wrote none
}

// asked is what a probe is to read, and in how many workers.
type asked struct {
	capture string
	workers int
}

var (
	readingsLock sync.Mutex
	readings     = map[asked]func() reading{}
)

// readOnce has a probe with every example, in the order of names, read a capture, once a run:
// what it leaves is looked at by several tests, and most of the time goes into starting it.
func readOnce(t *testing.T, capture string, workers int) reading {
	t.Helper()
	probe, plugins := bin(t, "smprobe"), everyExample(t)
	readingsLock.Lock()
	what := asked{capture, workers}
	read, ok := readings[what]
	if !ok {
		read = sync.OnceValue(func() reading { return readNow(probe, what, plugins) })
		readings[what] = read
	}
	readingsLock.Unlock()
	return read()
}

// everyExample returns the examples as plugins, in the order of names.
func everyExample(t *testing.T) (plugins []string) {
	t.Helper()
	for _, name := range names {
		plugins = append(plugins, plugin(t, example(name)))
	}
	return plugins
}

// well returns r, of a run that ended well.
func (r reading) well(t *testing.T) reading {
	t.Helper()
	if r.code != 0 {
		t.Fatalf("smprobe run: exit %d\n%s", r.code, r.errors)
	}
	return r
}

// readNow has a probe with plugins, and more arguments, read a capture.
func readNow(probe string, what asked, plugins []string, more ...string) (r reading) {
	dir, err := os.MkdirTemp(workDir, "reading-")
	if err != nil {
		return reading{code: -1, errors: []byte(err.Error())}
	}
	defer os.RemoveAll(dir)
	state, summary := filepath.Join(dir, "state.json"), filepath.Join(dir, "summary.json")
	args := []string{"run", "-r", what.capture, "--workers", fmt.Sprint(what.workers), "--state", state, "--summary", summary}
	for _, p := range plugins {
		args = append(args, "-p", p)
	}
	cmd := exec.Command(probe, append(args, more...)...)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	r.out, err = cmd.Output()
	if r.code, r.errors = cmd.ProcessState.ExitCode(), stderr.Bytes(); err != nil && r.code <= 0 { // it was not started, or killed
		r.code, r.errors = -1, append(r.errors, err.Error()...)
	}
	r.state, _ = os.ReadFile(state)
	r.summary, _ = os.ReadFile(summary)
	return r
}
