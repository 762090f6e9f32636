package main

import (
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/streamon/streamon/internal/checkpoint"
	"github.com/streamon/streamon/internal/testkit"
)

// checkpointStatus is what the tests read of the checkpoint in list --json.
type checkpointStatus struct {
	File            string
	Written, Failed uint64
	Last            *string
	Bytes           int64
	Seconds, Pause  float64
	Error           string
}

func (r *running) checkpoint() (s checkpointStatus) {
	r.t.Helper()
	return decode[struct{ Checkpoint checkpointStatus }](r.t, r.must("list", "--json")).Checkpoint
}

// untilSaved waits for a checkpoint of all that was sent so far.
func (r *running) untilSaved() {
	r.t.Helper()
	was := r.checkpoint()
	r.until("two more checkpoints are written", func() bool { return r.checkpoint().Written >= was.Written+2 })
}

// said waits until the probe has said a text.
func (r *running) said(text string) {
	r.t.Helper()
	r.until("it says "+text, func() bool { return strings.Contains(r.err.String(), text) })
}

// A program that was replaced, and an instance of a tenant that was loaded by request, go
// on after a kill, the latter when it is loaded again; and whoever asks is told how
// checkpoints are doing.
func TestCheckpointLive(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state")
	args := []string{"--checkpoint", path, "--checkpoint-every", "50ms"}
	second := plugin(t, edit(t, keeper, "was noisy for", "made noise for"))
	r := start(t, append(args, "-p", plugin(t, keeper))...)
	tenant := []string{"load", "--name", "acme-c", "--tenant", "acme", plugin(t, counter)}
	r.must(tenant...)
	r.send(burst()...)
	if out := r.must("replace", second); !strings.Contains(out, "kept core") {
		t.Errorf("replace: %s", out)
	}
	r.send(frame(2*time.Second, 3, 1))
	r.untilSaved()
	before := r.show("keeper")
	if len(before.Entities) == 0 || len(before.Entries) == 0 {
		t.Fatalf("nothing to keep: %+v", before)
	}
	s := r.checkpoint()
	info, err := os.Stat(path)
	if err != nil || s.File != path || s.Failed != 0 || s.Last == nil || s.Bytes != info.Size() || s.Pause <= 0 || s.Seconds < s.Pause || s.Error != "" {
		t.Errorf("list says %+v; the file: %v, %v", s, info, err)
	}
	for _, command := range [][]string{{"list"}, {"show", "keeper"}} {
		if out := r.must(command...); !strings.Contains(out, "checkpoint "+path+": of 20") || !strings.Contains(out, "failed 0; the last one took") {
			t.Errorf("smprobe %q says\n%s", command, out)
		}
	}
	r.signal(syscall.SIGKILL)

	r = start(t, append(args, "-p", second)...)
	r.said("acme-c is not loaded: its state is kept until it is")
	r.said("keeper goes on after 2023-11-14T22:13:22.000000000Z, structures kept: ")
	if after := r.show("keeper"); !reflect.DeepEqual(after.Entities, before.Entities) || !reflect.DeepEqual(after.Entries, before.Entries) {
		t.Errorf("after the kill\n%+v\nbefore\n%+v", after, before)
	}
	r.untilSaved() // what is not loaded is in there still
	r.signal(syscall.SIGKILL)

	r = start(t, append(args, "-p", second)...)
	g := decode[struct {
		Memory []struct {
			Name string
			Kept bool
		}
	}](t, r.must(append(tenant, "--json")...))
	for _, m := range g.Memory {
		if !m.Kept {
			t.Errorf("the tenant's instance begins without its %s", m.Name)
		}
	}
	r.must("unload", "acme-c")
	r.untilSaved()
	if code, _ := r.signal(syscall.SIGTERM); code != 0 {
		t.Errorf("exit %d: %s", code, r.err.String())
	}

	r = start(t, args...) // nothing but what is kept
	r.said("keeper is not loaded: its state is kept until it is")
	if text := r.err.String(); strings.Contains(text, "acme-c") {
		t.Errorf("what was unloaded is in the checkpoint:\n%s", text)
	}
	r.must("unload", "keeper")
	r.refused(1, []string{"not loaded"}, "unload", "keeper")
	r.untilSaved()
	if f, err := checkpoint.Read(path); err != nil || len(f.Programs) != 0 {
		t.Errorf("after unload: %+v, %v", f, err)
	}
}

// A reload loads a program with the state that was kept for it, and says of other keys that
// a restart is needed.
func TestCheckpointReload(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "state")
	config := filepath.Join(dir, "probe.toml")
	write := func(text string) {
		t.Helper()
		if err := os.WriteFile(config, fmt.Appendf(nil, "checkpoint = %q\n%s", path, text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	program := fmt.Sprintf("[[program]]\nfile = %q\n", plugin(t, keeper))
	write(program)
	r := start(t, "--config", config)
	r.send(burst()...)
	before := r.show("keeper")
	if code, _ := r.end(); code != 0 {
		t.Fatalf("exit %d: %s", code, r.err.String())
	}

	write("")
	r = start(t, "--config", config)
	r.said("keeper is not loaded")
	write("checkpoint-every = \"1m\"\n" + program)
	r.cmd.Process.Signal(syscall.SIGHUP)
	r.said("a restart is needed for the new --checkpoint-every")
	if text := r.err.String(); !strings.Contains(text, "loaded keeper, keeper goes on after 2023-") {
		t.Errorf("standard error:\n%s", text)
	}
	if after := r.show("keeper"); len(after.Entities) == 0 || !reflect.DeepEqual(after.Entities, before.Entities) {
		t.Errorf("after the reload\n%+v\nbefore\n%+v", after, before)
	}
}

// On a full disk checkpoints fail, are counted, and leave the one that is there; when there
// is room again they are written again.
func TestCheckpointDiskFull(t *testing.T) {
	dir := t.TempDir()
	if err := syscall.Mount("none", dir, "tmpfs", 0, "size=1m"); err != nil {
		t.Skipf("needs to mount a file system: %v", err)
	}
	t.Cleanup(func() { syscall.Unmount(dir, syscall.MNT_DETACH) })
	path, filler := filepath.Join(dir, "state"), filepath.Join(dir, "filler")
	r := start(t, "--checkpoint", path, "--checkpoint-every", "20ms", "-p", plugin(t, keeper))
	r.send(burst()...)
	r.untilSaved()
	os.WriteFile(filler, make([]byte, 1<<20), 0o600) // as much as there is room for
	r.until("checkpoints fail", func() bool { return r.checkpoint().Failed > 0 })
	before, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	failed := r.checkpoint().Failed
	r.until("it tries again", func() bool { return r.checkpoint().Failed > failed+2 })
	s := r.checkpoint()
	if !strings.Contains(s.Error, "no space left on device") || s.Bytes != int64(len(before)) {
		t.Errorf("list says %+v", s)
	}
	if out := r.must("show", "keeper"); !strings.Contains(out, "the last one could not be written: write "+path+".part: no space left on device") {
		t.Errorf("show says\n%s", out)
	}
	if after, err := os.ReadFile(path); err != nil || string(after) != string(before) {
		t.Errorf("the checkpoint changed: %v", err)
	}
	if _, err := checkpoint.Read(path); err != nil {
		t.Error(err)
	}
	if text := r.err.String(); strings.Count(text, "smprobe: error: writing a checkpoint: ") != 1 {
		t.Errorf("it is said once that they fail:\n%s", text)
	}
	if err := os.Remove(filler); err != nil {
		t.Fatal(err)
	}
	r.said("checkpoints are written to " + path + " again")
	if s := r.checkpoint(); s.Error != "" || s.Failed == 0 {
		t.Errorf("list says %+v", s)
	}
	os.WriteFile(filler, make([]byte, 1<<20), 0o600)
	if code, _ := r.end(); code != 1 {
		t.Errorf("exit %d after an end without a checkpoint, want 1", code)
	}
}

// With --user the checkpoint is that user's alone, and cannot be in a directory that is not.
func TestCheckpointUser(t *testing.T) {
	uid, dir := testkit.Nobody(t)
	path := filepath.Join(dir, "state")
	run := func() (string, int) {
		cmd := cli(t).Command(dir, "smprobe", "run", "-r", "-", "--user", "nobody", "--checkpoint", path)
		in, err := os.Open(filepath.Join("..", "..", "testdata", "pcap", "vlan-http.pcap"))
		if err != nil {
			t.Fatal(err)
		}
		defer in.Close()
		cmd.Stdin = in
		out, _ := cmd.CombinedOutput()
		return string(out), cmd.ProcessState.ExitCode()
	}
	if out, code := run(); code != 1 || !strings.Contains(out, "smprobe: error: --checkpoint: open "+path+".lock: permission denied") {
		t.Errorf("in a directory of root: exit %d\n%s", code, out)
	}
	if err := os.Chown(dir, uid, -1); err != nil {
		t.Fatal(err)
	}
	for range 2 { // the second one reads what the first has written
		if out, code := run(); code != 0 || !strings.Contains(out, "checkpoints written to ") {
			t.Errorf("exit %d\n%s", code, out)
		}
	}
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if owner := info.Sys().(*syscall.Stat_t).Uid; int(owner) != uid || info.Mode() != 0o600 {
		t.Errorf("the checkpoint is user %d's, mode %v; want %d, 0600", owner, info.Mode(), uid)
	}
}
