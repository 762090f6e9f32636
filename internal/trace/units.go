package trace

import (
	"github.com/streamon/streamon/codegen/ir"
	"github.com/streamon/streamon/lang/types"
	"github.com/streamon/streamon/runtime/program"
)

// unitOf says what x is counted in; "" if that is not clear.
func unitOf(p *ir.Program, before []ir.Stmt, x ir.Expr) string {
	if unit := typeUnit(x.Type()); unit != "" {
		return unit
	}
	switch x := x.(type) {
	case *ir.Convert:
		return unitOf(p, before, x.X)
	case *ir.Call:
		if len(x.Args) == 1 && (x.Func == "abs" || x.Func == "floor" || x.Func == "ceil") {
			return unitOf(p, before, x.Args[0])
		}
	case *ir.LocalRef:
		switch s := definition(before, x.Local).(type) {
		case *ir.Set:
			return metricUnit(p.Metrics[s.Metric])
		case *ir.Get:
			return metricUnit(p.Metrics[s.Metric])
		case *ir.Let:
			return unitOf(p, before, s.X)
		}
	case *ir.Binary:
		a, b := unitOf(p, before, x.X), unitOf(p, before, x.Y)
		switch {
		case x.Op == ir.Div && a == b && a != "":
			return "ratio"
		case (x.Op == ir.Add || x.Op == ir.Sub) && a == b:
			return a
		}
	}
	return ""
}

func metricUnit(m *ir.Metric) string {
	switch {
	case m.Monitor == nil:
		return ""
	case m.Monitor.Kind == "tewma":
		return "per second"
	case m.Monitor.Window > 0:
		return "count in " + string(program.AppendDuration(nil, int64(m.Monitor.Window), ""))
	}
	return "count"
}

func typeUnit(t types.Type) string {
	switch t {
	case types.Duration:
		return "seconds"
	case types.Size:
		return "bytes"
	case types.Bool:
		return "0 = no, 1 = yes"
	}
	return ""
}
