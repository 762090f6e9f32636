// Package xmlformat writes a tree as a program in the XML dialect, version 2: the
// inverse of lang/smxml, as lang/format is that of lang/smon. [Source] is its whole
// surface.
//
// How a program is written: declarations become elements, one for one; the handlers
// of an event are laid out for each state, as the dialect nests them; expressions
// are spelt in C++'s precedences, with the dialect's names where these mean the same,
// else with the language's. The elements are built first and printed when all are
// known, so that each comment finds the element of what it stands above.
//
// What the dialect cannot say is reported where it stands, all of it, with the code
// not-in-xml. What is written reads back, without warnings, to a program of the same
// intermediate representation.
//
//	text, diags := xmlformat.Source(file)
package xmlformat

import (
	"slices"
	"strings"

	"github.com/streamon/streamon/lang/ast"
	"github.com/streamon/streamon/lang/diag"
)

// The limits of a program in XML that a converted one can reach; see lang/smxml.
const (
	maxFile      = 1 << 18 // bytes
	maxElements  = 4000
	maxAttribute = 1 << 14 // bytes of one value, as it stands in the file
	maxNesting   = 90      // of one expression
	maxTokens    = 900     // of one expression
)

// writer makes the elements of one program.
type writer struct {
	file  *ast.File
	diags diag.List
	said  map[int]bool // offsets of what was reported

	metrics, tables, features map[string]bool
	declared                  map[string]bool // names of values
	entities                  map[string]*ast.EntityDecl
	states                    []*state
	events                    []*event
	handlers                  []*handlers
	byEvent                   map[string][]*handlers

	elements int // in events, so far
}

// state is a state; decl is nil for a default state that is not declared.
type state struct {
	name string
	decl *ast.StateDecl
}

// handlers are a handler and the states that it is for, nil = any.
type handlers struct {
	states []string
	*ast.Handler
}

// Source returns f as a program in XML. What is written of a program with errors of
// names or types means nothing. There is no text if the list, which is sorted, has
// errors, or if f did not parse. f is only read.
func Source(f *ast.File) ([]byte, diag.List) {
	w := &writer{
		file: f, said: map[int]bool{}, metrics: map[string]bool{}, tables: map[string]bool{},
		features: map[string]bool{}, declared: map[string]bool{}, entities: map[string]*ast.EntityDecl{}, byEvent: map[string][]*handlers{},
	}
	if f.Program == nil || len(f.Bad) > 0 {
		return nil, w.diags
	}
	w.collect()
	root := w.program()
	var text []byte
	if len(w.diags) == 0 {
		w.comments(root)
		text = root.text()
		w.sizes(root, len(text))
	}
	if len(w.diags) > 0 {
		w.diags.Sort()
		return nil, w.diags
	}
	return text, nil
}

// refuse reports what the dialect cannot say, once.
func (w *writer) refuse(n ast.Node, format string, args ...any) *diag.Diagnostic {
	at := n.Span()
	if w.said[at.Start.Offset] {
		return (&diag.List{}).Errorf(diag.NotInXML, at, format, args...)
	}
	w.said[at.Start.Offset] = true
	return w.diags.Errorf(diag.NotInXML, at, format, args...)
}

// collect finds out what the program declares.
func (w *writer) collect() {
	note := func(set map[string]bool, id *ast.Ident) {
		if set != nil {
			set[id.Name] = true
		}
		w.declared[id.Name] = true
		if slices.Contains([]string{"new", "by", "null", "std", "double", "float"}, id.Name) {
			w.refuse(id, "in XML %q means something else", id.Name).Hintf("give it another name")
		}
	}
	for _, d := range w.file.Decls {
		switch d := d.(type) {
		case *ast.ParamDecl:
			note(nil, d.Name)
		case *ast.ListDecl:
			note(nil, d.Name)
		case *ast.EntityDecl:
			note(nil, d.Name)
			w.entities[d.Name.Name] = d
		case *ast.MetricDecl:
			note(w.metrics, d.Name)
		case *ast.TableDecl:
			note(w.tables, d.Name)
		case *ast.FeatureDecl:
			note(w.features, d.Name)
		case *ast.EventDecl:
			w.events = append(w.events, &event{decl: d})
		case *ast.StateDecl:
			w.states = append(w.states, &state{d.Name.Name, d})
			w.handle([]string{d.Name.Name}, d.Handlers)
		case *ast.InDecl:
			var states []string
			for _, id := range d.States {
				states = append(states, id.Name)
			}
			w.handle(states, d.Handlers)
		case *ast.Handler:
			w.handle(nil, []*ast.Handler{d})
		}
	}
	w.defaultFirst()
}

func (w *writer) handle(states []string, list []*ast.Handler) {
	for _, h := range list {
		one := &handlers{states, h}
		w.handlers = append(w.handlers, one)
		for _, id := range h.Events {
			w.byEvent[id.Name] = append(w.byEvent[id.Name], one)
		}
	}
}

// defaultFirst puts the default state first, where the dialect has it. It exists
// without a declaration if something names it or there is no other.
func (w *writer) defaultFirst() {
	i := slices.IndexFunc(w.states, func(s *state) bool { return s.name == "default" })
	switch {
	case i > 0:
		s := w.states[i]
		w.states = slices.Insert(slices.Delete(w.states, i, i+1), 0, s)
	case i < 0 && (len(w.states) == 0 || w.namesDefault()):
		w.states = slices.Insert(w.states, 0, &state{name: "default"})
	}
}

func (w *writer) namesDefault() bool {
	found := false
	is := func(id *ast.Ident) { found = found || id != nil && id.Name == "default" }
	for _, s := range w.states {
		is(s.decl.Then)
	}
	for _, h := range w.handlers {
		found = found || slices.Contains(h.states, "default")
		for _, s := range h.Body {
			switch s := s.(type) {
			case *ast.When:
				is(s.To)
			case *ast.Otherwise:
				is(s.To)
			}
		}
	}
	return found
}

// sizes reports what is beyond the limits of the reader.
func (w *writer) sizes(root *element, bytes int) {
	n := 0
	var count func(e *element)
	count = func(e *element) {
		n++
		for _, a := range e.attrs {
			if len(escape(a.value)) > maxAttribute {
				at := ast.Node(w.file.Program)
				if len(e.from) > 0 {
					at = e.from[0]
				}
				w.refuse(at, "in XML this takes more than %d bytes in one attribute", maxAttribute)
			}
		}
		for _, c := range e.children {
			count(c)
		}
	}
	count(root)
	if n > maxElements || bytes > maxFile {
		w.refuse(w.file.Program, "in XML this takes %d elements and %d bytes; %d and %d are possible", n, bytes, maxElements, maxFile)
	}
}

// program builds the root element: what has a name first, in the order of the
// prototype's programs.
func (w *writer) program() *element {
	p := w.file.Program
	root := &element{name: "botstream", from: []ast.Node{p}}
	root.set("version", "2")
	root.set("name", p.Name.Name)
	if p.Doc != nil {
		root.set("description", w.plain(p.Doc))
	}
	if p.Match != "first" {
		root.set("match", "all")
	}
	w.values(root)
	for _, s := range w.states {
		root.add(w.statedef(s))
	}
	w.structures(root)
	for _, ev := range w.events {
		w.head(ev)
	}
	for _, ev := range w.events {
		w.timeoutKey(ev)
		root.add(w.event(ev))
	}
	return root
}

// plain returns a text without values, as attributes have it.
func (w *writer) plain(s *ast.StringLit) string {
	text, ok := s.Text()
	if !ok {
		w.refuse(s, "in XML this text has to be fixed")
	}
	text = w.escapeText(s, text, "")
	if strings.HasPrefix(text, " ") {
		text = `\x20` + text[1:]
	}
	if strings.HasSuffix(text, " ") {
		text = text[:len(text)-1] + `\x20`
	}
	return text
}
