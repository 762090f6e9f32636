package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// TestPlace: a probe leaves nothing in the directory for temporary files, not even while it
// runs or when it is killed; and it loads programs though the system tidies up there.
func TestPlace(t *testing.T) {
	first, second := plugin(t, counting), plugin(t, strings.Replace(counting, "program counter", "program tally", 1))
	place := t.TempDir()
	r := startWith(t, []string{"TMPDIR=" + place}, "-q", "-p", first)
	left := func(when string) {
		t.Helper()
		files, err := os.ReadDir(place)
		if err != nil || len(files) > 0 {
			t.Errorf("%s the probe leaves %v (%v)", when, files, err)
		}
	}
	left("while it runs")
	r.must("load", second)
	r.send(frame(0, 1, 2))
	for _, name := range []string{"counter", "tally"} {
		if p := r.show(name); p.Status != "running" || p.Packets != 1 {
			t.Errorf("%s is %s after %d packets", name, p.Status, p.Packets)
		}
	}
	r.signal(syscall.SIGKILL)
	left("killed")
}

// TestNoPlace: a directory for temporary files that plugins cannot be opened from is named,
// with what mends it.
func TestNoPlace(t *testing.T) {
	so, place := plugin(t, counting), t.TempDir()
	run := func(cmd *exec.Cmd, tmp string) string {
		t.Helper()
		cmd.Env = append(cmd.Env, "TMPDIR="+tmp)
		out, _ := cmd.CombinedOutput()
		if code := cmd.ProcessState.ExitCode(); code != 1 {
			t.Errorf("exit %d, want 1", code)
		}
		return string(out)
	}
	probe := func() *exec.Cmd {
		return cli(t).Command(place, "smprobe", "run", "-q", "-r", os.DevNull, "-p", so)
	}
	mounted := func(options string) string {
		const script = `mount -t tmpfs -o "$1" none "$TMPDIR" && shift && exec "$@"`
		inner := probe()
		cmd := exec.Command("unshare", append([]string{"-m", "sh", "-c", script, "sh", options, inner.Path}, inner.Args[1:]...)...)
		cmd.Dir, cmd.Env = inner.Dir, inner.Env
		return run(cmd, place)
	}
	outs := map[string]string{"no such file or directory": run(probe(), filepath.Join(place, "nowhere"))}
	if err := exec.Command("unshare", "-m", "mount", "-t", "tmpfs", "none", place).Run(); err == nil {
		outs["failed to map segment"] = mounted("noexec")
		outs["no space left on device"] = mounted("size=64k")
	} else {
		t.Logf("without mounts, which need root and unshare: %v", err)
	}
	for why, out := range outs {
		if !strings.Contains(out, "p.so: a private copy of the plugin: ") || !strings.Contains(out, why) ||
			!strings.Contains(out, "smprobe: hint: set TMPDIR to a directory with room") {
			t.Errorf("%q, want %q and a hint", out, why)
		}
	}
	if files, err := os.ReadDir(place); err != nil || len(files) > 0 {
		t.Errorf("left behind: %v (%v)", files, err)
	}
}
