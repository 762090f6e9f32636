package xmlformat

import (
	"slices"
	"strings"

	"github.com/streamon/streamon/lang/ast"
)

// event is an event that is being written.
type event struct {
	decl   *ast.EventDecl
	el     *element
	entity *ast.EntityDecl // nil if the dialect cannot say what it is about
	fields []string        // of the dialect that the entity is in it, see keyFields
	scope  *scope          // of its handlers
}

// head writes all of an event but its states.
func (w *writer) head(ev *event) {
	d := ev.decl
	ev.el = &element{name: "event", from: []ast.Node{d}}
	ev.scope = &scope{}
	e := ev.el
	switch t := d.Trigger.(type) {
	case *ast.PacketTrigger:
		e.set("type", "packet")
		e.set("name", d.Name.Name)
		if t.For == nil {
			w.refuse(d, "in XML an event has to have an entity").Hintf("for host = ip.src")
			return
		}
		w.about(ev, t.For.Entity)
		if t.Where != nil {
			if text, proto, ok := w.selector(t.Where); ok {
				e.set("selector", text)
				ev.scope.proto = proto
			} else {
				e.set("where", w.condition(t.Where, nil))
			}
		}
		key := w.key(t.For.Key.Parts, &scope{proto: ev.scope.proto})
		e.set("primary-key", key)
		ev.fields = keyFields(key, ev.entity)
		ev.know()
	case *ast.TimeoutTrigger:
		e.set("type", "timeout")
		e.set("class", d.Name.Name)
		w.about(ev, t.Entity)
	case *ast.EveryTrigger:
		w.refuse(d, "the dialect has no clock of the program")
	}
}

// about says what an event is about, if there is a choice.
func (w *writer) about(ev *event, id *ast.Ident) {
	ev.entity = w.entities[id.Name]
	if len(w.entities) > 1 {
		ev.el.set("entity", id.Name)
	}
}

// keyFields returns the fields of the dialect that a key is made of, "" for parts
// that are none; nil if the reader does not know them as parts of the entity.
func keyFields(key string, e *ast.EntityDecl) (out []string) {
	if e == nil {
		return nil
	}
	named := true
	for _, f := range e.Fields {
		named = named && f.Name != nil
	}
	for _, p := range strings.Split(key, "-") {
		if p = strings.TrimSpace(p); !isDialect(p) {
			p = ""
		}
		out = append(out, p)
	}
	if len(out) != len(e.Fields) || len(out) > 1 && !named {
		return nil
	}
	return out
}

// know notes what the entity is written as in the handlers of an event.
func (ev *event) know() {
	ev.scope.keys, ev.scope.entity = map[string]bool{}, map[string]string{}
	for i, f := range ev.fields {
		if f == "" || isText(f) {
			continue
		}
		ev.scope.keys[f] = true
		part := ev.entity.Name.Name
		if len(ev.fields) > 1 {
			part += "." + ev.entity.Fields[i].Name.Name
		}
		if last := lastIndex(ev.fields, f); last == i {
			ev.scope.entity[part] = f
		}
	}
}

func lastIndex(list []string, s string) int {
	for i := len(list) - 1; i >= 0; i-- {
		if list[i] == s {
			return i
		}
	}
	return -1
}

// timeoutKey gives a timeout the key of the packet events of its entity, if they all
// have the same, as the reader does.
func (w *writer) timeoutKey(ev *event) {
	if _, isTimeout := ev.decl.Trigger.(*ast.TimeoutTrigger); !isTimeout || ev.entity == nil {
		return
	}
	first := true
	for _, p := range w.events {
		if _, isPacket := p.decl.Trigger.(*ast.PacketTrigger); !isPacket || p.entity != ev.entity {
			continue
		}
		if !first && !slices.Equal(p.fields, ev.fields) {
			ev.fields = nil
			break
		}
		ev.fields, first = p.fields, false
	}
	ev.know()
}

// own returns the key that the entity of an event is.
func (ev *event) own() string {
	if ev.entity == nil {
		return ""
	}
	name := ev.entity.Name.Name
	if f := ev.scope.entity[name]; f != "" {
		return f
	}
	return name
}

// event writes the states of an event with what is done in them.
func (w *writer) event(ev *event) *element {
	all := w.byEvent[ev.decl.Name.Name]
	for _, s := range w.states {
		var list []*ast.Handler
		for _, h := range all {
			if len(h.states) == 0 || slices.Contains(h.states, s.name) {
				list = append(list, h.Handler)
			}
		}
		if len(list) == 0 {
			continue
		}
		if w.elements > maxElements { // every state repeats what "in any" says
			w.refuse(w.file.Program, "in XML this takes more than %d elements", maxElements)
			break
		}
		e := w.state(ev, s, list)
		w.elements += 1 + len(e.children)
		ev.el.add(e)
	}
	return ev.el
}

// state writes handlers that run as one: their operations, their conditions up to
// the first otherwise, then what runs always.
func (w *writer) state(ev *event, s *state, list []*ast.Handler) *element {
	e := &element{name: "state"}
	e.set("id", s.name)
	var always []ast.Action
	var from []ast.Node
	var conditions []*element
	ends := false
	for _, h := range list {
		e.from = append(e.from, h)
		for _, st := range h.Body {
			switch st := st.(type) {
			case *ast.OpAction:
				for _, op := range st.Ops {
					e.add(w.use(ev, st, op))
				}
			case *ast.When:
				c := w.conditional(ev, st, w.condition(st.Cond, ev.scope), st.To, st.Actions)
				if !ends {
					conditions = append(conditions, c)
				}
			case *ast.Otherwise:
				c := w.conditional(ev, st, "otherwise", st.To, st.Actions)
				if !ends {
					conditions = append(conditions, c)
				}
				ends = true
			case *ast.Always:
				always, from = append(always, st.Actions...), append(from, st)
			case ast.Action:
				always = append(always, st)
			}
		}
	}
	for _, c := range conditions {
		e.add(c)
	}
	if len(always) > 0 {
		post := &element{name: "post-condition-action", from: from}
		for _, a := range always {
			post.from = append(post.from, a)
		}
		w.actions(ev, post, "do", always)
		e.add(post)
	}
	return e
}

// use writes an operation that runs before the conditions.
func (w *writer) use(ev *event, st *ast.OpAction, op *ast.MetricOp) *element {
	e := &element{name: "use-metric", from: []ast.Node{st}}
	e.set("id", op.Metric.Name)
	vm, vd := "vm_update", "vd_update"
	if st.Verb == "get" {
		vm, vd = "vm_get", "vd_get"
	}
	if op.New != nil {
		e.set(vd, w.key(op.New.Parts, ev.scope))
	}
	if len(op.Keys) > 0 {
		e.set(vm, w.key(op.Keys, ev.scope))
	} else if op.New == nil {
		e.set(vm, "null")
	}
	if op.By != nil {
		e.set("by", w.value(op.By, ev.scope))
	}
	return e
}

// conditional writes a condition with what it causes.
func (w *writer) conditional(ev *event, n ast.Node, text string, to *ast.Ident, actions []ast.Action) *element {
	e := &element{name: "condition", from: []ast.Node{n}}
	e.set("expression", text)
	for _, a := range actions {
		e.from = append(e.from, a)
	}
	w.actions(ev, e, "action", actions)
	if to != nil {
		e.set("next_state", to.Name)
	}
	return e
}
