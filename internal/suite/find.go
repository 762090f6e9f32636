package suite

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

var (
	// errNothing says that there is nothing to test where it was looked for.
	errNothing = errors.New("no program there")

	// errOther says that a file is nothing that can be tested, by its name.
	errOther = errors.New("neither a program, .smon or .xml, nor a file of tests, NAME" + Ending)
)

// Find returns the suites that arguments stand for: programs, files of tests,
// directories, and DIR/... for a directory and all below. The program of a file of
// tests is the .smon beside it, or else the .xml.
func Find(args []string) ([]Suite, error) {
	var all []Suite
	seen := map[string]bool{}
	add := func(list ...Suite) {
		for _, s := range list {
			if !seen[s.Program] {
				seen[s.Program] = true
				all = append(all, s)
			}
		}
	}
	for _, arg := range args {
		if dir, ok := strings.CutSuffix(arg, "..."); ok {
			dir = filepath.Clean(strings.TrimSuffix(dir, string(filepath.Separator)))
			found := len(all)
			list, err := below(dir)
			if err != nil {
				return nil, err
			}
			add(list...)
			if len(all) == found {
				return nil, fmt.Errorf("%s: %w", arg, errNothing)
			}
			continue
		}
		info, err := os.Stat(arg)
		if err != nil {
			return nil, err
		}
		if info.IsDir() {
			list, err := inDir(arg)
			if err == nil && len(list) == 0 {
				err = fmt.Errorf("%s: %w", arg, errNothing)
			}
			if err != nil {
				return nil, err
			}
			add(list...)
			continue
		}
		s, err := ofFile(arg)
		if err != nil {
			return nil, err
		}
		add(s)
	}
	return all, nil
}

// below returns the programs of a directory and of all below it. Links are followed
// only if dir is one.
func below(dir string) ([]Suite, error) {
	all, err := inDir(dir)
	if err != nil {
		return nil, err
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		if !e.IsDir() || e.Name() == "testdata" || strings.HasPrefix(e.Name(), ".") || strings.HasPrefix(e.Name(), "_") {
			continue
		}
		list, err := below(filepath.Join(dir, e.Name()))
		if err != nil {
			return nil, err
		}
		all = append(all, list...)
	}
	return all, nil
}

// inDir returns the programs of a directory; a .xml whose name a .smon has as well is
// its other form.
func inDir(dir string) ([]Suite, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	exists := map[string]bool{}
	for _, e := range entries {
		exists[e.Name()] = true
	}
	var out []Suite
	for _, e := range entries {
		ext := filepath.Ext(e.Name())
		base := strings.TrimSuffix(e.Name(), ext)
		if ext != ".smon" && (ext != ".xml" || exists[base+".smon"] || !exists[base+Ending]) {
			continue
		}
		s := Suite{Program: filepath.Join(dir, e.Name())}
		if exists[base+Ending] {
			s.File = filepath.Join(dir, base+Ending)
		}
		out = append(out, s)
	}
	return out, nil
}

// ofFile returns the suite of a program or of a file of tests.
func ofFile(path string) (Suite, error) {
	isFile := func(path string) bool { info, err := os.Stat(path); return err == nil && !info.IsDir() }
	if base, ok := strings.CutSuffix(path, Ending); ok {
		for _, ext := range []string{".smon", ".xml"} {
			if isFile(base + ext) {
				return Suite{base + ext, path}, nil
			}
		}
		return Suite{}, fmt.Errorf("%s: there is no %s.smon that it tests", path, base)
	}
	s := Suite{Program: path}
	if file := strings.TrimSuffix(path, filepath.Ext(path)) + Ending; isFile(file) {
		s.File = file
	} else if ext := filepath.Ext(path); ext != ".smon" && ext != ".xml" {
		return Suite{}, fmt.Errorf("%s: %w", path, errOther)
	}
	return s, nil
}
