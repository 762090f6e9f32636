package smon

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// firstWords returns the literals that a production of the grammar may begin with.
func firstWords(t *testing.T, rules map[string]string, name string) []string {
	t.Helper()
	rule := rules[name]
	if alternatives := strings.Split(rule, " | "); rules[alternatives[0]] != "" && !strings.Contains(rule, `"`) {
		var words []string
		for _, a := range alternatives {
			words = append(words, firstWords(t, rules, a)...)
		}
		return words
	}
	if strings.HasPrefix(rule, "(?=") {
		return []string{"Ident"}
	}
	head := regexp.MustCompile(`^\(?("\w+"( \| "\w+")*)`).FindStringSubmatch(rule)
	if head == nil {
		t.Fatalf("%s begins with no word: %s", name, rule)
	}
	return strings.Split(strings.ReplaceAll(head[1], `"`, ""), " | ")
}

// TestDispatch states that what is chosen by its first word is what the unions of the
// written grammar hold, and that assignments alone begin with a name.
func TestDispatch(t *testing.T) {
	build()
	rules := map[string]string{}
	for line := range strings.Lines(Grammar()) {
		name, rule, _ := strings.Cut(strings.TrimSuffix(line, " .\n"), " = ")
		rules[name] = rule
	}
	blocks := slices.Sorted(maps.Keys(stmts))
	acts := append(slices.Sorted(maps.Keys(actions)), "Ident")
	for name, have := range map[string][]string{
		"Decl":   slices.Sorted(maps.Keys(decls)),
		"Action": acts,
		"Stmt":   slices.Concat(blocks, acts),
	} {
		want := firstWords(t, rules, name)
		slices.Sort(want)
		slices.Sort(have)
		if !slices.Equal(have, want) {
			t.Errorf("%s is chosen by\n%v, in the grammar are\n%v", name, have, want)
		}
	}
}

// A table may have the name of a statement, and then begins an assignment.
func TestAssignmentToKeyword(t *testing.T) {
	for _, name := range slices.Concat(slices.Collect(maps.Keys(stmts)), slices.Collect(maps.Keys(actions))) {
		_, diags := parse("program p\nentity h: ip\ntable " + name + "[h]: int\nevent e: packet for h = ip.src\non e { " + name + "[h] = 1  when true { " + name + "[h] = 2 } }\n")
		if len(diags) > 0 {
			t.Errorf("a table called %q cannot be set: %s", name, diags[0].Message)
		}
	}
}
