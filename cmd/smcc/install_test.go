package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestInstall follows the README: clone, make install, delete the clone. What was
// installed then compiles and loads programs in both ways, elsewhere, without
// network and without a module cache.
func TestInstall(t *testing.T) {
	c := cli(t)
	if _, err := os.Stat(filepath.Join(c.Root, ".git")); err != nil {
		t.Skip("not in a git checkout: nothing to clone")
	}
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("needs git, which is not installed")
	}
	dir := t.TempDir()
	clone, prefix := filepath.Join(dir, "clone"), filepath.Join(dir, "prefix")
	sh(t, exec.Command("git", "clone", "-q", c.Root, clone))
	install := exec.Command("make", "-s", "install", "PREFIX="+prefix)
	install.Dir = clone
	sh(t, install)
	if err := os.RemoveAll(clone); err != nil {
		t.Fatal(err)
	}

	installed := *c
	installed.Bin = filepath.Join(prefix, "bin")
	work := t.TempDir()
	if err := os.CopyFS(work, os.DirFS(filepath.Join(c.Root, "examples", "portscan"))); err != nil {
		t.Fatal(err)
	}
	run := func(name string, args ...string) string {
		t.Helper()
		cmd := installed.Command(work, name, args...)
		cmd.Env = append(cmd.Env, "XDG_CACHE_HOME="+filepath.Join(dir, "cache"), "PATH="+os.Getenv("PATH"))
		return sh(t, cmd)
	}
	capture := filepath.Join(c.Root, "testdata", "pcap", "portscan-nmap-syn.pcap")
	run("smcc", "build", "-q", "portscan.smon")
	plugin := run("smprobe", "run", "-r", capture, "-p", "portscan.so")
	if !strings.Contains(plugin, `"program":"portscan"`) {
		t.Errorf("plugin: alerts = %q", plugin)
	}
	run("smcc", "build", "-q", "--static", "-o", "probe", "portscan.smon")
	static := exec.Command(filepath.Join(work, "probe"), "run", "-r", capture)
	static.Env = []string{"PATH=/nowhere"}
	if out := sh(t, static); out != plugin {
		t.Errorf("static probe: alerts = %q\nplugin: alerts = %q", out, plugin)
	}
	for _, name := range []string{"man/man1/smcc.1", "man/man1/smprobe.1", "bash-completion/completions/smcc", "zsh/site-functions/_streamon", "fish/vendor_completions.d/smprobe.fish"} {
		if st, err := os.Stat(filepath.Join(prefix, "share", name)); err != nil || st.Size() == 0 {
			t.Errorf("share/%s was not installed (%v)", name, err)
		}
	}
	if out := run("smcc", "doctor"); !strings.Contains(out, "loads and runs it") {
		t.Errorf("smcc doctor = %q, want a plugin that loads", out)
	}
}

// sh runs cmd and returns its standard output; a failure ends the test.
func sh(t *testing.T, cmd *exec.Cmd) string {
	t.Helper()
	var out, stderr strings.Builder
	cmd.Stdout, cmd.Stderr = &out, &stderr
	if err := cmd.Run(); err != nil {
		t.Fatalf("%s: %v\n%s", strings.Join(cmd.Args, " "), err, stderr.String())
	}
	return out.String()
}
