package lower

import "github.com/streamon/streamon/codegen/ir"

// prune drops what nobody reads: the value of an operation, reads, computations,
// and with them their locals. A set remains, for it changes the metric.
func prune(b *ir.Body) {
	for {
		used := map[*ir.Local]bool{}
		b.Exprs(func(x ir.Expr) {
			ir.Walk(x, func(x ir.Expr) bool {
				if r, ok := x.(*ir.LocalRef); ok {
					used[r.Local] = true
				}
				return true
			})
		})
		changed := false
		filter := func(list []ir.Stmt) []ir.Stmt {
			out := list[:0]
			for _, s := range list {
				v := ir.Dst(s)
				switch {
				case v == nil || used[v]:
					out = append(out, s)
				default:
					changed = true
					if set, ok := s.(*ir.Set); ok {
						set.Dst = nil
						out = append(out, s)
					}
				}
			}
			if len(out) == 0 {
				return nil
			}
			return out
		}
		b.Ops, b.Always = filter(b.Ops), filter(b.Always)
		for _, a := range b.Arms {
			a.Pre, a.Then = filter(a.Pre), filter(a.Then)
		}
		if !changed {
			renumber(b, used)
			return
		}
	}
}

// renumber keeps the locals that are used, in order.
func renumber(b *ir.Body, used map[*ir.Local]bool) {
	var out []*ir.Local
	for _, v := range b.Locals {
		if used[v] {
			v.ID = len(out)
			out = append(out, v)
		}
	}
	b.Locals = out
}
