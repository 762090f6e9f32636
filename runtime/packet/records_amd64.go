package packet

import (
	"math/bits"

	"github.com/streamon/streamon/runtime/cpu"
)

// HasKernel reports whether there is a kernel for such records.
func HasKernel(link LinkType, iface uint16) bool {
	return cpu.HasAVX2 && link == LinkEthernet && iface == 0
}

// shortRows decodes the records of the short way's kind, and returns the others.
func (d *Decoder) shortRows(b *Batch, r *Records, from int, set uint64) (left uint64) {
	if set == 0 || len(r.Data) <= r.Head {
		return set
	}
	from &= BatchSize - 64 // no bounds checks
	done, udp, bytes := shortWay(&b.Packets[from], &r.Data[r.Head], len(r.Data)-r.Head, &r.At[from], &r.Times[from], set, &shortLanes)
	plain := &b.Plain
	plain.TCP[from/64], plain.UDP[from/64], plain.Bytes[from/64] = done&^udp, done&udp, bytes
	look := done
	if d.App&tcpApps == 0 {
		look &= udp
	}
	for ; look != 0; look &= look - 1 {
		i := from + bits.TrailingZeros64(look)
		if p := &b.Packets[i]; len(p.Payload) > 0 {
			d.fastPayload(p, p.Payload, int(p.PayloadLen))
			plain.unless(p, i)
		}
	}
	return set &^ done
}

// lanes is what the kernel needs of constants: for each 16 bytes of a packet where in 16
// bytes of a frame each comes from (128: it is 0), and what is or-ed or and-ed to that.
type lanes [14][16]uint8

var shortLanes = lanes{
	{128, 128, 128, 128, 128, 128, 128, 128, 128, 128, 128, 128, 4, 5, 6, 7},   // Src, of bytes 22 to 37
	{128, 128, 128, 128, 128, 128, 128, 128, 128, 128, 128, 128, 8, 9, 10, 11}, // Dst
	{10: 255, 11: 255}, // both are IPv4
	{1, 0, 3, 2, 13, 12, 15, 14, 7, 6, 5, 4, 11, 10, 9, 8},                         // SrcPort to TCPAck, of bytes 34 to 49
	{255, 255, 255, 255, 255, 1, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255}, // nine flags
	{6, 7, 8, 9, 10, 11, 0, 1, 2, 3, 4, 5, 13, 12, 128, 128},                       // EthSrc to enclosed, of bytes 0 to 15
	layerLanes(PlainTCP),
	layerLanes(PlainUDP),
	{8, 0, 0x45},                         // EtherType, version and header length, of bytes 12 to 27
	{255, 255, 255, 8: 0x3f, 9: 255},     // which of them count: if more follows or came before, too
	{128, 128, 128, 128, 128, 128, 1, 0}, // Iface to TTL, of bytes 22 to 37
	{2: uint8(LinkEthernet), 5: 4},
	{128, 1, 0, 128}, // IPVersion to TTL of a Head, of the same
	{4},
}

// layerLanes is Has and Seen of a packet.
func layerLanes(l Layers) (b [16]uint8) {
	for i := range b {
		b[i] = uint8(l >> (8 * (i % 8)))
	}
	return b
}

// shortWay is the kernel. at, times and packets begin with the record of bit 0; data, of size
// bytes, is what the places in at refer to. done are the records that were decoded,
// but for what their payload holds, of bytes captured bytes in all; udp has those of them
// that are UDP.
//
//go:noescape
func shortWay(packets *Packet, data *byte, size int, at *uint32, times *Time, set uint64, lanes *lanes) (done, udp, bytes uint64)
