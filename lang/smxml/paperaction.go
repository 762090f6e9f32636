package smxml

import (
	"strings"

	"github.com/streamon/streamon/lang/ast"
	"github.com/streamon/streamon/lang/diag"
)

// doing reads the actions of an attribute, then the timeouts that are set beside it.
func (p *paper) doing(e *element, attr string, h *handling) (out []ast.Action) {
	if v := e.text(attr); v != nil {
		for _, part := range statements(v) {
			if inWords(part.text) {
				p.action(&part, h, &out)
				continue
			}
			out = append(out, p.ownActions(&part, h)...)
		}
	}
	for _, c := range e.children {
		if a := p.timeoutSet(c, h); a != nil {
			out = append(out, a)
		}
	}
	return out
}

// inWords reports whether an action is in the words of the dialect. What is assigned
// to with brackets is a table, even if it is called Drop.
func inWords(s string) bool {
	open := strings.IndexAny(s, "[(")
	return begins(s) && (open < 0 || s[open] == '(')
}

// statements cuts a list of actions at ";", except in a text.
func statements(v *value) (out []value) {
	from, quoted := 0, false
	add := func(to int) {
		part := v.part(from, to)
		if part = part.trim(); part.text != "" {
			out = append(out, part)
		}
		from = to + 1
	}
	for i := 0; i < len(v.text); i++ {
		switch c := v.text[i]; {
		case c == '\\' && quoted:
			i++
		case c == '"':
			quoted = !quoted
		case c == ';' && !quoted:
			add(i)
		}
	}
	if from < len(v.text) {
		add(len(v.text))
	}
	return out
}

// ownActions reads actions of the language.
func (p *paper) ownActions(v *value, h *handling) (out []ast.Action) {
	d, ok := p.fragment(v, "on x { ", "}", "a list of actions").(*ast.Handler)
	if !ok {
		return nil
	}
	for _, s := range d.Body {
		a, isAction := s.(ast.Action)
		if !isAction {
			p.errorf(diag.BadAction, s.Span(), "a condition cannot stand among actions").Hintf("write a <condition>")
			return nil
		}
		p.keyed(a, h.scope)
		out = append(out, a)
	}
	return out
}

// timeoutSet reads a <timeout_set>: 0 or nothing cancels. As in the prototype the
// timeout comes again and again, unless it is said that it does not.
func (p *paper) timeoutSet(c *element, h *handling) ast.Action {
	class := p.name(c, "class")
	if class == nil {
		return nil
	}
	if v := c.text("key"); v != nil && (h.entity == nil || v.text != h.entity.ident) {
		p.timeoutKey(c, h) // in fields of the dialect
	}
	place := ast.At(c.span)
	repeats := true
	if v := c.text("repeat"); v != nil {
		repeats = p.yes("repeat", v)
	}
	v := c.text("value")
	if v == nil || v.text == "0" {
		return &ast.StopAction{Place: place, Event: class}
	}
	x := p.time(v, h.scope)
	switch {
	case x == nil:
		return nil
	case repeats:
		return &ast.StartAction{Place: place, Event: class, Every: x}
	}
	return &ast.StartAction{Place: place, Event: class, After: x}
}
