package smxml

import (
	"strconv"
	"strings"

	"github.com/streamon/streamon/lang/diag"
)

// hexEscape reads "\x3B" at i in a text of version 2, where a ";" cannot stand
// itself.
func (b *builder) hexEscape(s string, i int) (string, bool) {
	if !b.isTwo || i+4 > len(s) || s[i+1] != 'x' {
		return "", false
	}
	n, err := strconv.ParseUint(s[i+2:i+4], 16, 8)
	if err != nil || n > 0x7f {
		return "", false
	}
	return string(rune(n)), true
}

// braces reads "%{value:format}" of version 2 and returns its length, or 0 if
// there is none at i.
func (p *printer) braces(s string, i int) int {
	if !p.b.isTwo || i+1 >= len(s) || s[i+1] != '{' {
		return 0
	}
	depth, end := 0, i+1
	for ; end < len(s); end++ {
		switch s[end] {
		case '{':
			depth++
		case '}':
			depth--
		}
		if depth == 0 {
			break
		}
	}
	if end == len(s) {
		p.b.errorf(diag.BadInterpolation, p.v.span(i, i+2), `"%%{" is not closed`).Hintf(`write \%% for the sign itself`)
		return end - i
	}
	inner := p.v.part(i+2, end)
	format := ""
	if colon := strings.LastIndexByte(inner.text, ':'); colon >= 0 {
		format = inner.text[colon+1:]
		inner = inner.part(0, colon)
	}
	inner = inner.trim()
	if x := p.b.expr(&inner, p.h.scope); x != nil {
		p.put(x, format, i, end+1)
	}
	return end + 1 - i
}

// plainTwo resolves the escapes in a text that holds no values.
func (b *builder) plainTwo(v *value) string {
	var out strings.Builder
	for s, i := v.text, 0; i < len(s); i++ {
		if s[i] != '\\' || i+1 == len(s) {
			out.WriteByte(s[i])
			continue
		}
		if text, ok := b.hexEscape(s, i); ok {
			out.WriteString(text)
			i += 3
		} else if text, ok := escapes[s[i+1]]; ok {
			out.WriteString(text)
			i++
		} else {
			out.WriteByte('\\')
		}
	}
	return out.String()
}
