package format

import (
	"slices"
	"strings"

	"github.com/streamon/streamon/lang/ast"
)

// decl writes a declaration.
func (p *printer) decl(n ast.Node, limit int) {
	switch n := n.(type) {
	case *ast.ProgramDecl:
		text := "program " + n.Name.Name
		if n.Doc != nil {
			text += " " + p.str(n.Doc)
		}
		if n.Match != "" {
			text += " match " + n.Match
		}
		p.leaf(n, text, limit)
	case *ast.ParamDecl:
		p.cells(n, "param", limit, "param "+n.Name.Name, "= "+p.expr(n.Value, 0))
	case *ast.FeatureDecl:
		p.cells(n, "feature", limit, "feature "+n.Name.Name, "= "+p.expr(n.Value, 0))
	case *ast.ListDecl:
		p.cells(n, "list", limit, "list "+n.Name.Name, strings.TrimPrefix(p.list(n), "list "+n.Name.Name+" "))
	case *ast.EntityDecl:
		p.cells(n, "entity", limit, "entity "+n.Name.Name+":", entityFields(n.Fields)+p.options(n.Options))
	case *ast.MetricDecl:
		p.metric(n, limit)
	case *ast.TableDecl:
		var keys []string
		for _, k := range n.Keys {
			keys = append(keys, k.Name)
		}
		p.leaf(n, "table "+n.Name.Name+"["+strings.Join(keys, ", ")+"]: "+n.Type.Name+p.options(n.Options), limit)
	case *ast.EventDecl:
		p.cells(n, "event", limit, p.event(n)...)
	case *ast.InDecl:
		head := "in any"
		if !n.Any {
			head = "in " + idents(n.States)
		}
		p.handlers(n, head, n.Handlers, limit)
	case *ast.StateDecl:
		p.handlers(n, p.stateHead(n), n.Handlers, limit)
	case *ast.Handler:
		p.handler(n, limit)
	}
}

// handlers writes a block of handlers; an empty one takes one line.
func (p *printer) handlers(n ast.Node, head string, list []*ast.Handler, limit int) {
	if len(list) == 0 && !p.commentWithin(n) {
		if s, ok := n.(*ast.StateDecl); ok && s.For != nil {
			name := "state " + s.Name.Name
			p.cells(n, "state", limit, name, strings.TrimPrefix(head, name+" ")+" {}")
			return
		}
		p.leaf(n, head+" {}", limit)
		return
	}
	block(p, n, head, list, p.handler, limit)
}

// commentWithin reports whether a comment stands inside n, those before it left out.
func (p *printer) commentWithin(n ast.Node) bool {
	span := n.Span()
	for _, c := range p.comments {
		if c.Pos.Offset >= span.End.Offset {
			return false
		}
		if c.Pos.Offset >= span.Start.Offset {
			return true
		}
	}
	return false
}

func (p *printer) stateHead(n *ast.StateDecl) string {
	head := "state " + n.Name.Name
	if n.For != nil {
		head += " for " + p.expr(n.For, 0)
		if n.Lazy {
			head += " lazy"
		}
		head += " then " + n.Then.Name
	}
	if n.Level != nil {
		head += " level " + n.Level.Name
	}
	if n.Code != nil {
		head += " code " + p.str(n.Code)
	}
	if n.Doc != nil {
		head += " " + p.str(n.Doc)
	}
	return head
}

func (p *printer) list(n *ast.ListDecl) string {
	head := "list " + n.Name.Name + " = "
	if n.File != nil {
		return head + "file(" + p.str(n.File.Path) + ")"
	}
	return p.wrap(head+"{", p.exprs(n.Set.Elems), "}")
}

// wrap joins items with commas between open and closing, over several lines when
// they do not fit on one.
func (p *printer) wrap(open string, items []string, closing string) string {
	if text := open + strings.Join(items, ", ") + closing; p.fits(text) || len(items) < 2 {
		return text
	}
	indent := strings.Repeat(indentUnit, p.depth)
	text, line := open, ""
	for _, it := range items {
		if line != "" && !p.fits(indentUnit+line+" "+it+",") {
			text += "\n" + indent + indentUnit + line
			line = ""
		}
		if line != "" {
			line += " "
		}
		line += it + ","
	}
	return text + "\n" + indent + indentUnit + line + "\n" + indent + closing
}

func entityFields(fields []*ast.EntityField) string {
	var list []string
	named := false
	for _, f := range fields {
		text := f.Type.Name
		if f.Name != nil {
			text = f.Name.Name + ": " + text
			named = true
		}
		list = append(list, text)
	}
	if named {
		return "(" + strings.Join(list, ", ") + ")"
	}
	return strings.Join(list, ", ")
}

// options returns " (a: 1, b: 2)", or "" without any.
func (p *printer) options(args []*ast.Arg) string {
	if len(args) == 0 {
		return ""
	}
	return " (" + strings.Join(p.args(args), ", ") + ")"
}

func (p *printer) args(args []*ast.Arg) []string {
	var list []string
	for _, a := range args {
		list = append(list, a.Name.Name+": "+p.expr(a.Value, 0))
	}
	return list
}

// metric writes a metric on one line if it fits.
func (p *printer) metric(n *ast.MetricDecl, limit int) {
	head := "metric " + n.Name.Name
	var parts []string
	for _, part := range n.Parts {
		parts = append(parts, p.part(part))
	}
	text := head + " { " + strings.Join(parts, "  ") + " }"
	if len(parts) == 0 {
		text = head + " {}"
	}
	if p.fits(text) && !p.commentWithin(n) {
		p.cells(n, "metric", limit, head, strings.TrimPrefix(text, head+" "))
		return
	}
	block(p, n, head, n.Parts, func(part *ast.MetricPart, limit int) {
		p.leaf(part, p.part(part), limit)
	}, limit)
}

func (p *printer) part(n *ast.MetricPart) string {
	text := n.Role + " " + n.Kind.Name
	if len(n.Args) > 0 {
		text += "(" + strings.Join(p.args(n.Args), ", ") + ")"
	}
	return text
}

// event returns the parts of an event; a long packet event is one part, broken before
// where and for.
func (p *printer) event(n *ast.EventDecl) []string {
	head := "event " + n.Name.Name + ":"
	switch t := n.Trigger.(type) {
	case *ast.TimeoutTrigger:
		return []string{head, "timeout for " + t.Entity.Name}
	case *ast.EveryTrigger:
		return []string{head, "every " + p.expr(t.Period, 0)}
	case *ast.PacketTrigger:
		where, binding := "", ""
		if t.Where != nil {
			where = "where " + p.expr(t.Where, 0)
		}
		if t.For != nil {
			binding = "for " + t.For.Entity.Name + " = " + p.key(t.For.Key)
		}
		lines := slices.DeleteFunc([]string{head + " packet", where, binding}, func(s string) bool { return s == "" })
		if !p.fits(strings.Join(lines, " ")) {
			return []string{strings.Join(lines, "\n"+strings.Repeat(indentUnit, p.depth+1))}
		}
		trigger := strings.TrimSuffix("packet "+where, " ")
		if binding == "" {
			return []string{head, trigger}
		}
		return []string{head, trigger, binding}
	}
	return []string{head}
}

func idents(list []*ast.Ident) string {
	var names []string
	for _, id := range list {
		names = append(names, id.Name)
	}
	return strings.Join(names, ", ")
}
