// Package web is the probe's HTTP interface: the control socket, and the client
// that the commands of smprobe use.
//
// It owns paths, JSON bodies and status codes. What a request does is the probe's
// business, which is stated here as an interface, [Probe]. Errors are answered in
// one place: handlers return them.
//
//	GET    /v1/programs           summary: packets and programs
//	GET    /v1/programs/NAME      one program with what it remembers; ?limit=N
//	POST   /v1/programs           load: {"path", "set", "lists"}
//	PUT    /v1/programs           replace, same body
//	DELETE /v1/programs/NAME      unload
//	POST   /v1/reload             read list files again; ?program=NAME
//	GET    /v1/sdk                what a compiler must know of this probe
//	GET    /healthz, /readyz      200 and "ok", or 503 and why not, as text
//
// An error is {"error": "…", "hint": "…", "usage": true if the request is at fault} with a status of 400 and above.
package web

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"

	"github.com/streamon/streamon/internal/config"
	"github.com/streamon/streamon/internal/probe"
)

// LoadRequest is the body of load and replace.
type LoadRequest struct {
	Path  string   `json:"path"`  // plugin, absolute
	Set   []string `json:"set"`   // program.param=value
	Lists []string `json:"lists"` // program.list=file, absolute
}

// Reloaded is the answer to reload.
type Reloaded struct {
	Lists int `json:"lists"` // that are in force anew
}

// Probe is what the interface needs of the running probe.
type Probe interface {
	Load(ctx context.Context, r LoadRequest) (probe.Generation, error)
	Replace(ctx context.Context, r LoadRequest) (probe.Generation, error)
	Unload(ctx context.Context, name string) error
	Reload(ctx context.Context, name string) (int, error)
	Summary(ctx context.Context) (probe.Summary, error)
	Show(ctx context.Context, name string, limit int) (probe.Detail, error)
	SDK() (any, error)
	// Explain says what mends an error, or nothing, and whether it lies in what was
	// asked for, not in what happened.
	Explain(err error) (hint string, usage bool)
}

// maxBody bounds a request.
const maxBody = 1 << 20

// statusError is an error of the request itself.
type statusError struct {
	status int
	msg    string
}

func (e *statusError) Error() string { return e.msg }

// Problem is how an error is sent.
type Problem struct {
	Message string `json:"error"`
	Hint    string `json:"hint,omitempty"`
	Usage   bool   `json:"usage,omitempty"` // the request asks for what cannot be
	Status  int    `json:"-"`
}

// Error returns the message, without the hint.
func (e *Problem) Error() string { return e.Message }

// Handler returns the HTTP interface to p.
func Handler(p Probe) http.Handler {
	mux := http.NewServeMux()
	handle := func(pattern string, f func(r *http.Request) (any, error)) {
		mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) { answer(w, p, r, f) })
	}
	handle("GET /v1/programs", func(r *http.Request) (any, error) { return p.Summary(r.Context()) })
	handle("GET /v1/programs/{name}", func(r *http.Request) (any, error) {
		limit := config.ShowLimit
		if text := r.FormValue("limit"); text != "" {
			n, err := strconv.Atoi(text)
			if err != nil || n < 0 {
				return nil, &statusError{http.StatusBadRequest, fmt.Sprintf("limit %q: expected a number", text)}
			}
			limit = n
		}
		return p.Show(r.Context(), r.PathValue("name"), limit)
	})
	handle("POST /v1/programs", func(r *http.Request) (any, error) { return withBody(r, p.Load) })
	handle("PUT /v1/programs", func(r *http.Request) (any, error) { return withBody(r, p.Replace) })
	handle("DELETE /v1/programs/{name}", func(r *http.Request) (any, error) {
		return struct{}{}, p.Unload(r.Context(), r.PathValue("name"))
	})
	handle("POST /v1/reload", func(r *http.Request) (any, error) {
		n, err := p.Reload(r.Context(), r.URL.Query().Get("program"))
		return Reloaded{n}, err
	})
	handle("GET /v1/sdk", func(*http.Request) (any, error) { return p.SDK() })
	if h, ok := p.(Health); ok {
		mux.Handle("GET /healthz", HealthHandler(h))
		mux.Handle("GET /readyz", HealthHandler(h))
	}
	handle("/", func(r *http.Request) (any, error) {
		return nil, &statusError{http.StatusNotFound, fmt.Sprintf("no such request: %s %s", r.Method, r.URL.Path)}
	})
	return mux
}

// withBody reads a load request and passes it on.
func withBody(r *http.Request, f func(context.Context, LoadRequest) (probe.Generation, error)) (any, error) {
	var body LoadRequest
	d := json.NewDecoder(io.LimitReader(r.Body, maxBody))
	d.DisallowUnknownFields()
	if err := d.Decode(&body); err != nil {
		return nil, &statusError{http.StatusBadRequest, "reading the request: " + err.Error()}
	}
	if body.Path == "" {
		return nil, &statusError{http.StatusBadRequest, `the request has no "path"`}
	}
	return f(r.Context(), body)
}

// answer runs a handler and sends what it returns.
func answer(w http.ResponseWriter, p Probe, r *http.Request, f func(*http.Request) (any, error)) {
	v, err := f(r)
	status := http.StatusOK
	if err != nil {
		status = statusOf(err)
		problem := &Problem{Message: err.Error()}
		problem.Hint, problem.Usage = p.Explain(err)
		v = problem
	}
	text, err := json.Marshal(v)
	if err != nil {
		status, text = http.StatusInternalServerError, []byte(`{"error":"the answer cannot be encoded"}`)
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	w.Write(append(text, '\n'))
}

func statusOf(err error) int {
	var status *statusError
	switch {
	case errors.As(err, &status):
		return status.status
	case errors.Is(err, probe.ErrNotLoaded):
		return http.StatusNotFound
	case errors.Is(err, probe.ErrLoaded):
		return http.StatusConflict
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return http.StatusServiceUnavailable
	}
	return http.StatusUnprocessableEntity
}
