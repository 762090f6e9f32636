package testkit

import (
	"time"

	"github.com/streamon/streamon/codegen/ir"
	"github.com/streamon/streamon/lang/types"
)

// Sample returns the IR of a small program, made by hand: a cut-down form of the
// paper's SYN-flood detector (§IV-C), with exact counters.
//
//	param threshold = 3
//	param period = 10s
//	entity server: ip
//	metric syns { count dleft }
//	table last[server]: float
//	event syn: packet where tcp.flags & (SYN|ACK) == SYN for server = ip.dst
//	event check: timeout for server
//	in any { on syn { set syns[server] } }
//	state default { on syn { when syns > threshold -> rising { last[server] = syns start check after period } } }
//	state rising code "S1" { on check { get syns[server]
//	    when syns > 1.5 * last[server] -> attack { alert critical "SYN flood on {server}: {syns:.0f} from {ip.src}" }
//	    otherwise -> default
//	    always { reset syns[server] } } }
//	state attack for 20s then default level high { on syn { always { drop } } }
func Sample() *ir.Program {
	const check, def, rising, attack = 1, 0, 1, 2
	intT, floatT, boolT, ipT := ir.Typed{T: types.Int}, ir.Typed{T: types.Float}, ir.Typed{T: types.Bool}, ir.Typed{T: types.IP}
	i := func(n int64) *ir.Lit { return &ir.Lit{Const: ir.Const{Type: types.Int, I: n}} }
	server := []ir.Expr{&ir.EntityField{Typed: ipT}}
	ref := func(l *ir.Local) ir.Expr { return &ir.LocalRef{Typed: ir.Typed{T: l.Type}, Local: l} }
	binary := func(t ir.Typed, op ir.Op, x, y ir.Expr) ir.Expr { return &ir.Binary{Typed: t, Op: op, X: x, Y: y} }
	float := func(x ir.Expr) ir.Expr { return &ir.Convert{Typed: floatT, X: x} }

	p := &ir.Program{
		Name: "sample", Doc: "SYN flood on a server", File: "sample.smon",
		Params: []*ir.Param{
			{Name: "threshold", Type: types.Int, Def: ir.Const{Type: types.Int, I: 3}},
			{Name: "period", Type: types.Duration, Def: ir.Const{Type: types.Duration, I: 10e9}},
		},
		Entities: []*ir.Entity{{Name: "server", Fields: []ir.KeyField{{Name: "server", Type: types.IP}}, Capacity: 1000}},
		Metrics:  []*ir.Metric{{Name: "syns", Key: []types.Type{types.IP}, Monitor: &ir.Structure{Kind: "dleft", Capacity: 1000}}},
		Tables:   []*ir.Table{{Name: "last", Key: []types.Type{types.IP}, Value: types.Float, Capacity: 1000, Full: ir.Reject}},
		States: []*ir.State{
			{Name: "default"}, {Name: "rising", Code: "S1"},
			{Name: "attack", Level: "high", For: &ir.Lit{Const: ir.Const{Type: types.Duration, I: int64(20 * time.Second)}}, Next: def},
		},
	}
	count := func() *ir.Local { return &ir.Local{Name: "syns", Type: types.Int} }
	set := func(l *ir.Local) ir.Stmt { return &ir.Set{Dst: l, Metric: 0, Key: server} }

	inDefault := count()
	bodyDefault := &ir.Body{Locals: []*ir.Local{inDefault}, Ops: []ir.Stmt{set(inDefault)}, Arms: []*ir.Arm{{
		If: binary(boolT, ir.Gt, ref(inDefault), &ir.ParamRef{Typed: intT, Param: 0}), To: rising,
		Reads: []ir.NamedValue{{Name: "syns", X: ref(inDefault)}},
		Then: []ir.Stmt{
			&ir.Store{Table: 0, Key: server, X: float(ref(inDefault))},
			&ir.Start{Event: check, After: &ir.ParamRef{Typed: ir.Typed{T: types.Duration}, Param: 1}},
		},
	}}}
	bodyRising := &ir.Body{Ops: []ir.Stmt{set(nil)}}
	bodyAttack := &ir.Body{Ops: []ir.Stmt{set(nil)}, Always: []ir.Stmt{&ir.Drop{}}}

	now, last := count(), &ir.Local{ID: 1, Name: "last", Type: types.Float}
	limit := binary(floatT, ir.Mul, &ir.Lit{Const: ir.Const{Type: types.Float, F: 1.5}}, ref(last))
	bodyCheck := &ir.Body{
		Locals: []*ir.Local{now, last},
		Ops:    []ir.Stmt{&ir.Get{Dst: now, Metric: 0, Key: server}},
		Arms: []*ir.Arm{
			{
				Pre: []ir.Stmt{&ir.Load{Dst: last, Table: 0, Key: server}},
				If:  binary(boolT, ir.Gt, float(ref(now)), limit), To: attack,
				Reads: []ir.NamedValue{{Name: "syns", X: ref(now)}, {Name: "last", X: ref(last)}},
				Then: []ir.Stmt{&ir.Alert{Level: "critical", Message: []ir.Part{
					{Text: "SYN flood on "}, {X: server[0]}, {Text: ": "}, {X: ref(now), Format: ".0f"},
					{Text: " from "}, {X: &ir.Field{Typed: ipT, Name: "ip.src"}},
				}}},
			},
			{To: def},
		},
		Always: []ir.Stmt{&ir.Reset{Metric: 0, Key: server}},
	}
	flags := binary(intT, ir.BitAnd, &ir.Field{Typed: intT, Name: "tcp.flags"}, i(18))
	p.Events = []*ir.Event{
		{
			Name: "syn", Bind: []ir.Expr{&ir.Field{Typed: ipT, Name: "ip.dst"}},
			Where:    binary(boolT, ir.Eq, flags, i(2)),
			Handlers: []*ir.Handler{{States: []int{def}, Body: bodyDefault}, {States: []int{rising}, Body: bodyRising}, {States: []int{attack}, Body: bodyAttack}},
		},
		{Name: "check", Kind: ir.TimeoutEvent, Captures: []string{"ip.src"}, Handlers: []*ir.Handler{{States: []int{rising}, Body: bodyCheck}}},
	}
	return p
}
