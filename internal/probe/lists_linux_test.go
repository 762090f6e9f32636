package probe

import (
	"context"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/streamon/streamon/internal/config"
	"github.com/streamon/streamon/runtime/program"
)

// A list that is a pipe or a device is refused: a reload would wait for whoever writes to it, or not end.
func TestListIsAFile(t *testing.T) {
	pipe := filepath.Join(t.TempDir(), "pipe")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	f := fake{name: "a", lists: []program.ListInfo{{Name: "bad", File: "bad.txt"}}}
	for _, path := range []string{pipe, "/dev/zero", t.TempDir()} {
		_, err := New(Options{}).Load(context.Background(), Artifact{Info: f.info(), Lists: []config.Setting{{Program: "a", Name: "bad", Value: path}}})
		if err == nil || !strings.Contains(err.Error(), "list bad: "+path+": not a regular file") {
			t.Errorf("a list in %s: %v", path, err)
		}
	}
}
