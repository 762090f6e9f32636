package xmlformat

import (
	"strings"

	"github.com/streamon/streamon/lang/ast"
	"github.com/streamon/streamon/lang/diag"
	"github.com/streamon/streamon/lang/source"
)

// notInXML says of what the reader refuses, d, where it stands in the program: the text
// with a character that XML cannot hold, else what became the element that d is about.
func notInXML(f *ast.File, root *element, d *diag.Diagnostic) (diags diag.List) {
	if lit, r := unspeakable(f); lit != nil {
		diags.Errorf(diag.NotInXML, lit.Span(), "this text has the character %U, which XML cannot hold", r)
		return diags
	}
	at := f.Program.Span()
	if e := root.at(d.Span.Start.Offset); e != nil {
		at = origin(e, at)
	}
	diags.Errorf(diag.NotInXML, at, "in XML %s", d.Message)
	return diags
}

// unspeakable returns the first text with a control character that no XML can hold,
// not even as a reference, and that character.
func unspeakable(f *ast.File) (found *ast.StringLit, which rune) {
	ast.Walk(f, func(n ast.Node) bool {
		lit, ok := n.(*ast.StringLit)
		if !ok || found != nil {
			return found == nil
		}
		for _, p := range lit.Parts {
			i := strings.IndexFunc(p.Text, func(r rune) bool { return r < ' ' && r != '\t' && r != '\n' && r != '\r' })
			if i >= 0 {
				found, which = lit, rune(p.Text[i])
				return false
			}
		}
		return true
	})
	return found, which
}

// at returns the innermost element whose opening tag holds an offset of the text that
// was written, or nil.
func (e *element) at(offset int) *element {
	for _, c := range e.children {
		if found := c.at(offset); found != nil {
			return found
		}
	}
	if e.start <= offset && offset < e.end {
		return e
	}
	return nil
}

// origin returns where what an element says stands in the program, or what is given.
func origin(e *element, otherwise source.Span) source.Span {
	if len(e.from) == 0 {
		return otherwise
	}
	return e.from[0].Span()
}
