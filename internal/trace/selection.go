package trace

import (
	"fmt"
	"sort"
	"strings"

	"github.com/streamon/streamon/codegen/eval"
	"github.com/streamon/streamon/codegen/ir"
	"github.com/streamon/streamon/runtime/program"
)

// maxSeen bounds the keys that are remembered to tell what there was.
const maxSeen = 1 << 18

// Selection is the entities that somebody asked for by their keys as text: the parts
// with commas between, "10.0.0.1" or "10.0.0.1,443". "NAME=KEY" is one of entity NAME
// only.
type Selection struct {
	p     *ir.Program
	wants []want
	known []map[string]int // by entity and packed key: index of the want, or -1
	seen  []map[string]bool
	full  bool // seen has left out keys
}

// want is one key that was asked for.
type want struct {
	text   string
	entity int // -1: any
	key    string
	met    bool
}

// Select reads keys. The error says which is none.
func Select(p *ir.Program, keys []string) (*Selection, error) {
	s := &Selection{p: p}
	for range p.Entities {
		s.known, s.seen = append(s.known, map[string]int{}), append(s.seen, map[string]bool{})
	}
	for _, text := range keys {
		w := want{text: text, entity: -1, key: text}
		for i, e := range p.Entities {
			if key, ok := strings.CutPrefix(text, e.Name+"="); ok {
				w.entity, w.key = i, key
			}
		}
		parts := strings.Split(w.key, ",")
		for i := range parts {
			parts[i] = strings.ToLower(strings.TrimSpace(parts[i]))
		}
		w.key = strings.Join(parts, ",")
		if !s.fits(w, len(parts)) {
			return nil, fmt.Errorf("%q is no key of an entity of %s: it has %s", text, p.Name, s.forms())
		}
		s.wants = append(s.wants, w)
	}
	return s, nil
}

// fits reports whether some entity has keys of so many parts.
func (s *Selection) fits(w want, parts int) bool {
	for i, e := range s.p.Entities {
		if (w.entity < 0 || w.entity == i) && len(e.Fields) == parts {
			return true
		}
	}
	return false
}

// forms says what keys look like: "host (ip)", "pair (src,dst)".
func (s *Selection) forms() string {
	var forms []string
	for _, e := range s.p.Entities {
		var names []string
		for _, f := range e.Fields {
			name := f.Name
			if name == "" || name == e.Name {
				name = f.Type.String()
			}
			names = append(names, name)
		}
		forms = append(forms, fmt.Sprintf("%s (%s)", e.Name, strings.Join(names, ",")))
	}
	if forms == nil {
		return "none"
	}
	return strings.Join(forms, " and ")
}

// Find returns the index of the key that the entity of f was asked for by, or -1.
func (s *Selection) Find(f eval.Frame) int {
	e := f.Entity()
	if e < 0 {
		return -1
	}
	if i, ok := s.known[e][f.ID()]; ok {
		return i
	}
	key, found := strings.ToLower(KeyText(f.Key())), -1
	for i := range s.wants {
		if w := &s.wants[i]; w.key == key && (w.entity < 0 || w.entity == e) {
			found, w.met = i, true
		}
	}
	if len(s.known[e]) < maxSeen || found >= 0 {
		s.known[e][f.ID()] = found
		s.seen[e][key] = true
	} else {
		s.full = true
	}
	return found
}

// Has reports whether a packed key is that of a chosen entity that has appeared.
func (s *Selection) Has(id string) bool {
	for _, known := range s.known {
		if i, ok := known[id]; ok && i >= 0 {
			return true
		}
	}
	return false
}

// HasAny reports whether some chosen entity has appeared.
func (s *Selection) HasAny() bool {
	for i := range s.wants {
		if s.wants[i].met {
			return true
		}
	}
	return false
}

// maxNearest is how many keys are named in place of one that did not appear.
const maxNearest = 5

// Missing says, a line for each, which keys did not appear, and what did.
func (s *Selection) Missing() []string {
	var out []string
	for _, w := range s.wants {
		if w.met {
			continue
		}
		var near []string
		for i, seen := range s.seen {
			if w.entity < 0 || w.entity == i {
				for key := range seen {
					near = append(near, key)
				}
			}
		}
		total := len(near)
		sort.Slice(near, func(i, j int) bool {
			a, b := shared(near[i], w.key), shared(near[j], w.key)
			if a != b {
				return a > b
			}
			return near[i] < near[j]
		})
		near = near[:min(len(near), maxNearest)]
		switch {
		case total == 0:
			out = append(out, fmt.Sprintf("%s did not appear, and no other entity did: no event happened", w.text))
		case s.full:
			out = append(out, fmt.Sprintf("%s did not appear; of more than %d entities the nearest are %s", w.text, total, strings.Join(near, ", ")))
		default:
			out = append(out, fmt.Sprintf("%s did not appear; of %d that did the nearest are %s", w.text, total, strings.Join(near, ", ")))
		}
	}
	return out
}

// shared is the length of what two texts begin with and of what they end with.
func shared(a, b string) int {
	n := min(len(a), len(b))
	i, j := 0, 0
	for i < n && a[i] == b[i] {
		i++
	}
	for j < n-i && a[len(a)-1-j] == b[len(b)-1-j] {
		j++
	}
	return 2*i + j
}

// KeyText prints a key: its parts with commas between.
func KeyText(key []program.Field) string {
	var b []byte
	for i, f := range key {
		if i > 0 {
			b = append(b, ',')
		}
		b = program.AppendValue(b, f.Value, "")
	}
	return string(b)
}
