package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strings"
	"syscall"
	"testing"

	"github.com/streamon/streamon/codegen/build"
	"github.com/streamon/streamon/internal/sdk"
)

// edited returns a copy of a file with its bytes changed by f.
func edited(t *testing.T, path string, f func([]byte) []byte) string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	out := filepath.Join(t.TempDir(), "edited.so")
	if err := os.WriteFile(out, f(data), 0o666); err != nil {
		t.Fatal(err)
	}
	return out
}

// TestFailedReplace gives a running probe everything that must not replace a
// program. Each is refused with its reason and, where there is one, a way out; the
// old generation and its neighbour go on.
func TestFailedReplace(t *testing.T) {
	good := plugin(t, keeper)
	next := plugin(t, edit(t, keeper, "limit = 5", "limit = 6"))
	dir := t.TempDir()
	text := filepath.Join(dir, "text.so")
	if err := os.WriteFile(text, []byte("not a plugin\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	r := start(t, "-p", good, "-p", plugin(t, counter))
	r.send(burst()...)

	replace := func(path string, more ...string) []string { return append([]string{"replace", path}, more...) }
	tests := []struct {
		name  string
		args  []string
		code  int
		texts []string
	}{
		{"no file", replace(dir + "/none.so"), 1, []string{"no such file or directory"}},
		{"a directory", replace(dir), 1, []string{"not a regular file"}},
		{"a device", replace("/dev/zero"), 1, []string{"not a regular file"}},
		{"text", replace(text), 1, []string{"not made by smcc", "hint: make a plugin with: smcc build"}},
		{"empty", replace(edited(t, next, func(b []byte) []byte { return nil })), 1, []string{"not made by smcc", "hint: "}},
		{"truncated", replace(edited(t, next, func(b []byte) []byte { return b[:len(b)/2] })), 1, []string{"not made by smcc"}},
		{"one byte short", replace(edited(t, next, func(b []byte) []byte { return b[:len(b)-1] })), 1, []string{"not made by smcc"}},
		{"a byte more", replace(edited(t, next, func(b []byte) []byte { return append(b, 0) })), 1, []string{"not made by smcc"}},
		{"a bit flipped", replace(edited(t, next, func(b []byte) []byte { b[len(b)/3] ^= 1; return b })), 1,
			[]string{"SHA-256 differs from its manifest", "hint: copy it again"}},
		{"its beginning gone", replace(edited(t, next, func(b []byte) []byte { return b[4096:] })), 1, []string{"SHA-256 differs"}},
		{"manifest damaged", replace(edited(t, next, func(b []byte) []byte { b[len(b)-20] ^= 0x80; return b })), 1, []string{"hint"}},
		{"manifest edited", replace(reseal(t, next, func(m *sdk.Manifest) { m.SDKSHA256 = strings.Repeat("0", 64) })), 2,
			[]string{"built against runtime 00000000, this probe has ", "hint: rebuild it for this probe: smcc build --probe "}},
		{"a later interface", replace(reseal(t, next, func(m *sdk.Manifest) { m.ABI = 99 })), 2, []string{"program interface 99", "hint: upgrade smprobe"}},
		{"another name in the manifest", replace(reseal(t, next, func(m *sdk.Manifest) { m.Name, m.ID = "counter", "0123456789abcdef" })), 1,
			[]string{`its code says program "keeper"`}},
		{"a program that is not loaded", replace(plugin(t, edit(t, counter, "program counter", "program other"))), 1,
			[]string{`program "other" is not loaded`, "hint: use load"}},
		{"an unknown parameter", replace(next, "--set", "keeper.limt=3"), 2, []string{`no parameter "limt"`, "hint: its parameters are limit"}},
		{"a parameter of another type", replace(next, "--set", "keeper.limit=ten"), 2, []string{`parameter limit: "ten": expected a whole number`}},
		{"no parameter", replace(next, "--set", "limit"), 2, []string{"expected program.name=value", "hint: for instance"}},
		{"an unknown list", replace(next, "--list", "keeper.bad="+text), 2, []string{`no list "bad"`}},
		{"load it again", []string{"load", next}, 1, []string{`program "keeper" is loaded already`, "hint: use replace"}},
		{"unload what is not there", []string{"unload", "other"}, 1, []string{`program "other" is not loaded`, `hint: loaded are ["keeper" "counter"]`}},
		{"show what is not there", []string{"show", "other"}, 1, []string{`program "other" is not loaded`}},
		{"reload what is not there", []string{"reload", "other"}, 1, []string{`program "other" is not loaded`}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r.t = t
			before := r.show("keeper")
			r.refused(tt.code, tt.texts, tt.args...)
			if after := r.show("keeper"); after.Generation != 1 || !reflect.DeepEqual(after, before) {
				t.Errorf("the old generation changed: %+v, was %+v", after, before)
			}
			r.send(frame(0, 99, 99)) // late, and so at the newest time: no timer is due
		})
	}
	r.t = t
	r.must("replace", next)
	r.send(frame(0, 99, 99))
	code, s := r.end()
	for _, name := range []string{"keeper", "counter"} {
		if p := s.program(name); code != 0 || p.Packets != r.sent || p.Status != "running" {
			t.Errorf("exit %d; %s is %s after %d of %d packets", code, name, p.Status, p.Packets, r.sent)
		}
	}
	if n := s.program("keeper").Generation; n != 2 {
		t.Errorf("generation = %d, want 2: failed ones do not count", n)
	}
}

// reseal changes the manifest of a plugin and seals it again, as somebody would
// who wants to pass it off for another one.
func reseal(t *testing.T, path string, change func(*sdk.Manifest)) string {
	t.Helper()
	return edited(t, path, func(data []byte) []byte {
		body, m, err := sdk.Unseal(data)
		if err != nil {
			t.Fatal(err)
		}
		change(&m)
		out, err := sdk.Seal(body, m)
		if err != nil {
			t.Fatal(err)
		}
		return out
	})
}

// TestOtherProbe builds a plugin for a probe with other build settings. The present
// one refuses it and names the command that mends it; that command does.
func TestOtherProbe(t *testing.T) {
	c := cli(t)
	dir := t.TempDir()
	other := filepath.Join(dir, "other")
	cmd := exec.Command("go", "build", "-trimpath", "-pgo=off", "-buildvcs=false", "-tags=other", "-o", other, "./cmd/smprobe")
	cmd.Dir = c.Root
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	if err := os.WriteFile(filepath.Join(dir, "counter.smon"), []byte(counter), 0o666); err != nil {
		t.Fatal(err)
	}
	if out, err := c.Command(dir, "smcc", "build", "-q", "--probe", other, "counter.smon").CombinedOutput(); err != nil {
		t.Fatalf("smcc build: %v\n%s", err, out)
	}
	r := start(t)
	path := filepath.Join(dir, "counter.so")
	out, code := r.ask("load", path)
	if code != 2 || !strings.Contains(out, `built with -tags="other", this probe with ""`) {
		t.Errorf("load = %d %q, want 2 and the setting that differs", code, out)
	}
	_, hint, _ := strings.Cut(out, "hint: rebuild it for this probe: ")
	words := strings.Fields(hint)
	if len(words) == 0 || words[0] != "smcc" {
		t.Fatalf("no command in %q", out)
	}
	if out, err := c.Command(dir, words[0], words[1:]...).CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", hint, err, out)
	}
	r.must("load", path)
	r.send(burst()...)
	if code, s := r.end(); code != 0 || s.program("counter").Packets != burstPackets {
		t.Errorf("exit %d; counter saw %d packets, want %d", code, s.program("counter").Packets, burstPackets)
	}
}

// faulty is generated code as a bug of the compiler would make it: Process panics
// at line 7 of its program when it meets packet number at, New if at is negative.
func faulty(t *testing.T, at int) string {
	t.Helper()
	c := cli(t)
	text, err := c.Command("", "smprobe", "sdk", "--json").Output()
	if err != nil {
		t.Fatal(err)
	}
	d := new(sdk.Description)
	if err := json.Unmarshal(text, d); err != nil {
		t.Fatal(err)
	}
	res, err := build.Plugin(context.Background(), build.Unit{
		Name: "faulty", Source: "faulty.smon", Text: fmt.Append(nil, at),
		Emit: func(pkg, id string) ([]byte, error) {
			return fmt.Appendf(nil, `package %s

import (
	"github.com/streamon/streamon/runtime/packet"
	"github.com/streamon/streamon/runtime/program"
)

var Streamon = program.Info{
	Manifest: program.Manifest{ABI: program.ABI, Name: "faulty", ID: %q, File: "faulty.smon", Version: "%d"},
	New: newMachine,
}

type machine struct{ packets, at int }

func newMachine(*program.Env) (program.Instance, error) {
	m := &machine{at: %d}
	if m.at < 0 {
		var none []int
//line faulty.smon:3:1
		none[m.packets]++
	}
	return m, nil
}

func (m *machine) Activate()           {}
func (m *machine) Tick(packet.Time)    {}
func (m *machine) Stats(s *program.Stats) { s.Packets += uint64(m.packets) }
func (m *machine) Process(b *packet.Batch, v *program.Verdicts) {
	for range b.Packets[:b.N] {
		if m.packets++; m.packets == m.at {
			var none *machine
//line faulty.smon:7:1
			none.packets++
		}
	}
}
func (m *machine) States(func(string, []program.Field, string, packet.Time) bool) {}
func (m *machine) Tables(func(string, []program.Field, program.Value) bool)       {}

func main() {}
`, pkg, id, at, at), nil
		},
	}, d, build.Options{Cache: c.Cache})
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "faulty.so")
	if err := build.Deliver(path, res.File); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestPanic checks that a program that panics stops alone, that the probe says
// where in the program it was, and that a version without the bug can replace it.
func TestPanic(t *testing.T) {
	r := start(t, "-p", plugin(t, counter))
	r.refused(1, []string{"panic while starting at faulty.smon:3: ", "index out of range"}, "load", faulty(t, -1))
	r.must("load", faulty(t, 10))
	r.send(burst()...)
	s := r.list()
	p := s.program("faulty")
	if p.Status != "stopped" || !strings.Contains(p.Error, "panic while processing packets at faulty.smon:7: ") {
		t.Errorf("faulty is %q, %q, want stopped, at faulty.smon:7", p.Status, p.Error)
	}
	if !strings.Contains(r.err.String(), "program faulty was stopped: panic while processing packets at faulty.smon:7") {
		t.Errorf("standard error does not say where:\n%s", r.err.String())
	}
	r.send(burst()...)
	s = r.list()
	if n := s.program("counter").Packets; n != r.sent {
		t.Errorf("counter saw %d packets, want %d", n, r.sent)
	}
	r.must("replace", faulty(t, 1_000_000))
	r.send(burst()...)
	s = r.list()
	if p := s.program("faulty"); p.Status != "running" || p.Generation != 2 {
		t.Errorf("after the replacement faulty is %q, generation %d", p.Status, p.Generation)
	}
	if code, _ := r.end(); code != 0 {
		t.Errorf("exit %d after the bug was replaced, want 0", code)
	}

	r = start(t, "-p", plugin(t, counter), "-p", faulty(t, 10))
	r.send(burst()...)
	code, s := r.end()
	if n := s.program("counter").Packets; code != 3 || n != burstPackets {
		t.Errorf("exit %d, counter saw %d packets, want 3 and %d", code, n, burstPackets)
	}
}

// TestEnd ends probes by signals while their input is open: they write their
// summary and take their socket away.
func TestEnd(t *testing.T) {
	for _, sig := range []syscall.Signal{syscall.SIGTERM, syscall.SIGINT} {
		r := start(t, "-p", plugin(t, counter))
		r.send(burst()...)
		code, s := r.signal(sig)
		if code != 0 || s.Packets.Read != burstPackets || !strings.Contains(r.err.String(), fmt.Sprintf("%d packets, ", burstPackets)) {
			t.Errorf("%v: exit %d, %d packets in the summary, standard error:\n%s", sig, code, s.Packets.Read, r.err.String())
		}
		if _, err := os.Lstat(r.socket); err == nil {
			t.Errorf("%v: the socket is still there", sig)
		}
	}
	// Before anything was written to the pipe.
	r := start(t)
	if code, _ := r.signal(syscall.SIGTERM); code != 0 {
		t.Errorf("exit %d before the first packet, want 0", code)
	}
}

// TestSocket checks who gets a socket, and what clients say without a probe.
func TestSocket(t *testing.T) {
	c := cli(t)
	r := start(t, "-p", plugin(t, counter))
	capture := filepath.Join(c.Root, "testdata", "pcap", "vlan-http.pcap")
	second := func(socket string) (string, int) {
		cmd := c.Command("", "smprobe", "run", "-q", "-r", capture, "--socket", socket)
		out, _ := cmd.CombinedOutput()
		return string(out), cmd.ProcessState.ExitCode()
	}
	if out, code := second(r.socket); code != 1 || !strings.Contains(out, "another probe listens there") {
		t.Errorf("a second probe = %d %q", code, out)
	}
	r.send(burst()...) // the first one did not notice
	if st, err := os.Stat(r.socket); err != nil || st.Mode().Perm() != 0o600 {
		t.Errorf("socket: %v, %v, want mode 0600", st.Mode(), err)
	}

	// A socket that a dead probe left behind.
	r.cmd.Process.Kill()
	r.cmd.Wait()
	if _, err := os.Lstat(r.socket); err != nil {
		t.Fatalf("a killed probe took its socket away: %v", err)
	}
	for _, args := range [][]string{{"list"}, {"show", "x"}, {"unload", "x"}, {"reload"}, {"load", plugin(t, counter)}, {"replace", plugin(t, counter)}} {
		r.refused(1, []string{"no probe listens there", "hint: start one: smprobe run --socket"}, args...)
	}
	if out, code := second(r.socket); code != 0 {
		t.Errorf("a new probe at the old socket = %d %q", code, out)
	}
	if _, err := os.Lstat(r.socket); err == nil {
		t.Error("the new probe left the socket")
	}
	r.refused(1, []string{"no probe listens there"}, "list") // no file at all

	// What is no socket is left alone.
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, []byte("mine"), 0o666); err != nil {
		t.Fatal(err)
	}
	if out, code := second(file); code != 1 || !strings.Contains(out, "is not a socket") {
		t.Errorf("a probe at a file = %d %q", code, out)
	}
	if text, _ := os.ReadFile(file); string(text) != "mine" {
		t.Errorf("the file was changed: %q", text)
	}
	if out, code := second("/" + strings.Repeat("long/", 40)); code != 1 || !strings.Contains(out, "107 at most") {
		t.Errorf("a long path = %d %q", code, out)
	}
	if out, code := second(file + "/none/s"); code != 1 {
		t.Errorf("no directory = %d %q", code, out)
	}
	r.socket = ""
	if out, code := r.ask("list"); code == 0 {
		t.Errorf("list without a socket = %d %q", code, out)
	}
}

// TestLists changes the file of a list while the probe runs.
func TestLists(t *testing.T) {
	const lists = `program lists "who is listed"
list bad = file("bad.txt")
event packet: packet where ip.src in bad
on packet { alert info "{ip.src} is bad" }
`
	c := cli(t)
	dir := t.TempDir()
	write := func(name, text string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	write("lists.smon", lists)
	write("bad.txt", "10.0.0.1\n")
	write("mine.txt", "10.0.0.2 # mine\n")
	if out, err := c.Command(dir, "smcc", "build", "-q", "lists.smon").CombinedOutput(); err != nil {
		t.Fatalf("smcc build: %v\n%s", err, out)
	}
	so, mine := filepath.Join(dir, "lists.so"), filepath.Join(dir, "mine.txt")
	r := start(t, "-p", so)
	bad := func() (hosts string) {
		t.Helper()
		before := len(r.alerts("lists"))
		r.send(frame(0, 1, 1), frame(0, 2, 1), frame(0, 3, 1), frame(0, 4, 1))
		for i := range 5 {
			if strings.Contains(r.alerts("lists")[before:], fmt.Sprintf("10.0.0.%d is bad", i)) {
				hosts += fmt.Sprint(i)
			}
		}
		return hosts
	}
	if got := bad(); got != "1" {
		t.Errorf("as compiled: %q are bad, want 1", got)
	}
	r.must("replace", so, "--list", "lists.bad="+mine)
	if got := bad(); got != "2" {
		t.Errorf("from a file: %q are bad, want 2", got)
	}
	write("mine.txt", "10.0.0.3\n10.0.0.4\n")
	if got := bad(); got != "2" {
		t.Errorf("before reload: %q are bad, want 2", got)
	}
	if out := r.must("reload", "lists"); out != "1 lists read again\n" {
		t.Errorf("reload = %q", out)
	}
	if got := bad(); got != "34" {
		t.Errorf("after reload: %q are bad, want 3 and 4", got)
	}
	write("mine.txt", "10.0.0.1\nnonsense 7\n")
	r.refused(1, []string{"list bad", "mine.txt"}, "reload")
	if got := bad(); got != "34" {
		t.Errorf("after a reload that failed: %q are bad, want 3 and 4 as before", got)
	}
	r.refused(1, []string{"list bad", "no such file"}, "replace", so, "--list", "lists.bad="+filepath.Join(dir, "none.txt"))
	r.refused(2, []string{`no list "good"`}, "replace", so, "--list", "lists.good="+mine)
	write("mine.txt", "10.0.0.1\n")
	r.must("replace", so) // the file is inherited
	if got := bad(); got != "1" {
		t.Errorf("after another replacement: %q are bad, want 1", got)
	}
	if got := r.show("lists").Lists["bad"]; got != mine {
		t.Errorf("list file in force = %q, want %q", got, mine)
	}
}
