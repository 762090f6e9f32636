package build

import (
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/streamon/streamon/internal/sdk"
)

// What smcc doctor asks, one thing after the other; [Plugin] asks the same and ends with
// the first answer that is no. Errors are a *[UserError].

// Cache makes sure that files can be made in the cache directory, which is that of
// [CacheDir], and returns it and what it holds, in bytes.
func Cache(opt string) (dir string, sizeBytes int64, err error) {
	dir, err = CacheDir(opt)
	if err != nil {
		return "", 0, err
	}
	trial, err := workDir(dir, "trial")
	if err != nil {
		return "", 0, err
	}
	defer os.RemoveAll(trial)
	if err := os.WriteFile(filepath.Join(trial, "file"), []byte("trial"), 0o600); err != nil {
		return "", 0, cacheError(err)
	}
	err = filepath.WalkDir(dir, func(_ string, e fs.DirEntry, err error) error {
		if err != nil || !e.Type().IsRegular() {
			return nil // another smcc may have deleted it
		}
		if info, err := e.Info(); err == nil {
			sizeBytes += info.Size()
		}
		return nil
	})
	return dir, sizeBytes, err
}

// Toolchain returns the path and the version of the go command that builds for the
// probe d. It is an error if that is not the version of the probe.
func Toolchain(ctx context.Context, d *sdk.Description, cache string) (path, version string, err error) {
	t, err := findTool(ctx, d, cache)
	if err != nil {
		return "", "", err
	}
	return t.path, t.env["GOVERSION"], nil
}

// CCompiler returns the C compiler that plugins for the probe d are linked with.
func CCompiler(ctx context.Context, d *sdk.Description, cache string) (string, error) {
	t, err := findTool(ctx, d, cache)
	if err != nil {
		return "", err
	}
	return strings.Join(t.compiler(), " "), t.checkC()
}

// Dependencies makes sure that this binary carries what a static probe is built from
// besides our own sources.
func Dependencies() error {
	if !sdk.HasDeps() {
		return noDeps(sdk.ErrNoDeps)
	}
	return nil
}

func noDeps(err error) error {
	return &UserError{err.Error(), "build smcc with make, which packs it; or build a plugin"}
}
