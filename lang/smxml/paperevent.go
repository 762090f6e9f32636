package smxml

import (
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
	p.inferred()
	for _, ev := range heads {
		if ev.isTimeout {
			p.timeoutHead(ev)
		}
		if ev.good {
			p.add(eventDecls, p.eventDecl(ev))
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
	if sel := quiet.selector(v); p.isWords(v) || sel != nil && quiet.where(sel) != nil {
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
func (p *paper) isWords(v *value) bool {
	words := split(v, " ")
	if len(words) < 2 || p.lookup(words[0].text) == nil {
		return false
	}
	second := words[1].text
	return operators[second] == ast.NoOp && isWord(second[0]) && second != "in" && second != "not" && second != "contains"
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
		ev.scope.entity = p.theEntity(e)
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
	if k := ev.binding; k != nil {
		t.For = &ast.Binding{Place: k.Place, Entity: ident(ev.scope.entity.ident, k.Span()), Key: k}
		if v := e.text("entity"); v != nil {
			t.For.Entity = ident(v.text, v.whole())
		}
	}
	d.Trigger = t
	return d
}
