package pass

import (
	"strings"

	"github.com/streamon/streamon/codegen/ir"
)

// share reads a metric or table once where a body reads it several times under
// the same key with nothing written in between. The second read becomes a copy of
// the first local; in the operations, which always run, its uses become uses of
// the first local, and dead-locals removes the copy.
//
// A set counts as a read of the same key if its value is that of a get after it:
// a metric with a monitor, no distinct key and no amount, either of which, being
// undefined, would leave the set's value undefined but not the get's.
//
// Only locals that are assigned once take part, on either side and in the key, so
// that the order of assignments does not matter.
func share(r *run) {
	r.bodies(func(b *ir.Body) *ir.Body {
		s := &sharing{run: r, assigned: map[*ir.Local]int{}, same: map[*ir.Local]*ir.Local{}}
		b.Stmts(func(st ir.Stmt) {
			if l := ir.Dst(st); l != nil {
				s.assigned[l]++
			}
		})
		return s.body(b)
	})
}

// sharing is the state of the pass in one body.
type sharing struct {
	*run
	assigned map[*ir.Local]int       // how often
	same     map[*ir.Local]*ir.Local // local -> the earlier one that has its value, from operations
}

// known maps the text of a read to the local that has its value.
type known map[string]*ir.Local

func (k known) clone() known {
	n := known{}
	for text, l := range k {
		n[text] = l
	}
	return n
}

func (s *sharing) body(b *ir.Body) *ir.Body {
	have := known{}
	n := &ir.Body{Locals: b.Locals, Ops: s.stmts(b.Ops, have, true)}
	seen := have.clone() // the reads before an arm run only if no earlier arm held
	for _, a := range b.Arms {
		m := *a
		m.Pre = s.stmts(a.Pre, seen, false)
		m.Then = s.stmts(a.Then, seen.clone(), false)
		n.Arms = append(n.Arms, &m)
	}
	n.Always = s.stmts(b.Always, known{}, false)
	if len(s.same) == 0 {
		return n
	}
	return n.Map(func(x ir.Expr) ir.Expr {
		return ir.Map(x, func(y ir.Expr) ir.Expr {
			if l, ok := y.(*ir.LocalRef); ok && s.same[l.Local] != nil {
				return &ir.LocalRef{Typed: l.Typed, Local: s.same[l.Local]}
			}
			return y
		})
	})
}

// stmts goes through a list of statements that run one after the other; always
// says that they run in every case.
func (s *sharing) stmts(list []ir.Stmt, have known, always bool) []ir.Stmt {
	var out []ir.Stmt
	for _, st := range list {
		text, ok := s.readText(st)
		l := ir.Dst(st)
		if first := have[text]; ok && first != nil && l != nil && s.assigned[l] == 1 {
			if _, isSet := st.(*ir.Set); !isSet {
				copied := &ir.Let{At: ir.At{Pos: st.Position()}, Dst: l, X: &ir.LocalRef{Typed: ir.Typed{T: first.Type}, Local: first}}
				out = append(out, s.rewriteStmt(st, copied, "read before"))
				if always {
					s.same[l] = first
				}
				continue
			}
		}
		s.invalidate(st, have)
		if ok && l != nil && s.assigned[l] == 1 {
			have[text] = l
		}
		out = append(out, st)
	}
	return out
}

// readText returns a text that two statements share iff they read the same: "get
// syns [@server]". ok is false for what is no read or has a key that may change.
func (s *sharing) readText(st ir.Stmt) (text string, ok bool) {
	switch st := st.(type) {
	case *ir.Get:
		n := *st
		n.Dst = nil
		if m := s.p.Metrics[st.Metric]; m.Monitor != nil {
			n.Distinct = nil
			ok = len(st.Distinct) == 0
		} else {
			ok = true
		}
		return s.text(&n), ok && s.fixed(st)
	case *ir.Set:
		m := s.p.Metrics[st.Metric]
		get := &ir.Get{At: st.At, Metric: st.Metric, Key: st.Key}
		return s.text(get), m.Monitor != nil && len(st.Distinct) == 0 && st.By == nil && s.fixed(st)
	case *ir.Load:
		n := *st
		n.Dst = nil
		return s.text(&n), s.fixed(st)
	case *ir.Has:
		n := *st
		n.Dst = nil
		return s.text(&n), s.fixed(st)
	}
	return "", false
}

// text returns the text form with the locals that are known to be equal unified.
func (s *sharing) text(st ir.Stmt) string {
	return ir.StmtText(s.p, s.event, ir.MapStmt(st, func(x ir.Expr) ir.Expr {
		return ir.Map(x, func(y ir.Expr) ir.Expr {
			if l, ok := y.(*ir.LocalRef); ok && s.same[l.Local] != nil {
				return &ir.LocalRef{Typed: l.Typed, Local: s.same[l.Local]}
			}
			return y
		})
	}))
}

// fixed reports whether no expression of st mentions a local that is assigned
// more than once.
func (s *sharing) fixed(st ir.Stmt) bool {
	ok := true
	ir.Exprs(st, func(x ir.Expr) {
		ir.Walk(x, func(y ir.Expr) bool {
			if l, isLocal := y.(*ir.LocalRef); isLocal && s.assigned[l.Local] > 1 {
				ok = false
			}
			return true
		})
	})
	return ok
}

// invalidate forgets what st may have changed: every key of its metric or table.
func (s *sharing) invalidate(st ir.Stmt, have known) {
	var prefixes []string
	switch st := st.(type) {
	case *ir.Set:
		prefixes = []string{"get " + s.p.Metrics[st.Metric].Name}
	case *ir.Reset:
		prefixes = []string{"get " + s.p.Metrics[st.Metric].Name}
	case *ir.Store:
		prefixes = []string{"load " + s.p.Tables[st.Table].Name, "has " + s.p.Tables[st.Table].Name}
	case *ir.Delete:
		prefixes = []string{"load " + s.p.Tables[st.Table].Name, "has " + s.p.Tables[st.Table].Name}
	}
	for text := range have {
		for _, p := range prefixes {
			if text == p || strings.HasPrefix(text, p+" ") {
				delete(have, text)
			}
		}
	}
}
