package smxml

import (
	"slices"

	"github.com/streamon/streamon/lang/ast"
	"github.com/streamon/streamon/lang/diag"
	"github.com/streamon/streamon/lang/source"
)

// field is a packet field of the dialect.
type field struct {
	name  string // here
	typ   string // type of a key: ip, int or string
	label string // as a field of an entity

	// canonical is the field of the language; tcp and udp those that it is when
	// the selector tells the protocol.
	canonical, tcp, udp string
	implies             string // protocol of packets that have it
}

var fields = []field{
	{name: "ip_src", typ: "ip", label: "src", canonical: "ip.src"},
	{name: "ip_dst", typ: "ip", label: "dst", canonical: "ip.dst"},
	{name: "src_port", typ: "int", label: "sport", canonical: "port.src", tcp: "tcp.srcport", udp: "udp.srcport"},
	{name: "dst_port", typ: "int", label: "dport", canonical: "port.dst", tcp: "tcp.dstport", udp: "udp.dstport"},
	{name: "proto", typ: "int", label: "proto", canonical: "ip.proto"},
	{name: "flags", typ: "int", label: "flags", canonical: "tcp.flags", udp: "dns.rcode"},
	{name: "domain_name", typ: "string", label: "name", canonical: "dns.qry.name", implies: "udp"},
	{name: "domain_addr", typ: "ip", label: "addr", canonical: "dns.addr", implies: "udp"},
	{name: "domain_second_level", typ: "string", label: "domain", canonical: "dns.domain", implies: "udp"},
	{name: "http_url", typ: "string", label: "url", canonical: "http.uri", implies: "tcp"},
	{name: "http_method", typ: "string", label: "method", canonical: "http.method", implies: "tcp"},
	{name: "http_host", typ: "string", label: "name", canonical: "http.host", implies: "tcp"},
	{name: "modbus_ti", typ: "int", label: "transaction", canonical: "modbus.transaction", implies: "tcp"},
	{name: "modbus_fc", typ: "int", label: "function", canonical: "modbus.function", implies: "tcp"},
	{name: "ip_len", typ: "int", label: "length", canonical: "frame.len"},
}

// callRecords are the names that a dead source of the prototype gave to the first
// four fields.
var callRecords = map[string]string{"cdr_src": "ip_src", "cdr_dst": "ip_dst", "cdr_dur": "src_port", "cdr_res": "dst_port"}

var fieldNames = func() []string {
	names := make([]string, len(fields))
	for i, f := range fields {
		names[i] = f.name
	}
	slices.Sort(names)
	return names
}()

// lookup returns the field of that name, or nil.
func lookup(name string) *field {
	if other, ok := callRecords[name]; ok {
		name = other
	}
	for i := range fields {
		if fields[i].name == name {
			return &fields[i]
		}
	}
	return nil
}

// lookup is lookup for names in a program: what it calls something else so is no field.
func (b *builder) lookup(name string) *field {
	if b.hidden[name] {
		return nil
	}
	return lookup(name)
}

// field finds a field by name, or reports that there is none.
func (b *builder) field(name string, at source.Span) *field {
	f := b.lookup(name)
	switch {
	case f != nil:
	case name == "packet_no":
		b.errorf(diag.UnknownField, at, "packets are not numbered").Hintf("packet_no has no counterpart here")
	default:
		b.errorf(diag.UnknownField, at, "unknown field %q", name).Suggest(b.near(name, fieldNames))
	}
	return f
}

// in returns the field of the language that f is for packets of a protocol.
func (f *field) in(proto string) string {
	switch {
	case proto == "tcp" && f.tcp != "":
		return f.tcp
	case proto == "udp" && f.udp != "":
		return f.udp
	}
	return f.canonical
}

// keyPart is one field of a key.
type keyPart struct {
	*field
	span source.Span
}

// key is a flow key: a field, or several joined with "-".
type key struct {
	parts []keyPart
	span  source.Span
}

func (k *key) names() []string {
	var out []string
	for _, p := range k.parts {
		out = append(out, p.name)
	}
	return out
}

// signature is the types of the key: keys of one signature are kept in one table
// of states, as the prototype kept all.
func (k *key) signature() string {
	s := ""
	for _, p := range k.parts {
		s += p.typ + " "
	}
	return s
}

// key reads a key. It returns nil for an absent or empty one and for "null", which
// mean no key, and after an error, which good tells apart.
func (b *builder) key(v *value) (k *key, good bool) {
	if v == nil || v.text == "null" {
		return nil, true
	}
	k = &key{span: v.whole()}
	good = true
	pipe := -1
	for from := 0; from <= len(v.text); {
		to := from
		for to < len(v.text) && v.text[to] != '-' && v.text[to] != '|' {
			to++
		}
		if to < len(v.text) && v.text[to] == '|' && pipe < 0 {
			pipe = to
		}
		p := v.part(from, to)
		p = p.trim()
		if p.text == "" {
			b.errorf(diag.BadSelector, v.whole(), "a field is missing in key %q", v.text).Hintf("fields of a key are joined with -, as in ip_src-ip_dst")
			return nil, false
		}
		if f := b.field(p.text, p.whole()); f != nil {
			k.parts = append(k.parts, keyPart{f, p.whole()})
		} else {
			good = false
		}
		from = to + 1
	}
	if !good {
		return nil, false
	}
	if pipe >= 0 {
		b.warnf(diag.PipeKey, v.span(pipe, pipe+1), "a key with %q is read as one with %q", "|", "-").
			Hintf("the prototype took it for one empty key that all packets share")
	}
	return k, true
}

func ident(name string, at source.Span) *ast.Ident { return &ast.Ident{Place: ast.At(at), Name: name} }
func name(n string, at source.Span) *ast.Name      { return &ast.Name{Place: ast.At(at), Name: n} }
