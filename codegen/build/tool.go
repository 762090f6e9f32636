package build

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/streamon/streamon/internal/sdk"
)

// tool is the go command with the user's own settings that still apply.
type tool struct {
	path string
	env  map[string]string // of `go env -json`
}

// passOn are the settings of the user's go environment that a build keeps.
// Everything else comes from the probe: `go env -w` would override even an
// empty variable, hence GOENV=off.
var passOn = []string{"CC", "CXX", "CGO_CFLAGS", "CGO_CPPFLAGS", "CGO_CXXFLAGS", "CGO_LDFLAGS", "GOCACHE", "GOMODCACHE"}

// findTool locates a go command of the probe's version. Without HOME (a service)
// the go command's own cache goes below ours.
func findTool(ctx context.Context, d *sdk.Description, cache string) (*tool, error) {
	version, _, _ := strings.Cut(d.Go, " ")
	version, _, _ = strings.Cut(version, "-X:")
	path, err := exec.LookPath("go")
	if err != nil {
		return nil, &UserError{"no go command in PATH; smcc needs " + version, "install " + version + " and put its bin directory into PATH"}
	}
	cmd := exec.CommandContext(ctx, path, append([]string{"env", "-json", "GOVERSION"}, passOn...)...)
	cmd.Dir = "/" // where no go.mod asks for another toolchain
	// The user's own target and experiments may be unknown to this go command.
	cmd.Env = append(os.Environ(), "GOWORK=off", "GOFLAGS=", "GOEXPERIMENT=none", "GOOS="+d.GOOS, "GOARCH="+d.GOARCH, "GOAMD64="+d.Settings["GOAMD64"])
	if os.Getenv("GOCACHE") == "" && os.Getenv("XDG_CACHE_HOME") == "" && os.Getenv("HOME") == "" {
		cmd.Env = append(cmd.Env, "GOCACHE="+filepath.Join(cache, "go-build"))
	}
	out, err := cmd.Output()
	if err != nil {
		var exit *exec.ExitError
		if errors.As(err, &exit) {
			err = fmt.Errorf("%w: %s", err, strings.TrimSpace(string(exit.Stderr)))
		}
		hint := "does `go env` work in a shell?"
		if strings.Contains(err.Error(), "build cache") {
			hint = "set GOCACHE to a directory that can be written to"
		}
		return nil, &UserError{"asking the go command for its settings: " + err.Error(), hint}
	}
	t := &tool{path: path, env: map[string]string{}}
	if err := json.Unmarshal(out, &t.env); err != nil {
		return nil, fmt.Errorf("reading go env: %w", err)
	}
	have, _, _ := strings.Cut(t.env["GOVERSION"], " ")
	have, _, _ = strings.Cut(have, "-X:")
	if have != version {
		return nil, &UserError{
			fmt.Sprintf("probe was built with %s, go in PATH is %s", version, have),
			fmt.Sprintf("install %s, or let go fetch it once: GOTOOLCHAIN=%s smcc build …", version, version),
		}
	}
	return t, nil
}

// compiler returns the C compiler and its arguments.
func (t *tool) compiler() []string {
	cc := strings.Fields(t.env["CC"])
	if len(cc) == 0 {
		cc = []string{"gcc"}
	}
	return cc
}

// checkC reports whether a C compiler is there: plugins are linked with it.
func (t *tool) checkC() error {
	cc := t.compiler()
	if _, err := exec.LookPath(cc[0]); err != nil {
		return &UserError{
			fmt.Sprintf("plugins are linked with a C compiler and %q was not found", cc[0]),
			"install gcc, or build without plugins: smcc build --static",
		}
	}
	return nil
}

// environ returns the environment of a build for the probe d.
func (t *tool) environ(d *sdk.Description, extra ...string) []string {
	env := []string{
		"GOENV=off", "GOFLAGS=", "GOWORK=off", "GO111MODULE=on", "GOPROXY=off", "GOTOOLCHAIN=local", "GOSUMDB=off",
		"GOOS=" + d.GOOS, "GOARCH=" + d.GOARCH, "GOEXPERIMENT=" + d.Settings["GOEXPERIMENT"],
		"PATH=" + os.Getenv("PATH"), "HOME=" + os.Getenv("HOME"), "TMPDIR=" + os.TempDir(),
	}
	for _, key := range []string{"GOAMD64", "GOARM64", "GOARM"} {
		if v := d.Settings[key]; v != "" {
			env = append(env, key+"="+v)
		}
	}
	for _, key := range passOn {
		if v := t.env[key]; v != "" {
			env = append(env, key+"="+v)
		}
	}
	return append(env, extra...)
}

// run executes the go command in dir. A failure of the command itself returns
// its output as log.
func (t *tool) run(ctx context.Context, dir string, env []string, args ...string) (log string, err error) {
	cmd := exec.CommandContext(ctx, t.path, args...)
	cmd.Dir, cmd.Env = dir, env
	out, err := cmd.CombinedOutput()
	if ctx.Err() != nil {
		return "", ctx.Err()
	}
	if err != nil {
		return string(out) + "\n" + err.Error(), err
	}
	return "", nil
}

// failure makes an error of what the go command said. It is our bug if the compiler
// rejected one of our packages; anything else is the machine's: no room, no
// directory for temporary files, a C compiler that does not work.
func failure(program, log, dir string) error {
	for line := range strings.Lines(log) {
		header := strings.HasPrefix(line, "# "+sdk.Module) || strings.HasPrefix(line, "# smon.gen/")
		if (header || strings.Contains(line, "main.go:")) && !strings.Contains(log, "/link: ") {
			return &CompileError{program, log, dir}
		}
	}
	os.RemoveAll(dir)
	return &UserError{
		"the go command failed:\n  " + strings.ReplaceAll(strings.TrimSpace(log), "\n", "\n  "),
		"is there room for temporary files, and does the C compiler work? smcc doctor tries an empty program",
	}
}

// settingFlags returns the build flags that must agree with the probe's.
func settingFlags(d *sdk.Description) []string {
	var flags []string
	for _, key := range []string{"-race", "-msan", "-asan"} {
		if d.Settings[key] == "true" {
			flags = append(flags, key)
		}
	}
	for _, key := range []string{"-tags", "-gcflags", "-asmflags"} {
		if v := d.Settings[key]; v != "" {
			flags = append(flags, key+"="+v)
		}
	}
	return flags
}
