package smxml

import (
	"slices"
	"strings"

	"github.com/streamon/streamon/lang/ast"
	"github.com/streamon/streamon/lang/diag"
)

// handling is one event in one state: what its conditions and actions are read in.
type handling struct {
	*scope
	b                 *builder
	isTimeout         bool
	variant           *variant // of the timeout
	code, level, text *value   // of the state, before any transition
}

// bare are the actions that are a word. What they did is printed for debugging, or
// had no effect.
var bare = map[string]string{
	"Print":               "it printed for debugging",
	"PrintTimeoutSet":     "it printed for debugging",
	"PrintTimeoutTrigger": "it printed for debugging",
	"Export":              "it had no effect",
	"Drop":                "",
	"DoNothing":           "",
	"Suspect":             "",
	"print_tab":           "",
}

// calls are the actions that take a text in parentheses.
var calls = []string{"print", "Publish", "exec", "plot", "Export"}

var actionNames = []string{"print", "Publish", "exec", "plot", "Suspect", "Drop", "DoNothing", "Export"}

// actions reads a list of actions. They are separated by ";". Old programs have
// commas and blanks, which the prototype took for text or lost.
func (b *builder) actions(v *value, h *handling) (out []ast.Action) {
	if v == nil {
		return nil
	}
	s := v.text
	for i := 0; i < len(s); {
		from := i
		for i < len(s) && s[i] == ' ' {
			i++
		}
		if i > from && from > 0 && s[from-1] == ';' && i < len(s) {
			b.warnf(diag.BlankSeparator, v.span(from, i), "blanks after %q are passed over", ";")
		}
		if i == len(s) {
			break
		}
		if s[i] == ';' {
			i++
			continue
		}
		if b.actionCount++; b.actionCount > maxActions {
			if b.actionCount == maxActions+1 {
				b.errorf(diag.TooDeep, v.span(i, len(s)), "a program has at most %d actions", maxActions)
			}
			return out
		}
		end := actionEnd(s, i)
		part := v.part(i, end)
		if one := part.trim(); !b.action(&one, h, &out) {
			return out // where the next one begins is not known
		}
		i = b.separator(v, end)
	}
	return out
}

// separator passes over what stands between two actions.
func (b *builder) separator(v *value, i int) int {
	s, from := v.text, i
	for i < len(s) && s[i] == ' ' {
		i++
	}
	switch {
	case i == len(s):
	case s[i] == ';':
		i++
	case s[i] == ',':
		b.warnf(diag.CommaSeparator, v.span(i, i+1), "%q is read as %q between actions", ",", ";").
			Hintf("the prototype took what follows for text, or left it out")
		i++
		for i < len(s) && s[i] == ' ' {
			i++
		}
	default:
		b.warnf(diag.BlankSeparator, v.span(from, i), "a blank is read as %q between actions", ";").
			Hintf("the prototype did only the first")
	}
	return i
}

// actionEnd returns where the action at i ends: at a ";" whatever it stands in, as
// in the prototype, else where another action begins behind a comma or a blank.
func actionEnd(s string, i int) int {
	limit := len(s)
	if n := strings.IndexByte(s[i:], ';'); n >= 0 {
		limit = i + n
	}
	depth := 0
	for j := i; j < limit; j++ {
		switch c := s[j]; {
		case c == '(':
			depth++
		case c == ')' && depth > 0:
			depth--
		case depth == 0 && (c == ',' || c == ' ') && begins(strings.TrimLeft(s[j:limit], ", ")):
			return j
		}
	}
	return limit
}

// begins reports whether a text begins with an action.
func begins(s string) bool {
	n := 0
	for n < len(s) && (isWord(s[n]) || s[n] == '.') {
		n++
	}
	word, rest := s[:n], strings.TrimLeft(s[n:], " ")
	if word == "" {
		return false
	}
	if _, isBare := bare[word]; isBare || strings.HasSuffix(word, ".reset") {
		return true
	}
	if slices.Contains(calls, word) {
		return strings.HasPrefix(rest, "(")
	}
	if !strings.HasPrefix(rest, "(") {
		return false
	}
	_, after, _ := strings.Cut(rest, ")") // t(key) = value
	after = strings.TrimLeft(after, " ")
	for _, op := range []string{"=", "+=", "-=", "*=", "/="} {
		if strings.HasPrefix(after, op) {
			return true
		}
	}
	return false
}

// action reads one action and adds it to out. It returns false if the text cannot
// be understood.
func (b *builder) action(v *value, h *handling, out *[]ast.Action) bool {
	s := v.text
	n := 0
	for n < len(s) && (isWord(s[n]) || s[n] == '.') {
		n++
	}
	head := v.part(0, n)
	rest := v.part(n, len(s))
	rest = rest.trim()
	at := ast.At(v.whole())
	add := func(a ast.Action) { *out = append(*out, a) }
	word := head.text
	if base, ok := strings.CutSuffix(word, ".reset"); ok {
		name := head.part(0, len(base))
		return b.reset(v, &name, &rest, h, add)
	}
	if _, isBare := bare[word]; isBare && (rest.text == "" || word == "Export" || rest.text == "()") {
		b.bareAction(v, word, h, add)
		return true
	}
	if !strings.HasPrefix(rest.text, "(") {
		return b.unknownAction(v, &head)
	}
	if t := b.tables.byName[word]; t != nil {
		return b.assign(v, t, &head, &rest, h, add)
	}
	if !slices.Contains(calls, word) {
		return b.unknownAction(v, &head)
	}
	if !strings.HasSuffix(rest.text, ")") {
		b.errorf(diag.BadAction, v.whole(), "%s(…) does not end before the separator", word).
			Hintf("%q cannot stand in a text: it ends the action", ";")
		return false
	}
	text := rest.part(1, len(rest.text)-1)
	switch word {
	case "print":
		add(&ast.LogAction{Place: at, Text: b.message(&text, h)})
	case "Publish":
		b.publish(v, &text, h, add)
	case "exec":
		b.exec(v, &text, h, add)
	case "plot":
		b.plot(v, &text, h, add)
	}
	return true
}

func (b *builder) unknownAction(v, head *value) bool {
	names := append([]string(nil), actionNames...)
	for _, m := range b.metrics.names {
		names = append(names, m+".reset")
	}
	names = append(names, b.tables.names...)
	if head.text == "" {
		b.errorf(diag.BadAction, v.whole(), "%q is no action", short(v.text))
		return false
	}
	b.errorf(diag.BadAction, head.whole(), "unknown action %q", head.text).Suggest(b.near(head.text, names))
	return false
}

// short cuts a text for a message.
func short(s string) string {
	if len(s) <= 30 {
		return s
	}
	n := 27
	for n > 0 && s[n]&0xC0 == 0x80 {
		n--
	}
	return s[:n] + "…"
}

func (b *builder) bareAction(v *value, word string, h *handling, add func(ast.Action)) {
	at := ast.At(v.whole())
	switch word {
	case "Suspect":
		if !h.isTimeout {
			add(&ast.CaptureAction{Place: at, Keyword: "capture"})
		}
	case "Drop":
		b.warnf(diag.DeadAction, v.whole(), "Drop is read as drop, though it had no effect in the prototype")
		if !h.isTimeout {
			add(&ast.DropAction{Place: at, Keyword: "drop"})
		}
	case "DoNothing":
	case "print_tab":
		b.warnf(diag.PrintTab, v.whole(), "print_tab does nothing").Hintf("the prototype did not compile it any more")
	default:
		b.warnf(diag.DeadAction, v.whole(), "%s is left out: %s", word, bare[word])
	}
}

// publish reads Publish(topic,text). The topics alert and log are what the
// language has words for; raw asked for the whole frame.
func (b *builder) publish(v, text *value, h *handling, add func(ast.Action)) {
	at := ast.At(v.whole())
	comma := strings.IndexByte(text.text, ',')
	if comma < 0 {
		b.errorf(diag.BadAction, v.whole(), "Publish takes a topic and a text").Hintf("write Publish(log,text)")
		return
	}
	topic := text.part(0, comma)
	topic = topic.trim()
	body := text.part(comma+1, len(text.text))
	switch {
	case topic.text == "raw":
		if !h.isTimeout { // the frame is gone when a timeout fires
			add(&ast.CaptureAction{Place: at, Keyword: "capture"})
		}
		return
	case topic.text == "":
		b.errorf(diag.BadAction, v.whole(), "Publish needs a topic")
		return
	}
	m := b.message(&body, h)
	switch topic.text {
	case "log":
		add(&ast.LogAction{Place: at, Text: m})
	case "alert":
		a := &ast.AlertAction{Place: at, Keyword: "alert", Text: m}
		if h.level != nil {
			if l := levelOf(h.level.text); l != "" {
				a.Level = ident(l, h.level.whole())
			}
		}
		add(a)
	default:
		add(&ast.PublishAction{Place: at, Topic: name(clean(topic.text), topic.whole()), Text: m})
	}
}

// plot reads plot(pipe field feature…): values published under the pipe's name.
func (b *builder) plot(v, text *value, h *handling, add func(ast.Action)) {
	words := split(text, " ,")
	if len(words) < 3 {
		b.errorf(diag.BadAction, v.whole(), "plot takes a name, a field and features").Hintf("write plot(rates ip_src f1 f2)")
		return
	}
	base := words[0].text[strings.LastIndexByte(words[0].text, '/')+1:]
	b.warnf(diag.PlotPublished, v.whole(), "plot is read as publish %s", clean(base)).Hintf("there is no pipe; values go where records go")
	a := &ast.PublishAction{Place: ast.At(v.whole()), Topic: name(clean(base), words[0].whole())}
	taken := names{}
	for i, w := range words[1:] {
		w.text = strings.TrimPrefix(w.text, "%")
		var x ast.Expr
		switch f := b.features.byName[w.text]; {
		case i == 0:
			k, good := b.key(&w)
			if !good || k == nil {
				return
			}
			for _, p := range k.parts {
				a.Fields = append(a.Fields, &ast.Arg{Place: ast.At(p.span), Name: ident(unique(taken, p.label), p.span), Value: b.fieldExpr(p.field, p.span, h.scope)})
			}
			continue
		case f != nil:
			x = b.featureExpr(f, w.whole(), h.scope)
		default:
			b.errorf(diag.UnknownName, w.whole(), "unknown feature %q", w.text).Suggest(b.near(w.text, b.features.names))
			return
		}
		a.Fields = append(a.Fields, &ast.Arg{Place: ast.At(w.whole()), Name: ident(unique(taken, clean(w.text)), w.whole()), Value: x})
	}
	add(a)
}

// reset reads metric.reset() and metric.reset(key), and table.reset.
func (b *builder) reset(v, base, rest *value, h *handling, add func(ast.Action)) bool {
	at := ast.At(v.whole())
	if t := b.tables.byName[base.text]; t != nil && (rest.text == "" || rest.text == "()") {
		add(&ast.ResetAction{Place: at, Metric: ident(t.ident, base.whole())})
		return true
	}
	if !strings.HasPrefix(rest.text, "(") || !strings.HasSuffix(rest.text, ")") {
		b.errorf(diag.BadAction, v.whole(), "%q is no action", short(v.text)).Hintf("write %s.reset()", base.text)
		return false
	}
	m := find(b, &b.metrics, base, diag.UnknownMetric, "metric")
	if m == nil {
		return true
	}
	text := rest.part(1, len(rest.text)-1)
	text = text.trim()
	var k *key
	if text.text != "" {
		var good bool
		if k, good = b.key(&text); !good {
			return true
		}
	}
	whole := func(id string) { add(&ast.ResetAction{Place: at, Metric: ident(id, base.whole())}) }
	if m.detector != "" {
		whole(m.detector)
	}
	switch {
	case !m.isMonitor && !m.isDetector:
		b.warnf(diag.DeadAction, v.whole(), "metric %q is off: there is nothing to reset", base.text)
	case k == nil || !m.isMonitor || m.kind == "simple":
		whole(m.ident)
	default:
		add(&ast.ResetAction{Place: at, Metric: ident(m.ident, base.whole()), Keys: b.keyExprs(k, h.scope)})
	}
	return true
}

// assign reads table(key)=value and its like.
func (b *builder) assign(v *value, t *table, head, rest *value, h *handling, add func(ast.Action)) bool {
	closing := strings.IndexByte(rest.text, ')')
	if closing < 0 {
		b.errorf(diag.BadAction, v.whole(), "%q is no action", short(v.text)).Hintf("write %s(ip_src)=value", head.text)
		return false
	}
	inner := rest.part(1, closing)
	keys := b.tableKey(t, &inner, h.scope)
	tail := rest.part(closing+1, len(rest.text))
	tail = tail.trim()
	op, eq := ast.NoOp, strings.IndexByte(tail.text, '=')
	if eq == 1 {
		op = operators[tail.text[:1]]
	}
	if eq < 0 || eq > 1 || eq == 1 && op.Prec() < ast.PrecAdd {
		b.errorf(diag.BadAction, v.whole(), "%q is no action", short(v.text)).Hintf("write %s(ip_src)=value, or += for =", head.text)
		return false
	}
	right := tail.part(eq+1, len(tail.text))
	right = right.trim()
	if keys == nil {
		return true
	}
	x := b.tableValue(&right, h.scope)
	if x == nil {
		return true
	}
	if op != ast.NoOp {
		old := &ast.Index{Place: ast.At(head.whole()), Name: ident(t.ident, head.whole()), Keys: keys}
		at := tail.span(0, 2)
		zero := &ast.IntLit{Place: ast.At(at)}
		x = binary(op, at, &ast.Call{Place: ast.At(at), Func: ident("default", at), Args: []ast.Expr{old, zero}}, x)
	}
	if _, isInt := x.(*ast.IntLit); !isInt && t.typ == "int" && (op == ast.NoOp || op == ast.Div || !b.whole(x)) {
		t.floor = true
		x = &ast.Call{Place: ast.At(x.Span()), Func: ident("floor", x.Span()), Args: []ast.Expr{x}}
	}
	add(&ast.AssignAction{Place: ast.At(v.whole()), Table: ident(t.ident, head.whole()), Keys: keys, Value: x})
	return true
}

// whole reports whether an expression is made of whole numbers and entries only.
func (b *builder) whole(x ast.Expr) bool {
	good := true
	ast.Walk(x, func(n ast.Node) bool {
		switch n.(type) {
		case *ast.Name, *ast.FloatLit:
			good = false
		case *ast.Index, *ast.Has:
			return false // its key may be any field
		}
		return true
	})
	return good
}

// tableValue reads what is stored. Another table is read with brackets there.
func (b *builder) tableValue(v *value, s *scope) ast.Expr {
	if v.text == "" {
		b.errorf(diag.BadAction, v.whole(), "a value is missing after %q", "=")
		return nil
	}
	if open := strings.IndexByte(v.text, '['); open > 0 && strings.HasSuffix(v.text, "]") {
		base := v.part(0, open)
		base = base.trim()
		t := find(b, &b.tables, &base, diag.UnknownTable, "table")
		if t == nil {
			return nil
		}
		inner := v.part(open+1, len(v.text)-1)
		keys := b.tableKey(t, &inner, s)
		if keys == nil {
			return nil
		}
		return &ast.Index{Place: ast.At(v.whole()), Name: ident(t.ident, base.whole()), Keys: keys}
	}
	if open := strings.IndexByte(v.text, '('); open > 0 && b.tables.byName[strings.TrimSpace(v.text[:open])] != nil {
		b.errorf(diag.BadAction, v.whole(), "a table on the right side is read with brackets").
			Hintf("write %s[…]", strings.TrimSpace(v.text[:open]))
		return nil
	}
	return b.expr(v, s)
}

// levels are the words for levels, as programs write them, with ours.
func levelOf(text string) string {
	switch l := strings.ToLower(text); l {
	case "info", "low", "medium", "high", "critical":
		return l
	}
	return ""
}
