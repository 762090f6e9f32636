package smxml

import (
	"strings"

	"github.com/streamon/streamon/lang/ast"
	"github.com/streamon/streamon/lang/diag"
	"github.com/streamon/streamon/lang/source"
)

// param reads <param name= value=>.
func (p *paper) param(e *element) {
	n, v := p.declared(e), p.need(e, "value")
	if n == nil || v == nil {
		return
	}
	if x := p.value(v, nil); x != nil {
		p.add(valueDecls, &ast.ParamDecl{Place: ast.At(e.whole()), Name: n, Value: x})
	}
}

// listOf reads <list name= value="{…}"> and <list name= value='file("…")'>.
func (p *paper) listOf(e *element) {
	n, v := p.declared(e), p.need(e, "value")
	if n == nil || v == nil {
		return
	}
	if d, ok := p.fragment(v, "list x = ", "", "a set or a file").(*ast.ListDecl); ok {
		d.Place, d.Name = ast.At(e.whole()), n
		p.add(valueDecls, d)
	}
}

// table reads <table>. Its types are those of the language, or of C++ as in the
// dialect.
func (p *paper) table(e *element) {
	n, keys, typ := p.declared(e), p.need(e, "key_type"), p.need(e, "value_type")
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
	declare(p.builder, &p.tables, e.text("name"), "table", t)
}

// tableDecl is the declaration of a table, when it is known what is stored.
func (p *paper) tableDecl(t *table) *ast.TableDecl {
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
	return d
}

// feature reads <feature>.
func (p *paper) feature(e *element) {
	n, v := p.declared(e), p.need(e, "body")
	if n == nil || v == nil {
		return
	}
	x := p.value(v, nil)
	if x == nil {
		return
	}
	declare(p.builder, &p.features, e.text("name"), "feature", &feature{el: e, ident: n.Name})
	p.add(featureDecls, &ast.FeatureDecl{Place: ast.At(e.whole()), Name: n, Value: x})
}

// stateHeads reads how long states last, when all are known, and what they are
// called.
func (p *paper) stateHeads() {
	for _, s := range p.states.list {
		s.next = p.states.list[0]
		if v := s.el.text("next_state"); v != nil {
			s.next = find(p.builder, &p.states, v, diag.UnknownState, "state")
			p.besideTimeout(s.el, "next_state", v)
		}
		if v := s.el.text("timeout"); v != nil {
			s.life = p.time(v, nil)
		}
		if v := s.el.text("lazy"); v != nil {
			s.isLazy = p.yes("lazy", v)
			p.besideTimeout(s.el, "lazy", v)
		}
		p.stateText(s, s.el)
	}
}

// besideTimeout reports an attribute that says something about a timeout where there
// is none.
func (p *paper) besideTimeout(e *element, name string, v *value) {
	if e.text("timeout") == nil {
		p.errorf(diag.MissingAttribute, v.whole(), "%q needs the attribute %q beside it", name, "timeout")
	}
}

// yes reads an attribute that is yes or no.
func (p *paper) yes(name string, v *value) bool {
	if v.text != "yes" && v.text != "no" {
		p.errorf(diag.BadValue, v.whole(), "%s %q is neither yes nor no", name, v.text)
	}
	return v.text == "yes"
}

// stateText takes code, level and description of a state from an element: its own,
// or that of the first event that has them.
func (p *paper) stateText(s *state, e *element) {
	take := func(to **value, v *value) {
		if *to == nil {
			*to = v
		}
	}
	take(&s.code, e.plain("code"))
	take(&s.level, e.text("level"))
	take(&s.text, e.plain("description"))
	if v := e.text("level"); v != nil && levelOf(v.text) == "" {
		p.errorf(diag.UnknownLevel, v.whole(), "unknown level %q", v.text).
			Suggest(p.near(v.text, []string{"info", "low", "medium", "high", "critical"})).
			Note(source.Span{}, "levels are info, low, medium, high and critical")
	}
}

func (p *paper) stateDecl(s *state) *ast.StateDecl {
	d := p.declState(s)
	if s.life != nil && s.next != nil {
		d.For, d.Lazy, d.Then = s.life, s.isLazy, ident(s.next.ident, s.el.span)
	}
	return d
}
