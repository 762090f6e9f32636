package check

import (
	"github.com/streamon/streamon/lang/ast"
	"github.com/streamon/streamon/lang/diag"
	"github.com/streamon/streamon/lang/types"
)

// operation checks "set" and "get" of one or several metrics.
func (c *checker) operation(h *Handler, phase, arm int, a *ast.OpAction) {
	for _, op := range a.Ops {
		var m *Metric
		c.part(h, phase, arm, func() { m = c.metricOp(a.Verb, op) })
		if m != nil {
			h.touches = append(h.touches, touch{phase: phase, arm: arm, metric: m, op: op})
		}
	}
}

// metricOp checks one operation and returns its metric, or nil if there is none
// of that name.
func (c *checker) metricOp(verb string, op *ast.MetricOp) *Metric {
	m, ok := lookupAs[*Metric](c, op.Metric, diag.UnknownMetric, "metric")
	if !ok {
		c.keys(op.Keys)
		return nil
	}
	set := verb == "set"
	m.fed, m.got = m.fed || set, m.got || !set
	if m.Value == types.Invalid { // its declaration is wrong: say nothing of its use
		c.keys(op.Keys)
		if m.keyed == nil {
			m.keyed = op
		}
		return m
	}
	c.opKey(m, op)
	c.opNew(m, op, set)
	if op.By != nil {
		c.opBy(m, op, set)
	}
	return m
}

// opKey checks the flow key.
func (c *checker) opKey(m *Metric, op *ast.MetricOp) {
	switch {
	case m.Monitor == nil && len(op.Keys) > 0:
		c.errorf(diag.KeyMismatch, op, "metric %q has a detector only and takes no key in brackets", m.Name).
			Hintf("write %s new (…)", m.Name).
			Note(m.Decl.Span(), "metric %q is declared here", m.Name)
		c.keys(op.Keys)
		if m.keyed == nil {
			m.keyed = op
		}
	case m.Monitor != nil && m.Monitor.Kind.Counted && len(op.Keys) > 0:
		c.errorf(diag.KeyMismatch, op, "%s counts for the whole program and takes no key in brackets", m.Monitor.Kind.Name).
			Hintf("write %s new (…)", m.Name).
			Note(m.Decl.Span(), "metric %q is declared here", m.Name)
		c.keys(op.Keys)
	case m.IsTop() && len(op.Keys) == 0:
		c.errorf(diag.KeyMismatch, op, "topk ranks keys: metric %q needs one", m.Name).Hintf("write %s[…]", m.Name).
			Note(m.Decl.Span(), "metric %q is declared here", m.Name)
	default:
		c.flowKey(m, op, op.Keys)
	}
}

// opNew checks the distinct key: it belongs to a detector or to hll.
func (c *checker) opNew(m *Metric, op *ast.MetricOp, set bool) {
	counted := m.Monitor != nil && m.Monitor.Kind.Counted
	detects := m.Detector != nil
	switch {
	case op.New == nil && counted && set:
		c.errorf(diag.KeyMismatch, op, "set %s says not what to count", m.Name).Hintf("add: new (ip.src)").
			Note(m.Decl.Span(), "metric %q counts different keys", m.Name)
	case op.New == nil && detects && (set || m.Monitor == nil):
		c.errorf(diag.KeyMismatch, op, "metric %q has a detector and needs a distinct key", m.Name).Hintf("add: new (…)").
			Note(m.Decl.Span(), "metric %q is declared here", m.Name)
	case op.New != nil && !detects && !counted:
		c.errorf(diag.KeyMismatch, op.New, "metric %q has no detector, so nothing is new to it", m.Name).
			Hintf("declare it with: distinct bloom(window: …)").
			Note(m.Decl.Span(), "metric %q is declared here", m.Name)
		c.keys(op.New.Parts)
	case op.New != nil && counted && !set:
		c.errorf(diag.KeyMismatch, op.New, "get %s reads one number for the whole program and takes no distinct key", m.Name)
		c.keys(op.New.Parts)
	case op.New != nil:
		c.distinctKey(m, op.New)
	}
}

// opBy checks the amount that is added.
func (c *checker) opBy(m *Metric, op *ast.MetricOp, set bool) {
	t := c.typed(op.By)
	if t == types.Invalid {
		return
	}
	switch {
	case !set:
		c.errorf(diag.Misplaced, op.By, "get adds nothing and takes no amount")
		return
	case m.Monitor == nil || m.Monitor.Kind.Counted:
		c.errorf(diag.Misplaced, op.By, "metric %q does not add amounts", m.Name).
			Note(m.Decl.Span(), "metric %q is declared here", m.Name)
		return
	case !isInt(t) && !(t == types.Float && m.Value == types.Float):
		d := c.errorf(diag.TypeMismatch, op.By, "the amount is %s, a whole number is needed", an(t))
		if t == types.Float {
			d.Hintf("%s counts whole numbers; tbf and tewma take fractions", m.Monitor.Kind.Name)
		}
		return
	}
	if v, ok := c.fold(op.By); ok && v.Number() <= 0 {
		c.errorf(diag.OutOfRange, op.By, "the amount has to be positive")
	}
}
