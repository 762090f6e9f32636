package probe

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/streamon/streamon/internal/config"
	"github.com/streamon/streamon/runtime/list"
	"github.com/streamon/streamon/runtime/program"
)

func param(m *program.Manifest, name string) *program.ParamInfo {
	for i := range m.Params {
		if m.Params[i].Name == name {
			return &m.Params[i]
		}
	}
	return nil
}

func listInfo(m *program.Manifest, name string) *program.ListInfo {
	for i := range m.Lists {
		if m.Lists[i].Name == name {
			return &m.Lists[i]
		}
	}
	return nil
}

// inherit adds to settings those of the previous generation that they do not
// override and that the new one still has.
func inherit(settings, old []config.Setting, has func(name string) bool) []config.Setting {
	out := slices.Clone(settings)
	for _, o := range old {
		named := slices.ContainsFunc(settings, func(s config.Setting) bool { return s.Program == o.Program && s.Name == o.Name })
		if !named && has(o.Name) {
			out = append(out, o)
		}
	}
	return out
}

// set reads the settings for the instance's program. Of two for one parameter the
// last one holds.
func (in *instance) set(settings []config.Setting) (map[string]program.Value, error) {
	m := &in.info.Manifest
	values := map[string]program.Value{}
	for _, s := range settings {
		if s.Program != in.name {
			continue
		}
		p := param(m, s.Name)
		if p == nil {
			return nil, &HintError{fmt.Errorf("no parameter %q", s.Name), has("parameter", paramNames(m)), true}
		}
		v, err := config.ParseValue(p.Default.Kind, s.Value)
		if err != nil {
			return nil, &HintError{Err: fmt.Errorf("parameter %s: %w", s.Name, err), Usage: true}
		}
		values[s.Name] = v
		in.settings = append(in.settings, s)
	}
	return values, nil
}

// has says what there is instead of something that there is not.
func has(what string, names []string) string {
	if len(names) == 0 {
		return "the program has no " + what + "s"
	}
	return "its " + what + "s are " + strings.Join(names, ", ")
}

func paramNames(m *program.Manifest) (names []string) {
	for _, p := range m.Params {
		names = append(names, p.Name)
	}
	return names
}

func listNames(m *program.Manifest) (names []string) {
	for _, l := range m.Lists {
		names = append(names, l.Name)
	}
	return names
}

// lists are the operator's list files of one instance. The list in force is
// replaced between two batches: what a program looked up for a batch beforehand
// holds when it comes to the packet.
type lists struct {
	files  []config.Setting
	texts  map[string][]byte // of lists that a request set; a file wins
	byName map[string]*list.List
}

// newLists makes the lists of an instance of that name: those as compiled, those that a
// request had set in the generation before, and those of files, which it reads.
func newLists(name string, m *program.Manifest, files []config.Setting, texts map[string][]byte) (*lists, error) {
	l := &lists{byName: map[string]*list.List{}, texts: map[string][]byte{}}
	for _, i := range m.Lists {
		text := []byte(i.Text)
		if t, ok := texts[i.Name]; ok {
			text, l.texts[i.Name] = t, t
		}
		set, err := list.Parse(text)
		if err != nil {
			return nil, fmt.Errorf("list %s: %w", i.Name, err)
		}
		l.byName[i.Name] = list.New(set)
	}
	for _, s := range files {
		if s.Program != name {
			continue
		}
		if listInfo(m, s.Name) == nil {
			return nil, &HintError{fmt.Errorf("no list %q that can be replaced", s.Name), has("file list", listNames(m)), true}
		}
		l.files = append(slices.DeleteFunc(l.files, func(o config.Setting) bool { return o.Name == s.Name }), s)
		delete(l.texts, s.Name)
	}
	sets, err := l.read()
	l.store(sets)
	return l, err
}

// read reads all files and returns the sets of those that could be read, by list.
func (l *lists) read() (map[string]*list.Set, error) {
	var errs []error
	sets := map[string]*list.Set{}
	for _, s := range l.files {
		text, err := readList(s.Value)
		if err == nil {
			var set *list.Set
			if set, err = list.Parse(text); err == nil {
				sets[s.Name] = set
				continue
			}
			err = fmt.Errorf("%s: %w", s.Value, err)
		}
		errs = append(errs, fmt.Errorf("list %s: %w", s.Name, err))
	}
	return sets, errors.Join(errs...)
}

// maxListBytes bounds a list file.
const maxListBytes = 256 << 20

// readList reads a list file. It is read again at every reload, so it is no pipe; whoever opens one may wait for ever.
func readList(path string) ([]byte, error) {
	st, err := os.Stat(path)
	switch {
	case err != nil:
		return nil, err
	case !st.Mode().IsRegular():
		return nil, fmt.Errorf("%s: not a regular file", path)
	case st.Size() > maxListBytes:
		return nil, fmt.Errorf("%s: %d bytes, more than the %d a list may have", path, st.Size(), maxListBytes)
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, maxListBytes))
}

// store puts sets in force; other lists stay as they are.
func (l *lists) store(sets map[string]*list.Set) {
	for name, set := range sets {
		l.byName[name].Store(set)
	}
}

// get is program.Env.List.
func (l *lists) get(name string) *list.List { return l.byName[name] }

// Reload reads the list files of a program again, of all programs if name is
// empty, and returns how many lists are in force anew. A list that cannot be read
// stays as it was; the errors are joined.
func (p *Probe) Reload(ctx context.Context, name string) (n int, err error) {
	p.lifecycle.Lock()
	defer p.lifecycle.Unlock()
	var all []*instance
	if err := p.between(ctx, func() { all = slices.Clone(p.programs) }); err != nil {
		return 0, err
	}
	var errs []error
	found := name == ""
	for _, in := range all {
		if name != "" && in.name != name {
			continue
		}
		found = true
		if err := in.allows(ctx); err != nil {
			if name != "" {
				return 0, err
			}
			continue
		}
		sets, err := in.lists.read()
		if err != nil {
			errs = append(errs, fmt.Errorf("program %q: %w", in.name, err))
		}
		if err := p.between(ctx, func() { in.lists.store(sets) }); err != nil {
			return n, err
		}
		n += len(sets)
	}
	if !found {
		return 0, p.notLoaded(ctx, name)
	}
	return n, errors.Join(errs...)
}
