package web

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/streamon/streamon/internal/access"
	"github.com/streamon/streamon/internal/feed"
	"github.com/streamon/streamon/internal/probe"
	"github.com/streamon/streamon/runtime/program"
)

// real is a probe without packets, whose programs come from no file.
type real struct {
	*probe.Probe
	rest
}

// rest is what a probe does not do itself.
type rest struct{ stub }

func (r *real) artifact(l LoadRequest) probe.Artifact {
	info := &program.Info{
		Manifest: program.Manifest{ABI: program.ABI, Name: "p", States: []program.StateInfo{{Name: "default"}}, Lists: []program.ListInfo{{Name: "bad"}}, Params: []program.ParamInfo{{Name: "n", Default: program.IntValue(1)}}},
		New:      func(*program.Env) (program.Instance, error) { return idle{}, nil },
	}
	return probe.Artifact{Info: info, Path: l.Path, Name: l.Name, Tenant: l.Tenant}
}

func (r *real) Load(ctx context.Context, l LoadRequest) (probe.Generation, error) {
	return r.Probe.Load(ctx, r.artifact(l))
}
func (r *real) Replace(ctx context.Context, l LoadRequest) (probe.Generation, error) {
	return r.Probe.Replace(ctx, r.artifact(l))
}
func (r *real) Blocks(context.Context, BlockChoice, int) (Blocks, error) { return Blocks{}, nil }
func (r *real) Lift(context.Context, BlockChoice, time.Duration) (Lifted, error) {
	return Lifted{}, nil
}
func (r *real) Summary(ctx context.Context) (probe.Summary, error) { return r.Probe.Listing(ctx) }
func (r *real) SDK() (any, error)                                  { return struct{}{}, nil }

// idle is a program that does nothing.
type idle struct{ program.Instance }

func (idle) Activate()                                                {}
func (idle) Stats(*program.Stats)                                     {}
func (idle) Tables(func(string, []program.Field, program.Value) bool) {}

// FuzzHandler: whatever a tenant sends, the server answers with JSON or as its route
// says, without an internal error, and the operator's program stays as it was.
func FuzzHandler(f *testing.F) {
	token, line, err := access.MakeLine("red", true)
	if err != nil {
		f.Fatal(err)
	}
	path := filepath.Join(f.TempDir(), "tokens")
	if err := os.WriteFile(path, []byte(line), 0o600); err != nil {
		f.Fatal(err)
	}
	keys, err := access.Open(path)
	if err != nil {
		f.Fatal(err)
	}
	for i := range routes {
		rt := &routes[i]
		f.Add(rt.method, strings.NewReplacer("{name}", "p", "{list}", "bad").Replace(rt.path), "limit=1&types=alert", `{"path":"x","name":"mine","set":{"n":"2"}}`, true)
	}
	f.Add("GET", "/v1/programs/..%2f", "limit=%zz", "", false)
	f.Add("PATCH", "/v1/programs/p/params", "", `{"set":{"n":"x"}}`, true)
	f.Fuzz(func(t *testing.T, method, target, query, body string, hasToken bool) {
		p := &real{Probe: probe.New(probe.Options{Seed: 1})}
		if _, err := p.Load(t.Context(), LoadRequest{Path: "x"}); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond) // streams do not end by themselves
		defer cancel()
		req, err := http.NewRequestWithContext(ctx, method, "http://probe/", strings.NewReader(body))
		if err != nil {
			t.Skip("no request")
		}
		req.URL.Path, req.URL.RawQuery = "/"+strings.TrimPrefix(target, "/"), query
		if hasToken {
			req.Header.Set("Authorization", "Bearer "+token)
		}
		s := New(p, Options{Keys: keys, Feed: feed.New(), Logf: func(format string, args ...any) { t.Errorf(format, args...) }})
		w := httptest.NewRecorder()
		s.Handler(true).ServeHTTP(w, req)
		isRedirect := w.Code >= 300 && w.Code < 400 // a path that package net/http cleans
		if !hasToken && w.Code < 400 && !isRedirect {
			t.Errorf("%s %q without a token = %d", method, target, w.Code)
		}
		if w.Code >= 500 && w.Code != 503 {
			t.Errorf("%s %q = %d %s", method, target, w.Code, w.Body)
		}
		if w.Header().Get("Content-Type") == "application/json" && method != "HEAD" && !json.Valid(w.Body.Bytes()) {
			t.Errorf("%s %q answers no JSON: %q", method, target, w.Body)
		}
		d, err := p.Params(context.Background(), "p")
		if err != nil || len(d) != 1 || string(d[0].Value) != "1" {
			t.Errorf("%s %q ? %q %q changed the operator's program: %+v, %v", method, target, query, body, d, err)
		}
	})
}
