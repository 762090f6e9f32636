package smprobe

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
	"sync/atomic"
	"time"
)

// A run over files waits for whoever reads its output: no record is to be lost. A reader that
// never reads holds it up, in write(2) or open(2), which nothing in Go ends. So both are done
// in goroutines that can be left behind, and once the run is to end an output that takes
// nothing for readerWait is given up.

// readerWait is how long an output may take nothing after the signal to end. A variable for
// tests.
var readerWait = 5 * time.Second

// atomicBytes is what a pipe takes whole or not at all (PIPE_BUF, pipe(7)).
const atomicBytes = 4096

// held is an output that may hold up the run. Any goroutine may write.
type held struct {
	name   string
	w      io.Writer
	ctx    context.Context // done when the run is to end
	isText bool            // lines, one for each record

	mu        sync.Mutex
	buf       []byte // what the goroutine writes
	isGivenUp bool
	bytes     int // that were lost
	lines     int
}

// hold returns w so that a reader who does not read is given up after ctx is done. What
// waits for nobody stays as it is.
func hold(ctx context.Context, name string, w io.Writer, isText bool) io.Writer {
	f, ok := w.(*os.File)
	if !ok || ctx == nil {
		return w
	}
	if st, err := f.Stat(); err != nil || st.Mode().IsRegular() {
		return w
	}
	return &held{name: name, w: w, ctx: ctx, isText: isText}
}

// unheld returns w for writers that have a goroutine of their own, as sinks.
func unheld(w io.Writer) io.Writer {
	switch w := w.(type) {
	case *held:
		return w.w
	case overWriter:
		return overWriter{w.b, unheld(w.w)}
	}
	return w
}

// Write implements io.Writer. After the output was given up it counts what is lost.
func (h *held) Write(p []byte) (int, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.isGivenUp {
		h.lose(p)
		return len(p), nil
	}
	h.buf = append(h.buf[:0], p...) // the caller uses p again, the goroutine may stay
	text := h.buf
	var put atomic.Int64
	done := make(chan error, 1)
	go func() {
		for rest := text; len(rest) > 0; {
			n, err := h.w.Write(rest[:h.piece(rest)])
			put.Add(int64(n))
			if err != nil {
				done <- err
				return
			}
			rest = rest[n:]
		}
		done <- nil
	}()
	err, ended := await(h.ctx, done, &put)
	n := int(put.Load())
	if !ended {
		h.isGivenUp = true
		h.lose(text[n:])
		return len(p), nil
	}
	return n, err
}

// piece is how much of text is written at once: whole lines that a pipe takes whole, so that it
// is known what a reader can get and that no line ends in the middle.
func (h *held) piece(text []byte) int {
	if len(text) <= atomicBytes {
		return len(text)
	}
	if n := bytes.LastIndexByte(text[:atomicBytes], '\n') + 1; h.isText && n > 0 {
		return n
	}
	return atomicBytes
}

func (h *held) lose(p []byte) {
	h.bytes += len(p)
	h.lines += bytes.Count(p, []byte{'\n'})
}

// lost returns what could not be written as an error, or nil.
func (h *held) lost() error {
	h.mu.Lock()
	defer h.mu.Unlock()
	switch {
	case !h.isGivenUp:
		return nil
	case h.isText:
		return fmt.Errorf("%s: nobody read it for %s after the signal to end: lines lost: %d (%d bytes)", h.name, readerWait, h.lines, h.bytes)
	}
	return fmt.Errorf("%s: nobody read it for %s after the signal to end: bytes lost: %d", h.name, readerWait, h.bytes)
}

// await waits for done. ended is false if it did not come and put did not grow for readerWait
// after ctx was done.
func await[T any](ctx context.Context, done <-chan T, put *atomic.Int64) (v T, ended bool) {
	select {
	case v := <-done:
		return v, true
	case <-ctx.Done():
	}
	for before := int64(-1); put.Load() != before; {
		before = put.Load()
		select {
		case v := <-done:
			return v, true
		case <-time.After(readerWait):
		}
	}
	return v, false
}

// errNoReader says that nobody opened a FIFO to read from it.
var errNoReader = errors.New("nobody opened it to read")

// openHeld opens an output through open. If it is a FIFO that waits for a reader, which is
// given up as a write is.
func openHeld(ctx context.Context, path string, open func(path string) (*os.File, error)) (*os.File, error) {
	if st, err := os.Stat(path); err != nil || st.Mode()&os.ModeNamedPipe == 0 {
		return open(path)
	}
	type result struct {
		f   *os.File
		err error
	}
	done := make(chan result, 1)
	go func() {
		f, err := open(path)
		done <- result{f, err}
	}()
	if r, ended := await(ctx, done, new(atomic.Int64)); ended {
		return r.f, r.err
	}
	return nil, &os.PathError{Op: "open", Path: path, Err: errNoReader}
}

// openWriter opens a FIFO so that it waits for a reader: os.Create would be one itself.
func openWriter(path string) (*os.File, error) { return os.OpenFile(path, os.O_WRONLY, 0) }

// hold has w watched as an output of this run.
func (o *outputs) hold(ctx context.Context, name string, w io.Writer, isText bool) io.Writer {
	w = hold(ctx, name, w, isText)
	o.watch(w)
	return w
}

// watch has lost tell of w.
func (o *outputs) watch(w io.Writer) {
	if over, ok := w.(overWriter); ok {
		w = over.w
	}
	if h, ok := w.(*held); ok {
		o.held = append(o.held, h)
	}
}

// lost returns the outputs that were given up.
func (o *outputs) lost() (errs []error) {
	for _, h := range o.held {
		if err := h.lost(); err != nil {
			errs = append(errs, err)
		}
	}
	return errs
}

// writeJSON writes v to a file at the end of a run, or to standard output for "-".
func (o *outputs) writeJSON(std *stdio, flag, path string, v any) error {
	if st, err := os.Stat(path); path == "-" || err != nil || st.Mode()&os.ModeNamedPipe == 0 {
		return writeJSON(std, path, v)
	}
	f, err := openHeld(std.ctx, path, openWriter)
	if err != nil {
		return err
	}
	text, err := encodeJSON(v)
	if err == nil {
		_, err = o.hold(std.ctx, flag, f, true).Write(text)
	}
	return errors.Join(err, f.Close())
}
