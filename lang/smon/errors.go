package smon

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/alecthomas/participle/v2"
	"github.com/alecthomas/participle/v2/lexer"

	"github.com/streamon/streamon/lang/ast"
	"github.com/streamon/streamon/lang/diag"
)

// statementKeywords begin the statements of a handler.
var statementKeywords = []string{
	"when", "otherwise", "always", "set", "get", "reset", "delete", "alert", "log",
	"publish", "drop", "block", "capture", "exec", "start", "stop",
}

// habits maps words and marks of other languages to what is written here.
var habits = map[string]string{
	"if":      "conditions begin with when",
	"else":    "the other case begins with otherwise",
	"elif":    "write another when: the first true one wins",
	"then":    "write when CONDITION -> STATE { actions }",
	"goto":    "transitions are written when CONDITION -> STATE",
	"print":   `write log "text"`,
	"var":     "values are named by param, feature or table",
	"let":     "values are named by param, feature or table",
	"const":   "values are named by param",
	"counter": "write metric NAME { count KIND(…) }",
	"=":       "to compare, write ==",
	"!":       "to negate, write not",
}

// syntax reports an error of the grammar in a piece.
func (p *fileParser) syntax(tokens []lexer.Token, err error) {
	var perr participle.Error
	if errors.As(err, &perr) && p.afterBadString(tokens[0].Pos.Offset, perr.Position().Offset) {
		return
	}
	var own *syntaxError
	var unexpected *participle.UnexpectedTokenError
	switch {
	case errors.As(err, &own):
		d := p.diags.Errorf(own.code, tokenSpan(own.tok), "%s", own.Message())
		if own.hint != "" {
			d.Hintf("%s", own.hint)
		} else if own.expected != "" {
			p.hint(d, tokens, own.tok, nil)
		}
	case errors.As(err, &unexpected):
		p.unexpected(tokens, unexpected)
	default: // an error that participle makes only for a wrong grammar
		at := p.src.Span(tokens[0].Pos.Offset, tokens[0].Pos.Offset)
		if perr != nil {
			off := perr.Position().Offset
			at = p.src.Span(off, off+1)
		}
		p.diags.Errorf(diag.Syntax, at, "%s", err)
	}
}

// afterBadString reports whether a string without end was reported between two
// offsets: what is then missing after it was swallowed by it.
func (p *fileParser) afterBadString(from, to int) bool {
	return slices.ContainsFunc(p.diags, func(d *diag.Diagnostic) bool {
		at := d.Span.Start.Offset
		return d.Code == diag.BadString && from <= at && at <= to
	})
}

// unexpected reports a token that does not fit, with what would.
func (p *fileParser) unexpected(tokens []lexer.Token, err *participle.UnexpectedTokenError) {
	_, text, _ := strings.Cut(err.Message(), " (expected ")
	first := firstSet(strings.TrimSuffix(text, ")"))
	if len(first) == 1 {
		switch first[0] {
		case `"}"`:
			first = append(blockItems(tokens, err.Unexpected), first...)
		case `")"`, `"]"`:
			first = append([]string{`","`}, first...)
		}
	}
	before := preceding(tokens, err.Unexpected)
	form := declForms[before.Value] // of the keyword that lacks its name
	switch {
	case len(first) == 0 && form != "":
		first = []string{"a name"}
	case len(first) == 0:
		first = []string{"a declaration"}
	}
	d := p.diags.Errorf(diag.Syntax, tokenSpan(err.Unexpected), "unexpected %s, expected %s",
		describe(err.Unexpected), orList(first))
	p.hint(d, tokens, err.Unexpected, first)
	if isArgument(tokens, err.Unexpected) {
		d.Hintf(`each argument of exec is a string; a value stands in one, as in "{%s}"`, err.Unexpected.Value)
	}
	if d.Hint == "" && form != "" {
		d.Hintf("%s", form)
	}
}

// isArgument reports whether t stands where an argument of exec would, and is none.
func isArgument(tokens []lexer.Token, t lexer.Token) bool {
	if t.Type == tokEOF || t.Type == tokPunct || slices.Contains(statementKeywords, t.Value) {
		return false
	}
	before := preceding(tokens, t)
	for before.Type == tokString {
		before = preceding(tokens, before)
	}
	return before.Type == tokIdent && before.Value == "exec" && before.Pos.Line == t.Pos.Line
}

// trailing reports the first token after a declaration that belongs to nothing.
func (p *fileParser) trailing(tokens []lexer.Token, t lexer.Token, part *ast.File) {
	begun := len(part.Decls) > 0 || part.Program != nil
	expected := "a declaration"
	if begun && endsInExpr(part) {
		expected = "an operator or a declaration"
	}
	d := p.diags.Errorf(diag.Syntax, tokenSpan(t), "unexpected %s, expected %s", describe(t), expected)
	switch next := following(tokens, t); {
	case slices.Contains(declKeywords, t.Value):
		d.Hintf("%s", declForms[t.Value])
	case t.Value == "=" && begun:
		d.Hintf("%s", habits["="])
	case t.Value == "}":
		d.Hintf("no block is open here")
	case t.Type == tokIdent && next.Type == tokIdent && diag.Nearest(t.Value, declKeywords) != "":
		d.Suggest(diag.Nearest(t.Value, declKeywords))
	case slices.Contains(statementKeywords, t.Value):
		d.Hintf("statements stand inside on EVENT { … }")
	case t.Type == tokIdent && begun && diag.Nearest(t.Value, continuations) != "":
		d.Suggest(diag.Nearest(t.Value, continuations))
	default:
		p.hint(d, tokens, t, nil)
	}
}

// continuations are words that go on with a declaration or an expression.
var continuations = []string{"where", "for", "match", "and", "or", "not", "in", "contains"}

// endsInExpr reports whether the last declaration of part ends in an expression.
func endsInExpr(part *ast.File) bool {
	if len(part.Decls) == 0 {
		return false
	}
	switch d := part.Decls[len(part.Decls)-1].(type) {
	case *ast.ParamDecl, *ast.FeatureDecl:
		return true
	case *ast.EventDecl:
		_, timeout := d.Trigger.(*ast.TimeoutTrigger)
		return !timeout
	}
	return false
}

// declForms shows how each declaration is written.
var declForms = map[string]string{
	"program": `write program NAME "what it is for"`,
	"param":   "write param NAME = VALUE",
	"list":    "write list NAME = {…}",
	"entity":  "write entity NAME: TYPE",
	"metric":  "write metric NAME { count KIND(…) }",
	"table":   "write table NAME[KEY]: TYPE",
	"feature": "write feature NAME = EXPRESSION",
	"event":   "write event NAME: packet where CONDITION for ENTITY = FIELD",
	"in":      "write in any { … } or in STATE, … { … }",
	"state":   "write state NAME { … }",
	"on":      "write on EVENT { … }",
}

// hint adds what the writer probably meant: a word of the grammar spelled
// nearly so, or the local way to say what other languages say with t.
func (p *fileParser) hint(d *diag.Diagnostic, tokens []lexer.Token, t lexer.Token, first []string) {
	if t.Type == tokEOF || t.Type == tokIdent && slices.Contains(declKeywords, t.Value) {
		if open, ok := innermost(tokens, t.Pos.Offset); ok {
			d.Note(tokenSpan(open), "%q opened here is not closed", open.Value)
		}
		return
	}
	if t.Type != tokIdent && t.Type != tokPunct {
		return
	}
	var words []string
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
	if t.Type == tokIdent {
		d.Suggest(diag.Nearest(t.Value, slices.DeleteFunc(slices.Clone(words), func(w string) bool { return !isLetter(w[0]) })))
	}
	if t.Value == "[" && slices.Contains(words, "{") {
		d.Hintf("sets are written {1, 2, 10..20}")
	}
	if text, ok := habits[t.Value]; ok && d.Hint == "" && !slices.Contains(words, t.Value) {
		d.Hintf("%s", text)
	}
}

// describe names a token for people.
func describe(t lexer.Token) string {
	switch {
	case t.Type == tokEOF:
		return "end of the declaration"
	case len(t.Value) > 40:
		return fmt.Sprintf("%q…", t.Value[:37])
	case t.Type == tokString:
		return "string " + t.Value
	}
	return fmt.Sprintf("%q", t.Value)
}

// orList joins alternatives: a, b or c.
func orList(words []string) string {
	n := len(words)
	if n == 1 {
		return words[0]
	}
	return strings.Join(words[:n-1], ", ") + " or " + words[n-1]
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

// blockItems says what may stand in the block that t is in, besides its end. The
// error itself only knows the end, for what goes before it may be absent.
func blockItems(tokens []lexer.Token, t lexer.Token) []string {
	open, ok := innermost(tokens, t.Pos.Offset)
	if !ok {
		return nil
	}
	// The words since the last block mark tell what the block belongs to.
	var head []lexer.Token
	for _, tok := range tokens {
		if tok.Pos.Offset >= open.Pos.Offset {
			break
		}
		switch {
		case tok.Value == "{" || tok.Value == "}":
			head = head[:0]
		case tok.Type != tokSpace && tok.Type != tokComment:
			head = append(head, tok)
		}
	}
	if len(head) == 0 {
		return nil
	}
	if n := len(head); n >= 2 && head[n-2].Value == "publish" {
		return []string{`","`}
	}
	switch head[0].Value {
	case "metric":
		return []string{`"distinct"`, `"count"`}
	case "in", "state":
		return []string{`"on"`}
	case "on":
		return []string{"a statement"}
	case "list":
		return []string{`","`}
	}
	if w := slices.IndexFunc(head, func(t lexer.Token) bool { return slices.Contains(statementKeywords, t.Value) }); w >= 0 {
		return []string{"an action"}
	}
	return nil
}
