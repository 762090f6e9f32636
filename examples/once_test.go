package examples_test

import (
	"bytes"
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

var (
	readingsLock sync.Mutex
	readings     = map[string]func() reading{}
)

// readOnce has a probe with every example, in the order of names, read a capture, once a run:
// what it leaves is looked at by several tests, and most of the time goes into starting it.
func readOnce(t *testing.T, capture string) reading {
	t.Helper()
	var plugins []string
	for _, name := range names {
		plugins = append(plugins, plugin(t, example(name)))
	}
	probe := bin(t, "smprobe")
	readingsLock.Lock()
	read, ok := readings[capture]
	if !ok {
		read = sync.OnceValue(func() reading { return readNow(probe, capture, plugins) })
		readings[capture] = read
	}
	readingsLock.Unlock()
	return read()
}

// readNow has a probe with plugins read a capture.
func readNow(probe, capture string, plugins []string) (r reading) {
	dir, err := os.MkdirTemp(workDir, "reading-")
	if err != nil {
		return reading{code: -1, errors: []byte(err.Error())}
	}
	defer os.RemoveAll(dir)
	state, summary := filepath.Join(dir, "state.json"), filepath.Join(dir, "summary.json")
	args := []string{"run", "-r", capture, "--state", state, "--summary", summary}
	for _, p := range plugins {
		args = append(args, "-p", p)
	}
	cmd := exec.Command(probe, args...)
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
