package smprobe

import (
	"context"
	"log/slog"
	"runtime"
	"time"

	"github.com/streamon/streamon/internal/capture"
	"github.com/streamon/streamon/internal/command"
	"github.com/streamon/streamon/internal/config"
	"github.com/streamon/streamon/internal/probe"
	"github.com/streamon/streamon/internal/sink"
	"github.com/streamon/streamon/internal/zmq"
)

type runCmd struct {
	liveFlags
	apiFlags
	checkpointFlags
	limitFlags
	mitigationFlags

	Read            []string `short:"r" sep:"none" placeholder:"FILE" help:"Read captures, one after the other: pcap, pcapng, ERF or snoop, plain or gzip; - is standard input. More files may follow as arguments." predictor:"capture"`
	Watch           string   `placeholder:"DIR" help:"Read the captures in a directory, and those that are put there, each when it is complete, until stopped."`
	Files           []string `arg:"" optional:"" name:"capture" help:"More captures to read, after -r." predictor:"capture"`
	Replay          string   `placeholder:"FILE" help:"Read a capture at the pace it was recorded." predictor:"capture"`
	Speed           string   `default:"1x" help:"Pace of --replay: 1x, 10x, 0.5x or max (${default})."`
	Loop            int      `default:"1" placeholder:"N" help:"Replay N times, 0 = until stopped (${default})."`
	Tenant          string   `placeholder:"NAME" help:"Whom the programs belong to; without it, the operator."`
	Program         []string `short:"p" sep:"none" placeholder:"FILE" help:"Load a program (plugin made by smcc build)." predictor:"plugin"`
	Set             []string `sep:"none" placeholder:"PROGRAM.PARAM=VALUE" help:"Set a parameter." predictor:"set"`
	List            []string `sep:"none" placeholder:"PROGRAM.LIST=FILE" help:"Take a list from a file; the command reload reads it again."`
	Alerts          string   `placeholder:"FILE" help:"Also write alerts, messages and log entries to FILE as JSON lines."`
	Publish         []string `sep:"none" placeholder:"ENDPOINT" help:"Also send alerts, messages and log entries to ZeroMQ subscribers that connect to ENDPOINT, as in tcp://*:5560: two parts, topic and text. Those who are slow miss some, counted in the summary."`
	Sink            []string `sep:"none" placeholder:"SINK" help:"Also send alerts, messages and log entries to SINK: file:PATH, stdout:, syslog:tcp://HOST, webhook:URL, kafka:BROKER/TOPIC or zmq:ENDPOINT, with ?OPTION=VALUE; see doc/sinks.md. One that is slow or dead holds up nothing."`
	Dedup           string   `placeholder:"TIME" help:"Hold back alerts like one that passed less than TIME ago, of the same program, entity and states; the next one says how many."`
	AlertRate       string   `name:"alert-rate" placeholder:"N/TIME" help:"Let at most N alerts of a program about one entity pass in TIME, as in 5/1m; the next one says how many were held back."`
	AllowExec       []string `name:"allow-exec" sep:"none" placeholder:"PATH" help:"Let programs run the command PATH with exec, a whole path; without it commands are recorded and not run."`
	Summary         string   `placeholder:"FILE" help:"Write the summary to FILE as JSON at the end; - is standard output."`
	State           string   `placeholder:"FILE" help:"Write entities and table entries to FILE as JSON at the end; - is standard output."`
	Evidence        string   `placeholder:"FILE" help:"Write the packets that programs capture to FILE (pcapng)."`
	EvidenceDir     string   `name:"evidence-dir" placeholder:"DIR" help:"Write, for every alert, the last packets of its entity to a file in DIR (pcapng)."`
	EvidencePackets int      `name:"evidence-packets" default:"100" placeholder:"N" help:"Packets in a file of --evidence-dir (${default})."`
	EvidenceBytes   string   `name:"evidence-bytes" default:"1MB" placeholder:"SIZE" help:"Bytes of packets in a file of --evidence-dir (${default})."`
	EvidenceFiles   int      `name:"evidence-files" default:"1000" placeholder:"N" help:"Files in --evidence-dir; the oldest are removed (${default})."`
	EvidenceDisk    string   `name:"evidence-disk" default:"1GB" placeholder:"SIZE" help:"Bytes of all files in --evidence-dir; the oldest are removed (${default})."`
	EvidenceMemory  string   `name:"evidence-memory" default:"64MB" placeholder:"SIZE" help:"Bytes of recent packets that are kept in memory for --evidence-dir (${default})."`
	Config          string   `placeholder:"FILE" help:"Take flags, programs and sinks from FILE (TOML); the command line goes before it. SIGHUP reads it again. See doc/running.md."`
	Check           bool     `help:"Check the command line, the configuration file and the programs, and run nothing."`
	Health          string   `placeholder:"ADDRESS" help:"Answer /healthz and /readyz over HTTP on ADDRESS, as in 127.0.0.1:9180."`
	LogFormat       string   `name:"log-format" enum:"plain,json" default:"plain" help:"Form of messages on standard error: plain, or json, one object a line (${default})."`
	Workers         int      `default:"1" placeholder:"N" help:"Read packets and run programs in N threads, 0 = one for each processor (${default}). Results do not depend on it."`
	ProcessMemory   string   `name:"process-memory" default:"auto" placeholder:"SIZE" help:"End the run when the process has more than SIZE of memory and a program that was given up goes on; auto is three quarters of what it may have, none is no limit (${default})."`
	Costs           bool     `help:"Add to the summary what each program takes. Two runs then differ."`
	Seed            *uint64  `placeholder:"N" help:"Seed of the key hashes (default 1, so that runs repeat)."`
	Quiet           bool     `short:"q" help:"Nothing on standard output, no summary on standard error."`

	file  *config.File // what --config names
	specs []*sink.Spec // of --sink and of the file; check reads them
}

// Run implements the command.
func (c *runCmd) Run(std *stdio) error {
	std.out, std.err = hold(std.ctx, "standard output", std.out, true), hold(std.ctx, "standard error", std.err, true)
	if c.LogFormat == "json" {
		std.log = slog.New(slog.NewJSONHandler(std.err, nil))
	}
	if err := c.check(); err != nil {
		return err
	}
	if c.Check {
		return c.verify(std)
	}
	ctx := std.ctx
	bar := c.bar(std)
	bar.cover(std)
	ifs, err := c.openInterfaces(std)
	if err != nil {
		return err
	}
	if ifs != nil {
		defer ifs.Close()
	}
	between, err := c.openInline(std)
	if err != nil {
		return err
	}
	if between != nil {
		defer between.Close()
	}
	if err := c.becomeUser(std); err != nil { // before outputs: the files have to be this user's
		return err
	}
	out, err := c.open(std)
	if err != nil {
		return err
	}
	defer out.close()
	defer context.AfterFunc(ctx, out.sinks.Hurry)()
	if between != nil {
		between.guard, out.inline = out.guard, between
	}
	p := c.probe(std, out, ifs)
	kept, err := c.openCheckpoint(ctx, std, c.Quiet, p)
	if err != nil {
		return err
	}
	if kept != nil {
		defer kept.release()
	}
	host := &host{std: std, Probe: p, out: out, kept: kept}
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
	if c.Health != "" {
		done, err := serveHealth(ctx, c.Health, host)
		if err != nil {
			return err
		}
		defer done()
	}
	defer c.watch(ctx, host)()

	end := kept.start()
	begun := time.Now()
	if ifs != nil {
		host.phase.Store(phaseRunning)
		err = ifs.run(ctx, func(ctx context.Context) error { return p.Run(ctx, ifs) })
		host.phase.Store(phaseStopping)
		took := time.Since(begun)
		return c.finish(std, p, out, ending{err: err, isUnsaved: !end(), took: took})
	}
	if between != nil {
		host.phase.Store(phaseRunning)
		err = between.run(ctx, func(ctx context.Context) error { return p.Run(ctx, between) })
		host.phase.Store(phaseStopping)
		took := time.Since(begun)
		return c.finish(std, p, out, ending{err: err, isUnsaved: !end(), took: took})
	}
	files, failed := c.source(ctx, std)
	defer files.Close()
	host.phase.Store(phaseRunning)
	done := bar.show(ctx, p, files)
	err = p.Run(ctx, files)
	done()
	host.phase.Store(phaseStopping)
	took := time.Since(begun)
	return c.finish(std, p, out, ending{err: err, unreadable: failed, isUnsaved: !end(), took: took})
}

// seed returns the seed of key hashes: files give the same results each time.
func (c *runCmd) seed() uint64 {
	switch {
	case c.Seed != nil:
		return *c.Seed
	case c.isLive():
		return randomSeed()
	}
	return config.FileSeed
}

// probe returns the probe without programs.
func (c *runCmd) probe(std *stdio, out *outputs, ifs *live) *probe.Probe {
	limits, _ := c.limits() // check has read them
	memory, _ := processMemory(c.ProcessMemory)
	opt := probe.Options{Limits: limits, MemoryLimit: memory, TenantPrograms: c.TenantPrograms, Seed: c.seed(), Workers: c.workers(), Records: out.records, Evidence: out.packets(), Drops: out.drops(), Logf: std.errorf, Notef: std.notef}
	if out.recent != nil {
		opt.Recent = out.recent
	}
	if ifs != nil {
		opt.Wanted = ifs.want
	}
	if out.inline != nil {
		opt.Forward = out.inline
	}
	return probe.New(opt)
}

// isLive reports whether packets do not wait for whoever takes what comes of them.
func (c *runCmd) isLive() bool { return len(c.Interface) > 0 || c.Inline != "" }

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
	case c.kinds() > 1:
		return usagef("packets of the past and of now have no common order: run one probe for each", "-i, -r, --replay, --watch and --inline exclude each other")
	case c.kinds() == 0:
		return usagef("smprobe run -r trace.pcap -p p2p.so, or smprobe run -i eth0 -p p2p.so", "no packets to read")
	case c.Replay == "" && c.Loop != 1:
		return usagef("use --replay FILE --speed max --loop N", "--loop needs --replay")
	case c.Replay == "-" && c.Loop != 1:
		return usagef("", "standard input cannot be read more than once")
	case c.Loop < 0:
		return usagef("--loop 0 repeats until stopped", "--loop %d: expected 0 or more", c.Loop)
	case c.Workers < 0 || c.Workers > maxWorkers:
		return usagef("--workers 0 takes one for each processor", "--workers %d: expected 0 to %d", c.Workers, maxWorkers)
	}
	if err := c.liveFlags.check(); err != nil {
		return err
	}
	if _, err := c.limits(); err != nil {
		return err
	}
	if _, err := processMemory(c.ProcessMemory); err != nil {
		return err
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
	if err := c.checkOutputs(); err != nil {
		return err
	}
	if err := c.checkInline(); err != nil {
		return err
	}
	if err := c.checkMitigation(); err != nil {
		return err
	}
	if _, err := config.ParseSpeed(c.Speed); err != nil {
		return usagef("", "%v", err)
	}
	if err := c.checkpointFlags.check(); err != nil {
		return err
	}
	if c.Health != "" {
		if err := checkAddress("--health", c.Health, "127.0.0.1:9180"); err != nil {
			return err
		}
	}
	return c.checkAPI()
}

// kinds is how many kinds of sources are given.
func (c *runCmd) kinds() (n int) {
	for _, given := range []bool{len(c.Interface) > 0, len(c.Read) > 0, c.Replay != "", c.Watch != "", c.Inline != ""} {
		if given {
			n++
		}
	}
	return n
}

// ending is how a run went.
type ending struct {
	err        error
	unreadable []unreadable
	isUnsaved  bool // the last checkpoint could not be written
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
	failed := len(e.unreadable) > 0 || e.isUnsaved
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
	full.Sinks, full.Limits, full.Kept, full.Mitigation = out.sent(), out.limits(), out.kept(), out.mitigated()
	if out.inline != nil {
		full.Inline = out.inline.Handed()
	}
	if c.Summary != "" {
		if err := out.writeJSON(std, "--summary", c.Summary, full); err != nil {
			std.say(err)
			failed = true
		}
	}
	if c.State != "" {
		st, err := stateOf(ctx, p, &s)
		if err == nil {
			err = out.writeJSON(std, "--state", c.State, st)
		}
		if err != nil {
			std.say(err)
			failed = true
		}
	}
	for _, err := range out.lost() {
		std.say(err)
		failed = true
	}
	switch {
	case c.Quiet:
	case std.log != nil:
		std.log.Info("summary", "summary", full)
	default:
		full.print(std.err, e.took)
	}
	switch {
	case p.Stopped(ctx) > 0:
		return exitError(exitBug)
	case failed || len(out.lost()) > 0: // standard error may be among them
		return exitError(exitFailed)
	}
	return nil
}
