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
	"github.com/streamon/streamon/lang/source"
)

// Parse reads a program in .smon form. name is used in positions only; src
// must not change afterwards. It always returns a tree, which holds the declarations that were
// understood, and the sorted diagnostics. It never panics, whatever src is,
// and may be called from several goroutines.
func Parse(name string, src []byte) (*ast.File, diag.List) {
	return smon.Parse(source.NewFile(name, src))
}
