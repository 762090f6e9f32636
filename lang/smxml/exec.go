package smxml

import (
	"fmt"
	"strings"

	"github.com/streamon/streamon/lang/ast"
	"github.com/streamon/streamon/lang/diag"
)

// word is one argument of a command: pieces of its text, without the quotes.
type word struct{ pieces []value }

// exec reads exec(command), which the prototype handed to a shell with the text of
// packets in it. Here the command's own text is cut into arguments, at blanks and
// with quotes, before any value stands in it: whatever a packet holds stays in its
// argument. What would need the shell itself is logged, and does not run.
func (b *builder) exec(v, text *value, h *handling, add func(ast.Action)) {
	a, why := b.command(v, text, h)
	if why == "" {
		b.warnf(diag.ExecVector, v.whole(), "exec is read as a program and its arguments, without a shell").
			Hintf("it runs only if the operator allows the program: smprobe run --allow-exec PATH")
		add(a)
		return
	}
	b.warnf(diag.ExecRefused, v.whole(), "exec is refused, its text is logged: %s", why).
		Hintf("there is no shell; block ip.src for 10m says in the language what is often wanted")
	m := b.message(text, h)
	m.Parts = append([]*ast.StringPart{{Place: a.Place, Text: "exec refused: "}}, m.Parts...)
	add(&ast.LogAction{Place: a.Place, Text: m})
}

// command reads a command, or says why it cannot be one.
func (b *builder) command(v, text *value, h *handling) (a *ast.ExecAction, why string) {
	a = &ast.ExecAction{Place: ast.At(v.whole()), Keyword: "exec"}
	words, why := b.commandWords(text)
	switch {
	case why != "":
		return a, why
	case len(words) == 0:
		return a, "there is no program"
	case len(words) > maxArgs:
		return a, fmt.Sprintf("more than %d arguments", maxArgs)
	}
	for _, w := range words {
		lit := &ast.StringLit{Place: a.Place}
		for _, piece := range w.pieces {
			m := b.message(&piece, h)
			lit.Place = m.Place
			lit.Parts = append(lit.Parts, m.Parts...)
		}
		a.Args = append(a.Args, lit)
	}
	return a, programFault(a.Args[0])
}

// maxArgs is how many arguments exec takes, its program included.
const maxArgs = 64

// programFault says why a first word cannot be the program of a command, or nothing.
func programFault(lit *ast.StringLit) string {
	path := ""
	for _, p := range lit.Parts {
		if p.Expr != nil {
			return "a packet would choose the program"
		}
		path += p.Text
	}
	switch {
	case path == "":
		return "there is no program"
	case strings.ContainsAny(path, " \t\n="):
		return fmt.Sprintf("%q is no program", path)
	case strings.Contains(path, "/") && path[0] != '/':
		return fmt.Sprintf("%q is neither a name nor a whole path", path)
	}
	return ""
}

// shellSigns are the characters that mean something to a shell where they stand
// outside of quotes.
const shellSigns = "|;&<>$`(){}*?[]#~!\\"

// commandWords cuts a command at its blanks. Quotes group, those that C++ needs escaped
// too. It says why a shell would be needed, or nothing.
func (b *builder) commandWords(text *value) (words []word, why string) {
	s := text.text
	var w *word
	from := 0
	piece := func(to int) {
		if to > from {
			w.pieces = append(w.pieces, text.part(from, to))
		}
	}
	quote := byte(0)
	for i := 0; i < len(s); {
		c, n := s[i], 1
		switch {
		case c == '\\' && i+1 < len(s) && (s[i+1] == '"' || s[i+1] == '\''):
			c, n = s[i+1], 2
		case c == '\\' && i+1 < len(s) && quote == '\'':
			n = 2 // what C++ makes of it, which a shell would leave alone
		}
		switch {
		case c == '\\' && n == 2:
			if w == nil {
				w, from = &word{}, i
			}
		case quote == 0 && c == ' ':
			if w != nil {
				piece(i)
				words, w = append(words, *w), nil
			}
		case c < ' ', quote == 0 && strings.IndexByte(shellSigns, c) >= 0, quote == '"' && strings.IndexByte("$`\\", c) >= 0:
			return nil, fmt.Sprintf("%q would need a shell", s[i:i+n])
		case (c == '"' || c == '\'') && (quote == 0 || quote == c):
			if w == nil {
				w, from = &word{}, i
			}
			piece(i)
			if quote == 0 {
				quote = c
			} else {
				quote = 0
			}
			from = i + n
		case w == nil:
			w, from = &word{}, i
		}
		i += n
	}
	if quote != 0 {
		return nil, fmt.Sprintf("%q is not closed", string(quote))
	}
	if w != nil {
		piece(len(s))
		words = append(words, *w)
	}
	return words, ""
}
