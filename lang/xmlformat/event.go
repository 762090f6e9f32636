package xmlformat

import (
	"strings"

	"github.com/streamon/streamon/lang/ast"
)

// words are the fields of primary keys that the dialect has a word for, whatever
// packet they are in.
var words = map[string]string{
	"ip.src": "ip_src", "ip.dst": "ip_dst", "dns.qry.name": "domain_name", "dns.domain": "domain_second_level",
	"http.host": "http_host", "http.uri": "http_url",
}

// event writes an event with all that is done about it.
func (w *writer) event(d *ast.EventDecl) {
	e := newElement("event", d)
	w.groups[events] = append(w.groups[events], e)
	switch t := d.Trigger.(type) {
	case *ast.PacketTrigger:
		e.set("name", d.Name.Name)
		e.set("type", "packet")
		if t.Where != nil {
			e.set("selector", w.text.Expr(t.Where))
		}
		if t.For != nil {
			w.about(e, t.For.Entity)
			e.set("primary-key", w.primaryKey(t.For.Key))
		}
	case *ast.TimeoutTrigger:
		e.set("type", "timeout")
		e.set("class", d.Name.Name)
		w.about(e, t.Entity)
	case *ast.EveryTrigger:
		e.set("type", "timeout")
		e.set("class", d.Name.Name)
		e.set("every", w.text.Expr(t.Period))
	}
	for _, h := range w.handlers[d.Name.Name] {
		if w.size > enough {
			return
		}
		c := w.state(h)
		w.size += c.size()
		e.children = append(e.children, c)
	}
}

// about says what an event is about, if there is a choice.
func (w *writer) about(e *element, id *ast.Ident) {
	if w.isMany {
		e.set("entity", id.Name)
	}
}

// primaryKey returns where an entity stands, in words if there is one for each part.
func (w *writer) primaryKey(k *ast.Key) string {
	var list []string
	for _, x := range k.Parts {
		word := words[w.text.Expr(x)]
		if word == "" || w.declared[word] {
			return w.key(k.Parts)
		}
		list = append(list, word)
	}
	return strings.Join(list, "-")
}

// key returns a key; without any parts it is "null".
func (w *writer) key(parts []ast.Expr) string {
	var list []string
	for _, x := range parts {
		list = append(list, w.text.Expr(x))
	}
	switch text := strings.Join(list, ", "); text {
	case "":
		return "null"
	case "null": // a value of that name
		return "(null)"
	default:
		return text
	}
}

// state writes what handlers do in their states.
func (w *writer) state(h handling) *element {
	e := newElement("state", nil)
	e.set("id", h.states)
	var body []ast.Stmt
	for _, one := range h.handlers {
		e.from, body = append(e.from, one), append(body, one.Body...)
	}
	var conditions []*element
	post := newElement("post-condition-action", nil)
	var always []ast.Action
	for _, st := range body {
		switch st := st.(type) {
		case *ast.OpAction:
			for _, op := range st.Ops {
				e.children = append(e.children, w.use(st, op))
			}
		case *ast.When:
			text := w.text.Expr(st.Cond)
			if text == "true" { // alone it is otherwise
				text = "(true)"
			}
			conditions = append(conditions, w.condition(st, text, st.To, st.Actions))
		case *ast.Otherwise:
			conditions = append(conditions, w.condition(st, "true", st.To, st.Actions))
		case *ast.Always:
			post.from, always = append(post.from, st), append(always, st.Actions...)
		case ast.Action:
			always = append(always, st)
		}
	}
	e.children = append(e.children, conditions...)
	if len(always) > 0 {
		w.actions(post, "do", always)
		e.children = append(e.children, post)
	}
	return e
}

// use writes an operation.
func (w *writer) use(st *ast.OpAction, op *ast.MetricOp) *element {
	e := newElement("use-metric", st)
	e.set("id", op.Metric.Name)
	verb := "update"
	if st.Verb == "get" {
		verb = "get"
	}
	if op.New != nil {
		e.set("vd_"+verb, w.key(op.New.Parts))
	}
	if op.New == nil || len(op.Keys) > 0 {
		e.set("vm_"+verb, w.key(op.Keys))
	}
	if op.By != nil {
		e.set("by", w.text.Expr(op.By))
	}
	return e
}

// condition writes a condition with what it causes.
func (w *writer) condition(n ast.Stmt, text string, to *ast.Ident, actions []ast.Action) *element {
	e := newElement("condition", n)
	e.set("expression", text)
	if to != nil {
		e.set("next_state", to.Name)
	}
	w.actions(e, "action", actions)
	return e
}

// actions writes actions into an attribute; timeouts that come last are elements, as
// in the dialect.
func (w *writer) actions(e *element, attr string, list []ast.Action) {
	n := len(list)
	for n > 0 && timeout(list[n-1]) {
		n--
	}
	var texts []string
	for _, a := range list[:n] {
		e.from = append(e.from, a)
		texts = append(texts, w.text.Action(a))
	}
	if len(texts) > 0 {
		e.set(attr, strings.Join(texts, "; "))
	}
	for _, a := range list[n:] {
		e.children = append(e.children, w.timeoutSet(a))
	}
}

// timeout reports whether an action can be a <timeout_set>.
func timeout(a ast.Action) bool {
	switch a := a.(type) {
	case *ast.StartAction:
		return !a.Keep
	case *ast.StopAction:
		return true
	}
	return false
}

func (w *writer) timeoutSet(a ast.Action) *element {
	e := newElement("timeout_set", a)
	switch a := a.(type) {
	case *ast.StartAction:
		e.set("class", a.Event.Name)
		if a.Every != nil {
			e.set("value", w.text.Expr(a.Every))
			break
		}
		e.set("value", w.text.Expr(a.After))
		e.set("repeat", "no")
	case *ast.StopAction:
		e.set("class", a.Event.Name)
		e.set("value", "0")
	}
	return e
}
