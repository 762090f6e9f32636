package build

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"
)

// TestTrim: what nobody asks for goes after days, and beyond the bound what was asked for
// longest ago; never what was asked for just now.
func TestTrim(t *testing.T) {
	cache := t.TempDir()
	out := filepath.Join(cache, "out")
	if err := os.MkdirAll(filepath.Join(out, "folder"), 0o700); err != nil {
		t.Fatal(err)
	}
	put := func(name string, age time.Duration) {
		path := filepath.Join(out, name)
		if err := os.WriteFile(path, make([]byte, 1000), 0o600); err != nil {
			t.Fatal(err)
		}
		then := time.Now().Add(-age)
		if err := os.Chtimes(path, then, then); err != nil {
			t.Fatal(err)
		}
	}
	left := func(want ...string) {
		t.Helper()
		list, err := os.ReadDir(out)
		if err != nil {
			t.Fatal(err)
		}
		var names []string
		for _, e := range list {
			names = append(names, e.Name())
		}
		if !slices.Equal(names, want) {
			t.Errorf("left are %q, want %q", names, want)
		}
	}
	most := mostKept
	t.Cleanup(func() { mostKept = most })

	put("a", 6*24*time.Hour)
	put("b", 4*24*time.Hour)
	put("c", 2*time.Hour)
	put("d", 3*time.Hour)
	put("e", 0)
	trim(cache)
	left("b", "c", "d", "e", "folder")
	used(filepath.Join(out, "b"))
	mostKept = 3500
	trim(cache)
	left("b", "c", "e", "folder")
	mostKept = 0
	trim(cache)
	left("b", "e", "folder")
	trim(filepath.Join(cache, "none"))
}
