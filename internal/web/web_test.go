package web

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/streamon/streamon/internal/probe"
)

// stub answers with what the test wants.
type stub struct {
	Probe
	err  error
	load LoadRequest
}

func (s *stub) Load(_ context.Context, r LoadRequest) (probe.Generation, error) {
	s.load = r
	return probe.Generation{Program: "p", Number: 1}, s.err
}
func (s *stub) Unload(context.Context, string) error                          { return s.err }
func (s *stub) Show(context.Context, string, int) (d probe.Detail, err error) { return d, s.err }
func (s *stub) Explain(err error) (string, bool)                              { return "hint of " + err.Error(), true }

func (s *stub) CannotCompile() error { return nil }

// ask is a request to the control socket.
func ask(method, path string, body io.Reader) *http.Request {
	r := httptest.NewRequest(method, path, body)
	r.Host = "probe"
	return r
}

func TestStatus(t *testing.T) {
	tests := []struct {
		method, path, body string
		err                error
		want               int
		text               string
	}{
		{"POST", "/v1/programs", `{"path":"/x.so"}`, nil, 200, `"program":"p"`},
		{"POST", "/v1/programs", `{"path":"/x.so"}`, fmt.Errorf("p %w", probe.ErrLoaded), 409, `"hint":"hint of p is loaded already"`},
		{"POST", "/v1/programs", `{"path":"/x.so"}`, errors.New("other toolchain"), 422, "other toolchain"},
		{"POST", "/v1/programs", `{`, nil, 400, "reading the request"},
		{"POST", "/v1/programs", `{}`, nil, 400, `no \"path\"`},
		{"POST", "/v1/programs", `{"path":"x","sett":[]}`, nil, 400, "sett"},
		{"POST", "/v1/programs", strings.Repeat(" ", maxBody+1) + `{"path":"x"}`, nil, 413, "more than 1048576 bytes"},
		{"DELETE", "/v1/programs/p", "", probe.ErrNotLoaded, 404, "is not loaded"},
		{"DELETE", "/v1/programs/p", "", context.Canceled, 503, "canceled"},
		{"GET", "/v1/programs/p?limit=x", "", nil, 400, "limit"},
		{"GET", "/v1/programs/p?limit=5", "", nil, 200, "entities"},
		{"GET", "/v2", "", nil, 404, "no such request"},
	}
	for _, tt := range tests {
		s := &stub{err: tt.err}
		w := httptest.NewRecorder()
		New(s, Options{}).Handler(false).ServeHTTP(w, ask(tt.method, tt.path, strings.NewReader(tt.body)))
		if w.Code != tt.want || !strings.Contains(w.Body.String(), tt.text) {
			t.Errorf("%s %s = %d %s, want %d with %q", tt.method, tt.path, w.Code, w.Body, tt.want, tt.text)
		}
		if got := w.Header().Get("Content-Type"); got != "application/json" {
			t.Errorf("%s %s: content type %q", tt.method, tt.path, got)
		}
	}
}

func TestClient(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s")
	c := Dial(path)
	if err := c.Unload(t.Context(), "p"); !errors.Is(err, ErrNoProbe) {
		t.Errorf("without a probe: %v", err)
	}
	l, err := Listen(path)
	if err != nil {
		t.Fatal(err)
	}
	s := &stub{}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error)
	go func() { done <- New(s, Options{}).Serve(ctx, l, false, nil) }()
	want := LoadRequest{Path: "/x.so", Set: []string{"a.b=1"}}
	if g, err := c.Load(t.Context(), want); err != nil || g.Program != "p" || s.load.Path != want.Path || s.load.Set[0] != "a.b=1" {
		t.Errorf("Load = %+v, %v; the probe got %+v", g, err, s.load)
	}
	s.err = errors.New("no")
	var p *Problem
	if err := c.Unload(t.Context(), "p"); !errors.As(err, &p) || p.Status != http.StatusUnprocessableEntity || p.Hint != "hint of no" || !p.Usage {
		t.Errorf("Unload = %#v", err)
	}
	if _, err := Listen(path); err == nil || !strings.Contains(err.Error(), "another probe") {
		t.Errorf("second Listen = %v", err)
	}
	cancel()
	if err := <-done; err != nil {
		t.Errorf("Serve = %v", err)
	}
	if _, err := os.Stat(path); err == nil {
		t.Error("the socket is left behind")
	}
}

// TestClientOfOthers: who answers is no probe, or goes away; what is said tells that from one
// that is not there.
func TestClientOfOthers(t *testing.T) {
	for _, tt := range []struct{ answer, want string }{
		{"", "the probe ended before it answered"},
		{"SSH-2.0-OpenSSH_9.9\r\n", "asking the probe: "},
		{"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", "does another program listen at the socket?"},
		{"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\n{", "reading the probe's answer: unexpected EOF"},
		{"HTTP/1.1 302 Found\r\nLocation: http://probe/v1/else\r\nContent-Length: 0\r\n\r\n", "the probe answered 302 Found"},
		{"HTTP/1.1 500 Oh\r\nContent-Length: 3\r\n\r\nabc", "the probe answered 500 Oh"},
	} {
		path := filepath.Join(t.TempDir(), "s")
		l, err := net.Listen("unix", path)
		if err != nil {
			t.Fatal(err)
		}
		go func() {
			for {
				c, err := l.Accept()
				if err != nil {
					return
				}
				http.ReadRequest(bufio.NewReader(c))
				io.WriteString(c, tt.answer)
				c.Close()
			}
		}()
		if _, err := Dial(path).Summary(t.Context()); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("answered with %q: %v, want %q", tt.answer, err, tt.want)
		}
		l.Close()
	}
}

// A probe that is stuck takes no connections after some: its socket is not taken from it.
func TestListenBesideStuck(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s")
	fd, err := syscall.Socket(syscall.AF_UNIX, syscall.SOCK_STREAM, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer syscall.Close(fd)
	if err := errors.Join(syscall.Bind(fd, &syscall.SockaddrUnix{Name: path}), syscall.Listen(fd, 0)); err != nil {
		t.Fatal(err)
	}
	for full := false; !full; {
		c, err := net.Dial("unix", path)
		if full = err != nil; !full {
			defer c.Close()
		}
	}
	if l, err := Listen(path); err == nil || !strings.Contains(err.Error(), "another process may listen there") {
		t.Errorf("Listen = %v, %v", l, err)
	}
	if _, err := os.Stat(path); err != nil {
		t.Errorf("the socket: %v", err)
	}
}

// A socket that a dead probe left is replaced, a file is not.
func TestListen(t *testing.T) {
	dir := t.TempDir()
	stale := filepath.Join(dir, "stale")
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: stale, Net: "unix"})
	if err != nil {
		t.Fatal(err)
	}
	l.SetUnlinkOnClose(false)
	l.Close()
	if err := Dial(stale).Unload(t.Context(), "p"); !errors.Is(err, ErrNoProbe) {
		t.Errorf("stale socket: %v", err)
	}
	if l, err := Listen(stale); err != nil {
		t.Errorf("Listen on a stale socket = %v", err)
	} else {
		l.Close()
	}
	file := filepath.Join(dir, "file")
	os.WriteFile(file, []byte("precious"), 0o666)
	if _, err := Listen(file); err == nil || !strings.Contains(err.Error(), "not a socket") {
		t.Errorf("Listen on a file = %v", err)
	}
	if b, _ := os.ReadFile(file); string(b) != "precious" {
		t.Error("Listen changed a file")
	}
}
