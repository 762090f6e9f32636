package sink

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strconv"
)

// fileCarrier appends lines to a file. It begins a new one when the file has reached
// its size, keeping some of those before as FILE.1 (the newest), FILE.2 …, and when the file
// was moved away, as logrotate does.
type fileCarrier struct {
	path   string
	rotate int64 // bytes; 0 = never
	keep   int   // files besides the present one
	mode   fs.FileMode

	f    *os.File
	size int64
	buf  []byte
	cut  func(f *os.File, size int64) error // of a test; nil = Truncate
}

func parseFile(s *Spec, target string, o *options) {
	s.linger = 0
	c := fileCarrier{path: target, rotate: o.size("rotate", 0, 0), keep: o.count("keep", 5, 0, 10000), mode: 0o640}
	if text := o.text("mode", ""); text != "" {
		n, err := strconv.ParseUint(text, 8, 9)
		if err != nil {
			o.fail("mode=%s: expected octal digits such as 640", text)
		}
		c.mode = fs.FileMode(n)
	}
	if target == "" {
		o.fail("expected a path, as in file:/var/log/alerts.jsonl")
	}
	if o.has("keep") && !o.has("rotate") {
		o.fail("keep needs rotate, as in rotate=100MB&keep=5")
	}
	s.open = func(*Options) (carrier, error) {
		f := c
		return &f, f.open()
	}
}

// open opens the file at its end. A last line without an end, left by a crash, gets one.
func (c *fileCarrier) open() error {
	f, err := os.OpenFile(c.path, os.O_RDWR|os.O_CREATE|os.O_APPEND, c.mode)
	if err != nil {
		return pathError(err)
	}
	st, err := f.Stat()
	if err != nil {
		f.Close()
		return pathError(err)
	}
	c.f, c.size = f, 0
	if !st.Mode().IsRegular() {
		c.rotate = 0 // a device is not moved away
		return nil
	}
	n, err := EndLine(f, st.Size())
	c.size = st.Size() + int64(n)
	if err != nil {
		f.Close()
		c.f = nil
		return pathError(err)
	}
	return nil
}

// EndLine ends the last line of a regular file of that size if it has no end, so that the
// next one is not glued to it. It returns the bytes that it wrote. The file is open to be read
// and to be appended to; one that cannot be read stays as it is.
func EndLine(f *os.File, size int64) (n int, err error) {
	last := []byte{'\n'}
	if size > 0 {
		f.ReadAt(last, size-1)
	}
	if last[0] == '\n' {
		return 0, nil
	}
	return f.Write([]byte{'\n'})
}

// deliver implements carrier. A line is in the file whole, or not at all.
func (c *fileCarrier) deliver(_ context.Context, items []*item) (int, error) {
	if err := c.present(); err != nil {
		return 0, err
	}
	sent := 0
	for sent < len(items) {
		if c.rotate > 0 && c.size > 0 && c.size+int64(len(items[sent].body))+1 > c.rotate {
			if err := c.turn(); err != nil {
				return sent, err
			}
		}
		c.buf = c.buf[:0]
		n := 0
		for _, it := range items[sent:] {
			if grown := c.size + int64(len(c.buf)+len(it.body)) + 1; n > 0 && c.rotate > 0 && grown > c.rotate {
				break
			}
			c.buf = append(append(c.buf, it.body...), '\n')
			n++
		}
		wrote, err := c.f.Write(c.buf)
		if err != nil {
			if wrote > 0 { // the disk is full
				c.takeBack()
			}
			return sent, pathError(err)
		}
		c.size += int64(wrote)
		sent += n
	}
	return sent, nil
}

// takeBack cuts off the part of a batch that was written. A file that cannot be cut, as one
// that only grows (chattr +a), is opened again for the next record, which ends the line.
func (c *fileCarrier) takeBack() {
	cut := c.cut
	if cut == nil {
		cut = (*os.File).Truncate
	}
	if st, err := c.f.Stat(); cut(c.f, c.size) != nil && err == nil && st.Mode().IsRegular() {
		c.f.Close()
		c.f = nil
	}
}

// present opens the file again if it is no longer what the path names.
func (c *fileCarrier) present() error {
	if c.f != nil {
		here, err1 := c.f.Stat()
		there, err2 := os.Stat(c.path)
		if err1 == nil && err2 == nil && os.SameFile(here, there) {
			if here.Mode().IsRegular() {
				c.size = here.Size() // somebody may have cut it off (copytruncate)
			}
			return nil
		}
		c.f.Close()
		c.f = nil
	}
	return c.open()
}

// turn moves FILE to FILE.1, FILE.1 to FILE.2 and so on, and begins FILE anew.
func (c *fileCarrier) turn() error {
	c.f.Close()
	c.f = nil
	numbered := func(i int) string { return fmt.Sprintf("%s.%d", c.path, i) }
	if c.keep == 0 {
		if err := os.Remove(c.path); err != nil {
			return pathError(err)
		}
		return c.open()
	}
	for i := c.keep; i > 0; i-- {
		from := c.path
		if i > 1 {
			from = numbered(i - 1)
		}
		if err := os.Rename(from, numbered(i)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("rotating: %w", err)
		}
	}
	return c.open()
}

// close implements carrier.
func (c *fileCarrier) close() error {
	if c.f == nil {
		return nil
	}
	return c.f.Close()
}

// stdoutCarrier writes lines to standard output.
type stdoutCarrier struct {
	w   io.Writer
	buf []byte
}

func parseStdout(s *Spec, target string, o *options) {
	if target != "" {
		o.fail("expected stdout: alone, or options after ?")
	}
	s.open = func(opt *Options) (carrier, error) {
		if opt.Stdout == nil {
			return nil, errors.New("there is no standard output")
		}
		return &stdoutCarrier{w: opt.Stdout}, nil
	}
}

// deliver implements carrier. A reader that is gone does not come back.
func (c *stdoutCarrier) deliver(_ context.Context, items []*item) (int, error) {
	c.buf = c.buf[:0]
	for _, it := range items {
		c.buf = append(append(c.buf, it.body...), '\n')
	}
	if _, err := c.w.Write(c.buf); err != nil {
		return 0, &refusal{n: len(items), err: pathError(err), final: true}
	}
	return len(items), nil
}

// close implements carrier.
func (c *stdoutCarrier) close() error { return nil }

// File returns the sink of a file without options, whatever stands in its path. What the
// file holds goes away.
func File(path string) *Spec {
	s := newSpec("file:"+path, "file", path)
	o, _ := readOptions("")
	parseFile(s, path, o)
	s.common(o)
	open := s.open
	s.open = func(opt *Options) (carrier, error) {
		if st, err := os.Stat(path); err == nil && st.Mode().IsRegular() { // a device has nothing that could go away
			if err := os.Truncate(path, 0); err != nil {
				return nil, pathError(err)
			}
		}
		return open(opt)
	}
	return s
}

// Stdout returns the sink of standard output in a format.
func Stdout(format string) *Spec {
	s, err := Parse("stdout:?format=" + format)
	if err != nil {
		panic(err) // a format that is none
	}
	return s
}
