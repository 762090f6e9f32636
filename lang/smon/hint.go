package smon

import (
	"slices"
	"strings"

	"github.com/alecthomas/participle/v2/lexer"

	"github.com/streamon/streamon/lang/diag"
)

// hint adds what the writer probably meant: the local way to say what other languages
// say with t, a word of the grammar spelled nearly so, or the form of the
// declaration or statement. first is what could have stood in its place.
func (p *fileParser) hint(d *diag.Diagnostic, tokens []lexer.Token, t lexer.Token, first []string) {
	open, isOpen := innermost(tokens, t.Pos.Offset)
	declares := t.Type == tokIdent && slices.Contains(declKeywords, t.Value) && preceding(tokens, t).Pos.Line < t.Pos.Line
	unclosed := open.Value != "{" && (t.Value == "{" || t.Value == "}" || slices.Contains(statementKeywords, t.Value))
	if isOpen && (t.Type == tokEOF || declares || unclosed) {
		d.Note(tokenSpan(open), "%q opened here is not closed", open.Value)
		return
	}
	words := expectedWords(tokens, first)
	if text := habit(tokens, t, words); text != "" {
		d.Hintf("%s", text)
		return
	}
	if text := p.misplaced(tokens, t, open, first); text != "" {
		d.Formf("%s", text)
		return
	}
	if slices.Contains(first, "an action") && (t.Value == "when" || t.Value == "otherwise") {
		d.Hintf("conditions do not nest: close the block, or join the conditions with and").
			Note(tokenSpan(open), "this block is still open")
		return
	}
	if t.Type == tokIdent {
		letters := slices.DeleteFunc(words, func(w string) bool { return !isLetter(w[0]) })
		if d.Suggest(diag.Nearest(t.Value, letters)); d.Hint != "" {
			return
		}
		if next := following(tokens, t); slices.Contains(first, "a statement") && preceding(tokens, t).Type != tokString && (next.Value == "{" || next.Value == "}") {
			d.Hintf("a transition is written -> %s", t.Value)
			return
		}
	}
	if text := form(tokens, t); text != "" && !slices.Contains(first, "a statement") {
		d.Formf("%s", text)
	}
}

// expectedWords returns the words and marks among what could have stood somewhere.
func expectedWords(tokens []lexer.Token, first []string) (words []string) {
	for _, f := range first {
		switch {
		case f == `"{"` && tokens[0].Value == "state":
			words = append(words, "{", "for", "level", "code")
		case strings.HasPrefix(f, `"`):
			words = append(words, strings.Trim(f, `"`))
		case f == "a statement" || f == "an action":
			words = append(words, statementKeywords...)
		case f == "a declaration":
			words = append(words, declKeywords...)
		}
	}
	return words
}

// preceding returns the token before t, elided ones left out.
func preceding(tokens []lexer.Token, t lexer.Token) (last lexer.Token) {
	for _, n := range tokens {
		if n.Pos.Offset >= t.Pos.Offset {
			break
		}
		if n.Type != tokSpace && n.Type != tokComment {
			last = n
		}
	}
	return last
}

// following returns the token after t, elided ones left out.
func following(tokens []lexer.Token, t lexer.Token) lexer.Token {
	for _, n := range tokens {
		if n.Pos.Offset > t.Pos.Offset && n.Type != tokSpace && n.Type != tokComment {
			return n
		}
	}
	return lexer.Token{Type: tokEOF}
}

// innermost returns the last bracket that is open at an offset.
func innermost(tokens []lexer.Token, offset int) (lexer.Token, bool) {
	var open []lexer.Token
	for _, t := range tokens {
		if t.Pos.Offset >= offset {
			break
		}
		switch n := nesting(t); {
		case n > 0:
			open = append(open, t)
		case n < 0 && len(open) > 0:
			open = open[:len(open)-1]
		}
	}
	if len(open) == 0 {
		return lexer.Token{}, false
	}
	return open[len(open)-1], true
}
