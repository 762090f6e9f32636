// Package build turns generated Go source into a plugin or a static probe with
// the go command.
//
// A plugin loads only if it was compiled from the same runtime sources, with
// the same toolchain and settings, and if the compiler recorded the same file
// names as in the probe. So the probe is asked first (internal/sdk), its own
// sources are laid out in a private cache, and one of three layouts reproduces
// its file names:
//
//	trimmed    probe built with -trimpath in a checkout: same main module, -trimpath
//	versioned  probe built with -trimpath from module@version: require + replace, -trimpath
//	plain      probe built without -trimpath: replace + overlay at the original directory
//
// Everything in the cache is named by its content and renamed into place, so
// that builds may run in parallel without locks.
package build

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/streamon/streamon/internal/sdk"
)

// Unit is one program to build.
type Unit struct {
	Name   string // program name
	Source string // base name of the program file
	Text   []byte // its text
	// Emit returns the generated Go file for a package name and a build identity.
	Emit func(pkg, id string) ([]byte, error)
}

// Options say where and how to build.
type Options struct {
	Cache string // directory for sources and outputs; "" = the user's cache directory
	Keep  bool   // leave the build directory for inspection
}

// Result is a finished build.
type Result struct {
	File     []byte // plugin with manifest, or executable
	ID       string
	Layout   string // trimmed, versioned, plain or static
	Cached   bool   // nothing had to be built
	Duration time.Duration
	Dir      string // build directory, if kept
}

// UserError is a failure that the user can mend: no toolchain, another version,
// no C compiler. Hint says how.
type UserError struct{ Reason, Hint string }

// Error returns the reason.
func (e *UserError) Error() string { return e.Reason }

// CompileError says that the go command rejected generated code. That is a bug
// of ours; Log is its output.
type CompileError struct {
	Program string
	Log     string
	Dir     string // where the sources are left
}

// Error returns a short text; the log is printed apart.
func (e *CompileError) Error() string {
	first, _, _ := strings.Cut(strings.TrimSpace(e.Log), "\n")
	return fmt.Sprintf("generated code for %s does not compile: %s", e.Program, first)
}

// CacheDir returns the directory for a cache option: the option itself, else
// $CACHE_DIRECTORY (set by systemd) or the user's cache directory.
func CacheDir(opt string) (string, error) {
	if opt != "" {
		return filepath.Abs(opt)
	}
	if dir := os.Getenv("CACHE_DIRECTORY"); dir != "" {
		return filepath.Join(dir, "smcc"), nil
	}
	dir, err := os.UserCacheDir()
	if err != nil {
		return "", &UserError{"no cache directory: neither HOME nor XDG_CACHE_HOME is set", "give one: smcc build --cache DIR …"}
	}
	return filepath.Join(dir, "smcc"), nil
}

// Plugin builds u for the probe d and checks that the probe will accept it.
func Plugin(ctx context.Context, u Unit, d *sdk.Description, opt Options) (*Result, error) {
	start := time.Now()
	if !d.Plugins {
		return nil, &UserError{"this probe cannot load plugins: " + d.WhyNot, cmp.Or(d.Mend, "use: smcc build --static "+u.Source)}
	}
	cache, err := CacheDir(opt.Cache)
	if err != nil {
		return nil, err
	}
	tool, err := findTool(ctx, d, cache)
	if err != nil {
		return nil, err
	}
	if err := tool.checkC(); err != nil {
		return nil, err
	}
	lay := layoutFor(d)
	draft, err := u.Emit("main", "")
	if err != nil {
		return nil, err
	}
	id := identity(u.Name, string(draft), d.SHA256, d.Go, d.SourceFile, strings.Join(settingFlags(d), " "),
		d.Settings["GOAMD64"], d.Settings["GOEXPERIMENT"])
	res := &Result{ID: id, Layout: lay.name}
	out := filepath.Join(cache, "out", u.Name+"-"+id+".so")
	if file, err := os.ReadFile(out); err == nil && !opt.Keep {
		if _, m, err := sdk.Verify(d, file); err == nil && m.Source == u.Source {
			used(out)
			res.File, res.Cached, res.Duration = file, true, time.Since(start)
			return res, nil
		}
	}
	src, err := u.Emit("main", id)
	if err != nil {
		return nil, err
	}
	dir, err := workDir(cache, id)
	if err != nil {
		return nil, err
	}
	so := filepath.Join(dir, "out.so")
	log, err := lay.build(ctx, tool, d, dir, u.Name+"_"+id, src, so)
	if err != nil {
		if log == "" {
			os.RemoveAll(dir)
			return nil, err
		}
		return nil, failure(u.Name, log, dir)
	}
	body, err := os.ReadFile(so)
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(u.Text)
	res.File, err = sdk.Seal(body, sdk.Manifest{
		ID: id, Name: u.Name, Source: u.Source, Program: hex.EncodeToString(sum[:]),
		Go: d.Go, SDKSHA256: d.SHA256, ABI: d.ABI,
	})
	if err != nil {
		return nil, err
	}
	if _, _, err := sdk.Verify(d, res.File); err != nil {
		return nil, fmt.Errorf("checking the finished plugin: %w", err)
	}
	if err := deliver(out, res.File); err != nil {
		return nil, cacheError(err)
	}
	trim(cache)
	res.finish(dir, opt.Keep)
	res.Duration = time.Since(start)
	return res, nil
}

func (r *Result) finish(dir string, keep bool) {
	if keep {
		r.Dir = dir
		return
	}
	os.RemoveAll(dir)
}

// identity returns the first 16 hex digits of a hash over all that makes two
// builds differ.
func identity(parts ...string) string {
	h := sha256.New()
	for _, p := range parts {
		fmt.Fprintf(h, "%d:%s", len(p), p)
	}
	return hex.EncodeToString(h.Sum(nil))[:16]
}

func workDir(cache, id string) (string, error) {
	parent := filepath.Join(cache, "build")
	if err := os.MkdirAll(parent, 0o700); err != nil {
		return "", cacheError(err)
	}
	dir, err := os.MkdirTemp(parent, id+"-")
	return dir, cacheError(err)
}

func cacheError(err error) error {
	if err == nil {
		return nil
	}
	return &UserError{"writing the cache: " + err.Error(), "give another place: smcc build --cache DIR …"}
}

// deliver writes a file under a temporary name and renames it into place:
// whoever has the old one open or mapped keeps it.
func deliver(path string, data []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	tmp, err := os.CreateTemp(filepath.Dir(path), ".tmp-*")
	if err != nil {
		return err
	}
	_, err = tmp.Write(data)
	err = errors.Join(err, tmp.Chmod(0o755), tmp.Close())
	if err == nil {
		err = os.Rename(tmp.Name(), path)
	}
	if err != nil {
		os.Remove(tmp.Name())
	}
	return err
}

// Deliver puts a finished file at path, replacing what is there by rename.
func Deliver(path string, data []byte) error {
	if st, err := os.Stat(path); err == nil && st.IsDir() {
		return &UserError{path + " is a directory", "name the output file: -o " + filepath.Join(path, "NAME.so")}
	}
	err := os.MkdirAll(filepath.Dir(path), 0o777)
	if err == nil {
		err = deliver(path, data)
	}
	if err != nil {
		return &UserError{"writing the output: " + err.Error(), "give another place: -o FILE"}
	}
	return nil
}
