// Package wanted finds out which packets a program wants, so that a filter before the probe
// can leave out the others.
//
// It makes an expression, in the syntax of internal/filter, that holds for every packet which
// an event may happen for. It may hold for more: what the expression cannot say (a DNS name,
// a parameter, the time to live) is taken to hold.
//
// The expression is evaluated on plain packets only: a filter takes those that the decoder
// sees through by itself. So layers that are only met behind such headers (gre, mpls …)
// are "none" here. On plain packets each part of the expression holds whenever the part of the
// selector does that it stands for. "not" stands only before what is exact where the
// layer is there, which the expression asks for beside it: a test on a field whose layer is
// absent is false.
package wanted

import (
	"fmt"
	"net/netip"
	"slices"

	"github.com/streamon/streamon/codegen/ir"
	"github.com/streamon/streamon/lang/types"
)

// maxText bounds the expression; a larger one is not worth its evaluation.
const maxText = 4000

// Of returns the expression, or "" if the program wants all packets.
func Of(p *ir.Program) string {
	want := none
	for _, e := range p.Events {
		if e.Kind != ir.PacketEvent {
			continue
		}
		w := all
		if e.Where != nil {
			w = of(p, e.Where)
		}
		for _, b := range e.Bind {
			w = both(w, needs(b))
		}
		want = either(want, w)
	}
	text := want.String()
	if want.isAll() || len(text) > maxText {
		return ""
	}
	return text
}

// of returns the expression for a condition.
func of(p *ir.Program, x ir.Expr) expr {
	switch x := x.(type) {
	case *ir.Lit:
		if x.Const.Type == types.Bool && x.Const.I == 0 {
			return none
		}
		return all
	case *ir.HasLayer:
		return layer(x.Layer)
	case *ir.Field:
		return both(needs(x), flag(x))
	case *ir.In:
		return both(needs(x.X), in(p, x))
	case *ir.Binary:
		switch {
		case x.Op == ir.And:
			return both(of(p, x.X), of(p, x.Y))
		case x.Op == ir.Or:
			return either(of(p, x.X), of(p, x.Y))
		case x.Op.IsComparison():
			return both(both(needs(x.X), needs(x.Y)), comparison(x))
		}
	}
	return all
}

// needs returns the expression for the layers without which x is undefined.
func needs(x ir.Expr) expr {
	switch x := x.(type) {
	case *ir.Field:
		if fd := types.LookupField(x.Name); fd != nil && len(fd.Need) > 0 {
			return layer(fd.Layer)
		}
	case *ir.Unary:
		if x.Op != ir.Not {
			return needs(x.X)
		}
	case *ir.Convert:
		return needs(x.X)
	case *ir.Binary:
		if x.Op != ir.And && x.Op != ir.Or && !x.Op.IsComparison() {
			return both(needs(x.X), needs(x.Y))
		}
	}
	return all
}

// layers says what a packet with the layer is like.
var layers = map[string]expr{
	"arp": either(leaf("arp"), leaf("rarp")), "ip": anyIP, "ipv4": leaf("ip"), "ipv6": leaf("ip6"), "fragment": anyIP,
	"mpls": none, "pppoe": none, "tunnel": none, "gre": none, "vxlan": none, "vlan": leaf("vlan"),
	"icmp": leaf("proto 1"), "icmpv6": leaf("proto 58"), "tcp": leaf("tcp"), "udp": leaf("udp"), "sctp": leaf("sctp"),
	"port": either(either(leaf("tcp"), leaf("udp")), leaf("sctp")),
	"dns":  either(either(leaf("udp port 53"), leaf("udp port 5353")), leaf("tcp port 53")), "tls": leaf("tcp"), "http": leaf("tcp"),
	"modbus": leaf("tcp port 502"), "ntp": leaf("udp port 123"), "dhcp": either(leaf("udp port 67"), leaf("udp port 68")),
}

func layer(name string) expr {
	if l, ok := layers[name]; ok {
		return l
	}
	return all
}

// portFields are the fields that are ports, and their direction.
var portFields = map[string]string{
	"tcp.srcport": "src", "udp.srcport": "src", "sctp.srcport": "src", "port.src": "src",
	"tcp.dstport": "dst", "udp.dstport": "dst", "sctp.dstport": "dst", "port.dst": "dst",
}

// flag is a bool field: one of the lower eight TCP flags.
func flag(x *ir.Field) expr {
	for i, name := range []string{"fin", "syn", "rst", "psh", "ack", "urg", "ece", "cwr"} {
		if x.Name == "tcp.flags."+name {
			return leaf(fmt.Sprintf("tcp[13] & %d != 0", 1<<i))
		}
	}
	return all
}

// in is membership of a list.
func in(p *ir.Program, x *ir.In) expr {
	items := x.Items
	if x.List >= 0 {
		if p.Lists[x.List].File != "" {
			return all // the operator may replace it
		}
		items = p.Lists[x.List].Items
	}
	f, ok := x.X.(*ir.Field)
	if !ok || x.Not && !isExact(f.Name) || len(items) > maxText/8 { // each takes more than that
		return all
	}
	any := none
	for _, it := range items {
		one := all
		switch it.Type {
		case types.Int:
			one = number(f.Name, ir.Eq, it.Lo, it.Hi)
		case types.Net, types.IP:
			one = network(f.Name, it.Addr, it.Bits)
		}
		any = either(any, one)
	}
	if x.Not {
		return negate(any)
	}
	return any
}

// isExact reports whether what is said of a field is not only implied by what it stands for
// but the same, so that it can be negated.
func isExact(field string) bool {
	return portFields[field] != "" || field == "ip.proto" || field == "ip.src" || field == "ip.dst"
}

// comparison is that of a field, or of masked TCP flags, with a constant.
func comparison(x *ir.Binary) expr {
	left, right, op := x.X, x.Y, x.Op
	if _, ok := left.(*ir.Lit); ok {
		left, right = right, left
		op = map[ir.Op]ir.Op{ir.Lt: ir.Gt, ir.Le: ir.Ge, ir.Gt: ir.Lt, ir.Ge: ir.Le, ir.Eq: ir.Eq, ir.Ne: ir.Ne}[op]
	}
	lit, ok := right.(*ir.Lit)
	if !ok {
		return all
	}
	switch left := left.(type) {
	case *ir.Field:
		switch lit.Const.Type {
		case types.Int:
			return number(left.Name, op, lit.Const.I, lit.Const.I)
		case types.IP:
			n := network(left.Name, lit.Const.Addr, 128)
			if op == ir.Ne {
				return negate(n)
			} else if op == ir.Eq {
				return n
			}
		}
	case *ir.Binary:
		f, isField := left.X.(*ir.Field)
		mask, isLit := left.Y.(*ir.Lit)
		if !isField {
			f, isField = left.Y.(*ir.Field)
			mask, isLit = left.X.(*ir.Lit)
		}
		if left.Op == ir.BitAnd && isField && isLit && f.Name == "tcp.flags" && lit.Const.Type == types.Int && mask.Const.Type == types.Int {
			return flags(mask.Const.I, op, lit.Const.I)
		}
	}
	return all
}

// flags compares TCP flags, of which the ninth is in another byte, under a mask.
func flags(mask int64, op ir.Op, v int64) expr {
	switch {
	case v < 0 || v > 0x1ff || mask < 0:
		return all
	case op == ir.Eq && mask&0xff != 0:
		if mask == 0xff {
			return leaf(fmt.Sprintf("tcp[13] = %d", v&0xff))
		}
		return leaf(fmt.Sprintf("tcp[13] & %d = %d", mask&0xff, v&0xff))
	case op == ir.Ne && mask&^0xff&0x1ff == 0 && mask != 0 && v <= 0xff:
		return leaf(fmt.Sprintf("tcp[13] & %d != %d", mask&0xff, v))
	}
	return all
}

// number compares a field with a number, or with a range if op is Eq.
func number(name string, op ir.Op, lo, hi int64) expr {
	if name == "tcp.flags" && lo == hi && op == ir.Eq {
		return flags(0x1ff, op, lo)
	}
	if name == "ip.version" && op == ir.Eq && lo == hi {
		switch lo {
		case 4:
			return leaf("ip")
		case 6:
			return leaf("ip6")
		}
		return none
	}
	dir, isPort := portFields[name]
	limit := int64(65535)
	say := func(lo, hi int64) expr { return between(dir+" port", lo, hi) }
	switch {
	case isPort:
	case name == "ip.proto" && lo == hi:
		limit, say = 255, func(lo, _ int64) expr { return leaf(fmt.Sprintf("proto %d", lo)) }
		if op != ir.Eq && op != ir.Ne {
			return all
		}
	case name == "vlan.id" && lo == hi && op == ir.Eq && lo >= 0 && lo <= 4095:
		return leaf(fmt.Sprintf("vlan %d", lo))
	default:
		return all
	}
	switch op {
	case ir.Eq:
	case ir.Ne:
		if lo < 0 || lo > limit {
			return all
		}
		return negate(say(lo, hi))
	case ir.Lt:
		lo, hi = 0, hi-1
	case ir.Le:
		lo = 0
	case ir.Gt:
		lo, hi = lo+1, limit
	case ir.Ge:
		hi = limit
	default:
		return all
	}
	lo, hi = max(lo, 0), min(hi, limit)
	if lo > hi {
		return none
	}
	return say(lo, hi)
}

func between(what string, lo, hi int64) expr {
	if lo == hi {
		return leaf(fmt.Sprintf("%s %d", what, lo))
	}
	return leaf(fmt.Sprintf("%srange %d-%d", what, lo, hi))
}

// mapped is where IPv4 addresses are in those of IPv6.
var mapped = netip.MustParseAddr("::ffff:0:0")

// network compares an address with a network.
func network(name string, addr [16]byte, bits int) expr {
	dir := map[string]string{"ip.src": "src", "ip.dst": "dst"}[name]
	if dir == "" {
		return all
	}
	a := netip.AddrFrom16(addr)
	if a.Is4In6() && bits >= 96 {
		a, bits = a.Unmap(), bits-96
	}
	n, err := a.Prefix(bits)
	if err != nil || bits == 0 || n.Contains(mapped) { // IPv4 addresses are in it as well
		return all
	}
	if slices.Contains([]int{32, 128}, bits) && bits == a.BitLen() {
		return leaf(dir + " host " + a.String())
	}
	return leaf(dir + " net " + n.String())
}
