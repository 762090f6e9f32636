package streamon

import (
	"io/fs"
	"os/exec"
	"path"
	"strings"
	"testing"
)

// TestHostIsWhole states that a static probe can be built from what is carried along: every file that
// package smprobe is built from.
func TestHostIsWhole(t *testing.T) {
	const files = `{{if not .Standard}}{{.ImportPath}}{{range .GoFiles}} {{.}}{{end}}{{range .SFiles}} {{.}}{{end}}{{range .HFiles}} {{.}}{{end}}{{range .EmbedFiles}} {{.}}{{end}}{{end}}`
	out, err := exec.Command("go", "list", "-deps", "-f", files, "./internal/smprobe").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	n := 0
	for line := range strings.Lines(string(out)) {
		words := strings.Fields(line)
		if len(words) == 0 || words[0] == module || !strings.HasPrefix(words[0], module+"/") {
			continue // this package embeds itself; others are in dist/
		}
		for _, file := range words[1:] {
			name := path.Join(below(words[0]), file)
			n++
			if _, err := fs.Stat(Host, name); err == nil {
				continue
			}
			if _, err := fs.Stat(Runtime, name); err != nil {
				t.Errorf("%s is not carried along: a static probe cannot be built", name)
			}
		}
	}
	if n < 100 {
		t.Errorf("go list names %d files", n)
	}
}
