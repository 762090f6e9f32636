package xmlformat

import (
	"fmt"
	"strings"

	"github.com/streamon/streamon/lang/ast"
)

// actions writes actions: timeouts that come first as elements, as the dialect runs
// them first, all others into an attribute.
func (w *writer) actions(ev *event, e *element, name string, list []ast.Action) {
	for len(list) > 0 {
		t := w.timeout(ev, list[0])
		if t == nil {
			break
		}
		e.add(t)
		list = list[1:]
	}
	var texts []string
	for _, a := range list {
		texts = append(texts, w.action(ev, a)...)
	}
	if len(texts) > 0 {
		e.set(name, strings.Join(texts, ";"))
	}
}

// timeout writes a <timeout_set>; nil if the action is no timeout.
func (w *writer) timeout(ev *event, a ast.Action) *element {
	e := &element{name: "timeout_set", from: []ast.Node{a}}
	switch a := a.(type) {
	case *ast.StartAction:
		e.set("class", a.Event.Name)
		e.set("key", ev.own())
		if a.Every != nil {
			e.set("value", w.seconds(a.Every, ev.scope))
		} else {
			e.set("after", w.seconds(a.After, ev.scope))
		}
		if a.Keep {
			e.set("keep", "yes")
		}
		return e
	case *ast.StopAction:
		e.set("class", a.Event.Name)
		e.set("key", ev.own())
		e.set("value", "0")
		return e
	}
	return nil
}

// action returns an action as text, or several for one that does several things.
func (w *writer) action(ev *event, a ast.Action) []string {
	s := ev.scope
	switch a := a.(type) {
	case *ast.OpAction:
		var out []string
		for _, op := range a.Ops {
			out = append(out, op.Metric.Name+"."+a.Verb+"("+w.operation(op, s)+")")
		}
		return out
	case *ast.ResetAction:
		if w.tables[a.Metric.Name] {
			return []string{a.Metric.Name + ".reset"}
		}
		return []string{a.Metric.Name + ".reset(" + w.key(a.Keys, s) + ")"}
	case *ast.AssignAction:
		return []string{w.assign(a, s)}
	case *ast.DeleteAction:
		return []string{a.Table.Name + ".delete(" + w.key(a.Keys, s) + ")"}
	case *ast.AlertAction:
		if a.Level == nil {
			return []string{"Publish(alert," + w.message(a.Text, s) + ")"}
		}
		return []string{"alert(" + a.Level.Name + "," + w.message(a.Text, s) + ")"}
	case *ast.LogAction:
		return []string{"print(" + w.message(a.Text, s) + ")"}
	case *ast.ExecAction:
		return []string{w.command(a, s)}
	case *ast.PublishAction:
		return []string{w.publish(a, s)}
	case *ast.DropAction:
		return []string{"Drop"}
	case *ast.CaptureAction:
		return []string{"Suspect"}
	case *ast.StartAction:
		return []string{w.start(a, s)}
	case *ast.StopAction:
		return []string{"stop(" + a.Event.Name + ")"}
	case *ast.BlockAction:
		w.refuse(a, "the dialect has no %q", "block").Hintf("Drop is all that it does to packets")
	}
	return nil
}

// operation returns what stands in m.set(…).
func (w *writer) operation(op *ast.MetricOp, s *scope) string {
	text := w.key(op.Keys, s)
	if op.New != nil {
		text += " new " + w.key(op.New.Parts, s)
	}
	if op.By != nil {
		text += " by " + w.value(op.By, s)
	}
	return strings.TrimSpace(text)
}

// start returns a timeout that is set among other actions.
func (w *writer) start(a *ast.StartAction, s *scope) string {
	text := "start(" + a.Event.Name + ","
	x := a.After
	if a.Every != nil {
		text, x = "repeat("+a.Event.Name+",", a.Every
	}
	text += w.seconds(x, s)
	if a.Keep {
		text += ",keep"
	}
	return text + ")"
}

// assign returns an assignment, by the dialect's operators where they say it.
func (w *writer) assign(a *ast.AssignAction, s *scope) string {
	left := a.Table.Name + "(" + w.key(a.Keys, s) + ")"
	if b, ok := a.Value.(*ast.Binary); ok && strings.Contains("+-*/", b.Op.String()) {
		if w.isOld(b.X, left, s) {
			return left + b.Op.String() + "=" + w.value(b.Y, s)
		}
	}
	if i, ok := a.Value.(*ast.Index); ok && w.tables[i.Name.Name] {
		return left + "=" + i.Name.Name + "[" + w.key(i.Keys, s) + "]"
	}
	return left + "=" + w.value(a.Value, s)
}

// isOld reports whether x is default(entry, 0), of the entry that is assigned.
func (w *writer) isOld(x ast.Expr, entry string, s *scope) bool {
	c, ok := x.(*ast.Call)
	if !ok || c.Func.Name != "default" || len(c.Args) != 2 {
		return false
	}
	i, isIndex := c.Args[0].(*ast.Index)
	zero, isInt := c.Args[1].(*ast.IntLit)
	return isIndex && isInt && zero.Value == 0 && i.Name.Name+"("+w.key(i.Keys, s)+")" == entry
}

func (w *writer) publish(a *ast.PublishAction, s *scope) string {
	topic := a.Topic.Name
	if a.Text == nil {
		var fields []string
		for _, f := range a.Fields {
			fields = append(fields, f.Name.Name+"="+w.value(f.Value, s))
		}
		return "fields(" + topic + "," + strings.Join(fields, ",") + ")"
	}
	switch topic {
	case "log", "alert", "raw":
		w.refuse(a.Topic, "in XML %q is no topic like others", topic).Hintf("give it another name")
	}
	return "Publish(" + topic + "," + w.message(a.Text, s) + ")"
}

// message returns the text of an action: values are "%name" where that prints what
// the program says, else "%{value:format}".
func (w *writer) message(m *ast.StringLit, s *scope) string {
	var b strings.Builder
	for i, p := range m.Parts {
		if p.Expr == nil {
			b.WriteString(w.escapeText(m, p.Text, "%;"))
			continue
		}
		next := ""
		if i+1 < len(m.Parts) {
			next = m.Parts[i+1].Text
			if m.Parts[i+1].Expr != nil {
				next = " "
			}
		}
		if v := w.variable(p, s); v != "" && (next == "" || !strings.Contains(wordBytes+".-", next[:1])) {
			b.WriteString("%" + v)
			continue
		}
		inner := *s
		inner.inText = true
		text := w.value(p.Expr, &inner)
		if p.Format != "" {
			text += ":" + p.Format
		}
		b.WriteString("%{" + text + "}")
	}
	return b.String()
}

const wordBytes = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_"

// variable returns the name of the dialect that prints a value, or "".
func (w *writer) variable(p *ast.StringPart, s *scope) string {
	n, ok := p.Expr.(*ast.Name)
	switch {
	case !ok:
		return ""
	case p.Format == ".6f" && w.features[n.Name]:
		if reserved(n.Name) {
			return ""
		}
		return n.Name
	case p.Format != "":
		return ""
	case n.Name == "now" && !w.declared["now"]:
		return "ts"
	}
	if text := w.name(n, s); isDialect(text) && !w.declared[text] {
		return text
	}
	return ""
}

// reserved reports whether a variable of that name is another one.
func reserved(name string) bool {
	for _, word := range []string{"ts", "client", "state"} {
		if strings.HasPrefix(name, word) {
			return true
		}
	}
	return false
}

// escapeText returns text as it stands in an attribute that has escapes: control
// characters cannot stand in XML, and special ones mean something else there: ";"
// would end an action, "%" begin a value.
func (w *writer) escapeText(at ast.Node, text, special string) string {
	if !isXML(text, allControls) {
		w.refuse(at, "a character of this text cannot stand in XML")
	}
	var b strings.Builder
	for _, r := range text {
		switch {
		case r == '\\':
			b.WriteString(`\\`)
		case r == '%' && special != "":
			b.WriteString(`\%`)
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\t':
			b.WriteString(`\t`)
		case r == '\r':
			b.WriteString(`\r`)
		case strings.ContainsRune(special, r) || r < ' ' || r == 0x7f:
			fmt.Fprintf(&b, `\x%02X`, r)
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

const allControls = "\x00\x01\x02\x03\x04\x05\x06\x07\x08\t\n\x0b\x0c\r\x0e\x0f\x10\x11\x12\x13\x14\x15\x16\x17\x18\x19\x1a\x1b\x1c\x1d\x1e\x1f"
