package sink

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/streamon/streamon/internal/export"
	"github.com/streamon/streamon/runtime/program"
)

func TestParseErrors(t *testing.T) {
	secret := filepath.Join(t.TempDir(), "headers")
	if err := os.WriteFile(secret, []byte("Authorization: Bearer hush\nhush hush\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	tests := []struct{ text, want string }{
		{"ftp://x", `sink "ftp": unknown kind; there are file, kafka, stdout, syslog, webhook, zmq`},
		{"file:", `expected a path, as in file:/var/log/alerts.jsonl`},
		{"file:x?rotate=ten", `rotate="ten": expected a size such as 65536, 64KiB or 100MB`},
		{"file:x?keep=3", `keep needs rotate`},
		{"file:x?queue=0", `queue=0: expected a number from 1 to 10000000`},
		{"webhook:http://h#timeout=0s", `timeout=0s: expected 1ms at least`},
		{"file:x?full=never", `full=never: expected newest, oldest, wait`},
		{"file:x?format=xml", `format=xml: expected json, text, ecs`},
		{"file:x?type=alert,flow", `type=alert,flow: expected one or more of alert, publish, log, exec`},
		{"file:x?level=severe", `level=severe: expected info, low, medium, high, critical`},
		{"file:x?queue=5&queue=6", `option queue is given twice`},
		{"file:x?queue", `option "queue": expected queue=VALUE`},
		{"file:x?rotte=5", `unknown option "rotte"; there are batch, drain,`},
		{"stdout:x", `expected stdout: alone`},
		{"syslog:logs:514", `expected udp://HOST:PORT, tcp://HOST:PORT, tls://HOST:PORT or unix:/dev/log`},
		{"syslog:udp://h?facility=local9", `facility=local9: expected kern,`},
		{"syslog:udp://h?ca=x", `unknown option "ca"`},
		{"syslog:tls://h?ca=/nowhere/ca.pem", `ca: /nowhere/ca.pem: no such file or directory`},
		{"syslog:tls://h?cert=x", `cert and key go together`},
		{"webhook:ftp://h/secret", `expected a URL, as in webhook:https://soc.example/alerts#batch=100`},
		{"webhook:https://h/secret?batch=5#batch=x", `batch=x: expected a number`},
		{"webhook:https://h/#format=text", `format=text needs body=lines`},
		{"webhook:https://h/#headers=" + secret, `headers:2: expected Name: value`},
		{"kafka:broker:9092", `expected kafka:BROKER:PORT[,BROKER:PORT]/TOPIC`},
		{"kafka:broker/al erts", `expected kafka:BROKER:PORT[,BROKER:PORT]/TOPIC`},
		{"kafka:b/t?sasl=plain", `sasl=plain needs user=NAME and password_file=FILE`},
		{"kafka:b/t?user=x", `user and password_file need sasl=`},
		{"zmq:udp://*:1", `protocol "udp" is not supported, expected tcp`},
	}
	for _, tt := range tests {
		_, err := Parse(tt.text)
		if err == nil || !strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), "hush") || strings.Contains(err.Error(), "secret\"") {
			t.Errorf("Parse(%q) = %v, want %s", tt.text, err, tt.want)
		}
	}
	if _, err := Parse("file:x?queue=0&memory=x"); err == nil || strings.Count(err.Error(), "\n") != 1 {
		t.Errorf("two things are wrong: %v", err)
	}
	for _, text := range []string{"file:a%20b?rotate=1MB&keep=0", "syslog:unix:/dev/log?id=x@1", "kafka://a:1,b/t?acks=none&compression=zstd", "webhook:http://h/p?a=b#body=lines&format=text"} {
		if _, err := Parse(text); err != nil {
			t.Errorf("Parse(%q) = %v", text, err)
		}
	}
}

// What is not wanted is not sent, and not counted.
func TestFilter(t *testing.T) {
	var out bytes.Buffer
	set := NewSet(open(t, "stdout:?type=alert,log&level=high&program=test&format=text", Options{Stdout: &out}))
	low := alert(1)
	low.Level = program.LevelLow
	set.Write(origin, low)
	set.Write(&export.Origin{Program: "other"}, alert(2))
	set.Write(origin, &program.Record{Type: program.PublishRecord, Topic: "t"})
	set.Write(origin, &program.Record{Type: program.LogRecord, Message: []byte("said")})
	set.Write(origin, alert(3))
	set.Close()
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	if len(lines) != 2 || !strings.HasSuffix(lines[0], "LOG test: said") || !strings.Contains(lines[1], "#3#") {
		t.Errorf("got %q", lines)
	}
	if c := set.Counts()[0]; c.Records != 2 || c.Sent != 2 {
		t.Errorf("%+v", c)
	}
}

// fileLines returns the numbers of the records in a file.
func fileNumbers(t *testing.T, path string) (list []string) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		if !json.Valid([]byte(line)) {
			t.Errorf("%s: not a record: %q", path, line)
		}
		list = append(list, numbered.FindStringSubmatch(line)[1])
	}
	return list
}

func TestFileRotates(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.jsonl")
	one := int64(len(export.AppendRecord(nil, origin, alert(1))) + 1)
	os.WriteFile(path, []byte(`{"x":"#0#"`), 0o600) // a probe that was killed left half a line
	set := NewSet(open(t, fmt.Sprintf("file:%s?rotate=%d&keep=2", path, 3*one), Options{}))
	for i := 1; i <= 9; i++ {
		set.Write(origin, alert(i))
		eventually(t, "it is written", func() bool { return set.Counts()[0].Sent == uint64(i) })
	}
	set.Close()
	os.WriteFile(path+".2x", nil, 0o600)
	got := fmt.Sprint(fileNumbers(t, path), fileNumbers(t, path+".1"), fileNumbers(t, path+".2"))
	if want := "[9] [6 7 8] [3 4 5]"; got != want {
		t.Errorf("files hold %s, want %s", got, want)
	}
	if _, err := os.Stat(path + ".3"); err == nil {
		t.Error("a third file is kept")
	}
}

// A file that was moved away is begun anew, one that was emptied goes on.
func TestFileMoved(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.jsonl")
	s := open(t, "file:"+path, Options{})
	set := NewSet(s)
	write := func(i int) {
		set.Write(origin, alert(i))
		eventually(t, "it is written", func() bool { return s.Counts().Sent == uint64(i) })
	}
	write(1)
	os.Rename(path, path+".old")
	write(2)
	os.Truncate(path, 0)
	write(3)
	set.Close()
	if got := fmt.Sprint(fileNumbers(t, path+".old"), fileNumbers(t, path)); got != "[1] [3]" {
		t.Errorf("files hold %s", got)
	}
}

// A batch of which a part was written cannot be taken back from a file that only grows: the
// next record still has a line of its own.
func TestFileHalfLineStays(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.jsonl")
	c := &fileCarrier{path: path, mode: 0o600, cut: func(*os.File, int64) error { return os.ErrPermission }}
	if err := c.open(); err != nil {
		t.Fatal(err)
	}
	defer func() { c.close() }()
	c.f.WriteString(`{"x":"#0#`) // what is there when the disk was full
	c.takeBack()
	if n, err := c.deliver(t.Context(), []*item{{body: []byte(`{"x":"#1#"}`)}}); n != 1 || err != nil {
		t.Fatalf("deliver = %d, %v", n, err)
	}
	text, _ := os.ReadFile(path)
	if want := "{\"x\":\"#0#\n{\"x\":\"#1#\"}\n"; string(text) != want {
		t.Errorf("the file holds %q, want %q", text, want)
	}
}

// A receiver that redirects for good costs no record while the probe runs; at the end they are
// unsent, and the log has the status.
func TestWebhookRedirected(t *testing.T) {
	server := httptest.NewServer(http.RedirectHandler("/login", http.StatusFound))
	defer server.Close()
	var log logger
	s := open(t, "webhook:"+server.URL+"#linger=1ms&drain=50ms", Options{Logf: log.logf})
	set := NewSet(s)
	set.Write(origin, alert(1))
	eventually(t, "it is tried again", func() bool { return s.Counts().Retries > 1 })
	set.Close()
	if c := s.Counts(); c.Unsent != 1 || c.Refused != 0 || c.Sent != 0 || !strings.Contains(c.Error, "302 Found") || !strings.Contains(log.text(), "302 Found; records wait") {
		t.Errorf("%+v; log %q", c, log.text())
	}
}

// A disk that is full keeps records waiting; no half line stays behind.
func TestFileFull(t *testing.T) {
	if _, err := os.Stat("/dev/full"); err != nil {
		t.Skip("no /dev/full")
	}
	var log logger
	s := open(t, "file:/dev/full?drain=50ms", Options{Logf: log.logf})
	set := NewSet(s)
	set.Write(origin, alert(1))
	eventually(t, "it fails", func() bool { return s.Counts().Retries > 1 })
	set.Close()
	if c := s.Counts(); c.Unsent != 1 || c.Sent != 0 || c.Waiting != 0 || !strings.Contains(log.text(), "no space left on device; records wait") {
		t.Errorf("%+v; log %q", c, log.text())
	}
}

// What is on its way when the sink ends is unsent as well as what is in the queue.
func TestUnsent(t *testing.T) {
	s := open(t, "syslog:tcp://127.0.0.1:1?drain=10ms&batch=3", Options{})
	set := NewSet(s)
	set.Write(origin, alert(0))
	eventually(t, "it is on its way", func() bool { return s.Counts().Retries > 0 })
	for i := range 10 {
		set.Write(origin, alert(i))
	}
	set.Close()
	if c := s.Counts(); c.Records != 11 || c.Unsent != 11 {
		t.Errorf("%+v", c)
	}
}

// Standard output that nobody reads ends the sink in time.
func TestStuckStdout(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	defer w.Close()
	s := open(t, "stdout:?drain=100ms&queue=2000&batch=2000", Options{Stdout: w})
	set := NewSet(s)
	begun := time.Now()
	for i := range 3000 {
		set.Write(origin, alert(i))
	}
	if took := time.Since(begun); took > time.Second {
		t.Errorf("writers waited %s", took)
	}
	set.Close()
	if took := time.Since(begun); took > 20*time.Second {
		t.Errorf("Close took %s", took)
	}
	if c := s.Counts(); c.Records != 3000 || c.Unsent == 0 || c.Records != c.Sent+c.Dropped+c.Refused+c.Unsent {
		t.Errorf("%+v", c)
	}
}

func TestSyslogUDP(t *testing.T) {
	c, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	set := NewSet(open(t, "syslog:udp://"+c.LocalAddr().String()+"?facility=daemon&host=a b&tag=t&id=x@1", Options{}))
	set.Write(origin, alert(7))
	set.Close()
	buf := make([]byte, 65536)
	c.SetReadDeadline(time.Now().Add(10 * time.Second))
	n, _, err := c.ReadFrom(buf)
	if err != nil {
		t.Fatal(err)
	}
	want := fmt.Sprintf(`<27>1 2023-11-14T22:13:20.007000Z ab t %d alert [x@1 program="test" level="high"] {"schema":1,`, os.Getpid())
	if got := string(buf[:n]); !strings.HasPrefix(got, want) || !rfc5424.MatchString(got) {
		t.Errorf("message:\n%s\nwant %s…", got, want)
	}
}

// web answers with the statuses given, then with 200, and keeps what it got.
type web struct {
	mu       sync.Mutex
	statuses []int
	requests []*http.Request
	bodies   []string
	times    []time.Time
	refuse   string // a body that holds it gets 400
}

func (w *web) ServeHTTP(out http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	w.mu.Lock()
	defer w.mu.Unlock()
	w.requests, w.bodies, w.times = append(w.requests, r), append(w.bodies, string(body)), append(w.times, time.Now())
	if w.refuse != "" && strings.Contains(string(body), w.refuse) {
		out.WriteHeader(400)
		return
	}
	if len(w.statuses) > 0 {
		if w.statuses[0] == 429 {
			out.Header().Set("Retry-After", "1")
		}
		out.WriteHeader(w.statuses[0])
		w.statuses = w.statuses[1:]
	}
}

func TestWebhookRetries(t *testing.T) {
	w := &web{statuses: []int{503, 429, 302, 400}}
	server := httptest.NewServer(w)
	defer server.Close()
	headers := filepath.Join(t.TempDir(), "headers")
	os.WriteFile(headers, []byte("# secret\nAuthorization: Bearer hush\n\nX-Tenant: a: b\n"), 0o600)
	var log logger
	s := open(t, "webhook:"+server.URL+"/in?token=hush#linger=20ms&batch=2&headers="+headers, Options{Logf: log.logf})
	set := NewSet(s)
	set.Write(origin, alert(1))
	set.Write(origin, alert(2))
	set.Write(origin, alert(3))
	eventually(t, "all is settled", func() bool { return s.Counts().Waiting == 0 })
	set.Close()
	// The batch of 1 and 2 is sent four times: who is redirected tries again. After 400 its
	// records are sent one by one.
	c := s.Counts()
	if c.Sent != 3 || c.Retries != 3 || len(w.bodies) != 7 {
		t.Errorf("%+v, %d requests", c, len(w.bodies))
	}
	if d := w.times[2].Sub(w.times[1]); d < time.Second {
		t.Errorf("tried again after %s, Retry-After says a second", d)
	}
	var records []map[string]any
	if err := json.Unmarshal([]byte(w.bodies[0]), &records); err != nil || len(records) != 2 || w.bodies[0] != w.bodies[3] {
		t.Errorf("body: %v: %s", err, w.bodies[0])
	}
	r := w.requests[0]
	if r.Header.Get("Authorization") != "Bearer hush" || r.Header.Get("X-Tenant") != "a: b" || r.Header.Get("Content-Type") != "application/json" || r.URL.RawQuery != "token=hush" {
		t.Errorf("request: %s %v", r.URL, r.Header)
	}
	key := func(i int) string { return w.requests[i].Header.Get("Idempotency-Key") }
	if key(0) == "" || key(0) != key(3) || key(4) == key(3) || key(5) == key(4) {
		t.Errorf("keys: %q %q %q %q %q", key(0), key(1), key(2), key(3), key(4))
	}
	if strings.Contains(log.text()+s.Counts().Sink, "hush") {
		t.Errorf("a secret is in the log: %s", log.text())
	}
}

// One record that the receiver does not want costs no other.
func TestWebhookRefuses(t *testing.T) {
	w := &web{refuse: "#5#"}
	server := httptest.NewServer(w)
	defer server.Close()
	s := open(t, "webhook:"+server.URL+"#linger=50ms&batch=20", Options{})
	set := NewSet(s)
	for i := range 20 {
		set.Write(origin, alert(i))
	}
	set.Close()
	if c := s.Counts(); c.Sent != 19 || c.Refused != 1 || c.Unsent != 0 {
		t.Errorf("%+v", c)
	}
}

func TestRetryAfter(t *testing.T) {
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	for text, want := range map[string]time.Duration{
		"": 0, "5": 5 * time.Second, "-1": 0, "soon": 0, "Thu, 01 Jan 2026 00:00:30 GMT": 30 * time.Second,
	} {
		if got := retryAfter(text, now); got != want {
			t.Errorf("retryAfter(%q) = %s, want %s", text, got, want)
		}
	}
}

// Replace keeps sinks whose text did not change, with their queues, and lets the others
// deliver what they have.
func TestReplace(t *testing.T) {
	dir := t.TempDir()
	specs := func(names ...string) (list []*Spec) {
		for _, n := range names {
			s, err := Parse("file:" + filepath.Join(dir, n))
			if err != nil {
				t.Fatal(err)
			}
			list = append(list, s)
		}
		return list
	}
	set := NewSet()
	if err := set.Replace(specs("a", "b"), Options{}); err != nil {
		t.Fatal(err)
	}
	set.Write(origin, alert(1))
	if err := set.Replace(specs("b", "c"), Options{}); err != nil {
		t.Fatal(err)
	}
	set.Write(origin, alert(2))
	if err := set.Replace(specs("d", "no/such/directory"), Options{}); err == nil {
		t.Error("a file that cannot be opened was taken over")
	}
	set.Write(origin, alert(3))
	if err := set.Close(); err != nil {
		t.Fatal(err)
	}
	got := fmt.Sprint(fileNumbers(t, filepath.Join(dir, "a")), fileNumbers(t, filepath.Join(dir, "b")), fileNumbers(t, filepath.Join(dir, "c")), fileNumbers(t, filepath.Join(dir, "d")))
	if want := "[1] [1 2 3] [2 3] []"; got != want {
		t.Errorf("files hold %s, want %s", got, want)
	}
	if n := len(set.Counts()); n != 3 {
		t.Errorf("counts of %d sinks, want of b, c and the past a", n)
	}
}

// The options of a ZeroMQ socket change without closing it.
func TestReplaceZMQ(t *testing.T) {
	addr := freePort(t)
	specs := func(texts ...string) (list []*Spec) {
		for _, text := range texts {
			s, err := Parse(text)
			if err != nil {
				t.Fatal(err)
			}
			list = append(list, s)
		}
		return list
	}
	set := NewSet()
	if err := set.Replace(specs("zmq:tcp://"+addr), Options{}); err != nil {
		t.Fatal(err)
	}
	defer set.Close()
	set.Write(origin, alert(1))
	if err := set.Replace(specs("zmq:tcp://"+addr+"?level=critical", "file:"+filepath.Join(t.TempDir(), "no/such")), Options{}); err == nil {
		t.Error("a file that cannot be opened was taken over")
	}
	set.Write(origin, alert(2))
	if err := set.Replace(specs("zmq:tcp://"+addr+"?level=critical"), Options{}); err != nil {
		t.Fatal(err)
	}
	set.Write(origin, alert(3)) // of level high
	if c := set.Counts(); len(c) != 1 || c[0].Records != 2 {
		t.Errorf("%+v", c)
	}
	if err := set.Replace(nil, Options{}); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the socket is closed", func() bool {
		l, err := net.Listen("tcp", addr)
		if err != nil {
			return false
		}
		l.Close()
		return true
	})
}

func BenchmarkWrite(b *testing.B) {
	spec, err := Parse("stdout:?full=newest")
	if err != nil {
		b.Fatal(err)
	}
	s, err := Open(spec, Options{Stdout: io.Discard})
	if err != nil {
		b.Fatal(err)
	}
	set := NewSet(s)
	defer set.Close()
	r := alert(1)
	b.ReportAllocs()
	for range b.N {
		set.Write(origin, r)
	}
}
