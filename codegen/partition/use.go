package partition

import (
	"github.com/streamon/streamon/codegen/ir"
)

// use is an operation on one metric or table, or one that rules the plan out.
type use struct {
	place
	group int       // metric, or number of metrics + table
	parts [2][]part // monitor or table, and detector; nil = not touched
	stays string    // why it cannot travel; "" = it can
	wrong string    // why there can be no plan, whatever owns what
}

// part is one part of a key.
type part struct {
	x     ir.Expr // without references to the entity's key, if the event binds one
	text  string  // equal ones have equal values within one run of a handler
	timed bool
}

// collect lists the uses of all handlers, in order of events, handlers and execution.
func collect(p *ir.Program) []use {
	var out []use
	for i, e := range p.Events {
		if e.Entity < 0 {
			continue
		}
		done := map[*ir.Body]bool{}
		for _, h := range e.Handlers {
			if done[h.Body] {
				continue
			}
			done[h.Body] = true
			h.Body.Stmts(func(s ir.Stmt) {
				if u, ok := useOf(p, i, s); ok {
					u.place = place{i, h.Body, s}
					out = append(out, u)
				}
			})
			h.Body.Exprs(func(x ir.Expr) {
				ir.Walk(x, func(x ir.Expr) bool {
					if top, ok := x.(*ir.TopList); ok {
						out = append(out, use{place: place{i, h.Body, at(h.Pos)}, group: top.Metric,
							wrong: "metric " + p.Metrics[top.Metric].Name + " is one list for the whole program"})
					}
					return true
				})
			})
		}
	}
	return out
}

// at is a statement that has only a position.
func at(pos ir.Pos) ir.Stmt { return &ir.Drop{At: ir.At{Pos: pos}} }

// useOf returns what a statement does to a metric or table; false if it does
// nothing to any.
func useOf(p *ir.Program, event int, s ir.Stmt) (use, bool) {
	e := p.Events[event]
	u := use{place: place{event: event}, stays: stays(e, s)}
	switch s := s.(type) {
	case *ir.Set:
		u.metric(p, e, s.Metric, s.Key, s.Distinct, true)
	case *ir.Get:
		u.metric(p, e, s.Metric, s.Key, s.Distinct, p.Metrics[s.Metric].Monitor == nil)
	case *ir.Reset:
		u.metric(p, e, s.Metric, s.Key, nil, false)
		if s.Key == nil {
			u.wrong = "all of metric " + p.Metrics[s.Metric].Name + " is cleared"
		} else if u.parts[0] == nil {
			return use{}, false // of a detector alone nothing can be removed
		}
	case *ir.Load:
		u.table(p, e, s.Table, s.Key)
	case *ir.Has:
		u.table(p, e, s.Table, s.Key)
	case *ir.Store:
		u.table(p, e, s.Table, s.Key)
	case *ir.Delete:
		u.table(p, e, s.Table, s.Key)
		if s.Key == nil {
			u.wrong = "all of table " + p.Tables[s.Table].Name + " is deleted"
		}
	default:
		return use{}, false
	}
	return u, true
}

// metric fills in what an operation on a metric touches.
func (u *use) metric(p *ir.Program, e *ir.Event, i int, key, distinct []ir.Expr, detects bool) {
	d := p.Metrics[i]
	u.group = i
	switch {
	case d.Monitor == nil:
	case d.Monitor.Kind == "hll" || d.Monitor.Kind == "topk":
		u.wrong = "metric " + d.Name + " (" + d.Monitor.Kind + ") is kept for the whole program"
	case len(d.Key) == 0:
		u.wrong = "metric " + d.Name + " is one value for the whole program"
	default:
		u.parts[0] = parts(p, e, key)
	}
	if d.Detector != nil && detects {
		u.parts[1] = parts(p, e, distinct)
	}
}

func (u *use) table(p *ir.Program, e *ir.Event, i int, key []ir.Expr) {
	u.group = len(p.Metrics) + i
	if len(p.Tables[i].Key) == 0 {
		u.wrong = "table " + p.Tables[i].Name + " is one value for the whole program"
		return
	}
	u.parts[0] = parts(p, e, key)
}

// parts returns the parts of a key. Parts are compared as key parts: a text and the
// entity's field that holds its beginning are the same.
func parts(p *ir.Program, e *ir.Event, key []ir.Expr) []part {
	out := make([]part, len(key))
	for i, x := range key {
		if bound, ok := x.(*ir.EntityField); ok && e.Kind == ir.PacketEvent && !e.Sorted {
			x = e.Bind[bound.Index]
		}
		out[i] = part{x, ir.ExprText(p, e, x) + " " + x.Type().String(), isTimed(x)}
	}
	return out
}

// isTimed reports whether an expression depends on packet time.
func isTimed(x ir.Expr) bool {
	return contains(x, func(x ir.Expr) bool { call, ok := x.(*ir.Call); return ok && len(call.Args) == 0 })
}

// contains reports whether f holds for a part of x.
func contains(x ir.Expr, f func(ir.Expr) bool) bool {
	found := false
	ir.Walk(x, func(x ir.Expr) bool { found = found || f(x); return !found })
	return found
}

// stays returns why a statement cannot be made by another shard, "" if it can.
func stays(e *ir.Event, s ir.Stmt) string {
	switch s.(type) {
	case *ir.Set, *ir.Reset, *ir.Store, *ir.Delete:
	default:
		return "it is read"
	}
	switch {
	case ir.Dst(s) != nil:
		return "its value is read afterwards"
	case e.Kind != ir.PacketEvent:
		return "a timer has no packet to write it for another"
	}
	why := ""
	ir.Exprs(s, func(x ir.Expr) {
		if contains(x, func(x ir.Expr) bool {
			switch x := x.(type) {
			case *ir.LocalRef, *ir.TopList:
				return true
			case *ir.Call:
				return x.Func == "age"
			}
			return false
		}) {
			why = "what is written is made of more than the packet"
		}
	})
	return why
}
