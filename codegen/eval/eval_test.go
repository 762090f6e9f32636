package eval

import (
	"math"
	"testing"
	"time"

	"github.com/streamon/streamon/codegen/ir"
	"github.com/streamon/streamon/internal/testkit"
	"github.com/streamon/streamon/lang/types"
	"github.com/streamon/streamon/runtime/packet"
	"github.com/streamon/streamon/runtime/program"
)

func TestSample(t *testing.T) {
	const script = `
		at 0s   tcp 10.0.0.1:1024 > 10.0.0.9:80 syn   x3
		expect  state 10.0.0.9 default
		at 1s   tcp 10.0.0.1:1024 > 10.0.0.9:80 syn
		expect  state 10.0.0.9 rising
		expect  table last 10.0.0.9 = 4
		at 2s   tcp 10.0.0.2:1024 > 10.0.0.9:80 syn x2
		at 2s   tcp 10.0.0.2:1024 > 10.0.0.9:80 syn ack x50     # no SYN of a client
		at 3s   udp 10.0.0.2:1024 > 10.0.0.9:80
		at 10s  eth type=0x88b5                                  # the timer is due at 11 s
		expect  state 10.0.0.9 rising
		at 11s  tick
		expect  state 10.0.0.9 default                           # 6 is not above 1.5 · 4
		expect  count events.check 1

		at 12s  tcp 10.0.0.1:1024 > 10.0.0.9:80 syn   x4
		at 13s  tcp 10.0.0.1:1024 > 10.0.0.9:80 syn   x3
		at 22s  tcp 10.0.0.3:1024 > 10.0.0.9:80 syn              # first the timer, then this
		expect  alert critical check server=10.0.0.9 rising->attack "SYN flood on 10.0.0.9: 7 from 10.0.0.1" syns=7 last=4
		expect  state 10.0.0.9 attack
		expect  drop 1
		at 41s  tcp 10.0.0.3:1024 > 10.0.0.9:80 syn
		expect  drop 2
		at 42s  tcp 10.0.0.3:1024 > 10.0.0.9:80 syn              # the state ends at 42 s
		expect  drop 2
		expect  state 10.0.0.9 default
		expect  count transitions 5`
	for _, size := range []int{1, 7, packet.BatchSize} {
		testkit.RunScript(t, Info(testkit.Sample()), script, size)
	}
	p := testkit.Sample()
	testkit.RunScript(t, Info(p), "param threshold 1\nat 0s tcp 10.0.0.1:1 > 10.0.0.9:80 syn x2\nexpect state 10.0.0.9 rising", 1)
}

var (
	intT, floatT, boolT = ir.Typed{T: types.Int}, ir.Typed{T: types.Float}, ir.Typed{T: types.Bool}
	durT, timeT, strT   = ir.Typed{T: types.Duration}, ir.Typed{T: types.Time}, ir.Typed{T: types.String}
)

func i(n int64) ir.Expr   { return &ir.Lit{Const: ir.Const{Type: types.Int, I: n}} }
func f(x float64) ir.Expr { return &ir.Lit{Const: ir.Const{Type: types.Float, F: x}} }
func s(x string) ir.Expr  { return &ir.Lit{Const: ir.Const{Type: types.String, S: x}} }
func b(x int64) ir.Expr   { return &ir.Lit{Const: ir.Const{Type: types.Bool, I: x}} }
func d(x time.Duration) ir.Expr {
	return &ir.Lit{Const: ir.Const{Type: types.Duration, I: int64(x)}}
}
func bin(t ir.Typed, op ir.Op, x, y ir.Expr) ir.Expr {
	return &ir.Binary{Typed: t, Op: op, X: x, Y: y}
}
func un(t ir.Typed, op ir.Op, x ir.Expr) ir.Expr { return &ir.Unary{Typed: t, Op: op, X: x} }
func call(t ir.Typed, name string, args ...ir.Expr) ir.Expr {
	return &ir.Call{Typed: t, Func: name, Args: args}
}

// Undefined operands: fields of a layer that the packet does not have.
var (
	noInt   = &ir.Field{Typed: intT, Name: "udp.length"}
	noBool  = &ir.Field{Typed: boolT, Name: "dns.response"}
	noText  = &ir.Field{Typed: strT, Name: "dns.qry.name"}
	noFloat = &ir.Convert{Typed: floatT, X: noInt}
)

func TestExpressions(t *testing.T) {
	net := []ir.SetItem{{Type: types.Net, Addr: packet.IPv4(10, 0, 0, 0), Bits: 104}}
	ports := []ir.SetItem{{Type: types.Int, Lo: 20, Hi: 25}, {Type: types.Int, Lo: 80, Hi: 80}}
	src := &ir.Field{Typed: ir.Typed{T: types.IP}, Name: "ip.src"}
	in := func(x ir.Expr, items []ir.SetItem, not bool) ir.Expr {
		return &ir.In{Typed: boolT, X: x, List: -1, Items: items, Not: not}
	}
	const lo, hi = math.MinInt64, math.MaxInt64
	tests := []struct {
		x    ir.Expr
		want value
	}{
		{&ir.Field{Typed: intT, Name: "tcp.dstport"}, integer(types.Int, 80)},
		{&ir.HasLayer{Typed: boolT, Layer: "tcp"}, boolean(true)},
		{&ir.HasLayer{Typed: boolT, Layer: "udp"}, boolean(false)},
		{&ir.HasLayer{Typed: boolT, Layer: "frame"}, boolean(true)},
		{noInt, undefined},
		// undefined spreads through arithmetic and calls …
		{bin(intT, ir.Add, noInt, i(1)), undefined},
		{bin(intT, ir.Mul, i(0), noInt), undefined},
		{un(intT, ir.Neg, noInt), undefined},
		{un(intT, ir.Inv, noInt), undefined},
		{bin(floatT, ir.Div, noFloat, f(2)), undefined},
		{call(intT, "min", i(1), noInt), undefined},
		{call(intT, "len", noText), undefined},
		{&ir.Convert{Typed: intT, X: noBool}, undefined},
		// … every comparison with it is false …
		{bin(boolT, ir.Eq, noInt, i(0)), boolean(false)},
		{bin(boolT, ir.Ne, noInt, i(0)), boolean(false)},
		{bin(boolT, ir.Ge, noInt, noInt), boolean(false)},
		{bin(boolT, ir.Ne, noFloat, f(0)), boolean(false)},
		{bin(boolT, ir.Eq, noBool, b(0)), boolean(false)},
		{bin(boolT, ir.Contains, noText, s("")), boolean(false)},
		{in(noInt, ports, false), boolean(false)},
		{in(noInt, ports, true), boolean(false)},
		// … and and, or, not take it for false.
		{bin(boolT, ir.And, noBool, b(1)), boolean(false)},
		{bin(boolT, ir.Or, noBool, b(1)), boolean(true)},
		{un(boolT, ir.Not, noBool), boolean(true)},
		{un(boolT, ir.Not, bin(boolT, ir.Lt, noInt, i(0))), boolean(true)},
		// integers stay at the ends of their range
		{bin(intT, ir.Add, i(hi), i(1)), integer(types.Int, hi)},
		{bin(intT, ir.Sub, i(lo), i(1)), integer(types.Int, lo)},
		{bin(intT, ir.Mul, i(hi), i(-2)), integer(types.Int, lo)},
		{un(intT, ir.Neg, i(lo)), integer(types.Int, hi)},
		{call(intT, "abs", i(lo)), integer(types.Int, hi)},
		{bin(intT, ir.Mod, i(-7), i(3)), integer(types.Int, -1)},
		{bin(intT, ir.Mod, i(7), i(0)), undefined},
		{bin(intT, ir.Shl, i(1), i(63)), integer(types.Int, lo)},
		{bin(intT, ir.Shl, i(1), i(64)), undefined},
		{bin(intT, ir.Shr, i(-8), i(1)), integer(types.Int, -4)},
		{bin(intT, ir.Shr, i(-8), i(-1)), undefined},
		{bin(intT, ir.BitAnd, i(6), i(3)), integer(types.Int, 2)},
		{bin(intT, ir.BitOr, i(6), i(3)), integer(types.Int, 7)},
		{bin(intT, ir.BitXor, i(6), i(3)), integer(types.Int, 5)},
		{un(intT, ir.Inv, i(0)), integer(types.Int, -1)},
		// floats
		{bin(floatT, ir.Div, f(1), f(0)), undefined},
		{bin(floatT, ir.Div, f(1), f(4)), float(0.25)},
		{bin(floatT, ir.Sub, f(math.Inf(1)), f(math.Inf(1))), undefined},
		{bin(boolT, ir.Ne, f(math.NaN()), f(1)), boolean(false)},
		{call(floatT, "sqrt", f(-1)), undefined},
		{call(floatT, "log", f(0)), undefined},
		{call(floatT, "log2", f(8)), float(3)},
		{call(floatT, "floor", f(-1.5)), float(-2)},
		{call(floatT, "ceil", f(-1.5)), float(-1)},
		{call(floatT, "max", f(1), f(3), f(2)), float(3)},
		// durations and times
		{bin(durT, ir.Mul, d(time.Second), f(1.5)), integer(types.Duration, 1.5e9)},
		{bin(durT, ir.Mul, i(3), d(time.Second)), integer(types.Duration, 3e9)},
		{bin(durT, ir.Div, d(time.Second), i(3)), integer(types.Duration, 333333333)},
		{bin(durT, ir.Div, d(time.Second), i(0)), undefined},
		{bin(durT, ir.Mul, d(math.MaxInt64), i(2)), integer(types.Duration, hi)},
		{bin(durT, ir.Sub, call(timeT, "now"), &ir.Field{Typed: timeT, Name: "frame.time"}), integer(types.Duration, 0)},
		{&ir.Convert{Typed: floatT, X: d(time.Second)}, float(1e9)},
		{&ir.Convert{Typed: floatT, X: b(1)}, float(1)},
		{&ir.Convert{Typed: intT, X: b(1)}, integer(types.Int, 1)},
		{call(durT, "elapsed"), integer(types.Duration, 0)},
		// sets and texts
		{in(src, net, false), boolean(true)},
		{in(src, net, true), boolean(false)},
		{in(i(25), ports, false), boolean(true)},
		{in(i(26), ports, false), boolean(false)},
		{in(i(26), ports, true), boolean(true)},
		{bin(boolT, ir.Contains, s("www.example.com"), s("example")), boolean(true)},
		{bin(boolT, ir.Lt, s("a"), s("b")), boolean(true)},
		{call(intT, "len", s("äb")), integer(types.Int, 3)},
		{bin(boolT, ir.Eq, src, &ir.Lit{Const: ir.Const{Type: types.IP, Addr: packet.IPv4(10, 0, 0, 1)}}), boolean(true)},
	}
	frames, err := testkit.ParsePackets("at 0s tcp 10.0.0.1:1024 > 10.0.0.9:80 syn")
	if err != nil {
		t.Fatal(err)
	}
	var p packet.Packet
	frames[0].Decode(&p)
	prog := testkit.Sample()
	m, err := newMachine(prog, &program.Env{})
	if err != nil {
		t.Fatal(err)
	}
	m.begin(p.Time)
	c := &context{m: m, event: prog.Events[0], packet: &p}
	for _, tt := range tests {
		if got := c.eval(tt.x); got != tt.want {
			t.Errorf("%s = %+v, want %+v", ir.ExprText(prog, nil, tt.x), got, tt.want)
		}
	}
}

func TestKeys(t *testing.T) {
	long := make([]byte, 300)
	values := []value{
		text(nil), text([]byte("a")), text([]byte("ab")), text(long), text(long[:299]), text(long[:255]), text(long[:254]),
		integer(types.Int, 0), integer(types.Int, 1), integer(types.Int, -1), boolean(true), boolean(false), address(packet.IPv4(1, 2, 3, 4)),
	}
	seen := map[string][]value{}
	for _, a := range values {
		for _, b := range values {
			if a.t != values[0].t && b.t == values[0].t {
				continue // keys of one shape only: text, then anything of one type
			}
			key, ok := keyOf([]value{a, b, text([]byte("end"))})
			if other, dup := seen[key]; !ok || dup && other[0].t == a.t && other[1].t == b.t {
				t.Errorf("keyOf(%v, %v) is that of %v", a, b, other)
			}
			seen[key] = []value{a, b}
		}
	}
	if _, ok := keyOf([]value{undefined}); ok {
		t.Error("keyOf(undefined) is a key")
	}
}
