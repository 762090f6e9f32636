package wanted

import (
	"slices"
	"strings"
)

// expr is an expression: text, or parts that are joined by op.
type expr struct {
	op    string // "and", "or", "not"; "" = text alone
	text  string
	parts []expr
}

func leaf(text string) expr { return expr{text: text} }

var (
	all   = leaf("all")
	none  = leaf("none")
	anyIP = either(leaf("ip"), leaf("ip6"))
)

func (x expr) isAll() bool  { return x.text == all.text }
func (x expr) isNone() bool { return x.text == none.text }

// String returns the expression in the syntax of internal/filter.
func (x expr) String() string {
	var texts []string
	for _, p := range x.parts {
		if p.op != "" && !(p.op == "not" && x.op != "not") {
			texts = append(texts, "("+p.String()+")")
		} else {
			texts = append(texts, p.String())
		}
	}
	switch x.op {
	case "":
		return x.text
	case "not":
		return "not " + texts[0]
	}
	return strings.Join(texts, " "+x.op+" ")
}

// join puts two expressions together, and leaves out what stands there already.
func join(op string, x, y expr) expr {
	parts := func(e expr) []expr {
		if e.op == op {
			return e.parts
		}
		return []expr{e}
	}
	out := expr{op: op, parts: slices.Clone(parts(x))}
	for _, p := range parts(y) {
		if text := p.String(); !slices.ContainsFunc(out.parts, func(q expr) bool { return q.String() == text }) {
			out.parts = append(out.parts, p)
		}
	}
	if len(out.parts) == 1 {
		return out.parts[0]
	}
	return out
}

func both(x, y expr) expr {
	switch {
	case x.isNone() || y.isAll():
		return x
	case y.isNone() || x.isAll():
		return y
	}
	out := join("and", x, y)
	if out.op != "and" {
		return out
	}
	// A transport protocol comes in IP; what says its port says that it is there.
	has := func(p string) bool {
		return slices.ContainsFunc(out.parts, func(q expr) bool { return strings.HasPrefix(q.text, p) })
	}
	if has("tcp") || has("udp") || has("sctp") {
		out.parts = slices.DeleteFunc(out.parts, func(q expr) bool { return q.String() == anyIP.String() })
	}
	if len(out.parts) == 1 {
		return out.parts[0]
	}
	return out
}

func either(x, y expr) expr {
	switch {
	case x.isAll() || y.isNone():
		return x
	case y.isAll() || x.isNone():
		return y
	}
	return join("or", x, y)
}

// negate is exact only if x is. What x does not know ("all") is not known then either.
func negate(x expr) expr {
	if x.isAll() || x.isNone() {
		return all
	}
	return expr{op: "not", parts: []expr{x}}
}
