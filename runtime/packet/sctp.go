package packet

// NoChunk is Packet.SCTPChunk when no chunk header was captured.
const NoChunk = 0xff

// sctp reads an SCTP common header and the type of the first chunk (RFC 9260
// §3). The chunks count as payload.
func (p *Packet) sctp(b []byte, wire int) {
	if len(b) < 12 {
		p.fail(SCTP, 12, wire, TruncatedSCTP)
		return
	}
	p.SrcPort = be16(b[0:2])
	p.DstPort = be16(b[2:4])
	p.SCTPTag = be32(b[4:8])
	p.SCTPChunk = NoChunk
	if len(b) > 12 {
		p.SCTPChunk = b[12]
	}
	p.Payload = b[12:]
	p.PayloadLen = uint32(wire - 12)
	p.Has |= SCTP
}
