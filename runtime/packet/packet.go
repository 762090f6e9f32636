// Package packet decodes captured frames, from the link layer to the first
// bytes of the application, into one reused struct.
//
// It owns what a field of a packet means and when it is valid. It leaves
// reading capture files and interfaces to the capture sources, and flow keys to
// package flow. The main type is [Packet]; [Decoder] fills it:
//
//	d := packet.Decoder{App: packet.DNS}
//	d.Decode(&b.Packets[i], packet.LinkEthernet, data, wireLen, t)
//	if p := &b.Packets[i]; p.Has&packet.TCP != 0 && p.DstPort == 445 { … }
//
// In a tunnel (GRE, VXLAN, IP in IP and others) the fields describe the innermost
// packet whose IP or ARP header is sound; Outer* keep the addresses of the
// outermost IP header, and MPLS, PPPoE, GRE and VXLAN stay valid beside it. If
// nothing sound is inside, the outer packet's fields stay. The packet quoted
// inside an ICMP error is not looked into.
//
// What the capture cut off is no fault of the packet: such a header is absent and
// Problem is Snapped. The other reasons blame the packet as it was on the wire.
package packet

// Time is packet time: nanoseconds since the Unix epoch, UTC.
type Time int64

// IP is an IPv4 or IPv6 address in network byte order; IPv4 is kept in its
// IPv4-mapped form ::ffff:a.b.c.d (RFC 4291 §2.5.5.2), so that both compare,
// hash and print through one type.
type IP [16]byte

// MAC is an IEEE 802 address in transmission order.
type MAC [6]byte

// Layers is a set of layers and of optional parts of layers. Every field of the
// catalogue is valid iff one bit of Packet.Has says so.
type Layers uint64

// The layers. A comment names the fields that the bit makes valid.
const (
	Eth          Layers = 1 << iota // EthSrc, EthDst, EtherType
	VLAN                            // VLANID, VLANPrio: outermost 802.1Q or 802.1ad tag
	VLANInner                       // VLANInnerID: second tag
	MPLS                            // MPLSLabel: top label; MPLSDepth
	PPPoE                           // PPPoESession
	ARP                             // ARP*
	IP4                             // with IPLayer: the packet is IPv4
	IP6                             // with IPLayer: the packet is IPv6
	IPLayer                         // Src, Dst, IPVersion, Proto, TTL, DSCP, IPLen, IPID, Frag*
	Fragment                        // set for a fragment of a larger datagram, first or later
	ICMP                            // ICMPType, ICMPCode
	ICMP6                           // ICMPType, ICMPCode
	TCP                             // SrcPort, DstPort, TCP*, PayloadLen
	UDP                             // SrcPort, DstPort, UDPLen, PayloadLen
	SCTP                            // SrcPort, DstPort, SCTPTag, SCTPChunk, PayloadLen
	GRE                             // GREProto
	VXLAN                           // VNI
	Tunnel                          // OuterSrc, OuterDst: an IP header came before the one in Src, Dst
	DNS                             // DNS header: ID, flags, opcode, rcode, counts
	DNSQuestion                     // DNS.Name, DNS.Domain, DNS.Type
	DNSAddress                      // DNS.Addr: an A or AAAA record was found among the answers
	TLS                             // TLS.Version, TLS.ContentType, TLS.HandshakeType
	TLSSNI                          // TLS.SNI
	HTTPRequest                     // HTTP.Method, HTTP.URI
	HTTPHost                        // HTTP.Host
	HTTPResponse                    // HTTP.Status
	Modbus                          // Modbus.*
	NTP                             // NTP.*
	DHCP                            // DHCP.*
	DHCPHostname                    // DHCP.Hostname
	Fragment4                       // an IPv4 fragment
	Fragment6                       // an IPv6 fragment header, be it of an atomic fragment (RFC 6946), which is no Fragment

	// NumLayers is the number of bits.
	NumLayers = iota

	// HTTP is either half of an exchange.
	HTTP = HTTPRequest | HTTPResponse
	// AppLayers are decoded only on demand: see Decoder.App.
	AppLayers = DNS | DNSQuestion | DNSAddress | TLS | TLSSNI | HTTPRequest | HTTPHost | HTTPResponse | Modbus | NTP | DHCP | DHCPHostname
)

// TCP flag bits as they stand in Packet.TCPFlags (RFC 9293 §3.1; AE from RFC 9768).
const (
	FIN = 1 << iota
	SYN
	RST
	PSH
	ACK
	URG
	ECE
	CWR
	AE
)

// Packet is one decoded packet. The slices alias the frame or the packet's own
// scratch space: they are valid until the next Decode into the same Packet.
// Numbers are in host byte order. A field is valid iff its bit is in Has; other
// fields hold whatever was there before.
type Packet struct {
	// First cache line: the frame, and what every event looks at first.
	Time      Time      // packet time; the probe makes it monotone before programs see it
	Has       Layers    // layers whose fields are valid: those of the innermost packet
	Seen      Layers    // every layer met on the way in, whole or cut off, outer headers of tunnels included
	Data      []byte    // captured bytes; owned by the source, valid for the batch
	Len       uint32    // length on the wire, bytes
	CapLen    uint32    // captured length, bytes
	Iface     uint16    // index of the interface or capture-file interface it came from
	Link      LinkType  // link type of the frame
	Problem   Malformed // first reason why decoding stopped early or a header is wrong; 0 = none
	IPVersion uint8     // 4 or 6
	Proto     uint8     // IP protocol of the payload, after IPv6 extension headers
	TTL       uint8     // IPv6: hop limit

	// Second cache line: addresses, ports and the rest of IP and TCP.
	Src, Dst         IP     // innermost IP header
	SrcPort, DstPort uint16 // valid iff Has&(TCP|UDP|SCTP) != 0
	TCPFlags         uint16 // the nine flag bits FIN…AE
	TCPWindow        uint16 // as sent, not scaled
	TCPSeq           uint32
	TCPAck           uint32
	IPLen            uint32 // IPv4 total length; IPv6: 40 + payload length (jumbograms included)
	PayloadLen       uint32 // transport payload in this packet, by its headers (not cut by the snap length)
	IPID             uint32 // IPv4 identification; IPv6: that of the fragment header, else 0
	FragOffset       uint16 // bytes
	UDPLen           uint16 // as sent: may be 0 in a jumbogram

	// Third cache line: the payload and the link. TCP and UDP over IP, tagged or not,
	// are written to these three lines and to no other (TestLayout).
	Payload             []byte // captured part of the transport payload
	EthSrc, EthDst      MAC
	EtherType           uint16 // innermost EtherType after tags
	depth, enclosed     uint8  // nested headers met; inner packets that took over
	DSCP                uint8  // 6 bits
	MoreFrags           bool
	ICMPType            uint8
	ICMPCode            uint8
	VLANPrio            uint8
	MPLSDepth           uint8
	VLANID, VLANInnerID uint16 // 12 bits
	PPPoESession        uint16
	GREProto            uint16
	MPLSLabel           uint32 // 20 bits
	VNI                 uint32 // 24 bits

	SCTPTag              uint32
	SCTPChunk            uint8
	ARPOp                uint16
	ARPSrcMAC, ARPDstMAC MAC
	ARPSrcIP, ARPDstIP   IP
	OuterSrc, OuterDst   IP

	DNS    DNSInfo
	TLS    TLSInfo
	HTTP   HTTPInfo
	Modbus ModbusInfo
	NTP    NTPInfo
	DHCP   DHCPInfo

	name [256]byte // scratch space for the dotted DNS name
	_    [32]byte  // to whole cache lines, so that in a Batch every packet lies like the first
}

// DNSInfo is a DNS message over UDP or the first of a TCP segment (RFC 1035).
type DNSInfo struct {
	ID               uint16
	Response         bool
	Opcode, Rcode    uint8
	AA, TC, RD, RA   bool
	QDCount, ANCount uint16
	NSCount, ARCount uint16
	Type             uint16 // type of the first question
	AddrIs6          bool   // Addr comes from an AAAA record
	Name             []byte // name of the first question: lower case, dotted, no final dot
	Domain           []byte // its last two labels ("second-level domain"); aliases Name
	Addr             IP     // first A or AAAA record of the answers
}

// TLSInfo is the first record of a TLS segment (RFC 8446 §5.1).
type TLSInfo struct {
	ContentType   uint8  // 20 … 24
	HandshakeType uint8  // 1 = client hello, 2 = server hello; 0 if not a handshake record
	Version       uint16 // highest version offered or chosen, supported_versions included: 0x0303 = TLS 1.2
	SNI           []byte // server_name of a client hello, as sent
}

// HTTPInfo is the first line of an HTTP/1.x message and its Host field (RFC 9112).
type HTTPInfo struct {
	Method []byte
	URI    []byte
	Host   []byte
	Status uint16
}

// ModbusInfo is a Modbus/TCP application header (port 502).
type ModbusInfo struct {
	Transaction uint16
	Unit        uint8
	Function    uint8 // function code without the exception bit
	Exception   bool  // the exception bit of a response
}

// NTPInfo is the head of an NTP packet (RFC 5905 §7.3).
type NTPInfo struct {
	Version, Mode, Stratum uint8
}

// DHCPInfo is a DHCPv4 message (RFC 2131).
type DHCPInfo struct {
	Type     uint8 // option 53: 1 discover … 8 inform; 0 = BOOTP
	Client   MAC   // chaddr
	YourIP   IP    // yiaddr
	Hostname []byte
}

// BatchSize is the largest number of packets in a Batch.
const BatchSize = 256

// Batch is a run of packets in packet-time order. The source owns the memory
// behind Packet.Data until it is asked for the next batch. One writer.
type Batch struct {
	Packets [BatchSize]Packet
	N       int // Packets[:N] are valid
	Plain   Plain
	Times   *[BatchSize]Time // if not nil, the times of all packets, of those too that were not decoded
}

// Time is the time of a packet, be it decoded or not.
func (b *Batch) Time(i int) Time {
	if b.Times != nil {
		return b.Times[i]
	}
	return b.Packets[i].Time
}

// Plain says of packets of a batch, a bit each, what one may want to know of all of them, so
// that nobody needs to look at each: programs, and who counts. It need not have every packet that
// it could; one that it has must be what it says.
type Plain struct {
	TCP, UDP [BatchSize / 64]uint64 // they have no Problem, and their Seen is PlainTCP or PlainUDP
	Bytes    [BatchSize / 64]uint64 // sum of the CapLen of these packets
}

// The layers of most packets.
const (
	PlainTCP = Eth | IP4 | IPLayer | TCP
	PlainUDP = Eth | IP4 | IPLayer | UDP
)

// clear empties the chunk of 64 packets that begins at from.
func (s *Plain) clear(from int) {
	s.TCP[from/64], s.UDP[from/64], s.Bytes[from/64] = 0, 0, 0
}

// unless takes packet i out, if it is not what it was said to be.
func (s *Plain) unless(p *Packet, i int) {
	if p.Problem == None && (p.Seen == PlainTCP || p.Seen == PlainUDP) {
		return
	}
	s.TCP[i/64] &^= 1 << (i % 64)
	s.UDP[i/64] &^= 1 << (i % 64)
	s.Bytes[i/64] -= uint64(p.CapLen)
}
