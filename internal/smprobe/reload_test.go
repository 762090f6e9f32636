package smprobe

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/streamon/streamon/internal/testkit"
	"github.com/streamon/streamon/internal/web"
	"github.com/streamon/streamon/runtime/program"
)

// eventually waits for a minute: machines are busy.
func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(time.Minute); !ok(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("not within a minute: %s", what)
		}
	}
}

// TestReload runs a probe with a configuration file that changes under it.
func TestReload(t *testing.T) {
	dir, in := t.TempDir(), writeCapture(t, 1000)
	path := func(name string) string { return filepath.Join(dir, name) }
	plugins := map[string]*program.Info{path("a.so"): talker("a", "1"), path("b.so"): talker("b", "1"), path("d.so"): talker("d", "1")}
	open := func(p string) (*program.Info, error) {
		if info := plugins[p]; info != nil {
			return info, nil
		}
		return nil, errors.New(p + ": not made by smcc")
	}
	write := func(text string) {
		t.Helper()
		head := fmt.Sprintf("replay = %q\nspeed = \"max\"\nloop = 0\nquiet = true\nsocket = %q\nhealth = \"%s\"\n", in, path("socket"), "%s")
		if err := os.WriteFile(path("c.toml"), []byte(strings.ReplaceAll(head, "%s", address(t))+strings.ReplaceAll(text, "DIR", dir)), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("workers = 1\n[[program]]\nfile = \"DIR/a.so\"\nset = { every = 50 }\n[[sink]]\nto = \"file:DIR/one\"\n")
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	var stderr testkit.Buffer
	var wg sync.WaitGroup
	code := -1
	wg.Go(func() {
		std := &stdio{ctx: ctx, in: strings.NewReader(""), out: io.Discard, err: &stderr, plugin: open}
		code = std.main([]string{"run", "--config", path("c.toml"), "--summary", path("sum")})
	})
	get := func(what string) (string, int) {
		a, err := http.Get("http://" + address(t) + what)
		if err != nil {
			return err.Error(), 0
		}
		defer a.Body.Close()
		text, _ := io.ReadAll(a.Body)
		return string(text), a.StatusCode
	}
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("the probe says:\n%s", stderr.String())
		}
	})
	eventually(t, "the probe is ready", func() bool { _, code := get("/readyz"); return code == 200 })
	if text, code := get("/healthz"); text != "ok\n" || code != 200 {
		t.Errorf("/healthz: %d %q", code, text)
	}
	if _, code := get("/v1/programs"); code != 404 {
		t.Errorf("the health address answers /v1/programs: %d", code)
	}
	n := 0
	reload := func(want ...string) {
		t.Helper()
		before := len(stderr.String())
		syscall.Kill(os.Getpid(), syscall.SIGHUP)
		n++
		eventually(t, fmt.Sprintf("%q after reload %d", want, n), func() bool {
			for _, w := range want {
				if !strings.Contains(stderr.String()[before:], w) {
					return false
				}
			}
			return true
		})
	}
	eventually(t, "the sink has records", func() bool { st, err := os.Stat(path("one")); return err == nil && st.Size() > 0 })
	write("workers = 2\n[[program]]\nfile = \"DIR/a.so\"\nset = { every = 4000 }\n[[program]]\nfile = \"DIR/b.so\"\n[[sink]]\nto = \"file:DIR/two\"\n")
	reload("c.toml was read again: replaced a, loaded b, 1 sinks", "a restart is needed for the new --workers")
	write("[[program]]\nfile = \"DIR/b.so\"\nset = { evry = 4 }\n")
	reload("smprobe: error: program \"b\": no parameter \"evry\"", "hint: its parameters are every", "was not taken over: the probe goes on as it was")
	write("[[program]\n")
	reload("c.toml:7:", "was not taken over")
	write("[[program]]\nfile = \"DIR/c.so\"\n")
	reload("c.so: not made by smcc", "was not taken over")
	write("[[sink]]\nto = \"file:DIR/no/such/three\"\n")
	reload("no/such/three: no such file or directory", "was not taken over")
	const both = "workers = 1\n[[program]]\nfile = \"DIR/a.so\"\nset = { every = 4000 }\n[[program]]\nfile = \"DIR/b.so\"\n"
	client := web.Dial(path("socket"))
	if err := client.Unload(ctx, "b"); err != nil {
		t.Fatal(err)
	}
	write(both + "[[sink]]\nto = \"file:DIR/two\"\n")
	reload("c.toml was read again: loaded b, 1 sinks")
	if err := os.WriteFile(path("d.so"), nil, 0o600); err != nil { // requests are for files that are there
		t.Fatal(err)
	}
	if _, err := client.Load(ctx, web.LoadRequest{Path: path("d.so")}); err != nil {
		t.Fatal(err)
	}
	write(both + "[[program]]\nfile = \"DIR/d.so\"\n[[sink]]\nto = \"file:DIR/two\"\n[[sink]]\nto = \"file:DIR/four\"\n")
	reload("smprobe: error: program \"d\" is loaded already", "c.toml was read again: 2 sinks")
	eventually(t, "the new sink has records", func() bool { st, err := os.Stat(path("four")); return err == nil && st.Size() > 0 })
	if err := client.Unload(ctx, "d"); err != nil {
		t.Fatal(err)
	}
	write("workers = 1\n[[program]]\nfile = \"DIR/b.so\"\n[[sink]]\nto = \"file:DIR/two\"\n")
	eventually(t, "the other sink has records", func() bool { st, err := os.Stat(path("two")); return err == nil && st.Size() > 0 })
	reload("unloaded a, 1 sinks")
	stop()
	wg.Wait()
	if code != 0 {
		t.Fatalf("exit %d: %s", code, stderr.String())
	}
	var s summary
	text, err := os.ReadFile(path("sum"))
	if err == nil {
		err = json.Unmarshal(text, &s)
	}
	if err != nil || len(s.Programs) != 1 || s.Programs[0].Name != "b" || len(s.Sinks) != 3 {
		t.Fatalf("summary: %v: %s", err, text)
	}
	for i, name := range []string{"two", "one", "four"} { // those of the past come last
		if k := s.Sinks[i]; k.Sink != "file:"+path(name) || k.Sent == 0 || k.Sent != k.Records {
			t.Errorf("sink %d: %+v", i, k)
		}
	}
	var v any
	json.Unmarshal(text, &v)
	if err := loadSchema(t).check(v, "summary"); err != nil {
		t.Error(err)
	}
}

var health struct {
	once sync.Once
	addr string
}

// address is one that is free.
func address(t *testing.T) string {
	health.once.Do(func() {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		health.addr = l.Addr().String()
	})
	return health.addr
}

// A service manager may listen at an abstract socket, which has no file.
func TestNotifyAbstract(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("abstract sockets are Linux's")
	}
	name := fmt.Sprintf("@smprobe-test-%d", os.Getpid())
	c, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: name, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	t.Setenv("NOTIFY_SOCKET", name)
	notify("READY=1")
	c.SetReadDeadline(time.Now().Add(time.Minute))
	buf := make([]byte, 100)
	if n, err := c.Read(buf); err != nil || string(buf[:n]) != "READY=1" {
		t.Errorf("the service manager was told %q: %v", buf[:n], err)
	}
}

// What a service manager is told, and how the log looks as JSON.
func TestNotify(t *testing.T) {
	dir := t.TempDir()
	c, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: filepath.Join(dir, "n"), Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	t.Setenv("NOTIFY_SOCKET", filepath.Join(dir, "n"))
	out, stderr, code := run(t, []*program.Info{talker("talk", "1")}, "run", "-r", writeCapture(t, 50), "--log-format", "json", "--sink", "syslog:unix:"+filepath.Join(dir, "none")+"?drain=10ms")
	if code != 0 || strings.Count(out, "\n") != 5 {
		t.Fatalf("exit %d: %s%s", code, out, stderr)
	}
	buf := make([]byte, 100)
	n, err := c.Read(buf)
	if err != nil || string(buf[:n]) != "READY=1" {
		t.Errorf("the service manager was told %q: %v", buf[:n], err)
	}
	seen := map[string]bool{}
	for line := range strings.Lines(stderr) {
		var v struct {
			Level, Msg string
			Summary    *summary
		}
		if err := json.Unmarshal([]byte(line), &v); err != nil {
			t.Errorf("not JSON: %q", line)
		}
		seen[v.Msg] = true
		if v.Summary != nil && (v.Summary.Packets.Read != 50 || v.Summary.Sinks[0].Unsent != 5) {
			t.Errorf("summary in the log: %s", line)
		}
	}
	if !seen["summary"] || len(seen) < 2 {
		t.Errorf("the log says %s", stderr)
	}
}

// Sinks that are dead or hang hold up no packet: all of them are read, in the time that
// it takes without.
func TestDeadSinks(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0") // takes connections and never answers
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	in, sum := writeCapture(t, 20000), filepath.Join(t.TempDir(), "sum")
	args := []string{"run", "-q", "-r", in, "--set", "talk.every=1", "--summary", sum}
	for _, s := range []string{"webhook:http://" + l.Addr().String() + "#", "kafka:" + l.Addr().String() + "/t?", "syslog:tcp://127.0.0.1:1?", "kafka:127.0.0.1:1/t?"} {
		args = append(args, "--sink", s+"full=newest&queue=100&drain=50ms")
	}
	begun := time.Now()
	if _, stderr, code := run(t, []*program.Info{talker("talk", "1")}, args...); code != 0 {
		t.Fatalf("exit %d: %s", code, stderr)
	}
	if took := time.Since(begun); took > 20*time.Second {
		t.Errorf("the run took %s", took)
	}
	var s summary
	text, err := os.ReadFile(sum)
	if err == nil {
		err = json.Unmarshal(text, &s)
	}
	if err != nil || s.Packets.Read != 20000 || s.Programs[0].Records.Alert != 20000 || s.Programs[0].Records.Lost != 0 || len(s.Sinks) != 4 {
		t.Fatalf("%v: %s", err, text)
	}
	for _, k := range s.Sinks {
		if k.Records != 20000 || k.Dropped != 19900 || k.Unsent != 100 || k.Sent+k.Refused != 0 {
			t.Errorf("%+v: want all but the 100 that the queue holds dropped", k)
		}
	}
}

// Every key of a configuration file has its flag, and --check says what is wrong without
// running anything.
func TestCheck(t *testing.T) {
	dir, in := t.TempDir(), writeCapture(t, 10)
	file := filepath.Join(dir, "c.toml")
	tests := []struct {
		text, want string
		code       int
	}{
		{"read = [%q]\nsink = [\"file:x\"]\n", "c.toml:2:", 2},
		{"read = [%q]\ndedup = \"10m\"\nalert-rate = \"5/1m\"\n[[sink]]\nto = \"file:%s\"\nqueue = 10\n", "fine: programs 1, sinks 1\n", 0},
		{"read = [%q]\nalert-rate = 5\n", "--alert-rate: \"5\": expected a rate such as 5/1m", 2},
		{"read = [%q]\nworkrs = 5\n", "c.toml:2:1: unknown key \"workrs\": did you mean \"workers\"?", 2},
		{"read = [%q]\n[[sink]]\nto = \"stdout:\"\ndedup = \"5m\"\n", "hint: dedup: keys of the whole file stand before the first", 2},
		{"read = [%q]\nworkers = [1, 2]\n", "workers takes one value, not a list", 2},
		{"read = %q\nseed = 5\n", "fine", 0},
		{"read = [%q]\n[[sink]]\nto = \"kafka:b/t\"\nack = \"all\"\n", "sink \"kafka:b/t\": unknown option \"ack\"", 2},
		{"read = [%q]\n[[program]]\nset = {}\n", "program 1 has no file", 2},
	}
	for _, tt := range tests {
		text := strings.ReplaceAll(strings.ReplaceAll(tt.text, "%q", fmt.Sprintf("%q", in)), "%s", filepath.Join(dir, "never"))
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		out, stderr, code := run(t, []*program.Info{talker("talk", "1")}, "run", "--config", file, "--check")
		if got := out + stderr; code != tt.code || !strings.Contains(got, tt.want) {
			t.Errorf("%s\nexit %d, want %d: %s", text, code, tt.code, got)
		}
	}
	if _, err := os.Stat(filepath.Join(dir, "never")); err == nil {
		t.Error("--check made a file")
	}
}
