package smprobe

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/streamon/streamon/internal/probe"
)

// fakeCompiler puts a script into PATH that is run as smcc; $out is a file for what it has to say.
func fakeCompiler(t *testing.T, script string) (out string) {
	t.Helper()
	if runtime.GOOS != "linux" {
		t.Skip("the script is for Linux")
	}
	dir := t.TempDir()
	out = filepath.Join(dir, "out")
	for name, text := range map[string]string{"smcc": script, "go": "exit 1"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("#!/bin/sh\nout="+out+"\n"+text), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("PATH", dir+":/usr/bin:/bin")
	return out
}

// TestCompileEnds: when nobody waits any more, the compiler ends with all its children, and
// nothing of it is left.
func TestCompileEnds(t *testing.T) {
	out := fakeCompiler(t, `
for i in $(seq 500); do # it is set when the compiler runs already
	[ "$(cat /proc/$$/oom_score_adj)" = 1000 ] && break
	sleep 0.01
done
echo "$TMPDIR" "$(cat /proc/$$/oom_score_adj)" "$*" > "$out.begun"
mkdir -p "$TMPDIR/go-build1"; echo object > "$TMPDIR/go-build1/x"
sleep 1000 & echo $! > "$out.child"; mv "$out.begun" "$out"
wait
`)
	t.Setenv("TMPDIR", t.TempDir())
	h := &host{}
	defer h.close()
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error)
	go func() {
		_, err := h.Upload(ctx, "p.smon", []byte("program p"))
		done <- err
	}()
	eventually(t, "the compiler runs", func() bool { _, err := os.Stat(out); return err == nil })
	said, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	words := strings.Fields(string(said))
	if !strings.HasPrefix(words[0], h.uploads.dir+"/compile-") || words[1] != "1000" || !strings.Contains(string(said), "--no-files --cache "+words[0]) {
		t.Errorf("the compiler is run with %s", said)
	}
	cancel()
	if err := <-done; !errors.Is(err, context.Canceled) {
		t.Errorf("the upload ends with %v", err)
	}
	child, _ := os.ReadFile(out + ".child")
	eventually(t, "the child of the compiler has ended", func() bool {
		state, err := os.ReadFile("/proc/" + strings.TrimSpace(string(child)) + "/stat")
		return err != nil || strings.Contains(string(state), ") Z ")
	})
	if left, err := os.ReadDir(h.uploads.dir); err != nil || len(left) != 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

// TestCompileCache: the compiled packages of the SDK stay, wherever the service may keep files.
func TestCompileCache(t *testing.T) {
	for _, tt := range []struct{ home, service, want string }{
		{"/home/x", "/var/cache/x", ""}, {"", "/var/cache/x:/var/cache/y", "GOCACHE=/var/cache/x/go-build"}, {"", "", "GOCACHE=/uploads/go-build"},
	} {
		for name, value := range map[string]string{"GOCACHE": "", "XDG_CACHE_HOME": "", "HOME": tt.home, "CACHE_DIRECTORY": tt.service} {
			t.Setenv(name, value)
		}
		env := compileEnv("/uploads", "/work")
		if last := env[len(env)-1]; tt.want != "" && last != tt.want || tt.want == "" && last != "TMPDIR=/work" {
			t.Errorf("%+v: %s", tt, last)
		}
	}
}

// TestKeptUploads: one tenant cannot push out what another brought along.
func TestKeptUploads(t *testing.T) {
	dir := t.TempDir()
	var u uploads
	bring := func(tenant, id string) {
		path := filepath.Join(dir, tenant+id)
		if err := os.WriteFile(path, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		u.keep(upload{id: id, path: path, tenant: tenant, isTenant: tenant != ""})
	}
	bring("blue", "b")
	bring("", "o")
	for i := range 2 * keptUploads {
		bring("red", string(rune('A'+i)))
	}
	if _, err := u.find(probe.AsTenant(t.Context(), "blue", nil), "b"); err != nil {
		t.Errorf("blue: %v", err)
	}
	if _, err := u.find(t.Context(), "o"); err != nil {
		t.Errorf("the operator: %v", err)
	}
	if _, err := u.find(probe.AsTenant(t.Context(), "red", nil), "A"); err == nil {
		t.Error("red's first upload is kept")
	}
	if files, _ := os.ReadDir(dir); len(files) != keptUploads+2 {
		t.Errorf("%d files are kept", len(files))
	}
}
