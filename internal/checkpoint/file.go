package checkpoint

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
)

// ErrForeign says that a file is no checkpoint, and never was one.
var ErrForeign = errors.New("is no checkpoint")

// ErrInUse says that another probe writes the checkpoint.
var ErrInUse = errors.New("is the checkpoint of another probe that runs")

// OtherError says that a file is a sound checkpoint of a probe that is not like this one.
type OtherError struct{ What string }

// Error says what the file is.
func (e *OtherError) Error() string { return "is " + e.What }

// DamagedError says that a file is a checkpoint that is not as it was written.
type DamagedError struct{ Reason string }

// Error says how that was found out.
func (e *DamagedError) Error() string { return "is damaged: " + e.Reason }

func damaged(format string, args ...any) error {
	return &DamagedError{fmt.Sprintf(format, args...)}
}

// Read reads a checkpoint and checks all of it. The error wraps fs.ErrNotExist if there is
// none, ErrForeign, an OtherError or a DamagedError. It takes the memory of the file,
// which the images keep.
func Read(path string) (*File, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	cp, err := read(f)
	if err != nil {
		return nil, fmt.Errorf("%s %w", path, err)
	}
	return cp, nil
}

func read(f *os.File) (*File, error) {
	info, err := f.Stat()
	switch {
	case err != nil:
		return nil, reading(err)
	case !info.Mode().IsRegular():
		return nil, ErrForeign
	}
	header := make([]byte, headerSize)
	n, err := io.ReadFull(f, header)
	if err != nil && err != io.EOF && err != io.ErrUnexpectedEOF {
		return nil, reading(err)
	}
	directorySize, imageSize, err := sizes(header[:n], info.Size())
	if err != nil {
		return nil, err
	}
	b := make([]byte, directorySize+imageSize)
	if _, err := io.ReadFull(f, b); err == io.EOF || err == io.ErrUnexpectedEOF {
		return nil, damaged("it is shorter than it was a moment ago")
	} else if err != nil {
		return nil, reading(err)
	}
	return decode(header, b[:directorySize], b[directorySize:])
}

func reading(err error) error { return fmt.Errorf("cannot be read: %w", err) }

// Write writes a checkpoint in place of the one in path, and returns its size. When it
// returns without error the checkpoint is on disk; with one, what was in path is there still.
// One goroutine, in one process, writes one path: see Lock.
func (f *File) Write(path string) (size int64, err error) {
	part := partOf(path)
	out, err := os.OpenFile(part, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return 0, err
	}
	defer func() {
		if err != nil {
			os.Remove(part)
		}
	}()
	size, err = f.writeTo(out)
	if err == nil {
		err = out.Sync()
	}
	if e := out.Close(); err == nil {
		err = e
	}
	if err == nil {
		err = os.Rename(part, path)
	}
	if err == nil {
		err = syncDir(filepath.Dir(path))
	}
	return size, err
}

// partOf is the file in which the next checkpoint grows. What a killed probe left there is
// written over.
func partOf(path string) string { return path + ".part" }

func (f *File) writeTo(out io.Writer) (size int64, err error) {
	w := bufio.NewWriterSize(out, 256<<10)
	put := func(b []byte) {
		if err == nil {
			_, err = w.Write(b)
			size += int64(len(b))
		}
	}
	put(f.header())
	for _, p := range f.Programs {
		for _, list := range p.Shards {
			for _, i := range list {
				put(i.Data)
			}
		}
	}
	if err == nil {
		err = w.Flush()
	}
	return size, err
}

// syncDir brings the name of a file to disk.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer d.Close()
	return d.Sync()
}

// mostAside bounds the files that Aside keeps.
const mostAside = 10

// Aside renames a file that is not to be written over, and returns the name that it has
// now: FILE.damaged, or with a number up to 9 where that is taken. The last of those is
// written over: a disk that damages files would be full of them.
func Aside(path string) (string, error) {
	for n := 0; ; n++ {
		to := path + ".damaged"
		if n > 0 {
			to += "." + strconv.Itoa(n)
		}
		if _, err := os.Lstat(to); errors.Is(err, fs.ErrNotExist) || n == mostAside-1 {
			return to, os.Rename(path, to)
		} else if err != nil {
			return "", err
		}
	}
}
