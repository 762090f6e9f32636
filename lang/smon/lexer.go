package smon

import (
	"io"
	"strings"
	"unicode/utf8"

	"github.com/alecthomas/participle/v2/lexer"

	"github.com/streamon/streamon/lang/diag"
	"github.com/streamon/streamon/lang/source"
)

// The token types. There are no keywords: every word is an Ident, and the
// grammar decides by place, so that a feature may be called "count".
const (
	tokEOF    = lexer.EOF
	tokIdent  = lexer.TokenType(iota) // one word
	tokDotted                         // words joined by dots: a packet field
	tokInt
	tokFloat
	tokDuration
	tokSize
	tokIP
	tokNet
	tokMAC
	tokString // with its quotes
	tokPunct
	tokSpace   // elided; kept so that a node ends where its last token does
	tokComment // elided; collected for the formatter
)

// definition is the lexer as participle sees it. Participle only asks it for
// the names of the token types; [parse] scans by itself to keep the errors.
type definition struct{}

func (definition) Symbols() map[string]lexer.TokenType {
	return map[string]lexer.TokenType{
		"EOF": tokEOF, "Ident": tokIdent, "Dotted": tokDotted, "Int": tokInt, "Float": tokFloat,
		"Duration": tokDuration, "Size": tokSize, "IP": tokIP, "Net": tokNet, "MAC": tokMAC,
		"String": tokString, "Punct": tokPunct, "Space": tokSpace, "Comment": tokComment,
	}
}

func (definition) Lex(filename string, r io.Reader) (lexer.Lexer, error) {
	src, err := io.ReadAll(r)
	if err != nil {
		return nil, err
	}
	f := source.NewFile(filename, src)
	return &scanner{src: string(src), pos: lexer.Position(f.Pos(0)), diags: new(diag.List), semicolon: new(bool)}, nil
}

// scanner cuts a text into tokens. What it cannot read it reports and leaves
// out or replaces by a token of the right type, so that one bad character
// costs one diagnostic.
type scanner struct {
	src   string
	pos   lexer.Position // of the next byte
	diags *diag.List

	semicolon *bool // one was met in this file
}

// Next implements lexer.Lexer; the error is always nil.
func (s *scanner) Next() (lexer.Token, error) {
	for {
		rest := s.src[s.pos.Offset:]
		if rest == "" {
			return lexer.EOFToken(s.pos), nil
		}
		typ, n := s.scan(rest)
		tok := lexer.Token{Type: typ, Value: rest[:n], Pos: s.pos}
		s.pos.Advance(rest[:n])
		if typ != 0 {
			return tok, nil
		}
	}
}

// scan returns type and length of the token rest begins with; type 0 means
// that it was reported and is to be left out.
func (s *scanner) scan(rest string) (lexer.TokenType, int) {
	switch c := rest[0]; {
	case spaceLen(rest) > 0:
		return tokSpace, spaceLen(rest)
	case c == '#', strings.HasPrefix(rest, "//"):
		return tokComment, lineLen(rest)
	case c == '"':
		return s.scanString(rest)
	}
	if typ, n := scanColonAddress(rest); n > 0 {
		if typ == tokNet {
			s.checkLiteral(typ, rest[:n])
		}
		return typ, n
	}
	switch c := rest[0]; {
	case isDigit(c):
		return s.scanNumber(rest)
	case isLetter(c):
		return scanWord(rest)
	}
	for _, p := range punctuation {
		if strings.HasPrefix(rest, p) {
			return tokPunct, len(p)
		}
	}
	return s.badCharacter(rest)
}

// punctuation lists longer marks before their prefixes.
var punctuation = []string{
	"->", "==", "!=", "<=", ">=", "<<", ">>", "&&", "||", "..",
	"{", "}", "(", ")", "[", "]", ",", ":", "=", "<", ">", "|", "&", "^", "~", "+", "-", "*", "/", "%", "!", ".",
}

func spaceLen(s string) int {
	n := 0
	for {
		switch {
		case n < len(s) && strings.IndexByte(" \t\r\n\v\f", s[n]) >= 0:
			n++
		case strings.HasPrefix(s[n:], "\ufeff"): // byte order mark
			n += len("\ufeff")
		default:
			return n
		}
	}
}

// lineLen returns the length of s up to its first line end, which is left out.
func lineLen(s string) int {
	if i := strings.IndexByte(s, '\n'); i >= 0 {
		return len(strings.TrimSuffix(s[:i], "\r"))
	}
	return len(s)
}

func isDigit(c byte) bool  { return '0' <= c && c <= '9' }
func isLetter(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' || c == '_' }
func isWord(c byte) bool   { return isDigit(c) || isLetter(c) }
func isHex(c byte) bool    { return isDigit(c) || 'a' <= c|0x20 && c|0x20 <= 'f' }

func spanLen(s string, in func(byte) bool) int {
	n := 0
	for n < len(s) && in(s[n]) {
		n++
	}
	return n
}

// scanWord reads a name, with dots when each is followed by a letter.
func scanWord(rest string) (lexer.TokenType, int) {
	typ, n := tokIdent, spanLen(rest, isWord)
	for n+1 < len(rest) && rest[n] == '.' && isLetter(rest[n+1]) {
		typ = tokDotted
		n += 1 + spanLen(rest[n+1:], isWord)
	}
	return typ, n
}

// scanString reads to the closing quote. Escapes and braces are looked at when the
// parts of the string are made.
func (s *scanner) scanString(rest string) (lexer.TokenType, int) {
	for i := 1; i < len(rest); i++ {
		switch rest[i] {
		case '"':
			return tokString, i + 1
		case '\\':
			if i+1 < len(rest) && rest[i+1] != '\n' {
				i++
			}
		case '\n':
			return s.badString(rest)
		}
	}
	return s.badString(rest)
}

func (s *scanner) badString(rest string) (lexer.TokenType, int) {
	n := lineLen(rest)
	errorf(s.diags, diag.BadString, s.span(n), "string does not end on its line").
		Hintf(`close it with "`)
	return tokString, n
}

// span returns the place of the next n bytes, which have no line end.
func (s *scanner) span(n int) source.Span {
	end := s.pos
	end.Advance(s.src[s.pos.Offset : s.pos.Offset+n])
	return source.Span{Start: source.Pos(s.pos), End: source.Pos(end)}
}

// wrongQuotes returns the length of a string on this line that r begins, as other languages
// and word processors write it, and what its quotes are; 0 if there is none.
func wrongQuotes(rest string, r rune) (n int, kind string) {
	quotes := ""
	switch r {
	case '\'':
		quotes, kind = "'", "single"
	case '“', '”':
		quotes, kind = "“”", "typographic"
	default:
		return 0, ""
	}
	first := utf8.RuneLen(r)
	end := strings.IndexAny(rest[first:lineLen(rest)], quotes)
	if end < 0 {
		return 0, ""
	}
	return first + end + first, kind // both quotes are of one length
}

// plainSigns are the signs of the language for those that typesetting makes of them.
var plainSigns = map[rune]string{
	'–': "-", '—': "-", '−': "-", '×': "*", '÷': "/", '≤': "<=", '≥': ">=", '≠': "!=", '→': "->", '∧': "and", '∨': "or", '¬': "not",
}

// badCharacter reports a character that begins nothing, and a run of such
// characters only once.
func (s *scanner) badCharacter(rest string) (lexer.TokenType, int) {
	r, n := utf8.DecodeRuneInString(rest)
	if n, kind := wrongQuotes(rest, r); n > 0 {
		errorf(s.diags, diag.BadCharacter, s.span(n), "string in %s quotes", kind).
			Hintf(`strings stand between double quotes: "text"`)
		return tokString, n
	}
	for n < len(rest) && rest[n] >= utf8.RuneSelf && rest[0] >= utf8.RuneSelf {
		_, size := utf8.DecodeRuneInString(rest[n:])
		n += size
	}
	if r == ';' && *s.semicolon { // a habit of the writer, said once
		return 0, n
	}
	d := errorf(s.diags, diag.BadCharacter, s.span(n), "unexpected character %q", r)
	switch r {
	case ';':
		*s.semicolon = true
		d.Hintf("nothing needs a separator: leave them all out")
	case '\'', '`', '“', '”':
		d.Hintf(`strings stand between double quotes: "text"`)
	case '?':
		d.Hintf("a choice is two conditions: when … { … } otherwise { … }")
	case '$', '@', '\\':
		d.Hintf("leave it out")
	case utf8.RuneError:
		d.Hintf("the file has to be UTF-8 text")
	default:
		d.Hintf("names are made of letters a-z, digits and _")
		if sign, ok := plainSigns[r]; ok {
			d.Hintf("write %s", sign)
		}
	}
	return 0, n
}
