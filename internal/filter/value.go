package filter

import (
	"fmt"
	"net"
	"net/netip"
	"strconv"
	"strings"
)

// qualifiers say what a value is.
type qualifiers struct {
	proto string // ether, ip, ip6, arp, rarp, tcp, udp, sctp, …; "" = any
	dir   direction
	kind  string // host, net, port, portrange, proto
}

// primitive reads one.
func (p *parser) primitive() (node, error) {
	switch w := p.peek(); w {
	case "":
		return nil, p.errorf("expected a condition, found the end")
	case "all", "none":
		p.at++
		return constant(w == "all"), nil
	case "less", "greater", "len":
		return p.long()
	case "vlan":
		p.at++
		if id, err := strconv.Atoi(p.peek()); err == nil {
			if id < 0 || id > 4095 {
				return nil, p.errorf("VLAN %d: expected 0 to 4095", id)
			}
			p.at++
			return vlan{id}, nil
		}
		return vlan{-1}, nil
	case "broadcast", "multicast":
		p.at++
		return cast(w), nil
	}
	q, named := p.qualifiers()
	if !named { // "port 80 or 443"
		if p.last.kind == "" {
			if q.kind = guess(p.peek()); q.kind == "" {
				return nil, p.errorf("expected a condition, %s", p.found())
			}
		} else {
			q = p.last
		}
	}
	if strings.HasPrefix(p.peek(), "[") {
		return p.content(q)
	}
	if q.proto == "ether" && p.take("broadcast", "multicast") {
		return cast(p.peekAt(-1)), nil
	}
	if q.kind == "" && q.dir == anyWay && !p.isValue() {
		return p.alone(q.proto)
	}
	if q.kind == "" {
		if q.kind = guess(p.peek()); q.kind == "" {
			return nil, p.errorf("expected host, net, port, portrange or proto, %s", p.found())
		}
	}
	p.last = q
	if p.peek() == "" {
		return nil, p.errorf("expected a value for %s, found the end", q.kind)
	}
	n, err := p.value(q, p.peek())
	if err != nil {
		return nil, p.errorf("%w", err)
	}
	p.at++
	return n, nil
}

// qualifiers reads those that are there.
func (p *parser) qualifiers() (q qualifiers, found bool) {
	start := p.at
	if _, ok := transports[p.peek()]; ok || p.peek() == "ether" || p.peek() == "ip" || p.peek() == "ip6" || p.peek() == "arp" || p.peek() == "rarp" {
		q.proto = p.peek()
		p.at++
	}
	switch {
	case p.take("src"):
		q.dir = src
		switch {
		case (p.peek() == "or" || p.peek() == "and") && p.peekAt(1) == "dst":
			q.dir = anyWay
			if p.peek() == "and" {
				q.dir = bothWays
			}
			p.at += 2
		}
	case p.take("dst"):
		q.dir = dst
	}
	if p.take("host", "net", "port", "portrange", "proto") {
		q.kind = p.peekAt(-1)
	}
	return q, p.at > start
}

// isValue reports whether an address follows, to which the qualifiers before belong.
func (p *parser) isValue() bool { return guess(p.peek()) != "" }

// guess returns what a value without a kind is: an address is a host, a network a net.
func guess(w string) string {
	if _, err := netip.ParseAddr(w); err == nil {
		return "host"
	}
	if _, err := netip.ParsePrefix(w); err == nil {
		return "net"
	}
	if _, err := net.ParseMAC(w); err == nil {
		return "host"
	}
	return ""
}

// alone is a protocol's name.
func (p *parser) alone(proto string) (node, error) {
	switch proto {
	case "ip":
		return netKind(etIP4), nil
	case "ip6":
		return netKind(etIP6), nil
	case "arp":
		return netKind(etARP), nil
	case "rarp":
		return netKind(etRARP), nil
	}
	if t, ok := transports[proto]; ok {
		return t, nil
	}
	return nil, p.errorf("expected what of %s, %s", proto, p.found())
}

// value makes the condition of a value.
func (p *parser) value(q qualifiers, w string) (node, error) {
	switch q.kind {
	case "port", "portrange":
		return portsOf(q, w)
	case "proto":
		return protoOf(q, w)
	case "host":
		if mac, err := net.ParseMAC(w); err == nil && len(mac) == 6 && q.proto == "ether" {
			return station{q.dir, [6]byte(mac)}, nil
		}
		a, err := netip.ParseAddr(w)
		if err != nil || a.Zone() != "" {
			return nil, fmt.Errorf("host %q: expected an address; names are not looked up", w)
		}
		return addressesOf(q, netip.PrefixFrom(a.Unmap(), a.Unmap().BitLen()))
	}
	n, err := netip.ParsePrefix(w)
	if err == nil && n != n.Masked() {
		return nil, fmt.Errorf("net %q: has bits behind its length; did you mean %s?", w, n.Masked())
	}
	if err != nil {
		a, e := netip.ParseAddr(w)
		if e != nil {
			return nil, fmt.Errorf("net %q: expected a network such as 10.0.0.0/8", w)
		}
		n = netip.PrefixFrom(a, a.BitLen())
	}
	return addressesOf(q, n)
}

func addressesOf(q qualifiers, n netip.Prefix) (node, error) {
	a := addresses{dir: q.dir, of: n}
	switch q.proto {
	case "":
	case "ip":
		a.net = netIP4
	case "ip6":
		a.net = netIP6
	case "arp", "rarp":
		a.net = netARP
		etype := netKind(etARP)
		if q.proto == "rarp" {
			etype = etRARP
		}
		return and{etype, a}, nil
	default:
		return nil, fmt.Errorf("%s has no %s; write: %s and %s …", q.proto, q.kind, q.proto, q.kind)
	}
	return a, nil
}

func portsOf(q qualifiers, w string) (node, error) {
	r := ports{dir: q.dir}
	switch q.proto {
	case "":
		r.protos = [3]int{protoTCP, protoUDP, protoSCTP}
	case "tcp", "udp", "sctp":
		r.protos[0] = transports[q.proto].proto
	default:
		return nil, fmt.Errorf("%s has no ports", q.proto)
	}
	from, to, isRange := strings.Cut(w, "-")
	if isRange && q.kind != "portrange" {
		return nil, fmt.Errorf("port %q: for a range write portrange %s", w, w)
	}
	if !isRange {
		to = from
	}
	lo, err := strconv.ParseUint(from, 10, 16)
	hi, err2 := strconv.ParseUint(to, 10, 16)
	if err != nil || err2 != nil || lo > hi {
		return nil, fmt.Errorf("%s %q: expected numbers from 0 to 65535; names are not looked up", q.kind, w)
	}
	r.of = span{uint32(lo), uint32(hi)}
	return r, nil
}

func protoOf(q qualifiers, w string) (node, error) {
	name := strings.TrimPrefix(w, "\\")
	n, err := strconv.ParseUint(name, 0, 16)
	if q.proto == "ether" {
		names := map[string]uint16{"ip": etIP4, "ip6": etIP6, "arp": etARP, "rarp": etRARP}
		if v, ok := names[name]; ok {
			return etherType(v), nil
		}
		if err != nil {
			return nil, fmt.Errorf("ether proto %q: expected a number or ip, ip6, arp, rarp", w)
		}
		return etherType(n), nil
	}
	t := ipProto{proto: int(n)}
	if known, ok := transports[name]; ok {
		t.proto = known.proto
	} else if err != nil || n > 255 {
		return nil, fmt.Errorf("proto %q: expected a number from 0 to 255 or a name such as tcp", w)
	}
	switch q.proto {
	case "":
	case "ip":
		t.net = netIP4
	case "ip6":
		t.net = netIP6
	default:
		return nil, fmt.Errorf("%s proto: expected ip proto, ip6 proto or ether proto", q.proto)
	}
	return t, nil
}
