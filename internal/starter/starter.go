// Package starter holds programs to begin with: small, whole, and of a kind that
// detectors often are. Each compiles without warnings, is in the canonical form and
// ends with a test in comments, which a test of this package runs.
//
//	text, err := starter.Program("scan", "my_scan")
package starter

import (
	"embed"
	"fmt"
	"path"
	"slices"
	"strings"
)

//go:embed programs
var programs embed.FS

// Default is the template that is taken if none is named.
const Default = "basic"

// Template is a program to begin with.
type Template struct {
	Name string
	Doc  string // what it is about: its first comment on one line
}

// Templates returns all templates, [Default] first.
func Templates() []Template {
	entries, err := programs.ReadDir("programs")
	if err != nil {
		panic(err) // it is embedded
	}
	var list []Template
	for _, e := range entries {
		name := strings.TrimSuffix(e.Name(), path.Ext(e.Name()))
		list = append(list, Template{name, doc(source(name))})
	}
	slices.SortStableFunc(list, func(a, b Template) int {
		switch Default {
		case a.Name:
			return -1
		case b.Name:
			return 1
		}
		return 0
	})
	return list
}

// Program returns the text of a template as a program of the given name, which
// must be one of the language.
func Program(template, name string) ([]byte, error) {
	if !slices.ContainsFunc(Templates(), func(t Template) bool { return t.Name == template }) {
		return nil, fmt.Errorf("no template is called %q", template)
	}
	text := source(template)
	return []byte(strings.Replace(text, "\nprogram "+template+" ", "\nprogram "+name+" ", 1)), nil
}

func source(name string) string {
	text, err := programs.ReadFile("programs/" + name + ".smon")
	if err != nil {
		panic(err) // Templates listed it
	}
	return string(text)
}

// doc returns the comment at the begin of a text on one line.
func doc(text string) string {
	var words []string
	for line := range strings.Lines(text) {
		comment, ok := strings.CutPrefix(line, "#")
		if !ok {
			break
		}
		words = append(words, strings.Fields(comment)...)
	}
	return strings.Join(words, " ")
}
