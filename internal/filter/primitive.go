package filter

import (
	"encoding/binary"
	"net/netip"

	"golang.org/x/net/bpf"
)

// The primitives of expressions, and what becomes of each in a packet of some shape.

// direction says which of two fields must hold.
type direction uint8

const (
	anyWay   direction = iota // one of them
	src                       //
	dst                       //
	bothWays                  // both
)

// of puts a condition about the source and one about the destination together.
func (d direction) of(s, t node) node {
	switch d {
	case src:
		return s
	case dst:
		return t
	case bothWays:
		return both(s, t)
	}
	return either(s, t)
}

// netKind is ip, ip6, arp or rarp.
type netKind uint16 // EtherType

func (k netKind) under(s *shape) node {
	switch {
	case k == etIP4:
		return constant(s.net == netIP4)
	case k == etIP6:
		return constant(s.net == netIP6)
	case s.net == netARP:
		return equal(half(s.base-2), uint32(k))
	}
	return constant(false)
}

// etherType is ether proto N.
type etherType uint16

func (e etherType) under(s *shape) node {
	switch e {
	case etIP4, etIP6, etARP, etRARP:
		return both(constant(s.link), netKind(e).under(s))
	}
	if !s.link || s.net != netOther {
		return constant(false)
	}
	return equal(half(s.base-2), uint32(e))
}

// ipProto is an IP protocol, of one version or (0) of both.
type ipProto struct {
	net   int
	proto int
}

func (p ipProto) under(s *shape) node {
	if p.net != 0 && p.net != s.net || s.net != netIP4 && s.net != netIP6 {
		return constant(false)
	}
	if s.proto >= 0 {
		return constant(s.proto == p.proto)
	}
	if s.net == netIP4 {
		return equal(byte1(s.base+9), uint32(p.proto))
	}
	return equal(byte1(s.base+6), uint32(p.proto))
}

// ports is a range of ports, of some transport protocols.
type ports struct {
	dir    direction
	protos [3]int // 0 = none
	of     span
}

func (p ports) under(s *shape) node {
	ok := false
	for _, n := range p.protos {
		ok = ok || n != 0 && n == s.proto
	}
	if !ok || !s.first {
		return constant(false)
	}
	r := []span{p.of}
	return p.dir.of(test{port(s.base), 0, r}, test{port(s.base + 2), 0, r})
}

// addresses is a network, or a host.
type addresses struct {
	dir direction
	net int // netIP4, netIP6 or netARP alone; 0 = any
	of  netip.Prefix
}

func (a addresses) under(s *shape) node {
	if a.net != 0 && a.net != s.net {
		return constant(false)
	}
	is4 := a.of.Addr().Is4()
	switch {
	case s.net == netIP4 && is4:
		return a.dir.of(a.at(s.base+12), a.at(s.base+16))
	case s.net == netARP && is4:
		return a.dir.of(a.at(s.base+14), a.at(s.base+24))
	case s.net == netIP6 && !is4:
		return a.dir.of(a.at(s.base+8), a.at(s.base+24))
	}
	return constant(false)
}

// at is the condition for the address at an offset.
func (a addresses) at(off uint32) node {
	n := node(constant(true))
	bytes, left := a.of.Masked().Addr().AsSlice(), a.of.Bits()
	for i := 0; left > 0; i += 4 {
		bits := min(left, 32)
		left -= bits
		mask := ^uint32(0) << (32 - bits)
		l, v := load{bpf.LoadAbsolute{Off: off + uint32(i), Size: 4}}, binary.BigEndian.Uint32(bytes[i:])
		if bits == 32 {
			n = both(n, equal(l, v))
		} else {
			n = both(n, masked(l, mask, v))
		}
	}
	return n
}

// station is an Ethernet address.
type station struct {
	dir direction
	of  [6]byte
}

func (a station) under(s *shape) node {
	if !s.link {
		return constant(false)
	}
	at := func(off uint32) node {
		return both(equal(load{bpf.LoadAbsolute{Off: off + 2, Size: 4}}, binary.BigEndian.Uint32(a.of[2:])),
			equal(half(off), uint32(binary.BigEndian.Uint16(a.of[:]))))
	}
	return a.dir.of(at(6), at(0))
}

// vlan is a VLAN tag; its identifier is that of the outermost one.
type vlan struct{ id int } // -1 = any

func (v vlan) under(s *shape) node {
	in, is := node(constant(s.tagged)), node(constant(v.id < 0))
	if v.id >= 0 {
		in = both(in, masked(half(14), 0xfff, uint32(v.id)))
		is = masked(load{bpf.LoadExtension{Num: bpf.ExtVLANTag}}, 0xfff, uint32(v.id))
	}
	if !s.kernel || !s.link {
		return in
	}
	beside := negate(equal(load{bpf.LoadExtension{Num: bpf.ExtVLANTagPresent}}, 0))
	return either(both(beside, is), both(negate(beside), in))
}

// long is a condition about the length of the packet.
type long struct{ ranges []span }

func (l long) under(*shape) node { return ranged(load{length}, 0, l.ranges) }

// ranged is a test that may hold for nothing.
func ranged(l load, mask uint32, ranges []span) node {
	if len(ranges) == 0 {
		return constant(false)
	}
	return test{l, mask, ranges}
}

// content is a condition about bytes of a header, as in tcp[13] & 2 != 0.
type content struct {
	of     string // ether, ip, ip6, tcp, udp, icmp, icmp6, sctp
	at     uint32
	size   int
	mask   uint32
	ranges []span
}

func (c content) under(s *shape) node {
	at, indirect := c.at, false
	var is node
	switch c.of {
	case "ether":
		is = constant(s.link)
	case "ip":
		is, at = constant(s.net == netIP4), s.base+at
	case "ip6":
		is, at = constant(s.net == netIP6), s.base+at
	default:
		p := transports[c.of]
		is, at, indirect = both(constant(s.first), ipProto{p.net, p.proto}.under(s)), s.base+at, true
	}
	l := load{bpf.LoadAbsolute{Off: at, Size: c.size}}
	if indirect {
		l = load{bpf.LoadIndirect{Off: at, Size: c.size}}
	}
	return both(is, ranged(l, c.mask, c.ranges))
}

// transports are the names of protocols above IP.
var transports = map[string]ipProto{
	"tcp": {0, protoTCP}, "udp": {0, protoUDP}, "sctp": {0, protoSCTP}, "icmp": {netIP4, 1}, "icmp6": {netIP6, protoICMP6},
	"igmp": {netIP4, 2}, "esp": {0, 50}, "ah": {0, 51}, "pim": {0, 103}, "vrrp": {netIP4, 112}, "gre": {0, 47},
}
