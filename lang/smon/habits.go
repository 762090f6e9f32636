package smon

import (
	"slices"
	"strings"

	"github.com/alecthomas/participle/v2/lexer"

	"github.com/streamon/streamon/lang/diag"
)

// habits maps words and marks of other languages to what is written here.
var habits = map[string]string{
	"if":      "conditions begin with when",
	"else":    "the other case begins with otherwise",
	"elif":    "write another when: the first true one wins",
	"then":    "write when CONDITION -> STATE { actions }",
	"goto":    "transitions are written when CONDITION -> STATE",
	"print":   `write log "text"`,
	"var":     "values are named by param, feature or table, at the top",
	"let":     "values are named by param, feature or table, at the top",
	"local":   "values are named by param, feature or table, at the top",
	"global":  "values are named by param or table, at the top",
	"const":   "values are named by param, at the top",
	"redef":   "values are named by param",
	"return":  "a handler ends where its block ends",
	"counter": "write metric NAME { count KIND(…) }",
	"eq":      "equality is written ==",
	"is":      "equality is written ==",
	"ne":      "inequality is written !=",
	"gt":      "order is written >",
	"ge":      "order is written >=",
	"lt":      "order is written <",
	"le":      "order is written <=",
	"xor":     "bits are joined with ^",
	"matches": "there are no patterns: write contains, ==, or in with a list of names",
	"host":    "addresses are fields: ip.src == 192.0.2.1, or ip.addr == … for either",
	"src":     "addresses and ports are fields: ip.src, tcp.srcport, udp.srcport",
	"dst":     "addresses and ports are fields: ip.dst, tcp.dstport, udp.dstport",
	"port":    "ports are fields: tcp.dstport == 80, or tcp.port == 80 for either",
	"net":     "networks go with in: ip.src in 10.0.0.0/8",
	"=":       "to compare, write ==",
	"!":       "to negate, write not",
}

// filterWords are those of habits that begin a test in packet filters: what follows
// them is out of place because of them.
var filterWords = []string{"host", "src", "dst", "port", "net"}

// setForm shows how sets are written.
const setForm = "sets are written {1, 2, 10..20}"

// habit says how what t begins is written here, if it is a way of another language.
// words are what could have stood there.
func habit(tokens []lexer.Token, t lexer.Token, words []string) string {
	before, next := preceding(tokens, t), following(tokens, t)
	open, _ := innermost(tokens, t.Pos.Offset)
	joined := next.Pos.Offset == t.Pos.Offset+len(t.Value)
	touches := before.Pos.Offset+len(before.Value) == t.Pos.Offset
	if text := signHabit(before, t, next, touches, joined); text != "" {
		return text
	}
	switch {
	case t.Value == "=" && next.Value == ">" && joined:
		if after := following(tokens, next); after.Type == tokIdent && open.Value == "{" {
			return "a transition is written -> STATE"
		}
		return "write >="
	case t.Value == "/" && next.Value == "*" && joined:
		return "comments begin with #"
	case (t.Value == "+" || t.Value == "-") && before.Value == "]" && (next.Value == t.Value || next.Value == "="):
		return "to count write: set METRIC[KEY], or with an amount: set METRIC[KEY] by AMOUNT"
	case t.Value == "," && before.Type == tokInt && next.Type == tokInt && touches && joined:
		if len(next.Value) == 3 {
			return "large numbers are written 1000 or 1_000"
		}
		return "a fraction is written with a point: " + before.Value + "." + next.Value
	case t.Value == "," && before.Type == tokString:
		return `values stand inside the text: "{ip.src} sent {tcp.len} bytes"`
	case t.Value == "," && open.Value == "(" && preceding(tokens, open).Value == "in", slices.Contains(words, "{") && slices.Contains(words, "file") && (t.Value == "[" || t.Value == "("):
		return setForm
	case t.Value == "[" && slices.Contains(words, "{"):
		return setForm
	case t.Value == "[" && words == nil && before.Type == tokIdent && slices.Contains(headWords, before.Value), t.Value == "[" && before.Value == "where":
		return "conditions are grouped by ( and )"
	case t.Value == "[":
		return "only metrics and tables take a key in brackets"
	case t.Type == tokIdent && before.Type == tokInt && unitWords[strings.TrimSuffix(t.Value, "s")] != "" && t.Value != "s":
		return "write the unit short: " + before.Value + unitWords[strings.TrimSuffix(t.Value, "s")]
	case t.Type == tokIdent && before.Type == tokInt && units[t.Value]:
		return "a unit follows its number without a blank: " + before.Value + t.Value
	case t.Type == tokIdent && next.Value == "=" && slices.Contains(words, "set"):
		return "a table is written with its key: NAME[KEY] = VALUE; other values do not change"
	case t.Type == tokString && slices.Contains(words, "file"):
		return "write file(" + t.Value + ")"
	case t.Value == "->" && before.Value == "}":
		return "the transition stands before its actions: when … -> STATE { … }"
	case t.Value == "->":
		return "a condition has one transition"
	case t.Type == tokString && before.Value == "->":
		return "the name of a state has no quotes"
	case t.Value == "state" && next.Value == "=":
		return "a transition is written -> STATE"
	case t.Value == "not" && next.Value == "{":
		return "write not in {…}"
	case t.Value == "new" && next.Value == "(":
		return "new (…) stands before by"
	case t.Value == "new":
		return "the key after new stands in parentheses: new (…)"
	case t.Value == "(" && before.Type == tokIdent && slices.Contains(keyed, preceding(tokens, before).Value):
		return "a key stands in brackets: " + before.Value + "[…]"
	case before.Value == "capture":
		return "capture takes nothing after it"
	case before.Value == "drop":
		return "drop takes nothing after it; to keep a sender out for a time write block ip.src for 10m"
	case t.Type == tokIdent && before.Type == tokString && preceding(tokens, before).Value == "alert":
		return "the level stands before the text: alert " + t.Value + " " + before.Value
	case t.Type == tokString && before.Type == tokString && preceding(tokens, before).Value == "alert":
		return "the level has no quotes: alert " + strings.Trim(before.Value, `"`) + " " + t.Value
	case t.Value == "in" && slices.Contains(words, "after"):
		return "write start NAME after 5s"
	case before.Value == "timeout" && slices.Contains(words, "for"):
		return "write timeout for ENTITY; its time is given where it is started: start NAME after 5s"
	case slices.Contains(filterWords, before.Value) && t.Type != tokEOF && len(words) == 0:
		if !slices.Contains(filterWords, t.Value) {
			return habits[before.Value]
		}
	case slices.Contains(words, ":") && len(words) == 1 && open.Value == "(":
		return "arguments have names: window: 60s"
	}
	if slices.Contains(words, t.Value) || t.Value == "=" && slices.Contains(words, ":") {
		return ""
	}
	return habits[t.Value]
}

// keyed are the statements that name a metric or a table with its key.
var keyed = []string{"set", "get", "reset", "delete"}

// signHabit is habit for signs made of several marks: t is the first that does not fit.
func signHabit(before, t, next lexer.Token, touches, joined bool) string {
	switch {
	case t.Value == ">" && before.Value == "<" && touches:
		return "inequality is written !="
	case t.Value == ">" && before.Value == "-":
		return "-> is written without a blank"
	case t.Value == "=" && before.Value == "==" && touches, t.Value == "==" && before.Value == "=" && touches:
		return "equality is written =="
	case t.Value == "=" && next.Value == "~" && joined, t.Value == "~":
		return habits["matches"]
	case t.Value == "!" && next.Value == "in":
		return "write not in"
	case t.Value == "-" && before.Type == tokIdent && next.Type == tokIdent && touches && joined:
		return "names are made of letters a-z, digits and _"
	}
	return ""
}

// eventHabit says what is missing before t in the declaration of an event; "" if that is
// not clear.
func eventHabit(tokens []lexer.Token, t lexer.Token) string {
	if list := declTokens(tokens, t); len(list) == 0 || list[0].Value != "event" || t.Type != tokIdent {
		return ""
	}
	next := following(tokens, t)
	after := following(tokens, next)
	switch {
	case next.Value == "=" && after.Value != ">":
		return "the entity stands after for: for " + t.Value + " = …"
	case next.Type == tokIdent && after.Value == "=":
		return "the entity stands after for: for " + next.Value + " = …"
	case preceding(tokens, t).Value == "packet":
		if diag.Nearest(t.Value, []string{"where"}) == "" {
			return "the condition of an event stands after where"
		}
	}
	return ""
}

// misplaced says what a declaration, a statement or a number stands in that cannot hold
// it; "" if none of them is t. open is the block around it.
func (p *fileParser) misplaced(tokens []lexer.Token, t, open lexer.Token, first []string) string {
	switch inState := slices.Contains(first, `"on"`); {
	case inState && slices.Contains(statementKeywords, t.Value):
		return "statements stand inside on EVENT { … }"
	case open.Value == "{" && slices.Contains(declKeywords, t.Value) && following(tokens, t).Type == tokIdent && t.Value != "on" && t.Value != "in":
		return "declarations stand outside of all blocks"
	case inState:
		return statementForms["on"]
	case t.Type == tokInt && slices.Contains(first, "a name"):
		return "names begin with a letter or _"
	}
	return ""
}

// units are those of durations that are written with letters only.
var units = map[string]bool{
	"ns": true, "us": true, "ms": true, "s": true, "m": true, "h": true, "d": true, "w": true,
	"KB": true, "MB": true, "GB": true, "KiB": true, "MiB": true, "GiB": true,
}

// unitWords are the units of durations in words, without their plural.
var unitWords = map[string]string{
	"second": "s", "sec": "s", "minute": "m", "min": "m", "hour": "h", "hr": "h", "day": "d", "week": "w", "msec": "ms", "millisecond": "ms",
}
