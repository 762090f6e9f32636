package packet

// mpls reads a label stack (RFC 3032) and what is behind its bottom. No field
// names that, so it is guessed as routers do (RFC 4928): a first nibble of 4 or
// 6 is IP, 0 a pseudo-wire control word (RFC 4385). Ethernet is believed only if
// the type or length field at its place is a likely one.
func (d *Decoder) mpls(p *Packet, b []byte, wire int) {
	p.Seen |= MPLS
	depth := uint8(0)
	for bottom := false; !bottom; {
		if len(b) < 4 {
			p.fail(MPLS, 4, wire, TruncatedMPLS)
			return
		}
		w := be32(b[0:4])
		if depth == 0 {
			p.MPLSLabel = w >> 12
		}
		if depth < 255 {
			depth++
		}
		bottom = w&0x100 != 0
		b, wire = b[4:], wire-4
	}
	p.MPLSDepth = depth
	p.Has |= MPLS
	if len(b) == 0 {
		return
	}
	switch b[0] >> 4 {
	case 4:
		if b[0]&15 >= 5 && (len(b) < 14 || !likelyEthernet(b, wire) || likelyIPv4(b, wire)) {
			d.ip4(p, b, wire)
			return
		}
	case 6:
		if len(b) < 14 || !likelyEthernet(b, wire) || likelyIPv6(b, wire) {
			d.ip6(p, b, wire)
			return
		}
	case 0:
		if len(b) > 4 && likelyEthernet(b[4:], wire-4) {
			d.innerEthernet(p, b[4:], wire-4)
			return
		}
	}
	if likelyEthernet(b, wire) {
		d.innerEthernet(p, b, wire)
	}
}

// likelyEthernet reports whether b could begin an Ethernet frame.
func likelyEthernet(b []byte, wire int) bool {
	if len(b) < 14 {
		return false
	}
	switch et := be16(b[12:14]); et {
	case etIPv4, etIPv6, etARP, etVLAN, etQinQ, etMPLS, etPPPoE:
		return true
	default:
		return et >= 3 && et < etMin && int(et) <= wire-14 && len(b) >= 17 && b[14] == b[15]
	}
}

// likelyIPv4 reports whether b is an IPv4 header whose length fits.
func likelyIPv4(b []byte, wire int) bool {
	n := int(be16(b[2:4]))
	return b[0] >= 0x45 && b[0] <= 0x4f && n >= 20 && n <= wire
}

// likelyIPv6 reports whether b is an IPv6 header whose length fits.
func likelyIPv6(b []byte, wire int) bool {
	return b[0]>>4 == 6 && 40+int(be16(b[4:6])) <= wire
}
