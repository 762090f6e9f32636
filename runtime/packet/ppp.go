package packet

// PPP protocol numbers (IANA, "PPP DLL Protocol Numbers").
const (
	pppIPv4      = 0x0021
	pppIPv6      = 0x0057
	pppMPLS      = 0x0281
	pppMPLSMulti = 0x0283
)

// ppp reads a PPP frame (RFC 1661 §2): address and control bytes may be there
// or left out, and so may the high byte of the protocol number.
func (d *Decoder) ppp(p *Packet, b []byte, wire int) {
	if len(b) >= 2 && b[0] == 0xff && b[1] == 3 {
		b, wire = b[2:], wire-2
	}
	if len(b) < 2 {
		p.fail(0, 2, wire, TruncatedPPPoE)
		return
	}
	proto, n := be16(b[0:2]), 2
	if b[0]&1 != 0 {
		proto, n = uint16(b[0]), 1
	}
	b, wire = b[n:], wire-n
	switch proto {
	case pppIPv4:
		d.ip4(p, b, wire)
	case pppIPv6:
		d.ip6(p, b, wire)
	case pppMPLS, pppMPLSMulti:
		d.mpls(p, b, wire)
	}
}

// pppoe reads a PPPoE session header (RFC 2516 §4).
func (d *Decoder) pppoe(p *Packet, b []byte, wire int) {
	if len(b) < 6 {
		p.fail(PPPoE, 6, wire, TruncatedPPPoE)
		return
	}
	p.PPPoESession = be16(b[2:4])
	p.Has |= PPPoE
	n := int(be16(b[4:6]))
	b, wire = b[6:], wire-6
	if n > wire {
		p.blame(BadPPPoE)
	} else {
		b, wire = clip(b, n), n
	}
	d.ppp(p, b, wire)
}
