package main

import (
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
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
