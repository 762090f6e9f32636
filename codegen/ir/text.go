package ir

import (
	"strconv"
	"strings"

	"github.com/streamon/streamon/lang/types"
)

// String returns the text form of p: declarations first, then each event with
// its bodies, one statement a line. It is complete but for source positions,
// which are left out so that the same program in another syntax reads the same,
// and deterministic. It accepts programs that Verify refuses: a reference to
// nowhere prints as ?n.
//
//	entity server(server ip) capacity 65536 evict
//	metric syns[ip] count tbf(window 60s, memory 240s, capacity 65536, error 0.01)
//	state default
//	state attack level high
//
//	event syn packet for server = ip.dst
//	  where (and (layer tcp) (eq (and.bits tcp.flags 18) 2))
//	  in default, attack
//	    local %0 syns float
//	    %0.syns = set syns [@server]
//	    when (gt %0.syns $threshold) -> attack
//	      reads rate = %0.syns
//	      alert high "flood on " @server
func (p *Program) String() string {
	w := &writer{p: p}
	w.program()
	return w.b.String()
}

// writer builds the text form; event is the one being printed, for the names of
// entity fields.
type writer struct {
	p      *Program
	event  *Event
	b      strings.Builder
	indent int
}

// line writes one line from its words; empty words are left out.
func (w *writer) line(words ...string) {
	for range w.indent {
		w.b.WriteString("  ")
	}
	space := false
	for _, word := range words {
		if word == "" {
			continue
		}
		if space {
			w.b.WriteByte(' ')
		}
		w.b.WriteString(word)
		space = true
	}
	w.b.WriteByte('\n')
}

// optional returns "name text", or nothing if text is empty.
func optional(name, text string) string {
	if text == "" {
		return ""
	}
	return name + " " + text
}

// quoted returns s quoted, or nothing if it is empty.
func quoted(s string) string {
	if s == "" {
		return ""
	}
	return strconv.Quote(s)
}

func (w *writer) program() {
	p := w.p
	first := ""
	if p.MatchFirst {
		first = "match first"
	}
	w.line("program", p.Name, first, quoted(p.Doc))
	if p.File != "" {
		w.line("file", quoted(p.File))
	}
	for _, d := range p.Params {
		w.line("param", d.Name, d.Type.String(), "=", constText(d.Def))
	}
	for _, d := range p.Lists {
		text := ""
		if d.File != "" {
			text = "file " + strconv.Quote(d.File) + " " + strconv.Quote(d.Text)
		}
		w.line("list", d.Name, text, setText(d.Items))
	}
	for _, d := range p.Entities {
		fields := make([]string, len(d.Fields))
		for i, f := range d.Fields {
			fields[i] = f.Name + " " + f.Type.String()
		}
		w.line("entity", d.Name+"("+strings.Join(fields, ", ")+")", "capacity", strconv.Itoa(d.Capacity), d.Full.String())
	}
	for _, d := range p.Metrics {
		w.metric(d)
	}
	for _, d := range p.Tables {
		w.line("table", d.Name+typesText(d.Key), d.Value.String(), "capacity", strconv.Itoa(d.Capacity), d.Full.String())
	}
	for _, d := range p.States {
		leave := ""
		if d.For != nil {
			leave = "for " + w.expr(d.For) + " then " + w.stateName(d.Next)
			if d.Lazy {
				leave = "for " + w.expr(d.For) + " lazy then " + w.stateName(d.Next)
			}
		}
		w.line("state", d.Name, leave, optional("level", d.Level), optional("code", quoted(d.Code)), quoted(d.Doc))
	}
	for _, e := range p.Events {
		w.b.WriteByte('\n')
		w.writeEvent(e)
	}
}

func typesText(list []types.Type) string {
	names := make([]string, len(list))
	for i, t := range list {
		names[i] = t.String()
	}
	return "[" + strings.Join(names, ", ") + "]"
}

func (w *writer) metric(d *Metric) {
	key, distinct := "", ""
	if len(d.Key) > 0 {
		key = typesText(d.Key)
	}
	if len(d.Distinct) > 0 {
		distinct = "new " + typesText(d.Distinct)
	}
	w.line("metric", d.Name+key, distinct, structureText("distinct", d.Detector), structureText("count", d.Monitor))
}

func structureText(role string, s *Structure) string {
	if s == nil {
		return ""
	}
	var args []string
	arg := func(name, text string, isSet bool) {
		if isSet {
			args = append(args, name+" "+text)
		}
	}
	arg("window", s.Window.String(), s.Window != 0)
	arg("memory", s.Memory.String(), s.Memory != 0)
	arg("tick", s.Tick.String(), s.Tick != 0)
	arg("capacity", strconv.Itoa(s.Capacity), s.Capacity != 0)
	arg("error", strconv.FormatFloat(s.Error, 'g', -1, 64), s.Error != 0)
	arg("k", strconv.Itoa(s.K), s.K != 0)
	arg("full", s.Full.String(), s.Kind == "dleft")
	return role + " " + s.Kind + "(" + strings.Join(args, ", ") + ")"
}

// String returns the word of the text form.
func (k EventKind) String() string {
	return [...]string{PacketEvent: "packet", TimeoutEvent: "timeout", TickEvent: "tick"}[k]
}

func (w *writer) writeEvent(e *Event) {
	w.event = e
	owner, bind := "", ""
	if e.Entity >= 0 {
		owner = "for " + w.entityName(e.Entity)
	}
	if len(e.Bind) > 0 {
		bind = "= " + w.list(e.Bind)
		if e.Sorted {
			bind = "= both" + bind[2:]
		}
	}
	w.line("event", e.Name, e.Kind.String(), owner, bind)
	w.indent++
	if e.Where != nil {
		w.line("where", w.expr(e.Where))
	}
	if e.Period != nil {
		w.line("every", w.expr(e.Period))
	}
	if len(e.Captures) > 0 {
		w.line("captures", strings.Join(e.Captures, ", "))
	}
	for _, h := range e.Handlers {
		w.handler(h)
	}
	w.indent--
}

func (w *writer) handler(h *Handler) {
	if h.States == nil {
		w.line("do")
	} else {
		names := make([]string, len(h.States))
		for i, s := range h.States {
			names[i] = w.stateName(s)
		}
		w.line("in", strings.Join(names, ", "))
	}
	w.indent++
	if h.Body != nil {
		w.body(h.Body)
	}
	w.indent--
}

func (w *writer) body(b *Body) {
	for _, l := range b.Locals {
		w.line("local", "%"+strconv.Itoa(l.ID), l.Name, l.Type.String())
	}
	w.stmts(b.Ops)
	for _, a := range b.Arms {
		if len(a.Pre) > 0 {
			w.line("before when")
			w.indent++
			w.stmts(a.Pre)
			w.indent--
		}
		head := "otherwise"
		if a.If != nil {
			head = "when " + w.expr(a.If)
		}
		to := ""
		if a.To >= 0 {
			to = "-> " + w.stateName(a.To)
		}
		w.line(head, to)
		w.indent++
		if len(a.Reads) > 0 {
			w.line("reads", w.named(a.Reads))
		}
		w.stmts(a.Then)
		w.indent--
	}
	if len(b.Always) > 0 {
		w.line("always")
		w.indent++
		w.stmts(b.Always)
		w.indent--
	}
}

func (w *writer) stmts(list []Stmt) {
	for _, s := range list {
		w.line(w.stmt(s))
	}
}

func (w *writer) named(list []NamedValue) string {
	parts := make([]string, len(list))
	for i, v := range list {
		parts[i] = v.Name + " = " + w.expr(v.X)
	}
	return strings.Join(parts, ", ")
}

func (w *writer) entityName(i int) string {
	if i >= 0 && i < len(w.p.Entities) {
		return w.p.Entities[i].Name
	}
	return unknown(i)
}

func (w *writer) metricName(i int) string {
	if i >= 0 && i < len(w.p.Metrics) {
		return w.p.Metrics[i].Name
	}
	return unknown(i)
}

func (w *writer) tableName(i int) string {
	if i >= 0 && i < len(w.p.Tables) {
		return w.p.Tables[i].Name
	}
	return unknown(i)
}

func (w *writer) stateName(i int) string {
	if i >= 0 && i < len(w.p.States) {
		return w.p.States[i].Name
	}
	return unknown(i)
}

func (w *writer) eventName(i int) string {
	if i >= 0 && i < len(w.p.Events) {
		return w.p.Events[i].Name
	}
	return unknown(i)
}

func unknown(i int) string { return "?" + strconv.Itoa(i) }

// ExprText returns the text form of an expression of p; e is the event it stands
// in, or nil.
func ExprText(p *Program, e *Event, x Expr) string { return (&writer{p: p, event: e}).expr(x) }

// StmtText returns the text form of a statement of event e.
func StmtText(p *Program, e *Event, s Stmt) string { return (&writer{p: p, event: e}).stmt(s) }

// BodyText returns the text form of a body of event e. Two bodies of one event
// with the same text do the same.
func BodyText(p *Program, e *Event, b *Body) string {
	w := &writer{p: p, event: e}
	w.body(b)
	return w.b.String()
}
