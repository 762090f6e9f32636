package evidence

import (
	"cmp"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/streamon/streamon/internal/capture"
	"github.com/streamon/streamon/internal/export"
	"github.com/streamon/streamon/runtime/program"
)

// suffix is that of the files which are ours to remove.
const suffix = ".evidence.pcapng"

// part is what the name of a file has at its end until all of it is there.
const part = ".part"

// directory is the files of evidence, with their limits. One goroutine uses it.
type directory struct {
	path  string
	files int   // at most
	bytes int64 // at most
	there []stored
	sum   int64
}

type stored struct {
	name string
	size int64
}

// openDirectory takes over the files that are there, oldest first, and removes what a crash
// has left of one.
func openDirectory(path string, files int, bytes int64) (*directory, error) {
	d := &directory{path: path, files: files, bytes: bytes}
	entries, err := os.ReadDir(path)
	if err != nil {
		return nil, err
	}
	var info []fs.FileInfo
	for _, e := range entries {
		i, err := e.Info()
		switch {
		case err != nil || !i.Mode().IsRegular():
		case strings.HasSuffix(e.Name(), suffix):
			info = append(info, i)
		case strings.HasSuffix(e.Name(), suffix+part):
			if err := os.Remove(filepath.Join(path, e.Name())); err != nil {
				return nil, err
			}
		}
	}
	slices.SortFunc(info, func(a, b fs.FileInfo) int {
		return cmp.Or(a.ModTime().Compare(b.ModTime()), cmp.Compare(a.Name(), b.Name()))
	})
	for _, i := range info {
		d.there = append(d.there, stored{i.Name(), i.Size()})
		d.sum += i.Size()
	}
	return d, nil
}

// write writes a file and removes the oldest ones that are too many with it. A file that
// cannot be written whole is not left there, and none is written while there are too many.
func (d *directory) write(name, comment string, frames []capture.Frame) (removed int, err error) {
	if removed, err = d.trim(); err != nil {
		return removed, err
	}
	path := filepath.Join(d.path, name)
	size, err := writeFile(path, comment, frames)
	if err != nil {
		os.Remove(path + part)
		return removed, err
	}
	if i := slices.IndexFunc(d.there, func(s stored) bool { return s.name == name }); i >= 0 { // the same alert of a run before
		d.sum -= d.there[i].size
		d.there = slices.Delete(d.there, i, i+1)
	}
	d.there = append(d.there, stored{name, size})
	d.sum += size
	n, err := d.trim()
	return removed + n, err
}

// trim removes the oldest files that are too many, but for the last one.
func (d *directory) trim() (removed int, err error) {
	for len(d.there) > 1 && (len(d.there) > d.files || d.sum > d.bytes) {
		if err := os.Remove(filepath.Join(d.path, d.there[0].name)); err != nil && !os.IsNotExist(err) {
			return removed, err
		}
		d.sum -= d.there[0].size
		d.there = d.there[1:]
		removed++
	}
	return removed, nil
}

// writeFile writes packets to path, under another name until they are all there.
func writeFile(path, comment string, frames []capture.Frame) (size int64, err error) {
	f, err := os.OpenFile(path+part, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o640)
	if err != nil {
		return 0, err
	}
	defer func() {
		if e := f.Close(); err == nil {
			err = e
		}
		if err == nil {
			err = os.Rename(path+part, path)
		}
	}()
	w := capture.NewWriter(f, comment)
	for i := range frames {
		if err := w.Write(&frames[i]); err != nil {
			return 0, err
		}
	}
	if err := w.Flush(); err != nil {
		return 0, err
	}
	st, err := f.Stat()
	if err != nil {
		return 0, err
	}
	return st.Size(), nil
}

// fileName names the file of an alert: when, which program, about whom. Whatever a packet
// put into a key, the name is one of the directory.
func fileName(o *export.Origin, r *program.Record) string {
	b := program.AppendTime(nil, r.Time)
	b = append(append(b, '-'), o.Name()...)
	for i := range r.Entity {
		b = program.AppendValue(append(b, '-'), r.Entity[i].Value, "")
	}
	for i, c := range b {
		if !(c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-' || c == '.' && i > 0) {
			b[i] = '_'
		}
	}
	return string(b[:min(len(b), 180)]) + suffix
}
