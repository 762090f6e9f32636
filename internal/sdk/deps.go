package sdk

import (
	"archive/tar"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	streamon "github.com/streamon/streamon"
)

// ErrNoDeps says that this binary was built without the archive of
// dependencies that a static probe needs.
var ErrNoDeps = errors.New("this smcc was built without the dependency archive")

// HasDeps reports whether this binary was built with it.
func HasDeps() bool {
	_, err := fs.Stat(streamon.Dist, "dist/deps.tar.gz")
	return err == nil
}

// UnpackDeps writes the vendored dependencies of a static probe under dir, as
// dir/vendor.
func UnpackDeps(dir string) error {
	f, err := streamon.Dist.Open("dist/deps.tar.gz")
	if err != nil {
		return ErrNoDeps
	}
	defer f.Close()
	zip, err := gzip.NewReader(f)
	if err != nil {
		return fmt.Errorf("reading the dependency archive: %w", err)
	}
	for r := tar.NewReader(zip); ; {
		head, err := r.Next()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return fmt.Errorf("reading the dependency archive: %w", err)
		}
		if !filepath.IsLocal(head.Name) {
			return fmt.Errorf("dependency archive: bad name %q", head.Name)
		}
		to := filepath.Join(dir, head.Name)
		text, err := io.ReadAll(r)
		if err != nil {
			return fmt.Errorf("reading the dependency archive: %w", err)
		}
		if err := os.MkdirAll(filepath.Dir(to), 0o700); err != nil {
			return err
		}
		if err := os.WriteFile(to, text, 0o600); err != nil {
			return err
		}
	}
}
