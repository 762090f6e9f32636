package smxml

import (
	"slices"
	"sort"
	"strings"

	"github.com/streamon/streamon/lang/ast"
	"github.com/streamon/streamon/lang/diag"
)

// eventStates reads what is done about an event, state by state. What holds in
// several states, or in any, comes before what holds in one, unless it is written
// the other way round.
func (p *paper) eventStates(ev *event) {
	type block struct {
		in *ast.InDecl
		of []*state
	}
	var list []block
	many := false   // the last one is for several states
	inOrder := true // none of those stands behind one for a single state
	for _, e := range ev.states {
		in, of := p.stateNames(e)
		if in == nil {
			continue
		}
		h := &handling{b: p.builder, scope: &ev.scope, isTimeout: ev.isTimeout}
		if len(of) == 1 {
			h.code, h.level, h.text = of[0].code, of[0].level, of[0].text
		}
		in.Handlers = []*ast.Handler{{
			Place: ast.At(e.whole()), Events: []*ast.Ident{ident(ev.ident, ev.el.tag)}, Body: p.body(e, h),
		}}
		inOrder = inOrder && (len(list) == 0 || many || len(of) == 1)
		many = len(of) != 1
		list = append(list, block{in, of})
	}
	for _, b := range list {
		switch {
		case ev.scope.entity == nil: // the event has no state either
			if !b.in.Any {
				p.errorf(diag.UnknownState, b.in.States[0].Span(), "event %q is about no entity, so it is in no state", ev.ident).
					Hintf("give the event a primary-key, or write any")
			}
			p.add(blockDecls, b.in.Handlers[0])
		case inOrder && len(b.of) == 1:
			b.of[0].handlers = append(b.of[0].handlers, b.in.Handlers[0])
		default:
			p.addBlock(b.in)
		}
	}
}

// addBlock adds a handler in several states to the block of those states, unless it
// would then stand before others of its event.
func (p *paper) addBlock(in *ast.InDecl) {
	h := in.Handlers[0]
	for _, d := range slices.Backward(p.decls[blockDecls]) {
		other, isIn := d.(*ast.InDecl)
		if !isIn {
			continue // about no entity
		}
		if sameStates(other, in) {
			other.Handlers = addHandler(other.Handlers, h)
			return
		}
		if slices.ContainsFunc(other.Handlers, func(o *ast.Handler) bool { return shareEvent(o, h) }) {
			break
		}
	}
	p.add(blockDecls, in)
}

func sameStates(x, y *ast.InDecl) bool {
	return x.Any == y.Any && slices.EqualFunc(x.States, y.States, func(s, t *ast.Ident) bool { return s.Name == t.Name })
}

// stateNames reads the id of a <state>: one state, several, or "any"; nil after an
// error.
func (p *paper) stateNames(e *element) (in *ast.InDecl, of []*state) {
	v := p.need(e, "id")
	if v == nil {
		return nil, nil
	}
	in = &ast.InDecl{Place: ast.At(e.whole()), Any: v.text == "any"}
	if in.Any {
		return in, nil
	}
	for _, id := range split(v, " ,") {
		s := find(p.builder, &p.states, &id, diag.UnknownState, "state")
		if s == nil {
			return nil, nil
		}
		in.States, of = append(in.States, ident(s.ident, id.whole())), append(of, s)
	}
	return in, of
}

// body reads a <state> of an event.
func (p *paper) body(e *element, h *handling) (out []ast.Stmt) {
	var conditions []*element
	for _, c := range e.children {
		switch c.name {
		case "use-metric":
			if op := p.use(c, h); op != nil {
				out = p.addOperation(out, op)
			}
		case "condition":
			conditions = append(conditions, c)
		}
	}
	for i, c := range conditions {
		if st := p.condition(c, h, i == len(conditions)-1); st != nil {
			out = append(out, st)
		}
	}
	if post := p.only(e, "post-condition-action"); post != nil {
		if list := p.doing(post, "do", h); len(list) > 0 {
			out = append(out, &ast.Always{Place: ast.At(post.whole()), Actions: list})
		}
	}
	return out
}

// addOperation adds an operation. A short one shares the line of another before it,
// if no comment stands between.
func (p *paper) addOperation(list []ast.Stmt, op *ast.OpAction) []ast.Stmt {
	if n := len(list); n > 0 {
		last, from := list[n-1].(*ast.OpAction), op.Span().Start.Offset
		if last.Verb == op.Verb && isShort(last) && isShort(op) && !p.hasComment(last.Span().Start.Offset, from) {
			last.Ops = append(last.Ops, op.Ops...)
			return list
		}
	}
	return append(list, op)
}

// hasComment reports whether a comment begins between two places.
func (p *paper) hasComment(from, to int) bool {
	i := sort.Search(len(p.comments), func(i int) bool { return p.comments[i].Pos.Offset > from })
	return i < len(p.comments) && p.comments[i].Pos.Offset < to
}

// use reads a <use-metric>: "update" is set, "get" is get; the key of the detector
// is what has to be new.
func (p *paper) use(e *element, h *handling) *ast.OpAction {
	id := p.need(e, "id")
	verb := ""
	for _, n := range []string{"vd_get", "vd_update", "vm_get", "vm_update"} {
		a := e.attr(n)
		if a == nil {
			continue
		}
		own := "get"
		if strings.HasSuffix(n, "update") {
			own = "set"
		}
		if verb != "" && verb != own {
			p.errorf(diag.BadValue, a.at, "a metric is either updated or read").Hintf("write a second <use-metric>")
			return nil
		}
		verb = own
	}
	if id == nil {
		return nil
	}
	if verb == "" {
		p.errorf(diag.MissingAttribute, e.tag, "<use-metric> needs a key").Hintf(`write vm_update="ip_src", or vm_get="null" for no key`)
		return nil
	}
	op := &ast.MetricOp{Place: ast.At(e.span), Metric: ident(id.text, id.whole())}
	part := map[string]string{"get": "_get", "set": "_update"}[verb]
	flow, good := p.keys(e.text("vm"+part), h.scope)
	if !good {
		return nil
	}
	op.Keys = flow
	if v := e.text("vd" + part); v != nil {
		list, good := p.keys(v, h.scope)
		if !good {
			return nil
		}
		op.New = &ast.Key{Place: ast.At(v.whole()), Parts: list}
	}
	by := e.text("by")
	if by == nil && verb == "set" {
		by = p.amounts[id.text]
	}
	if by != nil {
		if op.By = p.value(by, h.scope); op.By == nil {
			return nil
		}
	}
	return &ast.OpAction{Place: ast.At(e.span), Verb: verb, Ops: []*ast.MetricOp{op}}
}

// condition reads a <condition>. The last one may be "true": otherwise.
func (p *paper) condition(c *element, h *handling, last bool) ast.Stmt {
	v := p.need(c, "expression")
	var to *ast.Ident
	if next := c.text("next_state"); next != nil {
		if s := find(p.builder, &p.states, next, diag.UnknownState, "state"); s != nil {
			to = ident(s.ident, next.whole())
		}
	}
	actions := p.doing(c, "action", h)
	if v == nil {
		return nil
	}
	x := p.value(v, h.scope)
	if x == nil {
		return nil
	}
	at := ast.At(c.whole())
	if lit, ok := x.(*ast.BoolLit); ok && lit.Value && last {
		return &ast.Otherwise{Place: at, Keyword: "otherwise", To: to, Actions: actions}
	}
	return &ast.When{Place: at, Cond: x, To: to, Actions: actions}
}
