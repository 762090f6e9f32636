package smon

import (
	"github.com/alecthomas/participle/v2"
	"github.com/alecthomas/participle/v2/lexer"

	"github.com/streamon/streamon/lang/ast"
	"github.com/streamon/streamon/lang/diag"
	"github.com/streamon/streamon/lang/source"
)

// Expressions are parsed by precedence climbing: parse an operand, then as long as an
// operator follows that binds at least as tightly as asked for, parse its
// right side asking for more, and join. participle calls [parseExpr] wherever
// the grammar says Expr.

// The limits that keep recursion shallow here and in every later walk.
const (
	maxNesting = 200  // parentheses, prefixes and calls inside each other
	maxHeight  = 1000 // of the tree: a chain a+b+c… grows by one each
)

// binaryOps are the operators by their spelling, but for "not in" and "..".
var binaryOps = map[string]ast.Op{
	"or": ast.Or, "||": ast.Or, "and": ast.And, "&&": ast.And,
	"==": ast.Eq, "!=": ast.Ne, "<": ast.Lt, "<=": ast.Le, ">": ast.Gt, ">=": ast.Ge,
	"in": ast.In, "contains": ast.Contains,
	"|": ast.BitOr, "^": ast.BitXor, "&": ast.BitAnd, "<<": ast.Shl, ">>": ast.Shr,
	"+": ast.Add, "-": ast.Sub, "*": ast.Mul, "/": ast.Div, "%": ast.Mod,
}

// operator is what stands between two operands: an op, or ".." if that is NoOp.
type operator struct {
	op   ast.Op
	prec int
}

// syntaxError is an error at a token; participle takes it for one of its own.
type syntaxError struct {
	tok      lexer.Token
	code     diag.Code
	expected string // in words, or ""
	msg      string // instead of "unexpected …, expected …", or ""
	hint     string
}

func (e *syntaxError) Error() string            { return e.Message() }
func (e *syntaxError) Position() lexer.Position { return e.tok.Pos }
func (e *syntaxError) Message() string {
	if e.msg != "" {
		return e.msg
	}
	return "unexpected " + describe(e.tok) + ", expected " + e.expected
}

// parseExpr is the production Expr.
func parseExpr(lex *lexer.PeekingLexer) (ast.Expr, error) {
	p := exprParser{lex: lex}
	if !p.startsOperand() {
		return nil, participle.NextMatch
	}
	x, _, err := p.binary(ast.PrecOr)
	return x, err
}

type exprParser struct {
	lex   *lexer.PeekingLexer
	depth int
}

// startsOperand reports whether an expression can begin with the next token.
func (p *exprParser) startsOperand() bool {
	t := p.lex.Peek()
	switch t.Type {
	case tokEOF:
		return false
	case tokPunct:
		switch t.Value {
		case "(", "{", "-", "~", "!":
			return true
		}
		return false
	case tokIdent:
		switch t.Value {
		case "and", "or", "in":
			return false
		case "for": // of an event whose condition is missing
			return !(p.ahead(1).Type == tokIdent && p.ahead(2).Value == "=")
		}
	}
	return true
}

// binary parses operators that bind at least as tightly as minPrec. The
// second result is the height of the tree.
func (p *exprParser) binary(minPrec int) (ast.Expr, int, error) {
	x, height, err := p.unary(minPrec)
	if err != nil {
		return nil, 0, err
	}
	last := 0 // the binding power of the operator before
	for {
		op, ok := p.peekOperator()
		if !ok || op.prec < minPrec {
			return x, height, nil
		}
		tok := *p.lex.Peek()
		if op.prec == last && (last == ast.PrecCompare || last == ast.PrecRange) {
			return nil, 0, chained(tok, last, x)
		}
		last = op.prec
		opPlace := p.operator(&op)
		y, h, err := p.binary(op.prec + 1)
		if err != nil {
			return nil, 0, err
		}
		height = max(height, h) + 1
		if height > maxHeight {
			return nil, 0, &syntaxError{tok: tok, code: diag.TooDeep,
				msg: "expression too long", hint: "split it into features"}
		}
		span := source.Join(x.Span(), y.Span())
		if op.op == ast.NoOp {
			x = &ast.Range{Place: ast.At(span), Lo: x, Hi: y}
			continue
		}
		x = &ast.Binary{Place: ast.At(span), Op: op.op, OpPos: opPlace, X: x, Y: y}
	}
}

// chained is the error of a second comparison or range in a row.
func chained(tok lexer.Token, prec int, x ast.Expr) error {
	if prec == ast.PrecRange {
		return &syntaxError{tok: tok, code: diag.Syntax, msg: "ranges cannot be chained",
			hint: "write sets of ranges {1..2, 5..9}"}
	}
	if b, ok := x.(*ast.Binary); ok {
		if bits, ok := b.Y.(*ast.Binary); ok && (bits.Op == ast.BitAnd || bits.Op == ast.BitOr) {
			return &syntaxError{tok: tok, code: diag.Syntax, msg: "comparisons cannot be chained",
				hint: "& and | join bits: write and, or between conditions"}
		}
	}
	return &syntaxError{tok: tok, code: diag.Syntax, msg: "comparisons cannot be chained",
		hint: "join two comparisons with and, or use parentheses"}
}

// peekOperator returns the operator that the next tokens are, without taking
// them.
func (p *exprParser) peekOperator() (operator, bool) {
	t := p.lex.Peek()
	if t.Type != tokPunct && t.Type != tokIdent {
		return operator{}, false
	}
	next := p.ahead(1)
	switch {
	case t.Value == "not" && t.Type == tokIdent:
		if next.Type == tokIdent && next.Value == "in" {
			return operator{ast.NotIn, ast.PrecCompare}, true
		}
		return operator{}, false
	case t.Value == "contains" && next.Value == "[":
		return operator{}, false // a table of that name, in the next statement
	}
	if t.Value == ".." {
		return operator{ast.NoOp, ast.PrecRange}, true
	}
	op, ok := binaryOps[t.Value]
	return operator{op, op.Prec()}, ok
}

// operator takes the tokens of op and returns where they stand.
func (p *exprParser) operator(op *operator) ast.Place {
	place := tokenPlace(p.lex.Next())
	if op.op == ast.NotIn {
		place.EndPos = tokenPlace(p.lex.Next()).EndPos
	}
	return place
}

// ahead returns the token that is n after the next.
func (p *exprParser) ahead(n int) lexer.Token {
	mark := p.lex.MakeCheckpoint()
	for range n {
		p.lex.Next()
	}
	t := *p.lex.Peek()
	p.lex.LoadCheckpoint(mark)
	return t
}

// unary parses prefix operators and what they stand before.
func (p *exprParser) unary(minPrec int) (ast.Expr, int, error) {
	t := *p.lex.Peek()
	op, prec := ast.NoOp, ast.PrecUnary
	switch {
	case t.Type == tokIdent && t.Value == "not", t.Type == tokPunct && t.Value == "!":
		op, prec = ast.Not, ast.PrecNot
	case t.Type == tokPunct && t.Value == "-":
		op = ast.Neg
	case t.Type == tokPunct && t.Value == "~":
		op = ast.BitNot
	}
	if op == ast.NoOp {
		return p.primary()
	}
	if prec < minPrec {
		return nil, 0, &syntaxError{tok: t, code: diag.Syntax, msg: "not binds more loosely than the operator before it",
			hint: "put not and its operand in parentheses"}
	}
	if err := p.enter(t); err != nil {
		return nil, 0, err
	}
	defer p.leave()
	place := tokenPlace(p.lex.Next())
	x, height, err := p.binary(prec)
	if err != nil {
		return nil, 0, err
	}
	place.EndPos = x.Span().End
	return &ast.Unary{Place: place, Op: op, X: x}, height + 1, nil
}

// enter counts a level of nesting and fails at the limit.
func (p *exprParser) enter(t lexer.Token) error {
	p.depth++
	if p.depth > maxNesting {
		return &syntaxError{tok: t, code: diag.TooDeep, msg: "expression nested too deeply",
			hint: "split it into features"}
	}
	return nil
}

func (p *exprParser) leave() { p.depth-- }

// primary parses an operand: a literal, a name with what follows it, a set, or
// an expression in parentheses.
func (p *exprParser) primary() (ast.Expr, int, error) {
	t := *p.lex.Peek()
	switch {
	case !p.startsOperand():
		return nil, 0, p.unexpected("an expression")
	case t.Type == tokPunct && t.Value == "(":
		return p.paren()
	case t.Type == tokPunct: // "{", for prefixes were taken by unary
		return p.set()
	case t.Type == tokIdent:
		return p.named()
	}
	p.lex.Next()
	return literal(t), 1, nil
}

// literal makes the node of a token whose value the scanner has checked; a
// literal that was reported there has the value zero here.
func literal(t lexer.Token) ast.Expr {
	place, text := tokenPlace(&t), t.Value
	switch t.Type {
	case tokInt:
		v, _ := parseInt(text)
		return &ast.IntLit{Place: place, Text: text, Value: v}
	case tokFloat:
		v, _ := parseFloat(text)
		return &ast.FloatLit{Place: place, Text: text, Value: v}
	case tokDuration:
		v, _ := parseDuration(text)
		return &ast.DurationLit{Place: place, Text: text, Value: v}
	case tokSize:
		v, _ := parseSize(text)
		return &ast.SizeLit{Place: place, Text: text, Value: v}
	case tokIP:
		v, _ := parseIP(text)
		return &ast.IPLit{Place: place, Text: text, Value: v}
	case tokNet:
		v, _ := parseNet(text)
		return &ast.NetLit{Place: place, Text: text, Value: v}
	case tokMAC:
		v, _ := parseMAC(text)
		return &ast.MACLit{Place: place, Text: text, Value: v}
	case tokString:
		return &ast.StringLit{Place: place, Raw: text}
	}
	return &ast.Name{Place: place, Name: text}
}

// named parses what begins with a word: true and false, a name, a call, an
// index, or "has" with a table.
func (p *exprParser) named() (ast.Expr, int, error) {
	t := *p.lex.Next()
	place := tokenPlace(&t)
	next := *p.lex.Peek()
	switch {
	case t.Value == "true" || t.Value == "false":
		return &ast.BoolLit{Place: place, Value: t.Value == "true"}, 1, nil
	case t.Value == "has" && next.Type == tokIdent && p.ahead(1).Value == "[":
		p.lex.Next()
		table := &ast.Ident{Place: tokenPlace(&next), Name: next.Value}
		keys, end, height, err := p.items("[", "]", 1)
		place.EndPos = end
		return &ast.Has{Place: place, Table: table, Keys: keys}, height + 1, err
	case next.Type == tokPunct && next.Value == "(":
		args, end, height, err := p.items("(", ")", 0)
		f := &ast.Ident{Place: place, Name: t.Value}
		place.EndPos = end
		return &ast.Call{Place: place, Func: f, Args: args}, height + 1, err
	case next.Type == tokPunct && next.Value == "[":
		keys, end, height, err := p.items("[", "]", 1)
		name := &ast.Ident{Place: place, Name: t.Value}
		place.EndPos = end
		return &ast.Index{Place: place, Name: name, Keys: keys}, height + 1, err
	}
	return &ast.Name{Place: place, Name: t.Value}, 1, nil
}

func (p *exprParser) paren() (ast.Expr, int, error) {
	t := *p.lex.Next()
	if err := p.enter(t); err != nil {
		return nil, 0, err
	}
	defer p.leave()
	x, height, err := p.binary(ast.PrecOr)
	if err != nil {
		return nil, 0, err
	}
	place := tokenPlace(&t)
	if place.EndPos, err = p.closing(")", `an operator or ")"`); err != nil {
		return nil, 0, err
	}
	return &ast.Paren{Place: place, X: x}, height + 1, nil
}

func (p *exprParser) set() (ast.Expr, int, error) {
	place := tokenPlace(p.lex.Peek())
	elems, end, height, err := p.items("{", "}", 0)
	if err != nil {
		return nil, 0, err
	}
	place.EndPos = end
	return &ast.SetLit{Place: place, Elems: elems}, height + 1, nil
}

// items parses expressions between the marks open and closing, at least least of them.
// A set may end with a comma. It returns the end and the greatest height.
func (p *exprParser) items(open, closing string, least int) ([]ast.Expr, source.Pos, int, error) {
	t := *p.lex.Next()
	if err := p.enter(t); err != nil {
		return nil, source.Pos{}, 0, err
	}
	defer p.leave()
	var list []ast.Expr
	height := 0
	for {
		next := p.lex.Peek()
		if next.Value == closing && len(list) >= least && (len(list) == 0 || open == "{") {
			break
		}
		x, h, err := p.binary(ast.PrecOr)
		if err != nil {
			return nil, source.Pos{}, 0, err
		}
		list = append(list, x)
		height = max(height, h)
		if p.lex.Peek().Value != "," {
			break
		}
		p.lex.Next()
	}
	end, err := p.closing(closing, `an operator, "," or "`+closing+`"`)
	return list, end, height, err
}

// closing takes the closing mark and returns where it ends.
func (p *exprParser) closing(mark, expected string) (source.Pos, error) {
	if p.lex.Peek().Value != mark {
		return source.Pos{}, p.unexpected(expected)
	}
	return tokenPlace(p.lex.Next()).EndPos, nil
}

func (p *exprParser) unexpected(expected string) error {
	return &syntaxError{tok: *p.lex.Peek(), code: diag.Syntax, expected: expected}
}

// tokenPlace returns where a token stands.
func tokenPlace(t *lexer.Token) ast.Place {
	end := t.Pos
	end.Advance(t.Value)
	return ast.Place{Pos: source.Pos(t.Pos), EndPos: source.Pos(end)}
}
