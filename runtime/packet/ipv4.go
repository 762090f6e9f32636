package packet

import "encoding/binary"

// putIP4 writes the IPv4 address in b[0:4] in mapped form, in two stores.
func putIP4(ip *IP, b []byte) {
	binary.LittleEndian.PutUint64(ip[0:8], 0)
	binary.LittleEndian.PutUint64(ip[8:16], 0xffff0000|uint64(binary.LittleEndian.Uint32(b))<<32)
}

// ip4 reads an IPv4 header (RFC 791 §3.1). The total length rules: what follows
// it in the frame is padding. A total length of 0 means to the end of the frame
// (segmentation offload and BIG TCP leave it so).
func (d *Decoder) ip4(p *Packet, b []byte, wire int) {
	if len(b) < 20 {
		d.shortIP4(p, b, wire)
		return
	}
	if b[0]>>4 != 4 {
		d.notIP4(p, b, wire)
		return
	}
	hl := int(b[0]&15) * 4
	total := int(be16(b[2:4]))
	if hl < 20 {
		p.Seen |= IP4 | IPLayer
		p.blame(BadIPv4HeaderLen)
		return
	}
	if total < hl {
		if total != 0 {
			p.Seen |= IP4 | IPLayer
			p.blame(BadIPv4Length)
			return
		}
		total = wire
	}
	if p.Has&netLayers != 0 && !p.enclose() {
		return
	}
	p.IPLen = uint32(total)
	if total > wire {
		if p.Seen&Fragment == 0 { // else the rest is in other fragments of the outer packet
			p.blame(BadIPv4Length)
		}
		total = wire
	}

	p.IPVersion = 4
	p.DSCP = b[1] >> 2
	p.IPID = uint32(be16(b[4:6]))
	frag := be16(b[6:8])
	p.FragOffset = frag << 3
	p.MoreFrags = frag&0x2000 != 0
	p.TTL = b[8]
	proto := b[9]
	p.Proto = proto
	putIP4(&p.Src, b[12:16])
	putIP4(&p.Dst, b[16:20])
	p.Has |= IP4 | IPLayer

	if frag&0x3fff != 0 {
		p.Has |= Fragment | Fragment4
		if int(p.FragOffset)+total-hl > 65535 {
			p.blame(BadFragment)
		}
	}
	if hl > len(b) || hl > total {
		p.fail(0, hl, total, TruncatedIPv4)
		return
	}
	if p.FragOffset != 0 {
		return
	}
	b = clip(b, total)[hl:]
	wire = total - hl
	switch proto {
	case protoTCP:
		d.tcp(p, b, wire)
	case protoUDP:
		d.udp(p, b, wire)
	default:
		d.transport(p, proto, b, wire)
	}
}

// notIP4 handles a version that is not 4 where IPv4 was announced.
func (d *Decoder) notIP4(p *Packet, b []byte, wire int) {
	if b[0]>>4 == 6 {
		d.ip6(p, b, wire)
		return
	}
	p.Seen |= IP4 | IPLayer
	p.blame(BadIPVersion)
}

// shortIP4 handles an IPv4 header that is not there as a whole.
func (d *Decoder) shortIP4(p *Packet, b []byte, wire int) {
	l := IP4 | IPLayer
	if len(b) == 0 {
		l = 0
	} else if b[0]>>4 != 4 {
		d.notIP4(p, b, wire)
		return
	}
	p.fail(l, 20, wire, TruncatedIPv4)
}

// ip reads a raw IP packet of either version.
func (d *Decoder) ip(p *Packet, b []byte, wire int) {
	if len(b) == 0 {
		p.fail(0, 20, wire, TruncatedLink)
		return
	}
	switch b[0] >> 4 {
	case 4:
		d.ip4(p, b, wire)
	case 6:
		d.ip6(p, b, wire)
	default:
		p.blame(BadIPVersion)
	}
}

// ah4 skips an authentication header (RFC 4302 §2) behind an IPv4 header.
func (d *Decoder) ah4(p *Packet, b []byte, wire int) {
	if len(b) < 12 {
		p.fail(0, 12, wire, TruncatedAH)
		return
	}
	n := (int(b[1]) + 2) * 4
	if n < 12 || n > len(b) {
		p.fail(0, max(n, 12), wire, TruncatedAH)
		return
	}
	if b[0] != protoAH || p.descend() {
		d.transport(p, b[0], b[n:], wire-n)
	}
}
