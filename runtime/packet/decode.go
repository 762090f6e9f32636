package packet

import "encoding/binary"

// Decoder reads frames. It holds no state but its configuration: one Decoder
// may be used by many goroutines, each with packets of its own.
type Decoder struct {
	// App selects the application layers to decode (bits of AppLayers); zero
	// means none. What a layer costs is paid only when its bits are wanted.
	App Layers
}

// How the decoder works. Most frames are TCP or UDP in one IPv4 packet in Ethernet;
// Decode reads those in one go (fast.go) and leaves all others to general. There,
// each header has a method (p, b, wire): b are the
// captured bytes from the header on, wire is how many there were on the wire,
// so len(b) <= wire always. A length field of an outer header cuts both, thus
// Ethernet padding never reaches an inner header. A header that is sound sets
// its bits in Has; one that is not sets them in Seen only and ends the descent.
//
// An inner packet of a tunnel takes over when its IP (or ARP) header has been
// found sound: enclose moves the outer packet's bits to Seen. Until then only
// link fields may have been overwritten, and innerEthernet puts those back.

// maxDepth limits how many headers may be nested. It bounds the recursion; real
// stacks stay far below.
const maxDepth = 32

// netLayers are the layers of one IP packet, or of what is carried instead of
// one. They leave Has when an inner packet takes over; how it came (MPLS,
// PPPoE, GRE, VXLAN) and the link fields stay.
const netLayers = ARP | IP4 | IP6 | IPLayer | Fragment | Fragment4 | Fragment6 |
	ICMP | ICMP6 | TCP | UDP | SCTP | AppLayers

// general is Decode without its short way: any frame, one header after the other.
func (d *Decoder) general(p *Packet, link LinkType, data []byte, wireLen uint32, ts Time) {
	p.Time = ts
	p.Has = 0
	p.Seen = 0
	p.Data = data
	p.Len = wireLen
	p.CapLen = uint32(len(data))
	p.Link = link
	p.Problem = None
	p.depth = 0
	p.enclosed = 0
	wire := max(int(wireLen&0x7fffffff), len(data))
	switch {
	case link != LinkEthernet:
		d.link(p, link, data, wire)
	case len(data) < 14:
		d.ethernet(p, data, wire)
	default: // saves the call
		d.etherType(p, p.etherHead(data), data[14:], wire-14)
	}
	p.Seen |= p.Has
}

// fail records that a header of layers l is not there as a whole, of which need
// bytes were wanted and wire were sent: Snapped if only the capture is too
// short, else why. Callers pass no layer if not even what names the header (the
// IP version, the ports) was captured; then it was announced, but not seen.
func (p *Packet) fail(l Layers, need, wire int, why Malformed) {
	p.Seen |= l
	if wire >= need {
		why = Snapped
	}
	p.blame(why)
}

// blame records the first reason why decoding stopped or a header is wrong.
func (p *Packet) blame(why Malformed) {
	if p.Problem == None {
		p.Problem = why
	}
}

// descend counts one more nested header and reports whether it may be entered.
func (p *Packet) descend() bool {
	if p.depth >= maxDepth {
		p.blame(TooManyLayers)
		return false
	}
	p.depth++
	return true
}

// enclose leaves the packet read so far to Seen and Outer*, as an inner one was
// found to be sound. It reports false if there are too many.
func (p *Packet) enclose() bool {
	if !p.descend() {
		return false
	}
	p.enclosed++
	p.Seen |= p.Has
	if p.Has&(IPLayer|Tunnel) == IPLayer {
		p.OuterSrc, p.OuterDst = p.Src, p.Dst
		p.Has |= Tunnel
	}
	p.Has &^= netLayers
	return true
}

// transport reads what IP protocol number proto announces.
func (d *Decoder) transport(p *Packet, proto uint8, b []byte, wire int) {
	switch proto {
	case protoTCP:
		d.tcp(p, b, wire)
	case protoUDP:
		d.udp(p, b, wire)
	case protoICMP:
		p.icmp(ICMP, b, wire)
	case protoICMP6:
		p.icmp(ICMP6, b, wire)
	case protoSCTP:
		p.sctp(b, wire)
	case protoGRE:
		d.gre(p, b, wire)
	case protoIPIP, protoIPIP94:
		d.ip4(p, b, wire)
	case protoIPv6:
		d.ip6(p, b, wire)
	case protoAH:
		d.ah4(p, b, wire)
	case protoMPLS:
		d.mpls(p, b, wire)
	case protoEtherIP:
		d.etherIP(p, b, wire)
	}
}

// IP protocol numbers (IANA, "Assigned Internet Protocol Numbers").
const (
	protoHopByHop = 0
	protoICMP     = 1
	protoIPIP     = 4
	protoTCP      = 6
	protoUDP      = 17
	protoIPv6     = 41
	protoRouting  = 43
	protoFragment = 44
	protoGRE      = 47
	protoESP      = 50
	protoAH       = 51
	protoICMP6    = 58
	protoNone     = 59
	protoDstOpts  = 60
	protoIPIP94   = 94
	protoEtherIP  = 97
	protoSCTP     = 132
	protoMPLS     = 137
	protoShim6    = 140
)

func be16(b []byte) uint16 { return binary.BigEndian.Uint16(b) }
func be32(b []byte) uint32 { return binary.BigEndian.Uint32(b) }

// clip returns b without what lies beyond n bytes.
func clip(b []byte, n int) []byte {
	if len(b) > n {
		return b[:n]
	}
	return b
}
