package xmlformat

import (
	"strings"

	"github.com/streamon/streamon/lang/ast"
)

// command returns exec(…): arguments stand apart by blanks, in quotes where something in
// them would part or end them.
func (w *writer) command(a *ast.ExecAction, s *scope) string {
	var words []string
	for _, arg := range a.Args {
		words = append(words, w.argument(arg, s))
	}
	return "exec(" + strings.Join(words, " ") + ")"
}

// argument returns one argument of a command.
func (w *writer) argument(lit *ast.StringLit, s *scope) string {
	isBare := len(lit.Parts) > 0
	for _, p := range lit.Parts {
		if p.Expr == nil && strings.Trim(p.Text, wordBytes+"-./:=,+@") != "" {
			isBare = false
		}
	}
	text := w.message(lit, s)
	if isBare {
		return text
	}
	return "'" + strings.ReplaceAll(text, "'", `\x27`) + "'"
}
