package smprobe

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"

	"github.com/streamon/streamon/internal/capture"
	"github.com/streamon/streamon/internal/command"
	"github.com/streamon/streamon/internal/config"
	"github.com/streamon/streamon/internal/evidence"
	"github.com/streamon/streamon/internal/export"
	"github.com/streamon/streamon/internal/feed"
	"github.com/streamon/streamon/internal/mitigate"
	"github.com/streamon/streamon/internal/probe"
	"github.com/streamon/streamon/internal/sink"
	"github.com/streamon/streamon/internal/zmq"
)

// outputs are the files that a run writes, the sockets that it sends to, and the
// commands that it runs.
//
//	programs → guard (blocks) → runner (commands) → limiter → files and standard output
//	                                                        → sinks, a queue before each
//	                                                        → recent packets of the entity
type outputs struct {
	records export.Writer
	alerts  *os.File
	pubs    []*zmq.Pub
	runner  *command.Runner
	limiter *export.Limiter
	sinks   *sink.Set
	recent  *evidence.Recorder
	evid    *capture.Writer
	evidOut *os.File
	feed    *feed.Hub       // nil if nobody can ask for records
	guard   *mitigate.Guard // nil with --mitigate off
	told    bool            // that there is a guard, also if nothing was asked of it
	audit   *os.File
	inline  *inline // nil without --inline
	held    []*held // of them, those that may hold up the run
	closed  bool
}

// checkOutputs refuses arguments about outputs that are wrong. It keeps the sinks, since
// files with secrets may not be there for the user that the process becomes.
func (c *runCmd) checkOutputs() (err error) {
	if _, err := c.limitOptions(); err != nil {
		return err
	}
	if _, err := c.recentOptions(); err != nil {
		return err
	}
	c.specs, err = c.sinks()
	return err
}

func (c *runCmd) limitOptions() (opt export.LimitOptions, err error) {
	if c.Dedup != "" {
		if opt.Dedup, err = config.ParseDuration(c.Dedup); err != nil {
			return opt, usagef("", "--dedup: %v", err)
		}
	}
	if c.AlertRate != "" {
		if opt.Most, opt.Per, err = config.ParseRate(c.AlertRate); err != nil {
			return opt, usagef("", "--alert-rate: %v", err)
		}
	}
	return opt, nil
}

func (c *runCmd) recentOptions() (opt evidence.Options, err error) {
	opt = evidence.Options{Dir: c.EvidenceDir, Packets: c.EvidencePackets, Files: c.EvidenceFiles}
	for _, f := range []struct {
		flag, text string
		to         *int64
	}{{"bytes", c.EvidenceBytes, &opt.Bytes}, {"disk", c.EvidenceDisk, &opt.Disk}, {"memory", c.EvidenceMemory, &opt.Memory}} {
		if *f.to, err = config.ParseSize(f.text); err != nil {
			return opt, usagef("", "--evidence-%s: %v", f.flag, err)
		}
		if *f.to < 1 {
			return opt, usagef("", "--evidence-%s %s: expected 1 or more", f.flag, f.text)
		}
	}
	if opt.Packets < 1 || opt.Files < 1 {
		return opt, usagef("", "--evidence-packets and --evidence-files: expected 1 or more")
	}
	return opt, nil
}

// open creates the output files and sockets.
func (c *runCmd) open(std *stdio) (*outputs, error) {
	o := &outputs{}
	o.watch(std.out)
	o.watch(std.err)
	if err := c.openAll(o, std); err != nil {
		o.close()
		return nil, err
	}
	return o, nil
}

func (c *runCmd) openAll(o *outputs, std *stdio) (err error) {
	if err := writable(c.Summary); err != nil {
		return fmt.Errorf("--summary: %w", err)
	}
	if err := writable(c.State); err != nil {
		return fmt.Errorf("--state: %w", err)
	}
	var tee export.Tee
	if !c.isLive() {
		if tee, err = c.write(o, std); err != nil {
			return err
		}
	}
	for _, e := range c.Publish {
		p, err := zmq.Listen(e)
		if err != nil {
			return err
		}
		o.pubs = append(o.pubs, p)
		tee = append(tee, p)
	}
	o.sinks = sink.NewSet()
	tee = append(tee, o.sinks)
	if err := o.sinks.Replace(c.allSinks(c.specs, std), c.sinkOptions(std)); err != nil {
		return err
	}
	if c.EvidenceDir != "" {
		opt, _ := c.recentOptions() // check has read them
		opt.Logf = std.notef
		if o.recent, err = evidence.Open(opt); err != nil {
			return err
		}
		tee = append(tee, o.recent)
	}
	if c.hasAPI() {
		o.feed = feed.New()
		tee = append(tee, o.feed)
	}
	limits, _ := c.limitOptions()
	o.limiter = export.NewLimiter(tee, limits)
	if o.runner, err = command.Start(command.Options{Allow: c.AllowExec, Records: o.limiter, Logf: std.notef}); err != nil {
		return err
	}
	o.records = o.runner
	if err := c.openMitigation(o, std); err != nil {
		return err
	}
	if c.Evidence != "" {
		if o.evidOut, err = os.Create(c.Evidence); err != nil {
			return fmt.Errorf("--evidence: %w", err)
		}
		o.evid = capture.NewWriter(o.hold(std.ctx, "--evidence", o.evidOut, false), "packets that StreaMon programs captured")
	}
	return nil
}

// write opens standard output and --alerts as they are written where packets wait: in
// the goroutine of packets.
func (c *runCmd) write(o *outputs, std *stdio) (tee export.Tee, err error) {
	switch {
	case c.Alerts == "-":
		tee = append(tee, export.NewJSON(std.out))
	case !c.writesOut():
	case isTerminal(std.out):
		tee = append(tee, export.NewText(std.out, os.Getenv("NO_COLOR") == ""))
	default:
		tee = append(tee, export.NewJSON(std.out))
	}
	if c.Alerts != "" && c.Alerts != "-" {
		if o.alerts, err = os.Create(c.Alerts); err != nil {
			return nil, fmt.Errorf("--alerts: %w", err)
		}
		tee = append(tee, export.NewJSON(o.hold(std.ctx, "--alerts", o.alerts, true)))
	}
	return tee, nil
}

// writesOut reports whether records go to standard output as well.
func (c *runCmd) writesOut() bool {
	return !c.Quiet && c.Alerts != "-" && c.Summary != "-" && c.State != "-"
}

// allSinks returns specs and, where packets do not wait, the sinks for standard output
// and --alerts.
func (c *runCmd) allSinks(specs []*sink.Spec, std *stdio) []*sink.Spec {
	if !c.isLive() {
		return specs
	}
	specs = slices.Clip(specs)
	format := "json"
	if isTerminal(std.out) && c.Alerts != "-" {
		format = "text"
	}
	if c.writesOut() || c.Alerts == "-" {
		specs = append(specs, sink.Stdout(format))
	}
	if c.Alerts != "" && c.Alerts != "-" {
		specs = append(specs, sink.File(c.Alerts))
	}
	return specs
}

// sinkOptions are what sinks need to know of this run.
func (c *runCmd) sinkOptions(std *stdio) sink.Options {
	host, _ := os.Hostname()
	return sink.Options{Wait: !c.isLive(), Observer: host, Stdout: unheld(std.out), Logf: std.notef}
}

// replace changes sinks and what holds alerts back to what next says, while the probe
// runs. On an error nothing changes. Standard output and --alerts are those of the
// running c, which a reload does not change.
func (o *outputs) replace(c, next *runCmd, std *stdio) error {
	limits, err := next.limitOptions()
	if err != nil {
		return err
	}
	var policy mitigate.Policy
	if o.guard != nil {
		if policy, err = next.policy(); err != nil {
			return err
		}
	}
	if err := o.sinks.Replace(c.allSinks(next.specs, std), c.sinkOptions(std)); err != nil {
		return err
	}
	o.limiter.Set(limits)
	if o.guard != nil {
		o.guard.Set(policy)
	}
	return nil
}

// sent returns what became of the records for sinks.
func (o *outputs) sent() []sink.Counts { return o.sinks.Counts() }

// limits returns how many alerts were held back; nil = none were to be.
func (o *outputs) limits() *export.LimitCounts {
	if !o.limiter.Limits() {
		return nil
	}
	n := o.limiter.Counts()
	return &n
}

// kept returns what became of alerts that were to have evidence, or nil.
func (o *outputs) kept() *evidence.Counts {
	if o.recent == nil {
		return nil
	}
	n := o.recent.Counts()
	return &n
}

// packets returns where evidence goes, or nil.
func (o *outputs) packets() probe.Evidence {
	if o.evid == nil {
		return nil // and not an interface that holds a nil pointer
	}
	return o.evid
}

// published returns what the sockets sent.
func (o *outputs) published() (list []zmq.Counts) {
	for _, p := range o.pubs {
		list = append(list, p.Counts())
	}
	return list
}

// commands returns what became of the commands that programs asked for; nil = there
// were none.
func (o *outputs) commands() *command.Counts {
	if n := o.runner.Counts(); n != (command.Counts{}) {
		return &n
	}
	return nil
}

// close ends all files, sockets and commands; a second call does nothing.
func (o *outputs) close() error {
	if o.closed {
		return nil
	}
	o.closed = true
	var errs []error
	if o.guard != nil {
		errs = append(errs, o.guard.Close())
	}
	if o.runner != nil {
		o.runner.Close()
	}
	for _, p := range o.pubs {
		errs = append(errs, p.Close())
	}
	if o.sinks != nil {
		errs = append(errs, o.sinks.Close())
	}
	if o.recent != nil {
		errs = append(errs, o.recent.Close())
	}
	if o.audit != nil {
		errs = append(errs, o.audit.Close())
	}
	if o.alerts != nil {
		errs = append(errs, o.alerts.Close())
	}
	if o.evid != nil {
		errs = append(errs, o.evid.Flush())
	}
	if o.evidOut != nil {
		errs = append(errs, o.evidOut.Close())
	}
	return errors.Join(errs...)
}

// writable returns why a file that is written at the end cannot be: a run may last for weeks, and what it
// was for would be lost then. It leaves everything as it was.
func writable(path string) error {
	if path == "" || path == "-" {
		return nil
	}
	st, err := os.Stat(path)
	if err == nil && !st.Mode().IsRegular() && !st.IsDir() {
		return nil // a pipe, which to open is to write to
	}
	isNew := errors.Is(err, os.ErrNotExist)
	f, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY, 0o666)
	if err != nil {
		return err
	}
	if isNew {
		defer os.Remove(path)
	}
	return f.Close()
}

// writeJSON writes v to a file, or to standard output for "-".
func writeJSON(std *stdio, path string, v any) error {
	text, err := encodeJSON(v)
	if err != nil {
		return err
	}
	if path == "-" {
		_, err = std.out.Write(text)
		return err
	}
	return os.WriteFile(path, text, 0o666)
}

func encodeJSON(v any) ([]byte, error) {
	text, err := json.MarshalIndent(v, "", "  ")
	return append(text, '\n'), err
}
