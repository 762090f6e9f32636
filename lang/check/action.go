package check

import (
	"slices"

	"github.com/streamon/streamon/lang/ast"
	"github.com/streamon/streamon/lang/diag"
	"github.com/streamon/streamon/lang/types"
)

// action checks what a condition causes, operations excepted.
func (c *checker) action(h *Handler, a ast.Action) {
	switch a := a.(type) {
	case *ast.ResetAction:
		c.reset(a)
	case *ast.AssignAction:
		c.assign(a)
	case *ast.DeleteAction:
		if t, ok := lookupAs[*Table](c, a.Table, diag.UnknownTable, "table"); ok {
			c.tableKey(t, a, a.Keys)
		} else {
			c.keys(a.Keys)
		}
	case *ast.AlertAction:
		if a.Level != nil {
			c.level(a.Level)
		}
		c.message(a.Text)
	case *ast.LogAction:
		c.message(a.Text)
	case *ast.PublishAction:
		c.publish(a)
	case *ast.DropAction:
		c.packetOnly(h, a, "drop")
	case *ast.CaptureAction:
		c.packetOnly(h, a, "capture")
	case *ast.BlockAction:
		c.block(a)
	case *ast.ExecAction:
		c.exec(a)
	case *ast.StartAction:
		c.start(h, a)
	case *ast.StopAction:
		c.timeout(h, a.Event, "stop")
	}
}

func (c *checker) reset(a *ast.ResetAction) {
	if t, ok := c.values[a.Metric.Name].(*Table); ok && len(a.Keys) == 0 {
		c.info.Uses[a.Metric] = t
		return
	}
	m, ok := lookupAs[*Metric](c, a.Metric, diag.UnknownMetric, "metric")
	if !ok || m.Value == types.Invalid {
		c.keys(a.Keys)
		return
	}
	if len(a.Keys) == 0 {
		return
	}
	if m.Monitor == nil || m.Monitor.Kind.Whole {
		c.keys(a.Keys)
		c.errorf(diag.KeyMismatch, a, "metric %q cannot forget a single key", m.Name).Hintf("reset %s forgets all", m.Name)
		return
	}
	c.flowKey(m, a, a.Keys)
}

func (c *checker) assign(a *ast.AssignAction) {
	t, ok := lookupAs[*Table](c, a.Table, diag.UnknownTable, "table")
	if !ok {
		c.keys(a.Keys)
		c.typed(a.Value)
		return
	}
	t.written = true
	c.tableKey(t, a, a.Keys)
	got := c.typed(a.Value)
	if got == types.Invalid || t.Value == types.Invalid || Assignable(got, t.Value) {
		return
	}
	code := diag.TypeMismatch
	if got.IsNumeric() && t.Value.IsNumeric() {
		code = diag.UnitMismatch
	}
	d := c.errorf(code, a.Value, "table %q holds %s, not %s", t.Name, an(t.Value), an(got))
	if got == types.Float && isInt(t.Value) {
		d.Hintf("declare it as float")
	}
	d.Note(t.Decl.Span(), "table %q is declared here", t.Name)
}

// packetOnly checks an action on the packet that made the event happen.
func (c *checker) packetOnly(h *Handler, a ast.Action, what string) {
	for _, e := range h.Events {
		if e.Kind != PacketEvent {
			c.errorf(diag.NoPacket, a, "%s: event %q happens without a packet", what, e.Name).
				Note(e.Decl.Span(), "event %q is declared here", e.Name)
			return
		}
	}
}

func (c *checker) publish(a *ast.PublishAction) {
	if a.Text != nil {
		c.message(a.Text)
	}
	seen := map[string]*ast.Arg{}
	for _, f := range a.Fields {
		if first := seen[f.Name.Name]; first != nil {
			c.errorf(diag.DuplicateArgument, f, "field %q is given twice", f.Name.Name).Note(first.Span(), "the first one is here")
			continue
		}
		seen[f.Name.Name] = f
		if c.topList(f.Value) {
			continue
		}
		if t := c.typed(f.Value); t != types.Invalid && !isScalar(t) {
			c.errorf(diag.TypeMismatch, f.Value, "%s cannot be published", an(t))
		}
	}
}

// topList checks whether a published value is the list of a topk metric: its
// bare name and nothing else.
func (c *checker) topList(e ast.Expr) bool {
	n, ok := unparen(e).(*ast.Name)
	if !ok {
		return false
	}
	m, ok := c.values[n.Name].(*Metric)
	if !ok || !m.IsTop() {
		return false
	}
	m.read = true
	c.info.Uses[n] = m
	c.info.Types[e] = types.Entries
	return true
}

// block checks "block FIELD for D".
func (c *checker) block(a *ast.BlockAction) {
	switch t := c.typed(a.Field); t {
	case types.Invalid, types.IP, types.MAC, types.Int:
	default:
		c.errorf(diag.TypeMismatch, a.Field, "an address or a port can be blocked, not %s", an(t))
	}
	if n, ok := unparen(a.Field).(*ast.Name); !ok || !c.blockable(n) {
		if c.info.Types[a.Field] != types.Invalid {
			c.errorf(diag.Misplaced, a.Field, "block takes a packet field or an entity").Hintf("as in: block ip.src for 10m")
		}
	}
	if c.value(a.For, types.Duration, "the time of a block") {
		c.positive(a.For, "the time of a block", false)
	}
}

func (c *checker) blockable(n *ast.Name) bool {
	switch c.info.Uses[n].(type) {
	case *types.Field, *Entity, *EntityField:
		return true
	}
	return false
}

func (c *checker) start(h *Handler, a *ast.StartAction) {
	if e := c.timeout(h, a.Event, "start"); e != nil {
		e.started = true
	}
	switch {
	case a.After != nil:
		if c.value(a.After, types.Duration, "the time of a timer") {
			c.positive(a.After, "the time of a timer", true)
		}
	case a.Every != nil:
		if c.value(a.Every, types.Duration, "the period of a timer") {
			c.positive(a.Every, "the period of a timer", false)
		}
	}
}

// timeout finds the event of start or stop: a timeout of the entity that the
// handler runs for.
func (c *checker) timeout(h *Handler, id *ast.Ident, verb string) *Event {
	e := c.event(id)
	if e == nil || e.broken {
		return nil
	}
	if e.Kind != TimeoutEvent {
		c.errorf(diag.NotTimeout, id, "%s: event %q is no timeout", verb, e.Name).
			Note(e.Decl.Span(), "event %q is declared here", e.Name)
		return nil
	}
	for _, on := range h.Events {
		switch {
		case on.broken || e.Entity == nil:
		case on.Entity == nil:
			c.errorf(diag.NoEntity, id, "%s %s: event %q has no entity, whose timer it could be", verb, e.Name, on.Name).
				Note(on.Decl.Span(), "event %q is declared here", on.Name)
			return e
		case on.Entity != e.Entity:
			c.errorf(diag.WrongEntity, id, "%s %s: it is a timeout for %q, event %q is for %q", verb, e.Name, e.Entity.Name, on.Name, on.Entity.Name).
				Note(e.Decl.Span(), "event %q is declared here", e.Name)
			return e
		}
	}
	return e
}

// verbs are the letters that end a format, with the types that they suit.
var verbs = map[byte][]types.Type{
	'f': {types.Int, types.Float, types.Size, types.Duration},
	'e': {types.Int, types.Float, types.Size, types.Duration},
	'g': {types.Int, types.Float, types.Size, types.Duration},
	'd': {types.Int, types.Float, types.Size, types.Duration},
	'x': {types.Int, types.Float, types.Size, types.Duration},
}

// message checks the values in a text and their formats. An entity with several
// fields may stand there as a whole.
func (c *checker) message(s *ast.StringLit) {
	for _, p := range s.Parts {
		if p.Expr == nil {
			continue
		}
		if n, ok := unparen(p.Expr).(*ast.Name); ok {
			if e, ok := c.values[n.Name].(*Entity); ok && len(e.Fields) > 1 {
				c.resolve(n)
				c.need(need{kind: needEntity, span: n.Span(), name: n.Name, entity: e})
				if p.Format != "" {
					c.errorf(diag.UnknownFormat, p, "an entity with several fields takes no format").Hintf("%s", e.fieldHint())
				}
				continue
			}
		}
		t := c.typed(p.Expr)
		if t == types.Invalid {
			continue
		}
		if !isScalar(t) {
			c.errorf(diag.TypeMismatch, p.Expr, "%s cannot be printed", an(t))
			continue
		}
		c.format(p, t)
	}
}

// format checks what follows the colon: [.N](f|e|g|d|x|s).
func (c *checker) format(p *ast.StringPart, t types.Type) {
	f := p.Format
	if f == "" {
		return
	}
	verb := f[len(f)-1]
	digits := f[:len(f)-1]
	good := digits == "" || digits[0] == '.' && len(digits) > 1 && len(digits) < 4
	for i := 1; i < len(digits); i++ {
		good = good && digits[i] >= '0' && digits[i] <= '9'
	}
	suits, known := verbs[verb]
	switch {
	case !good || !known && verb != 's':
		c.errorf(diag.UnknownFormat, p, "unknown format %q", f).Hintf("formats are .2f, e, g, d, x and s")
	case known && !slices.Contains(suits, t):
		c.errorf(diag.UnknownFormat, p, "format %q does not suit %s", f, an(t))
	}
}
