package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/streamon/streamon/codegen"
	"github.com/streamon/streamon/codegen/build"
	"github.com/streamon/streamon/internal/sdk"
)

// emptyCapture is the header of a little-endian pcap file of Ethernet frames, and
// no packet.
const emptyCapture = "\xd4\xc3\xb2\xa1\x02\x00\x04\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x04\x00\x01\x00\x00\x00"

type doctorCmd struct {
	Probe string `help:"Probe to check against: its binary or its control socket." type:"path"`
	Cache string `help:"Directory for intermediate files." type:"path"`
}

// emptyProgram is the smallest program; doctor builds it, which also fills the
// go command's cache, so that the first real build is fast.
const emptyProgram = "program doctor \"builds and does nothing\"\nentity host: ip\nevent any: packet where ip for host = ip.src\n" +
	"metric seen { count tbf(window: 60s) }\non any { set seen[host]  when seen > 1e300 { log \"many\" } }\n"

// Run looks at everything that a build needs, goes on after what is amiss, and says what
// to do about each.
func (c *doctorCmd) Run(ctx context.Context, std *stdio) error {
	x := &examination{out: std.out}
	x.fine("smcc", "%s, %s/%s", runtime.Version(), runtime.GOOS, runtime.GOARCH)
	if x.failed("static", build.Dependencies()) == nil {
		x.fine("static", "carries all that smcc build --static needs besides the go command")
	}
	cache, size, cacheErr := build.Cache(c.Cache)
	if x.failed("cache", cacheErr) == nil {
		x.fine("cache", "%s, %s (whatever is there can be deleted)", cache, byteText(size))
	} else {
		cache = os.TempDir() // for the go command's answers
	}
	d, err := c.probe(ctx, x)
	if err == nil {
		err = c.tools(ctx, x, d, cache)
	}
	c.trial(ctx, x, d, err != nil || cacheErr != nil)
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case x.fault != nil:
		return x.fault
	case x.bad > 0:
		fmt.Fprintf(std.err, "smcc: error: %d of %d checks failed\n", x.bad, x.done)
		return exitError(exitUsage)
	}
	return nil
}

// probe asks the probe that plugins are to be built for.
func (c *doctorCmd) probe(ctx context.Context, x *examination) (*sdk.Description, error) {
	d, warning, err := build.Probe(ctx, c.Probe)
	switch {
	case x.failed("probe", err) != nil:
		return nil, err
	case warning != "":
		x.skipped("probe", warning)
	default:
		x.fine("probe", "%s, runtime %.8s, interface %d", d.Go, d.SHA256, d.ABI)
	}
	return d, nil
}

// tools looks for the go command and the C compiler.
func (c *doctorCmd) tools(ctx context.Context, x *examination, d *sdk.Description, cache string) error {
	path, version, err := build.Toolchain(ctx, d, cache)
	if x.failed("go", err) != nil {
		x.skipped("c", "not looked for without the go command, whose settings name it")
		return err
	}
	x.fine("go", "%s, %s", path, version)
	cc, err := build.CCompiler(ctx, d, cache)
	if x.failed("c", err) == nil {
		x.fine("c", "%s", cc)
	}
	return err
}

// trial builds the empty program and has it loaded.
func (c *doctorCmd) trial(ctx context.Context, x *examination, d *sdk.Description, hopeless bool) {
	const why = "not tried: see above"
	if hopeless {
		x.skipped("plugins", why)
		x.skipped("loading", why)
		return
	}
	res, err := c.build(ctx, d)
	if x.failed("plugins", err) != nil {
		x.skipped("loading", why)
		return
	}
	x.fine("plugins", "built: %s layout, %.2f s", res.Layout, res.Duration.Seconds())
	path, err := c.load(ctx, res.File)
	switch {
	case x.failed("loading", err) != nil:
	case path == "":
		x.skipped("loading", "not tried: no probe binary to try it with")
	default:
		x.fine("loading", "%s loads and runs it", path)
	}
}

// build builds the empty program for the probe.
func (c *doctorCmd) build(ctx context.Context, d *sdk.Description) (*build.Result, error) {
	p, _, err := codegen.Compile(ctx, "doctor.smon", []byte(emptyProgram), codegen.Options{})
	if err != nil {
		return nil, err
	}
	if p == nil {
		return nil, errors.New("the empty program has errors")
	}
	return build.Plugin(ctx, unit(p, "doctor.smon", []byte(emptyProgram)), d, build.Options{Cache: c.Cache})
}

// load has the probe load the plugin and read an empty capture: the only check
// that covers what nobody thought of. A running probe is left alone. It returns the
// path of the probe, or "" if there is no binary.
func (c *doctorCmd) load(ctx context.Context, plugin []byte) (string, error) {
	path := c.Probe
	if path == "" {
		path = build.FindProbe()
	}
	if st, err := os.Stat(path); err != nil || !st.Mode().IsRegular() {
		return "", nil
	}
	dir, err := os.MkdirTemp("", "smcc-doctor-")
	if err != nil {
		return "", &build.UserError{Reason: "making a directory for the trial: " + err.Error(), Hint: "set TMPDIR to a directory that can be written to"}
	}
	defer os.RemoveAll(dir)
	so, capture := filepath.Join(dir, "doctor.so"), filepath.Join(dir, "empty.pcap")
	if err := errors.Join(os.WriteFile(so, plugin, 0o600), os.WriteFile(capture, []byte(emptyCapture), 0o600)); err != nil {
		return "", &build.UserError{Reason: err.Error(), Hint: "set TMPDIR to a directory that can be written to"}
	}
	cmd := exec.CommandContext(ctx, path, "run", "--quiet", "-r", capture, "-p", so)
	if text, err := cmd.CombinedOutput(); err != nil {
		return "", &build.UserError{Reason: fmt.Sprintf("%s did not load the plugin: %v\n%s", path, err, bytes.TrimSpace(text)), Hint: "are smcc and smprobe of one installation?"}
	}
	return path, nil
}

// examination prints what doctor finds, a line each: what was looked at, ok, no, or -
// if it was not looked at, and details; below a no, what to do.
type examination struct {
	out       io.Writer
	done, bad int
	fault     error // one of ours that was met
}

func (x *examination) line(what, mark, text string) {
	fmt.Fprintf(x.out, "%-8s %-3s %s\n", what, mark, strings.ReplaceAll(text, "\n", "\n             "))
}

func (x *examination) fine(what, format string, args ...any) {
	x.done++
	x.line(what, "ok", fmt.Sprintf(format, args...))
}

func (x *examination) skipped(what, why string) { x.line(what, "-", why) }

// failed prints err, unless it is nil, and returns it.
func (x *examination) failed(what string, err error) error {
	if err == nil {
		return nil
	}
	x.done++
	x.bad++
	x.line(what, "no", err.Error())
	var user *build.UserError
	switch {
	case !errors.As(err, &user):
		x.fault = err
	case user.Hint != "":
		x.line("", "", "what to do: "+user.Hint)
	}
	return err
}
