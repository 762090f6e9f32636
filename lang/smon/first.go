package smon

import (
	"slices"
	"strings"
)

// Participle tells what it expected as the rest of a production in EBNF, for
// example `("->" Ident)? ("{" Action* "}")?`. People want to know the tokens
// that can come next: the first set of that text.

// productionWords says productions in words; several alternatives are cut by "|".
var productionWords = map[string]string{
	"Ident":        "a name",
	"Name":         "a name",
	"TypeName":     "a type",
	"EntityField":  "a type",
	"Expr":         "an expression",
	"Key":          "an expression",
	"StringLit":    "a string",
	"Arg":          "a name",
	"MetricOp":     "the name of a metric",
	"MetricPart":   `"distinct"|"count"`,
	"SetLit":       `"{"`,
	"FileRef":      `"file"`,
	"Trigger":      `"packet"|"timeout"|"every"`,
	"Binding":      `"for"`,
	"Handler":      `"on"`,
	"Stmt":         "a statement",
	"Action":       "an action",
	"Decl":         "a declaration",
	"ProgramDecl":  `"program"`,
	"<ident>":      "a name",
	"<dotted>":     "a field",
	"<string>":     "a string",
	"AssignAction": "a name",
}

// firstSet returns what can begin the EBNF text, in words, without doubles.
func firstSet(text string) []string {
	r := firstReader{text: text}
	set, _ := r.alternatives()
	var out []string
	for _, s := range set {
		if !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	return out
}

// firstReader walks over EBNF as participle prints it. Each method returns the
// first set of what it read and whether that can be empty.
type firstReader struct{ text string }

func (r *firstReader) space() { r.text = strings.TrimLeft(r.text, " \n") }

func (r *firstReader) take(prefix string) bool {
	rest, ok := strings.CutPrefix(r.text, prefix)
	if ok {
		r.text = rest
	}
	return ok
}

func (r *firstReader) alternatives() (set []string, empty bool) {
	for {
		s, e := r.sequence()
		set, empty = append(set, s...), empty || e
		r.space()
		if !r.take("|") {
			return set, empty
		}
	}
}

func (r *firstReader) sequence() (set []string, empty bool) {
	empty = true
	for {
		r.space()
		if r.text == "" || r.text[0] == ')' || r.text[0] == '|' {
			return set, empty
		}
		s, e := r.term()
		if empty {
			set = append(set, s...)
		}
		empty = empty && e
	}
}

func (r *firstReader) term() (set []string, empty bool) {
	switch {
	case r.take("(?="), r.take("(?!"):
		r.alternatives()
		r.take(")")
		return nil, true
	case r.take("("):
		set, empty = r.alternatives()
		r.take(")")
	case r.text[0] == '"':
		end := strings.IndexByte(r.text[1:], '"')
		if end < 0 {
			r.text = ""
			return nil, true
		}
		set = []string{r.text[:end+2]}
		r.text = r.text[end+2:]
	default:
		n := strings.IndexAny(r.text[1:], ` ()|?*+!"`) + 1
		if n == 0 {
			n = len(r.text)
		}
		word := r.text[:n]
		r.text = r.text[n:]
		if words, ok := productionWords[word]; ok {
			set = strings.Split(words, "|")
		} else {
			set = []string{word}
		}
	}
	for {
		switch {
		case r.take("?"), r.take("*"):
			empty = true
		case r.take("+"), r.take("!"):
		default:
			return set, empty
		}
	}
}
