package trace

import (
	"slices"

	"github.com/streamon/streamon/codegen/ir"
)

// readsOf returns reads that give the locals of x their values at any time; false if
// one depends on the packet.
func readsOf(p *ir.Program, before []ir.Stmt, x ir.Expr) (reads []ir.Stmt, ok bool) {
	ok = true
	each(x, func(x ir.Expr) {
		switch x := x.(type) {
		case *ir.Field, *ir.HasLayer, *ir.TopList:
			ok = false
		case *ir.LocalRef:
			more, can := readOf(p, before, x.Local)
			reads, ok = append(reads, more...), ok && can
		}
	})
	return reads, ok
}

func readOf(p *ir.Program, before []ir.Stmt, l *ir.Local) ([]ir.Stmt, bool) {
	var key []ir.Expr
	var own ir.Stmt
	switch s := definition(before, l).(type) {
	case *ir.Set:
		key, own = s.Key, &ir.Get{Dst: l, Metric: s.Metric, Key: s.Key}
		if p.Metrics[s.Metric].Monitor == nil {
			return nil, false
		}
	case *ir.Get:
		key, own = s.Key, &ir.Get{Dst: l, Metric: s.Metric, Key: s.Key}
		if p.Metrics[s.Metric].Monitor == nil {
			return nil, false
		}
	case *ir.Load:
		key, own = s.Key, s
	case *ir.Has:
		key, own = s.Key, s
	case *ir.Let:
		reads, ok := readsOf(p, before, s.X)
		return append(reads, s), ok
	default:
		return nil, false
	}
	var reads []ir.Stmt
	for _, k := range key {
		more, ok := readsOf(p, before, k)
		if !ok {
			return nil, false
		}
		reads = append(reads, more...)
	}
	return append(reads, own), true
}

// definition returns the last statement that gives l its value.
func definition(before []ir.Stmt, l *ir.Local) ir.Stmt {
	for _, s := range slices.Backward(before) {
		if ir.Dst(s) == l {
			return s
		}
	}
	return nil
}
