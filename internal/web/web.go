// Package web is the probe's HTTP interface, on the control socket and on TCP, and the
// client that the commands of smprobe use.
//
// It owns paths, JSON bodies, status codes, and the bounds of what clients may take:
// time, bytes, connections, streams. What a request does is the probe's business,
// which is stated here as an interface, [Probe]; who may ask is package access's, what is
// streamed package feed's. The main type is [Server]. Requests are a table (routes.go), of which
// openapi.json is the description; doc/api.md has both by example. Errors are answered
// in one place: handlers return them.
//
// An error is {"error": "…", "hint": "…", "usage": true if the request is at fault} with a status of 400 and above.
package web

import (
	"context"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/streamon/streamon/internal/access"
	"github.com/streamon/streamon/internal/feed"
	"github.com/streamon/streamon/internal/metrics"
	"github.com/streamon/streamon/internal/probe"
)

// LoadRequest is the body of load and replace.
type LoadRequest struct {
	Path   string       `json:"path,omitempty"`   // plugin, absolute or in the plugin folder
	Upload string       `json:"upload,omitempty"` // instead of path: what an upload was answered with
	Name   string       `json:"name,omitempty"`   // of the instance; without it, the program's
	Tenant string       `json:"tenant,omitempty"` // whom it will belong to; without it, who asks
	Slice  *probe.Slice `json:"slice,omitempty"`  // traffic that it is shown; without it all, and of a replacement as before
	Set    []string     `json:"set,omitempty"`    // name.param=value
	Lists  []string     `json:"lists,omitempty"`  // name.list=file, absolute or in the plugin folder

	Budget  string `json:"budget,omitempty"`  // time for a batch, as in 2ms; none = no limit
	Memory  string `json:"memory,omitempty"`  // as in 64MB; none = no limit
	Restart string `json:"restart,omitempty"` // never, on-failure, or on-failure:5/10m

	Shadow  string `json:"shadow,omitempty"`  // of a replacement: try it first for so long, as in 30s
	Promote string `json:"promote,omitempty"` // what then: auto, never, or if-equal, which it is without
}

// ParamsRequest is the body of a change of parameters.
type ParamsRequest struct {
	Set map[string]string `json:"set"` // parameter → value, as a program writes it
}

// Params is the answer to questions about parameters.
type Params struct {
	Program string        `json:"program"` // name of the instance
	Params  []probe.Param `json:"params"`
}

// Lists is the answer to questions about lists.
type Lists struct {
	Program string              `json:"program"` // name of the instance
	Lists   []probe.ListInForce `json:"lists"`
}

// Reloaded is the answer to reload.
type Reloaded struct {
	Lists int `json:"lists"` // that are in force anew
}

// Upload is the answer to an upload: a program that can be loaded.
type Upload struct {
	Upload  string `json:"upload"`  // for load and replace; the last 16 of each tenant are kept
	Program string `json:"program"` // its name
	Version string `json:"version"`
	Log     string `json:"log,omitempty"` // warnings of the compiler
}

// Me is what the probe knows of who asks.
type Me struct {
	Tenant   string `json:"tenant,omitempty"` // none: the operator
	Operator bool   `json:"operator"`
	Write    bool   `json:"write"`               // may change programs
	NoLoad   string `json:"no_load,omitempty"`   // why programs cannot be loaded; none: they can
	NoUpload string `json:"no_upload,omitempty"` // why sources cannot be uploaded; none: they can
}

// Done is the answer to a request that has nothing to tell.
type Done struct{}

// Probe is what the interface needs of the running probe. The context says whose the
// request is (see probe.AsTenant).
type Probe interface {
	Load(ctx context.Context, r LoadRequest) (probe.Generation, error)
	Replace(ctx context.Context, r LoadRequest) (probe.Generation, error)
	Unload(ctx context.Context, name string) error
	Reload(ctx context.Context, name string) (int, error)
	Summary(ctx context.Context) (probe.Summary, error)
	Show(ctx context.Context, name string, limit int) (probe.Detail, error)
	Params(ctx context.Context, name string) ([]probe.Param, error)
	Configure(ctx context.Context, name string, values map[string]string) (probe.Generation, error)
	Lists(ctx context.Context, name string) ([]probe.ListInForce, error)
	SetList(ctx context.Context, name, list string, text []byte) (probe.ListInForce, error)
	Entities(ctx context.Context, name string, q probe.Question) (probe.Entities, error)
	Top(ctx context.Context, name string, limit int) (probe.Top, error)
	Machines(ctx context.Context, name string) (probe.Machines, error)
	// Upload keeps a plugin, or a source that it compiles first, until it is loaded; name is
	// that of the file.
	Upload(ctx context.Context, name string, text []byte) (Upload, error)
	// CannotCompile says why sources cannot be compiled; nil = they can.
	CannotCompile() error
	Blocks(ctx context.Context, q BlockChoice, limit int) (Blocks, error)
	Lift(ctx context.Context, q BlockChoice, hold time.Duration) (Lifted, error)
	SDK() (any, error)
	// Explain says what mends an error, or nothing, and whether it lies in what was
	// asked for, not in what happened.
	Explain(err error) (hint string, usage bool)
}

// Options configure a Server. The zero Options serve a control socket without streams.
type Options struct {
	// Keys says who may ask over TCP; nil = whoever shows a client certificate that TLS
	// has verified, as the operator.
	Keys *access.Keys
	// NoLoads says why programs cannot be loaded over TCP; "" = they can.
	NoLoads string
	// NoUploads says why programs cannot be brought along over TCP; "" = they can.
	NoUploads string
	// Feed has the records for streams; nil = there are none.
	Feed *feed.Hub
	// Metrics adds what the probe does not know to the page of an operator; nil = nothing.
	Metrics func(t *metrics.Text)
	// Logf takes a line about what went wrong in the server; nil = nobody.
	Logf func(format string, args ...any)
}

// Server answers requests. Its zero value is not usable: see New.
type Server struct {
	p       Probe
	opt     Options
	closing chan struct{} // closed when streams are to end
	close   func()

	heartbeat time.Duration // of streams
	streams   seats
	uploads   seats
	lists     seats
	answers   [600]atomic.Uint64

	mu       sync.Mutex
	mutables map[string]*changes // by action
}

// changes counts what was asked for and changed something, by outcome.
type changes struct {
	ok, failed uint64
	last       time.Time // of the last one that succeeded
}

// New returns a server for p. It starts nothing.
func New(p Probe, opt Options) *Server {
	if opt.Logf == nil {
		opt.Logf = func(string, ...any) {}
	}
	if opt.Feed == nil {
		opt.Feed = feed.New()
	}
	s := &Server{p: p, opt: opt, closing: make(chan struct{}), heartbeat: heartbeat, mutables: map[string]*changes{}}
	s.close = sync.OnceFunc(func() { close(s.closing) })
	return s
}

// isLocalName reports whether a host is one that no other machine can be. A browser that
// reaches the control socket through a forwarded port asks for localhost; a page of
// another site that has its own name lead there (DNS rebinding) is refused.
func isLocalName(host string) bool {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	ip := net.ParseIP(strings.Trim(host, "[]"))
	return ip != nil && ip.IsLoopback() || ip == nil && !strings.Contains(strings.TrimSuffix(host, ".localhost"), ".")
}

// Handler returns the interface for a listener: with isRemote, callers must show who
// they are; without, they are the operator, as on the control socket.
func (s *Server) Handler(isRemote bool) http.Handler {
	mux := http.NewServeMux()
	for i := range routes {
		rt := &routes[i]
		mux.HandleFunc(rt.method+" "+rt.path, func(w http.ResponseWriter, r *http.Request) { s.answer(w, r, rt, isRemote) })
	}
	if h, ok := s.p.(Health); ok { // open to all: they tell nothing else
		mux.Handle("GET /healthz", HealthHandler(h))
		mux.Handle("GET /readyz", HealthHandler(h))
	}
	s.pages(mux)
	none := &route{action: "none", do: noRoute}
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) { s.answer(w, r, none, isRemote) })
	// A page of another site must not use the certificate that a browser holds.
	h := http.NewCrossOriginProtection().Handler(mux)
	if isRemote {
		return h
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !isLocalName(r.Host) {
			s.send(w, r, none, nil, statusf(http.StatusForbidden, "host %.80q: the control socket answers to localhost", r.Host))
			return
		}
		h.ServeHTTP(w, r)
	})
}
