package smon

import (
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/alecthomas/participle/v2"
	"github.com/alecthomas/participle/v2/lexer"

	"github.com/streamon/streamon/lang/ast"
	"github.com/streamon/streamon/lang/diag"
	"github.com/streamon/streamon/lang/source"
)

// finish does what is left after the grammar: it cuts strings into parts,
// refuses values in strings that have to be fixed, and refuses names that no
// expression could use.
func (p *fileParser) finish(file *ast.File) {
	ast.Walk(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.StringLit:
			p.cutString(n)
			return false // the parts have no strings inside
		case *ast.ParamDecl:
			p.reserved(n.Name)
		case *ast.ListDecl:
			p.reserved(n.Name)
		case *ast.MetricDecl:
			p.reserved(n.Name)
		case *ast.TableDecl:
			p.reserved(n.Name)
		case *ast.FeatureDecl:
			p.reserved(n.Name)
		case *ast.EntityDecl:
			p.reserved(n.Name)
			for _, f := range n.Fields {
				p.reserved(f.Name)
			}
		}
		return true
	})
	ast.Walk(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.ProgramDecl:
			p.fixed(n.Doc)
		case *ast.FileRef:
			p.fixed(n.Path)
		case *ast.StateDecl:
			p.fixed(n.Code)
			p.fixed(n.Doc)
		case *ast.SetLit:
			for _, e := range n.Elems {
				if s, ok := e.(*ast.StringLit); ok {
					p.fixed(s)
				}
			}
		}
		return true
	})
}

// reservedNames are operators and truth values: the only words that cannot
// name a value.
var reservedNames = []string{"and", "or", "not", "in", "true", "false"}

func (p *fileParser) reserved(id *ast.Ident) {
	if id != nil && slices.Contains(reservedNames, id.Name) {
		errorf(&p.diags, diag.ReservedName, id.Span(), "%q cannot be a name", id.Name).
			Hintf("expressions would read it as part of the language")
	}
}

func (p *fileParser) fixed(s *ast.StringLit) {
	if s == nil {
		return
	}
	for _, part := range s.Parts {
		if part.Expr != nil {
			errorf(&p.diags, diag.NoInterpolation, part.Span(), "this text is fixed and cannot hold a value").
				Hintf("a brace itself is written {{")
			return
		}
	}
}

// stringCutter cuts one string literal. All offsets are those of the file.
type stringCutter struct {
	p     *fileParser
	lit   *ast.StringLit
	off   int // of the next byte
	end   int // of the closing quote
	text  strings.Builder
	begin int // of the text that is being collected

	mark source.Pos // a place before all that is still to be cut
}

// at returns the position of an offset that is not before the mark. Counting
// columns from the mark keeps long lines linear.
func (c *stringCutter) at(offset int) source.Pos {
	pos := lexer.Position(c.mark)
	pos.Advance(c.p.text[pos.Offset:offset])
	return source.Pos(pos)
}

func (c *stringCutter) span(from, to int) source.Span {
	return source.Span{Start: c.at(from), End: c.at(to)}
}

// cutString fills the parts of a string.
func (p *fileParser) cutString(lit *ast.StringLit) {
	start := lit.Pos.Offset
	c := stringCutter{p: p, lit: lit, off: start + 1, end: start + len(lit.Raw) - 1, begin: start + 1, mark: lit.Pos}
	if len(lit.Raw) < 2 || !strings.HasSuffix(lit.Raw, `"`) {
		return // it does not end, which was reported
	}
	for c.off < c.end {
		rest := p.text[c.off:c.end]
		switch {
		case rest[0] == '\\':
			c.escape(rest)
		case strings.HasPrefix(rest, "{{"), strings.HasPrefix(rest, "}}"):
			c.text.WriteByte(rest[0])
			c.off += 2
		case rest[0] == '{':
			c.flush()
			if !c.value() {
				return
			}
			c.begin = c.off
			c.mark = c.at(c.off)
		default:
			_, n := utf8.DecodeRuneInString(rest)
			c.text.WriteString(rest[:n])
			c.off += n
		}
	}
	c.flush()
}

// flush ends the text that is being collected.
func (c *stringCutter) flush() {
	if c.off > c.begin {
		c.lit.Parts = append(c.lit.Parts, &ast.StringPart{
			Place: ast.At(c.span(c.begin, c.off)), Text: c.text.String(),
		})
		c.text.Reset()
	}
}

var escapes = map[byte]string{'n': "\n", 't': "\t", 'r': "\r", '"': `"`, '\\': `\`, '{': "{", '}': "}"}

func (c *stringCutter) escape(rest string) {
	n := 1
	if len(rest) > 1 {
		if text, ok := escapes[rest[1]]; ok {
			c.text.WriteString(text)
			c.off += 2
			return
		}
		_, size := utf8.DecodeRuneInString(rest[1:])
		n += size
	}
	errorf(&c.p.diags, diag.BadString, c.span(c.off, c.off+n), "unknown escape %q in a string", rest[:n]).
		Hintf(`known are \n \t \r \" \\ \{ \}`)
	c.off += n
}

// value cuts "{expr}" or "{expr:format}" at c.off. It returns false when the
// rest of the string is not worth looking at.
func (c *stringCutter) value() bool {
	open := c.off
	part := &ast.StringPart{}
	expr, colon, closing, ok := c.valueTokens()
	if !ok {
		errorf(&c.p.diags, diag.BadInterpolation, c.span(open, open+1), "this brace is not closed in the string").
			Hintf("a brace itself is written {{")
		return false
	}
	c.off = closing + 1
	part.Place = ast.At(c.span(open, c.off))
	if colon >= 0 {
		part.Format = c.p.text[colon+1 : closing]
	}
	lex, err := lexer.Upgrade(&replay{expr, lexer.Token{Type: tokEOF, Pos: lexer.Position(c.endPos(colon, closing))}}, tokSpace, tokComment)
	if err != nil {
		return false
	}
	x, err := parseExpr(lex)
	t := *lex.Peek()
	switch own, isOwn := err.(*syntaxError); {
	case err == participle.NextMatch:
		c.bad(part.Span(), t, "an expression")
	case isOwn && own.expected != "":
		c.bad(part.Span(), own.tok, own.expected)
	case isOwn:
		errorf(&c.p.diags, own.code, tokenSpan(own.tok), "%s", own.msg).Hintf("%s", own.hint)
	case t.Type != tokEOF:
		c.bad(part.Span(), t, `an operator, ":" or "}"`)
	default:
		part.Expr = x
		c.lit.Parts = append(c.lit.Parts, part)
	}
	return true
}

// bad reports an interpolation that does not parse.
func (c *stringCutter) bad(whole source.Span, t lexer.Token, expected string) {
	at, found := tokenSpan(t), describe(t)
	if t.Type == tokEOF {
		at, found = whole, "end of {…}"
	}
	errorf(&c.p.diags, diag.BadInterpolation, at, "unexpected %s, expected %s", found, expected).
		Hintf("write {expression} or {expression:format}; a brace itself is {{")
}

func (c *stringCutter) endPos(colon, closing int) source.Pos {
	if colon >= 0 {
		return c.at(colon)
	}
	return c.at(closing)
}

// valueTokens scans the tokens of an interpolated expression up to a colon or
// brace outside all brackets. It returns them with the offset of that colon, or
// -1, and of the closing brace. The format after the colon is not scanned.
func (c *stringCutter) valueTokens() (expr []lexer.Token, colon, closing int, ok bool) {
	scan := &scanner{src: c.p.text[:c.end], pos: lexer.Position(c.at(c.off + 1)), diags: &c.p.diags, semicolon: &c.p.semicolon}
	colon = -1
	for depth := 0; ; {
		t, _ := scan.Next()
		switch {
		case t.Type == tokEOF:
			return nil, -1, 0, false
		case depth == 0 && t.Type == tokPunct && t.Value == "}":
			return expr, -1, t.Pos.Offset, true
		case depth == 0 && t.Type == tokPunct && t.Value == ":":
			format := c.p.text[t.Pos.Offset+1 : c.end]
			if i := strings.IndexByte(format, '}'); i >= 0 {
				return expr, t.Pos.Offset, t.Pos.Offset + 1 + i, true
			}
			return nil, -1, 0, false
		}
		depth += nesting(t)
		expr = append(expr, t)
	}
}
