package testkit

import (
	"math/rand/v2"

	"github.com/streamon/streamon/internal/notation"
	"github.com/streamon/streamon/runtime/packet"
)

// Epoch is the packet time that scripts and random packets count from.
const Epoch = notation.Epoch

// Frame is a captured packet that is not decoded.
type Frame = notation.Frame

// ParsePackets returns the frames that a line of the notation stands for: see
// notation.Parse.
func ParsePackets(line string) ([]Frame, error) { return notation.Parse(line) }

// RandomPackets returns n decoded packets of a small network, in packet-time
// order: few hosts and ports, so that keys repeat; now and then a pause, so that
// windows pass and timers fire; every layer that programs of RandomProgram read,
// and packets without it.
func RandomPackets(r *rand.Rand, n int) []packet.Packet {
	out := make([]packet.Packet, n)
	now := Epoch
	for i := range out {
		switch r.IntN(20) {
		case 0:
			now += packet.Time(r.Int64N(40e9))
		case 1, 2, 3:
			now += packet.Time(r.Int64N(3e9))
		case 4: // two packets at one time
		default:
			now += packet.Time(r.Int64N(100e6))
		}
		randomPacket(r, &out[i], now)
	}
	return out
}

func randomPacket(r *rand.Rand, p *packet.Packet, now packet.Time) {
	p.Time, p.Len, p.CapLen = now, 60+uint32(r.IntN(1400)), 60
	p.Link = packet.LinkEthernet
	p.Has = packet.Eth
	p.EthSrc, p.EthDst = packet.MAC{2, 5: byte(r.IntN(4))}, packet.MAC{2, 5: byte(r.IntN(4))}
	if r.IntN(12) == 0 {
		p.Has |= packet.ARP
		p.ARPOp, p.ARPSrcIP, p.ARPSrcMAC = uint16(1+r.IntN(2)), host(r), p.EthSrc
		p.Seen = p.Has
		return
	}
	p.Has |= packet.IPLayer | packet.IP4
	p.IPVersion, p.TTL, p.IPLen = 4, 64, p.Len-14
	p.Src, p.Dst = host(r), host(r)
	p.SrcPort, p.DstPort = port(r), port(r)
	switch r.IntN(5) {
	case 0:
		p.Has |= packet.ICMP
		p.Proto, p.ICMPType = 1, uint8(8*r.IntN(2))
	case 1, 2:
		p.Has |= packet.TCP
		p.Proto, p.TCPFlags = 6, []uint16{packet.SYN, packet.SYN | packet.ACK, packet.ACK, packet.FIN | packet.ACK, packet.SYN | packet.ECE | packet.CWR}[r.IntN(5)]
		p.PayloadLen = uint32(r.IntN(3) * 100)
	default:
		p.Has |= packet.UDP
		p.Proto, p.UDPLen = 17, uint16(8+r.IntN(100))
		p.PayloadLen = uint32(p.UDPLen) - 8
		if r.IntN(2) == 0 {
			p.Has |= packet.DNS | packet.DNSQuestion
			p.DNS.Response, p.DNS.Rcode, p.DNS.Type = r.IntN(2) == 0, uint8(r.IntN(4)), 1
			p.DNS.Name = []byte([]string{"www.example.com", "mail.example.com", "a.test", "", longName}[r.IntN(5)])
			p.DNS.Domain = []byte([]string{"example.com", "test"}[r.IntN(2)])
		}
	}
	p.Seen = p.Has
}

// longName is longer than what a flow key keeps of a text.
const longName = "a-label-that-is-quite-long-by-itself.another-one-of-this-kind.and-a-third-one.example.com"

func host(r *rand.Rand) packet.IP { return packet.IPv4(10, 0, 0, byte(1+r.IntN(6))) }

func port(r *rand.Rand) uint16 { return []uint16{22, 53, 80, 443, 1024, 5353, 40000}[r.IntN(7)] }
