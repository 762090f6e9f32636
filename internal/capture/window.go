package capture

import (
	"errors"
	"io"
	"os"
)

// windowBytes is the size of one read. 256 KiB fits the second-level cache, so
// that decoding finds the bytes where read(2) put them.
const windowBytes = 256 << 10

// A window shows a stream as a run of contiguous bytes that slides forward.
// Records are parsed in place, so a frame is never copied by its source.
//
// Words: buf[lo:hi] is read and not consumed yet; a held window keeps every
// byte it has handed out until release, by reading on into another buffer.
type window struct {
	r      io.Reader
	buf    []byte
	lo, hi int
	off    int64 // stream offset of buf[lo]
	err    error // why r ended; sticky

	held  bool
	old   [][]byte // full buffers that frames handed out may still point into
	spare [][]byte // released buffers, to be used again

	// See mapped.go.
	file    *os.File // r, if it is a regular file that may be mapped
	mapping []byte   // of the file; buf until it is read on
	beyond  bool     // the end of mapping was passed: buf is read
	shrunk  bool     // the file ends before mapping: buf ends there
	forgot  int      // pages of mapping before it were let go
	asked   bool     // whoever decodes asks for what comes: see run.soon
	touched byte     // means nothing, see touch
}

// newWindow returns a window at the start of r. The first buffer is small, for
// many files may be open and waiting for their turn.
func newWindow(r io.Reader) *window {
	return &window{r: r, buf: make([]byte, 16<<10)}
}

// peek returns the next n bytes, or false if the stream ends before them.
func (w *window) peek(n int) ([]byte, bool) {
	if w.hi-w.lo >= n {
		return w.buf[w.lo : w.lo+n], true
	}
	return w.fill(n)
}

// skip consumes n bytes that peek has shown.
func (w *window) skip(n int) {
	w.lo += n
	w.off += int64(n)
}

// rest returns the unread bytes that are in the buffer.
func (w *window) rest() []byte { return w.buf[w.lo:w.hi] }

// atEnd reports whether the stream ended cleanly at this point.
func (w *window) atEnd() bool {
	_, ok := w.peek(1)
	return !ok && w.err == io.EOF
}

// fill reads until n bytes are there. The buffer grows with the bytes that have
// come in, never with a length that a file claims.
func (w *window) fill(n int) ([]byte, bool) {
	if w.inMapping() {
		return w.fillMapped(n)
	}
	for w.hi-w.lo < n {
		if w.err != nil {
			return nil, false
		}
		if w.hi == len(w.buf) {
			w.makeRoom()
		}
		k, err := w.r.Read(w.buf[w.hi:])
		w.hi += k
		w.err = err
	}
	return w.buf[w.lo : w.lo+n], true
}

// makeRoom moves the unread bytes to the front of a buffer with space behind
// them: the same one, a spare one if its frames must be kept, or a larger one.
func (w *window) makeRoom() {
	n := w.hi - w.lo
	size := max(windowBytes, 2*n)
	next := w.buf
	switch {
	case w.held:
		next = w.takeSpare(size)
		w.old = append(w.old, w.buf)
	case len(next) < size:
		next = make([]byte, size)
	}
	copy(next, w.rest())
	w.buf, w.lo, w.hi = next, 0, n
}

// takeSpare returns a released buffer of at least size bytes, or a new one.
func (w *window) takeSpare(size int) []byte {
	for i := len(w.spare) - 1; i >= 0; i-- {
		if b := w.spare[i]; len(b) >= size {
			w.spare[i] = w.spare[len(w.spare)-1]
			w.spare = w.spare[:len(w.spare)-1]
			return b
		}
	}
	return make([]byte, size)
}

// hold makes every byte shown from now on stay as it is until release, in a mapped
// file until unmap.
func (w *window) hold() {
	w.held = true
	w.mapFile()
}

// release gives up all bytes shown so far but the unread ones.
func (w *window) release() {
	if w.inMapping() {
		w.forgetBehind()
		return
	}
	for _, b := range w.old {
		// A buffer that had to grow for one odd record is not worth keeping; that of a
		// file that was mapped lasts like the mapping.
		if len(b) == windowBytes && len(w.spare) < 8 && w.mapping == nil {
			w.spare = append(w.spare, b)
		}
	}
	w.old = w.old[:0]
}

// Read hands the stream on to an unpacker.
func (w *window) Read(p []byte) (int, error) {
	if w.hi == w.lo {
		if _, ok := w.peek(1); !ok {
			return 0, w.err
		}
	}
	n := copy(p, w.rest())
	w.skip(n)
	return n, nil
}

// A reader is what all file formats share: the window, the path, and how the
// file ended.
type reader struct {
	w       *window
	raw     *window // the file: that which w is unpacked from, else w
	size    int64   // of the file; 0 = not known
	path    string
	close   func() error
	packets int64
	err     error // io.EOF or *DamagedError once the end is reached
}

func (r *reader) Name() string { return r.path }
func (r *reader) Close() error { r.w.unmap(); return r.close() }
func (r *reader) hold()        { r.w.hold() }
func (r *reader) release()     { r.w.release() }

// damaged ends the source: the record at the present offset cannot be read.
func (r *reader) damaged(reason string) error {
	r.err = &DamagedError{Path: r.path, Offset: r.w.off, Reason: reason, Packets: r.packets}
	return r.err
}

// ended is called when a record is not there in full. what names it.
func (r *reader) ended(what string) error {
	if r.err != nil {
		return r.err
	}
	if r.w.atEnd() {
		r.err = io.EOF
		return r.err
	}
	if errors.Is(r.w.err, io.EOF) {
		return r.damaged("the file ends in the middle of " + what)
	}
	return r.damaged("reading " + what + ": " + r.w.err.Error())
}

// A keeper is a source whose frames can be made to outlive the next call of
// Next: after hold they are valid until release, and until Close if the source has
// a method Lasts that says so.
type keeper interface {
	hold()
	release()
}
