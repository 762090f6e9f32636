package smxml

import (
	"math/big"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"github.com/streamon/streamon/lang/ast"
	"github.com/streamon/streamon/lang/diag"
	"github.com/streamon/streamon/lang/source"
)

// setOperators are those of the language that C++ has not. They bind as
// comparisons do.
var setOperators = map[string]ast.Op{"in": ast.In, "not in": ast.NotIn, "contains": ast.Contains}

// setOperator returns which of them the next tokens are, or "".
func (p *exprParser) setOperator(t token) string {
	if !p.b.isTwo || t.kind != tokWord {
		return ""
	}
	next := p.toks[min(p.i+1, len(p.toks)-1)]
	switch {
	case t.text == "in", t.text == "contains":
		return t.text
	case t.text == "not" && next.kind == tokWord && next.text == "in":
		return "not in"
	}
	return ""
}

// dotted joins the words of a name with points.
func (p *exprParser) dotted(t token) token {
	for p.b.isTwo {
		point, next := p.peek(), p.toks[min(p.i+1, len(p.toks)-1)]
		if point.text != "." || point.from != t.to || next.kind != tokWord || next.from != point.to {
			break
		}
		p.i += 2
		t.text, t.to = t.text+"."+next.text, next.to
	}
	return t
}

// nameTwo finds what a name means in version 2: what the program declares, a field
// of the dialect, else what the checker makes of it. nil after an error.
func (b *builder) nameTwo(text string, at source.Span, s *scope) ast.Expr {
	if b.tables.byName[text] != nil {
		b.errorf(diag.WrongKind, at, "table %q is read without a key", text).Hintf("write %s(ip_src)", text)
		return nil
	}
	if f := lookup(text); f != nil && !b.own[text] {
		return b.fieldExpr(f, at, s)
	}
	return name(text, at)
}

// indexTwo reads the key of a table or metric up to ")"; nil after an error.
func (p *exprParser) indexTwo(t token) ast.Expr {
	if next := p.peek(); next.kind == tokSign && next.text == ")" {
		p.fail(diag.KeyMismatch, p.v.at(next), "a key is missing").Hintf("write %s(ip_src)", t.text)
		return nil
	}
	keys := p.key()
	if !p.bad && !p.takeSign(")") {
		p.unexpected(p.peek(), `"-" or ")"`)
	}
	if p.bad {
		return nil
	}
	at := p.v.span(t.from, p.toks[p.i-1].to)
	return &ast.Index{Place: ast.At(at), Name: ident(t.text, p.v.at(t)), Keys: keys}
}

// key reads values joined with "-". A value made of others stands in parentheses.
func (p *exprParser) key() (out []ast.Expr) {
	for !p.bad {
		out = append(out, p.unary())
		if !p.takeSign("-") {
			break
		}
	}
	return out
}

// keysTwo reads a key that has to have parts; nil after an error.
func (b *builder) keysTwo(v *value, s *scope) []ast.Expr {
	trimmed := v.trim()
	keys, good := b.keyTwo(&trimmed, s)
	if good && len(keys) == 0 {
		b.errorf(diag.KeyMismatch, trimmed.whole(), "a key is missing").Hintf("write (ip_src)")
	}
	return keys
}

// keyTwo reads a key. It has no parts if it is "null" or after an error, which good
// tells apart.
func (b *builder) keyTwo(v *value, s *scope) (keys []ast.Expr, good bool) {
	if v.text == "null" || v.text == "" {
		return nil, true
	}
	p := &exprParser{b: b, v: v, s: s, toks: lex(v.text)}
	if len(p.toks) > maxTokens {
		b.errorf(diag.TooDeep, v.whole(), "this key is too long")
		return nil, false
	}
	keys = p.key()
	if t := p.peek(); !p.bad && t.kind != tokEnd {
		p.unexpected(t, `"-" before the next field`)
	}
	if p.bad {
		return nil, false
	}
	return keys, true
}

// truthTwo is what a condition makes of a value in version 2: a table read is whether
// there is an entry.
func (b *builder) truthTwo(x ast.Expr) ast.Expr {
	if i, ok := x.(*ast.Index); ok && b.tables.byName[i.Name.Name] != nil {
		return &ast.Has{Place: i.Place, Table: i.Name, Keys: i.Keys}
	}
	return x
}

// numberTwo reads what begins with a digit: numbers, ranges, addresses, networks,
// durations and sizes.
func (p *exprParser) numberTwo(t token) ast.Expr {
	if lo, hi, isRange := strings.Cut(t.text, ".."); isRange {
		cut := t.from + len(lo)
		x := p.single(token{kind: tokNumber, text: lo, from: t.from, to: cut})
		y := p.single(token{kind: tokNumber, text: hi, from: cut + 2, to: t.to})
		if x == nil || y == nil {
			return nil
		}
		return &ast.Range{Place: ast.At(p.v.at(t)), Lo: x, Hi: y}
	}
	x := p.single(t)
	slash, bits := p.peek(), p.toks[min(p.i+1, len(p.toks)-1)]
	ip, isIP := x.(*ast.IPLit)
	if !isIP || slash.text != "/" || slash.from != t.to || bits.kind != tokNumber || bits.from != slash.to {
		return x
	}
	p.i += 2
	at := p.v.span(t.from, bits.to)
	n, err := strconv.Atoi(bits.text)
	if err != nil || n > 32 {
		p.fail(diag.BadLiteral, at, "%q is no network", t.text+"/"+bits.text)
		return nil
	}
	return &ast.NetLit{Place: ast.At(at), Value: netip.PrefixFrom(ip.Value, n)}
}

// single reads one value that begins with a digit; nil after an error.
func (p *exprParser) single(t token) ast.Expr {
	at := p.v.at(t)
	if strings.Count(t.text, ".") == 3 {
		if a, err := netip.ParseAddr(t.text); err == nil {
			return &ast.IPLit{Place: ast.At(at), Value: a}
		}
	}
	if x := literal(t.text, at); x != nil {
		return x
	}
	if d, ok := parseUnits(t.text, durationUnits, true); ok {
		return &ast.DurationLit{Place: ast.At(at), Text: t.text, Value: time.Duration(d)}
	}
	if n, ok := parseUnits(t.text, sizeUnits, false); ok {
		return &ast.SizeLit{Place: ast.At(at), Text: t.text, Value: n}
	}
	p.fail(diag.BadLiteral, at, "%q is no number", short(t.text))
	return nil
}

var (
	durationUnits = map[string]int64{
		"ns": 1, "us": 1e3, "ms": 1e6, "s": 1e9, "m": 60e9, "h": 3600e9, "d": 86400e9, "w": 7 * 86400e9,
	}
	sizeUnits = map[string]int64{
		"B": 1, "KB": 1e3, "MB": 1e6, "GB": 1e9, "TB": 1e12, "KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30, "TiB": 1 << 40,
	}
)

// parseUnits reads a number with its unit, or several if many.
func parseUnits(text string, units map[string]int64, many bool) (int64, bool) {
	if len(text) > 80 {
		return 0, false
	}
	sum := new(big.Rat)
	for rest := text; rest != ""; {
		n := 0
		for n < len(rest) && (isDigit(rest[n]) || rest[n] == '.') {
			n++
		}
		end := n
		for end < len(rest) && !isDigit(rest[end]) && rest[end] != '.' {
			end++
		}
		factor := units[rest[n:end]]
		v, ok := new(big.Rat).SetString(rest[:n])
		if !ok || factor == 0 || !many && end < len(rest) {
			return 0, false
		}
		sum.Add(sum, v.Mul(v, new(big.Rat).SetInt64(factor)))
		rest = rest[end:]
	}
	whole := new(big.Int).Quo(sum.Num(), sum.Denom())
	return whole.Int64(), whole.IsInt64()
}

// elements reads the values of a set up to its end.
func (p *exprParser) elements() (out []ast.Expr) {
	for !p.bad {
		t := p.peek()
		if t.kind == tokEnd || t.text == "}" {
			break
		}
		if len(out) > 0 && !p.takeSign(",") {
			p.unexpected(t, `","`)
			break
		}
		out = append(out, p.binary(1))
	}
	return out
}

// set reads {a, b, …}, its opening brace taken.
func (p *exprParser) set(t token) ast.Expr {
	elems := p.elements()
	if !p.bad && !p.takeSign("}") {
		p.unexpected(p.peek(), `"}"`)
	}
	if p.bad {
		return nil
	}
	return &ast.SetLit{Place: ast.At(p.v.span(t.from, p.toks[p.i-1].to)), Elems: elems}
}
