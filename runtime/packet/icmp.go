package packet

// icmp reads the head of an ICMP (RFC 792) or ICMPv6 (RFC 4443) message; l says
// which. The packet quoted in an error is not looked into.
func (p *Packet) icmp(l Layers, b []byte, wire int) {
	if len(b) < 4 {
		if len(b) == 0 {
			l = 0
		}
		p.fail(l, 4, wire, TruncatedICMP)
		return
	}
	p.ICMPType = b[0]
	p.ICMPCode = b[1]
	p.Has |= l
}
