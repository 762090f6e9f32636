package smxml

import (
	"reflect"

	"github.com/streamon/streamon/lang/ast"
	"github.com/streamon/streamon/lang/diag"
)

// handlers reads what is done about each event in each state.
func (b *builder) handlers() {
	for _, ev := range b.packets {
		b.stateTexts(ev)
	}
	for _, ev := range b.packets {
		if !ev.good {
			continue
		}
		h := handling{b: b, scope: &ev.scope}
		b.eventHandlers(ev, ev.ident, h)
	}
	for _, t := range b.timeouts.list {
		for _, v := range t.variants {
			b.eventHandlers(t, v.ident, handling{b: b, scope: &v.scope, isTimeout: true, variant: v})
		}
	}
}

// stateTexts takes code, level and description of each state from the first
// packet event that has them.
func (b *builder) stateTexts(ev *event) {
	for _, e := range ev.states {
		id := b.need(e, "id")
		if id == nil {
			continue
		}
		s := find(b, &b.states, id, diag.UnknownState, "state")
		if s == nil {
			continue
		}
		take := func(to **value, name string) {
			if v := e.text(name); v != nil && *to == nil {
				*to = v
			}
		}
		take(&s.code, "code")
		take(&s.level, "level")
		take(&s.text, "description")
	}
}

// eventHandlers reads the states of an event and puts each handler where it
// belongs: with others that are alike, or into its state.
func (b *builder) eventHandlers(ev *event, eventName string, h handling) {
	var all []*done
	seen := map[*state]bool{}
	for _, e := range ev.states {
		id := b.need(e, "id")
		if id == nil {
			continue
		}
		s := find(b, &b.states, id, diag.UnknownState, "state")
		if s == nil {
			continue
		}
		if seen[s] {
			b.errorf(diag.Redeclared, e.span, "state %q stands twice in this event", id.text)
			continue
		}
		seen[s] = true
		hs := h
		hs.code, hs.level, hs.text = e.text("code"), e.text("level"), e.text("description")
		if ev.isTimeout || hs.code == nil && hs.level == nil && hs.text == nil {
			hs.code, hs.level, hs.text = s.code, s.level, s.text
		}
		own := *h.scope
		hs.scope = &own
		hd := &ast.Handler{Place: ast.At(e.whole()), Events: []*ast.Ident{ident(eventName, ev.el.tag)}, Body: b.body(e, s, &hs)}
		isNew := true
		for _, d := range all {
			if same(reflect.ValueOf(d.handler.Body), reflect.ValueOf(hd.Body)) {
				d.states, isNew = append(d.states, s), false
				break
			}
		}
		if isNew {
			all = append(all, &done{[]*state{s}, hd})
		}
	}
	for _, d := range b.hoist(all) {
		if len(d.states) > 1 {
			b.shared = append(b.shared, shared{b.inOrder(d.states), d.handler})
			continue
		}
		d.states[0].handlers = append(d.states[0].handlers, d.handler)
	}
}

// done is a handler with the states that it is for.
type done struct {
	states  []*state
	handler *ast.Handler
}

// hoist takes the operations that handlers of one event begin with alike, and
// makes a handler of them for all their states. It comes first.
func (b *builder) hoist(all []*done) (out []*done) {
	taken := map[*done]bool{}
	for i, d := range all {
		n := leading(d.handler.Body)
		if taken[d] || n == 0 {
			continue
		}
		alike := []*done{d}
		for _, e := range all[i+1:] {
			if m := leading(e.handler.Body); m == n && same(reflect.ValueOf(d.handler.Body[:n]), reflect.ValueOf(e.handler.Body[:n])) {
				alike = append(alike, e)
			}
		}
		if len(alike) < 2 {
			continue
		}
		common := &done{handler: &ast.Handler{Place: d.handler.Place, Events: d.handler.Events, Body: d.handler.Body[:n:n]}}
		for _, e := range alike {
			taken[e] = true
			common.states = append(common.states, e.states...)
			e.handler.Body = e.handler.Body[n:]
		}
		out = append(out, common)
	}
	for _, d := range all {
		if !taken[d] || len(d.handler.Body) > 0 {
			out = append(out, d)
		}
	}
	return out
}

// leading is how many operations a body begins with.
func leading(body []ast.Stmt) int {
	for i, s := range body {
		if _, isOp := s.(*ast.OpAction); !isOp {
			return i
		}
	}
	return len(body)
}

// inOrder returns states in the order of their declarations.
func (b *builder) inOrder(list []*state) (out []*state) {
	for _, s := range b.states.list {
		for _, t := range list {
			if s == t {
				out = append(out, s)
			}
		}
	}
	return out
}

// body reads a <state> of an event.
func (b *builder) body(e *element, s *state, h *handling) []ast.Stmt {
	before, after := b.metricUses(e, h)
	var out []ast.Stmt
	for _, op := range before {
		out = append(out, op)
	}
	var conditions []*element
	for _, c := range e.children {
		if c.name == "condition" {
			conditions = append(conditions, c)
		}
	}
	for i, c := range conditions {
		if st := b.conditionElement(c, s, h, i == len(conditions)-1); st != nil {
			out = append(out, st)
		}
	}
	var always []ast.Action
	if post := b.only(e, "post-condition-action"); post != nil {
		always = b.actions(post.text("do"), h)
		always = append(always, b.timeoutSets(post, h)...)
	}
	for _, op := range after {
		always = append(always, op)
	}
	if len(always) > 0 {
		at := always[0].Span()
		at.End = always[len(always)-1].Span().End
		out = append(out, &ast.Always{Place: ast.At(at), Actions: always})
	}
	return out
}

// metricUses reads the <use-metric>s of a state, in the order in which the
// metrics are declared, as the prototype ran them.
func (b *builder) metricUses(e *element, h *handling) (before, after []*ast.OpAction) {
	uses := map[*metric]*use{}
	for _, c := range e.children {
		if c.name != "use-metric" {
			continue
		}
		if u := b.use(c); u != nil {
			if other := uses[u.metric]; other != nil {
				b.warnf(diag.DeadPart, other.at, "metric %q is used again in this state: the last time counts", c.text("id").text)
			}
			uses[u.metric] = u
		}
	}
	join := func(list []*ast.OpAction, more []*ast.OpAction) []*ast.OpAction {
		for _, a := range more {
			if n := len(list); n > 0 && list[n-1].Verb == a.Verb && isShort(list[n-1]) && isShort(a) {
				list[n-1].Ops = append(list[n-1].Ops, a.Ops...)
				continue
			}
			list = append(list, a)
		}
		return list
	}
	h.constants = map[string]ast.Expr{}
	for _, m := range b.metrics.list {
		u := uses[m]
		if u == nil {
			continue
		}
		o := b.operations(u, h.scope)
		before, after = join(before, o.before), join(after, o.after)
		if o.value != nil {
			h.constants[m.ident] = o.value
		}
	}
	return before, after
}

// isShort reports whether operations may share a line with others.
func isShort(a *ast.OpAction) bool {
	width := 0
	for _, op := range a.Ops {
		if op.New != nil || op.By != nil {
			return false
		}
		width += len(op.Metric.Name) + 8 // a key, as [host]
	}
	return width < 70
}

// conditionElement reads a <condition>.
func (b *builder) conditionElement(c *element, s *state, h *handling, last bool) ast.Stmt {
	v := b.need(c, "expression")
	var to *ast.Ident
	if next := c.text("next_state"); next != nil {
		if t := find(b, &b.states, next, diag.UnknownState, "state"); t != nil {
			to = ident(t.ident, next.whole())
		}
	}
	if to == nil && s.seconds > 0 {
		to = ident(s.ident, c.tag) // a condition that stays lets the state's time begin anew
	}
	actions := append(b.timeoutSets(c, h), b.actions(c.text("action"), h)...)
	if v == nil {
		return nil
	}
	x := b.condition(v, h.scope)
	if x == nil {
		return nil
	}
	at := ast.At(c.whole())
	lit, isFixed := x.(*ast.BoolLit)
	switch {
	case isFixed && lit.Value && last:
		return &ast.Otherwise{Place: at, Keyword: "otherwise", To: to, Actions: actions}
	case isFixed && !lit.Value && c.text("next_state") == nil && len(actions) == 0:
		return nil // it is never true and does nothing: old programs have it where there is only what comes after
	}
	return &ast.When{Place: at, Cond: x, To: to, Actions: actions}
}

// timeoutSets reads the <timeout_set>s of a condition or of what comes after
// them all.
func (b *builder) timeoutSets(e *element, h *handling) (out []ast.Action) {
	for _, c := range e.children {
		if c.name != "timeout_set" {
			continue
		}
		if a := b.timeoutSet(c, h); a != nil {
			out = append(out, a)
		}
	}
	return out
}

func (b *builder) timeoutSet(c *element, h *handling) ast.Action {
	class, at := "", c.tag
	if v := c.text("class"); v != nil {
		class, at = v.text, v.whole()
	}
	t := b.timeouts.byName[class]
	if t == nil {
		b.errorf(diag.UnknownEvent, at, "unknown timeout class %q", class).Suggest(b.near(class, b.timeouts.names))
		return nil
	}
	b.timeoutKey(c, h)
	if h.entity == nil {
		return nil
	}
	v := t.variant(h.entity)
	seconds := c.text("value")
	if v == nil {
		if seconds == nil || seconds.text == "0" { // it can never run for these keys
			return nil
		}
		if len(t.variants) == 0 { // the event that starts it has an error
			return nil
		}
		v = t.variants[0]
	}
	place := ast.At(c.span)
	id := ident(v.ident, at)
	if seconds == nil {
		return &ast.StopAction{Place: place, Event: id}
	}
	x := b.expr(seconds, h.scope)
	if x == nil {
		return nil
	}
	if lit, ok := x.(*ast.IntLit); ok {
		switch {
		case lit.Value == 0:
			return &ast.StopAction{Place: place, Event: id}
		case lit.Value < 0 || lit.Value > maxSeconds:
			b.errorf(diag.BadValue, seconds.whole(), "%q is no number of seconds", seconds.text)
			return nil
		}
		return &ast.StartAction{Place: place, Event: id, Every: duration(lit.Value, seconds.whole())}
	}
	return &ast.StartAction{Place: place, Event: id, Every: binary(ast.Mul, seconds.whole(), x, duration(1, seconds.whole()))}
}

// timeoutKey looks at the key of a timeout, which should be that of the state.
func (b *builder) timeoutKey(c *element, h *handling) {
	v := c.text("key")
	k, good := b.key(v)
	if !good || h.entity == nil {
		return
	}
	if k == nil && h.entity.key == nil {
		return
	}
	if k != nil && sameNames(k.parts, h.scope.key) {
		return
	}
	if h.isTimeout && h.scope.key == nil && k != nil && h.entity.key != nil && k.signature() == h.entity.key.signature() {
		return // the key of either event that may have started it
	}
	at, other := c.tag, "nothing"
	if v != nil {
		at, other = v.whole(), v.text
	}
	b.warnf(diag.TimeoutKey, at, "the timeout is kept for %s, which the state is kept for, not for %s", orElse(joinNames(h), "the program"), other).
		Hintf("a timeout belongs to the key of its event")
}

func joinNames(h *handling) string {
	s := ""
	for i, n := range h.scope.key {
		if i > 0 {
			s += "-"
		}
		s += n
	}
	return s
}
