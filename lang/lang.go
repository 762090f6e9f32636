// Package lang is the front door of the language: from the text of a program
// to its tree and diagnostics. What the phases do is in the packages below it.
//
//	file, diags := lang.Parse("p2p.smon", src)
//	if diags.HasErrors() {
//		diags.Print(os.Stderr, source.NewFile("p2p.smon", src), false)
//	}
package lang

import (
	"github.com/streamon/streamon/lang/ast"
	"github.com/streamon/streamon/lang/diag"
	"github.com/streamon/streamon/lang/smon"
	"github.com/streamon/streamon/lang/smxml"
	"github.com/streamon/streamon/lang/source"
)

// Parse reads a program in .smon form or, if its name ends in .xml or its text
// begins with "<", in the XML dialect. name is used in positions only; src
// must not change afterwards. It always returns a tree, which holds the declarations that were
// understood, and the sorted diagnostics. It never panics, whatever src is,
// and may be called from several goroutines.
func Parse(name string, src []byte) (*ast.File, diag.List) {
	f := source.NewFile(name, src)
	if smxml.Is(name, src) {
		return smxml.Parse(f, smon.Parse)
	}
	return smon.Parse(f)
}
