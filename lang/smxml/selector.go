package smxml

import (
	"strconv"
	"strings"

	"github.com/streamon/streamon/lang/ast"
	"github.com/streamon/streamon/lang/diag"
	"github.com/streamon/streamon/lang/source"
)

// test is one comparison of a selector: field [op] value.
type test struct {
	*field
	at    source.Span // of the field
	op    ast.Op
	opAt  source.Span
	val   string
	valAt source.Span
	whole source.Span
}

// selector is tests joined by "and" within "or"; the grammar has no parentheses.
type selector struct {
	alternatives [][]*test
	joins        []source.Span // of the or before alternative i+1
	ands         [][]source.Span
}

// selector reads a selector; nil for an absent one and after an error.
func (b *builder) selector(v *value) *selector {
	if v == nil {
		return nil
	}
	words := split(v, " ")
	s := &selector{alternatives: [][]*test{nil}, ands: [][]source.Span{nil}}
	for i := 0; ; {
		t, n := b.test(v, words[i:])
		if t == nil {
			return nil
		}
		last := len(s.alternatives) - 1
		s.alternatives[last] = append(s.alternatives[last], t)
		if i += n; i == len(words) {
			return s
		}
		switch w := words[i]; w.text {
		case "and", "&&":
			s.ands[last] = append(s.ands[last], w.whole())
		case "or", "||":
			s.joins = append(s.joins, w.whole())
			s.alternatives, s.ands = append(s.alternatives, nil), append(s.ands, nil)
		default:
			b.errorf(diag.BadSelector, w.whole(), `unexpected %q, expected "and" or "or"`, w.text).
				Hintf("a selector is: field value and field op value …")
			return nil
		}
		if i++; i == len(words) {
			b.errorf(diag.BadSelector, words[i-1].whole(), "a comparison has to follow %q", words[i-1].text)
			return nil
		}
	}
}

// split cuts a text at the characters of separators.
func split(v *value, separators string) []value {
	var out []value
	for i := 0; i < len(v.text); {
		from := i
		for i < len(v.text) && strings.IndexByte(separators, v.text[i]) < 0 {
			i++
		}
		if i > from {
			out = append(out, v.part(from, i))
		}
		i++
	}
	return out
}

// test reads one comparison from words and returns how many it took.
func (b *builder) test(v *value, words []value) (*test, int) {
	w := words[0]
	switch {
	case w.text == "not" || w.text == "!" || strings.HasPrefix(w.text, "("):
		b.errorf(diag.BadSelector, w.whole(), "a selector has no %q", w.text[:min(3, len(w.text))]).
			Hintf(`it has "and" before "or", and no parentheses; use != or a second event`)
		return nil, 0
	case strings.ContainsAny(w.text, "<=>!") && operators[w.text] == ast.NoOp:
		b.errorf(diag.BadSelector, w.whole(), "%q has no blanks around its operator", w.text).Hintf("write dst_port == 53, or dst_port 53")
		return nil, 0
	}
	f := b.field(w.text, w.whole())
	if f == nil {
		return nil, 0
	}
	t := &test{field: f, at: w.whole(), op: ast.Eq, opAt: w.whole()}
	n := 1
	if n < len(words) {
		text := words[n].text
		if sign, ok := wordOperators[text]; ok {
			b.warnf(diag.WordOperator, words[n].whole(), "%q is read as %q", text, sign)
			text = sign
		}
		if op := operators[text]; op.IsComparison() {
			t.op, t.opAt = op, words[n].whole()
			n++
		}
	}
	if n == len(words) || words[n].text == "and" || words[n].text == "or" {
		b.errorf(diag.BadSelector, w.whole(), "%q is compared with nothing", w.text).Hintf("write %s VALUE", w.text)
		return nil, 0
	}
	t.val, t.valAt = words[n].text, words[n].whole()
	t.whole = source.Join(t.at, t.valAt)
	return t, n + 1
}

// protocol returns the transport that a test asks for, or "".
func (t *test) protocol() string {
	switch {
	case t.name == "proto" && t.op == ast.Eq:
		return t.val
	case t.name == "flags" && strings.HasPrefix(t.val, "tcp-"):
		return "tcp"
	case t.name == "flags" && strings.HasPrefix(t.val, "dns-"):
		return "udp"
	}
	return t.implies
}

// protocol returns that of all packets the selector lets through, or "".
func (s *selector) protocol() string {
	if s == nil {
		return ""
	}
	all := ""
	for i, tests := range s.alternatives {
		own := protocolOf(tests)
		if i > 0 && own != all {
			return ""
		}
		all = own
	}
	return all
}

func protocolOf(tests []*test) string {
	for _, t := range tests {
		if p := t.protocol(); p == "tcp" || p == "udp" {
			return p
		}
	}
	return ""
}

// where builds the condition of a packet event; nil after an error.
func (b *builder) where(s *selector) ast.Expr {
	var all ast.Expr
	good := true
	for i, tests := range s.alternatives {
		proto := protocolOf(tests)
		b.never(tests)
		var one ast.Expr
		for j, t := range tests {
			x := b.compare(t, proto)
			switch {
			case x == nil:
				good = false
			case one == nil:
				one = x
			default:
				one = binary(ast.And, s.ands[i][j-1], one, x)
			}
		}
		switch {
		case !good:
		case all == nil:
			all = one
		default:
			all = binary(ast.Or, s.joins[i-1], all, one)
		}
	}
	if !good {
		return nil
	}
	return all
}

// never warns of Modbus on a port where nobody looks for it.
func (b *builder) never(tests []*test) {
	var modbus, port *test
	for _, t := range tests {
		switch {
		case strings.HasPrefix(t.name, "modbus_"):
			modbus = t
		case strings.HasSuffix(t.name, "_port") && t.op == ast.Eq:
			if t.val == "502" {
				return
			}
			port = t
		}
	}
	if modbus != nil && port != nil {
		b.warnf(diag.NeverTrue, port.whole, "Modbus is looked for on port 502 only").Note(modbus.whole, "this needs Modbus")
	}
}

// tcpFlags and rcodes are the words of "flags".
var (
	tcpFlags = map[string]string{"tcp-syn": "SYN", "tcp-ack": "ACK"}
	rcodes   = map[string]string{
		"dns-noerror": "NOERROR", "dns-formaterr": "FORMERR", "dns-failed": "SERVFAIL",
		"dns-nxdomain": "NXDOMAIN", "dns-nimplemented": "NOTIMP",
	}
	methods   = map[string]string{"http-get": "GET", "http-head": "HEAD", "http-post": "POST"}
	flagWords = []string{"tcp-syn", "tcp-ack", "dns-noerror", "dns-formaterr", "dns-failed", "dns-nxdomain", "dns-nimplemented"}
)

// compare builds one comparison; nil after an error.
func (b *builder) compare(t *test, proto string) ast.Expr {
	switch {
	case t.name == "proto":
		return b.compareProto(t)
	case t.name == "flags":
		return b.compareFlags(t, proto)
	case t.name == "http_method":
		if m, ok := methods[t.val]; ok {
			return t.with(name(t.canonical, t.at), textLit(m, t.valAt))
		}
		b.errorf(diag.BadSelector, t.valAt, "%q is no HTTP method of the dialect", t.val).
			Suggest(b.near(t.val, []string{"http-get", "http-head", "http-post"})).
			Note(source.Span{}, "it has http-get, http-head and http-post")
		return nil
	case t.typ == "string":
		b.warnf(diag.WideValue, t.valAt, "texts are compared").Hintf("in the prototype they never were equal")
		return t.with(name(t.canonical, t.at), textLit(strings.Trim(t.val, `"'`), t.valAt))
	case t.typ == "ip" && strings.Count(t.val, ".") == 3:
		return t.with(name(t.canonical, t.at), b.dotted(t.val, t.valAt))
	}
	x := literal(t.val, t.valAt)
	if x == nil {
		b.errorf(diag.BadSelector, t.valAt, "%q is compared with a number, not with %q", t.name, t.val)
		return nil
	}
	field := name(t.in(proto), t.at)
	if t.typ == "ip" {
		b.isIP[field] = true
		x = b.address(x, field)
	}
	if lit, ok := x.(*ast.IntLit); ok && t.name == "modbus_fc" && lit.Value > 127 || ok && t.name == "modbus_fc" && lit.Value == 127 && t.op == ast.Gt {
		return b.exception(t, lit.Value)
	}
	return t.with(field, x)
}

func (t *test) with(x, y ast.Expr) ast.Expr { return binary(t.op, t.opAt, x, y) }

// compareProto builds a test of the protocol: the words are all that there is.
func (b *builder) compareProto(t *test) ast.Expr {
	if t.val != "tcp" && t.val != "udp" {
		b.errorf(diag.BadSelector, t.valAt, "%q is no protocol of the dialect", t.val).
			Suggest(b.near(t.val, []string{"tcp", "udp"})).
			Note(source.Span{}, "it has tcp and udp")
		return nil
	}
	if t.op == ast.Eq {
		return name(t.val, t.valAt)
	}
	return t.with(name(t.canonical, t.at), name(strings.ToUpper(t.val), t.valAt))
}

// compareFlags builds a test of "flags", which is the flags of TCP or the answer
// code of DNS, as the word says. It compares all bits.
func (b *builder) compareFlags(t *test, proto string) ast.Expr {
	if n, err := strconv.ParseInt(t.val, 0, 64); err == nil {
		return t.with(name(t.in(proto), t.at), &ast.IntLit{Place: ast.At(t.valAt), Text: t.val, Value: n})
	}
	var x ast.Expr
	isDNS := false
	for i, word := range strings.Split(t.val, "|") {
		flag, isTCP := tcpFlags[word]
		code, isCode := rcodes[word]
		if !isTCP && !isCode || i > 0 && isCode != isDNS {
			b.errorf(diag.BadSelector, t.valAt, "%q is no value of flags", word).Suggest(b.near(word, flagWords)).
				Note(source.Span{}, "it has %s", strings.Join(flagWords, ", "))
			return nil
		}
		isDNS = isCode
		var one ast.Expr = name(flag+code, t.valAt)
		if x != nil {
			one = binary(ast.BitOr, t.valAt, x, one)
		}
		x = one
	}
	field := "tcp.flags"
	if isDNS {
		field = "dns.rcode"
	}
	return t.with(name(field, t.at), x)
}

// exception reads a function code with the bit of an exception, which here is a
// field of its own.
func (b *builder) exception(t *test, code int64) ast.Expr {
	is := name("modbus.exception", t.at)
	switch {
	case t.op == ast.Ge && code == 128, t.op == ast.Gt && code == 127:
		return is
	case t.op == ast.Eq && code < 256:
		fn := &ast.IntLit{Place: ast.At(t.valAt), Value: code - 128}
		return binary(ast.And, t.opAt, t.with(name(t.canonical, t.at), fn), is)
	}
	b.errorf(diag.BadSelector, t.valAt, "function codes end at 127 here").Hintf("write modbus_fc >= 128 for exceptions, or modbus_fc 131 for one of them")
	return nil
}
