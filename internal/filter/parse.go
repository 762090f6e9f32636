package filter

import (
	"fmt"
	"strings"
)

// The grammar is that of pcap-filter(7), without what is listed in doc/live.md:
//
//	expr    = term { ("and" | "or") term }        both bind alike, from the left
//	term    = "not" term | "(" expr ")" | primitive
//
// A primitive is qualifiers and a value; "port 80 or 443" repeats the qualifiers of the
// value before.

// parser reads one expression.
type parser struct {
	text   string
	tokens []token
	at     int
	last   qualifiers
	depth  int
}

// token is a word, or one of ( ) ! [ and what stands between brackets, or an operator.
type token struct {
	text string
	pos  int
}

// maxDepth bounds parentheses and nots.
const maxDepth = 100

// Parse reads an expression. An empty one takes all packets.
func Parse(text string) (*Expr, error) {
	p := &parser{text: text}
	err := p.split()
	n := node(constant(true))
	if err == nil && len(p.tokens) > 0 {
		n, err = p.expr()
		if err == nil && p.at < len(p.tokens) {
			err = p.errorf("expected and, or or the end, found %q", p.tokens[p.at].text)
		}
	}
	if err != nil {
		return nil, fmt.Errorf("filter %q: %w", text, err)
	}
	return &Expr{text, n}, nil
}

// found is what an error says of the next token.
func (p *parser) found() string {
	if p.at < len(p.tokens) {
		return fmt.Sprintf("found %q", p.tokens[p.at].text)
	}
	return "found the end"
}

func (p *parser) errorf(format string, args ...any) error {
	pos := len(p.text)
	if p.at < len(p.tokens) {
		pos = p.tokens[p.at].pos
	}
	return fmt.Errorf("at character %d: "+format, append([]any{pos + 1}, args...)...)
}

const wordChars = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.:-_/"

// split makes tokens of the text.
func (p *parser) split() error {
	for i := 0; i < len(p.text); {
		n := 1
		switch c := p.text[i]; {
		case c == ' ' || c == '\t' || c == '\n' || c == '\r':
			i++
			continue
		case strings.IndexByte(wordChars, c) >= 0:
			rest := strings.TrimLeft(p.text[i:], wordChars)
			n = len(p.text) - i - len(rest)
		case c == '[':
			n = strings.IndexByte(p.text[i:], ']') + 1
			if n == 0 {
				return fmt.Errorf("at character %d: a [ without ]", i+1)
			}
		case strings.HasPrefix(p.text[i:], "&&") || strings.HasPrefix(p.text[i:], "||") || strings.IndexByte("=!<>", c) >= 0 && i+1 < len(p.text) && p.text[i+1] == '=':
			n = 2
		case strings.IndexByte("()!=<>&|+", c) >= 0:
		default:
			return fmt.Errorf("at character %d: unexpected %q", i+1, string([]rune(p.text[i:])[0]))
		}
		p.tokens = append(p.tokens, token{p.text[i : i+n], i})
		i += n
	}
	return nil
}

// peek returns the text of the next token, or "".
func (p *parser) peek() string { return p.peekAt(0) }

func (p *parser) peekAt(n int) string {
	if p.at+n < len(p.tokens) {
		return p.tokens[p.at+n].text
	}
	return ""
}

// take consumes the next token if it is one of those given.
func (p *parser) take(words ...string) bool {
	for _, w := range words {
		if w == p.peek() && w != "" {
			p.at++
			return true
		}
	}
	return false
}

func (p *parser) expr() (node, error) {
	x, err := p.term()
	for err == nil {
		var y node
		switch {
		case p.take("and", "&&"):
			y, err = p.term()
			x = both(x, orTrue(y))
		case p.take("or", "||"):
			y, err = p.term()
			x = either(x, orTrue(y))
		default:
			return x, nil
		}
	}
	return nil, err
}

// orTrue stands for what could not be parsed.
func orTrue(n node) node {
	if n == nil {
		return constant(true)
	}
	return n
}

func (p *parser) term() (node, error) {
	if p.depth++; p.depth > maxDepth {
		return nil, p.errorf("nested too deeply")
	}
	defer func() { p.depth-- }()
	switch {
	case p.take("not", "!"):
		x, err := p.term()
		if err != nil {
			return nil, err
		}
		return negate(x), nil
	case p.take("("):
		x, err := p.expr()
		if err == nil && !p.take(")") {
			err = p.errorf("expected ), %s", p.found())
		}
		return x, err
	}
	return p.primitive()
}
