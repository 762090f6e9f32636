package smxml

import (
	"strings"

	"github.com/streamon/streamon/lang/ast"
	"github.com/streamon/streamon/lang/diag"
)

// eventStates reads what is done about an event, state by state. What holds in
// several states, or in any, comes before what holds in one, unless it is written
// the other way round.
func (p *paper) eventStates(ev *event) {
	many := false // a block for several states came last
	inOrder := true
	type block struct {
		in *ast.InDecl
		of []*state
	}
	var list []block
	for _, e := range ev.states {
		in, of := p.stateNames(e)
		if in == nil {
			continue
		}
		h := &handling{b: p.builder, scope: &ev.scope, isTimeout: ev.isTimeout}
		if len(of) == 1 {
			if !ev.isTimeout {
				p.stateText(of[0], e)
			}
			h.code, h.level, h.text = of[0].code, of[0].level, of[0].text
		}
		in.Handlers = []*ast.Handler{{
			Place: ast.At(e.whole()), Events: []*ast.Ident{ident(ev.ident, ev.el.tag)}, Body: p.body(e, h),
		}}
		inOrder = inOrder && (len(list) == 0 || many || len(of) == 1)
		many = len(of) != 1
		list = append(list, block{in, of})
	}
	for _, b := range list {
		switch {
		case ev.period != nil: // it has no entity, so no state
			p.blocks = append(p.blocks, b.in.Handlers[0])
		case inOrder && len(b.of) == 1:
			b.of[0].handlers = append(b.of[0].handlers, b.in.Handlers[0])
		default:
			p.blocks = append(p.blocks, b.in)
		}
	}
}

// stateNames reads the id of a <state>: one state, several, or "any"; nil after an
// error.
func (p *paper) stateNames(e *element) (in *ast.InDecl, of []*state) {
	v := p.need(e, "id")
	if v == nil {
		return nil, nil
	}
	in = &ast.InDecl{Place: ast.At(e.whole()), Any: v.text == "any"}
	if in.Any {
		return in, nil
	}
	for _, id := range split(v, " ,") {
		s := find(p.builder, &p.states, &id, diag.UnknownState, "state")
		if s == nil {
			return nil, nil
		}
		in.States, of = append(in.States, ident(s.ident, id.whole())), append(of, s)
	}
	return in, of
}

// body reads a <state> of an event.
func (p *paper) body(e *element, h *handling) (out []ast.Stmt) {
	var conditions []*element
	for _, c := range e.children {
		switch c.name {
		case "use-metric":
			if op := p.use(c, h); op != nil {
				out = append(out, op)
			}
		case "condition":
			conditions = append(conditions, c)
		}
	}
	for i, c := range conditions {
		if st := p.condition(c, h, i == len(conditions)-1); st != nil {
			out = append(out, st)
		}
	}
	if post := p.only(e, "post-condition-action"); post != nil {
		if list := p.doing(post, "do", h); len(list) > 0 {
			out = append(out, &ast.Always{Place: ast.At(post.whole()), Actions: list})
		}
	}
	return out
}

// use reads a <use-metric>: "update" is set, "get" is get; the key of the detector
// is what has to be new.
func (p *paper) use(e *element, h *handling) *ast.OpAction {
	id := p.need(e, "id")
	verb := ""
	var by *value
	for _, n := range []string{"vd_get", "vd_update", "vm_get", "vm_update"} {
		a := e.attr(n)
		if a == nil {
			continue
		}
		own := "get"
		if strings.HasSuffix(n, "update") {
			own = "set"
		}
		if verb != "" && verb != own {
			p.errorf(diag.BadValue, a.at, "a metric is either updated or read").Hintf("write a second <use-metric>")
			return nil
		}
		verb = own
	}
	if id == nil {
		return nil
	}
	if verb == "" {
		p.errorf(diag.MissingAttribute, e.tag, "<use-metric> needs a key").Hintf(`write vm_update="ip_src", or vm_get="null" for no key`)
		return nil
	}
	op := &ast.MetricOp{Place: ast.At(e.span), Metric: ident(id.text, id.whole())}
	part := map[string]string{"get": "_get", "set": "_update"}[verb]
	flow, good := p.keys(e.text("vm"+part), h.scope)
	if !good {
		return nil
	}
	op.Keys = flow
	if v := e.text("vd" + part); v != nil {
		list, good := p.keys(v, h.scope)
		if !good {
			return nil
		}
		op.New = &ast.Key{Place: ast.At(v.whole()), Parts: list}
	}
	if by = p.amounts[id.text]; by != nil && verb == "set" {
		if op.By = p.value(by, h.scope); op.By == nil {
			return nil
		}
	}
	return &ast.OpAction{Place: ast.At(e.span), Verb: verb, Ops: []*ast.MetricOp{op}}
}

// condition reads a <condition>. The last one may be "true": otherwise.
func (p *paper) condition(c *element, h *handling, last bool) ast.Stmt {
	v := p.need(c, "expression")
	var to *ast.Ident
	if next := c.text("next_state"); next != nil {
		if s := find(p.builder, &p.states, next, diag.UnknownState, "state"); s != nil {
			to = ident(s.ident, next.whole())
		}
	}
	actions := p.doing(c, "action", h)
	if v == nil {
		return nil
	}
	x := p.value(v, h.scope)
	if x == nil {
		return nil
	}
	at := ast.At(c.whole())
	if lit, ok := x.(*ast.BoolLit); ok && lit.Value && last {
		return &ast.Otherwise{Place: at, Keyword: "otherwise", To: to, Actions: actions}
	}
	return &ast.When{Place: at, Cond: x, To: to, Actions: actions}
}

// doing reads the actions of an attribute, then the timeouts that are set beside it.
func (p *paper) doing(e *element, attr string, h *handling) (out []ast.Action) {
	if v := e.text(attr); v != nil {
		for _, part := range statements(v) {
			if begins(part.text) {
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
		if repeats = v.text == "yes"; !repeats && v.text != "no" {
			p.errorf(diag.BadValue, v.whole(), "repeat %q is neither yes nor no", v.text)
		}
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
