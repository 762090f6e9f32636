package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"

	"github.com/streamon/streamon/codegen/build"
	"github.com/streamon/streamon/internal/plot"
	"github.com/streamon/streamon/internal/trace"
)

// plot runs the program in the evaluator and draws what happens to some entities.
func (c *runCmd) plot(ctx context.Context, std *stdio) error {
	draw := map[string]func(*plot.Figure, io.Writer) error{".svg": (*plot.Figure).SVG, ".html": (*plot.Figure).HTML}[filepath.Ext(c.Plot)]
	if draw == nil {
		return &build.UserError{Reason: fmt.Sprintf("--plot %s: expected a name that ends in .svg or .html", c.Plot)}
	}
	if len(c.PlotKey) == 0 {
		return &build.UserError{Reason: "--plot does not know whom to draw", Hint: "give the key of an entity: --plot-key 10.0.0.1; alerts name those that are worth it"}
	}
	p, err := c.plain(ctx, std)
	if err != nil {
		return err
	}
	r, err := trace.NewRecorder(p, trace.RecordOptions{Keys: c.PlotKey, Values: c.PlotValue})
	if err != nil {
		return &build.UserError{Reason: err.Error()}
	}
	quiet := &stdio{std.in, io.Discard, std.err}
	if err := runExact(r.Info(), "", append(slices.Clone(c.Args), "-q"), quiet); err != nil {
		return err
	}
	fig, err := r.Figure(captureNames(c.Args))
	if err != nil {
		return &build.UserError{Reason: err.Error()}
	}
	var b bytes.Buffer
	if err := draw(fig, &b); err != nil {
		return err
	}
	return writeOut(c.Plot, b.Bytes(), "--plot FILE")
}

// captureNames returns the captures among the arguments of a probe, for a caption.
func captureNames(args []string) string {
	var names []string
	takesName := map[string]bool{"-r": true, "--read": true, "--replay": true}
	for i, a := range args {
		name, value, ok := strings.Cut(a, "=")
		switch {
		case takesName[a] && i+1 < len(args):
			names = append(names, filepath.Base(args[i+1]))
		case ok && takesName[name]:
			names = append(names, filepath.Base(value))
		case strings.HasPrefix(a, "-r") && !strings.HasPrefix(a, "--") && len(a) > 2:
			names = append(names, filepath.Base(a[2:]))
		}
	}
	return strings.Join(names, ", ")
}
