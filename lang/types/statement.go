package types

// Part says where a statement may stand.
type Part int

const (
	Operation Part = iota // in a handler, before its conditions, and as an action
	Condition             // in a handler only
	Action                // in the braces of a condition or of always, and in a handler, where it counts as always
)

// Statement is one form of a statement. Several may begin with the same word.
type Statement struct {
	Word string // first word; "" for the assignment to a table
	Part Part
	Sign string // how the manual writes it: capitals stand for names, "…" for more of the same
	Doc  string // what it does, in the words of the manual
}

// statements is in the order of the manual.
var statements = []Statement{
	{"set", Operation, "set METRIC [key, …] [new (key, …)] [by AMOUNT], …", "adds to metrics; the bare name is then the new value"},
	{"get", Operation, "get METRIC [key, …] [new (key, …)], …", "reads metrics; the bare name is then the value"},

	{"when", Condition, "when CONDITION [-> STATE] [{ actions }]", "does the actions and moves the entity if the condition is the first that holds"},
	{"otherwise", Condition, "otherwise [-> STATE] [{ actions }]", "the same if no condition held"},
	{"always", Condition, "always { actions }", "does the actions after the conditions, whichever held"},

	{"alert", Action, `alert [LEVEL] "message"`, "a record of type alert, with the values that the condition read. Level: as given, else that of the state that the entity is in afterwards, else `medium`"},
	{"log", Action, `log "message"`, "a record of type log"},
	{"publish", Action, "publish TOPIC {name: expression, …}", "a record of type publish"},
	{"publish", Action, `publish TOPIC "message"`, "the same, with the message as its one value, `text`"},
	{"start", Action, "start EVENT after D", "arms the timeout of this entity, or sets it anew; a negative or undefined D does nothing"},
	{"start", Action, "start EVENT every D", "the same, repeating"},
	{"start", Action, "start EVENT … keep", "the same; a timer that runs already keeps the packet fields that it was first started with"},
	{"stop", Action, "stop EVENT", "disarms it"},
	{"", Action, "T[key] = expression", "writes a table"},
	{"delete", Action, "delete T[key]", "removes an entry"},
	{"reset", Action, "reset M[key]", "forgets the count of one key; not for a detector, `hll` or `topk`"},
	{"reset", Action, "reset M", "forgets all of the metric, its detector included"},
	{"reset", Action, "reset T", "removes every entry of the table; it writes the whole table"},
	{"set", Action, "set …", "as an operation; what follows in the block sees the new value"},
	{"get", Action, "get …", "the same"},
	{"drop", Action, "drop", "marks the packet to be dropped (packet events only)"},
	{"capture", Action, "capture", "marks the packet to be kept as evidence (packet events only)"},
	{"block", Action, "block FIELD for D", "asks to block what has this address, port or MAC address: a log record"},
	{"exec", Action, `exec "PROGRAM" "argument" …`, "a record of type exec; the probe runs the command if its operator allows the program"},
}

// Statements returns the forms of that part in the order of the manual. Callers
// must not change it.
func Statements(part Part) (list []Statement) {
	for _, s := range statements {
		if s.Part == part {
			list = append(list, s)
		}
	}
	return list
}

// StatementWords returns the words that statements of these parts begin with,
// each once.
func StatementWords(parts ...Part) (list []string) {
	seen := map[string]bool{"": true}
	for _, p := range parts {
		for _, s := range Statements(p) {
			if !seen[s.Word] {
				seen[s.Word] = true
				list = append(list, s.Word)
			}
		}
	}
	return list
}
