// Package loader brings compiled programs into the running process. It is the
// only user of package plugin.
//
// plugin.Open is not a check: it ends the process for plugins of another major
// toolchain, for C libraries and for files cut short, and accepts some that do
// not fit. So a file is read once, verified ([sdk.Verify]), copied to a private
// directory and only then opened; the copy is removed when it is mapped. Go cannot
// unload a plugin: a [Loader] keeps what it opened by build identity and answers a
// second request from there.
package loader

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"plugin"
	"slices"
	"strings"
	"sync"

	"github.com/streamon/streamon/internal/sdk"
	"github.com/streamon/streamon/runtime/program"
)

// maxFileBytes bounds what Open reads. Plugins have about 2 MB.
const maxFileBytes = 256 << 20

// MaxBuilds and MaxBytes bound how many different builds one process loads, and how large
// their files are together: the code of each stays in memory, some 2.5 MB, since Go cannot
// unload it. The same build again takes nothing.
const (
	MaxBuilds = 256
	MaxBytes  = 1 << 30
)

// ErrFull is wrapped by the error of Open when that much was loaded.
var ErrFull = errors.New("too many builds were loaded")

// Symbol is the variable of type program.Info that every plugin exports.
const Symbol = "Streamon"

// Artifact is a program ready to run.
type Artifact struct {
	Info     *program.Info
	Manifest sdk.Manifest
	Path     string // as given to Open
	Bytes    int    // size of the file
	Reused   bool   // this process had it loaded already
}

// Loader opens plugins. Safe for concurrent use.
type Loader struct {
	host *sdk.Description

	mu     sync.Mutex
	open   map[string]*program.Info // by build identity
	mapped map[string]*mapped       // by SHA-256
}

// mapped is a file whose code is in memory for good, and what came of loading it.
type mapped struct {
	bytes int64
	info  *program.Info
	err   error
}

// PlaceError says that a private copy cannot be written, or code not be run from there:
// the directory for temporary files is not writable, full or mounted noexec.
type PlaceError struct{ Err error }

func (e *PlaceError) Error() string { return "a private copy of the plugin: " + e.Err.Error() }
func (e *PlaceError) Unwrap() error { return e.Err }

// New returns a loader for the running binary.
func New() (*Loader, error) {
	host, err := sdk.Self()
	if err != nil {
		return nil, err
	}
	return &Loader{host: host, open: map[string]*program.Info{}, mapped: map[string]*mapped{}}, nil
}

// Open verifies and loads the plugin at path. A plugin that does not fit this
// binary gives a *sdk.Mismatch, whose Hint says what mends it. The process goes
// on unharmed whatever the file is.
func (l *Loader) Open(path string) (*Artifact, error) {
	st, err := os.Stat(path) // a pipe or device is refused before it is opened, which may block
	if err == nil {
		err = checkRegular(path, st)
	}
	if err != nil {
		return nil, err
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return l.read(path, f, st.Size())
}

// OpenFile is Open for a regular file that is open already; it does not close it.
func (l *Loader) OpenFile(path string, f *os.File) (*Artifact, error) {
	st, err := f.Stat()
	if err == nil {
		err = checkRegular(path, st)
	}
	if err != nil {
		return nil, err
	}
	return l.read(path, f, st.Size())
}

// buffers holds the memory that files are read to, for the next ones: a probe that begins
// with eight programs would otherwise make, clear and collect it eight times.
var buffers = sync.Pool{New: func() any { return new([]byte) }}

// read reads a file, once, that had size bytes a moment ago, and verifies and loads it. There
// may be fewer or more bytes now.
func (l *Loader) read(path string, f *os.File, size int64) (*Artifact, error) {
	file := buffers.Get().(*[]byte)
	defer buffers.Put(file)
	text := bytes.NewBuffer(slices.Grow((*file)[:0], int(size)+bytes.MinRead))
	if _, err := text.ReadFrom(io.LimitReader(f, maxFileBytes)); err != nil {
		return nil, err
	}
	*file = text.Bytes()
	return l.verified(path, *file)
}

// verified verifies and loads the bytes of a plugin, and keeps none.
func (l *Loader) verified(path string, file []byte) (*Artifact, error) {
	body, m, err := sdk.Verify(l.host, file)
	if err != nil {
		var mismatch *sdk.Mismatch
		if errors.As(err, &mismatch) {
			return nil, err
		}
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	a := &Artifact{Manifest: m, Path: path, Bytes: len(file)}
	if info, ok := l.open[m.ID]; ok {
		a.Info, a.Reused = info, true
		return a, nil
	}
	k, err := l.once(path, body, &m)
	if err != nil {
		return nil, err
	}
	if k.err != nil {
		return nil, fmt.Errorf("%s: %w", path, k.err)
	}
	if said := &k.info.Manifest; said.ABI != program.ABI || said.Name != m.Name {
		return nil, fmt.Errorf("%s: its code says program %q, interface %d; its manifest %q, %d", path, said.Name, said.ABI, m.Name, m.ABI)
	}
	l.open[m.ID] = k.info
	a.Info = k.info
	return a, nil
}

// once loads the verified bytes of a plugin, if they were not loaded before. The caller holds mu.
func (l *Loader) once(path string, body []byte, m *sdk.Manifest) (*mapped, error) {
	if k, ok := l.mapped[m.ELFSHA256]; ok {
		return k, nil
	}
	if err := l.room(path, int64(len(body))); err != nil {
		return nil, err
	}
	private, err := keep(body, m.ELFSHA256)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	defer os.RemoveAll(filepath.Dir(private)) // mapped code stays usable
	k := &mapped{bytes: int64(len(body))}
	k.info, k.err = load(private)
	if errors.As(k.err, new(*PlaceError)) { // nothing was mapped
		return nil, fmt.Errorf("%s: %w", path, k.err)
	}
	l.mapped[m.ELFSHA256] = k
	return k, nil
}

// room refuses a build of so many bytes beyond MaxBuilds or MaxBytes.
func (l *Loader) room(path string, bytes int64) error {
	builds, all := l.sum()
	if builds >= MaxBuilds || all+bytes > MaxBytes {
		return fmt.Errorf("%s: %w: %d of %d MB, whose code stays in memory", path, ErrFull, builds, all>>20)
	}
	return nil
}

// Mapped returns how many builds were loaded, and the bytes of their files.
func (l *Loader) Mapped() (builds int, bytes int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.sum()
}

func (l *Loader) sum() (builds int, bytes int64) {
	for _, k := range l.mapped {
		bytes += k.bytes
	}
	return len(l.mapped), bytes
}

func checkRegular(path string, st os.FileInfo) error {
	switch {
	case !st.Mode().IsRegular():
		return fmt.Errorf("%s: not a regular file", path)
	case st.Size() > maxFileBytes:
		return fmt.Errorf("%s: %d bytes, more than the %d a plugin may have", path, st.Size(), maxFileBytes)
	}
	return nil
}

// keep writes verified bytes where nobody else changes them, to a directory of their own: a
// loaded file that is overwritten in place takes the process down. The directory is made
// each time, since a process lives longer than systems leave temporary files alone. sum is
// the SHA-256, verified: no two files have one path, by which Go and the system tell
// what is loaded.
func keep(body []byte, sum string) (path string, err error) {
	dir, err := os.MkdirTemp("", "smprobe-")
	if err != nil {
		return "", &PlaceError{err}
	}
	path = filepath.Join(dir, sum+".so")
	if err := os.WriteFile(path, body, 0o500); err != nil {
		os.RemoveAll(dir)
		return "", &PlaceError{err}
	}
	return path, nil
}

// load opens a verified file and returns what it exports.
func load(path string) (info *program.Info, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("panic while loading: %v", r)
		}
	}()
	p, err := plugin.Open(path)
	if err != nil && strings.Contains(err.Error(), "failed to map segment") { // glibc's words
		return nil, &PlaceError{err}
	}
	if err != nil {
		return nil, fmt.Errorf("loading: %w", err)
	}
	sym, err := p.Lookup(Symbol)
	if err != nil {
		return nil, fmt.Errorf("loading: %w", err)
	}
	info, ok := sym.(*program.Info)
	if !ok {
		return nil, fmt.Errorf("%s is a %T, not a program", Symbol, sym)
	}
	if info.New == nil {
		return nil, errors.New("the program has no New function")
	}
	return info, nil
}
