package packet

// LinkType says with which header a captured frame begins. The numbers are
// those of the pcap registry (draft-ietf-opsawg-pcaplinktype, LINKTYPE_*), as
// they stand in capture files.
type LinkType uint16

// The link types that are decoded.
const (
	LinkNull      LinkType = 0   // BSD loopback: 4 bytes of address family, byte order of the capturing host
	LinkEthernet  LinkType = 1   //
	LinkPPP       LinkType = 9   // PPP, with or without address and control bytes
	LinkRawBSD    LinkType = 12  // raw IPv4 or IPv6: DLT_RAW of most systems
	LinkRawOBSD   LinkType = 14  // raw IPv4 or IPv6: DLT_RAW of OpenBSD
	LinkPPPSerial LinkType = 50  // PPP in HDLC-like framing (RFC 1662), or Cisco HDLC
	LinkRaw       LinkType = 101 // raw IPv4 or IPv6
	LinkCHDLC     LinkType = 104 // Cisco HDLC
	LinkFRelay    LinkType = 107 // frame relay, Q.922 address (RFC 2427)
	LinkLoop      LinkType = 108 // OpenBSD loopback: 4 bytes of address family, big-endian
	LinkSLL       LinkType = 113 // Linux cooked, version 1
	LinkRadiotap  LinkType = 127 // 802.11 behind a radiotap header
	LinkIPv4      LinkType = 228 // raw IPv4
	LinkIPv6      LinkType = 229 // raw IPv6
	LinkNFLOG     LinkType = 239 // Linux netfilter log
	LinkPKTAP     LinkType = 258 // Apple PKTAP
	LinkSLL2      LinkType = 276 // Linux cooked, version 2
)

// String returns the short name of l, or "unknown".
func (l LinkType) String() string {
	switch l {
	case LinkNull:
		return "null"
	case LinkEthernet:
		return "ethernet"
	case LinkPPP:
		return "ppp"
	case LinkRawBSD, LinkRawOBSD, LinkRaw:
		return "raw"
	case LinkPPPSerial:
		return "ppp_hdlc"
	case LinkCHDLC:
		return "c_hdlc"
	case LinkFRelay:
		return "frelay"
	case LinkLoop:
		return "loop"
	case LinkSLL:
		return "linux_sll"
	case LinkRadiotap:
		return "ieee802_11_radiotap"
	case LinkIPv4:
		return "ipv4"
	case LinkIPv6:
		return "ipv6"
	case LinkNFLOG:
		return "nflog"
	case LinkPKTAP:
		return "pktap"
	case LinkSLL2:
		return "linux_sll2"
	}
	return "unknown"
}

// IsKnown reports whether frames of type l are decoded.
func (l LinkType) IsKnown() bool { return l.String() != "unknown" }

// link reads a frame that does not begin with Ethernet.
func (d *Decoder) link(p *Packet, l LinkType, b []byte, wire int) {
	switch l {
	case LinkRaw, LinkRawBSD, LinkRawOBSD:
		d.ip(p, b, wire)
	case LinkIPv4:
		d.ip4(p, b, wire)
	case LinkIPv6:
		d.ip6(p, b, wire)
	case LinkNull, LinkLoop:
		d.loopback(p, l, b, wire)
	case LinkSLL:
		d.cooked(p, 16, 14, b, wire)
	case LinkSLL2:
		d.cooked(p, 20, 0, b, wire)
	case LinkPPP:
		d.ppp(p, b, wire)
	case LinkPPPSerial:
		if len(b) > 0 && b[0] != 0xff {
			d.cHDLC(p, b, wire)
			return
		}
		d.ppp(p, b, wire)
	case LinkCHDLC:
		d.cHDLC(p, b, wire)
	case LinkFRelay:
		d.frameRelay(p, b, wire)
	case LinkNFLOG:
		d.nflog(p, b, wire)
	case LinkPKTAP:
		d.pktap(p, b, wire)
	case LinkRadiotap:
		d.radiotap(p, b, wire)
	default:
		p.blame(UnknownLink)
	}
}
