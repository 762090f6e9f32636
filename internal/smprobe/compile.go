package smprobe

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/streamon/streamon/internal/sdk"
)

// Bounds of what is compiled for others.
const (
	maxSource      = 1 << 20
	maxDiagnostics = 16 << 10
	compileTime    = 2 * time.Minute
)

// compiler returns where smcc is: beside this binary, or in PATH.
func compiler() (path, self string, err error) {
	if self, err = os.Executable(); err != nil {
		return "", "", err
	}
	if d, err := sdk.Self(); err == nil && !d.Plugins {
		return "", "", errors.New("this probe cannot load plugins: " + d.WhyNot)
	}
	path = filepath.Join(filepath.Dir(self), "smcc")
	if st, err := os.Stat(path); err != nil || !st.Mode().IsRegular() {
		if path, err = exec.LookPath("smcc"); err != nil {
			return "", "", errors.New("smcc is not there, neither beside smprobe nor in PATH")
		}
	}
	if _, err := exec.LookPath("go"); err != nil {
		return "", "", errors.New("no Go toolchain is in PATH")
	}
	return path, self, nil
}

// CannotCompile implements web.Probe.
func (h *host) CannotCompile() error {
	_, _, err := compiler()
	return err
}

// compile makes the plugin of a source and returns the warnings. The program may not name
// files: whoever uploads it might otherwise read those of the probe.
func (h *host) compile(ctx context.Context, dir string, up *upload, text []byte) (log string, err error) {
	if len(text) > maxSource {
		return "", &programError{msg: fmt.Sprintf("%s: more than the %d kB that an uploaded source may have", up.name, maxSource>>10)}
	}
	smcc, self, err := compiler()
	if err != nil {
		return "", &programError{"the probe cannot compile " + up.name + ": " + err.Error(), "make a plugin and load that: smcc build " + up.name}
	}
	done, err := h.uploads.turn(ctx)
	if err != nil {
		return "", err
	}
	defer done()
	work, err := os.MkdirTemp(dir, "compile-")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(work)
	if err := os.WriteFile(filepath.Join(work, up.name), text, 0o600); err != nil {
		return "", err
	}
	waited := ctx
	ctx, cancel := context.WithTimeout(ctx, compileTime)
	defer cancel()
	var out limitedText
	cmd := exec.CommandContext(ctx, smcc, "build", "-q", "--no-files", "--cache", filepath.Join(work, "cache"), "--probe", self, "-o", up.path, up.name)
	cmd.Dir, cmd.Stdout, cmd.Stderr, cmd.WaitDelay = work, &out, &out, time.Second
	cmd.Env = compileEnv(dir, work)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) } // the go command has children
	if err := cmd.Start(); err != nil {
		return "", err
	}
	_ = syscall.Setpriority(syscall.PRIO_PGRP, cmd.Process.Pid, 10)
	endFirst(cmd.Process.Pid)
	err = cmd.Wait()
	log = strings.TrimSpace(out.String())
	var exit *exec.ExitError
	switch {
	case waited.Err() != nil && !errors.Is(waited.Err(), context.DeadlineExceeded): // nobody waits for it any more
		return "", waited.Err()
	case ctx.Err() != nil:
		return "", &programError{msg: up.name + " was not compiled in time", hint: "make a plugin and load that: smcc build " + up.name}
	case errors.As(err, &exit):
		return "", &programError{msg: up.name + " was not compiled:\n" + log}
	}
	return log, err
}

// compileEnv is the environment of smcc. What it and its children leave behind when they are
// killed goes with the folder work, and so does what it keeps of programs, of which tenants could
// bring any number. The packages of the SDK, which take long, stay compiled.
func compileEnv(dir, work string) []string {
	env := append(os.Environ(), "TMPDIR="+work)
	for _, name := range []string{"GOCACHE", "XDG_CACHE_HOME", "HOME"} {
		if os.Getenv(name) != "" {
			return env
		}
	}
	if list := filepath.SplitList(os.Getenv("CACHE_DIRECTORY")); len(list) > 0 { // of systemd.exec(5)
		dir = list[0]
	}
	return append(env, "GOCACHE="+filepath.Join(dir, "go-build"))
}

// endFirst has the kernel end a process and its children before the probe, if memory runs
// short (proc_pid_oom_score_adj(5)).
func endFirst(pid int) {
	_ = os.WriteFile(fmt.Sprintf("/proc/%d/oom_score_adj", pid), []byte("1000"), 0) // there is none elsewhere
}

// limitedText keeps the beginning of what is written.
type limitedText struct{ bytes.Buffer }

// Write implements io.Writer.
func (l *limitedText) Write(b []byte) (int, error) {
	l.Buffer.Write(b[:min(len(b), max(0, maxDiagnostics-l.Len()))])
	return len(b), nil
}
