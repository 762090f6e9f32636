package packet

import (
	"net"
	"testing"

	"github.com/google/gopacket"
	"github.com/google/gopacket/layers"
)

// craft serializes layers with lengths and check sums filled in.
func craft(t testing.TB, ls ...gopacket.SerializableLayer) []byte {
	t.Helper()
	buf := gopacket.NewSerializeBuffer()
	opt := gopacket.SerializeOptions{FixLengths: true, ComputeChecksums: true}
	for _, l := range ls {
		type networked interface {
			SetNetworkLayerForChecksum(gopacket.NetworkLayer) error
		}
		if n, ok := l.(networked); ok {
			if err := n.SetNetworkLayerForChecksum(lastNetwork(ls, l)); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := gopacket.SerializeLayers(buf, opt, ls...); err != nil {
		t.Fatal(err)
	}
	return append([]byte(nil), buf.Bytes()...)
}

// lastNetwork returns the network layer nearest before l.
func lastNetwork(ls []gopacket.SerializableLayer, l gopacket.SerializableLayer) gopacket.NetworkLayer {
	var last gopacket.NetworkLayer
	for _, x := range ls {
		if x == l {
			break
		}
		if n, ok := x.(gopacket.NetworkLayer); ok {
			last = n
		}
	}
	return last
}

func cEth(et layers.EthernetType) *layers.Ethernet {
	return &layers.Ethernet{
		SrcMAC: net.HardwareAddr{2, 0, 0, 0, 0, 1}, DstMAC: net.HardwareAddr{2, 0, 0, 0, 0, 2}, EthernetType: et,
	}
}

func cIP4(proto layers.IPProtocol, last byte) *layers.IPv4 {
	return &layers.IPv4{Version: 4, IHL: 5, TTL: 64, Id: 7, Protocol: proto,
		SrcIP: net.IP{10, 0, 0, last}, DstIP: net.IP{10, 0, 1, last}}
}

func cIP6(proto layers.IPProtocol, last byte) *layers.IPv6 {
	return &layers.IPv6{Version: 6, HopLimit: 64, NextHeader: proto,
		SrcIP: net.IP{0x20, 1, 0xd, 0xb8, 15: last}, DstIP: net.IP{0x20, 1, 0xd, 0xb8, 1, 15: last}}
}

func cTCP(src, dst uint16) *layers.TCP {
	return &layers.TCP{SrcPort: layers.TCPPort(src), DstPort: layers.TCPPort(dst), Seq: 1, Ack: 2, ACK: true, PSH: true, Window: 500}
}

func cUDP(src, dst uint16) *layers.UDP {
	return &layers.UDP{SrcPort: layers.UDPPort(src), DstPort: layers.UDPPort(dst)}
}

// cDNS is an answer to a question for name with one A record.
func cDNS(name string) *layers.DNS {
	return &layers.DNS{ID: 77, QR: true, RD: true, RA: true, QDCount: 1, ANCount: 1,
		Questions: []layers.DNSQuestion{{Name: []byte(name), Type: layers.DNSTypeA, Class: layers.DNSClassIN}},
		Answers: []layers.DNSResourceRecord{{Name: []byte(name), Type: layers.DNSTypeA, Class: layers.DNSClassIN,
			TTL: 60, IP: net.IP{192, 0, 2, 9}}},
	}
}

// sampleFrames are the frames of benchmarks and of the allocation test.
func sampleFrames(t testing.TB) map[string][]byte {
	load := gopacket.Payload(make([]byte, 64))
	return map[string][]byte{
		"tcp4": craft(t, cEth(layers.EthernetTypeIPv4), cIP4(layers.IPProtocolTCP, 1), cTCP(40000, 443), load),
		"udp4": craft(t, cEth(layers.EthernetTypeIPv4), cIP4(layers.IPProtocolUDP, 1), cUDP(40000, 9999), load),
		"tcp6": craft(t, cEth(layers.EthernetTypeIPv6), cIP6(layers.IPProtocolTCP, 1), cTCP(40000, 443), load),
		"dns":  craft(t, cEth(layers.EthernetTypeIPv4), cIP4(layers.IPProtocolUDP, 1), cUDP(53, 40000), cDNS("www.Example.com")),
		"vlan": craft(t, cEth(layers.EthernetTypeDot1Q), &layers.Dot1Q{VLANIdentifier: 5, Priority: 3, Type: layers.EthernetTypeIPv4},
			cIP4(layers.IPProtocolTCP, 1), cTCP(40000, 443), load),
		"vxlan": craft(t, cEth(layers.EthernetTypeIPv4), cIP4(layers.IPProtocolUDP, 1), cUDP(50000, 4789),
			&layers.VXLAN{ValidIDFlag: true, VNI: 99}, cEth(layers.EthernetTypeIPv4), cIP4(layers.IPProtocolTCP, 2), cTCP(40000, 443), load),
	}
}
