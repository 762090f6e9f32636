// Command pack writes the vendored dependencies of the probe to a gzipped tar,
// which smcc carries so that `smcc build --static` needs no network. The same
// module graph gives the same bytes.
//
// Usage: go run ./internal/sdk/pack -o dist/deps.tar.gz ./internal/smprobe
package main

import (
	"archive/tar"
	"compress/gzip"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"sort"
	"strings"
	"time"
)

func main() {
	out := flag.String("o", "", "archive to write")
	flag.Parse()
	if *out == "" || flag.NArg() == 0 {
		fmt.Fprintln(os.Stderr, "usage: pack -o FILE PACKAGE…")
		os.Exit(2)
	}
	if err := pack(*out, flag.Args()); err != nil {
		fmt.Fprintln(os.Stderr, "pack:", err)
		os.Exit(1)
	}
}

func pack(out string, roots []string) error {
	tmp, err := os.MkdirTemp("", "pack-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(tmp)
	vendor := filepath.Join(tmp, "vendor")
	if _, err := goCmd("mod", "vendor", "-o", vendor); err != nil {
		return err
	}
	args := append([]string{"list", "-deps", "-f", "{{if .Module}}{{if not .Module.Main}}{{.ImportPath}}{{end}}{{end}}"}, roots...)
	list, err := goCmd(args...)
	if err != nil {
		return err
	}
	wanted := map[string]bool{".": true}
	for _, pkg := range strings.Fields(list) {
		wanted[filepath.FromSlash(pkg)] = true
	}
	var files []string
	err = filepath.WalkDir(vendor, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		rel, _ := filepath.Rel(vendor, path)
		if wanted[filepath.Dir(rel)] || strings.HasPrefix(e.Name(), "LICENSE") {
			files = append(files, rel)
		}
		return nil
	})
	if err != nil {
		return err
	}
	sort.Strings(files)
	return write(out, vendor, files)
}

// goCmd runs the go command for the platform-independent view of a static build.
func goCmd(args ...string) (string, error) {
	cmd := exec.Command("go", args...)
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	cmd.Stderr = os.Stderr
	text, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("go %s: %w", strings.Join(args, " "), err)
	}
	return string(text), nil
}

func write(out, root string, files []string) (err error) {
	f, err := os.Create(out)
	if err != nil {
		return err
	}
	defer func() {
		if e := f.Close(); err == nil {
			err = e
		}
	}()
	zip, err := gzip.NewWriterLevel(f, gzip.BestCompression)
	if err != nil {
		return err
	}
	w := tar.NewWriter(zip)
	for _, name := range files {
		text, err := os.ReadFile(filepath.Join(root, name))
		if err != nil {
			return err
		}
		head := &tar.Header{Name: "vendor/" + filepath.ToSlash(name), Mode: 0o644, Size: int64(len(text)), ModTime: time.Unix(0, 0), Format: tar.FormatPAX}
		if err := w.WriteHeader(head); err != nil {
			return err
		}
		if _, err := w.Write(text); err != nil {
			return err
		}
	}
	if err := w.Close(); err != nil {
		return err
	}
	return zip.Close()
}
