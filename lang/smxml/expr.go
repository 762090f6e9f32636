package smxml

import (
	"net/netip"
	"strconv"
	"strings"

	"github.com/streamon/streamon/lang/ast"
	"github.com/streamon/streamon/lang/diag"
	"github.com/streamon/streamon/lang/source"
)

// scope is what a name can mean at a place.
type scope struct {
	proto  string   // protocol of the packet, if the selector tells it: tcp or udp
	entity *entity  // nil in features
	key    []string // the fields that the entity is in this event
	metric bool     // metrics can be read: in a feature

	// constants are the values of metrics that no operation gives one here.
	constants map[string]ast.Expr
}

// exprParser reads one C++ expression by precedence climbing.
type exprParser struct {
	b     *builder
	v     *value
	s     *scope
	toks  []token
	i     int
	depth int
	bad   bool
}

// The precedences of C++, loosest first. Unlike here, comparisons bind more
// tightly than bits there; the tree says it either way.
var precedence = map[string]int{
	"||": 1, "or": 1, "&&": 2, "and": 2, "|": 3, "^": 4, "&": 5, "==": 6, "!=": 6,
	"<": 7, ">": 7, "<=": 7, ">=": 7, "<<": 8, ">>": 8, "+": 9, "-": 9, "*": 10, "/": 10, "%": 10,
}

var operators = map[string]ast.Op{
	"||": ast.Or, "or": ast.Or, "&&": ast.And, "and": ast.And, "|": ast.BitOr, "^": ast.BitXor, "&": ast.BitAnd,
	"==": ast.Eq, "!=": ast.Ne, "<": ast.Lt, ">": ast.Gt, "<=": ast.Le, ">=": ast.Ge, "<<": ast.Shl, ">>": ast.Shr,
	"+": ast.Add, "-": ast.Sub, "*": ast.Mul, "/": ast.Div, "%": ast.Mod,
}

// wordOperators are the macros of the prototype for signs that XML makes awkward.
var wordOperators = map[string]string{"gt": ">", "lt": "<", "gt_eq": ">=", "lt_eq": "<="}

// maxNesting is how deep an expression may be nested, and maxChain how many tokens
// it may have.
const (
	maxNesting = 100
	maxTokens  = 900
)

// condition reads an expression that decides; nil after an error.
func (b *builder) condition(v *value, s *scope) ast.Expr {
	x := b.expr(v, s)
	if x == nil {
		return nil
	}
	return b.truth(x)
}

// expr reads an expression; nil after an error.
func (b *builder) expr(v *value, s *scope) ast.Expr {
	p := &exprParser{b: b, v: v, s: s, toks: lex(v.text)}
	if len(p.toks) > maxTokens {
		b.errorf(diag.TooDeep, v.whole(), "this expression is too long")
		return nil
	}
	x := p.binary(1)
	if t := p.peek(); !p.bad && t.kind != tokEnd {
		p.unexpected(t, "an operator")
	}
	if p.bad {
		return nil
	}
	return x
}

func (p *exprParser) peek() token { return p.toks[p.i] }
func (p *exprParser) take() token {
	t := p.toks[p.i]
	if t.kind != tokEnd {
		p.i++
	}
	return t
}

// takeSign takes a token if it is that sign.
func (p *exprParser) takeSign(s string) bool {
	if t := p.peek(); t.kind == tokSign && t.text == s {
		p.i++
		return true
	}
	return false
}

func (p *exprParser) unexpected(t token, want string) {
	if !p.bad {
		p.b.unexpected(p.v, t, want)
	}
	p.bad = true
}

func (p *exprParser) fail(code diag.Code, at source.Span, format string, args ...any) *diag.Diagnostic {
	p.bad = true
	return p.b.errorf(code, at, format, args...)
}

// operator returns the sign that a token stands for as a binary operator.
func (p *exprParser) operator(t token) string {
	if t.kind != tokSign && t.kind != tokWord {
		return ""
	}
	if sign, ok := wordOperators[t.text]; ok {
		return sign
	}
	if precedence[t.text] > 0 {
		return t.text
	}
	return ""
}

// binary reads operands joined by operators that bind at least as tightly as min.
func (p *exprParser) binary(min int) ast.Expr {
	x := p.unary()
	for !p.bad {
		t := p.peek()
		op := p.operator(t)
		prec := precedence[op]
		if op == "" || prec < min {
			break
		}
		p.take()
		if t.text != op {
			p.b.wordOperator(p.v, t, op)
		}
		y := p.binary(prec + 1)
		if p.bad {
			break
		}
		x = p.join(operators[op], p.v.at(t), x, y)
	}
	return x
}

func (b *builder) wordOperator(v *value, t token, sign string) {
	b.warnf(diag.WordOperator, v.at(t), "%q is read as %q", t.text, sign)
}

// join makes a binary expression with what the operator asks of its operands.
func (p *exprParser) join(op ast.Op, at source.Span, x, y ast.Expr) ast.Expr {
	switch {
	case op == ast.And || op == ast.Or:
		x, y = p.b.truth(x), p.b.truth(y)
	case op.IsComparison():
		x, y = p.b.address(x, y), p.b.address(y, x)
	}
	return binary(op, at, x, y)
}

func binary(op ast.Op, at source.Span, x, y ast.Expr) *ast.Binary {
	return &ast.Binary{Place: ast.At(source.Join(x.Span(), y.Span())), Op: op, OpPos: ast.At(at), X: x, Y: y}
}

// address turns a number that is compared with an address into one: the prototype
// kept addresses as numbers.
func (b *builder) address(x, other ast.Expr) ast.Expr {
	lit, ok := x.(*ast.IntLit)
	if !ok || !b.isIP[other] || lit.Value < 0 || lit.Value > 0xFFFFFFFF {
		return x
	}
	n := uint32(lit.Value)
	return &ast.IPLit{Place: lit.Place, Value: netip.AddrFrom4([4]byte{byte(n >> 24), byte(n >> 16), byte(n >> 8), byte(n)})}
}

// truth makes a number into what C++ takes it for in a condition: a table read is
// whether there is an entry, another number whether it is not 0.
func (b *builder) truth(x ast.Expr) ast.Expr {
	switch x := x.(type) {
	case *ast.Index:
		return &ast.Has{Place: x.Place, Table: x.Name, Keys: x.Keys}
	case *ast.IntLit:
		return &ast.BoolLit{Place: x.Place, Value: x.Value != 0}
	case *ast.BoolLit, *ast.Has:
		return x
	case *ast.Unary:
		if x.Op == ast.Not {
			return x
		}
	case *ast.Binary:
		if x.Op.IsComparison() || x.Op == ast.And || x.Op == ast.Or {
			return x
		}
	}
	at := x.Span()
	return binary(ast.Ne, at, x, &ast.IntLit{Place: ast.At(at)})
}

func (p *exprParser) unary() ast.Expr {
	if p.depth++; p.depth > maxNesting {
		p.fail(diag.TooDeep, p.v.at(p.peek()), "this expression is nested too deeply")
		return nil
	}
	defer func() { p.depth-- }()
	t := p.peek()
	if t.kind == tokSign && (t.text == "!" || t.text == "-" || t.text == "+" || t.text == "~") || t.kind == tokWord && t.text == "not" {
		p.take()
		x := p.unary()
		if p.bad {
			return nil
		}
		at := ast.At(source.Join(p.v.at(t), x.Span()))
		switch t.text {
		case "-":
			return &ast.Unary{Place: at, Op: ast.Neg, X: x}
		case "~":
			return &ast.Unary{Place: at, Op: ast.BitNot, X: x}
		case "+":
			return x
		}
		return negate(at, p.b.truth(x))
	}
	return p.primary()
}

// negate is not x; of a number's truth it is the comparison with 0.
func negate(at ast.Place, x ast.Expr) ast.Expr {
	if c, ok := x.(*ast.Binary); ok && c.Op == ast.Ne {
		if zero, ok := c.Y.(*ast.IntLit); ok && zero.Value == 0 && zero.Text == "" {
			return &ast.Binary{Place: at, Op: ast.Eq, OpPos: c.OpPos, X: c.X, Y: c.Y}
		}
	}
	return &ast.Unary{Place: at, Op: ast.Not, X: x}
}

func (p *exprParser) primary() ast.Expr {
	t := p.take()
	switch {
	case t.kind == tokNumber:
		return p.number(t)
	case t.kind == tokText:
		return p.text(t)
	case t.kind == tokWord:
		return p.word(t)
	case t.kind == tokSign && t.text == "(":
		if c := p.peek(); (c.text == "double" || c.text == "float") && p.toks[min(p.i+1, len(p.toks)-1)].text == ")" {
			p.i += 2
			return p.unary()
		}
		x := p.binary(1)
		if !p.bad && !p.takeSign(")") {
			p.unexpected(p.peek(), `")"`)
		}
		return x
	}
	p.unexpected(t, "a value")
	return nil
}

// number reads a literal of C++, its suffixes dropped, or an address with points.
func (p *exprParser) number(t token) ast.Expr {
	at := p.v.at(t)
	if strings.Count(t.text, ".") == 3 {
		return p.b.dotted(t.text, at)
	}
	x := literal(t.text, at)
	if x == nil {
		p.fail(diag.BadLiteral, at, "%q is no number", t.text)
	}
	return x
}

// literal reads a number; nil if it is none.
func literal(text string, at source.Span) ast.Expr {
	digits := strings.TrimRight(text, "uUlL")
	if n, err := strconv.ParseInt(digits, 0, 64); err == nil && !strings.Contains(digits, "_") {
		if len(digits) > 1 && digits[0] == '0' && isDigit(digits[1]) {
			return &ast.IntLit{Place: ast.At(at), Value: n} // octal in C++
		}
		return &ast.IntLit{Place: ast.At(at), Text: digits, Value: n}
	}
	digits = strings.TrimRight(text, "fFlL")
	f, err := strconv.ParseFloat(digits, 64)
	if err != nil || strings.ContainsAny(digits, "xX_nN") {
		return nil
	}
	return &ast.FloatLit{Place: ast.At(at), Value: f}
}

// dotted reads an address with points, which the prototype could not.
func (b *builder) dotted(text string, at source.Span) ast.Expr {
	a, err := netip.ParseAddr(text)
	if err != nil {
		b.errorf(diag.BadLiteral, at, "%q is no address", text)
		return &ast.IntLit{Place: ast.At(at)}
	}
	b.warnf(diag.WideValue, at, "an address with points is read as such").
		Hintf("the prototype took addresses as numbers only")
	return &ast.IPLit{Place: ast.At(at), Value: a}
}

// text reads a text in quotes, which the prototype could not compare.
func (p *exprParser) text(t token) ast.Expr {
	at := p.v.at(t)
	if len(t.text) < 2 || t.text[0] != t.text[len(t.text)-1] {
		p.fail(diag.BadString, at, "this text does not end")
		return nil
	}
	p.b.warnf(diag.WideValue, at, "texts are compared").Hintf("in the prototype they never were equal")
	return textLit(t.text[1:len(t.text)-1], at)
}

func textLit(text string, at source.Span) *ast.StringLit {
	lit := &ast.StringLit{Place: ast.At(at)}
	if text != "" {
		lit.Parts = []*ast.StringPart{{Place: ast.At(at), Text: text}}
	}
	return lit
}

// word reads a name, a table with its key or a call.
func (p *exprParser) word(t token) ast.Expr {
	at := p.v.at(t)
	switch t.text {
	case "true", "false":
		return &ast.BoolLit{Place: ast.At(at), Value: t.text == "true"}
	case "std":
		if p.takeSign("::") {
			return p.primary()
		}
	}
	if p.takeSign("(") {
		if tab := p.b.tables.byName[t.text]; tab != nil {
			return p.tableRead(tab, t)
		}
		return p.call(t)
	}
	x := p.b.nameExpr(t.text, at, p.s)
	p.bad = p.bad || x == nil
	return x
}

// nameExpr finds what a name in an expression means; nil after an error.
func (b *builder) nameExpr(text string, at source.Span, s *scope) ast.Expr {
	m := b.metrics.byName[text]
	if f := b.features.byName[text]; f != nil && !(s.metric && m != nil) {
		return b.featureExpr(f, at, s)
	}
	if m != nil {
		if s.metric {
			m.read = true
			return name(m.ident, at)
		}
		b.errorf(diag.WrongKind, at, "%q is a metric, which only a feature can read", text).
			Hintf("declare <feature name=\"…\" body=%q/>", text)
		return nil
	}
	if b.tables.byName[text] != nil {
		b.errorf(diag.WrongKind, at, "table %q is read without a key", text).Hintf("write %s(ip_src)", text)
		return nil
	}
	if f := b.lookup(text); f != nil {
		return b.fieldExpr(f, at, s)
	}
	b.errorf(diag.UnknownName, at, "unknown name %q", text).Suggest(b.near(text, b.exprNames(s)))
	return nil
}

// exprNames are the names that an expression may hold.
func (b *builder) exprNames(s *scope) []string {
	names := append([]string(nil), b.features.names...)
	if s.metric {
		names = append(names, b.metrics.names...)
	}
	return append(append(names, b.tables.names...), fieldNames...)
}

// fieldExpr is a packet field, or the part of the entity that it is. A text is read
// from the packet always: a key holds the beginning of a long one only.
func (b *builder) fieldExpr(f *field, at source.Span, s *scope) ast.Expr {
	text := f.in(s.proto)
	if s.entity != nil && f.typ != "string" {
		for i, k := range s.key {
			if k == f.name {
				text = s.entity.part(i)
			}
		}
	}
	x := name(text, at)
	if f.typ == "ip" {
		b.isIP[x] = true
	}
	return x
}

// tableRead reads the key of a table up to ")".
func (p *exprParser) tableRead(tab *table, t token) ast.Expr {
	from := p.peek().from
	depth := 1
	for depth > 0 {
		switch c := p.take(); {
		case c.kind == tokEnd:
			p.unexpected(c, `")"`)
			return nil
		case c.text == "(":
			depth++
		case c.text == ")":
			depth--
		}
	}
	end := p.toks[p.i-1]
	v := p.v.part(from, end.from)
	keys := p.b.tableKey(tab, &v, p.s)
	if keys == nil {
		p.bad = true
		return nil
	}
	return &ast.Index{Place: ast.At(p.v.span(t.from, end.to)), Name: ident(tab.ident, p.v.at(t)), Keys: keys}
}

// featureExpr is a feature by its name or, if a metric that it reads has a known
// value here, written out.
func (b *builder) featureExpr(f *feature, at source.Span, s *scope) ast.Expr {
	for m := range f.reads {
		if s.constants[m] != nil && f.value != nil {
			return replace(f.value, s.constants)
		}
	}
	return name(f.ident, at)
}

// replace returns x with names replaced.
func replace(x ast.Expr, by map[string]ast.Expr) ast.Expr {
	switch x := x.(type) {
	case *ast.Name:
		if y := by[x.Name]; y != nil {
			return y
		}
	case *ast.Unary:
		return &ast.Unary{Place: x.Place, Op: x.Op, X: replace(x.X, by)}
	case *ast.Binary:
		return &ast.Binary{Place: x.Place, Op: x.Op, OpPos: x.OpPos, X: replace(x.X, by), Y: replace(x.Y, by)}
	case *ast.Call:
		c := &ast.Call{Place: x.Place, Func: x.Func}
		for _, a := range x.Args {
			c.Args = append(c.Args, replace(a, by))
		}
		return c
	}
	return x
}
