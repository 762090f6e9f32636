package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/streamon/streamon/internal/capture"
	"github.com/streamon/streamon/internal/testkit"
	"github.com/streamon/streamon/runtime/packet"
)

// workDir holds what the tests of one run build. TestMain removes it.
var workDir string

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "smprobe-test-")
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
		t.Skip("builds smcc and smprobe, runs processes: not with -short")
	}
	c, err := buildCLI()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

var (
	pluginLock sync.Mutex
	plugins    = map[string]string{}
)

// plugin compiles the text of a program, once a run.
func plugin(t *testing.T, text string) string {
	t.Helper()
	c := cli(t)
	pluginLock.Lock()
	defer pluginLock.Unlock()
	if so, ok := plugins[text]; ok {
		return so
	}
	dir, err := os.MkdirTemp(workDir, "plugin-")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "p.smon"), []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
	if out, err := c.Command(dir, "smcc", "build", "-q", "p.smon").CombinedOutput(); err != nil {
		t.Fatalf("smcc build: %v\n%s", err, out)
	}
	plugins[text] = filepath.Join(dir, "p.so")
	return plugins[text]
}

// running is a probe in a process of its own. It reads its packets from a pipe, or
// what its arguments say.
type running struct {
	t        *testing.T
	cmd      *exec.Cmd
	socket   string
	summary  string // file
	stdin    io.WriteCloser
	w        *capture.Writer
	sent     uint64
	out, err testkit.Buffer
}

// start starts `smprobe run` with a control socket. Without --replay or -r among
// args it reads what send sends.
func start(t *testing.T, args ...string) *running {
	t.Helper()
	return startWith(t, nil, args...)
}

// startWith is start with more of an environment.
func startWith(t *testing.T, env []string, args ...string) *running {
	t.Helper()
	return startCommand(t, func(cmd *exec.Cmd, _ string) { cmd.Env = append(cmd.Env, env...) }, args...)
}

// startCommand is start of a command that change has changed; dir is the probe's.
func startCommand(t *testing.T, change func(cmd *exec.Cmd, dir string), args ...string) *running {
	t.Helper()
	c := cli(t)
	dir, err := os.MkdirTemp("", "smprobe-") // short: the path of a socket has 107 bytes
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	r := &running{t: t, socket: filepath.Join(dir, "s"), summary: filepath.Join(dir, "summary.json")}
	all := []string{"run", "--socket", r.socket, "--summary", r.summary}
	if !strings.Contains(strings.Join(args, " "), "--replay") {
		all = append(all, "-r", "-")
	}
	r.cmd = c.Command(dir, "smprobe", append(all, args...)...)
	change(r.cmd, dir)
	r.cmd.Stdout, r.cmd.Stderr = &r.out, &r.err
	if r.stdin, err = r.cmd.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	if err := r.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if r.cmd.ProcessState == nil {
			r.cmd.Process.Kill()
			r.cmd.Wait()
		}
	})
	r.until("the probe listens", func() bool {
		_, code := r.ask("list")
		return code == 0
	})
	return r
}

// until waits for a condition of the running probe.
func (r *running) until(what string, ok func() bool) {
	r.t.Helper()
	for deadline := time.Now().Add(20 * time.Second); !ok(); time.Sleep(2 * time.Millisecond) {
		if time.Now().After(deadline) {
			r.t.Fatalf("waited in vain until %s; standard error:\n%s", what, r.err.String())
		}
	}
}

// ask runs a client command and returns its output, both streams, and exit code.
func (r *running) ask(args ...string) (string, int) {
	r.t.Helper()
	cmd := cli(r.t).Command(filepath.Dir(r.socket), "smprobe", append(args, "--socket", r.socket)...)
	out, _ := cmd.CombinedOutput()
	return string(out), cmd.ProcessState.ExitCode()
}

// must is ask for what has to succeed.
func (r *running) must(args ...string) string {
	r.t.Helper()
	out, code := r.ask(args...)
	for try := 0; try < 20 && code != 0 && strings.Contains(out, "ask again when it is read"); try++ {
		out, code = r.ask(args...) // it is this process that reads, and was late
	}
	if code != 0 {
		r.t.Fatalf("smprobe %s = %d\n%s\nprobe:\n%s", strings.Join(args, " "), code, out, r.err.String())
	}
	return out
}

// refused checks that a command ends with code and says every one of texts.
func (r *running) refused(code int, texts []string, args ...string) {
	r.t.Helper()
	out, got := r.ask(args...)
	for _, text := range texts {
		if got != code || !strings.Contains(out, text) {
			r.t.Errorf("smprobe %s = %d %q, want %d and %q", strings.Join(args, " "), got, out, code, text)
		}
	}
}

// frame is a UDP packet from one of 256 hosts to one of 256 others.
func frame(at time.Duration, from, to byte) capture.Frame {
	return capture.Frame{
		Time: packet.Time(1_700_000_000*time.Second + at), WireLen: 42, Link: packet.LinkEthernet,
		Data: []byte{
			2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 8, 0,
			0x45, 0, 0, 28, 0, 0, 0, 0, 64, 17, 0, 0, 10, 0, 0, from, 192, 0, 2, to,
			0x10, 0, 0x20, 0, 0, 8, 0, 0,
		},
	}
}

// write hands packets to the probe; it may not have processed them yet.
func (r *running) write(frames ...capture.Frame) error {
	if r.w == nil {
		r.w = capture.NewWriter(r.stdin, "")
	}
	for i := range frames {
		if err := r.w.Write(&frames[i]); err != nil {
			return err
		}
		r.sent++
	}
	return r.w.Flush()
}

// send hands packets to the probe and waits until they are processed.
func (r *running) send(frames ...capture.Frame) {
	r.t.Helper()
	if err := r.write(frames...); err != nil {
		r.t.Fatalf("writing packets: %v", err)
	}
	r.until("all packets are read", func() bool { return r.list().Packets.Read == r.sent })
}

// summaryFile is what the tests read of a summary and of list --json.
type summaryFile struct {
	Packets  struct{ Read uint64 }
	Last     string
	Programs []programInfo
}

type programInfo struct {
	Name, Version, Status, Error string
	Generation                   int
	Packets, Shed                uint64
	Events                       map[string]uint64
	States                       map[string]map[string]int
	Memory                       []struct {
		Name, Kind string
		Used       int
	}
	Records struct{ Alert uint64 }
}

func (s *summaryFile) program(name string) *programInfo {
	for i := range s.Programs {
		if s.Programs[i].Name == name {
			return &s.Programs[i]
		}
	}
	return new(programInfo)
}

// detail is what the tests read of show --json.
type detail struct {
	programInfo
	Params   map[string]any
	Lists    map[string]string
	Shadow   struct{ Status string }
	Entities []struct {
		Entity string
		Key    map[string]any
		State  string
		Since  string
	}
	Entries []struct {
		Table string
		Key   map[string]any
		Value any
	}
}

func (d *detail) used(name, kind string) int {
	for _, m := range d.Memory {
		if m.Name == name && m.Kind == kind {
			return m.Used
		}
	}
	return -1
}

func decode[T any](t *testing.T, text string) (v T) {
	t.Helper()
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		t.Fatalf("%v in %q", err, text)
	}
	return v
}

func (r *running) list() summaryFile {
	r.t.Helper()
	return decode[summaryFile](r.t, r.must("list", "--json"))
}

func (r *running) show(name string) detail {
	r.t.Helper()
	return decode[detail](r.t, r.must("show", name, "--json", "--limit", "1000"))
}

// alerts are the probe's records of one program so far, one line each.
func (r *running) alerts(program string) string { return alertsOf(r.out.String(), program) }

func alertsOf(out, program string) string {
	var lines []string
	for line := range strings.Lines(out) {
		if strings.Contains(line, fmt.Sprintf(`"program":%q`, program)) {
			lines = append(lines, line)
		}
	}
	return strings.Join(lines, "")
}

// end closes the pipe, waits for the probe and returns its exit code and summary.
func (r *running) end() (int, summaryFile) {
	r.t.Helper()
	r.stdin.Close()
	return r.wait()
}

// signal sends a signal, waits for the probe and returns its exit code and summary.
func (r *running) signal(s syscall.Signal) (int, summaryFile) {
	r.t.Helper()
	r.cmd.Process.Signal(s)
	return r.wait()
}

func (r *running) wait() (int, summaryFile) {
	r.t.Helper()
	r.cmd.Wait()
	if code := r.cmd.ProcessState.ExitCode(); code != 0 {
		r.t.Logf("the probe ended with %d; standard error:\n%s", code, r.err.String())
	}
	var s summaryFile
	if text, err := os.ReadFile(r.summary); err == nil {
		s = decode[summaryFile](r.t, string(text))
	}
	return r.cmd.ProcessState.ExitCode(), s
}

// rss is the resident memory of the probe in bytes.
func (r *running) rss() int {
	r.t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/statm", r.cmd.Process.Pid))
	if err != nil {
		r.t.Skipf("needs /proc: %v", err)
	}
	var size, resident int
	fmt.Sscan(string(text), &size, &resident)
	return resident * os.Getpagesize()
}
