package packet

// DHCP options that are looked at (RFC 2132).
const (
	dhcpPad      = 0
	dhcpHostname = 12
	dhcpMessage  = 53
	dhcpEnd      = 255
	dhcpMagic    = 0x63825363
	dhcpFixed    = 240 // fixed part and magic number
)

// dhcp reads a DHCPv4 or BOOTP message (RFC 2131 §2). As its type is an option,
// DHCP is set only if the options are there; a message whose fixed part ends
// without the magic number is BOOTP, of type 0.
func (p *Packet) dhcp(b []byte, wire int) {
	if len(b) < dhcpFixed {
		if wire >= 236 && wire < dhcpFixed && len(b) >= 236 {
			p.dhcpFixed(b)
			return
		}
		p.fail(DHCP, dhcpFixed, wire, TruncatedDHCP)
		return
	}
	p.dhcpFixed(b)
	if be32(b[236:]) != dhcpMagic {
		return
	}
	r := reader{b: b[dhcpFixed:]}
	for len(r.b) > 0 {
		opt := r.u8()
		if opt == dhcpPad {
			continue
		}
		if opt == dhcpEnd {
			return
		}
		body := r.take(int(r.u8()))
		if r.short {
			break
		}
		switch {
		case opt == dhcpMessage && len(body) == 1:
			p.DHCP.Type = body[0]
		case opt == dhcpHostname && len(body) > 0:
			p.DHCP.Hostname = body
			p.Has |= DHCPHostname
		}
	}
	if wire > len(b) {
		if p.DHCP.Type == 0 {
			p.Has &^= DHCP | DHCPHostname // the type may be in what was not captured
		}
		p.blame(Snapped)
	} else if r.short {
		p.blame(TruncatedDHCP)
	}
}

// dhcpFixed reads the fields of fixed place.
func (p *Packet) dhcpFixed(b []byte) {
	const ethernet = 1
	p.DHCP.Type = 0
	p.DHCP.Client = MAC{}
	if b[1] == ethernet && b[2] == 6 {
		p.DHCP.Client = MAC(b[28:34])
	}
	putIP4(&p.DHCP.YourIP, b[16:20])
	p.Has |= DHCP
}
