package lsp

import (
	"cmp"
	"path/filepath"
	"slices"
	"strings"

	"github.com/streamon/streamon/lang"
	"github.com/streamon/streamon/lang/ast"
	"github.com/streamon/streamon/lang/check"
	"github.com/streamon/streamon/lang/diag"
	"github.com/streamon/streamon/lang/smxml"
	"github.com/streamon/streamon/lang/source"
	"github.com/streamon/streamon/lang/types"
)

// analysis is what is known about one state of a document.
type analysis struct {
	file    *source.File
	program *check.Program // nil for XML with errors
	diags   diag.List
	isXML   bool
	names   []name // by place; they do not overlap

	structures map[string][]string // by name; nil until a hover asks
}

// name is one occurrence of a name: where it is declared, or where it is used.
type name struct {
	span       source.Span
	object     check.Object
	isDeclared bool
}

// analysis returns what is known about the present text.
func (d *document) analysis() *analysis {
	if d.known != nil {
		return d.known
	}
	var readFile func(string) ([]byte, error)
	if d.opt.ReadFile != nil && d.path != "" {
		readFile = d.opt.ReadFile(filepath.Dir(d.path))
	}
	a := &analysis{file: d.file, isXML: smxml.Is(d.name(), d.text)}
	if len(d.text) > types.MaxProgramBytes {
		a.diags.Errorf(diag.Syntax, d.file.Span(0, 0), "the text is longer than a program may be")
	} else {
		a.program, a.diags = lang.Check(d.name(), d.text, readFile)
	}
	if a.program != nil {
		a.names = d.namesOf(a.program)
	}
	d.known, d.before = a, nil
	return a
}

// latest returns what is known about the present text or, if nobody has asked yet, about
// the one before.
func (d *document) latest() *analysis {
	if d.known == nil && d.before != nil {
		return d.before
	}
	return d.analysis()
}

// namesOf lists the occurrences of the names of a program.
func (d *document) namesOf(p *check.Program) (list []name) {
	add := func(n ast.Node, o check.Object, isDeclared bool) {
		if s := n.Span(); s.IsValid() && s.Start.Offset < s.End.Offset {
			list = append(list, name{s, o, isDeclared})
		}
	}
	for n, o := range p.Info.Uses {
		if id := declared(o); id == nil || n != ast.Node(id) {
			add(n, o, false)
		}
	}
	for _, o := range objects(p) {
		if id := declared(o); id != nil {
			add(id, o, true)
		}
	}
	slices.SortFunc(list, func(a, b name) int {
		return cmp.Or(cmp.Compare(a.span.Start.Offset, b.span.Start.Offset), cmp.Compare(b.span.End.Offset, a.span.End.Offset))
	})
	return list
}

// objects lists what a program declares, in source order by kind.
func objects(p *check.Program) (list []check.Object) {
	list = appendAll(list, p.Params)
	list = appendAll(list, p.Lists)
	list = appendAll(list, p.Entities)
	list = appendAll(list, p.Metrics)
	list = appendAll(list, p.Tables)
	list = appendAll(list, p.Features)
	list = appendAll(list, p.Events)
	return appendAll(list, p.States)
}

func appendAll[O any](list []check.Object, more []O) []check.Object {
	for _, o := range more {
		list = append(list, o)
	}
	return list
}

// declaration returns the node that declares an object, and its name there; nil for what
// the language itself provides, or nobody wrote down.
func declaration(o check.Object) (ast.Node, *ast.Ident) {
	switch o := o.(type) {
	case *check.Param:
		return o.Decl, o.Decl.Name
	case *check.List:
		return o.Decl, o.Decl.Name
	case *check.Entity:
		return o.Decl, o.Decl.Name
	case *check.EntityField:
		if f := o.Entity.Decl.Fields; o.Index < len(f) && f[o.Index].Name != nil {
			return f[o.Index], f[o.Index].Name
		}
		return o.Entity.Decl, o.Entity.Decl.Name
	case *check.Metric:
		return o.Decl, o.Decl.Name
	case *check.Table:
		return o.Decl, o.Decl.Name
	case *check.Feature:
		return o.Decl, o.Decl.Name
	case *check.Event:
		return o.Decl, o.Decl.Name
	case *check.State:
		if o.Decl != nil {
			return o.Decl, o.Decl.Name
		}
	}
	return nil, nil
}

func declared(o check.Object) *ast.Ident {
	_, id := declaration(o)
	return id
}

// nameAt returns the name at an offset, or just before it, nil if there is none.
func (d *document) nameAt(offset int) *name {
	var found *name
	list := d.analysis().names
	for i := range list {
		n := &list[i]
		if n.span.Start.Offset > offset {
			break
		}
		if offset <= n.span.End.Offset && (found == nil || n.span.Len() <= found.span.Len()) {
			found = n // the innermost
		}
	}
	return found
}

// diagnostics is what to publish.
func (d *document) diagnostics() *diagnosticsParams {
	out := &diagnosticsParams{URI: d.uri, Version: &d.version, Diagnostics: []diagnostic{}}
	for _, x := range d.analysis().diags {
		out.Diagnostics = append(out.Diagnostics, d.diagnostic(x))
	}
	return out
}

func (d *document) diagnostic(x *diag.Diagnostic) diagnostic {
	out := diagnostic{
		Range: d.rangeOf(x.Span), Severity: 1 + int(x.Severity), Code: x.Code.String(), Source: "smcc", Message: x.Message,
	}
	var more []string
	if x.Hint != "" {
		more = append(more, x.Hint)
	}
	for _, n := range x.Notes {
		if n.Span.IsValid() {
			out.Related = append(out.Related, related{location{d.uri, d.rangeOf(n.Span)}, n.Message})
		} else {
			more = append(more, n.Message)
		}
	}
	out.Message = strings.Join(append([]string{out.Message}, more...), "\n")
	return out
}
