//go:build linux

package doc_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// TestCommands runs the commands of every page in a directory that looks like
// the checkout, with its standard output on a terminal, and compares what they
// write with the page.
func TestCommands(t *testing.T) {
	if testing.Short() {
		t.Skip("commands compile programs: not with -short")
	}
	for _, name := range pages(t) {
		page := read(t, name)
		list := blocks(t, name, page)
		if !slices.ContainsFunc(list, func(b *block) bool { return b.lang == "console" }) {
			continue
		}
		t.Run(strings.TrimPrefix(name, "../"), func(t *testing.T) {
			if _, err := exec.LookPath("curl"); err != nil && strings.Contains(page, "$ curl") {
				t.Skipf("its commands need curl: %v", err)
			}
			dir := checkout(t)
			var fresh strings.Builder
			done := 0
			for _, b := range list {
				if (b.lang == "smon" || b.lang == "txtar") && b.file() != "" {
					write(t, filepath.Join(dir, b.file()), b.text)
				}
				if b.lang != "console" {
					continue
				}
				got := session(t, dir, b)
				if got != b.text && !*update {
					t.Errorf("%s:%d: the commands write\n%s\nthe page says\n%s", name, b.line, got, b.text)
				}
				fresh.WriteString(page[done:b.begin])
				fresh.WriteString(got)
				done = b.end
			}
			fresh.WriteString(page[done:])
			if *update && fresh.String() != page {
				write(t, name, fresh.String())
			}
		})
	}
}

// session runs the commands of a block and returns the block as it should be.
func session(t *testing.T, dir string, b *block) string {
	t.Helper()
	var out strings.Builder
	for line := range strings.Lines(b.text) {
		command, ok := strings.CutPrefix(line, "$ ")
		if !ok {
			continue
		}
		out.WriteString(line)
		out.WriteString(terminal(t, dir, strings.TrimSpace(command), b.has("nostderr")))
	}
	return out.String()
}

// colours are the escapes of a terminal.
var colours = regexp.MustCompile("\x1b\\[[0-9;]*m")

// times are what differs from run to run.
var times = regexp.MustCompile(`read in [0-9.]+ s, [0-9]+ packets/s|built in [0-9.]+ s`)

// terminal runs a command, for three minutes at most, with its standard output on a pseudo-terminal and
// returns what it writes there and, unless quiet, to standard error.
func terminal(t *testing.T, dir, command string, quiet bool) string {
	t.Helper()
	master, slave := pty(t)
	defer master.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, "sh", "-c", command)
	cmd.Dir, cmd.Stdout = dir, slave
	var stderr bytes.Buffer
	if quiet {
		cmd.Stderr = &stderr
	} else {
		cmd.Stderr = slave
	}
	cmd.Env = append(os.Environ(), "NO_COLOR=1", "TERM=dumb")
	var text []byte
	var reading sync.WaitGroup
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	slave.Close()
	reading.Go(func() { text, _ = io.ReadAll(master) }) // it ends with EIO when the last writer is gone
	err := cmd.Wait()
	reading.Wait()
	if exit, ok := err.(*exec.ExitError); err != nil && (!ok || exit.ExitCode() > 1) {
		t.Errorf("%s: %v\n%s", command, err, stderr.Bytes())
	}
	lines := strings.ReplaceAll(colours.ReplaceAllString(string(text), ""), "\r\n", "\n")
	return times.ReplaceAllStringFunc(lines, func(s string) string {
		word, _, _ := strings.Cut(s, " in ")
		return word + " in …"
	})
}

// pty opens a pseudo-terminal.
func pty(t *testing.T) (master, slave *os.File) {
	t.Helper()
	master, err := os.OpenFile("/dev/ptmx", os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Skipf("no pseudo-terminals here: %v", err)
	}
	if err := unix.IoctlSetPointerInt(int(master.Fd()), unix.TIOCSPTLCK, 0); err != nil {
		t.Skipf("unlocking a pseudo-terminal: %v", err)
	}
	n, err := unix.IoctlGetInt(int(master.Fd()), unix.TIOCGPTN)
	if err != nil {
		t.Skipf("numbering a pseudo-terminal: %v", err)
	}
	slave, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", n), os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Skipf("opening a pseudo-terminal: %v", err)
	}
	return master, slave
}

// checkout returns a new directory that looks like the checkout after make build.
func checkout(t *testing.T) string {
	t.Helper()
	bin, err := binaries()
	if err != nil {
		t.Fatal(err)
	}
	root, err := filepath.Abs("..")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for _, name := range []string{"doc", "examples", "testdata", "internal", "runtime", "go.mod", "go.sum"} {
		if err := os.Symlink(filepath.Join(root, name), filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink(bin, filepath.Join(dir, "bin")); err != nil {
		t.Fatal(err)
	}
	return dir
}

var binDir string // what binaries made, to be removed

// TestMain removes the binaries.
func TestMain(m *testing.M) {
	code := m.Run()
	if binDir != "" {
		os.RemoveAll(binDir)
	}
	os.Exit(code)
}

// binaries builds smcc and smprobe once, as make build does.
var binaries = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "doc-bin-")
	if err != nil {
		return "", err
	}
	binDir = dir
	for _, args := range [][]string{
		{"make", "-s", "dist/deps.tar.gz"},
		{"go", "build", "-trimpath", "-pgo=off", "-buildvcs=false", "-ldflags=-s -w", "-o", dir + "/", "./cmd/smcc", "./cmd/smprobe"},
	} {
		cmd := exec.Command(args[0], args[1:]...)
		cmd.Dir = ".."
		cmd.Env = append(os.Environ(), "CGO_ENABLED=1")
		if out, err := cmd.CombinedOutput(); err != nil {
			return "", fmt.Errorf("%s: %w\n%s", strings.Join(args, " "), err, out)
		}
	}
	return dir, nil
})
