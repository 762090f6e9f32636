package smxml

import (
	"slices"
	"strings"

	"github.com/streamon/streamon/lang/ast"
	"github.com/streamon/streamon/lang/diag"
	"github.com/streamon/streamon/lang/source"
)

// entity is what states are kept for: the keys of one signature.
type entity struct {
	ident  string
	fields []string // their names, if there are several
	key    *key     // of the event it was first met in; nil = one for the program
}

// part is how field i is read.
func (e *entity) part(i int) string {
	if len(e.fields) < 2 {
		return e.ident
	}
	return e.ident + "." + e.fields[i]
}

// maxParts is how many fields an entity can have.
const maxParts = 5

// entity returns the entity of a key, a new one for a new signature; nil after an
// error.
func (b *builder) entity(k *key) *entity {
	sig := ""
	if k != nil {
		if len(k.parts) > maxParts {
			b.errorf(diag.TooManyFields, k.span, "the key has %d fields, at most %d are possible", len(k.parts), maxParts)
			return nil
		}
		sig = k.signature()
	}
	if e := b.entities.byName[sig]; e != nil {
		return e
	}
	e := &entity{key: k, ident: unique(b.values, entityName(sig, k))}
	if k != nil && len(k.parts) > 1 {
		taken := names{}
		for _, p := range k.parts {
			e.fields = append(e.fields, unique(taken, p.label))
		}
	}
	b.entities.add(sig, e)
	return e
}

func entityName(sig string, k *key) string {
	switch sig {
	case "":
		return "all"
	case "ip ":
		return "host"
	case "ip ip ":
		return "pair"
	}
	if len(k.parts) == 1 {
		if k.parts[0].name == "domain_name" {
			return "domain"
		}
		return "subject"
	}
	return "flow"
}

// event is <event>.
type event struct {
	el     *element
	ident  string
	scope  scope
	where  ast.Expr
	key    *key
	states []*element
	good   bool

	// Timeouts only.
	isTimeout bool
	class     string
	variants  []*variant

	// In the style of the paper only.
	binding *ast.Key // in place of key
	period  ast.Expr // of the program's clock
}

// variant is a timeout event for one entity: those that start a timeout of one
// class may be about different ones.
type variant struct {
	ident  string
	entity *entity
	from   []*event // packet events whose packets it may carry
	scope  scope
}

// events reads the heads of all events and finds out what each timeout is for.
func (b *builder) readEvents() {
	seen := false
	for _, e := range b.eventElements {
		typ := b.need(e, "type")
		if typ == nil {
			continue
		}
		ev := &event{el: e, good: true}
		for _, c := range e.children {
			if c.name == "state" {
				ev.states = append(ev.states, c)
			}
		}
		switch typ.text {
		case "packet":
			b.packetEvent(ev)
			seen = true
		case "timeout":
			if seen {
				b.warnf(diag.TimeoutOrder, typ.whole(), "a timeout event after a packet event").
					Hintf("the prototype needed them first; here any order is right")
			}
			b.timeoutEvent(ev)
		default:
			b.errorf(diag.BadValue, typ.whole(), "unknown type of event %q", typ.text).
				Suggest(b.near(typ.text, []string{"packet", "timeout"})).Note(source.Span{}, "it is packet or timeout")
		}
	}
	if len(b.packets) > 1 {
		b.warnf(diag.ManyPacketEvents, b.packets[1].el.tag, "%d packet events: the first that matches a packet runs", len(b.packets)).
			Hintf("the prototype compiled programs with one only")
	}
	b.variants()
}

func (b *builder) packetEvent(ev *event) {
	b.packets = append(b.packets, ev)
	e := ev.el
	sel := b.selector(e.text("selector"))
	ev.scope.proto = sel.protocol()
	if sel != nil {
		ev.where = b.where(sel)
	}
	if e.attr("primary-key") == nil {
		b.errorf(diag.MissingAttribute, e.tag, `<event type="packet"> needs the attribute "primary-key"`).
			Hintf("it names the field that states are kept for, as ip_src")
		ev.good = false
		return
	}
	k, good := b.key(e.text("primary-key"))
	if !good {
		ev.good = false
		return
	}
	if ev.scope.proto == "" && k != nil {
		for _, p := range k.parts {
			if p.implies != "" {
				ev.scope.proto = p.implies
			}
		}
	}
	ev.key = k
	if ev.scope.entity = b.entity(k); ev.scope.entity == nil {
		ev.good = false
		return
	}
	if k != nil {
		ev.scope.key = k.names()
	}
	ev.ident = unique(b.eventNames, eventName(sel))
}

// eventName is a word for what a selector lets through.
func eventName(s *selector) string {
	if s == nil {
		return "packet"
	}
	first := ""
	words := map[string]string{
		"tcp-syn": "syn", "tcp-ack": "ack", "tcp-syn|tcp-ack": "synack", "tcp-ack|tcp-syn": "synack",
		"dns-nxdomain": "nxdomain", "dns-noerror": "answer", "dns-failed": "servfail", "dns-formaterr": "formerr",
	}
	for _, tests := range s.alternatives {
		for _, t := range tests {
			switch w := words[t.val]; {
			case t.name == "flags" && t.op == ast.Eq && w != "":
				return w
			case strings.HasPrefix(t.name, "modbus"):
				return "modbus"
			case strings.HasPrefix(t.name, "http"):
				return "request"
			case t.name == "dst_port" && t.op == ast.Eq && t.val == "53":
				first = "query"
			case t.name == "src_port" && t.op == ast.Eq && t.val == "53":
				first = "answer"
			case t.name == "proto" && first == "":
				first = t.val
			}
		}
	}
	if first == "" {
		return "packet"
	}
	return clean(first)
}

func (b *builder) timeoutEvent(ev *event) {
	ev.isTimeout = true
	e := ev.el
	if v := e.text("selector"); v != nil {
		b.warnf(diag.DeadPart, v.whole(), "the selector of a timeout event does nothing")
	}
	b.key(e.text("primary-key")) // it may be wrong, though nothing uses it
	at := e.tag
	if v := e.text("class"); v != nil {
		ev.class, at = v.text, v.whole()
	}
	if b.timeouts.byName[ev.class] != nil {
		b.errorf(diag.Redeclared, at, "timeout class %q is declared twice", ev.class)
		return
	}
	b.timeouts.add(ev.class, ev)
}

// sets returns the timeouts that the states of an event set, cancelled ones left
// out.
func (b *builder) sets(ev *event) (out []*event) {
	for _, s := range ev.states {
		for _, c := range s.children {
			for _, t := range c.children {
				if t.name != "timeout_set" {
					continue
				}
				class := ""
				if v := t.text("class"); v != nil {
					class = v.text
				}
				v := t.text("value")
				if to := b.timeouts.byName[class]; to != nil && v != nil && v.text != "0" && !slices.Contains(out, to) {
					out = append(out, to)
				}
			}
		}
	}
	return out
}

// variants finds out which packets each timeout may carry, by way of other
// timeouts too, and makes one event for each entity that these are about.
func (b *builder) variants() {
	from := map[*event][]*event{} // timeout → packet events
	for _, p := range b.packets {
		if !p.good {
			continue
		}
		seen := map[*event]bool{}
		todo := b.sets(p)
		for len(todo) > 0 {
			t := todo[0]
			todo = todo[1:]
			if seen[t] {
				continue
			}
			seen[t] = true
			from[t] = append(from[t], p)
			todo = append(todo, b.sets(t)...)
		}
	}
	for _, t := range b.timeouts.list {
		for _, p := range from[t] {
			v := t.variant(p.scope.entity)
			if v == nil {
				v = &variant{entity: p.scope.entity, scope: p.scope}
				t.variants = append(t.variants, v)
			}
			if v.scope.proto != p.scope.proto {
				v.scope.proto = ""
			}
			if !slices.Equal(v.scope.key, p.scope.key) {
				v.scope.key = nil // it is another field by each way
			}
			v.from = append(v.from, p)
		}
		if len(t.variants) == 0 && len(b.entities.list) > 0 {
			t.variants = []*variant{{entity: b.entities.list[0], scope: scope{entity: b.entities.list[0]}}}
		}
		for _, v := range t.variants {
			v.ident = unique(b.eventNames, clean(orElse(t.class, "timeout")))
		}
	}
}

func (t *event) variant(e *entity) *variant {
	for _, v := range t.variants {
		if v.entity == e {
			return v
		}
	}
	return nil
}

func orElse(text, other string) string {
	if text != "" {
		return text
	}
	return other
}

// declEntity writes the declaration of an entity.
func (e *entity) decl(at source.Span) *ast.EntityDecl {
	d := &ast.EntityDecl{Place: ast.At(at), Name: ident(e.ident, at)}
	if e.key == nil {
		d.Fields = []*ast.EntityField{{Place: ast.At(at), Type: &ast.TypeName{Place: ast.At(at), Name: "int"}}}
		return d
	}
	for i, p := range e.key.parts {
		f := &ast.EntityField{Place: ast.At(p.span), Type: &ast.TypeName{Place: ast.At(p.span), Name: p.typ}}
		if len(e.fields) > 1 {
			f.Name = ident(e.fields[i], p.span)
		}
		d.Fields = append(d.Fields, f)
	}
	return d
}

// decl writes the declaration of a packet event.
func (ev *event) decl() *ast.EventDecl {
	at := ev.el.span
	k := &ast.Key{Place: ast.At(at)}
	if ev.key == nil {
		k.Parts = []ast.Expr{&ast.IntLit{Place: ast.At(at)}}
	} else {
		k.Place = ast.At(ev.key.span)
		for _, p := range ev.key.parts {
			k.Parts = append(k.Parts, name(p.in(ev.scope.proto), p.span))
		}
	}
	return &ast.EventDecl{Place: ast.At(at), Name: ident(ev.ident, ev.el.tag), Trigger: &ast.PacketTrigger{
		Place: ast.At(at), Where: ev.where,
		For: &ast.Binding{Place: ast.At(at), Entity: ident(ev.scope.entity.ident, at), Key: k},
	}}
}

func (t *event) timeoutDecls() (out []ast.Decl) {
	at := t.el.span
	for _, v := range t.variants {
		out = append(out, &ast.EventDecl{Place: ast.At(at), Name: ident(v.ident, t.el.tag), Trigger: &ast.TimeoutTrigger{
			Place: ast.At(at), Entity: ident(v.entity.ident, at),
		}})
	}
	return out
}
