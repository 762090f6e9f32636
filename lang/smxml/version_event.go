package smxml

import (
	"slices"
	"strings"

	"github.com/streamon/streamon/lang/ast"
	"github.com/streamon/streamon/lang/diag"
	"github.com/streamon/streamon/lang/source"
)

// eventsTwo reads all events with their handlers, in the order in which they
// stand, and returns their declarations.
func (b *builder) eventsTwo() (out []ast.Decl) {
	b.checkMatch()
	var all []*event
	for _, e := range b.eventElements {
		ev := &event{el: e}
		for _, c := range e.children {
			if c.name == "state" {
				ev.states = append(ev.states, c)
			}
		}
		if d := b.eventTwo(ev); d != nil {
			out = append(out, d)
			all = append(all, ev)
		}
	}
	for _, ev := range all {
		b.eventHandlers(ev, ev.ident, handling{b: b, scope: &ev.scope, isTimeout: ev.isTimeout})
	}
	return out
}

// eventTwo reads the head of an event; nil after an error.
func (b *builder) eventTwo(ev *event) ast.Decl {
	e := ev.el
	typ := b.need(e, "type")
	if typ == nil {
		return nil
	}
	ev.scope.entity = b.entityOf(e)
	if ev.scope.entity == nil {
		return nil
	}
	d := &ast.EventDecl{Place: ast.At(e.span)}
	switch typ.text {
	case "timeout":
		ev.isTimeout = true
		ev.ident = "timeout"
		if v := e.text("class"); v != nil {
			ev.class, ev.ident = v.text, v.text
		}
		d.Trigger = &ast.TimeoutTrigger{Place: ast.At(e.span), Entity: ident(ev.scope.entity.ident, e.tag)}
		for _, n := range []string{"selector", "where"} {
			if v := e.text(n); v != nil {
				b.warnf(diag.DeadPart, v.whole(), "the %s of a timeout event does nothing", n)
			}
		}
		b.timeoutScope(ev)
	case "packet":
		t := b.packetTwo(ev)
		if t == nil {
			return nil
		}
		d.Trigger = t
	default:
		b.errorf(diag.BadValue, typ.whole(), "unknown type of event %q", typ.text).
			Suggest(b.near(typ.text, []string{"packet", "timeout"})).Note(source.Span{}, "it is packet or timeout")
		return nil
	}
	at := e.tag
	if v := e.text("name"); v != nil {
		ev.ident, at = v.text, v.whole()
	}
	if b.eventNames[ev.ident] > 0 {
		b.errorf(diag.Redeclared, at, "event %q is declared twice", ev.ident).Hintf("events have a name, timeouts a class")
		return nil
	}
	b.eventNames[ev.ident] = 1
	if ev.isTimeout {
		b.timeouts.add(ev.ident, ev)
	}
	d.Name = ident(ev.ident, at)
	return d
}

// entityOf is what an event is about: what it says, or the only entity there is.
func (b *builder) entityOf(e *element) *entity {
	if v := e.text("entity"); v != nil {
		return find(b, &b.entities, v, diag.UnknownName, "entity")
	}
	if len(b.entities.list) > 1 {
		b.errorf(diag.MissingAttribute, e.tag, `<event> needs the attribute "entity"`).Hintf("the program has several")
		return nil
	}
	return b.entities.list[0]
}

// packetTwo reads what a packet event matches and where its entity stands.
func (b *builder) packetTwo(ev *event) *ast.PacketTrigger {
	e := ev.el
	t := &ast.PacketTrigger{Place: ast.At(e.span)}
	sel := b.selector(e.text("selector"))
	if sel != nil {
		t.Where = b.where(sel)
		ev.scope.proto = sel.protocol()
	}
	if v := e.text("where"); v != nil {
		if sel != nil {
			b.errorf(diag.BadValue, v.whole(), "an event has a selector or where, not both")
		}
		t.Where = b.condition(v, &scope{})
	}
	ev.ident = eventName(sel)
	v := b.need(e, "primary-key")
	if v == nil {
		return nil
	}
	parts, good := b.keyTwo(v, &scope{proto: ev.scope.proto})
	if !good {
		return nil
	}
	if len(parts) == 0 {
		b.errorf(diag.BadValue, v.whole(), "an event needs a primary-key").Hintf("without one there is no state to keep")
		return nil
	}
	t.For = &ast.Binding{Place: ast.At(e.span), Entity: ident(ev.scope.entity.ident, e.tag), Key: &ast.Key{Place: ast.At(v.whole()), Parts: parts}}
	ev.scope.key = keyNames(v, ev.scope.entity)
	return t
}

// keyNames are the fields of the dialect that an entity is in an event, "" for
// parts that are none; nil if its parts have no names.
func keyNames(v *value, e *entity) (out []string) {
	for _, p := range split(v, "-") {
		p = p.trim()
		if lookup(p.text) == nil {
			p.text = ""
		}
		out = append(out, p.text)
	}
	if len(out) != e.size || e.size > 1 && len(e.fields) != e.size {
		return nil
	}
	return out
}

// timeoutScope gives a timeout the key of the packet events of its entity, if they
// all have the same.
func (b *builder) timeoutScope(ev *event) {
	first := true
	for _, e := range b.eventElements {
		typ, v := e.text("type"), e.text("primary-key")
		if typ == nil || typ.text != "packet" || v == nil || b.quietEntity(e) != ev.scope.entity {
			continue
		}
		key := keyNames(v, ev.scope.entity)
		if !first && !slices.Equal(key, ev.scope.key) {
			ev.scope.key = nil
			return
		}
		ev.scope.key, first = key, false
	}
}

// quietEntity is entityOf without diagnostics.
func (b *builder) quietEntity(e *element) *entity {
	if v := e.text("entity"); v != nil {
		return b.entities.byName[v.text]
	}
	return b.entities.list[0]
}

// bodyTwo reads a <state> of an event.
func (b *builder) bodyTwo(e *element, h *handling) (out []ast.Stmt) {
	for _, n := range []string{"code", "level", "description"} {
		if v := e.text(n); v != nil {
			b.elsewhere(v, n, "<statedef>")
		}
	}
	for _, c := range e.children {
		switch c.name {
		case "use-metric":
			for _, op := range b.useTwo(c, h) {
				out = addOperation(out, op)
			}
		case "condition":
			if s := b.conditionTwo(c, h); s != nil {
				out = append(out, s)
			}
		}
	}
	if post := b.only(e, "post-condition-action"); post != nil {
		always := append(b.timeoutsTwo(post, h), b.actions(post.text("do"), h)...)
		if len(always) > 0 {
			out = append(out, &ast.Always{Place: ast.At(post.whole()), Actions: always})
		}
	}
	return out
}

// addOperation adds an operation; it joins the one before if both are short.
func addOperation(list []ast.Stmt, a *ast.OpAction) []ast.Stmt {
	if n := len(list); n > 0 {
		if last, ok := list[n-1].(*ast.OpAction); ok && last.Verb == a.Verb && isShort(last) && isShort(a) {
			last.Ops = append(last.Ops, a.Ops...)
			return list
		}
	}
	return append(list, a)
}

// conditionTwo reads a <condition>; "otherwise" is what holds if none did.
func (b *builder) conditionTwo(c *element, h *handling) ast.Stmt {
	v := b.need(c, "expression")
	var to *ast.Ident
	if next := c.text("next_state"); next != nil {
		if t := find(b, &b.states, next, diag.UnknownState, "state"); t != nil {
			to = ident(t.ident, next.whole())
		}
	}
	actions := append(b.timeoutsTwo(c, h), b.actions(c.text("action"), h)...)
	at := ast.At(c.whole())
	if v == nil {
		return nil
	}
	if v.text == "otherwise" {
		return &ast.Otherwise{Place: at, Keyword: "otherwise", To: to, Actions: actions}
	}
	x := b.condition(v, h.scope)
	if x == nil {
		return nil
	}
	return &ast.When{Place: at, Cond: x, To: to, Actions: actions}
}

// useTwo reads a <use-metric>: what is set, then what is got.
func (b *builder) useTwo(e *element, h *handling) (out []*ast.OpAction) {
	id := b.need(e, "id")
	if id == nil || find(b, &b.metrics, id, diag.UnknownMetric, "metric") == nil {
		return nil
	}
	read := func(names ...string) (keys []ast.Expr, v *value) {
		for _, n := range names {
			if v = e.text(n); v != nil {
				keys, _ = b.keyTwo(v, h.scope)
				return keys, v
			}
		}
		return nil, nil
	}
	add := func(verb string, flow, distinct []ast.Expr, v *value) *ast.MetricOp {
		op := &ast.MetricOp{Place: ast.At(e.span), Metric: ident(id.text, id.whole()), Keys: flow}
		if len(distinct) > 0 {
			op.New = &ast.Key{Place: ast.At(v.whole()), Parts: distinct}
		}
		out = append(out, &ast.OpAction{Place: ast.At(e.span), Verb: verb, Ops: []*ast.MetricOp{op}})
		return op
	}
	flow, fv := read("vm_update", "vm_set")
	distinct, dv := read("vd_update", "vd_set")
	if fv != nil || dv != nil {
		op := add("set", flow, distinct, dv)
		if v := e.text("by"); v != nil {
			op.By = b.expr(v, h.scope)
		}
	}
	flow, fv = read("vm_get")
	distinct, dv = read("vd_get")
	if fv != nil || dv != nil {
		add("get", flow, distinct, dv)
	}
	if len(out) == 0 {
		b.errorf(diag.MissingAttribute, e.tag, "<use-metric> does nothing").Hintf("write vm_update, vm_get, vd_update or vd_get")
	}
	return out
}

// timeoutsTwo reads the <timeout_set>s of a condition or of what comes after all.
func (b *builder) timeoutsTwo(e *element, h *handling) (out []ast.Action) {
	for _, c := range e.children {
		if c.name != "timeout_set" {
			continue
		}
		class, at := "timeout", c.tag
		if v := c.text("class"); v != nil {
			class, at = v.text, v.whole()
		}
		b.timeoutKeyTwo(c, h)
		every, after := c.text("value"), c.text("after")
		switch {
		case every != nil && after != nil:
			b.errorf(diag.BadValue, after.whole(), "a timeout has a value or after, not both").
				Note(every.whole(), "value repeats every so many seconds")
		case every == nil && after == nil, after == nil && every.text == "0":
			out = append(out, &ast.StopAction{Place: ast.At(c.span), Event: b.timeoutName(class, at)})
		default:
			a := &ast.StartAction{Place: ast.At(c.span), Event: b.timeoutName(class, at), Keep: b.keepTwo(c)}
			if every != nil {
				a.Every = b.timeTwo(every, h)
			} else {
				a.After = b.timeTwo(after, h)
			}
			if a.Every != nil || a.After != nil {
				out = append(out, a)
			}
		}
	}
	return out
}

// timeTwo reads how long a timeout takes: seconds, or a duration.
func (b *builder) timeTwo(v *value, h *handling) ast.Expr {
	if strings.Trim(v.text, "0123456789.") == "" {
		return b.duration(v)
	}
	return b.expr(v, h.scope)
}

func (b *builder) keepTwo(e *element) bool {
	v := e.text("keep")
	if v != nil && v.text != "yes" && v.text != "no" {
		b.errorf(diag.BadValue, v.whole(), "keep is %q", v.text).Note(source.Span{}, "it is yes or no")
	}
	return v != nil && v.text == "yes"
}

// timeoutName is the name of a timeout event. Those of any entity will do here: the
// checker knows what may start which.
func (b *builder) timeoutName(class string, at source.Span) *ast.Ident {
	if b.timeouts.byName[class] == nil {
		b.errorf(diag.UnknownEvent, at, "unknown timeout class %q", class).Suggest(b.near(class, b.timeouts.names))
	}
	return ident(class, at)
}

// timeoutKeyTwo warns of a key that is not that of the state.
func (b *builder) timeoutKeyTwo(c *element, h *handling) {
	v := c.text("key")
	if v == nil {
		return
	}
	keys, good := b.keyTwo(v, h.scope)
	if !good {
		return
	}
	same := len(keys) == 1 && isName(keys[0], h.entity.ident)
	if !same && len(keys) == len(h.entity.fields) {
		same = true
		for i, k := range keys {
			same = same && isName(k, h.entity.part(i))
		}
	}
	if !same {
		b.warnf(diag.TimeoutKey, v.whole(), "the timeout is kept for the entity %q, not for %s", h.entity.ident, v.text).
			Hintf("a timeout belongs to the key of its event")
	}
}

func isName(x ast.Expr, name string) bool {
	n, ok := x.(*ast.Name)
	return ok && n.Name == name
}
