package packet

// UDP ports of the tunnels that are looked into (IANA).
const (
	portGTPU      = 2152
	portTeredo    = 3544
	portVXLAN     = 4789
	portVXLANGPE  = 4790
	portGeneve    = 6081
	portMPLS      = 6635
	portVXLANOld  = 8472 // Linux before the assignment
	portL2TP      = 1701
	portDNS       = 53
	portDHCP      = 67
	portDHCPReply = 68
	portNTP       = 123
	portMDNS      = 5353
)

// udp reads a UDP header (RFC 768). A length of 0 means to the end of the
// packet, as in jumbograms (RFC 2675 §4); the first fragment of a datagram
// carries the length of the whole.
func (d *Decoder) udp(p *Packet, b []byte, wire int) {
	if len(b) < 8 {
		p.fail(withPorts(UDP, b), 8, wire, TruncatedUDP)
		return
	}
	n := int(be16(b[4:6]))
	src, dst := be16(b[0:2]), be16(b[2:4])
	p.SrcPort = src
	p.DstPort = dst
	p.UDPLen = uint16(n)
	p.Has |= UDP
	switch {
	case n < 8 && n != 0:
		p.PayloadLen = 0
		p.Payload = nil
		p.blame(BadUDPLength)
		return
	case n == 0:
	case n <= wire:
		b, wire = clip(b, n), n
	case (p.Has|p.Seen)&Fragment == 0:
		p.blame(BadUDPLength)
	}
	b, wire = b[8:], wire-8
	p.PayloadLen = uint32(wire)
	p.Payload = b
	if len(b) == 0 {
		return
	}
	// With a well-known port on either side a tunnel's number is but the other
	// side's ephemeral port, as in an answer from port 53 to port 4789.
	if src >= 1024 && dst >= 1024 && d.udpTunnel(p, src, dst, b, wire) {
		return
	}
	if d.App&udpApps != 0 {
		d.appUDP(p, b, max(wire, n-8))
	}
}

// udpApps are the application layers that may be found in UDP.
const udpApps = dnsLayers | NTP | DHCP | DHCPHostname

// appUDP reads the application layer of a datagram, by port. wire is the length
// of the whole datagram, of which b may be only the first fragment.
func (d *Decoder) appUDP(p *Packet, b []byte, wire int) {
	for _, port := range [2]uint16{p.DstPort, p.SrcPort} {
		switch port {
		case portDNS, portMDNS:
			if d.App&dnsLayers != 0 {
				d.dns(p, b, wire)
			}
			return
		case portNTP:
			if d.App&NTP != 0 {
				p.ntp(b, wire)
			}
			return
		case portDHCP, portDHCPReply:
			if d.App&(DHCP|DHCPHostname) != 0 {
				p.dhcp(b, wire)
			}
			return
		}
	}
}
