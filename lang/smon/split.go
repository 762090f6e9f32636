package smon

import (
	"slices"

	"github.com/alecthomas/participle/v2/lexer"

	"github.com/streamon/streamon/lang/ast"
	"github.com/streamon/streamon/lang/diag"
)

// declKeywords begin the top-level declarations.
var declKeywords = []string{
	"program", "param", "list", "entity", "metric", "table", "feature", "event", "in", "state", "on",
}

// split cuts tokens where top-level declarations begin. Together the pieces are the
// tokens; only the last may be empty.
//
// Words are not reserved, so a declaration is known by its form: the keyword, a
// name, and the mark or word that has to follow. Inside brackets nothing
// begins, unless brackets do not pair in this file: then a declaration in
// column 1 begins even so, and the missing bracket spoils one piece only.
// A keyword and a name at the beginning of a line are taken for a declaration with a
// mistake after them, when what stands before can end one.
func split(tokens []lexer.Token) [][]lexer.Token {
	solid := make([]int, 0, len(tokens)) // indices of tokens that are not elided
	for i, t := range tokens {
		if t.Type != tokSpace && t.Type != tokComment {
			solid = append(solid, i)
		}
	}
	s := splitter{tokens: tokens, solid: solid}
	s.paired = s.bracketsPair()
	var pieces [][]lexer.Token
	begin, depth, first := 0, 0, -1
	for k, i := range solid {
		t := tokens[i]
		if s.begins(k, depth, first) {
			if i > begin {
				pieces = append(pieces, tokens[begin:i])
			}
			begin, depth, first = i, 0, k
		}
		depth = max(0, depth+nesting(t))
	}
	return append(pieces, tokens[begin:])
}

type splitter struct {
	tokens []lexer.Token
	solid  []int
	paired bool
}

// at returns the k-th solid token, the end of file outside.
func (s *splitter) at(k int) lexer.Token {
	if k < 0 || k >= len(s.solid) {
		return lexer.Token{Type: tokEOF}
	}
	return s.tokens[s.solid[k]]
}

// nesting returns how t changes the depth of brackets.
func nesting(t lexer.Token) int {
	if t.Type != tokPunct {
		return 0
	}
	switch t.Value {
	case "{", "(", "[":
		return 1
	case "}", ")", "]":
		return -1
	}
	return 0
}

// bracketsPair reports whether every bracket closes with its own kind.
func (s *splitter) bracketsPair() bool {
	var open []string
	for _, i := range s.solid {
		t := s.tokens[i]
		switch nesting(t) {
		case 1:
			open = append(open, t.Value)
		case -1:
			if len(open) == 0 || open[len(open)-1]+t.Value != map[string]string{"}": "{}", ")": "()", "]": "[]"}[t.Value] {
				return false
			}
			open = open[:len(open)-1]
		}
	}
	return len(open) == 0
}

// begins reports whether a declaration begins at the k-th solid token, when the one before
// began at first (-1: none did).
func (s *splitter) begins(k, depth, first int) bool {
	t := s.at(k)
	if t.Type != tokIdent {
		return false
	}
	if !slices.Contains(declKeywords, t.Value) {
		return depth == 0 && s.misspelt(k)
	}
	if depth > 0 {
		inBlock := t.Value == "on" || t.Value == "in"
		return !s.paired && t.Pos.Column == 1 && !inBlock && s.at(k+1).Type == tokIdent
	}
	prev := s.at(k - 1)
	if first >= 0 && first == k-1 && s.hasForm(first) {
		return false // this is its name
	}
	if first >= 0 && s.at(first).Value == "state" && prev.Type == tokIdent && (prev.Value == "then" || prev.Value == "level") {
		return false // the name of a state or a level
	}
	if s.hasForm(k) {
		return true
	}
	firstOfLine := prev.Type == tokEOF || prev.Pos.Line < t.Pos.Line
	if !firstOfLine || first == k-1 || !endsDecl(prev) || t.Value == "in" || t.Value == "on" {
		return false
	}
	after := s.at(k + 1)
	return after.Type == tokIdent || after.Type == tokPunct && after.Value == declMarks[t.Value]
}

// declMarks follow the name in most declarations.
var declMarks = map[string]string{
	"param": "=", "list": "=", "feature": "=", "entity": ":", "event": ":", "metric": "{", "table": "[", "state": "{",
}

// misspelt reports whether a word and a name begin the line at k, the word is nearly
// a declaration's keyword, and the line before can be the end of one.
func (s *splitter) misspelt(k int) bool {
	t, prev := s.at(k), s.at(k-1)
	return prev.Pos.Line < t.Pos.Line && s.at(k+1).Type == tokIdent && endsDecl(prev) &&
		!slices.Contains(headWords, t.Value) && !slices.Contains(reservedNames, t.Value) &&
		diag.Nearest(t.Value, declKeywords) != ""
}

// headWords continue a declaration after its name.
var headWords = []string{"where", "for", "lazy", "then", "level", "code", "match", "contains"}

// endsDecl reports whether t can be the last token of a declaration.
func endsDecl(t lexer.Token) bool {
	if t.Type != tokPunct {
		return !slices.Contains([]string{"and", "or", "not", "in", "where", "for", "by", "then", "level", "every"}, t.Value)
	}
	return t.Value == "}" || t.Value == ")" || t.Value == "]"
}

// hasForm reports whether a declaration with its keyword at k has its name
// and the token after it as the grammar wants them.
func (s *splitter) hasForm(k int) bool {
	if s.at(k+1).Type != tokIdent {
		return false
	}
	after := s.at(k + 2)
	switch s.at(k).Value {
	case "program": // nothing has to follow its name, so it must begin a line
		return k == 0 || s.at(k-1).Pos.Line < s.at(k).Pos.Line
	case "state":
		return after.Type == tokString || slices.Contains([]string{"{", "for", "level", "code"}, after.Value)
	case "in", "on":
	default:
		return after.Value == declMarks[s.at(k).Value]
	}
	// in and on: names with commas, then a block.
	for k++; s.at(k+1).Value == ","; k += 2 {
		if s.at(k).Type != tokIdent {
			return false
		}
	}
	return s.at(k).Type == tokIdent && s.at(k+1).Value == "{"
}

// badDecl describes a piece that did not parse.
func badDecl(tokens []lexer.Token) *ast.BadDecl {
	bad := &ast.BadDecl{}
	n := 0
	for i := range tokens {
		t := &tokens[i]
		if t.Type == tokSpace || t.Type == tokComment {
			continue
		}
		place := tokenPlace(t)
		if n == 0 {
			bad.Pos = place.Pos
		}
		bad.EndPos = place.EndPos
		if t.Type == tokIdent && n == 0 {
			bad.Keyword = t.Value
			if !slices.Contains(declKeywords, t.Value) {
				bad.Keyword = diag.Nearest(t.Value, declKeywords) // "" when it is none
			}
		}
		if t.Value == "=" && n == 1 && bad.Keyword == "" {
			bad.Name = tokens[0].Value // a keyword is missing
		}
		if t.Type == tokIdent && n == 1 && bad.Keyword != "in" && bad.Keyword != "on" && bad.Keyword != "" {
			bad.Name = t.Value
		}
		n++
	}
	return bad
}
