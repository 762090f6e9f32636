package access

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

// ErrOutside says that a file is not in the folder that requests may name files of.
var ErrOutside = errors.New("is not in the plugin folder")

// Dir is the folder that files named by requests are in. The zero Dir allows any folder.
type Dir struct {
	path string // absolute, without links
	also string // absolute, as it was given
}

// OpenDir returns the folder at path; "" allows any. Only root and who runs the probe may
// be able to write to it.
func OpenDir(path string) (d Dir, err error) {
	if path == "" {
		return d, nil
	}
	if d.also, err = filepath.Abs(path); err != nil {
		return d, err
	}
	if d.path, err = filepath.EvalSymlinks(d.also); err != nil {
		return d, err
	}
	st, err := os.Stat(d.path)
	if err != nil {
		return d, err
	}
	if !st.IsDir() {
		return d, fmt.Errorf("%s: not a directory", path)
	}
	return d, CheckOwner(path, st)
}

// IsSet reports whether files must be in one folder.
func (d Dir) IsSet() bool { return d.path != "" }

// Open opens a regular file for reading that nobody but root and who runs the probe may
// change. A relative path is below the folder, an absolute one must lead into it; neither
// may go through a symbolic link. The error wraps ErrOutside, or is an *OwnerError. What
// is checked is what is opened, so that nothing can be put in its place between.
func (d Dir) Open(path string) (*os.File, error) {
	if !d.IsSet() {
		f, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0) // a pipe would wait for a writer
		return checkFile(path, f, err)
	}
	rel, ok := d.below(path)
	if !ok {
		return nil, fmt.Errorf("%.300q %w", path, ErrOutside)
	}
	root, err := os.OpenRoot(d.path)
	if err != nil {
		return nil, err
	}
	defer root.Close()
	at := "." // the folder, and every step down to the file
	for _, step := range append([]string{"."}, strings.Split(rel, string(filepath.Separator))...) {
		at = filepath.Join(at, step)
		st, err := root.Lstat(at)
		if err != nil {
			return nil, err
		}
		if st.Mode()&os.ModeSymlink != 0 {
			return nil, fmt.Errorf("%s %w: %s is a symbolic link", path, ErrOutside, at)
		}
		if err := CheckOwner(filepath.Join(d.path, at), st); err != nil {
			return nil, err
		}
	}
	f, err := root.OpenFile(rel, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	return checkFile(path, f, err)
}

// below returns path relative to the folder; ok is false if it does not lead there.
func (d Dir) below(path string) (rel string, ok bool) {
	rel = path
	if filepath.IsAbs(path) {
		for _, dir := range []string{d.path, d.also} {
			if r, err := filepath.Rel(dir, path); err == nil && filepath.IsLocal(r) {
				return r, true
			}
		}
		return "", false
	}
	return filepath.Clean(rel), filepath.IsLocal(rel)
}

// checkFile refuses an open file that is not to be trusted, and closes it.
func checkFile(path string, f *os.File, err error) (*os.File, error) {
	if err != nil {
		return nil, err
	}
	st, err := f.Stat()
	if err == nil && !st.Mode().IsRegular() {
		err = fmt.Errorf("%s: not a regular file", path)
	}
	if err == nil {
		err = CheckOwner(path, st)
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}
