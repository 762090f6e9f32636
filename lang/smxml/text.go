package smxml

import (
	"strings"

	"github.com/streamon/streamon/lang/ast"
	"github.com/streamon/streamon/lang/diag"
)

// printer reads the text of one message.
type printer struct {
	b    *builder
	v    *value
	h    *handling
	out  []*ast.StringPart
	text strings.Builder
	from int // in the value, of the text being collected
}

// message reads the text of an action: "%name" is a value, "\n", "\t", "\"" and
// "\\" are what they are in C++.
func (b *builder) message(v *value, h *handling) *ast.StringLit {
	p := &printer{b: b, v: v, h: h}
	s := v.text
	for i := 0; i < len(s) && b.variableCount <= maxVariables; {
		n := 1
		switch {
		case s[i] == '\\' && i+1 < len(s):
			n = p.escape(s, i)
		case s[i] == '%':
			if n = p.variable(s, i); n == 0 {
				p.text.WriteByte('%')
				n = 1
			}
		default:
			p.text.WriteByte(s[i])
		}
		i += n
	}
	p.flush(len(s))
	return &ast.StringLit{Place: ast.At(v.whole()), Parts: p.out}
}

func (p *printer) flush(to int) {
	if p.text.Len() > 0 {
		p.out = append(p.out, &ast.StringPart{Place: ast.At(p.v.span(p.from, to)), Text: p.text.String()})
		p.text.Reset()
	}
}

var escapes = map[byte]string{'n': "\n", 't': "\t", 'r': "\r", '"': `"`, '\'': "'", '\\': `\`, '%': "%"}

func (p *printer) escape(s string, i int) int {
	text, ok := escapes[s[i+1]]
	if !ok {
		p.b.warnf(diag.TextEscape, p.v.span(i, i+2), "unknown escape %q stays as it is", s[i:i+2])
		text = s[i : i+2]
	}
	p.text.WriteString(text)
	return 2
}

// variable reads what follows "%" and returns its length with the sign, or 0 if
// it is no variable.
func (p *printer) variable(s string, i int) int {
	end := i + 1
	for end < len(s) && (isWord(s[end]) || end > i+1 && s[end] == '.' && end+1 < len(s) && isWord(s[end+1])) {
		end++
	}
	word := s[i+1 : end]
	if word == "" || isDigit(word[0]) {
		return 0
	}
	if p.b.variableCount++; p.b.variableCount == maxVariables+1 {
		p.b.errorf(diag.TooDeep, p.v.span(i, end), "the texts of a program hold at most %d variables", maxVariables)
	}
	for _, special := range []string{"client.id", "state.code", "state.level", "state.description", "ts"} {
		if word == special || strings.HasPrefix(word, special+".") || special != "ts" && strings.HasPrefix(word, special) {
			p.special(special, i, i+1+len(special))
			return 1 + len(special)
		}
	}
	if dot := strings.IndexByte(word, '.'); dot >= 0 {
		word = word[:dot]
	}
	if p.composite(s, i) {
		return p.from - i
	}
	// The longest name that the word begins with, as the prototype replaced text.
	for n := len(word); n > 0; n-- {
		if x, format := p.named(word[:n], i); x != nil {
			p.put(x, format, i, i+1+n)
			return 1 + n
		}
	}
	if word == "ts" || strings.HasPrefix(word, "ts") {
		p.special("ts", i, i+3)
		return 3
	}
	if len(*p.b.diags) >= maxErrors {
		return 0
	}
	names := append([]string{"ts", "client.id", "state.code", "state.level", "state.description"}, p.b.features.names...)
	p.b.warnf(diag.UnknownVariable, p.v.span(i, end), "unknown variable %q stays as it is", s[i:end]).
		Suggest(p.b.near(word, append(names, fieldNames...)))
	return 0
}

// named returns the value of a variable and its format.
func (p *printer) named(word string, i int) (ast.Expr, string) {
	at := p.v.span(i, i+1+len(word))
	if f := p.b.features.byName[word]; f != nil {
		return p.b.featureExpr(f, at, p.h.scope), ".6f"
	}
	if f := p.b.lookup(word); f != nil {
		return p.b.fieldExpr(f, at, p.h.scope), ""
	}
	return nil, ""
}

// composite reads "%a-b" if a-b is a key of the program: its fields, joined.
func (p *printer) composite(s string, i int) bool {
	best := ""
	for k := range p.b.composites {
		if len(k) > len(best) && strings.HasPrefix(s[i+1:], k) {
			best = k
		}
	}
	if best == "" {
		return false
	}
	at := i + 1
	for n, part := range strings.Split(best, "-") {
		if n > 0 {
			p.text.WriteByte('-')
			p.from = at - 1
		}
		x, format := p.named(part, at-1)
		p.put(x, format, at-1, at+len(part))
		at += len(part) + 1
	}
	return true
}

func (p *printer) put(x ast.Expr, format string, from, to int) {
	p.flush(from)
	p.out = append(p.out, &ast.StringPart{Place: ast.At(p.v.span(from, to)), Expr: x, Format: format})
	p.from = to
}

// special puts a variable that is no field or feature. What is said about the
// state is that before the transition, so it is known.
func (p *printer) special(word string, from, to int) {
	at := p.v.span(from, to)
	switch word {
	case "ts":
		p.put(name("now", at), "", from, to)
	case "client.id":
		p.put(name(p.b.client(at), at), "", from, to)
	case "state.code":
		p.known(p.h.code, from)
	case "state.level":
		p.known(p.h.level, from)
	case "state.description":
		p.known(p.h.text, from)
	}
}

func (p *printer) known(v *value, from int) {
	if v == nil {
		return
	}
	if p.text.Len() == 0 {
		p.from = from
	}
	p.text.WriteString(unescape(v.text))
}

// unescape resolves the escapes of C++ in a text that holds no variables.
func unescape(s string) string {
	var out strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' && i+1 < len(s) {
			if text, ok := escapes[s[i+1]]; ok {
				out.WriteString(text)
				i++
				continue
			}
		}
		out.WriteByte(s[i])
	}
	return out.String()
}
