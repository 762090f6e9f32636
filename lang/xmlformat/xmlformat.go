// Package xmlformat writes a tree as a program in XML, in the style of the paper: the
// inverse of lang/smxml, as lang/format is that of lang/smon. [Source] is its whole
// surface.
//
// How a program is written: declarations become elements, those of one kind together,
// in the order of the paper's programs; a handler stands in each event that it is
// for. What the elements have no words for, that is expressions, keys and actions,
// stands in their attributes as lang/format spells it, so nothing is lost that the
// language can say. The elements are built first and printed when all are known, so
// that each comment finds the element of what it stands above.
//
// What is written is read again: it is refused, with the code not-in-xml, what is
// beyond the limits of the reader.
//
//	text, diags := xmlformat.Source(file)
package xmlformat

import (
	"slices"
	"strings"

	"github.com/streamon/streamon/lang/ast"
	"github.com/streamon/streamon/lang/diag"
	"github.com/streamon/streamon/lang/format"
	"github.com/streamon/streamon/lang/smon"
	"github.com/streamon/streamon/lang/smxml"
	"github.com/streamon/streamon/lang/source"
	"github.com/streamon/streamon/lang/types"
)

// enough is how many bytes of attributes are written at most, give or take a handler:
// the reader takes no longer file. A handler of a thousand events is written a
// thousand times.
const enough = 1 << 18

// writer makes the elements of one program.
type writer struct {
	file     *ast.File
	text     format.Parts
	declared map[string]bool

	isMany   bool                  // there are several entities
	handlers map[string][]handling // by event
	groups   [numGroups][]*element // of declarations
	size     int                   // bytes in handlers
}

// handling is a handler with the states that it is for, as XML names them, or several
// for the same states.
type handling struct {
	states   string
	handlers []*ast.Handler
}

// The kinds of declarations that stand together, in their order.
const (
	values = iota
	states
	structures
	features
	events
	numGroups
)

// Source returns f as a program in XML. What is written of a program with errors of
// names or types means nothing. There is no text if the list has errors, or if f did
// not parse. f is only read.
func Source(f *ast.File) ([]byte, diag.List) {
	if f.Program == nil || len(f.Bad) > 0 {
		return nil, nil
	}
	w := &writer{
		file: f, declared: format.Declared(f), handlers: map[string][]handling{},
		text: format.PartsOf(f, format.Options{Canonical: canonical}),
	}
	root := w.program()
	place(f, root)
	text := root.text()
	_, refused := smxml.Parse(source.NewFile("converted.xml", text), smon.Parse)
	for _, d := range refused {
		if d.Code == diag.XML || d.Code == diag.TooDeep {
			return nil, notInXML(f, root, d)
		}
	}
	return text, nil
}

// canonical returns the name of a field as the catalogue has it. The aliases would be
// words of the dialect, which are the entity where they are its key.
func canonical(name string) string {
	if f := types.LookupField(name); f != nil {
		return f.Name
	}
	return name
}

// program builds the root element.
func (w *writer) program() *element {
	p := w.file.Program
	root := newElement("streamon", p)
	root.set("name", p.Name.Name)
	root.setText("description", p.Doc)
	if p.Match != "first" {
		root.set("match", "all")
	}
	w.collect()
	for _, d := range w.file.Decls {
		w.decl(d)
	}
	w.defaultFirst()
	for _, group := range w.groups {
		root.children = append(root.children, group...)
	}
	return root
}

// collect finds out what events there are handlers for, and of how many entities.
func (w *writer) collect() {
	entities := 0
	handle := func(states string, list []*ast.Handler) {
		for _, h := range list {
			for _, id := range h.Events {
				w.handlers[id.Name] = addHandling(w.handlers[id.Name], handling{states, []*ast.Handler{h}})
			}
		}
	}
	for _, d := range w.file.Decls {
		switch d := d.(type) {
		case *ast.EntityDecl:
			entities++
		case *ast.StateDecl:
			handle(d.Name.Name, d.Handlers)
		case *ast.InDecl:
			handle(stateNames(d), d.Handlers)
		case *ast.Handler:
			handle("any", []*ast.Handler{d})
		}
	}
	w.isMany = entities > 1
}

// addHandling adds to the handlers of an event. Those in a row for the same states are
// one, unless the first ends with what is always true: only as the last condition that is
// otherwise.
func addHandling(list []handling, h handling) []handling {
	if n := len(list); n > 0 && list[n-1].states == h.states && !isAlways(list[n-1].handlers) {
		list[n-1].handlers = append(list[n-1].handlers, h.handlers...)
		return list
	}
	return append(list, h)
}

func isAlways(list []*ast.Handler) bool {
	return slices.ContainsFunc(list[len(list)-1].Body, func(st ast.Stmt) bool {
		_, is := st.(*ast.Otherwise)
		return is
	})
}

func stateNames(d *ast.InDecl) string {
	if d.Any {
		return "any"
	}
	var names []string
	for _, id := range d.States {
		names = append(names, id.Name)
	}
	return strings.Join(names, ", ")
}

// defaultFirst puts the default state first, where XML has it. It exists without a
// declaration if something names it or there is no other.
func (w *writer) defaultFirst() {
	list := w.groups[states]
	i := slices.IndexFunc(list, func(e *element) bool { return e.attrs[0].value == "default" })
	switch {
	case i > 0:
		e := list[i]
		list = slices.Insert(slices.Delete(list, i, i+1), 0, e)
	case i < 0 && (len(list) == 0 || w.namesDefault()):
		e := newElement("statedef", nil)
		e.set("id", "default")
		list = slices.Insert(list, 0, e)
	}
	w.groups[states] = list
}

func (w *writer) namesDefault() bool {
	found := false
	is := func(id *ast.Ident) { found = found || id != nil && id.Name == "default" }
	ast.Walk(w.file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.StateDecl:
			is(n.Then)
		case *ast.InDecl:
			for _, s := range n.States {
				is(s)
			}
		case *ast.When:
			is(n.To)
		case *ast.Otherwise:
			is(n.To)
		}
		return true
	})
	return found
}
