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
	at := ast.At(v.whole())
	words, why := commandWords(text)
	a := &ast.ExecAction{Place: at, Keyword: "exec"}
	for i, w := range words {
		lit := &ast.StringLit{Place: at}
		for _, piece := range w.pieces {
			m := b.message(&piece, h)
			lit.Place = m.Place
			lit.Parts = append(lit.Parts, m.Parts...)
		}
		if i == 0 && why == "" {
			why = programFault(lit)
		}
		a.Args = append(a.Args, lit)
	}
	switch {
	case why == "" && len(words) == 0:
		why = "there is no program"
	case why == "" && len(words) > maxArgs:
		why = fmt.Sprintf("more than %d arguments", maxArgs)
	}
	if why == "" {
		b.warnf(diag.ExecVector, v.whole(), "exec is read as a program and its arguments, without a shell").
			Hintf("it runs only if the operator allows the program: smprobe run --allow-exec PATH")
		add(a)
		return
	}
	b.warnf(diag.ExecRefused, v.whole(), "exec is refused, its text is logged: %s", why).
		Hintf("there is no shell; block ip.src for 10m says in the language what is often wanted")
	m := b.message(text, h)
	m.Parts = append([]*ast.StringPart{{Place: at, Text: "exec refused: "}}, m.Parts...)
	add(&ast.LogAction{Place: at, Text: m})
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
func commandWords(text *value) (words []word, why string) {
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
		if c == '\\' && i+1 < len(s) && (s[i+1] == '"' || s[i+1] == '\'') {
			c, n = s[i+1], 2
		}
		switch {
		case quote == 0 && c == ' ':
			if w != nil {
				piece(i)
				words, w = append(words, *w), nil
			}
		case quote == 0 && strings.IndexByte(shellSigns, c) >= 0, quote == '"' && strings.IndexByte("$`\\", c) >= 0, c == '\\', c < ' ':
			return nil, fmt.Sprintf("%q would need a shell", s[i:i+n])
		case c == '"' || c == '\'':
			switch quote {
			case 0:
				if w == nil {
					w, from = &word{}, i
				}
				piece(i)
				quote, from = c, i+n
			case c:
				piece(i)
				quote, from = 0, i+n
			}
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
