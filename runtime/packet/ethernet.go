package packet

// EtherTypes (IEEE registration authority) that lead on to something decoded.
const (
	etIPv4       = 0x0800
	etARP        = 0x0806
	etTEB        = 0x6558 // transparent Ethernet bridging (RFC 1701)
	etRARP       = 0x8035 // reverse ARP (RFC 903): ARP with operations of its own
	etVLAN       = 0x8100
	etIPv6       = 0x86dd
	etPPP        = 0x880b
	etMPLS       = 0x8847
	etMPLSMulti  = 0x8848
	etPPPoE      = 0x8864 // session stage (RFC 2516)
	etQinQ       = 0x88a8
	etERSPAN     = 0x88be // type I or II, in GRE only
	etPBB        = 0x88e7 // 802.1ah backbone service tag
	etFabricPath = 0x8903
	etCMD        = 0x8909 // Cisco metadata (security group tag)
	etVNTag      = 0x8926
	etQinQOld    = 0x9100
	etQinQOld2   = 0x9200
	etERSPAN3    = 0x22eb // type III, in GRE only

	// etMin is the smallest EtherType; below it the field is an 802.3 length.
	etMin = 0x600
)

// ethernet reads an Ethernet II or 802.3 header (IEEE 802.3 §3.2).
func (d *Decoder) ethernet(p *Packet, b []byte, wire int) {
	if len(b) < 14 {
		p.fail(Eth, 14, wire, TruncatedEthernet)
		return
	}
	d.etherType(p, p.etherHead(b), b[14:], wire-14)
}

// etherHead reads the 14 bytes of an Ethernet header.
func (p *Packet) etherHead(b []byte) (et uint16) {
	p.EthDst = MAC(b[0:6])
	p.EthSrc = MAC(b[6:12])
	et = be16(b[12:14])
	p.EtherType = et
	p.Has |= Eth
	return et
}

// etherType reads what follows an EtherType: tags first, in a loop, then the
// payload. Below etMin the number is an 802.3 length.
func (d *Decoder) etherType(p *Packet, et uint16, b []byte, wire int) {
	for {
		switch et {
		case etIPv4:
			d.ip4(p, b, wire)
		case etIPv6:
			d.ip6(p, b, wire)
		case etARP, etRARP:
			p.arp(b, wire)
		case etVLAN, etQinQ, etQinQOld, etQinQOld2:
			if len(b) < 4 {
				p.fail(VLAN, 4, wire, TruncatedVLAN)
				return
			}
			et = be16(b[2:4])
			p.vlanTag(be16(b[0:2]), et)
			b, wire = b[4:], wire-4
			continue
		case etVNTag:
			if len(b) < 6 {
				p.fail(0, 6, wire, TruncatedVLAN)
				return
			}
			et = be16(b[4:6])
			p.EtherType = et
			b, wire = b[6:], wire-6
			continue
		case etCMD:
			if len(b) < 8 {
				p.fail(0, 8, wire, TruncatedVLAN)
				return
			}
			et = be16(b[6:8])
			p.EtherType = et
			b, wire = b[8:], wire-8
			continue
		case etMPLS, etMPLSMulti:
			d.mpls(p, b, wire)
		case etPPPoE:
			d.pppoe(p, b, wire)
		case etPPP:
			d.ppp(p, b, wire)
		case etTEB:
			d.innerEthernet(p, b, wire)
		case etPBB:
			d.skipToEthernet(p, 4, b, wire)
		case etFabricPath:
			d.skipToEthernet(p, 2, b, wire)
		default:
			if et < etMin {
				d.length8023(p, int(et), b, wire)
			}
		}
		return
	}
}

// vlanTag keeps the first two tags of a frame (IEEE 802.1Q §9.6).
func (p *Packet) vlanTag(tci, et uint16) {
	p.EtherType = et
	switch {
	case p.Has&VLAN == 0:
		p.VLANID = tci & 0xfff
		p.VLANPrio = uint8(tci >> 13)
		p.Has |= VLAN
	case p.Has&VLANInner == 0:
		p.VLANInnerID = tci & 0xfff
		p.Has |= VLANInner
	}
}

// length8023 reads an 802.3 frame: its length cuts the padding off. A length
// beyond the frame is taken as "to the end".
func (d *Decoder) length8023(p *Packet, n int, b []byte, wire int) {
	if n < wire {
		b, wire = clip(b, n), n
	}
	if wire >= 2 && len(b) >= 2 && b[0] == 0xff && b[1] == 0xff {
		return // Novell raw 802.3: IPX
	}
	d.llc(p, b, wire)
}

// llc reads an LLC header and, if there is one, the SNAP header behind it
// (IEEE 802 §9.2, RFC 1042).
func (d *Decoder) llc(p *Packet, b []byte, wire int) {
	if len(b) < 3 {
		p.fail(0, 3, wire, TruncatedLLC)
		return
	}
	if !p.descend() {
		return
	}
	switch {
	case b[0] == 0xaa && b[1] == 0xaa && b[2] == 3:
		if len(b) < 8 {
			p.fail(0, 8, wire, TruncatedLLC)
			return
		}
		oui, pid := be32(b[2:6])&0xffffff, be16(b[6:8])
		b, wire = b[8:], wire-8
		switch {
		case (oui == 0 || oui == 0x0000f8) && pid >= etMin:
			p.EtherType = pid
			d.etherType(p, pid, b, wire)
		case oui == 0x0080c2 && pid == 7: // bridged Ethernet without its check sum (RFC 2427)
			d.innerEthernet(p, b, wire)
		}
	case b[0] == 6 && b[1] == 6 && b[2] == 3: // IP (RFC 1042, historical)
		d.ip4(p, b[3:], wire-3)
	}
}

// linkFields are the fields that an inner Ethernet header overwrites.
type linkFields struct {
	src, dst    MAC
	et, id, in  uint16
	prio, depth uint8
	label       uint32
	session     uint16
	gre         uint16
	vni         uint32
}

func (p *Packet) saveLink() linkFields {
	return linkFields{p.EthSrc, p.EthDst, p.EtherType, p.VLANID, p.VLANInnerID,
		p.VLANPrio, p.MPLSDepth, p.MPLSLabel, p.PPPoESession, p.GREProto, p.VNI}
}

func (p *Packet) restoreLink(s *linkFields) {
	p.EthSrc, p.EthDst, p.EtherType, p.VLANID, p.VLANInnerID = s.src, s.dst, s.et, s.id, s.in
	p.VLANPrio, p.MPLSDepth, p.MPLSLabel, p.PPPoESession = s.prio, s.depth, s.label, s.session
	p.GREProto, p.VNI = s.gre, s.vni
}

// innerEthernet reads an Ethernet frame carried by something else. Its fields
// replace those of the outer frame only if an IP or ARP header is found in it.
func (d *Decoder) innerEthernet(p *Packet, b []byte, wire int) {
	if !p.descend() {
		return
	}
	saved, has, enclosed := p.saveLink(), p.Has, p.enclosed
	p.Seen |= has
	p.Has &^= Eth | VLAN | VLANInner
	d.ethernet(p, b, wire)
	const net = IPLayer | ARP
	if p.enclosed != enclosed || (has&net == 0 && p.Has&net != 0) {
		return
	}
	p.Seen |= p.Has
	p.Has = has
	p.restoreLink(&saved)
}

// skipToEthernet reads the Ethernet frame behind a tag of n bytes in which
// nothing is of interest.
func (d *Decoder) skipToEthernet(p *Packet, n int, b []byte, wire int) {
	if len(b) < n {
		p.fail(0, n, wire, TruncatedVLAN)
		return
	}
	d.innerEthernet(p, b[n:], wire-n)
}
