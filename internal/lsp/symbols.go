package lsp

import (
	"strings"

	"github.com/streamon/streamon/lang/ast"
)

// symbols is the outline of a program.
func (d *document) symbols(*symbolParams) (any, error) {
	list := []symbol{}
	p := d.analysis().program
	if p == nil {
		return list, nil
	}
	if h := p.File.Program; h != nil && h.Name != nil {
		list = append(list, d.symbol(h, h.Name, symbolObject, "program"))
	}
	for _, n := range p.File.Decls {
		list = append(list, d.outline(n)...)
	}
	return list, nil
}

// outline is the symbols of one declaration: of "in", its handlers.
func (d *document) outline(n ast.Decl) []symbol {
	one := func(id *ast.Ident, kind int, detail string) []symbol {
		if id == nil {
			return nil
		}
		return []symbol{d.symbol(n, id, kind, detail)}
	}
	switch n := n.(type) {
	case *ast.ParamDecl:
		return one(n.Name, symbolConstant, "param")
	case *ast.ListDecl:
		return one(n.Name, symbolArray, "list")
	case *ast.EntityDecl:
		return one(n.Name, symbolKey, "entity")
	case *ast.MetricDecl:
		return one(n.Name, symbolVariable, "metric")
	case *ast.TableDecl:
		return one(n.Name, symbolStruct, "table")
	case *ast.FeatureDecl:
		return one(n.Name, symbolOperator, "feature")
	case *ast.EventDecl:
		return one(n.Name, symbolEvent, "event")
	case *ast.StateDecl:
		list := one(n.Name, symbolState, "state")
		if len(list) > 0 {
			list[0].Children = d.handlers(n.Handlers)
		}
		return list
	case *ast.InDecl:
		names := "any"
		if !n.Any {
			names = joinNames(n.States)
		}
		s := d.symbol(n, n, symbolState, "in")
		s.Name, s.Children = "in "+names, d.handlers(n.Handlers)
		s.SelectionRange.End = s.SelectionRange.Start
		return []symbol{s}
	case *ast.Handler:
		return d.handlers([]*ast.Handler{n})
	}
	return nil
}

func (d *document) handlers(list []*ast.Handler) (out []symbol) {
	for _, h := range list {
		if len(h.Events) == 0 {
			continue
		}
		s := d.symbol(h, h.Events[0], symbolFunction, "")
		s.Name = "on " + joinNames(h.Events)
		out = append(out, s)
	}
	return out
}

func (d *document) symbol(n, id ast.Node, kind int, detail string) symbol {
	return symbol{
		Name: d.file.Text(id.Span()), Detail: detail, Kind: kind, Range: d.rangeOf(n.Span()), SelectionRange: d.rangeOf(id.Span()),
	}
}

func joinNames(list []*ast.Ident) string {
	var names []string
	for _, id := range list {
		names = append(names, id.Name)
	}
	return strings.Join(names, ", ")
}
