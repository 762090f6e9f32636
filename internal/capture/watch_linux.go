package capture

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// watchSource reads the captures of a directory, one after the other.
type watchSource struct {
	ctx    context.Context
	dir    string
	open   func(path string) (Source, error)
	logf   func(format string, args ...any)
	fd     int
	closed bool

	early  []string        // names that were there at the start
	queue  []string        // names that became complete after it
	closes map[string]bool // of the early ones, those that were closed meanwhile
	since  time.Time       // of the start
	src    Source
	path   string
	err    error
}

// settling is how long a file that was there at the start must have been left alone to count
// as complete.
const settling = 5 * time.Second

// Watch returns a source that yields the captures in a directory, in the order of their
// names, and then those that are put there, in the order in which they become complete: when
// whoever writes a file closes it, or it is moved there. Names that begin with a dot are left
// alone. What was there at the start counts as complete when it has not been written to for
// five seconds. Files that cannot be read, or only in part, are reported to logf.
//
// It ends when ctx is done. Next waits, so it is to be read through Live. A library for this
// (fsnotify) cannot tell that a file was closed, so inotify is asked itself.
func Watch(ctx context.Context, dir string, open func(path string) (Source, error), logf func(format string, args ...any)) (Source, error) {
	fd, err := unix.InotifyInit1(unix.IN_CLOEXEC | unix.IN_NONBLOCK)
	if err != nil {
		return nil, fmt.Errorf("watching %q: %w", dir, err)
	}
	w := &watchSource{ctx: ctx, dir: dir, open: open, logf: logf, fd: fd, since: time.Now(), closes: map[string]bool{}}
	const mask = unix.IN_CLOSE_WRITE | unix.IN_MOVED_TO | unix.IN_ONLYDIR | unix.IN_DELETE_SELF | unix.IN_MOVE_SELF
	if _, err := unix.InotifyAddWatch(fd, dir, mask); err != nil {
		unix.Close(fd)
		return nil, fmt.Errorf("watching %q: %w", dir, err)
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		unix.Close(fd)
		return nil, fmt.Errorf("watching %q: %w", dir, err)
	}
	for _, e := range entries { // sorted
		if e.Type().IsRegular() && isShown(e.Name()) {
			w.early = append(w.early, e.Name())
		}
	}
	return w, nil
}

func isShown(name string) bool { return name != "" && !strings.HasPrefix(name, ".") }

// Name implements Source.
func (w *watchSource) Name() string {
	if w.src != nil {
		return w.path
	}
	return w.dir
}

// Close implements Source.
func (w *watchSource) Close() error {
	if w.closed {
		return nil
	}
	w.closed = true
	if w.src != nil {
		w.src.Close()
	}
	return unix.Close(w.fd)
}

// Next implements Source.
func (w *watchSource) Next(f *Frame) error {
	for w.err == nil {
		if w.src == nil && !w.next() {
			continue
		}
		err := w.src.Next(f)
		if err == nil {
			return nil
		}
		if err != io.EOF {
			w.logf("%v", err)
		}
		w.src.Close()
		w.src = nil
	}
	return w.err
}

// next opens the next file, and waits a little for one.
func (w *watchSource) next() bool {
	if w.err = w.ctx.Err(); w.err != nil {
		return false
	}
	name := w.take()
	if name == "" {
		w.wait()
		return false
	}
	w.path = filepath.Join(w.dir, name)
	src, err := w.open(w.path)
	if err != nil {
		w.logf("%v", err)
		return false
	}
	w.src = src
	return true
}

// take returns the next name, or "" if there is none yet. Those that were there at the start
// come first.
func (w *watchSource) take() (name string) {
	for len(w.early) > 0 {
		name = w.early[0]
		st, err := os.Stat(filepath.Join(w.dir, name))
		isComplete := err == nil && (w.closes[name] || time.Since(st.ModTime()) > settling || time.Since(w.since) > time.Minute)
		if err == nil && !isComplete {
			return ""
		}
		w.early = w.early[1:]
		if isComplete { // else it is gone
			return name
		}
	}
	if len(w.queue) == 0 {
		return ""
	}
	name, w.queue = w.queue[0], w.queue[1:]
	return name
}

// wait takes the news of the kernel; it waits for at most a fifth of a second.
func (w *watchSource) wait() {
	p := []unix.PollFd{{Fd: int32(w.fd), Events: unix.POLLIN}}
	if n, _ := unix.Poll(p, 200); n <= 0 {
		return
	}
	var buf [16 << 10]byte
	n, err := unix.Read(w.fd, buf[:])
	if err != nil && !errors.Is(err, unix.EAGAIN) && !errors.Is(err, unix.EINTR) {
		w.err = fmt.Errorf("watching %q: %w", w.dir, err)
	}
	for b := buf[:max(n, 0)]; len(b) >= unix.SizeofInotifyEvent; {
		mask, size := binary.NativeEndian.Uint32(b[4:]), int(binary.NativeEndian.Uint32(b[12:]))
		name, _, _ := bytes.Cut(b[unix.SizeofInotifyEvent:unix.SizeofInotifyEvent+size], []byte{0})
		b = b[unix.SizeofInotifyEvent+size:]
		switch {
		case mask&unix.IN_Q_OVERFLOW != 0:
			w.logf("watching %s: too many files at once, some were missed", w.dir)
		case mask&(unix.IN_DELETE_SELF|unix.IN_MOVE_SELF) != 0:
			w.err = fmt.Errorf("watching %q: the directory was removed", w.dir)
		case mask&unix.IN_ISDIR == 0 && isShown(string(name)):
			w.arrived(string(name))
		}
	}
}

// arrived takes a file that is complete.
func (w *watchSource) arrived(name string) {
	switch {
	case slices.Contains(w.early, name):
		w.closes[name] = true
	case !slices.Contains(w.queue, name):
		w.queue = append(w.queue, name)
	}
}
