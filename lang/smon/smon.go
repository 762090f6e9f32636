// Package smon is the front-end for .smon files: the lexer, the grammar built by
// participle from the tags in lang/ast, expressions by precedence climbing, and
// recovery after errors. [Parse] is its whole surface.
//
// How a text is parsed: the scanner cuts it into tokens and reports what is no
// token; the splitter cuts the tokens where a top-level declaration begins
// (declarations need no separator, and participle stops at its first error);
// every piece goes through the grammar alone, so that each can report an
// error of its own; a piece with a block that fails is cut once more, into
// handlers and statements (recover.go); then strings are cut into text and values, and the few
// rules that the grammar cannot say are looked at.
package smon

import (
	"slices"
	"strings"

	"github.com/alecthomas/participle/v2/lexer"

	"github.com/streamon/streamon/lang/ast"
	"github.com/streamon/streamon/lang/diag"
	"github.com/streamon/streamon/lang/source"
)

// Parse reads a program. It always returns a tree, holding the declarations
// that were understood, and the sorted diagnostics, which are errors of syntax.
func Parse(f *source.File) (*ast.File, diag.List) {
	go build()
	p := fileParser{src: f, text: string(f.Src)}
	scan := &scanner{src: p.text, pos: lexer.Position(f.Pos(0)), diags: &p.diags, semicolon: &p.semicolon}
	p.tokens = make([]lexer.Token, 0, len(p.text)*3/8+16) // a dense program has a token or a space in three bytes
	file := &ast.File{Place: ast.At(f.Span(0, len(f.Src)))}
	for {
		t, _ := scan.Next()
		if t.Type == tokEOF {
			break
		}
		if t.Type == tokComment {
			place := tokenPlace(&t)
			file.Comments = append(file.Comments, &ast.Comment{Place: place, Text: t.Value})
		}
		p.tokens = append(p.tokens, t)
	}
	pieces := split(p.tokens)
	for i, r := range p.parsed(pieces) {
		if r != nil {
			p.piece(file, pieces[i], r)
		}
	}
	p.header(file)
	p.finish(file)
	p.diags.Sort()
	return file, p.diags
}

// fileParser is the state of one Parse.
type fileParser struct {
	src    *source.File
	text   string // of src, once
	tokens []lexer.Token
	diags  diag.List

	semicolon bool // one was met
}

// replay is a lexer over tokens that were scanned before.
type replay struct {
	tokens []lexer.Token
	end    lexer.Token
}

// Next implements lexer.Lexer.
func (r *replay) Next() (lexer.Token, error) {
	if len(r.tokens) == 0 {
		return r.end, nil
	}
	t := r.tokens[0]
	r.tokens = r.tokens[1:]
	return t, nil
}

// piece adds what was made of a piece to file, and says what is wrong with it.
func (p *fileParser) piece(file *ast.File, tokens []lexer.Token, r *parsedPiece) {
	part := r.part
	if r.err != nil {
		before := len(p.diags)
		p.syntax(tokens, r.err)
		if len(p.diags) > before {
			if d := p.recover(tokens, p.diags[before].Span.Start.Offset); d != nil {
				file.Decls = append(file.Decls, d)
				return
			}
		}
		file.Bad = append(file.Bad, badDecl(tokens))
		return
	}
	if t := r.next; t.Type != tokEOF {
		p.trailing(tokens, t, part)
		if len(part.Decls) == 0 && part.Program == nil {
			file.Bad = append(file.Bad, badDecl(tokens))
		}
		if n := len(part.Decls); n > 0 && endsInExpr(part) && !(t.Type == tokIdent && slices.Contains(declKeywords, t.Value)) && t.Value != "}" {
			part.Decls = part.Decls[:n-1] // its expression is not what was meant
			file.Bad = append(file.Bad, badDecl(tokens))
		}
	}
	file.Decls = append(file.Decls, part.Decls...)
	if part.Program == nil {
		return
	}
	switch {
	case file.Program != nil:
		errorf(&p.diags, diag.DuplicateProgram, part.Program.Span(), "second program header in one file").
			Note(file.Program.Span(), "the first is here")
	case len(file.Decls) > 0:
		errorf(&p.diags, diag.DuplicateProgram, part.Program.Span(), "program header after other declarations").
			Hintf("move it to the top")
		file.Program = part.Program
	default:
		file.Program = part.Program
	}
}

// endOf returns the end-of-file token that closes a piece: it stands just after
// what is missing something, not where the next piece begins.
func (p *fileParser) endOf(tokens []lexer.Token) lexer.Token {
	end := tokens[0].Pos
	for _, t := range tokens {
		switch {
		case t.Type == tokSpace || t.Type == tokComment:
		case strings.HasPrefix(p.text[t.Pos.Offset:], t.Value):
			end = lexer.Position(tokenPlace(&t).EndPos)
		default: // a bracket that recover added
			end = t.Pos
		}
	}
	return lexer.EOFToken(end)
}

// header reports a missing program header.
func (p *fileParser) header(file *ast.File) {
	if file.Program != nil {
		return
	}
	for _, b := range file.Bad {
		if b.Keyword == "program" {
			return
		}
	}
	at := p.src.Span(0, 0)
	for _, t := range p.tokens {
		if t.Type != tokSpace && t.Type != tokComment {
			at = tokenSpan(t)
			break
		}
	}
	errorf(&p.diags, diag.MissingProgram, at, "no program header").
		Hintf(`begin the file with: program NAME "what it is for"`)
}

func tokenSpan(t lexer.Token) source.Span {
	place := tokenPlace(&t)
	return place.Span()
}
