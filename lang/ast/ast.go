// Package ast holds the tree of a program: one struct per construct of the
// language, each with its grammar in the struct tags and its whole span.
//
// Both front-ends build it: lang/smon lets participle read the tags (this
// package does not know participle), lang/smxml fills the structs by hand. The
// tree is frozen once the front-end returns it; what later phases find out about a
// node they keep beside it, in maps from node to fact. [Decl], [Trigger],
// [Stmt], [Action] and [Expr] are closed sets, so a type switch over them can
// be complete.
//
//	ast.Walk(file, func(n ast.Node) bool {
//		if c, ok := n.(*ast.Call); ok { ... }
//		return true
//	})
package ast

import "github.com/streamon/streamon/lang/source"

// Node is anything in the tree.
type Node interface {
	// Span returns the text of the node, from its first to its last token.
	Span() source.Span
}

// Place is embedded in every node and holds where it stands. Front-ends fill
// it: participle by the field names, others with [At].
type Place struct {
	Pos    source.Pos // of the first byte
	EndPos source.Pos // just after the last token
}

// At returns the Place of a span.
func At(s source.Span) Place { return Place{s.Start, s.End} }

// Span implements [Node].
func (p *Place) Span() source.Span { return source.Span{Start: p.Pos, End: p.EndPos} }

// Ident is a single name that declares or refers to something: a metric, a
// state, an event. Field names with dots occur in expressions only, see [Name].
type Ident struct {
	Place
	Name string `parser:"@Ident"`
}

// Comment is one comment with its marker, without the line end: "# text".
type Comment struct {
	Place
	Text string
}

// File is one program text.
type File struct {
	Place
	Program *ProgramDecl `parser:"@@?"` // nil after an error, never else
	Decls   []Decl       `parser:"@@*"` // in source order

	// Bad names the declarations that did not parse. They are not in Decls;
	// the checker uses it to keep quiet about names declared there.
	Bad []*BadDecl

	// Comments are all comments in source order.
	Comments []*Comment
}

// BadDecl stands for a declaration with a syntax error, which was reported.
type BadDecl struct {
	Place
	Keyword string // "metric", "state", …; "" when even that is unclear
	Name    string // the name it would have declared, or ""
}

// Text returns the value of a string that has no interpolation, and whether
// that is so; nil gives "", true.
func (s *StringLit) Text() (string, bool) {
	if s == nil {
		return "", true
	}
	text := ""
	for _, p := range s.Parts {
		if p.Expr != nil {
			return "", false
		}
		text += p.Text
	}
	return text, true
}
