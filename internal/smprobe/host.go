package smprobe

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
	"sync/atomic"

	"golang.org/x/term"

	"github.com/streamon/streamon/internal/access"
	"github.com/streamon/streamon/internal/config"
	"github.com/streamon/streamon/internal/loader"
	"github.com/streamon/streamon/internal/metrics"
	"github.com/streamon/streamon/internal/probe"
	"github.com/streamon/streamon/internal/sdk"
	"github.com/streamon/streamon/internal/web"
	"github.com/streamon/streamon/runtime/program"
)

// host joins the probe and the loader of plugins. It is the web.Probe of the
// control socket.
type host struct {
	*probe.Probe // what web.Probe asks of it by the same name
	std          *stdio
	out          *outputs
	kept         *checkpoints // nil without --checkpoint

	loaded map[string]string // the programs of the configuration, and what makes them what they are
	phase  atomic.Int32

	dir     access.Dir // where files that requests name may be
	uploads uploads    // what requests brought along

	mu     sync.Mutex
	loader *loader.Loader // made when the first plugin is opened
}

// open loads a plugin into the process that the command line names. It runs nothing of
// it yet.
func (h *host) open(path string) (*program.Info, error) {
	return h.openWith(path, func(l *loader.Loader) (*loader.Artifact, error) { return l.Open(path) })
}

// openRequested is open for a file that a request names: nobody else may be able to change
// it, and if there is a plugin folder, it is in there.
func (h *host) openRequested(path string) (*program.Info, error) {
	f, err := h.dir.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return h.openWith(path, func(l *loader.Loader) (*loader.Artifact, error) { return l.OpenFile(path, f) })
}

func (h *host) openWith(path string, open func(*loader.Loader) (*loader.Artifact, error)) (*program.Info, error) {
	if h.std.plugin != nil {
		return h.std.plugin(path)
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.loader == nil {
		l, err := loader.New()
		if err != nil {
			return nil, err
		}
		h.loader = l
	}
	a, err := open(h.loader)
	if err != nil {
		return nil, err
	}
	return a.Info, nil
}

func (h *host) close() {
	h.uploads.close()
}

// metrics writes what loading programs has left in memory for good.
func (h *host) metrics(t *metrics.Text) {
	builds, bytes := 0, int64(0)
	h.mu.Lock()
	l := h.loader
	h.mu.Unlock()
	if l != nil {
		builds, bytes = l.Mapped()
	}
	t.Gauge("streamon_builds", "Plugins that were loaded; their code stays in memory.", float64(builds))
	t.Gauge("streamon_builds_bytes", "Size of those plugins.", float64(bytes))
}

// artifact opens what a request names.
func (h *host) artifact(ctx context.Context, r web.LoadRequest) (a probe.Artifact, err error) {
	if a.Settings, err = config.ParseSettings(r.Set); err != nil {
		return a, err
	}
	if a.Lists, err = config.ParseSettings(r.Lists); err != nil {
		return a, err
	}
	for i := range a.Lists {
		f, err := h.dir.Open(a.Lists[i].Value)
		if err != nil {
			return a, fmt.Errorf("list %s: %w", a.Lists[i].Name, err)
		}
		a.Lists[i].Value = f.Name() // absolute if there is a folder
		f.Close()
	}
	a.Path, a.Name, a.Tenant = r.Path, r.Name, r.Tenant
	a.Slice = r.Slice
	if a.Limits, err = probe.ParseLimits(r.Budget, r.Memory, r.Restart); err != nil {
		return a, err
	}
	if a.Shadow, err = shadowPlan(r); err != nil {
		return a, err
	}
	if r.Upload != "" {
		up, err := h.uploads.find(ctx, r.Upload)
		if err != nil {
			return a, err
		}
		a.Path = up.name
		a.Info, err = h.open(up.path)
		return a, err
	}
	a.Info, err = h.openRequested(r.Path)
	return a, err
}

// Load implements web.Probe.
func (h *host) Load(ctx context.Context, r web.LoadRequest) (probe.Generation, error) {
	a, err := h.artifact(ctx, r)
	if err != nil {
		return probe.Generation{}, err
	}
	g, err := h.Probe.Load(ctx, a)
	h.note(err)
	return g, err
}

// Replace implements web.Probe.
func (h *host) Replace(ctx context.Context, r web.LoadRequest) (probe.Generation, error) {
	a, err := h.artifact(ctx, r)
	if err != nil {
		return probe.Generation{}, err
	}
	g, err := h.Probe.Replace(ctx, a)
	h.note(err)
	return g, err
}

// note logs what a failed request has left behind: who sees to the probe need not have asked.
func (h *host) note(err error) {
	if errors.Is(err, probe.ErrGivenUp) && !errors.Is(err, probe.ErrStopped) { // of that the log has a line
		h.std.errorf("%v", err)
	}
}

// Summary implements web.Probe: with costs, since nobody compares what a running probe says.
func (h *host) Summary(ctx context.Context) (probe.Summary, error) {
	s, err := h.Probe.Listing(ctx)
	s.Checkpoint = h.kept.status(ctx)
	return s, err
}

// Show implements web.Probe.
func (h *host) Show(ctx context.Context, name string, limit int) (probe.Detail, error) {
	d, err := h.Probe.Show(ctx, name, limit)
	d.Checkpoint = h.kept.status(ctx)
	return d, err
}

// SDK implements web.Probe.
func (h *host) SDK() (any, error) { return sdk.Self() }

// Explain implements web.Probe.
func (h *host) Explain(err error) (hint string, usage bool) { return explain(err) }

// isTerminal reports whether w shows to a person.
func isTerminal(w io.Writer) bool {
	if o, ok := w.(overWriter); ok {
		w = o.w
	}
	f, ok := unheld(w).(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}
