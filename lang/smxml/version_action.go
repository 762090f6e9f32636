package smxml

import (
	"slices"
	"strings"

	"github.com/streamon/streamon/lang/ast"
	"github.com/streamon/streamon/lang/diag"
)

// wordsTwo are the actions of version 2 that are a word with something in
// parentheses, besides those on metrics, tables and timeouts.
var wordsTwo = []string{"print", "Publish", "alert", "fields", "exec", "start", "repeat", "stop"}

// actionsTwo reads a list of actions, which are separated by ";" and nothing else.
func (b *builder) actionsTwo(v *value, h *handling) (out []ast.Action) {
	for _, p := range split(v, ";") {
		if p = p.trim(); p.text == "" {
			continue
		}
		if a := b.actionTwo(&p, h); a != nil {
			out = append(out, a)
		}
	}
	return out
}

// actionTwo reads one action; nil after an error.
func (b *builder) actionTwo(v *value, h *handling) ast.Action {
	s, n := v.text, 0
	for n < len(s) && (isWord(s[n]) || s[n] == '.') {
		n++
	}
	at, word := ast.At(v.whole()), s[:n]
	head := v.part(0, n)
	switch rest := strings.TrimSpace(s[n:]); {
	case word == "Suspect" && rest == "":
		return &ast.CaptureAction{Place: at, Keyword: "capture"}
	case word == "Drop" && rest == "":
		return &ast.DropAction{Place: at, Keyword: "drop"}
	case b.tables.byName[word] != nil && strings.HasPrefix(rest, "("):
		return b.assignTwo(v, &head, h)
	}
	base, method, isMethod := strings.Cut(word, ".")
	if isMethod && method == "reset" && b.tables.byName[base] != nil && n == len(s) {
		return &ast.ResetAction{Place: at, Metric: ident(base, head.whole())}
	}
	open := n
	for open < len(s) && s[open] == ' ' {
		open++
	}
	if open == len(s) || s[open] != '(' || !strings.HasSuffix(s, ")") {
		return b.unknownTwo(v, &head)
	}
	args := v.part(open+1, len(s)-1)
	if isMethod {
		return b.methodTwo(v, &head, base, method, &args, h)
	}
	switch word {
	case "print":
		return &ast.LogAction{Place: at, Text: b.message(&args, h)}
	case "exec":
		return b.execTwo(v, &args, h)
	case "Publish", "alert", "fields", "start", "repeat":
		return b.pairTwo(v, word, &args, h)
	case "stop":
		args = args.trim()
		return &ast.StopAction{Place: at, Event: b.timeoutName(args.text, args.whole())}
	}
	return b.unknownTwo(v, &head)
}

func (b *builder) unknownTwo(v, head *value) ast.Action {
	if head.text == "" {
		b.errorf(diag.BadAction, v.whole(), "%q is no action", short(v.text))
		return nil
	}
	known := append([]string{"Suspect", "Drop"}, wordsTwo...)
	for _, m := range b.metrics.names {
		known = append(known, m+".reset", m+".set", m+".get")
	}
	for _, t := range b.tables.names {
		known = append(known, t, t+".reset", t+".delete")
	}
	d := b.errorf(diag.BadAction, head.whole(), "unknown action %q", head.text)
	if slices.Contains(known, head.text) {
		d.Hintf("it is written %s(…)", head.text)
		return nil
	}
	d.Suggest(b.near(head.text, known))
	return nil
}

// pairTwo reads an action with a word, a comma and something else.
func (b *builder) pairTwo(v *value, word string, args *value, h *handling) ast.Action {
	at := ast.At(v.whole())
	comma := strings.IndexByte(args.text, ',')
	if comma < 0 {
		b.errorf(diag.BadAction, v.whole(), "%s takes two values with a comma between", word)
		return nil
	}
	first := args.part(0, comma)
	first = first.trim()
	rest := args.part(comma+1, len(args.text))
	if first.text == "" {
		b.errorf(diag.BadAction, v.whole(), "%s takes two values with a comma between", word)
		return nil
	}
	switch word {
	case "alert":
		return &ast.AlertAction{Place: at, Keyword: "alert", Level: ident(first.text, first.whole()), Text: b.message(&rest, h)}
	case "fields":
		return &ast.PublishAction{Place: at, Topic: name(first.text, first.whole()), Fields: b.fieldsTwo(&rest, h)}
	case "Publish":
		switch first.text {
		case "raw":
			return &ast.CaptureAction{Place: at, Keyword: "capture"}
		case "log":
			return &ast.LogAction{Place: at, Text: b.message(&rest, h)}
		case "alert":
			return &ast.AlertAction{Place: at, Keyword: "alert", Text: b.message(&rest, h)}
		}
		return &ast.PublishAction{Place: at, Topic: name(first.text, first.whole()), Text: b.message(&rest, h)}
	}
	a := &ast.StartAction{Place: at, Event: b.timeoutName(first.text, first.whole())}
	rest = rest.trim()
	if text, keep := strings.CutSuffix(rest.text, "keep"); keep && strings.HasSuffix(strings.TrimRight(text, " "), ",") {
		a.Keep = true
		rest = rest.part(0, strings.LastIndexByte(text, ','))
		rest = rest.trim()
	}
	x := b.timeTwo(&rest, h)
	if x == nil {
		return nil
	}
	if word == "start" {
		a.After = x
	} else {
		a.Every = x
	}
	return a
}

// fieldsTwo reads name=value, name=value …
func (b *builder) fieldsTwo(v *value, h *handling) (out []*ast.Arg) {
	for _, p := range b.arguments(v) {
		eq := strings.IndexByte(p.text, '=')
		if eq < 0 {
			b.errorf(diag.BadAction, p.whole(), "%q is no name=value", short(p.text))
			continue
		}
		label, body := p.part(0, eq), p.part(eq+1, len(p.text))
		label, body = label.trim(), body.trim()
		if x := b.expr(&body, h.scope); x != nil {
			out = append(out, &ast.Arg{Place: ast.At(p.whole()), Name: ident(label.text, label.whole()), Value: x})
		}
	}
	return out
}

// arguments cuts a text at the commas that stand in no parentheses.
func (b *builder) arguments(v *value) (out []value) {
	depth, from := 0, 0
	for _, t := range lex(v.text) {
		switch {
		case t.kind == tokSign && (t.text == "(" || t.text == "{"):
			depth++
		case t.kind == tokSign && (t.text == ")" || t.text == "}"):
			depth--
		}
		if t.kind == tokEnd || t.kind == tokSign && t.text == "," && depth == 0 {
			p := v.part(from, t.from)
			if p = p.trim(); p.text != "" || t.kind != tokEnd {
				out = append(out, p)
			}
			from = t.to
		}
	}
	return out
}

// methodTwo reads metric.set(…), metric.get(…), metric.reset(…), table.delete(…).
func (b *builder) methodTwo(v, head *value, base, method string, args *value, h *handling) ast.Action {
	at := ast.At(v.whole())
	isMetric, isTable := b.metrics.byName[base] != nil, b.tables.byName[base] != nil
	of := head.part(0, len(base))
	*args = args.trim()
	switch {
	case isMetric && (method == "set" || method == "get"):
		return b.operationTwo(v, &of, method, args, h)
	case isMetric && method == "reset":
		a := &ast.ResetAction{Place: at, Metric: ident(base, of.whole())}
		a.Keys, _ = b.keyTwo(args, h.scope)
		return a
	case isTable && method == "reset" && args.text == "":
		return &ast.ResetAction{Place: at, Metric: ident(base, of.whole())}
	case isTable && method == "delete":
		keys := b.keysTwo(args, h.scope)
		if keys == nil {
			return nil
		}
		return &ast.DeleteAction{Place: at, Table: ident(base, of.whole()), Keys: keys}
	}
	return b.unknownTwo(v, head)
}

// operationTwo reads what stands in metric.set(key new key by amount).
func (b *builder) operationTwo(v, of *value, verb string, args *value, h *handling) ast.Action {
	op := &ast.MetricOp{Place: ast.At(v.whole()), Metric: ident(of.text, of.whole())}
	var cuts [2]token // of new and by
	depth := 0
	for _, t := range lex(args.text) {
		switch {
		case t.kind == tokSign && t.text == "(":
			depth++
		case t.kind == tokSign && t.text == ")":
			depth--
		case depth == 0 && t.kind == tokWord && t.text == "new":
			cuts[0] = t
		case depth == 0 && t.kind == tokWord && t.text == "by":
			cuts[1] = t
		}
	}
	end := len(args.text)
	if t := cuts[1]; t.to > 0 {
		by := args.part(t.to, end)
		by, end = by.trim(), t.from
		if op.By = b.expr(&by, h.scope); op.By == nil {
			return nil
		}
	}
	if t := cuts[0]; t.to > 0 && t.to <= end {
		distinct := args.part(t.to, end)
		end = t.from
		keys := b.keysTwo(&distinct, h.scope)
		if keys == nil {
			return nil
		}
		op.New = &ast.Key{Place: ast.At(distinct.whole()), Parts: keys}
	}
	flow := args.part(0, end)
	flow = flow.trim()
	var good bool
	if op.Keys, good = b.keyTwo(&flow, h.scope); !good {
		return nil
	}
	return &ast.OpAction{Place: op.Place, Verb: verb, Ops: []*ast.MetricOp{op}}
}

// assignTwo reads table(key)=value and its like.
func (b *builder) assignTwo(v, head *value, h *handling) ast.Action {
	p := &exprParser{b: b, v: v, s: h.scope, toks: lex(v.text)}
	t := p.take()
	p.take()
	x := p.indexTwo(t)
	if x == nil {
		return nil
	}
	left := x.(*ast.Index)
	sign := p.take()
	op := operators[strings.TrimSuffix(sign.text, "=")]
	if sign.kind != tokSign || !strings.HasSuffix(sign.text, "=") || sign.text != "=" && op.Prec() < ast.PrecAdd {
		b.errorf(diag.BadAction, v.whole(), "%q is no action", short(v.text)).Hintf("write %s(ip_src)=value, or += for =", head.text)
		return nil
	}
	right := v.part(sign.to, len(v.text))
	right = right.trim()
	if open := strings.IndexByte(right.text, '['); open > 0 && strings.HasSuffix(right.text, "]") {
		base := right.part(0, open)
		base = base.trim()
		inner := right.part(open+1, len(right.text)-1)
		if find(b, &b.tables, &base, diag.UnknownTable, "table") == nil {
			return nil
		}
		keys := b.keysTwo(&inner, h.scope)
		if keys == nil {
			return nil
		}
		x = &ast.Index{Place: ast.At(right.whole()), Name: ident(base.text, base.whole()), Keys: keys}
	} else if x = b.expr(&right, h.scope); x == nil {
		return nil
	}
	if sign.text != "=" {
		at := v.at(sign)
		zero := &ast.IntLit{Place: ast.At(at)}
		x = binary(op, at, &ast.Call{Place: ast.At(at), Func: ident("default", at), Args: []ast.Expr{left, zero}}, x)
	}
	return &ast.AssignAction{Place: ast.At(v.whole()), Table: left.Name, Keys: left.Keys, Value: x}
}
