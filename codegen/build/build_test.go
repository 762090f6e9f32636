package build

import (
	"archive/zip"
	"context"
	"debug/elf"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"strings"
	"testing"

	"github.com/streamon/streamon/internal/sdk"
)

// tiny returns a program written by hand whose Stats tell one version from
// another.
func tiny(name string, packets int) Unit {
	return Unit{
		Name: name, Source: name + ".smon", Text: fmt.Appendf(nil, "program %s # %d", name, packets),
		Emit: func(pkg, id string) ([]byte, error) {
			return fmt.Appendf(nil, `package %s

import (
	"github.com/streamon/streamon/runtime/packet"
	"github.com/streamon/streamon/runtime/program"
)

var Streamon = program.Info{Manifest: program.Manifest{ABI: program.ABI, Name: %q, ID: %q}, New: newMachine}

type machine struct{ packets uint64 }

func newMachine(*program.Env) (program.Instance, error) { return &machine{%d}, nil }

func (m *machine) Activate()                                       {}
func (m *machine) Process(b *packet.Batch, v *program.Verdicts)    { m.packets += uint64(b.N) }
func (m *machine) Tick(packet.Time)                                {}
func (m *machine) Stats(s *program.Stats)                          { s.Packets += m.packets }
func (m *machine) States(func(string, []program.Field, string, packet.Time) bool) {}
func (m *machine) Tables(func(string, []program.Field, program.Value) bool)       {}

func main() {}
`, pkg, name, id, packets), nil
		},
	}
}

// moduleRoot is the top of the checkout, from this package's directory.
func moduleRoot(t *testing.T) string {
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	return root
}

// buildHost compiles the test host in the checkout.
func buildHost(t *testing.T, env []string, flags ...string) string {
	t.Helper()
	out := filepath.Join(t.TempDir(), "smprobe")
	args := append([]string{"build", "-buildvcs=false", "-o", out}, flags...)
	cmd := exec.Command("go", append(args, "./codegen/build/testdata/host")...)
	cmd.Dir = moduleRoot(t)
	cmd.Env = append(os.Environ(), env...)
	if text, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("building the host: %v\n%s", err, text)
	}
	return out
}

func needTools(t *testing.T) {
	t.Helper()
	if testing.Short() {
		t.Skip("builds plugins and hosts: not with -short")
	}
	if _, err := exec.LookPath("gcc"); err != nil {
		t.Skip("plugins are linked with gcc, which is not installed")
	}
}

// load runs the host over plugin files and returns its output.
func load(t *testing.T, host string, paths ...string) string {
	t.Helper()
	out, err := exec.Command(host, paths...).CombinedOutput()
	if err != nil || !strings.HasSuffix(string(out), "alive\n") {
		t.Fatalf("host did not survive: %v\n%s", err, out)
	}
	return string(out)
}

// write puts a result beside its name.
func write(t *testing.T, name string, data []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := Deliver(path, data); err != nil {
		t.Fatal(err)
	}
	return path
}

// hostile is an environment in which a careless build would go wrong.
func hostile(t *testing.T) {
	t.Helper()
	conf := filepath.Join(t.TempDir(), "env")
	text := "GOFLAGS=-mod=vendor -tags=foo\nGOWORK=/nowhere/go.work\nGOPROXY=off\nGO111MODULE=off\n"
	if err := os.WriteFile(conf, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("GOENV", conf)
	t.Setenv("GOPROXY", "off")
	t.Chdir(t.TempDir())
}

// TestLayouts builds two versions for each kind of host, loads both, and the
// first again, in a hostile environment and without network.
func TestLayouts(t *testing.T) {
	needTools(t)
	if data := os.Getenv("GOCACHE"); data == "" {
		out, err := exec.Command("go", "env", "GOCACHE").Output()
		if err != nil {
			t.Fatal(err)
		}
		t.Setenv("GOCACHE", strings.TrimSpace(string(out)))
	}
	hosts := []struct {
		name, layout string
		host         func(t *testing.T) string
	}{
		{"trimmed", "trimmed", func(t *testing.T) string { return buildHost(t, nil, "-trimpath", "-pgo=off", "-ldflags=-s -w") }},
		{"plain", "plain", func(t *testing.T) string { return buildHost(t, nil) }},
		{"versioned", "versioned", buildVersionedHost},
		{"noinline", "trimmed", func(t *testing.T) string { return buildHost(t, nil, "-trimpath", "-gcflags=all=-l") }},
	}
	for _, h := range hosts {
		t.Run(h.name, func(t *testing.T) {
			host := h.host(t)
			hostile(t)
			ctx, cache := context.Background(), t.TempDir()
			d, _, err := Probe(ctx, host)
			if err != nil {
				t.Fatal(err)
			}
			var files []string
			for n := 1; n <= 2; n++ {
				res, err := Plugin(ctx, tiny("tiny", n), d, Options{Cache: cache})
				if err != nil {
					var c *CompileError
					if errors.As(err, &c) {
						t.Fatalf("%v\n%s", err, c.Log)
					}
					t.Fatal(err)
				}
				if res.Layout != h.layout {
					t.Errorf("layout = %s, want %s", res.Layout, h.layout)
				}
				files = append(files, write(t, "tiny.so", res.File))
			}
			res, err := Plugin(ctx, tiny("tiny", 1), d, Options{Cache: cache})
			if err != nil || !res.Cached {
				t.Errorf("second build of the same program: cached %v, error %v", res != nil && res.Cached, err)
			}
			files = append(files, files[0])
			want := "loaded: tiny packets=1 reused=false\nloaded: tiny packets=2 reused=false\nloaded: tiny packets=1 reused=true\nalive\n"
			if got := load(t, host, files...); got != want {
				t.Errorf("loading gave\n%swant\n%s", got, want)
			}
			if left, _ := os.ReadDir(filepath.Join(cache, "build")); len(left) != 0 {
				t.Errorf("%d build directories left behind", len(left))
			}
		})
	}
}

// buildVersionedHost installs the host as module@version from a file proxy, then
// removes what it was built from.
func buildVersionedHost(t *testing.T) string {
	root, proxy, bin := moduleRoot(t), t.TempDir(), t.TempDir()
	const version = "v0.0.1"
	at := filepath.Join(proxy, filepath.FromSlash(sdk.Module), "@v")
	if err := os.MkdirAll(at, 0o755); err != nil {
		t.Fatal(err)
	}
	mod, err := os.ReadFile(filepath.Join(root, "go.mod"))
	if err != nil {
		t.Fatal(err)
	}
	os.WriteFile(filepath.Join(at, version+".mod"), mod, 0o644)
	os.WriteFile(filepath.Join(at, version+".info"), []byte(`{"Version":"`+version+`"}`), 0o644)
	os.WriteFile(filepath.Join(at, "list"), []byte(version+"\n"), 0o644)
	zipModule(t, root, filepath.Join(at, version+".zip"), sdk.Module+"@"+version+"/")
	cache := t.TempDir()
	modcache, err := exec.Command("go", "env", "GOMODCACHE").Output()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("go", "install", "-trimpath", "-ldflags=-s -w", sdk.Module+"/codegen/build/testdata/host@"+version)
	cmd.Dir = t.TempDir()
	cmd.Env = append(os.Environ(), "GOBIN="+bin, "GOMODCACHE="+cache, "GOFLAGS=-modcacherw", "GONOSUMDB=*", "GONOSUMCHECK=1", "GOSUMDB=off",
		"GOPROXY=file://"+proxy+",file://"+filepath.Join(strings.TrimSpace(string(modcache)), "cache", "download"))
	if text, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("installing the host as a module: %v\n%s", err, text)
	}
	os.RemoveAll(proxy)
	os.RemoveAll(cache)
	return filepath.Join(bin, "host")
}

// zipModule writes the Go files of the checkout as a module archive.
func zipModule(t *testing.T, root, out, prefix string) {
	f, err := os.Create(out)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z := zip.NewWriter(f)
	err = filepath.WalkDir(root, func(path string, e fs.DirEntry, err error) error {
		rel, _ := filepath.Rel(root, path)
		switch {
		case err != nil:
			return err
		case e.IsDir() && (e.Name() == ".git" || e.Name() == "bin"):
			return filepath.SkipDir
		case e.IsDir():
			return nil
		case !inModule(filepath.ToSlash(rel)):
			return nil
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		w, err := z.Create(prefix + filepath.ToSlash(rel))
		if err == nil {
			_, err = w.Write(text)
		}
		return err
	})
	if err == nil {
		err = z.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
}

// inModule reports whether a file is among those that binaries are built from.
func inModule(rel string) bool {
	switch path.Ext(rel) {
	case ".go", ".s", ".mod", ".sum":
		return true
	}
	return strings.HasPrefix(rel, "internal/web/") || rel == "dist/.keep"
}

// samePackages holds the fingerprints of a binary's packages against the dynamic symbols that
// debug/elf finds in it.
func samePackages(t *testing.T, path string, got map[string]string) {
	t.Helper()
	f, err := elf.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	symbols, err := f.DynamicSymbols()
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{}
	for _, s := range symbols {
		if name, ok := strings.CutPrefix(s.Name, "go:link.pkghashbytes."); ok {
			in, sum := f.Sections[s.Section], make([]byte, s.Size)
			if _, err := in.ReadAt(sum, int64(s.Value-in.Addr)); err != nil {
				t.Fatal(err)
			}
			want[name] = hex.EncodeToString(sum)
		}
	}
	if len(want) < 20 || !maps.Equal(got, want) {
		t.Errorf("%d fingerprints, debug/elf finds %d", len(got), len(want))
	}
}

// TestRefused loads files that must be refused with a reason, and the host must
// go on. Some of them would end the process if plugin.Open saw them.
func TestRefused(t *testing.T) {
	needTools(t)
	host := buildHost(t, nil, "-trimpath", "-pgo=off", "-ldflags=-s -w")
	other := buildHost(t, []string{"GOAMD64=v3"}, "-trimpath", "-pgo=off", "-ldflags=-s -w")
	ctx, cache := context.Background(), t.TempDir()
	d, _, err := Probe(ctx, host)
	if err != nil {
		t.Fatal(err)
	}
	res, err := Plugin(ctx, tiny("tiny", 1), d, Options{Cache: cache})
	if err != nil {
		t.Fatal(err)
	}
	samePackages(t, host, d.Packages)
	good := res.File
	body, m, err := sdk.Unseal(good)
	if err != nil {
		t.Fatal(err)
	}
	seal := func(body []byte, change func(*sdk.Manifest)) []byte {
		m := m
		if change != nil {
			change(&m)
		}
		out, err := sdk.Seal(body, m)
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	flipped := append([]byte(nil), good...)
	flipped[len(body)/2] ^= 1
	od, _, err := Probe(ctx, other)
	if err != nil {
		t.Fatal(err)
	}
	v3, err := Plugin(ctx, tiny("tiny", 1), od, Options{Cache: cache})
	if err != nil {
		t.Fatal(err)
	}
	libc := []byte("\x7fELF")
	if libs, _ := filepath.Glob("/lib/*-linux-gnu/libm.so.6"); len(libs) > 0 {
		if libc, err = os.ReadFile(libs[0]); err != nil {
			t.Fatal(err)
		}
	}
	exe, err := os.ReadFile(host)
	if err != nil {
		t.Fatal(err)
	}
	cases := []struct {
		name string
		file []byte
		want string
	}{
		{"empty", nil, "not made by smcc"},
		{"text", []byte("hello"), "not made by smcc"},
		{"cut", good[:len(good)/2], "not made by smcc"},
		{"cut and sealed", seal(body[:len(body)/2], nil), "not an ELF file"},
		{"bit flip", flipped, "SHA-256 differs"},
		{"C library", seal(libc, nil), "error:"},
		{"executable", seal(exe, nil), "error:"},
		{"other runtime", seal(body, func(m *sdk.Manifest) { m.SDKSHA256 = "00ff00ff00ff" }), "built against runtime 00ff00ff, this probe has"},
		{"newer interface", seal(body, func(m *sdk.Manifest) { m.ABI = 99 }), "upgrade smprobe"},
		{"other name", seal(body, func(m *sdk.Manifest) { m.Name = "other" }), "its manifest"},
		{"other CPU level", v3.File, `built with GOAMD64="v3", this probe with "v1"`},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got := load(t, host, write(t, "x.so", c.file), write(t, "good.so", good))
			first, rest, _ := strings.Cut(got, "\n")
			if !strings.Contains(first, c.want) || strings.HasPrefix(first, "loaded") {
				t.Errorf("loading gave %q, want a refusal with %q", first, c.want)
			}
			if !strings.HasPrefix(rest, "loaded: tiny packets=1") {
				t.Errorf("the good plugin afterwards: %q", rest)
			}
		})
	}
	t.Run("directory", func(t *testing.T) {
		if got := load(t, host, t.TempDir()); !strings.Contains(got, "not a regular file") {
			t.Errorf("loading a directory gave %q", got)
		}
	})
}

// TestStaticHost checks that a probe without cgo is told apart before a build.
func TestStaticHost(t *testing.T) {
	needTools(t)
	host := buildHost(t, []string{"CGO_ENABLED=0"}, "-trimpath")
	d, _, err := Probe(context.Background(), host)
	if err != nil {
		t.Fatal(err)
	}
	_, err = Plugin(context.Background(), tiny("tiny", 1), d, Options{Cache: t.TempDir()})
	var user *UserError
	if !errors.As(err, &user) || !strings.Contains(err.Error(), "cannot load plugins") || !strings.Contains(user.Hint, "--static") {
		t.Errorf("building for a static probe: %v", err)
	}
}

// TestTools checks the sentences about missing tools.
func TestTools(t *testing.T) {
	needTools(t)
	host := buildHost(t, nil, "-trimpath", "-pgo=off", "-ldflags=-s -w")
	d, _, err := Probe(context.Background(), host)
	if err != nil {
		t.Fatal(err)
	}
	goPath, err := exec.LookPath("go")
	if err != nil {
		t.Fatal(err)
	}
	goOnly := t.TempDir()
	if err := os.Symlink(goPath, filepath.Join(goOnly, "go")); err != nil {
		t.Fatal(err)
	}
	old := t.TempDir()
	stub := "#!/bin/sh\necho '{\"GOVERSION\":\"go1.25.3\"}'\n"
	if err := os.WriteFile(filepath.Join(old, "go"), []byte(stub), 0o755); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ name, path, want string }{
		{"no go", t.TempDir(), "no go command in PATH"},
		{"other go", old, "go in PATH is go1.25.3"},
		{"no gcc", goOnly, `"gcc" was not found`},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Setenv("PATH", c.path)
			_, err := Plugin(context.Background(), tiny("tiny", 3), d, Options{Cache: t.TempDir()})
			var user *UserError
			if !errors.As(err, &user) || !strings.Contains(err.Error(), c.want) || user.Hint == "" {
				t.Errorf("error = %v, want %q with a hint", err, c.want)
			}
		})
	}
}

// TestCompileError checks that Go errors are kept apart from the user's.
func TestCompileError(t *testing.T) {
	needTools(t)
	host := buildHost(t, nil, "-trimpath", "-pgo=off", "-ldflags=-s -w")
	d, _, err := Probe(context.Background(), host)
	if err != nil {
		t.Fatal(err)
	}
	u := tiny("tiny", 1)
	u.Emit = func(string, string) ([]byte, error) {
		return []byte("package main\nfunc main() { undefinedThing() }\n"), nil
	}
	_, err = Plugin(context.Background(), u, d, Options{Cache: t.TempDir()})
	var c *CompileError
	if !errors.As(err, &c) || !strings.Contains(c.Log, "undefinedThing") || c.Dir == "" {
		t.Errorf("error = %v, want a CompileError with the log", err)
	}
}
