package xmlformat

import (
	"strings"

	"github.com/streamon/streamon/lang/ast"
)

// decl writes a declaration into its group; handlers are written with the events that
// they are for.
func (w *writer) decl(d ast.Decl) {
	switch d := d.(type) {
	case *ast.ParamDecl:
		e := w.add(values, "param", d, d.Name)
		e.set("value", w.text.Expr(d.Value))
	case *ast.ListDecl:
		w.list(d)
	case *ast.EntityDecl:
		e := w.add(values, "entity", d, d.Name)
		e.set("key", entityKey(d))
		w.arguments(e, d.Options)
	case *ast.StateDecl:
		w.statedef(d)
	case *ast.MetricDecl:
		w.metric(d)
	case *ast.TableDecl:
		e := w.add(structures, "table", d, d.Name)
		e.set("type", "DLEFT")
		var keys []string
		for _, k := range d.Keys {
			keys = append(keys, k.Name)
		}
		e.set("key_type", strings.Join(keys, ", "))
		e.set("value_type", d.Type.Name)
		w.arguments(e, d.Options)
	case *ast.FeatureDecl:
		e := w.add(features, "feature", d, d.Name)
		e.set("body", w.text.Expr(d.Value))
	case *ast.EventDecl:
		w.event(d)
	}
}

// add adds an element for what has a name.
func (w *writer) add(group int, element string, d ast.Decl, name *ast.Ident) *element {
	e := newElement(element, d)
	e.set("name", name.Name)
	w.groups[group] = append(w.groups[group], e)
	return e
}

func (w *writer) list(d *ast.ListDecl) {
	e := w.add(values, "list", d, d.Name)
	if d.File != nil {
		e.set("value", "file("+w.text.Expr(d.File.Path)+")")
		return
	}
	e.set("value", w.text.Expr(d.Set))
}

func entityKey(d *ast.EntityDecl) string {
	var parts []string
	for _, f := range d.Fields {
		text := f.Type.Name
		if f.Name != nil {
			text = f.Name.Name + ": " + text
		}
		parts = append(parts, text)
	}
	return strings.Join(parts, ", ")
}

// arguments writes named values as attributes.
func (w *writer) arguments(e *element, args []*ast.Arg) {
	for _, a := range args {
		e.set(a.Name.Name, w.text.Expr(a.Value))
	}
}

func (w *writer) statedef(d *ast.StateDecl) {
	e := newElement("statedef", d)
	e.set("id", d.Name.Name)
	if d.For != nil {
		e.set("timeout", w.text.Expr(d.For))
		if d.Lazy {
			e.set("lazy", "yes")
		}
		e.set("next_state", d.Then.Name)
	}
	if d.Level != nil {
		e.set("level", d.Level.Name)
	}
	e.setText("code", d.Code)
	e.setText("description", d.Doc)
	w.groups[states] = append(w.groups[states], e)
}

// metric writes a monitor alone into the metric itself.
func (w *writer) metric(d *ast.MetricDecl) {
	e := w.add(structures, "metric", d, d.Name)
	if len(d.Parts) == 1 && d.Distinct() == nil {
		w.structure(e, d.Parts[0])
		return
	}
	for _, p := range d.Parts {
		name := "variation_monitor"
		if p.Role == "distinct" {
			name = "variation_detector"
		}
		c := newElement(name, nil)
		w.structure(c, p)
		e.children = append(e.children, c)
	}
}

func (w *writer) structure(e *element, p *ast.MetricPart) {
	e.from = append(e.from, p)
	if p.Role != "distinct" || p.Kind.Name != "bloom" {
		e.set("type", p.Kind.Name)
	}
	w.arguments(e, p.Args)
}
