package web

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/streamon/streamon/internal/access"
	"github.com/streamon/streamon/internal/feed"
	"github.com/streamon/streamon/internal/probe"
)

// letIn makes a file of tokens, one for each tenant; * is the operator.
func letIn(t *testing.T, tenants ...string) (keys *access.Keys, path string, tokens []string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "tokens")
	var text strings.Builder
	for _, name := range tenants {
		token, line, err := access.MakeLine(name, true)
		if err != nil {
			t.Fatal(err)
		}
		tokens = append(tokens, token)
		text.WriteString(line + "\n")
	}
	if err := os.WriteFile(path, []byte(text.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	keys, err := access.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	return keys, path, tokens
}

// TestStreamOfLostToken: a token that is taken out of the file ends the streams that were opened
// with it, and no others.
func TestStreamOfLostToken(t *testing.T) {
	keys, path, tokens := letIn(t, "red", "blue")
	s := New(&stub{}, Options{Keys: keys, Feed: feed.New()})
	s.heartbeat = 20 * time.Millisecond
	srv := httptest.NewServer(s.Handler(true))
	defer srv.Close()
	defer s.close() // what would keep the server
	open := func(token string) io.Reader {
		req, _ := http.NewRequestWithContext(t.Context(), "GET", srv.URL+"/v1/stream", nil)
		req.Header.Set("Authorization", "Bearer "+token)
		resp, err := http.DefaultClient.Do(req)
		if err != nil || resp.StatusCode != http.StatusOK {
			t.Fatalf("%v, %v", resp, err)
		}
		t.Cleanup(func() { resp.Body.Close() })
		return resp.Body
	}
	red, blue := open(tokens[0]), open(tokens[1])
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := bytes.Cut(text, []byte("\n"))
	if err := os.WriteFile(path, rest, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(io.Discard, red); err != nil { // until it ends
		t.Errorf("the stream of red: %v", err)
	}
	some := make([]byte, len(": still here\n\n"))
	for range 50 {
		if _, err := io.ReadFull(blue, some); err != nil {
			t.Fatalf("the stream of blue: %v", err)
		}
	}
}

// TestSeats: tenants cannot take each other's room, nor the operator's.
func TestSeats(t *testing.T) {
	var s seats
	of := func(tenant string) caller {
		return caller{Caller: access.Caller{Tenant: tenant, IsOperator: tenant == ""}}
	}
	taken := func(tenant string) (n int, leave []func()) {
		for {
			f, err := s.take(of(tenant), 10, 3, "streams")
			if err != nil {
				if statusOf(err) != http.StatusTooManyRequests {
					t.Errorf("%q: %v", tenant, err)
				}
				return n, leave
			}
			n, leave = n+1, append(leave, f)
		}
	}
	red, redLeaves := taken("red")
	blue, blueLeaves := taken("blue")
	green, greenLeaves := taken("green")
	op, opLeaves := taken("")
	if red != 3 || blue != 3 || green != 1 || op != 3 {
		t.Errorf("red %d, blue %d, green %d, the operator %d; want 3, 3, 1, 3", red, blue, green, op)
	}
	for _, f := range append(append(append(redLeaves, blueLeaves...), greenLeaves...), opLeaves...) {
		f()
	}
	if op, _ := taken(""); op != 10 || len(s.taken) != 1 {
		t.Errorf("alone the operator has %d of 10; %v", op, s.taken)
	}
}

// slow is a probe that answers nothing, and says what it was brought.
type slow struct {
	stub
	brought int
}

func (s *slow) Summary(ctx context.Context) (probe.Summary, error) {
	<-ctx.Done()
	return probe.Summary{}, ctx.Err()
}

func (s *slow) Machines(ctx context.Context, _ string) (probe.Machines, error) {
	<-ctx.Done()
	return probe.Machines{}, ctx.Err()
}

func (s *slow) Upload(_ context.Context, _ string, text []byte) (Upload, error) {
	s.brought = len(text)
	return Upload{}, nil
}

// TestStuck: a probe that does not answer holds up no client for ever, whatever it asks for.
func TestStuck(t *testing.T) {
	for _, path := range []string{"/v1/programs", "/metrics", "/v1/programs/p/machines", "/v1/programs/p/graph"} {
		synctest.Test(t, func(t *testing.T) {
			w := httptest.NewRecorder()
			New(&slow{}, Options{}).Handler(false).ServeHTTP(w, ask("GET", path, nil))
			if w.Code != http.StatusServiceUnavailable {
				t.Errorf("GET %s = %d %s, want 503", path, w.Code, w.Body)
			}
		})
	}
}

// TestUploadOfTenant: a tenant brings sources, so not more of what it sends is kept in memory.
func TestUploadOfTenant(t *testing.T) {
	keys, _, tokens := letIn(t, "red", "*")
	for i, want := range []int{maxBody + 1, 3 * maxBody} {
		p := &slow{}
		r := ask("POST", "/v1/uploads?file=p.so", bytes.NewReader(make([]byte, 3*maxBody)))
		r.Header.Set("Authorization", "Bearer "+tokens[i])
		w := httptest.NewRecorder()
		New(p, Options{Keys: keys}).Handler(true).ServeHTTP(w, r)
		if w.Code != http.StatusOK || p.brought != want {
			t.Errorf("%d: %d bytes are taken, want %d: %d %s", i, p.brought, want, w.Code, w.Body)
		}
	}
}

// TestNotAllowed: a path that is there says which methods it has.
func TestNotAllowed(t *testing.T) {
	for path, want := range map[string]string{
		"/v1/programs": "GET, POST, PUT", "/v1/programs/p": "GET, DELETE", "/v1/programs/p/params": "GET, PATCH", "/v1/programs/p/lists/bad": "PUT", "/metrics": "GET",
		"/v1/programs/": "", "/v1/programs/p/lists/": "", "/v1/none": "",
	} {
		w := httptest.NewRecorder()
		New(&stub{}, Options{}).Handler(false).ServeHTTP(w, ask("TRACE", path, nil))
		if status := w.Code; status != 404 && status != 405 || (status == 405) != (want != "") || w.Header().Get("Allow") != want {
			t.Errorf("TRACE %s = %d, allowed %q; want %q", path, status, w.Header().Get("Allow"), want)
		}
	}
}
