package main

import (
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"github.com/streamon/streamon/codegen"
	"github.com/streamon/streamon/codegen/build"
	"github.com/streamon/streamon/codegen/eval"
	"github.com/streamon/streamon/codegen/ir"
	"github.com/streamon/streamon/internal/smprobe"
	"github.com/streamon/streamon/internal/trace"
	"github.com/streamon/streamon/runtime/program"
)

type runCmd struct {
	input
	Args        []string `arg:"" optional:"" passthrough:"" help:"Arguments of smprobe run, for instance -r trace.pcap. The flags below may stand among them." predictor:"run"`
	Exact       bool     `help:"Use the reference evaluator with exact counters instead of compiled code."`
	Cache       string   `help:"Directory for intermediate files." type:"path"`
	Trace       []string `sep:"none" placeholder:"KEY" help:"Print step by step what happens to one entity, by its key: 10.0.0.1, or 10.0.0.1,443 for a key of two parts, or NAME=KEY for entity NAME only. Repeatable. Implies --exact; records are not printed."`
	TraceLimit  int      `default:"1000" placeholder:"N" help:"Print the first N events of --trace, 0 = all (${default})."`
	TraceMisses bool     `help:"With --trace: also packets of the entity that an event does not accept, and the first part of its condition that fails."`
	TraceBrief  bool     `help:"With --trace: only events at which the state changes or something is reported."`
	JSON        bool     `name:"json" help:"With --trace: an object for each event."`
	Plot        string   `placeholder:"FILE" help:"Draw features and state of the entities --plot-key over time to FILE, .svg or .html. Implies --exact; records are not printed."`
	PlotKey     []string `sep:"none" placeholder:"KEY" help:"Draw this entity with --plot; as with --trace. Repeatable: one below the other."`
	PlotValue   []string `sep:"none" placeholder:"NAME" help:"Draw this feature, metric or table with --plot, or packets/s, admitted/s or dropped/s, instead of what conditions read. Repeatable."`
}

// allowsExec reports whether an argument is the flag by which a probe runs commands.
func allowsExec(arg string) bool {
	name, _, _ := strings.Cut(arg, "=")
	return name == "--allow-exec"
}

// Run runs the program over captures.
func (c *runCmd) Run(ctx context.Context, std *stdio) error {
	if slices.ContainsFunc(c.Args, allowsExec) {
		return &build.UserError{Reason: "smcc run runs no commands, so it takes no --allow-exec", Hint: "build a plugin, and use smprobe run --allow-exec PATH"}
	}
	switch {
	case len(c.Trace) == 0 && (c.TraceMisses || c.TraceBrief || c.JSON || c.TraceLimit != trace.DefaultLimit):
		return &build.UserError{Reason: "--trace-limit, --trace-misses, --trace-brief and --json go with --trace", Hint: "say whom to trace: --trace 10.0.0.1"}
	case len(c.Trace) > 0 && c.Plot != "":
		return &build.UserError{Reason: "--trace and --plot exclude each other", Hint: "run it twice"}
	case c.Plot != "":
		return c.plot(ctx, std)
	case len(c.PlotKey)+len(c.PlotValue) > 0:
		return &build.UserError{Reason: "--plot-key and --plot-value go with --plot", Hint: "say where to draw: --plot out.svg"}
	case len(c.Trace) > 0:
		return c.trace(ctx, std)
	}
	p, src, err := c.load(ctx, std)
	if err != nil {
		return err
	}
	if c.Exact {
		return runExact(eval.Info(p.IR), p.Version, c.Args, std)
	}
	return c.compiled(ctx, p, src, std)
}

// compiled runs the program as a static probe.
func (c *runCmd) compiled(ctx context.Context, p *codegen.Program, src []byte, std *stdio) error {
	res, err := build.Static(ctx, []build.Unit{unit(p, c.File, src)}, build.Options{Cache: c.Cache})
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "smcc-run-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	exe := filepath.Join(dir, p.Name())
	if err := build.Deliver(exe, res.File); err != nil {
		return err
	}
	return execute(ctx, exe, append([]string{"run"}, c.Args...), std)
}

// trace runs the program in the evaluator and prints what happens to some entities.
func (c *runCmd) trace(ctx context.Context, std *stdio) error {
	p, err := c.plain(ctx, std)
	if err != nil {
		return err
	}
	limit := c.TraceLimit
	if limit == 0 {
		limit = -1
	}
	t, err := trace.New(p, trace.Options{Keys: c.Trace, Limit: limit, Misses: c.TraceMisses, Brief: c.TraceBrief, JSON: c.JSON, Out: std.out})
	if err != nil {
		return &build.UserError{Reason: err.Error(), Hint: "give the parts of the key with commas between: --trace 10.0.0.1,443"}
	}
	quiet := &stdio{std.in, io.Discard, std.err}
	if err := runExact(t.Info(), "", append(slices.Clone(c.Args), "-q"), quiet); err != nil {
		return err
	}
	ok, err := t.Finish(std.err)
	if err == nil && !ok {
		err = exitError(exitDiagnostics)
	}
	return err
}

// plain compiles the program to IR without passes, which says most of the source.
func (c *runCmd) plain(ctx context.Context, std *stdio) (*ir.Program, error) {
	src, err := readProgram(c.File)
	if err != nil {
		return nil, err
	}
	p, list, err := codegen.Front(ctx, c.File, src, codegen.Options{ReadFile: listReader(filepath.Dir(c.File))})
	if err != nil {
		return nil, err
	}
	return p, printDiagnostics(std, c.File, src, list)
}

// runExact runs the reference evaluator inside the ordinary probe.
func runExact(info *program.Info, version string, args []string, std *stdio) error {
	info.Manifest.Version = version
	if code := smprobe.Main(append([]string{"run"}, args...), std.in, std.out, std.err, []*program.Info{info}); code != 0 {
		return exitError(code)
	}
	return nil
}

// ownGroup keeps the terminal's signals from the process.
var ownGroup = &syscall.SysProcAttr{Setpgid: true}

// execute runs a binary with our standard streams and its exit code. An interrupt
// reaches it once, from us, whether the terminal or another process sent it, so
// that it can end its run and say how it went.
func execute(ctx context.Context, path string, args []string, std *stdio) error {
	cmd := exec.CommandContext(ctx, path, args...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = std.in, std.out, std.err
	cmd.SysProcAttr = ownGroup
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	err := cmd.Run()
	var exit *exec.ExitError
	if errors.Is(err, context.Canceled) && cmd.ProcessState.Success() {
		return nil // interrupted, which ends a run in good order
	}
	if errors.As(err, &exit) {
		return exitError(exit.ExitCode())
	}
	return err
}
