package command

import (
	"context"
	"fmt"
	"os/exec"
	"sync"
	"syscall"
	"time"
)

// path is the whole environment of a command: where it finds programs of its own.
const path = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

// execute runs a command to its end, or until it has taken limit or ctx is done: then
// it and its children are killed. It returns the lines that it printed, the first
// maxOutput bytes of them.
func execute(ctx context.Context, args []string, limit time.Duration) ([]string, error) {
	late, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	out := &printed{}
	cmd := exec.CommandContext(late, args[0], args[1:]...)
	cmd.Env, cmd.Dir = []string{path}, "/"
	cmd.Stdout, cmd.Stderr = out, out // and nothing to read
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	cmd.WaitDelay = time.Second // for children that keep the output open
	err := cmd.Run()
	switch {
	case err == nil:
	case ctx.Err() != nil:
		err = fmt.Errorf("killed at the end of the run")
	case late.Err() != nil:
		err = fmt.Errorf("killed after %v", limit)
	}
	return lines(out.text()), err
}

// printed keeps the beginning of what a command prints.
type printed struct {
	mu   sync.Mutex
	data []byte
	cut  bool
}

// Write implements io.Writer; it takes everything.
func (p *printed) Write(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	n := min(len(b), maxOutput-len(p.data))
	p.data = append(p.data, b[:n]...)
	p.cut = p.cut || n < len(b)
	return len(b), nil
}

func (p *printed) text() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.cut {
		return string(p.data) + "…"
	}
	return string(p.data)
}
