package ir

import (
	"slices"

	"github.com/streamon/streamon/lang/types"
)

// stmts checks a list of statements; pure ones only where a condition is prepared.
func (v *verifier) stmts(list []Stmt, pure bool) {
	for _, s := range list {
		if pure && !isRead(s) {
			v.errorf("%T among the reads of a condition", s)
		}
		v.stmt(s)
	}
}

// isRead reports whether s changes nothing but its local.
func isRead(s Stmt) bool {
	switch s.(type) {
	case *Let, *Get, *Load, *Has:
		return true
	}
	return false
}

func (v *verifier) stmt(s Stmt) {
	switch s := s.(type) {
	case *Let:
		v.expr(s.X)
		if s.X != nil {
			v.dst("let", s.Dst, s.X.Type(), true)
		}
	case *Set:
		if v.metricOp("set", s.Metric, s.Key, s.Distinct, false) {
			v.dst("set", s.Dst, v.p.Metrics[s.Metric].ValueType(), false)
		}
		if s.By != nil {
			v.expr(s.By)
			if t := s.By.Type(); t != types.Int && t != types.Size && t != types.Float {
				v.errorf("set by %v", t)
			}
		}
	case *Get:
		if v.metricOp("get", s.Metric, s.Key, s.Distinct, true) {
			v.dst("get", s.Dst, v.p.Metrics[s.Metric].ValueType(), true)
		}
	case *Reset:
		if v.index("metric", s.Metric, len(v.p.Metrics)) && s.Key != nil {
			v.exprs("reset", s.Key, v.p.Metrics[s.Metric].Key)
		}
	case *Load:
		if v.table("load", s.Table, s.Key) {
			v.dst("load", s.Dst, v.p.Tables[s.Table].Value, true)
		}
	case *Has:
		v.table("has", s.Table, s.Key)
		v.dst("has", s.Dst, types.Bool, true)
	case *Store:
		if v.table("store", s.Table, s.Key) {
			v.typed("store", s.X, v.p.Tables[s.Table].Value)
		}
	case *Delete:
		if s.Key != nil {
			v.table("delete", s.Table, s.Key)
		} else {
			v.index("delete: table", s.Table, len(v.p.Tables))
		}
	case *Start:
		v.timer("start", s.Event)
		v.typed("start", s.After, types.Duration)
	case *Stop:
		v.timer("stop", s.Event)
	case *Drop, *Capture:
		if v.event.Kind != PacketEvent {
			v.errorf("%T without a packet", s)
		}
	default:
		v.output(s)
	}
}

// output checks the statements that emit records.
func (v *verifier) output(s Stmt) {
	switch s := s.(type) {
	case *Alert:
		if !slices.Contains(types.Levels, s.Level) {
			v.errorf("alert of level %q", s.Level)
		}
		v.message(s.Message)
	case *Log:
		v.message(s.Message)
	case *Publish:
		if s.Topic == "" {
			v.errorf("publish without topic")
		}
		if s.Message != nil && s.Fields != nil {
			v.errorf("publish of a text and values")
		}
		v.message(s.Message)
		for _, f := range s.Fields {
			if t, ok := f.X.(*TopList); ok {
				if v.index("metric", t.Metric, len(v.p.Metrics)) {
					if m := v.p.Metrics[t.Metric].Monitor; m == nil || m.Kind != "topk" {
						v.errorf("list of metric %s, which has no topk", v.p.Metrics[t.Metric].Name)
					}
				}
				continue
			}
			v.expr(f.X)
		}
	case *Exec:
		if len(s.Args) == 0 || len(s.Args[0]) != 1 || s.Args[0][0].X != nil {
			v.errorf("exec without a fixed program")
		}
		for _, a := range s.Args {
			v.message(a)
		}
	case *Block:
		v.expr(s.What)
		v.typed("block", s.For, types.Duration)
	default:
		v.errorf("statement %T", s)
	}
}

func (v *verifier) message(parts []Part) {
	for _, p := range parts {
		if p.X == nil {
			continue
		}
		if p.Text != "" {
			v.errorf("message part %q with a value", p.Text)
		}
		v.expr(p.X)
		if !isFormat(p.Format) {
			v.errorf("format %q", p.Format)
		}
	}
}

// isFormat reports whether f is empty or [.N](f|e|g|d|x|s).
func isFormat(f string) bool {
	if f == "" {
		return true
	}
	digits := f[:len(f)-1]
	if digits != "" {
		if digits[0] != '.' || len(digits) == 1 {
			return false
		}
		for _, c := range digits[1:] {
			if c < '0' || c > '9' {
				return false
			}
		}
	}
	return slices.Contains([]byte("fegdxs"), f[len(f)-1])
}

// metricOp checks keys against the declaration. A get of a monitor needs no
// distinct key; a metric without monitor is read by its distinct key alone.
func (v *verifier) metricOp(what string, metric int, key, distinct []Expr, isGet bool) bool {
	if !v.index(what+": metric", metric, len(v.p.Metrics)) {
		return false
	}
	m := v.p.Metrics[metric]
	what += " " + m.Name
	v.exprs(what, key, m.Key)
	if isGet && m.Monitor != nil && len(distinct) == 0 {
		return true
	}
	v.exprs(what+" new", distinct, m.Distinct)
	return true
}

func (v *verifier) table(what string, table int, key []Expr) bool {
	if !v.index(what+": table", table, len(v.p.Tables)) {
		return false
	}
	t := v.p.Tables[table]
	v.exprs(what+" "+t.Name, key, t.Key)
	return true
}

// timer checks the event that a start or stop names: a timeout of the entity that
// this handler runs for.
func (v *verifier) timer(what string, event int) {
	if !v.index(what+": event", event, len(v.p.Events)) {
		return
	}
	e := v.p.Events[event]
	switch {
	case e.Kind != TimeoutEvent:
		v.errorf("%s %s, which is no timeout", what, e.Name)
	case e.Entity != v.event.Entity:
		v.errorf("%s %s, which is a timeout of another entity", what, e.Name)
	}
}

// dst checks the local that a statement assigns.
func (v *verifier) dst(what string, l *Local, want types.Type, needed bool) {
	if l == nil {
		if needed {
			v.errorf("%s without destination", what)
		}
		return
	}
	v.local(l)
	if l.Type != want {
		v.errorf("%s of type %v into %s of type %v", what, want, localText(l), l.Type)
	}
}

func (v *verifier) local(l *Local) {
	switch {
	case v.body == nil:
		v.errorf("a local outside of a body")
	case l.ID < 0 || l.ID >= len(v.body.Locals) || v.body.Locals[l.ID] != l:
		v.errorf("%s is no local of this body", localText(l))
	}
}
