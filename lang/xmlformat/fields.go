package xmlformat

import (
	"strings"

	"github.com/streamon/streamon/lang/ast"
	"github.com/streamon/streamon/lang/types"
)

// dialect are the fields of the dialect by those of the language.
var dialect = map[string]string{
	"ip.src": "ip_src", "ip.dst": "ip_dst", "ip.proto": "proto", "frame.len": "ip_len",
	"dns.qry.name": "domain_name", "dns.addr": "domain_addr", "dns.domain": "domain_second_level",
	"http.uri": "http_url", "http.method": "http_method", "http.host": "http_host",
	"modbus.transaction": "modbus_ti", "modbus.function": "modbus_fc",
}

// ports are those that the protocol of an event decides about.
var ports = map[string]struct{ name, proto string }{
	"port.src": {"src_port", ""}, "port.dst": {"dst_port", ""},
	"tcp.srcport": {"src_port", "tcp"}, "tcp.dstport": {"dst_port", "tcp"},
	"udp.srcport": {"src_port", "udp"}, "udp.dstport": {"dst_port", "udp"},
}

// implied are the protocols that fields of the dialect imply.
var implied = map[string]string{
	"domain_name": "udp", "domain_addr": "udp", "domain_second_level": "udp",
	"http_url": "tcp", "http_method": "tcp", "http_host": "tcp", "modbus_ti": "tcp", "modbus_fc": "tcp",
}

// dialectName returns the name that the dialect has for a field in an event of a
// protocol, "" if it has none.
func dialectName(field, proto string) string {
	if p, ok := ports[field]; ok {
		if p.proto == proto {
			return p.name
		}
		return ""
	}
	return dialect[field]
}

// isDialect reports whether the dialect has a field of that name.
func isDialect(name string) bool {
	switch name {
	case "src_port", "dst_port", "flags", "cdr_src", "cdr_dst", "cdr_dur", "cdr_res":
		return true
	}
	for _, n := range dialect {
		if n == name {
			return true
		}
	}
	return false
}

// isText reports whether a field of the dialect is a text. The reader always takes
// those from the packet, as a key may hold only the beginning.
func isText(name string) bool {
	for field, n := range dialect {
		if n == name {
			return types.LookupField(field).Type == types.String
		}
	}
	return false
}

// test is one comparison of a selector.
type test struct {
	proto string // that it asks for, or ""
	// text returns how it is written in an alternative of a protocol; ok is false
	// if it would mean something else there.
	text func(proto string) (text string, ok bool)
}

// selector returns the condition of a packet event in the words of the dialect, and
// the protocol that the reader will know from it; ok is false if it has none for it.
func (w *writer) selector(x ast.Expr) (text, proto string, ok bool) {
	for i, alternative := range chain(x, ast.Or) {
		var tests []*test
		own := ""
		for _, c := range chain(alternative, ast.And) {
			t := w.test(c)
			if t == nil {
				return "", "", false
			}
			tests = append(tests, t)
			if own == "" {
				own = t.proto
			}
		}
		for j, t := range tests {
			one, ok := t.text(own)
			if !ok {
				return "", "", false
			}
			switch {
			case j > 0:
				text += " and "
			case i > 0:
				text += " or "
			}
			text += one
		}
		if i > 0 && own != proto {
			own = ""
		}
		proto = own
	}
	return text, proto, true
}

// chain returns the operands of an operator that are joined from left to right.
func chain(x ast.Expr, op ast.Op) []ast.Expr {
	if b, ok := unparen(x).(*ast.Binary); ok && b.Op == op {
		return append(chain(b.X, op), b.Y)
	}
	return []ast.Expr{x}
}

// The words of the dialect for values.
var (
	flagWords = map[string]string{"SYN": "tcp-syn", "ACK": "tcp-ack"}
	codeWords = map[string]string{
		"NOERROR": "dns-noerror", "FORMERR": "dns-formaterr", "SERVFAIL": "dns-failed",
		"NXDOMAIN": "dns-nxdomain", "NOTIMP": "dns-nimplemented",
	}
	methodWords = map[string]string{"GET": "http-get", "HEAD": "http-head", "POST": "http-post"}
)

// test returns one comparison, nil if a selector has none for it.
func (w *writer) test(x ast.Expr) *test {
	x = unparen(x)
	if n, ok := x.(*ast.Name); ok && (n.Name == "tcp" || n.Name == "udp") && !w.declared[n.Name] {
		return &test{n.Name, func(string) (string, bool) { return "proto " + n.Name, true }}
	}
	c, ok := x.(*ast.Binary)
	if !ok || precedence[c.Op] < precedence[ast.Eq] || precedence[c.Op] > precedence[ast.Lt] || c.Op >= ast.In && c.Op <= ast.Contains {
		return nil
	}
	n, ok := unparen(c.X).(*ast.Name)
	if !ok || w.declared[n.Name] || types.LookupField(n.Name) == nil {
		return nil
	}
	field := types.LookupField(n.Name).Name
	op := " "
	if c.Op != ast.Eq {
		op = " " + c.Op.String() + " "
	}
	fixed := func(proto, text string) *test {
		return &test{proto, func(string) (string, bool) { return text, true }}
	}
	switch y := unparen(c.Y).(type) {
	case *ast.Name, *ast.Binary:
		words := w.words(y)
		switch {
		case field == "ip.proto" && c.Op != ast.Eq && (words == "TCP" || words == "UDP"):
			return fixed("", "proto"+op+strings.ToLower(words))
		case field == "tcp.flags" && translate(words, flagWords) != "":
			return fixed("tcp", "flags"+op+translate(words, flagWords))
		case field == "dns.rcode" && codeWords[words] != "":
			return fixed("udp", "flags"+op+codeWords[words])
		}
	case *ast.StringLit:
		if text, isFixed := y.Text(); isFixed && field == "http.method" && methodWords[text] != "" {
			return fixed("tcp", "http_method"+op+methodWords[text])
		}
	case *ast.IntLit:
		return w.number(field, op, y)
	}
	return nil
}

// number returns the comparison of a field with a number.
func (w *writer) number(field, op string, y *ast.IntLit) *test {
	f := types.LookupField(field)
	if f.Type != types.Int || field == "ip.proto" || field == "modbus.function" && y.Value > 126 {
		return nil
	}
	value := w.literal(y, nil)
	if p, isPort := ports[field]; isPort {
		return &test{"", func(proto string) (string, bool) { return p.name + op + value, p.proto == proto }}
	}
	if field == "tcp.flags" {
		return &test{"", func(proto string) (string, bool) { return "flags" + op + value, proto != "udp" }}
	}
	own := dialect[field]
	if own == "" {
		return nil
	}
	return &test{implied[own], func(string) (string, bool) { return own + op + value, true }}
}

// words returns constants joined by "|" from left to right, or "".
func (w *writer) words(x ast.Expr) string {
	switch x := unparen(x).(type) {
	case *ast.Name:
		if !w.declared[x.Name] {
			return x.Name
		}
	case *ast.Binary:
		left, right := w.words(x.X), w.words(x.Y)
		if x.Op == ast.BitOr && left != "" && right != "" && !strings.Contains(right, "|") {
			return left + "|" + right
		}
	}
	return ""
}

// translate returns constants joined by "|" in the words of the dialect, or "".
func translate(text string, words map[string]string) string {
	var out []string
	for _, part := range strings.Split(text, "|") {
		if words[part] == "" {
			return ""
		}
		out = append(out, words[part])
	}
	return strings.Join(out, "|")
}
