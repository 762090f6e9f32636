package packet

// Malformed says why decoding of a packet stopped early, or what its headers
// claim that cannot be. It is a counter index: packets are counted by reason
// instead of building an error for each.
type Malformed uint8

// The reasons. "Truncated" means that the packet as it was on the wire was too
// short for the header; a packet that only the capture cut short is Snapped.
const (
	None                   Malformed = iota // decoded to the end
	Snapped                                 // sound as far as captured; a header or message goes on beyond the snap length
	UnknownLink                             // the link type is not one that is decoded
	TooManyLayers                           // more nested headers than maxDepth
	TruncatedLink                           // cooked, PPP, loopback, radiotap or other link header
	BadLink                                 // a link header whose lengths contradict each other
	TruncatedEthernet                       //
	TruncatedVLAN                           // 802.1Q, 802.1ad or VN-Tag
	TruncatedLLC                            // LLC or SNAP
	TruncatedMPLS                           // the label stack has no bottom
	TruncatedPPPoE                          // PPPoE session header or PPP protocol number
	BadPPPoE                                // PPPoE length larger than the frame
	TruncatedARP                            //
	TruncatedIPv4                           // fixed header or options
	BadIPVersion                            // neither 4 nor 6, or 4 where 6 was announced
	BadIPv4HeaderLen                        // IHL below 5 or beyond the total length
	BadIPv4Length                           // total length below the header's or larger than the frame
	BadFragment                             // a fragment that ends beyond byte 65535
	TruncatedIPv6                           // fixed header
	BadIPv6Length                           // payload length larger than the frame
	TruncatedIPv6Extension                  // an extension header runs beyond the packet
	BadJumbogram                            // jumbo payload option that contradicts the header (RFC 2675 §3)
	TruncatedAH                             //
	TruncatedICMP                           // ICMP or ICMPv6
	TruncatedTCP                            // fixed header or options
	BadTCPOffset                            // data offset below 5
	TruncatedUDP                            //
	BadUDPLength                            // UDP length below 8 or larger than the IP payload
	TruncatedSCTP                           //
	TruncatedGRE                            // GRE or ERSPAN
	TruncatedTunnel                         // VXLAN, Geneve, GTP-U, L2TP or EtherIP
	TruncatedDNS                            // header or a record runs beyond the message
	BadDNSName                              // label or compression pointer that leads nowhere
	DNSLoop                                 // compression pointers in a circle, or a name of more than 255 bytes
	BadTLS                                  // a hello whose inner lengths contradict each other
	TruncatedNTP                            //
	TruncatedDHCP                           //
	NumMalformed                            // number of reasons, None included
)

var malformedNames = [NumMalformed]string{
	None:                   "none",
	Snapped:                "snapped",
	UnknownLink:            "unknown_link",
	TooManyLayers:          "too_many_layers",
	TruncatedLink:          "truncated_link",
	BadLink:                "bad_link",
	TruncatedEthernet:      "truncated_ethernet",
	TruncatedVLAN:          "truncated_vlan",
	TruncatedLLC:           "truncated_llc",
	TruncatedMPLS:          "truncated_mpls",
	TruncatedPPPoE:         "truncated_pppoe",
	BadPPPoE:               "bad_pppoe",
	TruncatedARP:           "truncated_arp",
	TruncatedIPv4:          "truncated_ipv4",
	BadIPVersion:           "bad_ip_version",
	BadIPv4HeaderLen:       "bad_ipv4_header_len",
	BadIPv4Length:          "bad_ipv4_length",
	BadFragment:            "bad_fragment",
	TruncatedIPv6:          "truncated_ipv6",
	BadIPv6Length:          "bad_ipv6_length",
	TruncatedIPv6Extension: "truncated_ipv6_extension",
	BadJumbogram:           "bad_jumbogram",
	TruncatedAH:            "truncated_ah",
	TruncatedICMP:          "truncated_icmp",
	TruncatedTCP:           "truncated_tcp",
	BadTCPOffset:           "bad_tcp_offset",
	TruncatedUDP:           "truncated_udp",
	BadUDPLength:           "bad_udp_length",
	TruncatedSCTP:          "truncated_sctp",
	TruncatedGRE:           "truncated_gre",
	TruncatedTunnel:        "truncated_tunnel",
	TruncatedDNS:           "truncated_dns",
	BadDNSName:             "bad_dns_name",
	DNSLoop:                "dns_loop",
	BadTLS:                 "bad_tls",
	TruncatedNTP:           "truncated_ntp",
	TruncatedDHCP:          "truncated_dhcp",
}

// String returns the name of m as it stands in summaries: "truncated_ipv4".
func (m Malformed) String() string {
	if m < NumMalformed {
		return malformedNames[m]
	}
	return "unknown"
}

// IsMalformed reports whether m blames the packet: it is false for None, for a
// packet that only the snap length cut short, and for a link type that this
// decoder does not know.
func (m Malformed) IsMalformed() bool { return m > UnknownLink }
