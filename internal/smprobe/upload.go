package smprobe

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/streamon/streamon/internal/access"
	"github.com/streamon/streamon/internal/probe"
	"github.com/streamon/streamon/internal/sdk"
	"github.com/streamon/streamon/internal/web"
)

// keptUploads is how many are kept of each tenant, and of the operator.
const keptUploads = 16

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
		return nil, fmt.Errorf("waiting until other programs are compiled: %w", ctx.Err())
	}
}

// folder returns the private folder.
func (u *uploads) folder() (dir string, err error) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if _, err := os.Stat(u.dir); errors.Is(err, fs.ErrNotExist) { // there is none yet, or the system has tidied up
		dir, err = os.MkdirTemp("", "smprobe-uploads-")
		if err == nil {
			u.dir, err = filepath.Abs(dir) // smcc works in another directory
		}
	}
	return u.dir, err
}

// keep makes an upload known, and forgets the oldest of the same owner beyond what is kept.
func (u *uploads) keep(up upload) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.kept = append(u.kept, up)
	isMine := func(o upload) bool { return o.tenant == up.tenant && o.isTenant == up.isTenant }
	n := 0
	for _, o := range u.kept {
		if isMine(o) {
			n++
		}
	}
	if n > keptUploads {
		oldest := slices.IndexFunc(u.kept, isMine)
		os.Remove(u.kept[oldest].path)
		u.kept = slices.Delete(u.kept, oldest, oldest+1)
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
	return upload{}, &programError{msg: fmt.Sprintf("upload %.80q is not there: your last %d are kept", id, keptUploads)}
}

// close removes everything.
func (u *uploads) close() {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.dir != "" {
		os.RemoveAll(u.dir)
	}
}
