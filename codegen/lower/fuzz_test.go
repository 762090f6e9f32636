package lower_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// FuzzProgram lowers every program without errors: the result is always valid, and
// the same twice.
func FuzzProgram(f *testing.F) {
	for _, pattern := range []string{"testdata/*.smon", "../../testdata/lang/*.smon", "../../examples/*/*.smon", "../../lang/check/testdata/*.smon"} {
		files, _ := filepath.Glob(pattern)
		for _, file := range files {
			src, err := os.ReadFile(file)
			if err != nil {
				f.Fatal(err)
			}
			for _, chunk := range strings.Split(string(src), "\n---\n") {
				f.Add(chunk)
			}
		}
	}
	f.Fuzz(func(t *testing.T, src string) {
		p, _ := front(t, "testdata/p.smon", []byte(src))
		if p == nil {
			return
		}
		if again, _ := front(t, "testdata/p.smon", []byte(src)); again.String() != p.String() {
			t.Errorf("two programs from one text")
		}
	})
}
