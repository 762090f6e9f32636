package capture

import (
	"errors"
	"io"
	"os"
)

// windowBytes is the size of one read of a window without blocks. 256 KiB fits the second-level
// cache, so that decoding finds the bytes where read(2) put them.
const windowBytes = 256 << 10

// A window shows a stream as a run of contiguous bytes that slides forward.
// Records are parsed in place, so a frame is never copied by its source.
//
// Words: buf[lo:hi] is read and not consumed yet; a held window keeps every
// byte it has handed out until release, by reading on into another block.
type window struct {
	r      io.Reader
	buf    []byte
	lo, hi int
	off    int64 // stream offset of buf[lo]
	err    error // why r ended; sticky

	isFile bool  // r is a regular file, or what is unpacked from one: it lets nobody wait, so blocks are filled
	least  int64 // bytes that it had when it was opened, if it is the file itself
	got    int64 // bytes read

	shelf    *shelf   // of who holds the window; nil = nobody
	block    *block   // buf is its; nil = the window's own
	kept     []*block // before it, of which bytes were handed out
	next     *block   // is read ahead
	released int64    // stream offset up to which bytes were given up
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
	for w.hi-w.lo < n {
		if w.err != nil {
			return nil, false
		}
		if w.next != nil || w.hi == len(w.buf) {
			w.makeRoom()
		}
		if w.hi < len(w.buf) && w.err == nil {
			w.read()
		}
	}
	return w.buf[w.lo : w.lo+n], true
}

// fillsBlocks reports whether blocks are read whole, and may be ahead of their turn.
func (w *window) fillsBlocks() bool { return w.isFile && w.shelf != nil }

// read reads on into the buffer.
func (w *window) read() {
	var n int
	var err error
	if w.fillsBlocks() {
		n, err = readFull(w.r, w.buf[w.hi:])
	} else {
		n, err = w.r.Read(w.buf[w.hi:])
	}
	w.came(n, err)
}

// came takes note of n more bytes in the buffer, and of what ended the stream behind them.
func (w *window) came(n int, err error) {
	w.hi += n
	w.got += int64(n)
	if err == io.EOF && w.got < w.least {
		err = errShrunk
	}
	w.err = err
	if err == nil && w.fillsBlocks() && w.hi == len(w.buf) {
		w.next = w.shelf.order(w.r)
	}
}

// makeRoom moves the unread bytes to the front of a buffer with space behind
// them: the same one, or a larger one; or to another block, see turn.
func (w *window) makeRoom() {
	if w.shelf != nil {
		w.turn()
		return
	}
	n := w.hi - w.lo
	size := max(windowBytes, 2*n)
	next := w.buf
	if len(next) < size {
		next = make([]byte, size)
	}
	copy(next, w.rest())
	w.buf, w.lo, w.hi = next, 0, n
}

// turn goes on in the block that is read ahead, or one to be read into.
func (w *window) turn() {
	rest, b, n := w.rest(), w.next, 0
	var err error
	switch {
	case b != nil:
		b.fetch()
		n, err = b.n, b.err
	case w.block != nil && w.block.users == 1 && w.off == w.released && w.shelf.fits(w.block):
		b, w.block = w.block, nil // nobody looks at it
	default:
		b = w.shelf.take()
	}
	at := headBytes
	if len(rest) > headBytes {
		large := &block{buf: make([]byte, max(w.shelf.size+len(rest), 2*len(rest))+n), users: 1}
		at = len(rest)
		copy(large.buf[at:], b.buf[headBytes:headBytes+n])
		w.shelf.drop(b)
		b = large
	}
	copy(b.buf[at-len(rest):], rest)
	if w.block != nil {
		w.kept = append(w.kept, w.block)
	}
	w.block, w.next = b, nil
	w.buf, w.lo, w.hi = b.buf, at-len(rest), at
	if n > 0 || err != nil {
		w.came(n, err)
	}
}

// hold makes every byte shown from now on stay as it is until release, in blocks of s.
func (w *window) hold(s *shelf) { w.shelf = s }

// release gives up all bytes shown so far but the unread ones, and those lent.
func (w *window) release() {
	for _, b := range w.kept {
		w.shelf.drop(b)
	}
	w.kept, w.released = w.kept[:0], w.off
}

// lend consumes n bytes that peek has shown. It returns them, and the block that they are in, nil
// if they stay anyhow: it has a user more.
func (w *window) lend(n int) ([]byte, *block) {
	b := w.buf[w.lo : w.lo+n]
	w.skip(n)
	if w.block != nil {
		w.block.users++
	}
	return b, w.block
}

// end gives up all bytes but those lent, and has nobody read ahead any more. No more are shown.
func (w *window) end() {
	if b := w.next; b != nil {
		w.shelf.next.CompareAndSwap(b, nil)
		b.ahead.Lock()
		b.from = nil
		b.ahead.Unlock()
		w.shelf.drop(b)
	}
	w.release()
	if w.block != nil {
		w.shelf.drop(w.block)
	}
	w.block, w.next, w.buf, w.lo, w.hi, w.err = nil, nil, nil, 0, 0, os.ErrClosed
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

func (r *reader) Name() string  { return r.path }
func (r *reader) hold(s *shelf) { r.w.hold(s) }
func (r *reader) release()      { r.w.release() }

func (r *reader) Close() error {
	r.w.end()
	return r.close()
}

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
// Next: after hold they are valid until release.
type keeper interface {
	hold(s *shelf)
	release()
}
