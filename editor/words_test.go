// Package editor_test makes the lists of words in the files for editors from the
// compiler's own tables, and checks that the files colour programs as the
// compiler reads them. It writes the files anew with
//
//	go test ./editor -update
package editor_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"text/template"

	"github.com/streamon/streamon/lang/types"
)

var update = flag.Bool("update", false, "rewrite the files for editors")

// vocabulary is what a program can be made of, by how it is coloured.
type vocabulary struct {
	Declaration, Statement, Action, Operator      []string // words of the grammar
	Structure, Argument, Boolean, Constant, Level []string
	Type, Value, Function, Layer, Old             []string
	Fields                                        []fieldGroup
}

// fieldGroup is the fields whose names begin alike.
type fieldGroup struct {
	Prefix string
	Names  []string // without the prefix
}

func newVocabulary() *vocabulary {
	v := &vocabulary{
		Declaration: []string{"program", "param", "list", "entity", "metric", "table", "feature", "event", "state"},
		Statement: []string{
			"match", "first", "all", "packet", "timeout", "where", "for", "every", "distinct", "count", "file",
			"any", "on", "when", "otherwise", "always", "then", "lazy", "level", "code", "new", "by", "after", "keep",
		},
		Action:   types.StatementWords(types.Operation, types.Action),
		Operator: []string{"and", "or", "not", "in", "contains", "has"},
		Boolean:  []string{"true", "false"},
		Level:    types.Levels,
		Type:     types.Names,
	}
	for _, role := range []types.Role{types.Distinct, types.Count} {
		for _, k := range types.Kinds(role) {
			v.Structure = append(v.Structure, k.Name)
			for _, a := range k.Args {
				v.Argument = append(v.Argument, a.Name)
			}
		}
	}
	for _, c := range types.Constants("") {
		v.Constant = append(v.Constant, c.Name)
	}
	for _, b := range types.Builtins() {
		if b.Call {
			v.Function = append(v.Function, b.Name)
		} else {
			v.Value = append(v.Value, b.Name)
		}
	}
	for _, l := range types.Layers() {
		v.Layer = append(v.Layer, l.Name)
	}
	v.addFields()
	for _, list := range []*[]string{&v.Structure, &v.Argument, &v.Constant, &v.Old} {
		slices.Sort(*list)
		*list = slices.Compact(*list)
	}
	return v
}

// addFields sorts the names of fields by what stands before their first dot.
func (v *vocabulary) addFields() {
	groups := map[string][]string{}
	for _, name := range types.AllFieldNames() {
		prefix, rest, dotted := strings.Cut(name, ".")
		switch {
		case types.IsOldName(name):
			v.Old = append(v.Old, name)
		case dotted:
			groups[prefix] = append(groups[prefix], rest)
		default:
			v.Layer = append(v.Layer, name) // a field without a dot
		}
	}
	for prefix, names := range groups {
		slices.SortFunc(names, func(a, b string) int { return len(b) - len(a) }) // flags.syn before flags
		v.Fields = append(v.Fields, fieldGroup{prefix, names})
	}
	slices.SortFunc(v.Fields, func(a, b fieldGroup) int { return strings.Compare(a.Prefix, b.Prefix) })
	for i := range v.Fields {
		slices.SortStableFunc(v.Fields[i].Names, func(a, b string) int {
			if len(a) != len(b) {
				return len(b) - len(a)
			}
			return strings.Compare(a, b)
		})
	}
}

// all returns the words of the grammar that have a colour.
func (v *vocabulary) all() []string {
	return slices.Concat(v.Declaration, v.Statement, v.Action, v.Operator)
}

// generated lists the files that are made from templates.
var generated = map[string]string{
	"templates/smon.vim":             "vim/syntax/smon.vim",
	"templates/smon.tmLanguage.json": "vscode/syntaxes/smon.tmLanguage.json",
}

// TestGolden checks that the files have the words that the compiler knows.
func TestGolden(t *testing.T) {
	for from, to := range generated {
		got := generate(t, from)
		if *update {
			if err := os.WriteFile(to, got, 0o644); err != nil {
				t.Error(err)
			}
			continue
		}
		if want, err := os.ReadFile(to); err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s does not have the words that the compiler knows (%v): go test ./editor -update", to, err)
		}
	}
}

func generate(t *testing.T, from string) []byte {
	t.Helper()
	text, err := os.ReadFile(from)
	if err != nil {
		t.Fatal(err)
	}
	quote := func(list []string, or string) string {
		var out []string
		for _, w := range list {
			out = append(out, strings.ReplaceAll(w, ".", `\.`))
		}
		return strings.Join(out, or)
	}
	tmpl, err := template.New(from).Funcs(template.FuncMap{
		"words": func(list []string) string { return strings.Join(list, " ") },
		"vim":   func(list []string) string { return quote(list, `\|`) },
		"alt": func(list []string) string { // inside a text of JSON
			s, err := json.Marshal(quote(list, "|"))
			if err != nil {
				t.Fatal(err)
			}
			return string(s[1 : len(s)-1])
		},
	}).Parse(string(text))
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := tmpl.Execute(&out, newVocabulary()); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// TestWords checks that every word of the grammar has a colour, and only those.
func TestWords(t *testing.T) {
	grammar, err := os.ReadFile("../lang/smon/grammar.ebnf")
	if err != nil {
		t.Fatal(err)
	}
	known := newVocabulary().all()
	words := map[string]bool{}
	for _, m := range regexp.MustCompile(`"([a-z]+)"`).FindAllStringSubmatch(string(grammar), -1) {
		words[m[1]] = true
		if !slices.Contains(known, m[1]) {
			t.Errorf("the grammar has the word %q, which has no colour", m[1])
		}
	}
	expressions := []string{"and", "or", "not", "in", "contains", "has"} // lang/smon/expr.go
	for i, w := range known {
		if !words[w] && !slices.Contains(expressions, w) {
			t.Errorf("%q is no word of the grammar", w)
		}
		if slices.Contains(known[:i], w) {
			t.Errorf("%q is listed twice", w)
		}
	}
}
