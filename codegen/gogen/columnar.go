package gogen

import (
	"math"

	"github.com/streamon/streamon/codegen/ir"
	"github.com/streamon/streamon/codegen/partition"
	"github.com/streamon/streamon/lang/types"
)

// planColumnar finds the metrics that can be done column by column: a detector, a monitor
// of columnKinds or both that one packet event alone uses, by one and the same Set in each
// state, whatever the handler does else, under keys that come from the packet. Then
// the handlers of other packets can neither see nor change what the metric holds, nor
// whether the Set happens, so that only the order of its own operations matters, and
// that stays.
func (g *gen) planColumnar() {
	g.columnar = map[int]columnar{}
	for i, d := range g.p.Metrics {
		if d.Monitor != nil && !columnKinds[d.Monitor.Kind] || g.isWrittenForOthers(i) {
			continue
		}
		event, set := g.onlyUse(i)
		if set == nil || !g.isColumnar(event, set) {
			continue
		}
		c := columnar{set: set, event: event, values: -1}
		if g.seen == 0 {
			g.seen = 1
		}
		switch {
		case d.Monitor == nil:
		case isRate(d.Monitor):
			c.rates, c.values = true, g.rates
			g.rates++
		default:
			c.values = g.values
			g.values++
		}
		if d.Detector == nil || d.Monitor == nil { // of its own: zeros, or the result
			c.seen = g.seen
			g.seen++
		}
		g.columnar[i] = c
	}
}

// onlyUse returns the packet event that alone uses a metric, and the first of the
// Sets that it does so by, one in each state.
func (g *gen) onlyUse(metric int) (event int, set *ir.Set) {
	event = -1
	for i, e := range g.p.Events {
		states := 0
		for _, h := range e.Handlers {
			uses, sets := 0, 0
			h.Body.Stmts(func(s ir.Stmt) {
				if metricOf(s) == metric {
					uses++
				}
			})
			for _, s := range h.Body.Ops {
				if s, ok := s.(*ir.Set); ok && s.Metric == metric {
					sets++
					if set == nil {
						set = s
					}
				}
			}
			switch {
			case uses == 0:
				continue
			case uses != 1 || sets != 1 || event >= 0 && event != i || e.Kind != ir.PacketEvent:
				return -1, nil
			}
			event = i
			states += max(len(h.States), 1)
		}
		if event == i && e.Entity >= 0 && states != len(g.p.States) {
			return -1, nil
		}
	}
	return event, set
}

// metricOf is the metric that an operation is on, -1 if on none.
func metricOf(s ir.Stmt) int {
	switch s := s.(type) {
	case *ir.Set:
		return s.Metric
	case *ir.Get:
		return s.Metric
	case *ir.Reset:
		return s.Metric
	}
	return -1
}

// isColumnar reports whether every Set of the metric in the event is the same as set,
// with operands that the kernels take.
func (g *gen) isColumnar(event int, set *ir.Set) bool {
	f := g.matchFn(nil, event)
	f.assume(f.selector())
	d := g.p.Metrics[set.Metric]
	kernel := func(key []ir.Expr) bool { return len(key) > 0 && f.isPlain(key) && !f.areConstant(key) }
	if !isAmount(d.Monitor, set.By) || d.Detector != nil && !kernel(set.Distinct) || d.Monitor != nil && !kernel(set.Key) {
		return false
	}
	same := true
	for _, h := range g.p.Events[event].Handlers {
		for _, s := range h.Body.Ops {
			if s, ok := s.(*ir.Set); ok && s.Metric == set.Metric {
				same = same && f.keyID(s.Key) == f.keyID(set.Key) && f.keyID(s.Distinct) == f.keyID(set.Distinct) &&
					isAmount(d.Monitor, s.By) && amountOf(s.By) == amountOf(set.By)
			}
		}
	}
	return same
}

// columnKinds are the monitors that have operations over columns.
var columnKinds = map[string]bool{"dleft": true, "tbf": true, "tewma": true}

// isRate reports whether the amounts and values of a monitor are floats.
func isRate(monitor *ir.Structure) bool {
	return monitor != nil && (monitor.Kind == "tbf" || monitor.Kind == "tewma")
}

// isAmount reports whether a Set adds a constant that the operation over columns takes.
func isAmount(monitor *ir.Structure, by ir.Expr) bool {
	if by == nil {
		return true
	}
	l, ok := by.(*ir.Lit)
	switch {
	case !ok:
		return false
	case l.Const.Type == types.Int && !isRate(monitor):
		return l.I >= 1 && l.I <= 1<<30
	case l.Const.Type == types.Int:
		return l.I >= 1
	case l.Const.Type == types.Float:
		return isRate(monitor) && l.F > 0 && l.F <= math.MaxFloat64
	}
	return false
}

// amountOf is the constant that a Set adds.
func amountOf(by ir.Expr) ir.Const {
	if l, ok := by.(*ir.Lit); ok {
		return l.Const
	}
	return ir.Const{Type: types.Int, I: 1}
}

// Columnar tells for each metric of p, which has been through all passes, whether
// generated code does its operations column by column.
func Columnar(p *ir.Program) []bool {
	g := &gen{p: p, plan: partition.Of(p), top: fileScope(), members: memberScope(), stores: map[int]bool{}, usesTop: map[int]bool{}}
	g.name()
	g.structures = g.memory()
	g.planColumnar()
	return g.whichColumnar()
}

// whichColumnar tells it of each metric once it is planned.
func (g *gen) whichColumnar() []bool {
	out := make([]bool, len(g.p.Metrics))
	for i := range out {
		_, out[i] = g.columnar[i]
	}
	return out
}
