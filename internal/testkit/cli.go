package testkit

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// CLI is smcc and smprobe as `make build` makes them, for tests of the commands.
type CLI struct {
	Root  string // of the checkout
	Bin   string // directory with smcc and smprobe
	Cache string // smcc's cache, shared by the tests of one process
	env   []string
}

// NewCLI builds the commands below dir, which belongs to the caller. It needs make
// and the go command; the package's directory must lie in the checkout.
func NewCLI(dir string) (*CLI, error) {
	root, err := checkout()
	if err != nil {
		return nil, err
	}
	c := &CLI{Root: root, Bin: filepath.Join(dir, "bin"), Cache: filepath.Join(dir, "cache")}
	cmd := exec.Command("make", "-s", "build", "BIN="+c.Bin)
	cmd.Dir = root
	if out, err := cmd.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("make build: %w\n%s", err, out)
	}
	gocache, err := exec.Command("go", "env", "GOCACHE").Output()
	if err != nil {
		return nil, fmt.Errorf("go env GOCACHE: %w", err)
	}
	// Programs are compiled without network and without any module at hand.
	c.env = []string{
		"PATH=" + c.Bin + string(filepath.ListSeparator) + os.Getenv("PATH"), "GOCACHE=" + strings.TrimSpace(string(gocache)),
		"GOPROXY=off", "GOFLAGS=-mod=mod", "GOMODCACHE=" + filepath.Join(dir, "modcache"), "GOENV=off",
		"XDG_CACHE_HOME=" + c.Cache, "SMPROBE_SOCKET=", "ROOT=" + root, "PCAP=" + filepath.Join(root, "testdata", "pcap"),
	}
	return c, nil
}

// checkout returns the top of the checkout that a test runs in.
func checkout() (string, error) {
	dir, err := os.Getwd()
	for err == nil {
		if _, e := os.Stat(filepath.Join(dir, "go.mod")); e == nil {
			return dir, nil
		}
		if filepath.Dir(dir) == dir {
			return "", errors.New("the test does not run in a checkout")
		}
		dir = filepath.Dir(dir)
	}
	return "", err
}

// Command returns a command, smcc or smprobe, that runs in dir.
func (c *CLI) Command(dir, name string, args ...string) *exec.Cmd {
	cmd := exec.Command(filepath.Join(c.Bin, name), args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), c.env...)
	return cmd
}

// Scripts runs every script below dir. A script finds smcc and smprobe in PATH,
// the checkout in $ROOT and its captures in $PCAP; besides the commands of
// testscript it has
//
//	exits CODE COMMAND ARG…   runs a command that has to end with this code
//	patch FILE OLD NEW        replaces the first OLD in a file
//	cut FILE N                keeps the first N bytes of a file
//	damage FILE N             changes the byte at N
func (c *CLI) Scripts(t *testing.T, dir string) {
	testscript.Run(t, testscript.Params{
		Dir: dir,
		Setup: func(env *testscript.Env) error {
			for _, e := range c.env {
				key, value, _ := strings.Cut(e, "=")
				env.Setenv(key, value)
			}
			return nil
		},
		Condition: func(cond string) (bool, error) {
			if cond == "root" {
				return os.Getuid() == 0, nil
			}
			return false, fmt.Errorf("unknown condition %q", cond)
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exits": exits, "patch": patch,
			"cut": editBytes(func(b []byte, n int) []byte { return b[:n] }),
			"damage": editBytes(func(b []byte, n int) []byte {
				b[n] ^= 0x55
				return b
			}),
		},
		RequireExplicitExec: true,
	})
}

func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE COMMAND ARG…")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	got := 0
	if err := ts.Exec(args[1], args[2:]...); err != nil {
		var exit *exec.ExitError
		if !errors.As(err, &exit) {
			ts.Fatalf("%v", err)
		}
		got = exit.ExitCode()
	}
	if got != want {
		ts.Fatalf("%s ended with %d, want %d", strings.Join(args[1:], " "), got, want)
	}
}

func patch(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: patch FILE OLD NEW")
	}
	text := ts.ReadFile(args[0])
	if !strings.Contains(text, args[1]) {
		ts.Fatalf("%s does not contain %q", args[0], args[1])
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(strings.Replace(text, args[1], args[2], 1)), 0o666))
}

// editBytes makes a script command that changes a file at an offset, which counts
// from the end if it is negative.
func editBytes(edit func(b []byte, n int) []byte) func(*testscript.TestScript, bool, []string) {
	return func(ts *testscript.TestScript, neg bool, args []string) {
		if neg || len(args) != 2 {
			ts.Fatalf("usage: cut|damage FILE N")
		}
		n, err := strconv.Atoi(args[1])
		ts.Check(err)
		path := ts.MkAbs(args[0])
		data, err := os.ReadFile(path)
		ts.Check(err)
		if n < 0 {
			n += len(data)
		}
		if n < 0 || n >= len(data) {
			ts.Fatalf("%s has %d bytes", args[0], len(data))
		}
		ts.Check(os.WriteFile(path, edit(data, n), 0o666))
	}
}
