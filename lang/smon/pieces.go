package smon

import (
	"runtime"
	"sync"
	"sync/atomic"

	"github.com/alecthomas/participle/v2/lexer"

	"github.com/streamon/streamon/lang/ast"
)

// parsedPiece is what the grammar made of a piece.
type parsedPiece struct {
	part *ast.File
	next lexer.Token // that does not belong to it; tokEOF if there is none
	err  error
}

// severalFrom is the number of pieces from which they are parsed at once.
const severalFrom = 16

// parsed parses the pieces, each by itself: none depends on another. The result is nil
// for one that holds nothing.
func (p *fileParser) parsed(pieces [][]lexer.Token) []*parsedPiece {
	out := make([]*parsedPiece, len(pieces))
	workers := runtime.GOMAXPROCS(0)
	if len(pieces) < severalFrom {
		workers = 1
	}
	var taken atomic.Int64
	work := func() {
		for {
			i := int(taken.Add(1)) - 1
			if i >= len(pieces) {
				return
			}
			out[i] = p.declaration(pieces[i])
		}
	}
	var wg sync.WaitGroup
	for range workers - 1 {
		wg.Go(work)
	}
	work()
	wg.Wait()
	return out
}

// declaration parses one piece; nil if it holds nothing. It only reads p.
func (p *fileParser) declaration(tokens []lexer.Token) *parsedPiece {
	if len(tokens) == 0 {
		return nil
	}
	lex, err := lexer.Upgrade(&replay{tokens, p.endOf(tokens)}, tokSpace, tokComment)
	if err != nil || lex.Peek().Type == tokEOF {
		return nil
	}
	part, err := parseFile(lex)
	return &parsedPiece{part, *lex.Peek(), err}
}
