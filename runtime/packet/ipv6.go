package packet

// ip6 reads an IPv6 header (RFC 8200 §3).
func (d *Decoder) ip6(p *Packet, b []byte, wire int) {
	if len(b) > 0 && b[0]>>4 != 6 {
		p.Seen |= IP6 | IPLayer
		p.blame(BadIPVersion)
		return
	}
	if len(b) < 40 {
		l := IP6 | IPLayer
		if len(b) == 0 {
			l = 0
		}
		p.fail(l, 40, wire, TruncatedIPv6)
		return
	}
	if p.Has&netLayers != 0 && !p.enclose() {
		return
	}
	plen := int(be16(b[4:6]))
	next := b[6]
	p.IPVersion = 6
	p.DSCP = (b[0]<<4 | b[1]>>4) >> 2
	p.TTL = b[7]
	p.IPID = 0
	p.FragOffset = 0
	p.MoreFrags = false
	p.Proto = next
	p.Src = IP(b[8:24])
	p.Dst = IP(b[24:40])
	p.Has |= IP6 | IPLayer

	b, wire = b[40:], wire-40
	if plen == 0 && (next == protoHopByHop || next == protoTCP || next == protoUDP) {
		// A jumbogram, whose option tells its length, or a packet that was
		// captured before the card cut it up: to the end of the frame.
		plen = wire
	}
	p.IPLen = uint32(40 + plen)
	if plen > wire {
		if p.Seen&Fragment == 0 { // as in ip4
			p.blame(BadIPv6Length)
		}
	} else {
		b, wire = clip(b, plen), plen
	}
	switch next {
	case protoTCP:
		d.tcp(p, b, wire)
	case protoUDP:
		d.udp(p, b, wire)
	default:
		d.ip6ext(p, next, b, wire)
	}
}

// ip6ext walks the chain of extension headers (RFC 8200 §4) to the transport
// header. ESP ends it, as what follows is encrypted. Each header takes at least
// eight bytes, so the length of the packet bounds the walk.
func (d *Decoder) ip6ext(p *Packet, next uint8, b []byte, wire int) {
	for first := true; ; first = false {
		p.Proto = next
		n := 0
		switch next {
		case protoHopByHop, protoDstOpts, protoRouting, protoShim6:
			if len(b) >= 2 {
				n = 8 + int(b[1])*8
			}
		case protoAH:
			if len(b) >= 2 {
				n = 8 + int(b[1])*4
			}
		case protoFragment:
			n = 8
		case protoESP, protoNone:
			return
		default:
			d.transport(p, next, b, wire)
			return
		}
		if n == 0 || n > len(b) {
			if next == protoFragment && len(b) > 0 {
				p.Seen |= Fragment6
			}
			p.fail(0, max(n, 8), wire, TruncatedIPv6Extension)
			return
		}
		head := b[:n]
		b, wire = b[n:], wire-n
		switch {
		case next == protoFragment:
			if !p.ip6frag(head, wire) {
				p.Proto = head[0]
				return
			}
		case next == protoHopByHop && first:
			b, wire = p.ip6jumbo(head, b, wire)
		}
		next = head[0]
	}
}

// ip6frag reads a fragment header (RFC 8200 §4.5) and reports whether the
// transport header follows it.
func (p *Packet) ip6frag(h []byte, wire int) bool {
	off := be16(h[2:4])
	p.Has |= Fragment6
	p.FragOffset = off &^ 7
	p.MoreFrags = off&1 != 0
	p.IPID = be32(h[4:8])
	if off&^6 == 0 {
		return true // atomic fragment (RFC 6946): the whole datagram
	}
	p.Has |= Fragment
	if int(p.FragOffset)+wire > 65535 {
		p.blame(BadFragment)
	}
	return p.FragOffset == 0
}

// ip6jumbo looks for the jumbo payload option (RFC 2675 §2) in the hop-by-hop
// header h and cuts b, which follows it, to the length found there.
func (p *Packet) ip6jumbo(h, b []byte, wire int) ([]byte, int) {
	const pad1, jumbo = 0, 0xc2
	for o := h[2:]; len(o) > 0; {
		if o[0] == pad1 {
			o = o[1:]
			continue
		}
		if len(o) < 2 || len(o) < 2+int(o[1]) {
			return b, wire
		}
		if o[0] != jumbo || o[1] != 4 {
			o = o[2+int(o[1]):]
			continue
		}
		n := be32(o[2:6])
		if n <= 65535 {
			p.blame(BadJumbogram)
			return b, wire
		}
		p.IPLen = 40 + min(n, 1<<31)
		rest := int(n&0x7fffffff) - len(h)
		if rest > wire {
			p.blame(BadIPv6Length)
			return b, wire
		}
		return clip(b, rest), rest
	}
	return b, wire
}
