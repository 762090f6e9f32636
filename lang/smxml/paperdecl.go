package smxml

import (
	"strings"

	"github.com/streamon/streamon/lang/ast"
	"github.com/streamon/streamon/lang/diag"
	"github.com/streamon/streamon/lang/source"
)

// param reads <param name= value=>.
func (p *paper) param(e *element) {
	n, v := p.name(e, "name"), p.need(e, "value")
	if n == nil || v == nil {
		return
	}
	if x := p.value(v, nil); x != nil {
		p.values = append(p.values, &ast.ParamDecl{Place: ast.At(e.whole()), Name: n, Value: x})
	}
}

// listOf reads <list name= value="{…}"> and <list name= value='file("…")'>.
func (p *paper) listOf(e *element) {
	n, v := p.name(e, "name"), p.need(e, "value")
	if n == nil || v == nil {
		return
	}
	if d, ok := p.fragment(v, "list x = ", "", "a set or a file").(*ast.ListDecl); ok {
		d.Place, d.Name = ast.At(e.whole()), n
		p.values = append(p.values, d)
	}
}

// declaredEntity reads <entity name= key=>, where key is types, or names and types.
func (p *paper) declaredEntity(e *element) {
	n, v := p.name(e, "name"), p.need(e, "key")
	if n == nil || v == nil {
		return
	}
	d, ok := p.fragment(v, "entity x: (", ")", "one type or several").(*ast.EntityDecl)
	switch {
	case !ok:
		return
	case len(d.Options) > 0:
		p.errorf(diag.Syntax, v.whole(), "%q is not one type or several", short(v.text))
		return
	}
	d.Place, d.Name, d.Options = ast.At(e.whole()), n, p.arguments(e, sizes)
	x := &entity{ident: n.Name}
	for _, f := range d.Fields {
		if f.Name != nil {
			x.fields = append(x.fields, f.Name.Name)
		}
	}
	declare(p.builder, &p.builder.entities, &value{p: v.p, text: n.Name, start: n.Pos.Offset, end: n.EndPos.Offset}, "entity", x)
	p.entities = append(p.entities, d)
}

// table reads <table>. Its types are those of the language, or of C++ as in the
// dialect.
func (p *paper) table(e *element) {
	n, keys, typ := p.name(e, "name"), p.need(e, "key_type"), p.need(e, "value_type")
	if kind := e.text("type"); kind != nil && !strings.EqualFold(kind.text, "dleft") {
		p.errorf(diag.BadValue, kind.whole(), "%q is no kind of table", kind.text).Suggest(p.near(kind.text, []string{"DLEFT"})).
			Note(source.Span{}, "it is DLEFT")
	}
	if n == nil || keys == nil || typ == nil {
		return
	}
	t := &table{el: e, ident: n.Name, typ: typ.text}
	if other := valueTypes[typ.text]; other != "" && typ.text != "bool" {
		t.typ = other
	}
	declare(p.builder, &p.builder.tables, e.text("name"), "table", t)
}

// tableDecls are the declarations of the tables, when it is known what is stored.
func (p *paper) tableDecls() (out []ast.Decl) {
	for _, t := range p.builder.tables.list {
		n, keys, typ := t.el.text("name"), t.el.text("key_type"), t.el.text("value_type")
		d := &ast.TableDecl{
			Place: ast.At(t.el.whole()), Name: ident(t.ident, n.whole()),
			Type:    &ast.TypeName{Place: ast.At(typ.whole()), Name: t.typ},
			Options: p.arguments(t.el, sizes),
		}
		if t.floor {
			d.Type.Name = "float"
		}
		for _, k := range split(keys, " ,") {
			d.Keys = append(d.Keys, &ast.TypeName{Place: ast.At(k.whole()), Name: k.text})
		}
		out = append(out, d)
	}
	return out
}

// feature reads <feature>.
func (p *paper) feature(e *element) {
	n, v := p.name(e, "name"), p.need(e, "body")
	if n == nil || v == nil {
		return
	}
	x := p.value(v, nil)
	if x == nil {
		return
	}
	declare(p.builder, &p.builder.features, e.text("name"), "feature", &feature{el: e, ident: n.Name})
	p.features = append(p.features, &ast.FeatureDecl{Place: ast.At(e.whole()), Name: n, Value: x})
}

// stateHeads reads how long states last, when all are known, and what they are
// called.
func (p *paper) stateHeads() {
	for _, s := range p.states.list {
		s.next = p.states.list[0]
		if v := s.el.text("next_state"); v != nil {
			s.next = find(p.builder, &p.states, v, diag.UnknownState, "state")
			if s.el.text("timeout") == nil {
				p.errorf(diag.MissingAttribute, v.whole(), "%q needs the attribute %q beside it", "next_state", "timeout")
			}
		}
		if v := s.el.text("timeout"); v != nil {
			p.lives[s] = p.time(v, nil)
		}
		p.stateText(s, s.el)
	}
}

// stateText takes code, level and description of a state from an element: its own,
// or that of the first event that has them.
func (p *paper) stateText(s *state, e *element) {
	take := func(to **value, name string) {
		if v := e.text(name); v != nil && *to == nil {
			*to = v
		}
	}
	take(&s.code, "code")
	take(&s.level, "level")
	take(&s.text, "description")
	if v := e.text("level"); v != nil && levelOf(v.text) == "" {
		p.errorf(diag.UnknownLevel, v.whole(), "unknown level %q", v.text).
			Suggest(p.near(v.text, []string{"info", "low", "medium", "high", "critical"})).
			Note(source.Span{}, "levels are info, low, medium, high and critical")
	}
}

func (p *paper) stateDecl(s *state) *ast.StateDecl {
	d := p.declState(s)
	if x := p.lives[s]; x != nil && s.next != nil {
		d.For, d.Then = x, ident(s.next.ident, s.el.span)
	}
	return d
}
