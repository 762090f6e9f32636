package doc_test

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/streamon/streamon/lang"
	"github.com/streamon/streamon/lang/diag"
	"github.com/streamon/streamon/lang/types"
)

// statementExamples has a statement for each form in the catalogue, among the
// declarations of [around].
var statementExamples = map[string]string{
	"set METRIC [key, …] [new (key, …)] [by AMOUNT], …": `set peers[host] new (ip.src, ip.dst), syns[host] by 2`,
	"get METRIC [key, …] [new (key, …)], …":             `get syns[host], seen new (ip.src, ip.dst)`,

	"when CONDITION [-> STATE] [{ actions }]": `when rate > 1 -> watched { drop }`,
	"otherwise [-> STATE] [{ actions }]":      `otherwise -> watched { drop }`,
	"always { actions }":                      `always { drop }`,

	`alert [LEVEL] "message"`:             `alert high "{host}"`,
	`log "message"`:                       `log "{host}"`,
	"publish TOPIC {name: expression, …}": `publish rates {host: host, top: talkers}`,
	`publish TOPIC "message"`:             `publish rates "{host}"`,
	"start EVENT after D":                 `start check after period`,
	"start EVENT every D":                 `start check every 10s`,
	"start EVENT … keep":                  `start check every 10s keep`,
	"stop EVENT":                          `stop check`,
	"T[key] = expression":                 `last[host] = 1`,
	"delete T[key]":                       `delete last[host]`,
	"reset M[key]":                        `reset syns[host]`,
	"reset M":                             `reset peers`,
	"reset T":                             `reset last`,
	"set …":                               `set syns[host]`,
	"get …":                               `get syns[host]`,
	"drop":                                `drop`,
	"capture":                             `capture`,
	"block FIELD for D":                   `block ip.src for 10m`,
	`exec "PROGRAM" "argument" …`:         `exec "nft" "add" "{ip.src}"`,
}

// TestStatements compiles each form of the catalogue where it may stand: all of
// them in a handler, operations and actions also in the braces of a condition.
func TestStatements(t *testing.T) {
	var all []types.Statement
	for _, part := range []types.Part{types.Operation, types.Condition, types.Action} {
		all = append(all, types.Statements(part)...)
	}
	for _, st := range all {
		example, ok := statementExamples[st.Sign]
		if !ok {
			t.Errorf("no example of %s", st.Sign)
			continue
		}
		if !strings.HasPrefix(example, st.Word) {
			t.Errorf("%s: the example is %s", st.Sign, example)
		}
		bodies := []string{example}
		if st.Part != types.Condition {
			bodies = append(bodies, "when 1 > 0 { "+example+" }")
		}
		for _, body := range bodies {
			src := around + "on one {\n" + body + "\n}\n"
			_, list := lang.Check("it", []byte(src), readList)
			for _, d := range list {
				if d.Severity == diag.Error {
					t.Errorf("%s: %v\n%s", st.Sign, d, numbered(body))
				}
			}
		}
	}
	if len(statementExamples) != len(all) {
		t.Errorf("%d examples of %d forms", len(statementExamples), len(all))
	}
}

// TestStatementWords compares the catalogue with the grammar as the parser has it.
func TestStatementWords(t *testing.T) {
	text, err := os.ReadFile("../lang/smon/grammar.ebnf")
	if err != nil {
		t.Fatal(err)
	}
	rules := map[string]string{}
	for line := range strings.Lines(string(text)) {
		if name, right, ok := strings.Cut(strings.TrimSpace(line), " = "); ok {
			rules[name] = right
		}
	}
	heads := regexp.MustCompile(`^\(?((?:"[a-z]+"(?: \| )?)+)`)
	grammar := func(rule string) (words []string) {
		for alternative := range strings.SplitSeq(strings.TrimSuffix(rules[rule], " ."), " | ") {
			if m := heads.FindStringSubmatch(rules[alternative]); m != nil {
				for word := range strings.SplitSeq(m[1], " | ") {
					words = append(words, strings.Trim(word, `"`))
				}
			}
		}
		slices.Sort(words)
		return words
	}
	for rule, parts := range map[string][]types.Part{
		"Stmt":   {types.Operation, types.Condition, types.Action},
		"Action": {types.Operation, types.Action},
	} {
		words := types.StatementWords(parts...)
		slices.Sort(words)
		words = slices.Compact(words)
		if got := grammar(rule); !slices.Equal(got, words) {
			t.Errorf("%s begins with %v, the catalogue has %v", rule, got, words)
		}
	}
}
