package doc_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"
)

// links are [text](target) outside of code.
var links = regexp.MustCompile(`\]\(([^)\s]+)\)`)

// TestLinks follows the links between the pages, README.md included.
func TestLinks(t *testing.T) {
	others, err := filepath.Glob("*.md")
	if err != nil {
		t.Fatal(err)
	}
	all := append(pages(t), append(others, "../README.md")...)
	for _, name := range slices.Compact(slices.Sorted(slices.Values(all))) {
		for _, m := range links.FindAllStringSubmatch(read(t, name), -1) {
			path, anchor, _ := strings.Cut(m[1], "#")
			if strings.Contains(path, ":") {
				continue // on the net
			}
			target := filepath.Join(filepath.Dir(name), path)
			if path == "" {
				target = name
			}
			st, err := os.Stat(target)
			switch {
			case err != nil:
				t.Errorf("%s: link to %s: %v", name, m[1], err)
			case anchor != "" && !st.IsDir() && !slices.Contains(anchors(read(t, target)), anchor):
				t.Errorf("%s: link to %s: no such heading", name, m[1])
			}
		}
	}
}

// anchors returns the names that web sites give to the headings of a page.
func anchors(page string) (list []string) {
	for line := range strings.Lines(page) {
		if !strings.HasPrefix(line, "#") {
			continue
		}
		var b strings.Builder
		for _, r := range strings.ToLower(strings.TrimSpace(strings.TrimLeft(line, "#"))) {
			switch {
			case r == ' ':
				b.WriteByte('-')
			case r == '-' || r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r):
				b.WriteRune(r)
			}
		}
		list = append(list, b.String())
	}
	return list
}
