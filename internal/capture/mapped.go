package capture

import (
	"errors"
	"io"
	"os"
	"reflect"
)

// How files are mapped. A regular file that a Batcher reads is mapped whole, so its
// frames last until Close and several batches may be in use without a copy. Records
// are found by the length in the record before, so a reader that only follows them
// waits for memory once a packet. So a window asks for the bytes ahead, all of them,
// in order, which memory is fast at. One batch at a time, decoded, a mapped file gives
// 5.3 GB/s, and 6.8 by read(2) into a window that stays in the cache: what mapping
// saves is the copy of frames that must last (BenchmarkRead; AMD EPYC, 633 bytes,
// 2026-11).
//
// A page that is no longer in the file cannot be read: the kernel says so with
// SIGBUS. A window asks for the length of the file after each piece, so a file that
// is cut off ends there, as damaged. What remains is a cut in the microseconds
// between that and the use of a frame: the Batcher turns the fault into a panic and
// that into damage (Batcher.caught). Direct users of Source have no such guard, so
// for them files are read.

var (
	// mapMinBytes is the shortest file that is mapped: below, read(2) is as fast. A
	// variable for tests.
	mapMinBytes = 1 << 20
	// pieceBytes is how many bytes are asked for at a time: few enough to be in the
	// second-level cache when their turn comes. A variable for tests.
	pieceBytes = 128 << 10
)

const (
	// forgetBytes is how much of a mapping may lie behind before its pages are let go.
	forgetBytes = 32 << 20
	// maxLastingBytes bounds what is kept mapped until Close: each GiB costs 2 MiB of
	// page tables.
	maxLastingBytes = 64 << 30
)

var errShrunk = errors.New("the file became shorter while it was read")

// mapFile makes the window show its file by a mapping, if that can be done. Bytes
// that have been shown before may be overwritten by then.
func (w *window) mapFile() {
	f := w.file
	if f == nil || w.mapping != nil || w.err != nil {
		return
	}
	w.file = nil // one try
	size, err := fileSize(f)
	if err != nil || size-w.off < int64(mapMinBytes) || int64(int(size)) != size {
		return
	}
	m, err := mapBytes(f, int(size))
	if err != nil {
		return
	}
	w.file, w.mapping, w.buf = f, m, m
	w.lo, w.hi, w.forgot = int(w.off), int(w.off), 0
}

// inMapping reports whether the bytes shown are those of the mapping, and not what
// was appended to the file later.
func (w *window) inMapping() bool { return w.mapping != nil && !w.beyond }

// fillMapped is fill for a mapped file.
func (w *window) fillMapped(n int) ([]byte, bool) {
	for w.hi-w.lo < n {
		if w.err != nil {
			return nil, false
		}
		end := min(w.hi+pieceBytes, len(w.buf))
		if !w.asked {
			w.touched += touch(w.buf[w.hi:end])
		}
		size, err := fileSize(w.file)
		switch {
		case err != nil:
			w.err = err
		case w.shrunk && end == w.hi:
			w.err = errShrunk
		case size < int64(len(w.buf)):
			w.shrunk = true
			w.buf = w.buf[:max(w.lo, int(size))]
			w.hi = min(max(w.hi, end), len(w.buf))
		case end > w.hi:
			w.hi = end
		case size == int64(end):
			w.err = io.EOF
		default:
			w.readOn()
			return w.fill(n)
		}
	}
	return w.buf[w.lo : w.lo+n], true
}

// lookAt returns the unread bytes of the mapping from a place on, all that are there: at
// least n, else nil.
func (w *window) lookAt(from, n int) []byte {
	if w.hi-w.lo < from+n {
		if len(w.buf)-w.lo < from+n {
			return nil
		}
		if _, ok := w.fillMapped(from + n); !ok || !w.inMapping() {
			return nil
		}
	}
	return w.buf[w.lo+from : w.hi]
}

// pass consumes n bytes that lookAt has shown, be it that the file ends before them by now.
func (w *window) pass(n int) {
	w.skip(n)
	w.hi = max(w.hi, w.lo)
	w.buf = w.buf[:max(len(w.buf), w.lo)]
}

// touch reads one byte of every cache line. What it returns means nothing, but keeping
// it keeps the compiler from leaving the reads out.
func touch(b []byte) (sum byte) {
	for ; len(b) >= 256; b = b[256:] {
		sum += b[0] + b[64] + b[128] + b[192]
	}
	for i := 0; i < len(b); i += 64 {
		sum += b[i]
	}
	return sum
}

// readOn leaves the mapping: the file has grown since, and the rest is read.
func (w *window) readOn() {
	if _, w.err = w.file.Seek(int64(len(w.buf)), io.SeekStart); w.err != nil {
		return
	}
	w.beyond = true
	rest := w.rest()
	w.buf = make([]byte, max(windowBytes, 2*len(rest)))
	w.lo, w.hi = 0, copy(w.buf, rest)
}

// forgetBehind lets the pages of frames go that nobody needs any more. They stay
// valid nevertheless.
func (w *window) forgetBehind() {
	const page = 64 << 10 // a multiple of every page size
	if behind := w.lo &^ (page - 1); behind-w.forgot >= forgetBytes {
		forget(w.mapping[w.forgot:behind])
		w.forgot = behind
	}
}

// unmap ends the life of every frame of the mapping.
func (w *window) unmap() {
	if w.mapping == nil {
		return
	}
	unmapBytes(w.mapping)
	if !w.beyond {
		w.buf, w.lo, w.hi, w.err = nil, 0, 0, os.ErrClosed
	}
	w.mapping, w.file = nil, nil
}

// mappedBytes is the length of the mapping if frames are valid until Close, release
// or not; else 0. Asking has the file mapped.
func (r *reader) mappedBytes() int64 {
	r.w.mapFile()
	return int64(len(r.w.mapping))
}

// Lasts reports whether frames are valid until Close.
func (r *reader) Lasts() bool {
	n := r.mappedBytes()
	return n > 0 && n <= maxLastingBytes
}

// faulted says what to make of an address at which memory could not be read. If it
// is in the mapping the source has ended, in damage.
func (r *reader) faulted(addr uintptr, unread int) error {
	w := r.w
	if w.mapping == nil {
		return nil
	}
	at := int64(addr - reflect.ValueOf(w.mapping).Pointer())
	if at < 0 || at >= int64(len(w.mapping)) {
		return nil
	}
	w.err = errors.New("it cannot be read from where it is stored")
	if size, err := fileSize(w.file); err == nil && size < int64(len(w.mapping)) {
		w.err = errShrunk
	}
	if at < w.off { // they were handed out, but nobody could look at them
		r.packets -= min(int64(unread), r.packets)
	}
	w.hi = w.lo
	if d, ok := r.err.(*DamagedError); ok { // one damage, however many look at it
		d.Packets = r.packets
		return d
	}
	return r.damaged("reading a packet: " + w.err.Error())
}

// A faulter is a source of which frames may turn out to be unreadable.
type faulter interface {
	// faulted is told an address that could not be read, and returns the damage if it
	// belongs to a frame of this source; else nil. So many frames that were handed out
	// are lost by it, the one that was being read included.
	faulted(addr uintptr, unread int) error
}
