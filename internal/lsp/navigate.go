package lsp

import (
	"fmt"
	"regexp"
	"slices"

	"github.com/sourcegraph/jsonrpc2"

	"github.com/streamon/streamon/lang/check"
	"github.com/streamon/streamon/lang/diag"
	"github.com/streamon/streamon/lang/types"
)

// definition says where the name at a place is declared.
func (d *document) definition(p *placeParams) (any, error) {
	n := d.nameAt(d.offset(p.Position))
	if n == nil {
		return nil, nil
	}
	id := declared(n.object)
	if id == nil {
		return nil, nil
	}
	return location{d.uri, d.rangeOf(id.Span())}, nil
}

// occurrences lists those of an object, in the order of the text.
func (d *document) occurrences(o check.Object) (list []name) {
	for _, n := range d.analysis().names {
		if n.object == o {
			list = append(list, n)
		}
	}
	return list
}

// references says where the object at a place is used.
func (d *document) references(p *placeParams) (any, error) {
	list := []location{}
	if n := d.nameAt(d.offset(p.Position)); n != nil {
		for _, at := range d.occurrences(n.object) {
			if !at.isDeclared || p.Context.IncludeDeclaration {
				list = append(list, location{d.uri, d.rangeOf(at.span)})
			}
		}
	}
	return list, nil
}

// highlight is references for the text on the screen.
func (d *document) highlight(p *placeParams) (any, error) {
	list := []highlight{}
	if n := d.nameAt(d.offset(p.Position)); n != nil {
		for _, at := range d.occurrences(n.object) {
			kind := 2
			if at.isDeclared {
				kind = 3
			}
			list = append(list, highlight{d.rangeOf(at.span), kind})
		}
	}
	return list, nil
}

// refuse says why something cannot be done.
func refuse(format string, args ...any) error {
	return &jsonrpc2.Error{Code: jsonrpc2.CodeInvalidParams, Message: fmt.Sprintf(format, args...)}
}

// renamed returns the name at a place, if it can be changed: one that the program
// declares, in .smon.
func (d *document) renamed(p position) (*name, string, error) {
	n := d.nameAt(d.offset(p))
	if n == nil {
		return nil, "", refuse("there is no name here")
	}
	text := d.file.Text(n.span)
	id := declared(n.object)
	switch {
	case id == nil:
		return nil, "", refuse("%s is the language's own", text)
	case d.analysis().isXML:
		return nil, "", refuse("names in XML can only be changed by hand; smcc convert makes a .smon of it")
	}
	return n, id.Name, nil
}

// prepareRename says which text a rename would change.
func (d *document) prepareRename(p *placeParams) (any, error) {
	n, old, err := d.renamed(p.Position)
	if err != nil {
		return nil, err
	}
	return struct {
		Range       rangeOf `json:"range"`
		Placeholder string  `json:"placeholder"`
	}{d.rangeOf(n.span), old}, nil
}

// rename changes all occurrences of a name. It refuses what would make another program of
// it: a name that is taken, or a word of the language.
func (d *document) rename(p *renameParams) (any, error) {
	n, old, err := d.renamed(p.Position)
	if err != nil {
		return nil, err
	}
	if !types.IsName(p.NewName) {
		return nil, refuse("%q cannot be a name: letters, digits and _ are, not beginning with a digit", p.NewName)
	}
	if p.NewName == old {
		return workspaceEdit{Changes: map[string][]textEdit{}}, nil
	}
	var edits []textEdit
	var text []byte
	last := 0
	for _, at := range d.occurrences(n.object) {
		if d.file.Text(at.span) != old || at.span.Start.Offset < last { // state.level, and names inside of names
			continue
		}
		edits = append(edits, textEdit{d.rangeOf(at.span), p.NewName})
		text = append(append(text, d.text[last:at.span.Start.Offset]...), p.NewName...)
		last = at.span.End.Offset
	}
	text = append(text, d.text[last:]...)
	if msg := d.breaks(text); msg != "" {
		return nil, refuse("%s would not do: %s", p.NewName, msg)
	}
	return workspaceEdit{Changes: map[string][]textEdit{d.uri: edits}}, nil
}

// breaks reports what would be wrong with a text in place of the document's, that differs
// in a name only: what is not wrong now, and a name that stands for another object then.
func (d *document) breaks(text []byte) string {
	after := &document{opt: d.opt, uri: d.uri, path: d.path}
	after.set(text, d.version)
	was, is := d.analysis(), after.analysis()
	if is.diags.Count(diag.Error) > was.diags.Count(diag.Error) {
		for _, x := range is.diags {
			if x.Severity == diag.Error && !has(was.diags, x) {
				return x.Message
			}
		}
		return "the program would have errors that it has not now"
	}
	if !slices.Equal(is.origins(), was.origins()) {
		return "the name means something else in some places"
	}
	return ""
}

// origin is what an occurrence of a name refers to: a declaration by its index among
// those of the program, and the part of an entity's key, or else the language's own.
type origin struct {
	declaration, part int
	own               check.Object
}

// origins are those of the names, in the order of the text.
func (a *analysis) origins() []origin {
	if a.program == nil {
		return nil
	}
	index := map[check.Object]int{}
	for i, o := range objects(a.program) {
		index[o] = i
	}
	list := make([]origin, len(a.names))
	for i, n := range a.names {
		o, part := n.object, -1
		if f, ok := o.(*check.EntityField); ok {
			o, part = f.Entity, f.Index
		}
		if k, ok := index[o]; ok {
			list[i] = origin{k, part, nil}
		} else {
			list[i] = origin{-1, -1, o}
		}
	}
	return list
}

func has(list diag.List, x *diag.Diagnostic) bool {
	for _, y := range list {
		if y.Code == x.Code && y.Message == x.Message {
			return true
		}
	}
	return false
}

// actions offers what diagnostics suggest.
func (d *document) actions(p *actionParams) (any, error) {
	list := []codeAction{}
	from, to := d.offset(p.Range.Start), d.offset(p.Range.End)
	for _, x := range d.analysis().diags {
		if x.Fix == nil || x.Span.Start.Offset > to || x.Span.End.Offset < from || !fixable.MatchString(d.file.Text(x.Span)) {
			continue
		}
		list = append(list, codeAction{
			Title: "Change to " + x.Fix.Text, Kind: quickFix, Diagnostics: []diagnostic{d.diagnostic(x)}, IsPreferred: true,
			Edit: workspaceEdit{Changes: map[string][]textEdit{d.uri: {{d.rangeOf(x.Fix.Span), x.Fix.Text}}}},
		})
	}
	return list, nil
}

// fixable is the text of a name that another one can be put in the place of.
var fixable = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_.-]*$`)
