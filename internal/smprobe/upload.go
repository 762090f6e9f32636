package smprobe

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/streamon/streamon/internal/access"
	"github.com/streamon/streamon/internal/probe"
	"github.com/streamon/streamon/internal/sdk"
	"github.com/streamon/streamon/internal/web"
)

const (
	keptUploads    = 16
	maxSource      = 1 << 20
	maxDiagnostics = 16 << 10
)

// uploads keeps what requests brought along until it is loaded, in a private folder that
// goes with the process. A source is compiled by smcc in a process of its own.
type uploads struct {
	mu        sync.Mutex
	compiling chan struct{} // one at a time: packets have the right of way
	dir       string        // made with the first upload
	kept      []upload
}

// upload is one plugin.
type upload struct {
	id, path, name string
	tenant         string
	isTenant       bool
}

// programError says why an upload is no program.
type programError struct{ msg, hint string }

func (e *programError) Error() string { return e.msg }

// Upload implements web.Probe.
func (h *host) Upload(ctx context.Context, name string, text []byte) (u web.Upload, err error) {
	name = filepath.Base(strings.ReplaceAll(name, `\`, "/"))
	if !isFileName(name) {
		return u, &programError{msg: fmt.Sprintf("%.80q: expected the name of a file, of letters, digits, - and _", name)}
	}
	tenant, isTenant := probe.TenantOf(ctx)
	up := upload{id: strings.ToLower(rand.Text()), name: name, tenant: tenant, isTenant: isTenant}
	dir, err := h.uploads.folder()
	if err != nil {
		return u, err
	}
	up.path = filepath.Join(dir, up.id+".so")
	switch ext := filepath.Ext(name); {
	case ext == ".so" || bytes.HasPrefix(text, []byte("\x7fELF")):
		if isTenant {
			return u, fmt.Errorf("%s is a plugin, which can do in the probe whatever the probe can; uploading one %w: upload the source", name, access.ErrRight)
		}
		err = os.WriteFile(up.path, text, 0o600)
	case ext == ".smon" || ext == ".xml":
		u.Log, err = h.compile(ctx, dir, &up, text)
	default:
		err = &programError{msg: name + ": expected a program (.smon or .xml) or a plugin (.so)"}
	}
	if err == nil {
		u.Program, u.Version, err = identify(&up)
	}
	if err != nil {
		os.Remove(up.path)
		return web.Upload{Log: u.Log}, err
	}
	u.Upload = up.id
	h.uploads.keep(up)
	return u, nil
}

func isFileName(name string) bool {
	return len(name) <= 80 && name[0] != '.' && name[0] != '-' && !strings.ContainsFunc(name, func(r rune) bool {
		return !(r == '.' || r == '-' || r == '_' || '0' <= r && r <= '9' || 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z')
	})
}

// identify reads what a plugin says it is, and whether it is whole; it loads nothing.
func identify(up *upload) (program, version string, err error) {
	file, err := os.ReadFile(up.path)
	if err != nil {
		return "", "", err
	}
	_, m, err := sdk.Unseal(file)
	if err != nil {
		return "", "", fmt.Errorf("%s: %w", up.name, err)
	}
	return m.Name, m.Program[:min(len(m.Program), 16)], nil
}

// turn waits until nothing is compiled; done lets the next one begin.
func (u *uploads) turn(ctx context.Context) (done func(), err error) {
	u.mu.Lock()
	if u.compiling == nil {
		u.compiling = make(chan struct{}, 1)
	}
	turn := u.compiling
	u.mu.Unlock()
	select {
	case turn <- struct{}{}:
		return func() { <-turn }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// folder returns the private folder.
func (u *uploads) folder() (dir string, err error) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.dir == "" {
		u.dir, err = os.MkdirTemp("", "smprobe-uploads-")
	}
	return u.dir, err
}

// keep makes an upload known, and forgets the oldest beyond what is kept.
func (u *uploads) keep(up upload) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.kept = append(u.kept, up)
	if len(u.kept) > keptUploads {
		os.Remove(u.kept[0].path)
		u.kept = slices.Delete(u.kept, 0, 1)
	}
}

// find returns the plugin of an upload of whoever asks.
func (u *uploads) find(ctx context.Context, id string) (upload, error) {
	tenant, isTenant := probe.TenantOf(ctx)
	u.mu.Lock()
	defer u.mu.Unlock()
	for _, up := range u.kept {
		if up.id == id && up.tenant == tenant && up.isTenant == isTenant {
			return up, nil
		}
	}
	return upload{}, &programError{msg: fmt.Sprintf("upload %.80q is not there: the last %d are kept", id, keptUploads)}
}

// close removes everything.
func (u *uploads) close() {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.dir != "" {
		os.RemoveAll(u.dir)
	}
}

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
	var out limitedText
	cmd := exec.CommandContext(ctx, smcc, "build", "-q", "--no-files", "--probe", self, "-o", up.path, up.name)
	cmd.Dir, cmd.Stdout, cmd.Stderr, cmd.WaitDelay = work, &out, &out, time.Second
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) } // the go command has children
	if err := cmd.Start(); err != nil {
		return "", err
	}
	_ = syscall.Setpriority(syscall.PRIO_PGRP, cmd.Process.Pid, 10)
	err = cmd.Wait()
	log = strings.TrimSpace(out.String())
	var exit *exec.ExitError
	switch {
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		return "", &programError{msg: up.name + " was not compiled in time", hint: "make a plugin and load that: smcc build " + up.name}
	case ctx.Err() != nil: // nobody waits for it any more
		return "", ctx.Err()
	case errors.As(err, &exit):
		return "", &programError{msg: up.name + " was not compiled:\n" + log}
	}
	return log, err
}

// limitedText keeps the beginning of what is written.
type limitedText struct{ bytes.Buffer }

// Write implements io.Writer.
func (l *limitedText) Write(b []byte) (int, error) {
	l.Buffer.Write(b[:min(len(b), max(0, maxDiagnostics-l.Len()))])
	return len(b), nil
}
