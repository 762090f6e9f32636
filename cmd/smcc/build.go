package main

import (
	"context"
	"fmt"
	"os"

	"github.com/streamon/streamon/codegen/build"
	"github.com/streamon/streamon/internal/sdk"
)

type buildCmd struct {
	input
	Out     string `short:"o" help:"Output file (default: FILE.so, or FILE without ending for --static)." type:"path"`
	Static  bool   `help:"Build a self-contained probe with the program inside; needs no C compiler."`
	Probe   string `help:"Probe to build for: its binary or its control socket (default: the smprobe beside smcc, or in PATH)." type:"path"`
	Cache   string `help:"Directory for intermediate files (default: the user's cache)." type:"path"`
	Keep    bool   `help:"Leave the build directory and print its name."`
	NoFiles bool   `name:"no-files" help:"Read no file that the program names for a list: for programs of people who may not read the files of this machine."`
	Quiet   bool   `short:"q" help:"Print nothing on success."`
}

// Run builds the program.
func (c *buildCmd) Run(ctx context.Context, std *stdio) error {
	c.noFiles = c.NoFiles
	p, src, err := c.load(ctx, std)
	if err != nil {
		return err
	}
	opt := build.Options{Cache: c.Cache, Keep: c.Keep}
	u := unit(p, c.File, src)
	out := c.Out
	var res *build.Result
	if c.Static {
		if out == "" {
			out = outputName(c.File, "")
		}
		res, err = build.Static(ctx, []build.Unit{u}, opt)
	} else {
		if out == "" {
			out = outputName(c.File, ".so")
		}
		res, err = c.plugin(ctx, std, u, opt)
	}
	if err != nil {
		return err
	}
	if sameFile(out, c.File) { // for instance --static of a program file without ending
		return &build.UserError{Reason: out + " is the program itself", Hint: "name the output file: -o FILE"}
	}
	if err := build.Deliver(out, res.File); err != nil {
		return err
	}
	if !c.Quiet {
		how := fmt.Sprintf("built in %.2f s", res.Duration.Seconds())
		if res.Cached {
			how = "unchanged, from the cache"
		}
		fmt.Fprintf(std.err, "smcc: %s: %d kB, %s layout, %s, id %s\n", out, (len(res.File)+999)/1000, res.Layout, how, res.ID)
	}
	if res.Dir != "" {
		fmt.Fprintf(std.err, "smcc: build directory: %s\n", res.Dir)
	}
	return nil
}

func sameFile(a, b string) bool {
	sa, err := os.Stat(a)
	if err != nil {
		return false
	}
	sb, err := os.Stat(b)
	return err == nil && os.SameFile(sa, sb)
}

func (c *buildCmd) plugin(ctx context.Context, std *stdio, u build.Unit, opt build.Options) (*build.Result, error) {
	d, warning, err := build.Probe(ctx, c.Probe)
	if err != nil {
		return nil, err
	}
	if warning != "" {
		fmt.Fprintf(std.err, "smcc: warning: %s\n", warning)
	}
	return build.Plugin(ctx, u, d, opt)
}

type versionCmd struct{}

// Run prints the version of this binary and of the sources it carries.
func (versionCmd) Run(std *stdio) error {
	d, err := sdk.Self()
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(std.out, "smcc %s %s runtime %.8s interface %d\n", d.Version, d.Go, d.SHA256, d.ABI)
	return err
}
