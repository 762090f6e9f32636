package smxml

import (
	"strings"

	"github.com/streamon/streamon/lang/ast"
	"github.com/streamon/streamon/lang/diag"
	"github.com/streamon/streamon/lang/source"
)

// declaredEntity reads <entity name= key=>, where key is types, or names and types.
func (p *paper) declaredEntity(e *element) {
	n, v := p.declared(e), p.need(e, "key")
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
	declare(p.builder, &p.entities, e.text("name"), "entity", x)
	p.add(entityDecls, d)
}

// hasEntities reports whether the program declares its entities. If it does not, keys
// in words of the dialect make them, as they do there.
func (p *paper) hasEntities() bool { return len(p.decls[entityDecls]) > 0 }

// inferred declares the entities that the primary keys have made.
func (p *paper) inferred() {
	if p.hasEntities() {
		return
	}
	for _, x := range p.entities.list {
		p.add(entityDecls, x.decl(x.key.span))
	}
}

// primaryKey reads where an event's entity stands in the packet. Without a key the
// event is one of the whole program. It returns false after an error.
func (p *paper) primaryKey(ev *event, v *value) bool {
	named := ev.el.text("entity")
	if v == nil || v.text == "null" {
		if named != nil {
			p.errorf(diag.MissingAttribute, named.whole(), "%q needs the attribute %q beside it", "entity", "primary-key").
				Hintf("it names the field that states are kept for, as ip_dst")
		}
		return named == nil
	}
	var words *key
	if p.isDialectKey(v.text) {
		if words, _ = p.key(v); words == nil {
			return false
		}
	}
	x := &ev.scope.entity
	switch {
	case p.hasEntities():
		*x = p.theEntity(ev.el)
	case words != nil:
		if *x = p.entity(words); *x != nil && named != nil {
			*x = p.theEntity(ev.el)
		}
	default:
		p.errorf(diag.UnknownEntity, v.whole(), "no <entity> says what %q is", short(v.text)).
			Hintf(`write <entity name="host" key="ip"/>; a key in fields of the dialect, as ip_dst, needs none`)
	}
	if *x == nil {
		return false
	}
	list, good := p.keys(v, &scope{proto: ev.scope.proto})
	ev.binding = &ast.Key{Place: ast.At(v.whole()), Parts: list}
	if words != nil && (len(words.parts) == 1 || len(words.parts) == len((*x).fields)) {
		ev.scope.key = words.names()
	}
	return good
}

// theEntity returns the entity that an event is for, by its name or because there is
// no other; nil after an error.
func (p *paper) theEntity(e *element) *entity {
	named := e.text("entity")
	var all []string
	for _, x := range p.entities.list {
		if named != nil && x.ident == named.text {
			return x
		}
		all = append(all, x.ident)
	}
	switch {
	case named != nil:
		p.errorf(diag.UnknownEntity, named.whole(), "unknown entity %q", named.text).Suggest(p.near(named.text, all))
	case len(all) == 1:
		return p.entities.list[0]
	case len(all) == 0:
		p.errorf(diag.MissingAttribute, e.tag, "this event needs the attribute %q", "entity").
			Hintf("no event has a primary-key, so there is none")
	default:
		p.errorf(diag.MissingAttribute, e.tag, "this event needs the attribute %q", "entity").
			Note(source.Span{}, "the program has %s", strings.Join(all, ", "))
	}
	return nil
}
