package smon

import (
	"slices"

	"github.com/alecthomas/participle/v2/lexer"

	"github.com/streamon/streamon/lang/ast"
	"github.com/streamon/streamon/lang/diag"
)

// Recovery inside a declaration. Participle stops at the first error of a piece, and a
// state may be most of a program: so when a declaration with a block does not parse,
// what stands in the block is parsed piece by piece, first handlers, then
// statements. The error at which the whole failed was reported, so the part that
// holds it is passed over; every other part may add one of its own, and those that
// parse go into the tree, for the checker to look at.

// nowhere is the offset of an error that was met.
const nowhere = -1

// recover reports further errors of a declaration whose first error is at an
// offset, and returns what could be read of it, or nil.
func (p *fileParser) recover(tokens []lexer.Token, failed int) ast.Decl {
	solid := slices.DeleteFunc(slices.Clone(tokens), func(t lexer.Token) bool { return t.Type == tokSpace || t.Type == tokComment })
	switch solid[0].Value {
	case "on":
		if h := p.recoverHandler(block(solid, 0, len(solid)), failed); h != nil {
			return h
		}
		return nil
	case "state", "in":
	default:
		return nil
	}
	begins := handlersIn(solid)
	if len(begins) == 0 {
		return nil
	}
	decl := p.head(solid[:begins[0]], failed)
	for i, begin := range begins {
		end := len(solid)
		if i+1 < len(begins) {
			end = begins[i+1]
		}
		c := block(solid, begin, end)
		h := p.recoverHandler(c, failed)
		if c.holds(failed) {
			failed = nowhere
		}
		switch d := decl.(type) {
		case *ast.StateDecl:
			d.Handlers = appendHandler(d.Handlers, h)
		case *ast.InDecl:
			d.Handlers = appendHandler(d.Handlers, h)
		}
	}
	return decl
}

func appendHandler(list []*ast.Handler, h *ast.Handler) []*ast.Handler {
	if h == nil {
		return list
	}
	return append(list, h)
}

// handlersIn returns where handlers begin in a block: at "on" with names and a brace, at
// any depth, for no statement begins so.
func handlersIn(solid []lexer.Token) (begins []int) {
	s := splitter{tokens: solid, solid: make([]int, len(solid))}
	for i := range solid {
		s.solid[i] = i
	}
	for i := 1; i < len(solid); i++ {
		if solid[i].Type == tokIdent && solid[i].Value == "on" && s.hasForm(i) {
			begins = append(begins, i)
		}
	}
	return begins
}

// head parses a declaration up to its block, as if that were empty. It is nil if the
// error that was reported is there.
func (p *fileParser) head(tokens []lexer.Token, failed int) ast.Decl {
	if last := tokens[len(tokens)-1]; last.Pos.Offset >= failed {
		return nil
	}
	part, err := p.parse(append(slices.Clone(tokens), closing(tokens)))
	if err != nil || len(part.Decls) != 1 {
		return nil
	}
	return part.Decls[0]
}

// recoverHandler parses a handler, or as many of its statements as can be parsed.
func (p *fileParser) recoverHandler(c cut, failed int) *ast.Handler {
	tokens := c.tokens
	if !c.holds(failed) {
		part, err := p.parse(tokens)
		if err == nil {
			return handlerOf(part)
		}
		before := len(p.diags)
		p.syntax(tokens, err)
		if len(p.diags) == before { // it was said already
			return nil
		}
		failed = p.diags[len(p.diags)-1].Span.Start.Offset
	}
	open := slices.IndexFunc(tokens, func(t lexer.Token) bool { return t.Value == "{" })
	if open < 0 {
		return nil
	}
	var out *ast.Handler
	for _, st := range statements(tokens[open+1:]) {
		if st.holds(failed) {
			failed = nowhere
			continue
		}
		alone := slices.Concat(tokens[:open+1], st.tokens, []lexer.Token{closing(st.tokens)})
		part, err := p.parse(alone)
		if err != nil {
			p.syntax(alone, err)
			continue
		}
		h := handlerOf(part)
		switch {
		case h == nil:
		case out == nil:
			out = h
		default:
			out.Body = append(out.Body, h.Body...)
			out.EndPos = h.EndPos
		}
	}
	return out
}

// cut is a part of a declaration.
type cut struct {
	tokens []lexer.Token
	end    int // offset of the last token at which an error is one of the part
}

// holds reports whether an error at an offset is one of the part.
func (c cut) holds(offset int) bool {
	return len(c.tokens) > 0 && c.tokens[0].Pos.Offset <= offset && offset <= c.end
}

// cutOf returns tokens[begin:end]. What is missing at its end shows at the token after it.
func cutOf(tokens []lexer.Token, begin, end int) cut {
	last := tokens[end-1]
	c := cut{tokens[begin:end], last.Pos.Offset + len(last.Value)}
	if end < len(tokens) {
		c.end = tokens[end].Pos.Offset
	}
	return c
}

// block returns the part of tokens[begin:end] up to the brace that closes the first
// one in it, or all if none does.
func block(tokens []lexer.Token, begin, end int) cut {
	depth := 0
	for i, t := range tokens[begin:end] {
		depth += nesting(t)
		if depth == 0 && t.Value == "}" {
			return cut{tokens[begin : begin+i+1], t.Pos.Offset}
		}
	}
	return cutOf(tokens, begin, end)
}

// statements cuts the inside of a handler where statements begin, up to its closing
// brace. What stands before the first is left out.
func statements(tokens []lexer.Token) (list []cut) {
	begin, depth, end := -1, 0, len(tokens)
	for i, t := range tokens {
		if depth == 0 && beginsStatement(tokens, i) {
			if begin >= 0 {
				list = append(list, cutOf(tokens, begin, i))
			}
			begin = i
		}
		if t.Value == "{" || t.Value == "}" { // a parenthesis that is open spoils one statement only
			depth += nesting(t)
		}
		if depth < 0 {
			end = i
			break
		}
	}
	if begin >= 0 && begin < end {
		list = append(list, cutOf(tokens, begin, end))
	}
	return list
}

// beginsStatement reports whether a keyword of a statement, or nearly one, stands at i
// where a statement can begin: at the beginning of a line or after a block.
func beginsStatement(tokens []lexer.Token, i int) bool {
	t := tokens[i]
	if t.Type != tokIdent || i > 0 && (!endsDecl(tokens[i-1]) || tokens[i-1].Pos.Line == t.Pos.Line && tokens[i-1].Value != "}") {
		return false
	}
	switch t.Value {
	case "when", "otherwise", "always", "drop", "capture":
		return true
	}
	if i+1 == len(tokens) || tokens[i+1].Type == tokPunct {
		return false
	}
	return slices.Contains(statementKeywords, t.Value) || diag.Nearest(t.Value, statementKeywords) != ""
}

// closing returns a brace that ends tokens.
func closing(tokens []lexer.Token) lexer.Token {
	last := tokens[len(tokens)-1]
	pos := last.Pos
	pos.Advance(last.Value)
	return lexer.Token{Type: tokPunct, Value: "}", Pos: pos}
}

// parse parses the tokens of one declaration; what follows it is left alone.
func (p *fileParser) parse(tokens []lexer.Token) (*ast.File, error) {
	lex, err := lexer.Upgrade(&replay{tokens, p.endOf(tokens)}, tokSpace, tokComment)
	if err != nil {
		return nil, err
	}
	return parseFile(lex)
}

// handlerOf returns the only declaration of a file, if it is a handler.
func handlerOf(part *ast.File) *ast.Handler {
	if len(part.Decls) != 1 {
		return nil
	}
	h, _ := part.Decls[0].(*ast.Handler)
	return h
}
