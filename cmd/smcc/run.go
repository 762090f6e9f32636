package main

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"syscall"

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
