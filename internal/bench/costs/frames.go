package main

import (
	"encoding/binary"
	"net"

	"github.com/google/gopacket"
	"github.com/google/gopacket/layers"
)

// frames makes a frame for each layer of the catalogue: the smallest usual packet that
// has it. Layers in front of others carry TCP.
func frames() (map[string][]byte, error) {
	eth := func(typ layers.EthernetType) *layers.Ethernet {
		return &layers.Ethernet{SrcMAC: net.HardwareAddr{2, 0, 0, 0, 0, 1}, DstMAC: net.HardwareAddr{2, 0, 0, 0, 0, 2}, EthernetType: typ}
	}
	ip4 := func(proto layers.IPProtocol) *layers.IPv4 {
		return &layers.IPv4{Version: 4, TTL: 64, Protocol: proto, SrcIP: net.IP{192, 0, 2, 1}, DstIP: net.IP{198, 51, 100, 2}}
	}
	ip6 := func(proto layers.IPProtocol) *layers.IPv6 {
		return &layers.IPv6{Version: 6, HopLimit: 64, NextHeader: proto, SrcIP: net.ParseIP("2001:db8::1"), DstIP: net.ParseIP("2001:db8::2")}
	}
	tcp := func(port layers.TCPPort) *layers.TCP {
		t := &layers.TCP{SrcPort: 40000, DstPort: port, ACK: true, Window: 1000}
		return t
	}
	udp := func(port layers.UDPPort) *layers.UDP { return &layers.UDP{SrcPort: 40000, DstPort: port} }
	payload := func(size int) gopacket.Payload { return make([]byte, size) }
	type list = []gopacket.SerializableLayer
	over4 := func(proto layers.IPProtocol, rest ...gopacket.SerializableLayer) list {
		return append(list{eth(layers.EthernetTypeIPv4), ip4(proto)}, rest...)
	}
	overTCP := func(port layers.TCPPort, text []byte) list {
		return over4(layers.IPProtocolTCP, tcp(port), gopacket.Payload(text))
	}
	overUDP := func(port layers.UDPPort, rest gopacket.SerializableLayer) list {
		return over4(layers.IPProtocolUDP, udp(port), rest)
	}
	inner := over4(layers.IPProtocolTCP, tcp(80), payload(100))
	plain := overTCP(80, make([]byte, 100))
	fragment := ip4(layers.IPProtocolUDP)
	fragment.FragOffset = 100
	gre := append(over4(layers.IPProtocolGRE, &layers.GRE{Protocol: layers.EthernetTypeIPv4}), inner[1:]...)
	question := layers.DNSQuestion{Name: []byte("www.example.com"), Type: layers.DNSTypeA, Class: layers.DNSClassIN}
	build := map[string]list{
		"frame": {eth(0x88b5), payload(100)}, "eth": {eth(0x88b5), payload(100)},
		"vlan":  append(list{eth(layers.EthernetTypeDot1Q), &layers.Dot1Q{VLANIdentifier: 7, Type: layers.EthernetTypeIPv4}}, inner[1:]...),
		"mpls":  append(list{eth(layers.EthernetTypeMPLSUnicast), &layers.MPLS{Label: 100, StackBottom: true, TTL: 64}}, inner[1:]...),
		"pppoe": append(list{eth(layers.EthernetTypePPPoESession), &layers.PPPoE{Version: 1, Type: 1, SessionId: 7}, &layers.PPP{PPPType: layers.PPPTypeIPv4}}, inner[1:]...),
		"arp": {eth(layers.EthernetTypeARP), &layers.ARP{AddrType: 1, Protocol: layers.EthernetTypeIPv4, HwAddressSize: 6, ProtAddressSize: 4, Operation: 1,
			SourceHwAddress: []byte{2, 0, 0, 0, 0, 1}, SourceProtAddress: []byte{192, 0, 2, 1}, DstHwAddress: make([]byte, 6), DstProtAddress: []byte{192, 0, 2, 2}}, payload(18)},
		"ip": over4(253, payload(100)), "ipv4": over4(253, payload(100)),
		"ipv6":     {eth(layers.EthernetTypeIPv6), ip6(layers.IPProtocolTCP), tcp(80), payload(100)},
		"fragment": {eth(layers.EthernetTypeIPv4), fragment, payload(100)},
		"tunnel":   gre, "gre": gre,
		"vxlan":  append(over4(layers.IPProtocolUDP, udp(4789), &layers.VXLAN{ValidIDFlag: true, VNI: 7}), inner...),
		"icmp":   over4(layers.IPProtocolICMPv4, &layers.ICMPv4{TypeCode: layers.CreateICMPv4TypeCode(8, 0), Id: 1, Seq: 1}, payload(56)),
		"icmpv6": {eth(layers.EthernetTypeIPv6), ip6(layers.IPProtocolICMPv6), &layers.ICMPv6{TypeCode: layers.CreateICMPv6TypeCode(128, 0)}, payload(60)},
		"tcp":    plain, "port": plain,
		"udp":  overUDP(9, payload(100)),
		"sctp": over4(layers.IPProtocolSCTP, &layers.SCTP{SrcPort: 40000, DstPort: 2905}, payload(100)),
		"dns":  overUDP(53, &layers.DNS{ID: 1, RD: true, QDCount: 1, Questions: []layers.DNSQuestion{question}}),
		"tls":  overTCP(443, clientHello("www.example.com")),
		"http": overTCP(80, []byte("GET /index.html HTTP/1.1\r\nHost: www.example.com\r\nUser-Agent: curl/8\r\nAccept: */*\r\n\r\n")),
		// Transaction, protocol, length, unit; function 3, address, count.
		"modbus": overTCP(502, []byte{0, 1, 0, 0, 0, 6, 1, 3, 0, 0, 0, 10}),
		"ntp":    overUDP(123, gopacket.Payload(append([]byte{0x23, 2, 6, 0xec}, make([]byte, 44)...))),
		"dhcp":   overUDP(67, dhcp()),
	}
	out := map[string][]byte{}
	for name, parts := range build {
		data, err := serialize(parts)
		if err != nil {
			return nil, err
		}
		out[name] = data
	}
	return out, nil
}

func dhcp() *layers.DHCPv4 {
	return &layers.DHCPv4{Operation: layers.DHCPOpRequest, HardwareType: layers.LinkTypeEthernet, HardwareLen: 6, Xid: 1, ClientHWAddr: net.HardwareAddr{2, 0, 0, 0, 0, 1},
		Options: layers.DHCPOptions{
			layers.NewDHCPOption(layers.DHCPOptMessageType, []byte{byte(layers.DHCPMsgTypeRequest)}),
			layers.NewDHCPOption(layers.DHCPOptHostname, []byte("printer")), layers.NewDHCPOption(layers.DHCPOptEnd, nil)}}
}

// clientHello is a TLS record with the first message of a client, as short as it may be.
func clientHello(name string) []byte {
	be := binary.BigEndian
	sni := be.AppendUint16(nil, 0) // extension server_name
	sni = be.AppendUint16(sni, uint16(len(name)+5))
	sni = be.AppendUint16(sni, uint16(len(name)+3))
	sni = append(sni, 0)
	sni = append(be.AppendUint16(sni, uint16(len(name))), name...)
	body := append([]byte{3, 3}, make([]byte, 32)...) // version, random
	body = append(body, 0, 0, 2, 0x13, 1, 1, 0)       // no session; one cipher; no compression
	body = be.AppendUint16(body, uint16(len(sni)))    // extensions
	body = append(body, sni...)
	hello := append([]byte{1, 0, 0, byte(len(body))}, body...)
	return append([]byte{22, 3, 1, 0, byte(len(hello))}, hello...)
}

func serialize(parts []gopacket.SerializableLayer) ([]byte, error) {
	var network gopacket.NetworkLayer
	for _, p := range parts {
		if n, ok := p.(gopacket.NetworkLayer); ok {
			network = n
		}
		if c, ok := p.(interface {
			SetNetworkLayerForChecksum(gopacket.NetworkLayer) error
		}); ok && network != nil {
			if err := c.SetNetworkLayerForChecksum(network); err != nil {
				return nil, err
			}
		}
	}
	buf := gopacket.NewSerializeBuffer()
	if err := gopacket.SerializeLayers(buf, gopacket.SerializeOptions{FixLengths: true, ComputeChecksums: true}, parts...); err != nil {
		return nil, err
	}
	return buf.Bytes(), nil
}
