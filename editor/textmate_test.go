package editor_test

import (
	"encoding/json"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// rule is a rule of a TextMate grammar, as far as ours goes.
type rule struct {
	Name, Match, Begin, End, Include     string
	Captures, BeginCaptures, EndCaptures map[string]struct{ Name string }
	Patterns                             []*rule
	Repository                           map[string]*rule

	match, begin, end *searcher
}

// compile compiles the expressions of a rule and of all below it. Ours are in the part
// that RE2 has of Oniguruma, so that Go reads them as editors do.
func (r *rule) compile(t *testing.T) {
	t.Helper()
	for _, e := range []struct {
		text string
		to   **searcher
	}{{r.Match, &r.match}, {r.Begin, &r.begin}, {r.End, &r.end}} {
		if e.text == "" {
			continue
		}
		*e.to = newSearcher(t, e.text)
	}
	for _, p := range r.Patterns {
		p.compile(t)
	}
	for _, p := range r.Repository {
		p.compile(t)
	}
}

// tokenizer colours lines with a grammar. It does what vscode-textmate does: the
// rule that matches leftmost wins, and of those at one place the first; a rule with
// begin and end holds until its end matches.
type tokenizer struct {
	t       *testing.T
	grammar *rule
	open    []*rule // rules that have begun
}

// line returns the innermost scope of each byte of a line.
func (z *tokenizer) line(text string) []string {
	scopes := make([]string, len(text))
	for at := 0; at <= len(text); {
		var best *rule
		var where []int
		isEnd := false
		patterns := z.grammar.Patterns
		if n := len(z.open); n > 0 {
			patterns = z.open[n-1].Patterns
			if m := find(z.open[n-1].end, text, at); m != nil {
				best, where, isEnd = z.open[n-1], m, true
			}
		}
		z.each(patterns, func(r *rule) {
			re := r.match
			if re == nil {
				re = r.begin
			}
			if m := find(re, text, at); m != nil && (where == nil || m[0] < where[0]) {
				best, where, isEnd = r, m, false
			}
		})
		if best == nil {
			z.paint(scopes, at, len(text), "")
			return scopes
		}
		z.paint(scopes, at, where[0], "")
		switch {
		case isEnd:
			z.paint(scopes, where[0], where[1], best.Name)
			z.captures(scopes, where, best.EndCaptures)
			z.open = z.open[:len(z.open)-1]
		case best.begin != nil:
			z.open = append(z.open, best)
			z.paint(scopes, where[0], where[1], best.Name)
			z.captures(scopes, where, best.BeginCaptures)
		default:
			z.paint(scopes, where[0], where[1], best.Name)
			z.captures(scopes, where, best.Captures)
		}
		if where[1] == at && !isEnd && best.begin == nil {
			z.t.Fatalf("the rule %q matches nothing at %q", best.Match, text[at:])
		}
		if at = where[1]; at == len(text) && len(z.open) == 0 {
			return scopes
		}
	}
	return scopes
}

// find looks for a match from at on; \b sees what is before it.
func find(re *searcher, text string, at int) []int {
	in, from := re.first, 0
	if at > 0 {
		in, from = re.later, at-1
	}
	m := in.FindStringSubmatchIndex(text[from:])
	if m == nil {
		return nil
	}
	for i := range m {
		if m[i] >= 0 {
			m[i] += from
		}
	}
	whole := append([]int{m[3], m[1]}, m[4:]...) // without what was skipped
	return whole
}

// searcher is an expression that is looked for from any place: at the begin of a text,
// or after one byte that is only context.
type searcher struct{ first, later *regexp.Regexp }

func newSearcher(t *testing.T, text string) *searcher {
	t.Helper()
	var s searcher
	var err error
	if s.first, err = regexp.Compile(`^((?s:.*?))(?:` + text + `)`); err == nil {
		s.later, err = regexp.Compile(`^(?s:.)((?s:.*?))(?:` + text + `)`)
	}
	if err != nil {
		t.Fatalf("%q: %v", text, err)
	}
	return &s
}

// each calls f for rules, those they include, in order.
func (z *tokenizer) each(list []*rule, f func(*rule)) {
	for _, r := range list {
		switch {
		case r.Include != "":
			name := strings.TrimPrefix(r.Include, "#")
			included, ok := z.grammar.Repository[name]
			if !ok {
				z.t.Fatalf("the grammar includes %q, which it has not", r.Include)
			}
			z.each([]*rule{included}, f)
		case r.match == nil && r.begin == nil:
			z.each(r.Patterns, f)
		default:
			f(r)
		}
	}
}

// paint gives bytes a scope: name, or that of the innermost rule with one.
func (z *tokenizer) paint(scopes []string, from, to int, name string) {
	for k := len(z.open) - 1; name == "" && k >= 0; k-- {
		name = z.open[k].Name
	}
	for i := from; i < to; i++ {
		scopes[i] = name
	}
}

func (z *tokenizer) captures(scopes []string, where []int, names map[string]struct{ Name string }) {
	for k := 0; 2*k < len(where); k++ {
		if c, ok := names[strconv.Itoa(k)]; ok && where[2*k] >= 0 {
			z.paint(scopes, where[2*k], where[2*k+1], c.Name)
		}
	}
}

// scopeClass says which colour a scope stands for: the longest prefix counts.
var scopeClass = map[string]string{
	"storage.type": "keyword", "keyword": "keyword", "keyword.operator.arrow": "", "keyword.operator.smon": "",
	"constant.language.level": "level", "constant.language.boolean": "boolean", "support.constant": "constant", "storage.type.value": "type",
	"support.function": "builtin", "variable.language": "builtin", "support.class.layer": "layer", "support.variable.field": "field",
	"invalid.deprecated.field": "old", "variable.other.member": "plain", "constant.numeric": "number", "constant.numeric.ip": "address", "constant.numeric.mac": "address",
	"punctuation.definition.string": "string", "string": "string", "comment": "comment",
}

func classOf(scope string) string {
	for prefix := scope; prefix != ""; {
		if class, ok := scopeClass[prefix]; ok {
			return class
		}
		dot := strings.LastIndexByte(prefix, '.')
		prefix = prefix[:max(dot, 0)]
	}
	return scope
}

// TestTextMate compares the colours of every byte with what the compiler reads.
func TestTextMate(t *testing.T) {
	text, err := os.ReadFile("vscode/syntaxes/smon.tmLanguage.json")
	if err != nil {
		t.Fatal(err)
	}
	var grammar rule
	if err := json.Unmarshal(text, &grammar); err != nil {
		t.Fatal(err)
	}
	grammar.compile(t)
	for name, text := range programs(t) {
		z := &tokenizer{t: t, grammar: &grammar}
		var scopes [][]string
		for line := range strings.SplitSeq(text, "\n") {
			scopes = append(scopes, z.line(line))
		}
		compare(t, name, text, func(line, column int) string { return classOf(scopes[line-1][column]) })
	}
}
