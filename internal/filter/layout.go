package filter

import (
	"net/netip"

	"golang.org/x/net/bpf"

	"github.com/streamon/streamon/runtime/packet"
)

// The code first finds out the shape of the packet: VLAN tag, network header, transport
// header. In each branch the conditions are made simpler by what is known there, and what
// is left of them follows. X is then the length of the network header.

// EtherTypes and IP protocols that branches know.
const (
	etIP4  = 0x0800
	etARP  = 0x0806
	etRARP = 0x8035
	etVLAN = 0x8100
	etQinQ = 0x88a8
	etIP6  = 0x86dd
	etMin  = packet.EtherTypeMin // below: a length, of an IEEE 802.3 frame

	protoTCP   = 6
	protoUDP   = 17
	protoICMP6 = 58
	protoSCTP  = 132
)

// What the decoder looks behind: what is there cannot be told here.
var (
	seenThrough = append(spans(packet.SeenThrough), span{0, etMin - 1})
	carriers    = spans(packet.Carriers)
	tunnelPorts = spans(packet.TunnelPorts)
	// An IPv4 address in an IPv6 header: to events it is that IPv4 address.
	mapped = addresses{of: netip.MustParsePrefix("::ffff:0:0/96")}
)

// spans makes a span of each number.
func spans[N uint8 | uint16](list []N) (out []span) {
	for _, n := range list {
		out = append(out, span{uint32(n), uint32(n)})
	}
	return out
}

// maker makes the code of one side of a rule.
type maker struct {
	*coder
	cond           node
	isWanted       bool // it may take too much, but not too little
	takes, refuses label
}

// layOut makes the code of a rule: the operator's side, then the wanted one. It ends at the
// labels 0, packet taken, and 1.
func layOut(op, wanted node, t Target) *coder {
	c := &coder{}
	takes, refuses, second := c.label(), c.label(), c.label()
	(&maker{c, op, false, second, refuses}).side(t)
	c.set(second)
	(&maker{c, wanted, true, takes, refuses}).side(t)
	return c
}

func (m *maker) side(t Target) {
	c, isConstant := m.cond.(constant)
	switch {
	case isConstant && (bool(c) || !m.isWanted): // else it still takes what it cannot tell
		m.decide(m.cond, m.takes, m.refuses)
	case t.Link == packet.LinkEthernet:
		m.ethernet(t)
	case t.Link == packet.LinkRaw:
		m.raw()
	default:
		m.goTo(m.takes)
	}
}

// end decides about packets of a shape.
func (m *maker) end(s shape) { m.decide(m.cond.under(&s), m.takes, m.refuses) }

// accept takes packets that a test holds for, on the wanted side: what they are cannot be
// told here.
func (m *maker) accept(t node) {
	if m.isWanted {
		more := m.label()
		m.decide(t, m.takes, more)
		m.set(more)
	}
}

// when makes code for packets that a test holds for, and continues with the others.
func (m *maker) when(t node, then func()) {
	yes, no := m.label(), m.label()
	m.decide(t, yes, no)
	m.set(yes)
	then()
	m.set(no)
}

func half(at uint32) load  { return load{bpf.LoadAbsolute{Off: at, Size: 2}} }
func byte1(at uint32) load { return load{bpf.LoadAbsolute{Off: at, Size: 1}} }

// port loads a number of two bytes of the transport header.
func port(at uint32) load { return load{bpf.LoadIndirect{Off: at, Size: 2}} }

var length = bpf.LoadExtension{Num: bpf.ExtLen}

// shorter is the test for packets of less than n bytes.
func shorter(n uint32) node { return test{load{length}, 0, []span{{0, n - 1}}} }

// lacks is the test for packets of less than X + n bytes. Their length less X may wrap.
func lacks(n uint32) node {
	return test{load{length, bpf.ALUOpX{Op: bpf.ALUOpSub}}, 0, []span{{0, n - 1}, {1 << 31, 1<<32 - 1}}}
}

// ethernet makes the code for Ethernet frames.
func (m *maker) ethernet(t Target) {
	s := shape{link: true, kernel: t.Kernel, base: 14, proto: -1}
	m.accept(shorter(14 + 4))
	m.when(test{half(12), 0, []span{{etVLAN, etVLAN}, {etQinQ, etQinQ}, {0x9100, 0x9100}}}, func() {
		in := s
		in.tagged, in.base = true, 18
		m.network(in)
	})
	m.network(s)
}

// raw makes the code for IP packets without anything before.
func (m *maker) raw() {
	s := shape{proto: -1}
	m.accept(shorter(1))
	m.when(masked(byte1(0), 0xf0, 0x40), func() { m.ip4(s) })
	m.when(masked(byte1(0), 0xf0, 0x60), func() { m.ip6(s) })
	m.end(s)
}

// network makes the code behind an EtherType, which is in the two bytes before s.base.
func (m *maker) network(s shape) {
	et := half(s.base - 2)
	m.when(equal(et, etIP4), func() { m.ip4(s) })
	m.when(equal(et, etIP6), func() { m.ip6(s) })
	m.when(test{et, 0, []span{{etARP, etARP}, {etRARP, etRARP}}}, func() {
		s := s
		s.net = netARP
		m.end(s)
	})
	m.accept(test{et, 0, seenThrough})
	m.end(s)
}

// ip4 makes the code for IPv4 packets at s.base.
func (m *maker) ip4(s shape) {
	s.net = netIP4
	m.accept(shorter(s.base + 20))
	m.accept(negate(test{byte1(s.base), 0, []span{{0x45, 0x4f}}}))
	m.accept(test{byte1(s.base + 9), 0, carriers})
	m.when(test{half(s.base + 6), 0x1fff, []span{{1, 0x1fff}}}, func() { m.end(s) }) // a later fragment
	m.add(bpf.LoadMemShift{Off: s.base})
	s.first = true
	m.transport(s, byte1(s.base+9))
	m.end(s)
}

// ip6 makes the code for IPv6 packets at s.base.
func (m *maker) ip6(s shape) {
	s.net = netIP6
	m.accept(shorter(s.base + 40))
	m.accept(negate(masked(byte1(s.base), 0xf0, 0x60)))
	m.accept(either(mapped.at(s.base+8), mapped.at(s.base+24)))
	m.add(bpf.LoadConstant{Dst: bpf.RegX, Val: 40})
	s.first = true
	m.transport(s, byte1(s.base+6))
	m.accept(negate(equal(byte1(s.base+6), protoICMP6))) // extension headers, tunnels, other protocols
	m.end(s)
}

// transport makes the code for TCP, UDP and SCTP, and continues with others. X is the
// length of the network header.
func (m *maker) transport(s shape, proto load) {
	for _, p := range []struct {
		proto int
		need  uint32 // bytes of its header that conditions read
	}{{protoTCP, 14}, {protoUDP, 8}, {protoSCTP, 8}} {
		m.when(equal(proto, uint32(p.proto)), func() {
			s := s
			s.proto = p.proto
			m.accept(lacks(s.base + p.need))
			if p.proto == protoUDP {
				m.accept(either(test{port(s.base), 0, tunnelPorts}, test{port(s.base + 2), 0, tunnelPorts}))
			}
			m.end(s)
		})
	}
}
