package smprobe

import (
	"context"
	"fmt"
	"os"
	"runtime"
	"slices"
	"time"

	"github.com/streamon/streamon/internal/capture"
	"github.com/streamon/streamon/internal/command"
	"github.com/streamon/streamon/internal/config"
	"github.com/streamon/streamon/internal/probe"
	"github.com/streamon/streamon/internal/zmq"
)

type runCmd struct {
	Interface string   `short:"i" placeholder:"IF" help:"Capture from an interface (not in this version)."`
	Read      []string `short:"r" sep:"none" placeholder:"FILE" help:"Read captures, one after the other: pcap, pcapng, ERF or snoop, plain or gzip; - is standard input. More files may follow as arguments." predictor:"capture"`
	Files     []string `arg:"" optional:"" name:"capture" help:"More captures to read, after -r." predictor:"capture"`
	Replay    string   `placeholder:"FILE" help:"Read a capture at the pace it was recorded." predictor:"capture"`
	Speed     string   `default:"1x" help:"Pace of --replay: 1x, 10x, 0.5x or max (${default})."`
	Loop      int      `default:"1" placeholder:"N" help:"Replay N times, 0 = until stopped (${default})."`
	Program   []string `short:"p" sep:"none" placeholder:"FILE" help:"Load a program (plugin made by smcc build)." predictor:"plugin"`
	Set       []string `sep:"none" placeholder:"PROGRAM.PARAM=VALUE" help:"Set a parameter." predictor:"set"`
	List      []string `sep:"none" placeholder:"PROGRAM.LIST=FILE" help:"Take a list from a file; the command reload reads it again."`
	Alerts    string   `placeholder:"FILE" help:"Also write alerts, messages and log entries to FILE as JSON lines."`
	Publish   []string `sep:"none" placeholder:"ENDPOINT" help:"Also send alerts, messages and log entries to ZeroMQ subscribers that connect to ENDPOINT, as in tcp://*:5560: two parts, topic and text. Those who are slow miss some, counted in the summary."`
	AllowExec []string `name:"allow-exec" sep:"none" placeholder:"PATH" help:"Let programs run the command PATH with exec, a whole path; without it commands are recorded and not run."`
	Summary   string   `placeholder:"FILE" help:"Write the summary to FILE as JSON at the end; - is standard output."`
	State     string   `placeholder:"FILE" help:"Write entities and table entries to FILE as JSON at the end; - is standard output."`
	Evidence  string   `placeholder:"FILE" help:"Write the packets that programs capture to FILE (pcapng)."`
	Tenant    string   `placeholder:"NAME" help:"Whom the programs belong to; without it, the operator."`
	apiFlags
	Workers int     `default:"1" placeholder:"N" help:"Run programs in N threads beside the one that reads, 0 = one for each processor (${default}). Results do not depend on it."`
	Costs   bool    `help:"Add to the summary what each program takes. Two runs then differ."`
	Seed    *uint64 `placeholder:"N" help:"Seed of the key hashes (default 1, so that runs repeat)."`
	Quiet   bool    `short:"q" help:"Nothing on standard output, no summary on standard error."`
}

// Run implements the command.
func (c *runCmd) Run(std *stdio) error {
	if err := c.check(); err != nil {
		return err
	}
	ctx := std.ctx
	out, err := c.open(std)
	if err != nil {
		return err
	}
	defer out.close()
	seed := uint64(config.FileSeed)
	if c.Seed != nil {
		seed = *c.Seed
	}
	p := probe.New(probe.Options{Seed: seed, Workers: c.workers(), Records: out.records, Evidence: out.packets(), Logf: std.errorf})
	host := &host{std: std, probe: p}
	defer host.close()
	if err := c.load(ctx, host); err != nil {
		return err
	}
	if c.hasAPI() {
		done, err := c.serve(ctx, host, out)
		if err != nil {
			return err
		}
		defer done()
	}

	files, failed := c.source(ctx, std)
	defer files.Close()
	begun := time.Now()
	err = p.Run(ctx, files)
	return c.finish(std, p, out, ending{err: err, unreadable: failed, took: time.Since(begun)})
}

// workers returns the number of goroutines that run programs.
func (c *runCmd) workers() int {
	if c.Workers == 0 {
		return runtime.GOMAXPROCS(0)
	}
	return c.Workers
}

// maxWorkers bounds --workers: an item of the plan of a batch names a shard in 15 bits,
// and each has structures of its own.
const maxWorkers = 256

// check refuses arguments that do not go together.
func (c *runCmd) check() error {
	c.Read = append(c.Read, c.Files...)
	switch {
	case c.Interface != "":
		return usagef("read captures with -r FILE, or replay one with --replay FILE", "-i %s: live capture is not in this version", c.Interface)
	case c.Replay != "" && len(c.Read) > 0:
		return usagef("give one of them", "-r and --replay exclude each other")
	case c.Replay == "" && len(c.Read) == 0:
		return usagef("smprobe run -r trace.pcap -p p2p.so", "no packets to read")
	case c.Replay == "" && c.Loop != 1:
		return usagef("use --replay FILE --speed max --loop N", "--loop needs --replay")
	case c.Replay == "-" && c.Loop != 1:
		return usagef("", "standard input cannot be read more than once")
	case c.Loop < 0:
		return usagef("--loop 0 repeats until stopped", "--loop %d: expected 0 or more", c.Loop)
	case c.Workers < 0 || c.Workers > maxWorkers:
		return usagef("--workers 0 takes one for each processor", "--workers %d: expected 0 to %d", c.Workers, maxWorkers)
	}
	for _, texts := range [][]string{c.Set, c.List} {
		if _, err := config.ParseSettings(texts); err != nil {
			return usagef("for instance --set ddos.threshold=100", "%v", err)
		}
	}
	for _, e := range c.Publish {
		if err := zmq.Check(e); err != nil {
			return usagef(zmq.EndpointHint, "--publish: %v", err)
		}
	}
	if err := command.CheckAllow(c.AllowExec); err != nil {
		return usagef("for instance --allow-exec /usr/sbin/nft", "--allow-exec: %v", err)
	}
	if _, err := config.ParseSpeed(c.Speed); err != nil {
		return usagef("", "%v", err)
	}
	return c.checkAPI()
}

// load loads the programs built in and those given; one that cannot be loaded ends
// the command, since its results would be missed.
func (c *runCmd) load(ctx context.Context, h *host) error {
	set, _ := config.ParseSettings(c.Set)
	lists, _ := config.ParseSettings(c.List)
	var names []string
	add := func(a probe.Artifact) error {
		names = append(names, a.Info.Manifest.Name)
		a.Settings, a.Lists, a.Tenant = set, lists, c.Tenant
		_, err := h.probe.Load(ctx, a)
		return err
	}
	for _, info := range h.std.builtin {
		if err := add(probe.Artifact{Info: info}); err != nil {
			return err
		}
	}
	for _, path := range c.Program {
		info, err := h.open(path)
		if err == nil {
			err = add(probe.Artifact{Info: info, Path: path})
		}
		if err != nil {
			return err
		}
	}
	for _, s := range append(set, lists...) {
		if !slices.Contains(names, s.Program) {
			hint := fmt.Sprintf("loaded are %q", names)
			if len(names) == 0 {
				hint = "load one with -p FILE.so"
			}
			return usagef(hint, "%s: no program %q is loaded", s, s.Program)
		}
	}
	return nil
}

// source opens what is to be read. Files that cannot be opened are reported and
// left out.
func (c *runCmd) source(ctx context.Context, std *stdio) (src capture.Source, failed []unreadable) {
	live := false // something may keep its reader waiting
	open := func(path string) (capture.Source, error) {
		st, err := os.Stat(path)
		if path != "-" && (err != nil || st.Mode().IsRegular()) {
			return capture.Open(path)
		}
		live = true
		return c.openLive(ctx, std, path)
	}
	join := func(src capture.Source) capture.Source {
		if live {
			return capture.Live(ctx, src)
		}
		return src
	}
	if c.Replay != "" {
		speed, _ := config.ParseSpeed(c.Speed)
		src, err := open(c.Replay)
		if err == nil && c.Loop != 1 {
			src.Close()
			src, err = capture.Loop(func() (capture.Source, error) { return open(c.Replay) }, c.Loop)
		}
		if err != nil {
			std.say(err)
			return capture.Concat(), []unreadable{{c.Replay, err.Error()}}
		}
		return capture.Paced(ctx, join(src), speed, capture.WallClock), nil
	}
	var list []capture.Source
	for _, path := range c.Read {
		src, err := open(path)
		if err != nil {
			std.say(err)
			failed = append(failed, unreadable{path, err.Error()})
			continue
		}
		list = append(list, src)
	}
	if len(list) == 1 {
		return join(list[0]), failed
	}
	return join(capture.Concat(list...)), failed
}

// openLive opens standard input or a pipe, for which it may have to wait until
// somebody writes: at most until ctx is done, and then there is nothing to read.
func (c *runCmd) openLive(ctx context.Context, std *stdio, path string) (capture.Source, error) {
	type opened struct {
		src capture.Source
		err error
	}
	done := make(chan opened, 1)
	go func() {
		var o opened
		if path == "-" {
			o.src, o.err = capture.NewSource("-", std.in)
		} else {
			o.src, o.err = capture.Open(path)
		}
		done <- o
	}()
	select {
	case o := <-done:
		return o.src, o.err
	case <-ctx.Done():
		return capture.Concat(), nil
	}
}

// ending is how a run went.
type ending struct {
	err        error
	unreadable []unreadable
	took       time.Duration
}

// finish writes the summary and decides the exit code.
func (c *runCmd) finish(std *stdio, p *probe.Probe, out *outputs, e ending) error {
	ctx := context.WithoutCancel(std.ctx)
	summarize := p.Summary
	if c.Costs {
		summarize = p.Listing
	}
	s, err := summarize(ctx)
	if err != nil {
		return err
	}
	full := summary{Summary: s, Damaged: []damage{}, Unreadable: append([]unreadable{}, e.unreadable...)}
	failed := len(e.unreadable) > 0
	for _, d := range capture.Damages(e.err) {
		full.Damaged = append(full.Damaged, damage{d.Path, d.Offset, d.Reason, d.Packets})
	}
	if len(full.Damaged) == 0 && e.err != nil {
		std.say(e.err)
		failed = true
	} else if errs, ok := e.err.(interface{ Unwrap() []error }); ok { // damage, and perhaps more
		for _, err := range errs.Unwrap() {
			if len(capture.Damages(err)) == 0 {
				std.say(err)
				failed = true
			}
		}
	}
	if err := out.close(); err != nil {
		std.say(err)
		failed = true
	}
	full.Publish, full.Exec = out.published(), out.commands()
	if c.Summary != "" {
		if err := writeJSON(std, c.Summary, full); err != nil {
			std.say(err)
			failed = true
		}
	}
	if c.State != "" {
		st, err := stateOf(ctx, p, &s)
		if err == nil {
			err = writeJSON(std, c.State, st)
		}
		if err != nil {
			std.say(err)
			failed = true
		}
	}
	if !c.Quiet {
		full.print(std.err, e.took)
	}
	switch {
	case p.Stopped(ctx) > 0:
		return exitError(exitBug)
	case failed:
		return exitError(exitFailed)
	}
	return nil
}
