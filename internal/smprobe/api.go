package smprobe

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"slices"

	"github.com/streamon/streamon/internal/access"
	"github.com/streamon/streamon/internal/metrics"
	"github.com/streamon/streamon/internal/sink"
	"github.com/streamon/streamon/internal/web"
)

// apiFlags say where a probe answers requests, and whose.
type apiFlags struct {
	Socket         string `env:"SMPROBE_SOCKET" placeholder:"PATH" help:"Open a control socket for load, replace, unload, list, show, alerts and reload."`
	Listen         string `placeholder:"HOST:PORT" help:"Also answer HTTP requests there, from those whom --tokens or --client-ca know."`
	Tokens         string `placeholder:"FILE" help:"File of those who may ask over --listen: tokens and certificates, tenants, rights. The command token makes lines of it."`
	TLSCert        string `name:"tls-cert" placeholder:"FILE" help:"Certificate of --listen (PEM). Without it, tokens cross the network as they are."`
	TLSKey         string `name:"tls-key" placeholder:"FILE" help:"Key of --tls-cert (PEM)."`
	ClientCA       string `name:"client-ca" placeholder:"FILE" help:"Certificates that sign those of clients (PEM). Clients need one; with --tokens, one that is in there, or a token."`
	PluginDir      string `name:"plugin-dir" placeholder:"DIR" help:"Folder of all plugins and list files that requests name. Without it there is no loading over --listen."`
	TenantPrograms int    `name:"tenant-programs" default:"32" placeholder:"N" help:"Programs that one tenant may have loaded at a time (32); 0 = no bound."`
	Uploads        bool   `help:"Let those who may load programs over --listen also bring them along: sources, which are compiled here, and the operator plugins. Needs --plugin-dir."`
}

// checkAPI refuses flags that do not go together.
func (f *apiFlags) checkAPI() error {
	switch {
	case f.TenantPrograms < 0:
		return usagef("", "--tenant-programs %d: expected 0 or more", f.TenantPrograms)
	case f.Listen == "":
		if f.Tokens != "" || f.TLSCert != "" || f.TLSKey != "" || f.ClientCA != "" || f.Uploads {
			return usagef("give --listen HOST:PORT too", "--tokens, --tls-cert, --tls-key, --client-ca and --uploads are for --listen")
		}
		return nil
	case f.Uploads && f.PluginDir == "":
		return usagef("give --plugin-dir DIR too", "--uploads: programs could not be loaded")
	case f.Tokens == "" && f.ClientCA == "":
		return usagef("give --tokens FILE, or --tls-cert, --tls-key and --client-ca", "--listen %s: anybody who can connect could change the probe", f.Listen)
	case (f.TLSCert == "") != (f.TLSKey == ""):
		return usagef("", "--tls-cert and --tls-key need each other")
	case f.ClientCA != "" && f.TLSCert == "":
		return usagef("", "--client-ca needs --tls-cert and --tls-key")
	}
	return checkAddress("--listen", f.Listen, "127.0.0.1:7474")
}

// checkAddress refuses what is no address to listen at; it asks nobody for the host.
func checkAddress(flag, address, example string) error {
	_, port, err := net.SplitHostPort(address)
	if err == nil {
		_, err = net.LookupPort("tcp", port)
	}
	if err != nil {
		return usagef("for instance "+flag+" "+example, "%s: %v", flag, err)
	}
	return nil
}

// verify opens the files that say who may ask, and listens nowhere.
func (f *apiFlags) verify() (err error) {
	if _, err := access.OpenDir(f.PluginDir); err != nil {
		return fmt.Errorf("--plugin-dir: %w", err)
	}
	if f.Tokens != "" {
		if _, err = access.Open(f.Tokens); err != nil {
			return fmt.Errorf("--tokens: %w", err)
		}
	}
	if f.TLSCert != "" {
		_, err = access.TLS(f.TLSCert, f.TLSKey, f.ClientCA, f.Tokens != "")
	}
	return err
}

// hasAPI reports whether the probe answers requests.
func (f *apiFlags) hasAPI() bool { return f.Socket != "" || f.Listen != "" }

// endpoint is one place where the probe answers requests.
type endpoint struct {
	listener net.Listener
	isRemote bool
	tls      *tls.Config
}

// serve answers requests until the function it returns is called.
func (f *apiFlags) serve(ctx context.Context, h *host, out *outputs) (done func(), err error) {
	opt := web.Options{Feed: out.feed, Logf: h.std.errorf, Metrics: func(t *metrics.Text) { outputMetrics(t, out); h.kept.metrics(t); h.metrics(t) }}
	if f.PluginDir == "" {
		opt.NoLoads = "this probe was started without --plugin-dir"
	}
	if !f.Uploads {
		opt.NoUploads = "this probe was started without --uploads"
	}
	if h.dir, err = access.OpenDir(f.PluginDir); err != nil {
		return nil, fmt.Errorf("--plugin-dir: %w", err)
	}
	if f.Tokens != "" {
		if opt.Keys, err = access.Open(f.Tokens); err != nil {
			return nil, fmt.Errorf("--tokens: %w", err)
		}
	}
	var list []endpoint
	defer func() {
		for _, e := range list {
			if err != nil {
				e.listener.Close()
			}
		}
	}()
	if f.Socket != "" {
		l, err := web.Listen(f.Socket)
		if err != nil {
			return nil, err
		}
		list = append(list, endpoint{listener: l})
	}
	if f.Listen != "" {
		e, err := f.remote(h.std)
		if err != nil {
			return nil, err
		}
		list = append(list, e)
	}
	server := web.New(h, opt)
	var each []func(context.Context)
	for _, e := range list {
		each = append(each, func(ctx context.Context) {
			if err := server.Serve(ctx, e.listener, e.isRemote, e.tls); err != nil {
				h.std.errorf("answering requests at %s: %v", e.listener.Addr(), err)
			}
		})
	}
	return background(ctx, each...), nil
}

// remote opens the listener for others.
func (f *apiFlags) remote(std *stdio) (e endpoint, err error) {
	e.isRemote = true
	if f.TLSCert != "" {
		if e.tls, err = access.TLS(f.TLSCert, f.TLSKey, f.ClientCA, f.Tokens != ""); err != nil {
			return e, err
		}
	}
	if e.listener, err = net.Listen("tcp", f.Listen); err != nil {
		return e, err
	}
	scheme := "https"
	if e.tls == nil {
		scheme = "http"
		if a, ok := e.listener.Addr().(*net.TCPAddr); ok && !a.IP.IsLoopback() {
			std.notef("warning: tokens cross the network in clear text: give --tls-cert and --tls-key")
		}
	}
	std.notef("answering requests at %s://%s", scheme, e.listener.Addr())
	return e, nil
}

// outputMetrics writes what the outputs count.
func outputMetrics(t *metrics.Text, out *outputs) {
	for _, p := range out.published() {
		label := metrics.Label{Name: "endpoint", Value: p.Endpoint}
		t.Counter("streamon_publish_messages_total", "Messages that records became for ZeroMQ subscribers.", float64(p.Messages), label)
		t.Counter("streamon_publish_sent_total", "Messages sent, for each subscriber.", float64(p.Sent), label)
		t.Counter("streamon_publish_dropped_total", "Messages dropped because a subscriber was slow.", float64(p.Dropped), label)
	}
	for _, s := range byName(out.sent()) {
		label := metrics.Label{Name: "sink", Value: s.Sink}
		t.Counter("streamon_sink_records_total", "Records for the sink.", float64(s.Records), label)
		t.Counter("streamon_sink_sent_total", "Records delivered.", float64(s.Sent), label)
		t.Counter("streamon_sink_dropped_total", "Records dropped because the queue was full.", float64(s.Dropped), label)
		t.Counter("streamon_sink_refused_total", "Records that the receiver does not want.", float64(s.Refused), label)
		t.Gauge("streamon_sink_waiting", "Records in the queue.", float64(s.Waiting), label)
		t.Counter("streamon_sink_retries_total", "Deliveries that failed and were tried again.", float64(s.Retries), label)
	}
	if l := out.limits(); l != nil {
		t.Parts("streamon_alerts_total", "Alerts, by whether they were held back.", "result",
			[]metrics.Part{metrics.Of("passed", l.Passed), metrics.Of("duplicate", l.Duplicates), metrics.Of("limited", l.Limited)})
	}
	if out.inline != nil {
		for _, c := range out.inline.Handed() {
			t.Parts("streamon_inline_packets_total", "Packets that came in at an interface, by what became of them.", "result",
				[]metrics.Part{metrics.Of("forwarded", c.Forwarded), metrics.Of("dropped", c.Dropped), metrics.Of("blocked", c.Blocked), metrics.Of("failed", c.Failed)},
				metrics.Label{Name: "from", Value: c.From}, metrics.Label{Name: "to", Value: c.To})
		}
	}
	if m := out.mitigated(); m != nil {
		mode := metrics.Label{Name: "mode", Value: m.Mode}
		t.Parts("streamon_blocks_wanted_total", "Blocks and drops that programs asked for, by what became of them; those that failed were put in force before.", "result",
			[]metrics.Part{metrics.Of("blocked", m.Blocked), metrics.Of("repeated", m.Repeated), metrics.Of("allowed", m.Allowed), metrics.Of("refused", m.Refused), metrics.Of("failed", m.Failed)}, mode)
		t.Gauge("streamon_blocks", "Blocks in force; in a dry run, that would be.", float64(m.Active), mode)
		t.Counter("streamon_blocks_lifted_total", "Blocks that were ended before their time.", float64(m.Lifted), mode)
		t.Counter("streamon_blocks_dropped_packets_total", "Packets that the kernel dropped because of blocks.", float64(m.Dropped), mode)
	}
	if c := out.commands(); c != nil {
		t.Parts("streamon_commands_total", "Commands that programs asked for, by what became of them; those that failed were run.", "result",
			[]metrics.Part{metrics.Of("run", c.Run), metrics.Of("failed", c.Failed), metrics.Of("refused", c.Refused), metrics.Of("dropped", c.Dropped)})
	}
}

// byName adds up what sinks of one name count, as those that a reload has ended and begun
// again: a series stands once on a page.
func byName(list []sink.Counts) (sums []sink.Counts) {
	for _, c := range list {
		i := slices.IndexFunc(sums, func(s sink.Counts) bool { return s.Sink == c.Sink })
		if i < 0 {
			sums = append(sums, c)
			continue
		}
		s := &sums[i]
		s.Records, s.Sent, s.Dropped, s.Refused = s.Records+c.Records, s.Sent+c.Sent, s.Dropped+c.Dropped, s.Refused+c.Refused
		s.Waiting, s.Retries = s.Waiting+c.Waiting, s.Retries+c.Retries
	}
	return sums
}
