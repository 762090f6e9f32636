package cost

import (
	"fmt"

	"github.com/streamon/streamon/codegen/ir"
)

// stmts is the sum over statements.
func (e *estimator) stmts(list []ir.Stmt, s situation) (ns float64) {
	for _, st := range list {
		ns += e.stmt(st, s)
	}
	return ns
}

// stmt is what a statement costs, its operands included. Keys are hashed once for the
// event: see keys.
func (e *estimator) stmt(st ir.Stmt, s situation) float64 {
	at := func(name string) float64 { return e.t.at(name, s.bytes) }
	ns := 0.0
	switch st := st.(type) {
	case *ir.Let:
	case *ir.Set:
		return e.set(st, s)
	case *ir.Get:
		return e.get(st.Metric, s)
	case *ir.Reset:
		return e.reset(st, s)
	case *ir.Load:
		ns = at("table/load")
	case *ir.Has:
		ns = at("table/has")
	case *ir.Store:
		ns = at("table/store")
	case *ir.Delete:
		ns = at("table/delete")
	case *ir.Start:
		ns = at("timer/start")
	case *ir.Stop:
		ns = at("timer/stop")
	case *ir.Alert:
		ns = at("emit/alert") + e.parts(st.Message)
	case *ir.Log:
		ns = at("emit/log") + e.parts(st.Message)
	case *ir.Publish:
		ns = at("emit/publish") + e.parts(st.Message) + float64(len(st.Fields))*at(value)
	case *ir.Exec:
		ns = at("emit/exec")
		for _, arg := range st.Args {
			ns += e.parts(arg)
		}
	case *ir.Drop:
		ns = at("mark/drop")
	case *ir.Block:
		ns = at("emit/block") + 4*at(value)
	case *ir.Capture:
		ns = at("mark/capture")
	default:
		panic(fmt.Sprintf("cost: no cost of %T", st)) // a test has all of them
	}
	ir.Exprs(st, func(x ir.Expr) { ns += e.expr(x, s) })
	return ns
}

// parts are the values in a message.
func (e *estimator) parts(message []ir.Part) (ns float64) {
	for _, part := range message {
		if part.X != nil {
			ns += e.t.at(value, 0)
		}
	}
	return ns
}

// set updates a metric. What a detector lets through is counted; else the value is read,
// if it is wanted. In columns a counter is always looked up.
func (e *estimator) set(st *ir.Set, s situation) (ns float64) {
	d := e.p.Metrics[st.Metric]
	if e.columnar[st.Metric] {
		if d.Detector != nil {
			ns += e.t.at("columns/"+d.Detector.Kind, s.bytes)
		}
		if d.Monitor != nil {
			ns += e.t.at("columns/"+d.Monitor.Kind, s.bytes)
		}
		return ns
	}
	if d.Detector != nil {
		ns += e.t.at("set/"+d.Detector.Kind, s.bytes)
	}
	switch {
	case d.Monitor == nil:
	case d.Detector == nil || s.fresh:
		ns += e.t.at("set/"+d.Monitor.Kind, s.bytes)
	case st.Dst != nil:
		ns += e.t.at("get/"+d.Monitor.Kind, s.bytes)
	}
	return ns + e.expr(st.By, s)
}

func (e *estimator) get(metric int, s situation) float64 {
	d := e.p.Metrics[metric]
	if d.Monitor == nil {
		return e.t.at("get/"+d.Detector.Kind, s.bytes)
	}
	return e.t.at("get/"+d.Monitor.Kind, s.bytes)
}

// reset takes one key out of a monitor, or clears the metric.
func (e *estimator) reset(st *ir.Reset, s situation) (ns float64) {
	d := e.p.Metrics[st.Metric]
	if d.Detector != nil && st.Key == nil {
		ns += e.t.at("reset/"+d.Detector.Kind, s.bytes)
	}
	if d.Monitor != nil {
		ns += e.t.at("reset/"+d.Monitor.Kind, s.bytes)
	}
	return ns
}
