package packet

// tcp reads a TCP header (RFC 9293 §3.1). The header counts only if its 20 fixed
// bytes are there; options that the capture cut off take the payload with them.
func (d *Decoder) tcp(p *Packet, b []byte, wire int) {
	if len(b) < 20 {
		p.fail(withPorts(TCP, b), 20, wire, TruncatedTCP)
		return
	}
	hl := int(b[12]>>4) * 4
	if hl < 20 {
		p.Seen |= TCP
		p.blame(BadTCPOffset)
		return
	}
	p.SrcPort = be16(b[0:2])
	p.DstPort = be16(b[2:4])
	p.TCPSeq = be32(b[4:8])
	p.TCPAck = be32(b[8:12])
	p.TCPFlags = be16(b[12:14]) & 0x1ff
	p.TCPWindow = be16(b[14:16])
	p.Has |= TCP
	if hl > len(b) {
		p.PayloadLen = uint32(max(wire-hl, 0))
		p.Payload = nil
		p.fail(0, hl, wire, TruncatedTCP)
		return
	}
	b = b[hl:]
	p.PayloadLen = uint32(wire - hl)
	p.Payload = b
	if d.App&tcpApps != 0 && len(b) > 0 {
		d.appTCP(p, b, wire-hl)
	}
}

// withPorts returns l if the ports, which come first, are in b, else nothing.
func withPorts(l Layers, b []byte) Layers {
	if len(b) < 4 {
		return 0
	}
	return l
}

// tcpApps are the application layers that may be found in TCP.
const tcpApps = DNS | DNSQuestion | DNSAddress | TLS | TLSSNI | HTTPRequest | HTTPHost | HTTPResponse | Modbus

// appTCP reads the application layer of a segment: by port where the protocol
// has no mark of its own, else by the first bytes. A segment that continues a
// message is not recognised, since streams are not put together.
func (d *Decoder) appTCP(p *Packet, b []byte, wire int) {
	const dnsPort, modbusPort = 53, 502
	src, dst := p.SrcPort, p.DstPort
	switch {
	case src == dnsPort || dst == dnsPort:
		if d.App&dnsLayers != 0 {
			d.dnsTCP(p, b, wire)
		}
	case (src == modbusPort || dst == modbusPort) && p.modbus(b, d.App):
	case b[0] >= 20 && b[0] <= 24:
		if d.App&(TLS|TLSSNI) != 0 {
			p.tls(b)
		}
	case b[0] >= 'A' && b[0] <= 'Z':
		if d.App&(HTTP|HTTPHost) != 0 {
			p.http(b)
		}
	}
}
