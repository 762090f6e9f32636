package main

import (
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
)

// A probe whose binary only root may read loads plugins after it has become somebody else; one that somebody
// else starts says that it cannot read itself.
func TestUserOfAnotherBinary(t *testing.T) {
	if _, err := user.Lookup("nobody"); os.Getuid() != 0 || err != nil {
		t.Skipf("needs root and a user nobody: %v", err)
	}
	so := plugin(t, counting)
	dir, err := os.MkdirTemp("", "smprobe-") // others may not enter the parent of t.TempDir
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	c := cli(t)
	probe := filepath.Join(dir, "smprobe")
	for from, to := range map[string]string{filepath.Join(c.Bin, "smprobe"): probe, so: filepath.Join(dir, "p.so"), "../../testdata/pcap/scan445-small.pcap": filepath.Join(dir, "a.pcap")} {
		text, err := os.ReadFile(from)
		if err == nil {
			err = os.WriteFile(to, text, 0o644)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	for path, mode := range map[string]os.FileMode{dir: 0o755, probe: 0o711} {
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
	}
	args := []string{"run", "-q", "-r", "a.pcap", "-p", "p.so"}
	for _, name := range []string{"nobody", "65534"} {
		as := exec.Command(probe, append(args, "--user", name)...)
		as.Dir = dir
		if out, err := as.CombinedOutput(); err != nil {
			t.Errorf("--user %s: %v: %s", name, err, out)
		}
	}
	by := exec.Command(probe, args...)
	by.Dir, by.SysProcAttr = dir, &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
	want := "its own binary " + probe + " cannot be read: permission denied\nsmprobe: hint: let this user read it: chmod a+r " + probe
	if out, err := by.CombinedOutput(); err == nil || !strings.Contains(string(out), want) {
		t.Errorf("started by nobody: %v: %s; want %s", err, out, want)
	}
}

// With the environment that the unit of systemd gives, and no other, the probe finds what it takes to compile a
// program, and where to keep what compilers keep.
func TestUnitCompiles(t *testing.T) {
	unit, err := os.ReadFile("../../deploy/smprobe.service")
	if err != nil {
		t.Fatal(err)
	}
	c, cache := cli(t), t.TempDir()
	env := []string{"HOME=/", "LANG=C.UTF-8"} // as systemd does for a dynamic user
	for line := range strings.Lines(string(unit)) {
		if set, ok := strings.CutPrefix(strings.TrimSpace(line), "Environment="); ok {
			env = append(env, strings.ReplaceAll(set, "%C/smprobe", cache))
		}
		if path, ok := strings.CutPrefix(line, "Environment=PATH="); ok && !hasGo(path) {
			t.Skip("Go is not where the unit looks for it")
		}
	}
	if !strings.Contains(string(unit), "\nCacheDirectory=smprobe\n") {
		t.Error("the unit has no directory for caches")
	}
	gocache, err := exec.Command("go", "env", "GOCACHE").Output()
	if err != nil {
		t.Fatal(err)
	}
	for name, at := range map[string]string{"go-build": strings.TrimSpace(string(gocache)), "smcc": c.Cache} { // warm ones
		if err := os.MkdirAll(at, 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink(at, filepath.Join(cache, name)); err != nil {
			t.Fatal(err)
		}
	}
	r := startCommand(t, func(cmd *exec.Cmd, _ string) { cmd.Env = env }, "-q")
	file := filepath.Join(t.TempDir(), "counter.smon")
	if err := os.WriteFile(file, []byte(counting), 0o600); err != nil {
		t.Fatal(err)
	}
	if out := r.must("load", file); !strings.Contains(out, "loaded counter, version ") {
		t.Errorf("load prints %q", out)
	}
}

// hasGo reports whether the go command is in one of the directories of path.
func hasGo(path string) bool {
	for _, dir := range filepath.SplitList(strings.TrimSpace(path)) {
		if st, err := os.Stat(filepath.Join(dir, "go")); err == nil && st.Mode().IsRegular() {
			return true
		}
	}
	return false
}

// A plugin that is there for whoever asks, and not for the probe, is told apart from one that is nowhere.
func TestLoadUnseen(t *testing.T) {
	nobody, err := user.Lookup("nobody")
	if os.Getuid() != 0 || err != nil {
		t.Skipf("needs root and a user nobody: %v", err)
	}
	so := plugin(t, counting) // in a directory of root's
	uid, _ := strconv.Atoi(nobody.Uid)
	r := startCommand(t, func(_ *exec.Cmd, dir string) {
		if err := os.Chown(dir, uid, -1); err != nil { // the socket is made by that user
			t.Fatal(err)
		}
	}, "-q", "--user", "nobody")
	r.refused(1, []string{"permission denied", "smprobe: hint: it is there, but the probe does not see it"}, "load", so)
	r.refused(1, []string{"permission denied", "smprobe: hint: check the permissions"}, "load", so+".none")
	r.refused(1, []string{"no such file or directory\n"}, "load", "/none.so")
}
