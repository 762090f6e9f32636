package main

import (
	"context"
	"errors"
	"os/exec"

	"github.com/streamon/streamon/codegen"
	"github.com/streamon/streamon/codegen/eval"
	"github.com/streamon/streamon/internal/smprobe"
	"github.com/streamon/streamon/runtime/program"
)

// runExact runs the reference evaluator inside the ordinary probe.
func runExact(p *codegen.Program, args []string, std *stdio) error {
	info := eval.Info(p.IR)
	info.Manifest.Version = p.Version
	if code := smprobe.Main(append([]string{"run"}, args...), std.in, std.out, std.err, []*program.Info{info}); code != 0 {
		return exitError(code)
	}
	return nil
}

// execute runs a binary with our standard streams and its exit code.
func execute(ctx context.Context, path string, args []string, std *stdio) error {
	cmd := exec.CommandContext(ctx, path, args...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = std.in, std.out, std.err
	err := cmd.Run()
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return exitError(exit.ExitCode())
	}
	return err
}
