package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"

	"github.com/streamon/streamon/codegen"
	"github.com/streamon/streamon/codegen/build"
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

// Run builds an empty program for the probe and says what is missing.
func (c *doctorCmd) Run(ctx context.Context, std *stdio) error {
	fmt.Fprintf(std.out, "smcc      %s, %s/%s\n", runtime.Version(), runtime.GOOS, runtime.GOARCH)
	cache, err := build.CacheDir(c.Cache)
	if err != nil {
		return err
	}
	fmt.Fprintf(std.out, "cache     %s\n", cache)
	d, warning, err := build.Probe(ctx, c.Probe)
	if err != nil {
		return err
	}
	if warning != "" {
		fmt.Fprintf(std.out, "probe     none: %s\n", warning)
	} else {
		fmt.Fprintf(std.out, "probe     %s, runtime %.8s, interface %d\n", d.Go, d.SHA256, d.ABI)
	}
	p, _, err := codegen.Compile(ctx, "doctor.smon", []byte(emptyProgram), codegen.Options{ReadFile: os.ReadFile})
	if err != nil {
		return err
	}
	if p == nil {
		return fmt.Errorf("the empty program has errors")
	}
	res, err := build.Plugin(ctx, unit(p, "doctor.smon", []byte(emptyProgram)), d, build.Options{Cache: c.Cache})
	if err != nil {
		return err
	}
	fmt.Fprintf(std.out, "plugins   built: %s layout, %.2f s\n", res.Layout, res.Duration.Seconds())
	return c.load(ctx, std, res.File)
}

// load has the probe load the plugin and read an empty capture: the only check
// that covers what nobody thought of. A running probe is left alone.
func (c *doctorCmd) load(ctx context.Context, std *stdio, plugin []byte) error {
	path := c.Probe
	if path == "" {
		path = build.FindProbe()
	}
	if st, err := os.Stat(path); err != nil || !st.Mode().IsRegular() {
		fmt.Fprintf(std.out, "loading   not tried: no probe binary to try it with\n")
		return nil
	}
	dir, err := os.MkdirTemp("", "smcc-doctor-")
	if err != nil {
		return &build.UserError{Reason: "making a directory for the trial: " + err.Error(), Hint: "set TMPDIR to a directory that can be written to"}
	}
	defer os.RemoveAll(dir)
	so, capture := filepath.Join(dir, "doctor.so"), filepath.Join(dir, "empty.pcap")
	if err := errors.Join(os.WriteFile(so, plugin, 0o600), os.WriteFile(capture, []byte(emptyCapture), 0o600)); err != nil {
		return &build.UserError{Reason: err.Error(), Hint: "set TMPDIR to a directory that can be written to"}
	}
	cmd := exec.CommandContext(ctx, path, "run", "--quiet", "-r", capture, "-p", so)
	if text, err := cmd.CombinedOutput(); err != nil {
		return &build.UserError{Reason: fmt.Sprintf("%s did not load the plugin: %v\n%s", path, err, bytes.TrimSpace(text)), Hint: "are smcc and smprobe of one installation?"}
	}
	fmt.Fprintf(std.out, "loading   %s loads and runs it\n", path)
	return nil
}
