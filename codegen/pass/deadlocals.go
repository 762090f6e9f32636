package pass

import (
	"github.com/streamon/streamon/codegen/ir"
)

// deadLocals removes reads of metrics, tables and expressions whose local nobody
// uses, until none is left; a set stays, without its destination. The reads of an
// arm are for its alerts: without an alert they go, and what only they used with
// them. The locals that are left are numbered anew.
func deadLocals(r *run) {
	r.bodies(func(b *ir.Body) *ir.Body {
		b = r.dropReads(b)
		for {
			n := r.dropDead(b)
			if n == b {
				break
			}
			b = n
		}
		return renumber(b)
	})
}

// dropReads removes the reads of arms that raise no alert.
func (r *run) dropReads(b *ir.Body) *ir.Body {
	n := *b
	n.Arms = nil
	for _, a := range b.Arms {
		m := *a
		if len(a.Reads) > 0 && !hasAlert(a.Then) {
			for _, v := range a.Reads {
				r.note(v.Name, "", "only alerts show what a condition read")
			}
			m.Reads = nil
		}
		n.Arms = append(n.Arms, &m)
	}
	return &n
}

func hasAlert(list []ir.Stmt) bool {
	for _, s := range list {
		if _, ok := s.(*ir.Alert); ok {
			return true
		}
	}
	return false
}

// used returns the locals that some expression of b reads.
func used(b *ir.Body) map[*ir.Local]bool {
	locals := map[*ir.Local]bool{}
	b.Exprs(func(x ir.Expr) {
		ir.Walk(x, func(y ir.Expr) bool {
			if l, ok := y.(*ir.LocalRef); ok {
				locals[l.Local] = true
			}
			return true
		})
	})
	return locals
}

// dropDead removes what assigns a local that is not used; it returns b itself if
// there is nothing to remove.
func (r *run) dropDead(b *ir.Body) *ir.Body {
	live := used(b)
	changed := false
	stmts := func(list []ir.Stmt) []ir.Stmt {
		var out []ir.Stmt
		for _, s := range list {
			l := ir.Dst(s)
			if l == nil || live[l] {
				out = append(out, s)
				continue
			}
			changed = true
			if set, ok := s.(*ir.Set); ok {
				n := *set
				n.Dst = nil
				out = append(out, r.rewriteStmt(s, &n, "the value is not used"))
				continue
			}
			r.rewriteStmt(s, nil, "the value is not used")
		}
		return out
	}
	n := &ir.Body{Locals: b.Locals, Ops: stmts(b.Ops)}
	for _, a := range b.Arms {
		m := *a
		m.Pre, m.Then = stmts(a.Pre), stmts(a.Then)
		n.Arms = append(n.Arms, &m)
	}
	n.Always = stmts(b.Always)
	if !changed {
		return b
	}
	return n
}

// renumber gives b a list of the locals that it still mentions, in their order.
func renumber(b *ir.Body) *ir.Body {
	mentioned := used(b)
	b.Stmts(func(s ir.Stmt) {
		if l := ir.Dst(s); l != nil {
			mentioned[l] = true
		}
	})
	moved := map[*ir.Local]*ir.Local{}
	var locals []*ir.Local
	same := true
	for _, l := range b.Locals {
		if !mentioned[l] {
			same = false
			continue
		}
		n := *l
		n.ID = len(locals)
		locals = append(locals, &n)
		moved[l] = &n
	}
	if same {
		return b
	}
	return replaceLocals(b, locals, moved)
}

// replaceLocals returns b with other locals.
func replaceLocals(b *ir.Body, locals []*ir.Local, moved map[*ir.Local]*ir.Local) *ir.Body {
	n := b.Map(func(x ir.Expr) ir.Expr {
		return ir.Map(x, func(y ir.Expr) ir.Expr {
			if l, ok := y.(*ir.LocalRef); ok && moved[l.Local] != nil {
				return &ir.LocalRef{Typed: l.Typed, Local: moved[l.Local]}
			}
			return y
		})
	})
	n.Locals = locals
	each := func(list []ir.Stmt) {
		for i, s := range list {
			if l := ir.Dst(s); l != nil && moved[l] != nil {
				list[i] = ir.WithDst(s, moved[l])
			}
		}
	}
	each(n.Ops)
	for _, a := range n.Arms {
		each(a.Pre)
		each(a.Then)
	}
	each(n.Always)
	return n
}
