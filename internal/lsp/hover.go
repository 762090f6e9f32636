package lsp

import (
	"fmt"
	"strings"

	"github.com/streamon/streamon/lang/ast"
	"github.com/streamon/streamon/lang/check"
	"github.com/streamon/streamon/lang/source"
	"github.com/streamon/streamon/lang/types"
)

// hover says what stands at a place: a declaration with its comment, or what the
// language says of a field, a layer, a function, a constant or a structure.
func (d *document) hover(p *placeParams) (any, error) {
	offset := d.offset(p.Position)
	if n := d.nameAt(offset); n != nil {
		if text := d.describe(n.object); text != "" {
			return hover{markup{"markdown", text}, d.rangeOf(n.span)}, nil
		}
	}
	if k, span := d.kindAt(offset); k != nil {
		return hover{markup{"markdown", describeKind(k)}, d.rangeOf(span)}, nil
	}
	return nil, nil
}

// kindAt returns the structure that is named at an offset.
func (d *document) kindAt(offset int) (kind *types.Kind, span source.Span) {
	p := d.analysis().program
	if p == nil {
		return nil, span
	}
	ast.Walk(p.File, func(n ast.Node) bool {
		if part, ok := n.(*ast.MetricPart); ok && part.Kind != nil {
			if s := part.Kind.Span(); s.Start.Offset <= offset && offset <= s.End.Offset {
				kind, span = types.LookupKind(part.Kind.Name), s
			}
		}
		return kind == nil
	})
	return kind, span
}

// describe writes what an object is, in Markdown.
func (d *document) describe(o check.Object) string {
	switch o := o.(type) {
	case *types.Field:
		return describeField(o)
	case *types.Layer:
		return code("layer "+o.Name) + o.Doc
	case *types.Builtin:
		return code(o.Sign+resultOf(o)) + o.Doc
	case *types.Constant:
		return code(fmt.Sprintf("%s = %d", o.Name, o.Value)) + capital(o.Doc) + "."
	case check.StateRef:
		return code("state") + "The state of the entity, or what was declared about it."
	}
	node, id := declaration(o)
	if node == nil {
		return ""
	}
	text := code(d.head(node))
	if t := typeOf(o); t != "" {
		text += "Type: " + t + "\n\n"
	}
	text += commentOf(d.file, d.analysis().program, node)
	switch o.(type) {
	case *check.Metric, *check.Table, *check.Entity, *check.Event: // structures have their names
		for _, line := range d.structures()[id.Name] {
			text += "- " + line + "\n"
		}
	}
	return strings.TrimSpace(text)
}

func describeField(f *types.Field) string {
	if f.IsEither() {
		return code(f.Name) + f.Doc
	}
	text := code(fmt.Sprintf("%s: %v", f.Name, f.Type)) + f.Doc
	if f.Layer != "" {
		text += "\n\nLayer: `" + f.Layer + "`"
	}
	if len(f.Aliases) > 0 {
		text += "\n\nAlso: `" + strings.Join(f.Aliases, "`, `") + "`"
	}
	if f.Group != "" {
		var names []string
		for _, c := range types.Constants(f.Group) {
			names = append(names, c.Name)
		}
		text += "\n\nConstants: `" + strings.Join(names, "`, `") + "`"
	}
	return text
}

func describeKind(k *types.Kind) string {
	text := code(string(k.Role)+" "+k.Name) + k.Doc + "\n\n"
	for _, a := range k.Args {
		text += "- `" + a.Name + "`: " + a.Doc
		if a.Required {
			text += " (required)"
		}
		text += "\n"
	}
	return text
}

func resultOf(b *types.Builtin) string {
	if b.Result == types.Invalid {
		return ""
	}
	return ": " + b.Result.String()
}

// typeOf is the type of what a name stands for, "" if it stands for no value.
func typeOf(o check.Object) string {
	t := types.Invalid
	switch o := o.(type) {
	case *check.Param:
		t = o.Type
	case *check.Feature:
		t = o.Type
	case *check.Metric:
		t = o.Value
	case *check.EntityField:
		t = o.Type
	}
	if t == types.Invalid {
		return ""
	}
	return t.String()
}

// structures is what the program's structures take and promise, by name.
func (d *document) structures() map[string][]string {
	a := d.analysis()
	if a.structures == nil {
		a.structures = map[string][]string{}
		if d.opt.Structures != nil && a.program != nil && !a.diags.HasErrors() {
			if list, err := d.opt.Structures(a.program); err == nil {
				a.structures = list
			}
		}
	}
	return a.structures
}

// head is a declaration without its handlers, on one line if it is short.
func (d *document) head(n ast.Node) string {
	text := d.file.Text(n.Span())
	switch n.(type) {
	case *ast.StateDecl:
		text, _, _ = strings.Cut(text, "{")
	}
	if lines := strings.Split(text, "\n"); len(lines) > 12 {
		text = strings.Join(append(lines[:12], "…"), "\n")
	}
	return strings.TrimSpace(text)
}

// commentOf is what comments say of a declaration: those on the lines right above it, and
// one behind it.
func commentOf(file *source.File, p *check.Program, n ast.Node) string {
	span := n.Span()
	var above, behind string
	line := span.Start.Line
	for i := len(p.File.Comments) - 1; i >= 0; i-- {
		c := p.File.Comments[i]
		text := strings.TrimSpace(strings.TrimPrefix(strings.TrimPrefix(c.Text, "//"), "#"))
		switch at := c.Span().Start.Line; {
		case at == span.End.Line && c.Span().Start.Offset >= span.End.Offset:
			behind = text
		case at == line-1 && strings.TrimSpace(file.Line(at)) == strings.TrimSpace(c.Text):
			above = text + " " + above
			line = at
		}
	}
	text := strings.TrimSpace(above)
	if behind != "" {
		text = strings.TrimSpace(text + "\n\n" + behind)
	}
	if text == "" {
		return ""
	}
	return text + "\n\n"
}

func code(text string) string { return "```smon\n" + text + "\n```\n" }

func capital(s string) string {
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}
