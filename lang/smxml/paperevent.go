package smxml

import (
	"strings"

	"github.com/streamon/streamon/lang/ast"
	"github.com/streamon/streamon/lang/diag"
	"github.com/streamon/streamon/lang/source"
)

// readEvents reads the heads of all events, then what is done about them: a timeout
// may be for an entity that a later event tells of.
func (p *paper) readEvents() {
	var heads []*event
	for _, e := range p.eventElements {
		typ := p.need(e, "type")
		if typ == nil {
			continue
		}
		ev := &event{el: e}
		for _, c := range e.children {
			if c.name == "state" {
				ev.states = append(ev.states, c)
			}
		}
		switch typ.text {
		case "packet":
			p.packetHead(ev)
		case "timeout":
			ev.isTimeout = true
		default:
			p.errorf(diag.BadValue, typ.whole(), "unknown type of event %q", typ.text).
				Suggest(p.near(typ.text, []string{"packet", "timeout"})).Note(source.Span{}, "it is packet or timeout")
		}
		heads = append(heads, ev)
	}
	if len(heads) == 0 && !p.diags.HasErrors() {
		p.errorf(diag.MissingAttribute, p.root.tag, "a program needs an event")
	}
	p.inferred()
	for _, ev := range heads {
		if ev.isTimeout {
			p.timeoutHead(ev)
		}
		if ev.good {
			p.events = append(p.events, p.eventDecl(ev))
		}
	}
	for _, ev := range heads {
		p.eventTexts(ev)
	}
	for _, ev := range heads {
		if ev.good {
			p.eventStates(ev)
		}
	}
}

// eventTexts takes what the states of a packet event are called, as the dialect does.
func (p *paper) eventTexts(ev *event) {
	if ev.isTimeout {
		return
	}
	for _, e := range ev.states {
		if v := e.text("id"); v != nil && p.states.byName[v.text] != nil {
			p.stateText(p.states.byName[v.text], e)
		}
	}
}

// inferred declares the entities that no <entity> does: those of the primary keys,
// as in the dialect.
func (p *paper) inferred() {
	if len(p.entities) > 0 {
		return
	}
	for _, x := range p.builder.entities.list {
		p.entities = append(p.entities, x.decl(x.key.span))
	}
}

// packetHead reads selector and key of a packet event.
func (p *paper) packetHead(ev *event) {
	e := ev.el
	p.needless(e, "packet", "class", "every")
	sel, ok := p.where(ev, e.text("selector"))
	if e.attr("name") == nil {
		ev.ident = unique(p.eventNames, eventName(sel))
	} else if n := p.name(e, "name"); n != nil {
		ev.ident = n.Name
	}
	good := p.primaryKey(ev, e.text("primary-key"))
	ev.good = good && ok && ev.ident != ""
}

// needless reports attributes that events of another type have.
func (p *paper) needless(e *element, typ string, names ...string) {
	for _, n := range names {
		if a := e.attr(n); a != nil {
			p.errorf(diag.UnknownAttribute, a.at, "an event of type %q has no attribute %q", typ, n)
		}
	}
}

// where reads a selector, in the words of the dialect or as an expression, into the
// scope of the event. It returns what the words say, and false after an error.
func (p *paper) where(ev *event, v *value) (*selector, bool) {
	if v == nil {
		return nil, true
	}
	quiet := *p.builder
	quiet.diags = &diag.List{} // it is read again, aloud
	if sel := quiet.selector(v); isWords(v) || sel != nil && quiet.where(sel) != nil {
		if sel = p.selector(v); sel == nil {
			return nil, false
		}
		ev.scope.proto, ev.where = sel.protocol(), p.builder.where(sel)
		return sel, ev.where != nil
	}
	ev.where = p.value(v, nil)
	return nil, ev.where != nil
}

// isWords reports whether a selector is meant in the words of the dialect: a field
// and its value, with no operator between them.
func isWords(v *value) bool {
	words := split(v, " ")
	if len(words) < 2 || lookup(words[0].text) == nil {
		return false
	}
	second := words[1].text
	return operators[second] == ast.NoOp && isWord(second[0]) && second != "in" && second != "not" && second != "contains"
}

// primaryKey reads where an event's entity stands in the packet. Without a key the
// event is one of the whole program.
func (p *paper) primaryKey(ev *event, v *value) bool {
	named := ev.el.text("entity")
	if v == nil || v.text == "null" {
		if named != nil {
			p.errorf(diag.MissingAttribute, named.whole(), "%q needs the attribute %q beside it", "entity", "primary-key").
				Hintf("it names the field that states are kept for, as ip_dst")
		}
		return named == nil
	}
	var k *key
	if isDialectKey(v.text) {
		good := false
		if k, good = p.key(v); !good {
			return false
		}
		ev.key = k
	} else {
		list, good := p.keys(v, nil)
		if !good {
			return false
		}
		ev.binding = &ast.Key{Place: ast.At(v.whole()), Parts: list}
	}
	if len(p.entities) == 0 && k == nil {
		p.errorf(diag.UnknownEntity, v.whole(), "no <entity> says what %q is", short(v.text)).
			Hintf(`write <entity name="host" key="ip"/>; a key in fields of the dialect, as ip_dst, needs none`)
		return false
	}
	if ev.scope.entity = p.byKey(k); ev.scope.entity == nil || named != nil {
		ev.scope.entity = p.theEntity(ev.el, named)
	}
	x := ev.scope.entity
	if x != nil && k != nil && (len(k.parts) == 1 || len(k.parts) == len(x.fields)) {
		ev.scope.key = k.names()
	}
	return x != nil
}

// byKey returns the entity that is inferred from a key of the dialect, or nil.
func (p *paper) byKey(k *key) *entity {
	if len(p.entities) > 0 || k == nil {
		return nil
	}
	return p.entity(k)
}

// theEntity returns the entity that an event is for, by its name or because there is
// no other; nil after an error.
func (p *paper) theEntity(e *element, named *value) *entity {
	var all []string
	for _, x := range p.builder.entities.list {
		if named != nil && x.ident == named.text {
			return x
		}
		all = append(all, x.ident)
	}
	switch {
	case named != nil:
		p.errorf(diag.UnknownEntity, named.whole(), "unknown entity %q", named.text).Suggest(p.near(named.text, all))
	case len(all) == 1:
		return p.builder.entities.list[0]
	case len(all) == 0:
		p.errorf(diag.MissingAttribute, e.tag, "this event needs the attribute %q", "entity").
			Hintf("no event has a primary-key, so there is none")
	default:
		p.errorf(diag.MissingAttribute, e.tag, "this event needs the attribute %q", "entity").
			Note(source.Span{}, "the program has %s", strings.Join(all, ", "))
	}
	return nil
}

// timeoutHead reads a timeout event: a timer of an entity, or the program's clock.
func (p *paper) timeoutHead(ev *event) {
	e := ev.el
	p.needless(e, "timeout", "selector", "primary-key", "name")
	n := p.name(e, "class")
	if n == nil {
		return
	}
	ev.ident, ev.class = n.Name, n.Name
	p.timeouts.add(n.Name, ev)
	if e.attr("every") == nil {
		ev.scope.entity = p.theEntity(e, e.text("entity"))
		ev.good = ev.scope.entity != nil
		return
	}
	p.needless(e, "timeout with every", "entity")
	if v := p.need(e, "every"); v != nil {
		ev.period = p.time(v, nil)
		ev.good = ev.period != nil
	}
}

// eventDecl writes the declaration of an event.
func (p *paper) eventDecl(ev *event) *ast.EventDecl {
	e := ev.el
	at := ast.At(e.span)
	id := e.tag
	for _, n := range []string{"name", "class"} {
		if v := e.text(n); v != nil {
			id = v.whole()
		}
	}
	d := &ast.EventDecl{Place: at, Name: ident(ev.ident, id)}
	switch {
	case ev.period != nil:
		d.Trigger = &ast.EveryTrigger{Place: at, Period: ev.period}
		return d
	case ev.isTimeout:
		d.Trigger = &ast.TimeoutTrigger{Place: at, Entity: ident(ev.scope.entity.ident, e.tag)}
		return d
	}
	t := &ast.PacketTrigger{Place: at, Where: ev.where}
	if x := ev.scope.entity; x != nil {
		k := ev.binding
		if k == nil {
			k = &ast.Key{Place: ast.At(ev.key.span)}
			for _, part := range ev.key.parts {
				k.Parts = append(k.Parts, name(part.in(ev.scope.proto), part.span))
			}
		}
		t.For = &ast.Binding{Place: k.Place, Entity: ident(x.ident, k.Span()), Key: k}
		if v := e.text("entity"); v != nil {
			t.For.Entity = ident(x.ident, v.whole())
		}
	}
	d.Trigger = t
	return d
}
