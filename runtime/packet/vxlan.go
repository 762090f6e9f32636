package packet

// udpTunnel reads a tunnel over UDP, known by its port, and reports whether an
// inner packet took over. A port is only a hint: what does not look like the
// tunnel's header is left alone and is no problem, and the outer packet stays
// unless a sound IP or ARP header is found inside.
func (d *Decoder) udpTunnel(p *Packet, src, dst uint16, b []byte, wire int) bool {
	enclosed := p.enclosed
	if !d.tunnelOnPort(p, dst, b, wire) {
		switch src {
		case portVXLAN, portVXLANOld, portGTPU, portTeredo, portL2TP:
			d.tunnelOnPort(p, src, b, wire)
		}
	}
	return p.enclosed != enclosed
}

// isTunnelPort reports whether tunnelOnPort reads something that belongs to port.
func isTunnelPort(port uint16) bool {
	switch port {
	case portVXLAN, portVXLANOld, portVXLANGPE, portGeneve, portGTPU, portTeredo, portMPLS, portL2TP:
		return true
	}
	return false
}

// tunnelOnPort reads the tunnel that belongs to port, if there is one.
func (d *Decoder) tunnelOnPort(p *Packet, port uint16, b []byte, wire int) bool {
	switch port {
	case portVXLAN, portVXLANOld:
		d.vxlan(p, b, wire)
	case portVXLANGPE:
		d.vxlanGPE(p, b, wire)
	case portGeneve:
		d.geneve(p, b, wire)
	case portGTPU:
		d.gtp(p, b, wire)
	case portTeredo:
		d.teredo(p, b, wire)
	case portMPLS:
		d.mpls(p, b, wire)
	case portL2TP:
		d.l2tp(p, b, wire)
	default:
		return false
	}
	return true
}

// vxlan reads a VXLAN header (RFC 7348 §5). The group policy extension may use
// the bits that are reserved in it.
func (d *Decoder) vxlan(p *Packet, b []byte, wire int) {
	if len(b) < 8 {
		p.fail(VXLAN, 8, wire, TruncatedTunnel)
		return
	}
	if b[0]&0x08 == 0 {
		return
	}
	p.VNI = be32(b[4:8]) >> 8
	p.Has |= VXLAN
	d.innerEthernet(p, b[8:], wire-8)
}

// vxlanGPE reads a VXLAN header with the generic protocol extension
// (draft-ietf-nvo3-vxlan-gpe-13 §3).
func (d *Decoder) vxlanGPE(p *Packet, b []byte, wire int) {
	if len(b) < 8 {
		p.fail(VXLAN, 8, wire, TruncatedTunnel)
		return
	}
	if b[0]&0x0c != 0x0c {
		return
	}
	p.VNI = be32(b[4:8]) >> 8
	p.Has |= VXLAN
	switch next := b[3]; next {
	case 1:
		d.ip4(p, b[8:], wire-8)
	case 2:
		d.ip6(p, b[8:], wire-8)
	case 3:
		d.innerEthernet(p, b[8:], wire-8)
	}
}

// geneve reads a Geneve header (RFC 8926 §3.4).
func (d *Decoder) geneve(p *Packet, b []byte, wire int) {
	if len(b) < 8 || b[0]>>6 != 0 {
		return
	}
	n := 8 + int(b[0]&0x3f)*4
	if len(b) < n {
		p.fail(0, n, wire, TruncatedTunnel)
		return
	}
	if et := be16(b[2:4]); et >= etMin {
		d.etherType(p, et, b[n:], wire-n)
	}
}

// gtp reads a GTP-U header, version 1 (3GPP TS 29.281 §5.1). Only user data
// (message type 255) is followed, and only if it is IP.
func (d *Decoder) gtp(p *Packet, b []byte, wire int) {
	const userData = 255
	if len(b) < 8 || b[0]>>4 != 3 || b[1] != userData {
		return
	}
	flags := b[0]
	if n := int(be16(b[2:4])); n <= wire-8 {
		b, wire = clip(b, 8+n), 8+n
	}
	b, wire = b[8:], wire-8
	if flags&7 != 0 {
		if len(b) < 4 {
			p.fail(0, 4, wire, TruncatedTunnel)
			return
		}
		next := b[3]
		b, wire = b[4:], wire-4
		for flags&4 != 0 && next != 0 {
			if len(b) == 0 || b[0] == 0 || int(b[0])*4 > len(b) {
				return
			}
			n := int(b[0]) * 4
			next = b[n-1]
			b, wire = b[n:], wire-n
		}
	}
	d.innerIP(p, b, wire)
}

// innerIP reads an IP packet that is only guessed to be one.
func (d *Decoder) innerIP(p *Packet, b []byte, wire int) {
	if len(b) < 20 {
		return
	}
	switch b[0] >> 4 {
	case 4:
		if n := int(be16(b[2:4])); b[0]&15 >= 5 && n >= 20 {
			d.ip4(p, b, wire)
		}
	case 6:
		d.ip6(p, b, wire)
	}
}

// teredo reads an IPv6 packet behind Teredo's optional authentication and
// origin indications (RFC 4380 §5.1.1).
func (d *Decoder) teredo(p *Packet, b []byte, wire int) {
	if len(b) >= 4 && be16(b) == 1 {
		n := 13 + int(b[2]) + int(b[3])
		if len(b) < n {
			return
		}
		b, wire = b[n:], wire-n
	}
	if len(b) >= 8 && be16(b) == 0 {
		b, wire = b[8:], wire-8
	}
	if len(b) >= 40 && b[0]>>4 == 6 && int(be16(b[4:6])) <= wire-40 {
		d.ip6(p, b, wire)
	}
}

// l2tp reads an L2TP version 2 data message (RFC 2661 §3.1), which carries PPP.
func (d *Decoder) l2tp(p *Packet, b []byte, wire int) {
	const control, length, seq, offset = 0x8000, 0x4000, 0x0800, 0x0200
	if len(b) < 6 {
		return
	}
	flags := be16(b)
	if flags&control != 0 || flags&0xf != 2 {
		return
	}
	n := 6
	if flags&length != 0 {
		n += 2
	}
	if flags&seq != 0 {
		n += 4
	}
	if flags&offset != 0 {
		n += 2
		if len(b) < n {
			return
		}
		n += int(be16(b[n-2:]))
	}
	if len(b) < n+2 {
		return
	}
	d.ppp(p, b[n:], wire-n)
}
