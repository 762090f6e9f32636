package testkit

import (
	"os"
	"os/user"
	"strconv"
	"testing"
)

// Nobody returns the number of the user nobody, and a directory of root that others may
// enter, as they may not those of t.TempDir. It skips the test where there is no such user or
// root does not run it.
func Nobody(t *testing.T) (uid int, dir string) {
	t.Helper()
	nobody, err := user.Lookup("nobody")
	if os.Getuid() != 0 || err != nil {
		t.Skipf("needs root and a user nobody: %v", err)
	}
	if uid, err = strconv.Atoi(nobody.Uid); err != nil {
		t.Fatal(err)
	}
	if dir, err = os.MkdirTemp("", "smprobe-"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	return uid, dir
}
