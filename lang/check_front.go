package lang

import (
	"slices"

	"github.com/streamon/streamon/lang/ast"
	"github.com/streamon/streamon/lang/check"
	"github.com/streamon/streamon/lang/diag"
	"github.com/streamon/streamon/lang/smxml"
	"github.com/streamon/streamon/lang/source"
)

// Check parses and checks a program. readFile reads the files that its lists
// name, by their paths as written; nil means that none can be read. The program
// is whole only if the list, which is sorted, has no errors. It never panics and
// may be called from several goroutines if readFile may.
func Check(name string, src []byte, readFile func(path string) ([]byte, error)) (*check.Program, diag.List) {
	file, diags := Parse(name, src)
	if smxml.Is(name, src) {
		return checkXML(file, diags, readFile)
	}
	p, found := check.Check(file, check.Options{ReadFile: readFile})
	if diags.HasErrors() {
		found = withoutFollowing(errorsOnly(found), diags)
	}
	diags = append(diags, found...)
	diags.Sort()
	return p, diags
}

// checkXML checks a program in XML. Its front-end has said what it thinks of the
// program, so nothing is added to its errors. The lints of the checker are left
// out: they are advice to who writes a program, which these were long ago; they
// come when it is converted.
func checkXML(file *ast.File, diags diag.List, readFile func(path string) ([]byte, error)) (*check.Program, diag.List) {
	if diags.HasErrors() {
		return nil, diags
	}
	p, found := check.Check(file, check.Options{ReadFile: readFile})
	found.DropForms()
	diags = append(diags, errorsOnly(found)...)
	diags.Sort()
	return p, diags
}

// errorsOnly drops warnings: beside an error of syntax they are guesses.
func errorsOnly(l diag.List) diag.List {
	var out diag.List
	for _, d := range l {
		if d.Severity == diag.Error {
			out = append(out, d)
		}
	}
	return out
}

// withoutFollowing drops from found what follows from an error of the lexer: what is
// said of a literal that is no value, and of a name whose first character was left out.
func withoutFollowing(found, diags diag.List) diag.List {
	bad := map[source.Pos]bool{}
	for _, d := range diags {
		switch d.Code {
		case diag.BadLiteral:
			bad[d.Span.Start] = true
		case diag.BadCharacter:
			bad[d.Span.End] = true
		}
	}
	return slices.DeleteFunc(found, func(d *diag.Diagnostic) bool { return bad[d.Span.Start] })
}
