package draw

import (
	"slices"
	"strings"
	"unicode"
)

// ActionOf returns an action from its text in canonical form, as package graph makes it
// from the tree.
func ActionOf(text string) Action {
	a := Action{Full: text}
	verb, rest, _ := strings.Cut(text, " ")
	if strings.HasPrefix(verb, "exec") || verb == "log" {
		verb = verb[:min(len(verb), 4)]
	}
	first, _, _ := strings.Cut(rest, " ")
	switch verb {
	case "get":
		a.Keeps = true
	case "set":
		a.Short, a.Keeps = "set "+metrics(rest), true
	case "reset", "delete":
		name, _, _ := strings.Cut(rest, "[")
		a.Short, a.Keeps = verb+" "+name, true
	case "alert":
		a.Short = "alert"
		if slices.Contains(Levels, first) {
			a.Short += " " + first
		}
	case "log", "drop", "capture":
		a.Short = verb
	case "publish":
		a.Short = verb + " " + first
	case "block":
		what, _, _ := strings.Cut(rest, " for ")
		a.Short = verb + " " + what
	case "exec":
		a.Short = "exec"
		if parts := strings.SplitN(rest, `"`, 3); len(parts) == 3 {
			a.Short += " " + parts[1]
		}
	case "start", "stop":
		a.Short = text
	default: // table[key] = value
		name, _, _ := strings.Cut(text, "[")
		a.Short, a.Keeps = "set "+name, true
	}
	return a
}

// metrics returns the names in "queries[host], names[host] new (ip.src, dns.qry.name)": the
// first word of each part between commas that are not within brackets.
func metrics(text string) string {
	var names []string
	depth, begin := 0, 0
	for i, r := range text + "," {
		switch {
		case r == '[' || r == '(' || r == '{':
			depth++
		case r == ']' || r == ')' || r == '}':
			depth--
		case r == ',' && depth == 0:
			name := strings.TrimSpace(text[begin:i])
			if end := strings.IndexFunc(name, func(r rune) bool { return r != '_' && !unicode.IsLetter(r) && !unicode.IsDigit(r) }); end >= 0 {
				name = name[:end]
			}
			names = append(names, name)
			begin = i + 1
		}
	}
	return strings.Join(names, ", ")
}
