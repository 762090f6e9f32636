package smon

import (
	"slices"
	"strings"

	"github.com/alecthomas/participle/v2/lexer"
)

// declForms shows how each declaration is written.
var declForms = map[string]string{
	"program": `write program NAME "what it is for"`,
	"param":   "write param NAME = VALUE",
	"list":    "write list NAME = {…}",
	"entity":  "write entity NAME: TYPE",
	"metric":  "write metric NAME { count KIND(…) }",
	"table":   "write table NAME[KEY]: TYPE",
	"feature": "write feature NAME = EXPRESSION",
	"event":   "write event NAME: packet where CONDITION for ENTITY = FIELD",
	"in":      "write in any { … } or in STATE, … { … }",
	"state":   "write state NAME { … }",
	"on":      "write on EVENT { … }",
}

// statementForms shows how each statement is written.
var statementForms = map[string]string{
	"on":        declForms["on"],
	"when":      "write when CONDITION -> STATE { actions }",
	"otherwise": "write otherwise -> STATE { actions }",
	"always":    "write always { actions }",
	"set":       "write set METRIC[KEY] new (KEY) by AMOUNT",
	"get":       "write get METRIC[KEY]",
	"reset":     "write reset METRIC[KEY]",
	"delete":    "write delete TABLE[KEY]",
	"alert":     `write alert LEVEL "text"`,
	"log":       `write log "text"`,
	"publish":   "write publish TOPIC {NAME: VALUE, …}",
	"block":     "write block FIELD for DURATION",
	"start":     "write start TIMEOUT after DURATION",
	"stop":      "write stop TIMEOUT",
}

// form shows how the declaration or statement that t stands in is written: that of
// the last keyword before t, or "" if t is not at its beginning.
func form(tokens []lexer.Token, t lexer.Token) string {
	list := declTokens(tokens, t)
	if len(list) == 0 {
		return ""
	}
	head := list[0].Value
	if !slices.ContainsFunc(list, func(n lexer.Token) bool { return n.Value == "{" }) {
		if head == "state" && slices.ContainsFunc(list, func(n lexer.Token) bool { return n.Value == "for" }) {
			return "write state NAME for DURATION then STATE { … }"
		}
		return declForms[head]
	}
	if !slices.Contains([]string{"on", "in", "state"}, head) {
		return ""
	}
	i := len(list) - 1
	for ; i > 0 && !strings.Contains("{}", list[i].Value); i-- {
		if f := statementForms[list[i].Value]; f != "" && list[i].Type == tokIdent {
			return f
		}
	}
	if i > 2 && list[i].Value == "{" && list[i-2].Value == "publish" {
		return statementForms["publish"]
	}
	return ""
}

// declTokens returns the tokens before t, from the last declaration that begins a line.
func declTokens(tokens []lexer.Token, t lexer.Token) (list []lexer.Token) {
	depth := 0
	for _, n := range tokens {
		if n.Pos.Offset >= t.Pos.Offset {
			break
		}
		if n.Type == tokSpace || n.Type == tokComment {
			continue
		}
		if k := len(list); depth == 0 && k > 0 && list[k-1].Pos.Line < n.Pos.Line && slices.Contains(declKeywords, n.Value) {
			list = list[:0]
		}
		depth = max(0, depth+nesting(n))
		list = append(list, n)
	}
	return list
}
