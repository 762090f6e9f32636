package doc_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/streamon/streamon/lang"
	"github.com/streamon/streamon/lang/format"
	"github.com/streamon/streamon/lang/types"
)

// lessons returns the lessons of the tutorial, in order.
func lessons(t *testing.T) []string {
	t.Helper()
	list, err := filepath.Glob("tutorial/[0-9][0-9]-*.md")
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// TestTutorialPrograms compares the programs in the lessons with the files
// beside them, for readers who do not type; the files compile without a warning
// and are in the canonical form.
func TestTutorialPrograms(t *testing.T) {
	shown := map[string]string{} // file → lesson
	for _, name := range lessons(t) {
		page := read(t, name)
		var fresh strings.Builder
		done := 0
		for _, b := range blocks(t, name, page) {
			if b.lang != "smon" || b.file() == "" {
				continue
			}
			path := filepath.Join("tutorial", b.file())
			if first := shown[path]; first != "" {
				t.Errorf("%s:%d: %s is in %s already", name, b.line, path, first)
			}
			shown[path] = name
			text := read(t, path)
			if b.text != text && !*update {
				t.Errorf("%s:%d: the program is not that of %s: go test ./doc -update takes it from there", name, b.line, path)
			}
			fresh.WriteString(page[done:b.begin] + text)
			done = b.end
		}
		fresh.WriteString(page[done:])
		if *update && fresh.String() != page {
			write(t, name, fresh.String())
		}
	}

	files, err := filepath.Glob("tutorial/*.smon")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range files {
		if shown[path] == "" {
			t.Errorf("%s is in no lesson", path)
		}
		src := read(t, path)
		_, diags := lang.Check(path, []byte(src), func(list string) ([]byte, error) {
			return os.ReadFile(filepath.Join("tutorial", filepath.Base(list)))
		})
		for _, d := range diags {
			t.Errorf("%v", d)
		}
		tree, _ := lang.Parse(path, []byte(src))
		canonical, err := format.Source(tree, format.Options{Canonical: types.CanonicalName})
		if err != nil {
			t.Errorf("%s: %v", path, err)
		} else if string(canonical) != src {
			t.Errorf("%s is not in the canonical form: smcc fmt %s", path, path)
		}
	}
}

// TestTutorialOrder holds the lessons to their form: the index lists them in
// order, under their titles, each leads to the next, and each is a page that is
// read at one sitting.
func TestTutorialOrder(t *testing.T) {
	list := lessons(t)
	if len(list) != 10 {
		t.Errorf("%d lessons, want 10", len(list))
	}
	index := read(t, "tutorial/README.md")
	var listed []string
	for _, m := range links.FindAllStringSubmatch(index, -1) {
		if path := filepath.Join("tutorial", m[1]); slices.Contains(list, path) {
			listed = append(listed, path)
		}
	}
	if !slices.Equal(listed, list) {
		t.Errorf("the index lists %v, there are %v", listed, list)
	}
	for i, name := range list {
		page := read(t, name)
		title, _, _ := strings.Cut(page, "\n")
		number := fmt.Sprintf("# %d. ", i+1)
		rest, ok := strings.CutPrefix(title, number)
		if !ok {
			t.Errorf("%s begins with %q, want %q", name, title, number+"…")
		}
		if entry := fmt.Sprintf("[%s](%s)", rest, filepath.Base(name)); !strings.Contains(index, entry) {
			t.Errorf("the index has no %q", entry)
		}
		n := strings.Count(page, "\n")
		if n < 40 {
			t.Errorf("%s has %d lines, want 40 or more", name, n)
		}
		for _, b := range blocks(t, name, page) {
			if b.lang == "smon" {
				n -= strings.Count(b.text, "\n")
			}
		}
		if n > 90 {
			t.Errorf("%s has %d lines beside its program, want 90 or less", name, n)
		}
		if i+1 < len(list) && !strings.Contains(page, "]("+filepath.Base(list[i+1])+")") {
			t.Errorf("%s does not lead to %s", name, list[i+1])
		}
	}
}
