package check

import (
	"time"

	"github.com/streamon/streamon/lang/ast"
	"github.com/streamon/streamon/lang/diag"
	"github.com/streamon/streamon/lang/source"
	"github.com/streamon/streamon/lang/types"
)

// metrics gives every metric its structures. What its keys are shows only where
// it is used.
func (c *checker) metrics() {
	for _, m := range c.p.Metrics {
		whole := c.metricParts(m)
		switch {
		case !whole: // Value stays Invalid, and nothing is said of its use
		case m.Monitor != nil:
			m.Value = m.Monitor.Kind.Value
		case m.Detector != nil:
			m.Value = types.Int
		}
	}
}

// metricParts reports whether it is clear what the metric is, be it with a wrong
// argument.
func (c *checker) metricParts(m *Metric) bool {
	d := m.Decl
	whole := len(d.Parts) > 0
	if len(d.Parts) == 0 {
		c.errorf(diag.MissingArgument, d, "metric %q is empty", m.Name).
			Hintf("write { distinct bloom(…) }, { count tbf(window: …) } or both")
	}
	for _, part := range d.Parts {
		if first := m.first(part.Role); first != part {
			c.errorf(diag.DuplicateArgument, part, "metric %q has %q twice", m.Name, part.Role).
				Note(first.Span(), "the first one is here")
			continue
		}
		s := c.structure(part)
		whole = whole && s != nil
		if types.Role(part.Role) == types.Distinct {
			m.Detector = s
		} else {
			m.Monitor = s
		}
	}
	if m.Monitor != nil && m.Monitor.Kind.Counted && m.Detector != nil {
		c.errorf(diag.WrongKind, d.Distinct(), "%s tells keys apart by itself and takes no detector", m.Monitor.Kind.Name).
			Hintf("leave %q out", "distinct")
		whole = false
	}
	return whole
}

func (m *Metric) first(role string) *ast.MetricPart {
	if types.Role(role) == types.Distinct {
		return m.Decl.Distinct()
	}
	return m.Decl.Count()
}

// structure checks one part of a metric and resolves its defaults.
func (c *checker) structure(part *ast.MetricPart) *Structure {
	kind := types.LookupKind(part.Kind.Name)
	role := types.Role(part.Role)
	if kind == nil {
		c.errorf(diag.UnknownKind, part.Kind, "unknown structure %q", part.Kind.Name).
			Suggest(nearest(part.Kind.Name, kindNames(""))).
			Note(source.Span{}, "after %q stands %s", part.Role, join(kindNames(role), "or"))
		return nil
	}
	if kind.Role != role {
		c.errorf(diag.WrongKind, part.Kind, "%s stands after %q, not after %q", kind.Name, kind.Role, role).
			Note(source.Span{}, "after %q stands %s", part.Role, join(kindNames(role), "or"))
		return nil
	}
	args := c.arguments(part.Args, kind.Args, kind.Name)
	c.missing(part.Args, kind.Args, part, kind.Name)
	s := &Structure{
		Kind:   kind,
		Window: time.Duration(args["window"].I), Memory: time.Duration(args["memory"].I), Tick: time.Duration(args["tick"].I),
		Capacity: int(args["capacity"].I), K: int(args["k"].I), Error: args["error"].F,
		Reject: args["full"].S == "reject",
	}
	switch {
	case kind.Name == "tbf" && s.Memory == 0:
		s.Memory = 4 * s.Window
	case kind.Name == "topk" && s.Capacity == 0:
		s.Capacity = 10 * s.K
	case kind.Name == "topk" && s.Capacity < s.K:
		c.errorf(diag.BadArgument, part, "the capacity of topk is %d, below k, which is %d", s.Capacity, s.K)
	}
	return s
}

func kindNames(role types.Role) []string {
	var names []string
	for _, k := range types.Kinds(role) {
		names = append(names, k.Name)
	}
	return names
}
