package packet

import (
	"encoding/binary"
	"math/bits"
)

// fastBytes is what the short way wants of a frame: Ethernet, IPv4 and TCP headers
// without options.
const fastBytes = 14 + 20 + 20

// Decode resets p and reads one frame of the given link type: data are the
// captured bytes, wireLen the length the frame had on the wire, ts its time. It
// never allocates, never panics and never fails: what could not be read is
// absent from p.Has, and p.Problem says why. p aliases data until the next
// Decode into p. p.Iface is left alone. A wireLen below len(data) is taken for
// len(data).
//
// The short way. A sound TCP or UDP packet in an IPv4 packet without options, not a
// fragment, in an untagged Ethernet frame is read here, without a call: all that
// may be wrong is asked for before the first field is written. general would write
// the same (TestShortWay). It is mainly stores that take the time. So numbers that
// lie side by side in Packet are put together in a register first, in the way that
// the compiler makes one store of (a shifted value, taken apart in order); and both
// slices are stored last, so that it asks once whether the garbage collector wants
// to know. TCP takes 8.4 ns this way, 13.5 by general, 71 in gopacket
// (BenchmarkBeside; AMD EPYC, 2026-11).
func (d *Decoder) Decode(p *Packet, link LinkType, data []byte, wireLen uint32, ts Time) {
	if link != LinkEthernet || len(data) < fastBytes {
		d.general(p, link, data, wireLen, ts)
		return
	}
	h := (*[fastBytes]byte)(data)
	typ := be32(h[12:16]) // EtherType, version, header length, DSCP
	total := int(be16(h[16:18]))
	end := 14 + total // of the IPv4 packet; what follows is padding
	if typ>>8 != etIPv4<<8|0x45 || be16(h[20:22])&0x3fff != 0 || end > max(int(wireLen&0x7fffffff), len(data)) {
		d.general(p, link, data, wireLen, ts)
		return
	}
	ttlProto := be16(h[22:24])
	ports := uint64(bits.RotateLeft32(be32(h[34:38]), 16)) // the source port in the lower half
	has := Eth | IP4 | IPLayer
	var at, load int // where the payload begins, and its length by the headers
	switch uint8(ttlProto) {
	case protoTCP:
		at = 34 + int(h[46]>>4)*4
		if at < fastBytes || at > min(end, len(data)) {
			d.general(p, link, data, wireLen, ts)
			return
		}
		load = end - at
		has |= TCP
		seq := bits.RotateLeft64(binary.BigEndian.Uint64(h[38:46]), 32)
		p.TCPSeq, p.TCPAck = uint32(seq), uint32(seq>>32)
		x := ports | uint64(bits.RotateLeft32(be32(h[46:50]), 16)&0xffff01ff)<<32
		p.SrcPort, p.DstPort, p.TCPFlags, p.TCPWindow = uint16(x), uint16(x>>16), uint16(x>>32), uint16(x>>48)
	case protoUDP:
		n := int(be16(h[38:40]))
		if n < 8 || n > total-20 {
			d.general(p, link, data, wireLen, ts)
			return
		}
		at, end, load = 42, 34+n, n-8
		has |= UDP
		p.SrcPort, p.DstPort = uint16(ports), uint16(ports>>16)
		p.UDPLen = uint16(n)
	default:
		d.general(p, link, data, wireLen, ts)
		return
	}
	p.Time = ts
	p.Has = has
	p.Seen = has
	x := uint64(wireLen) | uint64(len(data))<<32
	p.Len, p.CapLen = uint32(x), uint32(x>>32)
	p.Link = LinkEthernet
	y := uint32(ttlProto)<<16 | 4<<8 | uint32(None)
	p.Problem, p.IPVersion, p.Proto, p.TTL = Malformed(y), uint8(y>>8), uint8(y>>16), uint8(y>>24)
	putIP4(&p.Src, h[26:30])
	putIP4(&p.Dst, h[30:34])
	x = uint64(total) | uint64(load)<<32
	p.IPLen, p.PayloadLen = uint32(x), uint32(x>>32)
	p.IPID = uint32(be16(h[18:20]))
	p.FragOffset, p.MoreFrags = 0, false
	p.EthDst, p.EthSrc = MAC(h[0:6]), MAC(h[6:12])
	p.EtherType = etIPv4
	p.depth, p.enclosed = 0, 0
	p.DSCP = uint8(typ) >> 2
	b := data[at:min(end, len(data))]
	p.Data, p.Payload = data, b
	if len(b) > 0 && (d.App != 0 || has&UDP != 0) {
		d.fastPayload(p, b, load)
	}
}

// fastPayload does for the short way what tcp and udp do behind their headers.
func (d *Decoder) fastPayload(p *Packet, b []byte, wire int) {
	switch {
	case p.Has&TCP != 0:
		if d.App&tcpApps != 0 {
			d.appTCP(p, b, wire)
		}
	case p.SrcPort >= 1024 && p.DstPort >= 1024 && d.udpTunnel(p, p.SrcPort, p.DstPort, b, wire):
	case d.App&udpApps != 0:
		d.appUDP(p, b, wire)
	}
	p.Seen |= p.Has
}
