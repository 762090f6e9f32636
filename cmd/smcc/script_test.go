package main

import (
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/streamon/streamon/internal/testkit"
)

// workDir holds what the tests of one run build. TestMain removes it.
var workDir string

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "smcc-test-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	workDir = dir
	code := m.Run()
	os.RemoveAll(dir)
	os.Exit(code)
}

var buildCLI = sync.OnceValues(func() (*testkit.CLI, error) { return testkit.NewCLI(workDir) })

func cli(t *testing.T) *testkit.CLI {
	t.Helper()
	if testing.Short() {
		t.Skip("builds smcc and smprobe: not with -short")
	}
	c, err := buildCLI()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// TestScripts runs smcc as a user does, without network, without HOME and without
// a module cache.
func TestScripts(t *testing.T) {
	cli(t).Scripts(t, filepath.Join("testdata", "script"))
}
