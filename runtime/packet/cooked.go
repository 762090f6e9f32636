package packet

import "encoding/binary"

// loopback reads the address family in front of a packet of a BSD loopback
// interface. Systems differ in byte order and in the number of IPv6.
func (d *Decoder) loopback(p *Packet, l LinkType, b []byte, wire int) {
	if len(b) < 4 {
		p.fail(0, 4, wire, TruncatedLink)
		return
	}
	family := be32(b)
	if l == LinkNull && family > 0xffff {
		family = binary.LittleEndian.Uint32(b)
	}
	if b[0] == 0x0f && b[1] == 0 && be16(b[2:]) >= etMin {
		d.cHDLC(p, b, wire) // some systems hand out Cisco HDLC under this type
		return
	}
	b, wire = b[4:], wire-4
	switch family {
	case 2:
		d.ip4(p, b, wire)
	case 10, 23, 24, 28, 30: // Linux, Windows, NetBSD and OpenBSD, FreeBSD, macOS
		d.ip6(p, b, wire)
	}
}

// cooked reads a Linux cooked header of n bytes that has its protocol number at
// at (pcap registry, LINKTYPE_LINUX_SLL and _SLL2).
func (d *Decoder) cooked(p *Packet, n, at int, b []byte, wire int) {
	if len(b) < n {
		p.fail(0, n, wire, TruncatedLink)
		return
	}
	const ethernet, llc = 3, 4
	et := be16(b[at:])
	b, wire = b[n:], wire-n
	switch {
	case et >= etMin:
		d.etherType(p, et, b, wire)
	case et == ethernet:
		d.ethernet(p, b, wire)
	case et == llc:
		d.llc(p, b, wire)
	}
}

// cHDLC reads a Cisco HDLC header: address, control, EtherType. 0x8035 is SLARP
// there, not reverse ARP.
func (d *Decoder) cHDLC(p *Packet, b []byte, wire int) {
	if len(b) < 4 {
		p.fail(0, 4, wire, TruncatedLink)
		return
	}
	if et := be16(b[2:4]); et >= etMin && et != etRARP {
		d.etherType(p, et, b[4:], wire-4)
	}
}

// frameRelay reads a Q.922 address and the encapsulation behind it: that of RFC
// 2427, or Cisco's, which is an EtherType.
func (d *Decoder) frameRelay(p *Packet, b []byte, wire int) {
	const ui, pad, nlpidSNAP, nlpidIPv6, nlpidIPv4 = 3, 0, 0x80, 0x8e, 0xcc
	n := 2
	for n <= 4 && len(b) >= n && b[n-1]&1 == 0 {
		n++
	}
	if len(b) < n+2 || n > 4 {
		p.fail(0, n+2, wire, TruncatedLink)
		return
	}
	b, wire = b[n:], wire-n
	if b[0] != ui {
		if et := be16(b); et >= etMin {
			d.etherType(p, et, b[2:], wire-2)
		}
		return
	}
	b, wire = b[1:], wire-1
	if b[0] == pad && len(b) > 1 {
		b, wire = b[1:], wire-1
	}
	nlpid := b[0]
	b, wire = b[1:], wire-1
	switch {
	case nlpid == nlpidIPv4:
		d.ip4(p, b, wire)
	case nlpid == nlpidIPv6:
		d.ip6(p, b, wire)
	case nlpid == nlpidSNAP && len(b) >= 5:
		if et := be16(b[3:5]); b[0]|b[1]|b[2] == 0 && et >= etMin {
			d.etherType(p, et, b[5:], wire-5)
		}
	}
}

// nflog reads the attributes of a Linux netfilter log packet (pcap registry,
// LINKTYPE_NFLOG) to the one that holds the payload. They are in the byte order
// of the capturing host: little-endian is tried first.
func (d *Decoder) nflog(p *Packet, b []byte, wire int) {
	const payload = 9
	if len(b) < 4 {
		p.fail(0, 4, wire, TruncatedLink)
		return
	}
	b, wire = b[4:], wire-4
	for len(b) >= 4 {
		n, typ := int(binary.LittleEndian.Uint16(b)), binary.LittleEndian.Uint16(b[2:])
		if n < 4 || n > wire {
			n, typ = int(be16(b)), be16(b[2:])
		}
		if n < 4 || n > wire {
			p.blame(BadLink)
			return
		}
		if typ&0x7fff == payload {
			d.ip(p, clip(b, n)[4:], n-4)
			return
		}
		n = (n + 3) &^ 3
		if n > len(b) {
			break
		}
		b, wire = b[n:], wire-n
	}
	p.fail(0, 4, wire, TruncatedLink)
}

// pktap reads an Apple PKTAP header (pcap registry, LINKTYPE_PKTAP), which says
// of which link type the frame behind it is.
func (d *Decoder) pktap(p *Packet, b []byte, wire int) {
	const packetRecord = 1
	if len(b) < 12 {
		p.fail(0, 12, wire, TruncatedLink)
		return
	}
	n, kind, dlt := binary.LittleEndian.Uint32(b), binary.LittleEndian.Uint32(b[4:]), binary.LittleEndian.Uint32(b[8:])
	if n < 12 || n > 0xffff || int(n) > len(b) {
		p.fail(0, int(min(max(n, 12), 0xffff)), wire, BadLink)
		return
	}
	if kind != packetRecord {
		return
	}
	b, wire = b[n:], wire-int(n)
	switch l := LinkType(dlt); {
	case dlt == uint32(LinkPKTAP) || dlt > 0xffff:
		p.blame(BadLink)
	case l == LinkEthernet:
		d.ethernet(p, b, wire)
	default:
		d.link(p, l, b, wire)
	}
}
