package testkit

import (
	"github.com/streamon/streamon/codegen/ir"
	"github.com/streamon/streamon/lang/types"
)

// expr returns an expression of type t that nests at most depth operators.
func (g *randomizer) expr(t types.Type, depth int) ir.Expr {
	if depth > 0 && g.IntN(3) > 0 {
		if x := g.operation(t, depth-1); x != nil {
			return x
		}
	}
	return g.leaf(t)
}

func typed(t types.Type) ir.Typed { return ir.Typed{T: t} }

var randomFields = map[types.Type][]string{
	types.Int:    {"tcp.dstport", "udp.dstport", "udp.srcport", "tcp.flags", "frame.len", "dns.rcode", "port.dst", "tcp.len", "icmp.type"},
	types.Bool:   {"dns.response", "tcp.flags.syn"},
	types.IP:     {"ip.src", "ip.dst", "ip.src", "ip.dst", "arp.src.ip"},
	types.MAC:    {"eth.src", "eth.dst", "arp.src.hw"},
	types.String: {"dns.qry.name", "dns.domain"},
	types.Time:   {"frame.time"},
}

// leaf returns a field, local, entity field, parameter or constant.
func (g *randomizer) leaf(t types.Type) ir.Expr {
	var options []ir.Expr
	if g.event.Kind != ir.TickEvent {
		if names := randomFields[t]; len(names) > 0 {
			options = append(options, &ir.Field{Typed: typed(t), Name: names[g.IntN(len(names))]})
		}
		if t == types.Bool {
			options = append(options, &ir.HasLayer{Typed: typed(t), Layer: []string{"tcp", "udp", "ip", "dns", "port"}[g.IntN(5)]})
		}
	}
	if g.body != nil {
		for _, l := range g.body.Locals {
			if l.Type == t {
				options = append(options, &ir.LocalRef{Typed: typed(t), Local: l})
			}
		}
		if t == types.IP && g.event.Entity >= 0 {
			i := g.IntN(len(g.p.Entities[g.event.Entity].Fields))
			options = append(options, &ir.EntityField{Typed: typed(t), Index: i})
		}
		if t == types.Duration && g.event.Entity >= 0 {
			options = append(options, &ir.Call{Typed: typed(t), Func: "age"})
		}
	}
	for i, p := range g.p.Params {
		if p.Type == t {
			options = append(options, &ir.ParamRef{Typed: typed(t), Param: i})
		}
	}
	switch t {
	case types.Duration:
		options = append(options, &ir.Call{Typed: typed(t), Func: "elapsed"})
	case types.Time:
		options = append(options, &ir.Call{Typed: typed(t), Func: "now"})
	}
	if len(options) == 0 || g.IntN(4) == 0 {
		return g.constant(t)
	}
	return options[g.IntN(len(options))]
}

func (g *randomizer) constant(t types.Type) ir.Expr {
	c := ir.Const{Type: t}
	switch t {
	case types.Bool:
		c.I = int64(g.IntN(2))
	case types.Int:
		c.I = []int64{0, 0, 0, 1, 1, 2, 3, 53, 80, 443, -1, -1, 1 << 40, 1<<63 - 1}[g.IntN(14)]
	case types.Float:
		c.F = []float64{0, 1, 0.25, 1.2, -3, 1e9}[g.IntN(6)]
	case types.Duration:
		c.I = []int64{0, 1e9, 10e9, -5e9}[g.IntN(4)]
	case types.Time:
		c.I = int64(Epoch) + g.Int64N(100e9)
	case types.IP:
		c.Addr = host(g.Rand)
	case types.MAC:
		c.MAC = [6]byte{2, 5: byte(g.IntN(4))}
	case types.String:
		c.S = []string{"", "example", "example.com", "www.example.com"}[g.IntN(4)]
	}
	return &ir.Lit{Const: c}
}

// operation returns an operator or call of type t, nil if there is none.
func (g *randomizer) operation(t types.Type, depth int) ir.Expr {
	binary := func(op ir.Op, tx, ty types.Type) ir.Expr {
		return &ir.Binary{Typed: typed(t), Op: op, X: g.expr(tx, depth), Y: g.expr(ty, depth)}
	}
	call := func(name string, args ...types.Type) ir.Expr {
		c := &ir.Call{Typed: typed(t), Func: name}
		for _, a := range args {
			c.Args = append(c.Args, g.expr(a, depth))
		}
		return c
	}
	switch t {
	case types.Bool:
		return g.test(depth)
	case types.Int:
		switch g.IntN(6) {
		case 0:
			return &ir.Convert{Typed: typed(t), X: g.expr(types.Bool, depth)}
		case 1:
			return call("len", types.String)
		case 2:
			return call([]string{"min", "max"}[g.IntN(2)], t, t)
		case 3:
			return &ir.Unary{Typed: typed(t), Op: []ir.Op{ir.Neg, ir.Inv}[g.IntN(2)], X: g.expr(t, depth)}
		}
		return binary([]ir.Op{ir.Add, ir.Sub, ir.Mul, ir.Mod, ir.BitAnd, ir.BitOr, ir.BitXor, ir.Shl, ir.Shr}[g.IntN(9)], t, t)
	case types.Float:
		switch g.IntN(6) {
		case 0, 1:
			from := []types.Type{types.Int, types.Duration, types.Bool}[g.IntN(3)]
			return &ir.Convert{Typed: typed(t), X: g.expr(from, depth)}
		case 2:
			return call([]string{"floor", "ceil", "sqrt", "abs", "log", "log2"}[g.IntN(6)], t)
		case 3:
			return call([]string{"min", "max"}[g.IntN(2)], t, t)
		}
		return binary([]ir.Op{ir.Add, ir.Sub, ir.Mul, ir.Div}[g.IntN(4)], t, t)
	case types.Duration:
		switch g.IntN(4) {
		case 0:
			return binary(ir.Sub, types.Time, types.Time)
		case 1:
			return binary([]ir.Op{ir.Mul, ir.Div}[g.IntN(2)], t, []types.Type{types.Int, types.Float}[g.IntN(2)])
		}
		return binary([]ir.Op{ir.Add, ir.Sub}[g.IntN(2)], t, t)
	case types.Time:
		return binary([]ir.Op{ir.Add, ir.Sub}[g.IntN(2)], t, types.Duration)
	}
	return nil
}

// test returns a comparison, membership or combination of tests.
func (g *randomizer) test(depth int) ir.Expr {
	b := typed(types.Bool)
	switch g.IntN(9) {
	case 0:
		return &ir.Unary{Typed: b, Op: ir.Not, X: g.expr(types.Bool, depth)}
	case 1, 2:
		op := []ir.Op{ir.And, ir.Or}[g.IntN(2)]
		return &ir.Binary{Typed: b, Op: op, X: g.expr(types.Bool, depth), Y: g.expr(types.Bool, depth)}
	case 3:
		x := &ir.In{Typed: b, X: g.expr(types.Int, depth), List: g.IntN(2) - 1, Not: g.IntN(2) == 0}
		if x.List < 0 {
			x.Items = []ir.SetItem{{Type: types.Int, Lo: 53, Hi: 53}, {Type: types.Int, Lo: int64(g.IntN(100)), Hi: 1024}}
		}
		return x
	case 4:
		return &ir.In{Typed: b, X: g.expr(types.IP, 0), List: 1, Not: g.IntN(2) == 0}
	case 5:
		return &ir.Binary{Typed: b, Op: ir.Contains, X: g.expr(types.String, 0), Y: g.constant(types.String)}
	case 6:
		t := []types.Type{types.IP, types.MAC, types.Bool}[g.IntN(3)]
		op := []ir.Op{ir.Eq, ir.Ne}[g.IntN(2)]
		return &ir.Binary{Typed: b, Op: op, X: g.expr(t, depth), Y: g.expr(t, depth)}
	}
	t := []types.Type{types.Int, types.Float, types.Duration, types.Time, types.String, types.Int}[g.IntN(6)]
	op := ir.Eq + ir.Op(g.IntN(6))
	return &ir.Binary{Typed: b, Op: op, X: g.expr(t, depth), Y: g.expr(t, depth)}
}
