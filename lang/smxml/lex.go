package smxml

import (
	"strings"
	"unicode/utf8"

	"github.com/streamon/streamon/lang/diag"
	"github.com/streamon/streamon/lang/source"
)

// tokenKind is what a token of an expression is.
type tokenKind uint8

const (
	tokEnd tokenKind = iota
	tokWord
	tokNumber
	tokText // in quotes
	tokSign // operator, parenthesis, comma
)

// token is one token of a C++ expression in an attribute.
type token struct {
	kind     tokenKind
	text     string
	from, to int // in the value
}

// signs are the operators of more than one character, longest first.
var signs = []string{"<<", ">>", "<=", ">=", "==", "!=", "&&", "||", "::", "+=", "-=", "*=", "/="}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }
func isWord(c byte) bool {
	return c == '_' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || isDigit(c)
}

// lex cuts an expression into tokens; the last one is tokEnd.
func lex(s string) []token {
	var out []token
	for i := 0; i < len(s); {
		t := token{from: i, kind: tokSign}
		switch c := s[i]; {
		case c == ' ':
			i++
			continue
		case isDigit(c), c == '.' && i+1 < len(s) && isDigit(s[i+1]):
			t.kind = tokNumber
			i = number(s, i)
		case isWord(c):
			t.kind = tokWord
			for i < len(s) && isWord(s[i]) {
				i++
			}
		case c == '"' || c == '\'':
			t.kind = tokText
			if n := strings.IndexByte(s[i+1:], c); n >= 0 {
				i += n + 2
			} else {
				i = len(s)
			}
		default:
			i += sign(s[i:])
		}
		t.to = i
		t.text = s[t.from:i]
		out = append(out, t)
	}
	return append(out, token{kind: tokEnd, from: len(s), to: len(s)})
}

// number returns where the number at i ends: digits, points, letters and the sign
// of an exponent.
func number(s string, i int) int {
	hex := strings.HasPrefix(s[i:], "0x") || strings.HasPrefix(s[i:], "0X")
	for from := i; i < len(s); i++ {
		isSign := (s[i] == '-' || s[i] == '+') && !hex && i > from && (s[i-1] == 'e' || s[i-1] == 'E')
		if !isWord(s[i]) && s[i] != '.' && !isSign {
			break
		}
	}
	return i
}

func sign(s string) int {
	for _, sign := range signs {
		if strings.HasPrefix(s, sign) {
			return len(sign)
		}
	}
	_, n := utf8.DecodeRuneInString(s)
	return n
}

// at is the place of a token.
func (v *value) at(t token) source.Span { return v.span(t.from, t.to) }

// unexpected reports a token that does not fit.
func (b *builder) unexpected(v *value, t token, want string) {
	if t.kind == tokEnd {
		b.errorf(diag.Syntax, v.whole(), "%q ends where %s has to follow", v.text, want)
		return
	}
	d := b.errorf(diag.Syntax, v.at(t), "unexpected %q, expected %s", t.text, want)
	switch t.text {
	case "=":
		d.Hintf("to compare write ==")
	case "?":
		d.Hintf("write two conditions")
	}
}
