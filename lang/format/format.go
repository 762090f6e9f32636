// Package format writes a tree as canonical .smon text: what smcc fmt and the
// XML converter print. It decides layout and spelling only; which field names are
// aliases it is told.
//
// The rules: one declaration a line, those of one kind in columns; two spaces of indent; states and in
// blocks open over several lines; a handler or a condition stays on one line
// if it has little in it; at most one blank line, where the source has some.
// Comments are kept: one behind code stays behind it, others stand above what
// they stood above, and one inside a line of code moves above that line.
//
//	out, err := format.Source(file, format.Options{Canonical: types.CanonicalField})
package format

import (
	"errors"

	"github.com/streamon/streamon/lang/ast"
)

// Options says what is changed besides layout. The zero value changes nothing.
type Options struct {
	// Canonical returns the canonical name of a field, or its argument when
	// that is none or canonical already. It is not asked about names that the
	// program declares itself.
	Canonical func(name string) string
}

// ErrBroken is returned for a tree with declarations that did not parse:
// writing it would lose them.
var ErrBroken = errors.New("format: the program has syntax errors")

// Source returns f as text. Formatting its result again changes nothing. f is
// only read. The error is nil or [ErrBroken].
func Source(f *ast.File, opt Options) ([]byte, error) {
	if len(f.Bad) > 0 {
		return nil, ErrBroken
	}
	p := printer{opt: opt, declared: Declared(f), comments: f.Comments}
	p.file(f)
	return []byte(p.b.String()), nil
}

// Expr returns an expression as text on one line.
func Expr(x ast.Expr) string {
	var p printer
	return p.expr(x, 0)
}

// Parts writes parts of one program, each on one line, for those who lay out the
// rest in another way. The zero value changes nothing but layout, as the zero
// [Options] do.
type Parts struct{ p printer }

// PartsOf returns what writes parts of f.
func PartsOf(f *ast.File, opt Options) Parts {
	return Parts{printer{opt: opt, declared: Declared(f)}}
}

// Expr returns an expression.
func (t *Parts) Expr(x ast.Expr) string { return t.p.expr(x, 0) }

// Action returns an action.
func (t *Parts) Action(a ast.Action) string { return t.p.action(a) }

// Declared returns the names that a program gives to values. They hide the aliases
// of fields.
func Declared(f *ast.File) map[string]bool {
	names := map[string]bool{}
	add := func(id *ast.Ident) {
		if id != nil {
			names[id.Name] = true
		}
	}
	for _, d := range f.Decls {
		switch d := d.(type) {
		case *ast.ParamDecl:
			add(d.Name)
		case *ast.ListDecl:
			add(d.Name)
		case *ast.MetricDecl:
			add(d.Name)
		case *ast.TableDecl:
			add(d.Name)
		case *ast.FeatureDecl:
			add(d.Name)
		case *ast.EntityDecl:
			add(d.Name)
		}
	}
	return names
}
