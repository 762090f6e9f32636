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
	"github.com/streamon/streamon/lang/source"
)

// statementKeywords begin the statements of a handler.
var statementKeywords = []string{
	"when", "otherwise", "always", "set", "get", "reset", "delete", "alert", "log",
	"publish", "drop", "block", "capture", "exec", "start", "stop",
}

// syntax reports an error of the grammar in a piece.
func (p *fileParser) syntax(tokens []lexer.Token, err error) {
	if len(p.diags) >= maxErrors {
		return
	}
	var perr participle.Error
	if errors.As(err, &perr) && p.isFollowing(tokens, perr.Position().Offset) {
		return
	}
	var own *syntaxError
	var unexpected *participle.UnexpectedTokenError
	switch {
	case errors.As(err, &own):
		d := errorf(&p.diags, own.code, tokenSpan(own.tok), "%s", own.Message())
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
		errorf(&p.diags, diag.Syntax, at, "%s", err)
	}
}

// isFollowing reports whether an error at an offset follows from one of the lexer: from a
// string without end, from a character just before it, which was left out, or
// because a wrong number stands there.
func (p *fileParser) isFollowing(tokens []lexer.Token, offset int) bool {
	if p.afterBadString(tokens[0].Pos.Offset, offset) {
		return true
	}
	before := preceding(tokens, lexer.Token{Pos: lexer.Position{Offset: offset}})
	return slices.ContainsFunc(p.diags, func(d *diag.Diagnostic) bool {
		at := d.Span.Start.Offset
		switch d.Code {
		case diag.BadCharacter:
			return before.Pos.Offset <= at && at < offset && p.text[at] != ';'
		case diag.BadLiteral:
			if at == offset && slices.Contains(declKeywords, before.Value) {
				d.Code, d.Message = diag.Syntax, fmt.Sprintf("unexpected %q, expected a name", p.text[at:d.Span.End.Offset])
				d.Hintf("names begin with a letter or _")
			}
			return at == offset
		}
		return false
	})
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
	d := errorf(&p.diags, diag.Syntax, tokenSpan(err.Unexpected), "unexpected %s, expected %s",
		describe(err.Unexpected), orList(first))
	p.hint(d, tokens, err.Unexpected, first)
	if isArgument(tokens, err.Unexpected) {
		d.Hintf(`each argument of exec is a string; a value stands in one, as in "{%s}"`, err.Unexpected.Value)
	}
	if d.Hint == "" && form != "" {
		d.Formf("%s", form)
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
	if len(p.diags) >= maxErrors || p.isFollowing(tokens, t.Pos.Offset) {
		return
	}
	d := errorf(&p.diags, diag.Syntax, tokenSpan(t), "unexpected %s, expected %s", describe(t), expected)
	switch next := following(tokens, t); {
	case eventHabit(tokens, t) != "":
		d.Formf("%s", eventHabit(tokens, t))
	case t.Value == "{" && part.Program != nil && len(part.Decls) == 0:
		d.Formf("no braces stand around a program: its declarations follow")
	case len(part.Decls) == 0 && t.Type == tokIdent && next.Value == "=":
		d.Formf("a value is named by param %s = … or feature %s = …", t.Value, t.Value)
	case slices.Contains(declKeywords, t.Value):
		d.Formf("%s", declForms[t.Value])
	case t.Value == "}":
		d.Hintf("no block is open here")
	case t.Value == ")" || t.Value == "]":
		d.Hintf("nothing is open that %q could close", t.Value)
	case habit(tokens, t, nil) != "":
		d.Hintf("%s", habit(tokens, t, nil))
	case t.Type == tokIdent && next.Type == tokIdent && diag.Nearest(t.Value, declKeywords) != "":
		d.Suggest(diag.Nearest(t.Value, declKeywords))
	case slices.Contains(statementKeywords, t.Value):
		d.Formf("statements stand inside on EVENT { … }")
	case t.Type == tokIdent && begun && diag.Nearest(t.Value, continuations) != "":
		d.Suggest(diag.Nearest(t.Value, continuations))
	case !begun:
		d.Formf("declarations begin with %s", orList(declKeywords))
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

// maxErrors bounds what is said of one file: who writes programs mends a few, and then
// asks again; a text that is none at all could have an error in every byte.
const maxErrors = 1000

// errorf adds an error to a list that is not full, and returns it for its hint.
func errorf(list *diag.List, code diag.Code, at source.Span, format string, args ...any) *diag.Diagnostic {
	if len(*list) >= maxErrors {
		return &diag.Diagnostic{}
	}
	return list.Errorf(code, at, format, args...)
}
