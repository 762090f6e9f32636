package testkit

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"
)

var update = flag.Bool("update", false, "rewrite golden files, and the golden sections of txtar files")

// IsUpdate reports whether the test was given -update: golden files are to be rewritten.
func IsUpdate() bool { return *update }

// Archive is one txtar file of a test: inputs, and outputs as "out/…" sections.
type Archive struct {
	t    testing.TB
	path string
	ar   *txtar.Archive
	seen map[string]bool // outputs that the test made
}

// Archives runs f as a subtest for each file that matches pattern; there must be
// one. A section "out/x" that f does not make with Golden fails the test, or with
// -update is removed.
func Archives(t *testing.T, pattern string, f func(t *testing.T, a *Archive)) {
	t.Helper()
	paths, err := filepath.Glob(pattern)
	if err != nil || len(paths) == 0 {
		t.Fatalf("no file matches %s (%v)", pattern, err)
	}
	for _, path := range paths {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".txtar"), func(t *testing.T) {
			ar, err := txtar.ParseFile(path)
			if err != nil {
				t.Fatal(err)
			}
			a := &Archive{t, path, ar, map[string]bool{}}
			f(t, a)
			a.finish()
		})
	}
}

// Name returns the name of the file without its extension.
func (a *Archive) Name() string { return strings.TrimSuffix(filepath.Base(a.path), ".txtar") }

// File returns the content of a section and whether there is one.
func (a *Archive) File(name string) ([]byte, bool) {
	for _, f := range a.ar.Files {
		if f.Name == name {
			return f.Data, true
		}
	}
	return nil, false
}

// Need returns the content of a section that must be there.
func (a *Archive) Need(name string) []byte {
	a.t.Helper()
	data, ok := a.File(name)
	if !ok {
		a.t.Fatalf("%s has no section %s", a.path, name)
	}
	return data
}

// Golden compares got with the section out/name, or with -update writes it there.
// A missing section is an error without -update.
func (a *Archive) Golden(name, got string) {
	a.t.Helper()
	name = "out/" + name
	a.seen[name] = true
	if got != "" && !strings.HasSuffix(got, "\n") {
		got += "\n"
	}
	for i := range a.ar.Files {
		f := &a.ar.Files[i]
		if f.Name != name {
			continue
		}
		if string(f.Data) != got && !*update {
			a.t.Errorf("%s: %s is not what it was: %s", a.path, name, Diff(strings.Split(got, "\n"), strings.Split(string(f.Data), "\n")))
		}
		f.Data = []byte(got)
		return
	}
	if !*update {
		a.t.Errorf("%s has no section %s; run with -update", a.path, name)
	}
	a.ar.Files = append(a.ar.Files, txtar.File{Name: name, Data: []byte(got)})
}

func (a *Archive) finish() {
	if a.t.Failed() && !*update {
		return
	}
	var files []txtar.File
	for _, f := range a.ar.Files {
		if strings.HasPrefix(f.Name, "out/") && !a.seen[f.Name] {
			if !*update {
				a.t.Errorf("%s: nothing made %s", a.path, f.Name)
			}
			continue
		}
		files = append(files, f)
	}
	if *update {
		a.ar.Files = files
		if err := os.WriteFile(a.path, txtar.Format(a.ar), 0o644); err != nil {
			a.t.Error(err)
		}
	}
}

// Archive1 calls f with one file, without a subtest and without looking at its
// outputs.
func Archive1(t testing.TB, path string, f func(a *Archive)) {
	t.Helper()
	ar, err := txtar.ParseFile(path)
	if err != nil {
		t.Fatal(err)
	}
	f(&Archive{t, path, ar, map[string]bool{}})
}
