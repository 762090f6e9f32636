package trace

import (
	"strconv"
	"strings"

	"github.com/streamon/streamon/codegen/eval"
	"github.com/streamon/streamon/codegen/ir"
	"github.com/streamon/streamon/runtime/packet"
	"github.com/streamon/streamon/runtime/program"
)

// Did implements eval.Observer.
func (t *Tracer) Did(f eval.Frame, s ir.Stmt) {
	if t.other {
		if !t.touches(f, s) {
			return
		}
		if t.cur == nil {
			t.cur = t.touched(f)
		}
	}
	h := t.cur
	w := t.words(f, nil, true)
	st := step{kind: "action", at: s.Position(), text: w.Stmt(s)}
	switch s := s.(type) {
	case *ir.Let:
		st.kind, st.value, st.hasValue = "feature", f.Result(), true
	case *ir.Set:
		st.kind, st.value, st.hasValue = "set", f.Result(), true
		if t.p.Metrics[s.Metric].Detector != nil {
			st.note = "seen before, not counted"
			if f.HasUpdated() {
				st.note = "not seen before"
			}
		}
	case *ir.Get:
		st.kind, st.value, st.hasValue = "get", f.Result(), true
	case *ir.Load, *ir.Has:
		st.kind, st.value, st.hasValue = "table", f.Result(), true
	case *ir.Store:
		st.kind, st.value, st.hasValue = "table", f.Value(s.X), true
		st.text = t.words(f, nil, false).Stmt(&ir.Store{Table: s.Table, Key: s.Key, X: s.X})
	case *ir.Start:
		st.kind = "timer"
		if at, period, ok := f.Timer(s.Event); ok {
			st.note = "fires at " + offset(at-f.First())
			if period > 0 {
				st.note += " and then every " + string(program.AppendDuration(nil, period, ""))
			}
		} else {
			st.note = "not armed: the time is undefined or negative"
		}
	case *ir.Stop:
		st.kind = "timer"
	case *ir.Alert:
		st.kind = "report"
		st.text += " " + strconv.Quote(f.Text(s.Message))
	case *ir.Log:
		st.kind = "report"
		st.text += " " + strconv.Quote(f.Text(s.Message))
	case *ir.Publish:
		st.kind = "report"
		if s.Message != nil {
			st.text += " " + strconv.Quote(f.Text(s.Message))
			break
		}
		var fields []string
		for _, v := range s.Fields {
			if _, ok := v.X.(*ir.TopList); ok {
				continue // a list; the record has it
			}
			fields = append(fields, v.Name+": "+Short(f.Value(v.X)))
		}
		st.text += " {" + strings.Join(fields, ", ") + "}"
	case *ir.Exec:
		st.kind = "report"
		for _, a := range s.Args {
			st.text += " " + strconv.Quote(f.Text(a))
		}
	case *ir.Block:
		st.kind = "report"
		st.text += ": " + Short(f.Value(s.What))
	}
	h.steps = append(h.steps, st)
}

// touches reports whether a statement of another entity's event changes what is kept
// of a chosen one.
func (t *Tracer) touches(f eval.Frame, s ir.Stmt) bool {
	var key []ir.Expr
	switch s := s.(type) {
	case *ir.Set:
		key = s.Key
	case *ir.Reset:
		if key = s.Key; key == nil {
			return len(t.p.Metrics[s.Metric].Key) > 0
		}
	case *ir.Store:
		key = s.Key
	case *ir.Delete:
		if key = s.Key; key == nil {
			return true
		}
	}
	if key == nil {
		return false
	}
	id, ok := f.Pack(key)
	return ok && t.Has(id)
}

// Tested implements eval.Observer.
func (t *Tracer) Tested(f eval.Frame, a *ir.Arm, holds bool) {
	if t.other {
		return
	}
	h := t.cur
	st := step{kind: "otherwise", at: a.Pos, text: "otherwise", holds: holds}
	if a.If != nil {
		w := t.words(f, a, true)
		st.kind, st.text = "when", "when "+w.Expr(a.If)
		leaves := conjuncts(a.If)
		for _, x := range leaves {
			s := side{text: w.Expr(x), holds: truth(f.Value(x))}
			if b, ok := x.(*ir.Binary); ok && b.Op.IsComparison() {
				s.left, s.right = f.Value(b.X), f.Value(b.Y)
			}
			st.sides = append(st.sides, s)
			if !s.holds && !holds && st.note == "" && len(leaves) > 1 {
				st.note = "since " + s.text + " is false"
			}
		}
	}
	if holds && a.To >= 0 {
		st.to = t.p.States[a.To].Name
	}
	h.steps = append(h.steps, st)
}

// conjuncts returns what must hold for x to hold: the operands of its outermost ands.
func conjuncts(x ir.Expr) []ir.Expr {
	if b, ok := x.(*ir.Binary); ok && b.Op == ir.And {
		return append(conjuncts(b.X), conjuncts(b.Y)...)
	}
	return []ir.Expr{x}
}

func truth(v program.Value) bool { return v.Kind == program.KindBool && v.I != 0 }

// words returns what prints the expressions of a handler, with the values of names
// behind them. Names of features that are but another word for a metric are those of
// the arm.
func (t *Tracer) words(f eval.Frame, a *ir.Arm, values bool) *ir.Words {
	w := &ir.Words{Program: t.p}
	if i := f.Event(); i >= 0 {
		w.Event = t.p.Events[i]
	}
	if a != nil {
		w.Names = t.namesOf(a)
	}
	if values {
		w.Note = func(x ir.Expr) string {
			if _, ok := x.(*ir.EntityField); ok {
				return "" // the entity was named
			}
			return Short(f.Value(x))
		}
	}
	return w
}

// namesOf returns the reads of an arm whose name is not that of the local they read.
func (t *Tracer) namesOf(a *ir.Arm) []ir.NamedValue {
	if names, ok := t.names[a]; ok {
		return names
	}
	var names []ir.NamedValue
	for _, v := range a.Reads {
		if l, ok := v.X.(*ir.LocalRef); !ok || l.Local.Name != v.Name {
			names = append(names, v)
		}
	}
	if t.names == nil {
		t.names = map[*ir.Arm][]ir.NamedValue{}
	}
	t.names[a] = names
	return names
}

// shortDigits is the number of digits that a float is shown with.
const shortDigits = 6

// Short prints a value for people: floats with few digits, texts quoted.
func Short(v program.Value) string {
	switch v.Kind {
	case program.KindFloat:
		return strconv.FormatFloat(v.F, 'g', shortDigits, 64)
	case program.KindString:
		return strconv.Quote(string(v.S))
	}
	return string(program.AppendValue(nil, v, ""))
}

// offset prints a time since the first packet: +33.5s.
func offset(d packet.Time) string {
	return "+" + strconv.FormatFloat(float64(d/1e9)+float64(d%1e9/1000)/1e6, 'f', -1, 64) + "s"
}
