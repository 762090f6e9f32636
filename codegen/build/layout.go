package build

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/streamon/streamon/internal/sdk"
)

// layout is one way to lay out sources so that the compiler records the file
// names that the probe has.
type layout struct {
	name  string
	build func(ctx context.Context, t *tool, d *sdk.Description, dir, pkg string, src []byte, out string) (log string, err error)
}

// layoutFor chooses by the file name that the probe's compiler recorded for
// runtime/program/source.go.
func layoutFor(d *sdk.Description) layout {
	switch {
	case strings.HasPrefix(d.SourceFile, sdk.Module+"/"):
		return layout{"trimmed", buildTrimmed}
	case strings.HasPrefix(d.SourceFile, sdk.Module+"@"):
		return layout{"versioned", buildVersioned}
	default:
		return layout{"plain", buildPlain}
	}
}

// goBuild returns the arguments of go build that all layouts share.
func goBuild(d *sdk.Description, out string, more ...string) []string {
	args := []string{"build", "-buildmode=plugin", "-buildvcs=false", "-mod=mod", "-pgo=off", "-ldflags=-s -w", "-o", out}
	args = append(args, settingFlags(d)...)
	return append(args, more...)
}

// buildTrimmed puts the program into the probe's main module:
//
//	dir/go.mod  dir/runtime/…  dir/gen/<pkg>/main.go
func buildTrimmed(ctx context.Context, t *tool, d *sdk.Description, dir, pkg string, src []byte, out string) (string, error) {
	if err := sdk.Write(dir, d.Files); err != nil {
		return "", cacheError(err)
	}
	if err := writeMain(filepath.Join(dir, "gen", pkg), src); err != nil {
		return "", err
	}
	return t.run(ctx, dir, t.environ(d, "CGO_ENABLED=1"), goBuild(d, out, "-trimpath", "./gen/"+pkg)...)
}

// buildVersioned makes a module of its own that requires the probe's module at
// its version and replaces it by the SDK:
//
//	dir/sdk/…  dir/gen/go.mod  dir/gen/main.go
func buildVersioned(ctx context.Context, t *tool, d *sdk.Description, dir, pkg string, src []byte, out string) (string, error) {
	version, _, _ := strings.Cut(strings.TrimPrefix(d.SourceFile, sdk.Module+"@"), "/")
	if err := writeModule(d, dir, pkg, version, "../sdk"); err != nil {
		return "", err
	}
	if err := sdk.Write(filepath.Join(dir, "sdk"), d.Files); err != nil {
		return "", cacheError(err)
	}
	gen := filepath.Join(dir, "gen")
	if err := writeMain(gen, src); err != nil {
		return "", err
	}
	return t.run(ctx, gen, t.environ(d, "CGO_ENABLED=1"), goBuild(d, out, "-trimpath", ".")...)
}

// buildPlain makes the go command see the SDK at the directory that the probe
// was built in, whatever is or is not there now:
//
//	dir/sdk/…  dir/gen/go.mod  dir/gen/main.go  dir/overlay.json
func buildPlain(ctx context.Context, t *tool, d *sdk.Description, dir, pkg string, src []byte, out string) (string, error) {
	root, ok := strings.CutSuffix(filepath.ToSlash(d.SourceFile), "/runtime/program/source.go")
	if !ok || !filepath.IsAbs(root) {
		return "", fmt.Errorf("probe reports an unknown source file %q", d.SourceFile)
	}
	if err := writeModule(d, dir, pkg, "v0.0.0", root); err != nil {
		return "", err
	}
	if err := sdk.Write(filepath.Join(dir, "sdk"), d.Files); err != nil {
		return "", cacheError(err)
	}
	overlay := struct{ Replace map[string]string }{map[string]string{}}
	for name := range d.Files {
		overlay.Replace[filepath.Join(root, name)] = filepath.Join(dir, "sdk", name)
	}
	// Files that lie there now but are not the probe's are hidden.
	filepath.WalkDir(filepath.Join(root, "runtime"), func(path string, e os.DirEntry, err error) error {
		if err == nil && !e.IsDir() && overlay.Replace[path] == "" {
			overlay.Replace[path] = ""
		}
		return nil
	})
	text, err := json.Marshal(overlay)
	if err != nil {
		return "", err
	}
	if err := os.WriteFile(filepath.Join(dir, "overlay.json"), text, 0o600); err != nil {
		return "", cacheError(err)
	}
	gen := filepath.Join(dir, "gen")
	if err := writeMain(gen, src); err != nil {
		return "", err
	}
	return t.run(ctx, gen, t.environ(d, "CGO_ENABLED=1"), goBuild(d, out, "-overlay="+filepath.Join(dir, "overlay.json"), ".")...)
}

func writeModule(d *sdk.Description, dir, pkg, version, replace string) error {
	goLine := "go 1.26"
	for line := range strings.Lines(d.Files["go.mod"]) {
		if strings.HasPrefix(line, "go ") {
			goLine = strings.TrimSpace(line)
		}
	}
	mod := fmt.Sprintf("module smon.gen/%s\n\n%s\n\nrequire %s %s\n\nreplace %s => %s\n", pkg, goLine, sdk.Module, version, sdk.Module, replace)
	gen := filepath.Join(dir, "gen")
	if err := os.MkdirAll(gen, 0o700); err != nil {
		return cacheError(err)
	}
	return cacheError(os.WriteFile(filepath.Join(gen, "go.mod"), []byte(mod), 0o600))
}

func writeMain(dir string, src []byte) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return cacheError(err)
	}
	return cacheError(os.WriteFile(filepath.Join(dir, "main.go"), src, 0o600))
}
