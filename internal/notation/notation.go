// Package notation is the short notation in which tests write packets, a line each:
//
//	at 0s    tcp 10.0.0.1:1024 > 10.0.0.9:80 syn   x200
//
// [Parse] makes frames of a line, [Describe] says in the same words what a decoded
// packet is. It knows nothing of programs.
package notation

import (
	"fmt"
	"net"
	"net/netip"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/google/gopacket"
	"github.com/google/gopacket/layers"

	"github.com/streamon/streamon/runtime/packet"
)

// Epoch is the packet time that the notation counts from: a whole hour, 2023-11-14
// 22:00:00 UTC, so that all usual windows begin there.
const Epoch packet.Time = 1_699_999_200 * 1e9

// Frame is a captured packet that is not decoded: an Ethernet frame and its time.
type Frame struct {
	Time packet.Time
	Data []byte
	Len  int // on the wire; at least len(Data)
}

// Decode reads f into p, all application layers included.
func (f Frame) Decode(p *packet.Packet) {
	d := packet.Decoder{App: packet.AppLayers}
	d.Decode(p, packet.LinkEthernet, f.Data, uint32(f.Len), f.Time)
}

// Parse returns the frames that a line of the notation stands for:
//
//	at 0s    tcp 10.0.0.1:1024 > 10.0.0.9:80 syn
//	at 1s    tcp 10.0.0.{1..5}:1024 > 10.0.0.9:80 syn ack  x200 every 10ms
//	at 2s    udp 10.0.0.1:1024 > 10.0.0.9:53 len=100
//	at 3s    dns 10.0.0.1:1024 > 10.0.0.53:53 query www.example.com
//	at 3s    dns 10.0.0.53:53 > 10.0.0.1:1024 answer www.example.com 10.0.0.9
//	at 3s    dns 10.0.0.53:53 > 10.0.0.1:1024 answer nowhere.example nxdomain
//	at 3s    modbus 10.0.0.1:1024 > 10.0.0.5:502 function=17 unit=1
//	at 4s    icmp 10.0.0.1 > 10.0.0.9 type=8
//	at 5s    arp 02:00:00:00:00:01 10.0.0.1 > 10.0.0.9
//	at 6s    eth type=0x88b5
//
// Times count from Epoch. xN repeats the line N times, at one time or, with every,
// one after the other; {1..5} makes one packet for each number, before repeating.
// len=N is the length of the payload. IPv6 addresses stand in brackets before a
// port. TCP flags are words; without one, none is set.
func Parse(line string) ([]Frame, error) {
	words := strings.Fields(line)
	if len(words) < 3 || words[0] != "at" {
		return nil, fmt.Errorf("want at TIME PACKET, got %q", line)
	}
	at, err := time.ParseDuration(words[1])
	if err != nil {
		return nil, err
	}
	words = words[2:]
	repeat, every := 1, time.Duration(0)
	if n := len(words); n > 3 && words[n-2] == "every" {
		if every, err = time.ParseDuration(words[n-1]); err != nil {
			return nil, err
		}
		words = words[:n-2]
	}
	if last := words[len(words)-1]; last[0] == 'x' {
		if n, err := strconv.Atoi(last[1:]); err == nil {
			repeat, words = n, words[:len(words)-1]
		}
	}
	var out []Frame
	for range repeat {
		for _, text := range expand(strings.Join(words, " ")) {
			data, err := buildFrame(strings.Fields(text))
			if err != nil {
				return nil, fmt.Errorf("%q: %w", text, err)
			}
			out = append(out, Frame{Time: Epoch + packet.Time(at), Data: data, Len: len(data)})
			at += every
		}
	}
	return out, nil
}

var rangeForm = regexp.MustCompile(`\{(\d+)\.\.(\d+)\}`)

// expand returns text once for each number of its first range.
func expand(text string) []string {
	m := rangeForm.FindStringSubmatchIndex(text)
	if m == nil {
		return []string{text}
	}
	lo, _ := strconv.Atoi(text[m[2]:m[3]])
	hi, _ := strconv.Atoi(text[m[4]:m[5]])
	var out []string
	for i := lo; i <= hi; i++ {
		out = append(out, expand(text[:m[0]]+strconv.Itoa(i)+text[m[1]:])...)
	}
	return out
}

// frameBuilder collects what a line says.
type frameBuilder struct {
	eth      layers.Ethernet
	src, dst netip.AddrPort
	options  map[string]int
	words    []string // neither option nor flag
}

func buildFrame(words []string) ([]byte, error) {
	b := &frameBuilder{options: map[string]int{}, eth: layers.Ethernet{
		SrcMAC: net.HardwareAddr{2, 0, 0, 0, 0, 1}, DstMAC: net.HardwareAddr{2, 0, 0, 0, 0, 2},
	}}
	kind := words[0]
	words = words[1:]
	if kind == "arp" {
		return b.arp(words)
	}
	if kind != "eth" {
		if len(words) < 3 || words[1] != ">" {
			return nil, fmt.Errorf("want ADDRESS > ADDRESS")
		}
		var err1, err2 error
		b.src, err1 = parseEnd(words[0])
		b.dst, err2 = parseEnd(words[2])
		if err1 != nil || err2 != nil {
			return nil, fmt.Errorf("addresses %q and %q", words[0], words[2])
		}
		words = words[3:]
	}
	for _, w := range words {
		if name, text, ok := strings.Cut(w, "="); ok {
			n, err := strconv.ParseInt(text, 0, 32)
			if err != nil {
				return nil, err
			}
			b.options[name] = int(n)
			continue
		}
		b.words = append(b.words, w)
	}
	return b.build(kind)
}

func parseEnd(text string) (netip.AddrPort, error) {
	if a, err := netip.ParseAddr(text); err == nil {
		return netip.AddrPortFrom(a, 0), nil
	}
	return netip.ParseAddrPort(text)
}

func (b *frameBuilder) build(kind string) ([]byte, error) {
	payload := gopacket.Payload(make([]byte, b.options["len"]))
	switch kind {
	case "eth":
		b.eth.EthernetType = layers.EthernetType(b.options["type"])
		return serialize(&b.eth, gopacket.Payload(make([]byte, 46)))
	case "tcp":
		tcp := &layers.TCP{SrcPort: layers.TCPPort(b.src.Port()), DstPort: layers.TCPPort(b.dst.Port()), Window: 1024, Seq: 1}
		for _, w := range b.words {
			flag := map[string]*bool{
				"fin": &tcp.FIN, "syn": &tcp.SYN, "rst": &tcp.RST, "psh": &tcp.PSH, "ack": &tcp.ACK, "urg": &tcp.URG, "ece": &tcp.ECE, "cwr": &tcp.CWR,
			}[w]
			if flag == nil {
				return nil, fmt.Errorf("no TCP flag %q", w)
			}
			*flag = true
		}
		return b.ip(layers.IPProtocolTCP, tcp, payload)
	case "udp", "dns":
		udp := &layers.UDP{SrcPort: layers.UDPPort(b.src.Port()), DstPort: layers.UDPPort(b.dst.Port())}
		if kind == "udp" {
			return b.ip(layers.IPProtocolUDP, udp, payload)
		}
		dns, err := b.dns()
		if err != nil {
			return nil, err
		}
		return b.ip(layers.IPProtocolUDP, udp, dns)
	case "modbus":
		tcp := &layers.TCP{SrcPort: layers.TCPPort(b.src.Port()), DstPort: layers.TCPPort(b.dst.Port()), Window: 1024, Seq: 1, PSH: true, ACK: true}
		// Transaction, protocol, length of what follows; then unit and function (Modbus/TCP §3).
		return b.ip(layers.IPProtocolTCP, tcp, gopacket.Payload{0, 1, 0, 0, 0, 2, byte(b.options["unit"]), byte(b.options["function"])})
	case "icmp":
		icmp := &layers.ICMPv4{TypeCode: layers.CreateICMPv4TypeCode(uint8(b.options["type"]), uint8(b.options["code"]))}
		return b.ip(layers.IPProtocolICMPv4, icmp, payload)
	}
	return nil, fmt.Errorf("no packet kind %q", kind)
}

// ip puts a transport layer into IPv4 or IPv6, by the source address.
func (b *frameBuilder) ip(proto layers.IPProtocol, inner ...gopacket.SerializableLayer) ([]byte, error) {
	var network gopacket.NetworkLayer
	var first gopacket.SerializableLayer
	src, dst := net.IP(b.src.Addr().AsSlice()), net.IP(b.dst.Addr().AsSlice())
	if b.src.Addr().Is4() {
		l := &layers.IPv4{Version: 4, TTL: 64, Protocol: proto, SrcIP: src, DstIP: dst}
		b.eth.EthernetType, network, first = layers.EthernetTypeIPv4, l, l
	} else {
		l := &layers.IPv6{Version: 6, HopLimit: 64, NextHeader: proto, SrcIP: src, DstIP: dst}
		b.eth.EthernetType, network, first = layers.EthernetTypeIPv6, l, l
	}
	if l, ok := inner[0].(interface {
		SetNetworkLayerForChecksum(gopacket.NetworkLayer) error
	}); ok {
		if err := l.SetNetworkLayerForChecksum(network); err != nil {
			return nil, err
		}
	}
	return serialize(append([]gopacket.SerializableLayer{&b.eth, first}, inner...)...)
}

// dns reads: query NAME | answer NAME [ADDRESS | nxdomain].
func (b *frameBuilder) dns() (*layers.DNS, error) {
	if len(b.words) < 2 || b.words[0] != "query" && b.words[0] != "answer" {
		return nil, fmt.Errorf("want query NAME or answer NAME …")
	}
	name := []byte(b.words[1])
	d := &layers.DNS{ID: 7, RD: true, QR: b.words[0] == "answer", QDCount: 1, Questions: []layers.DNSQuestion{
		{Name: name, Type: layers.DNSTypeA, Class: layers.DNSClassIN},
	}}
	for _, w := range b.words[2:] {
		if w == "nxdomain" {
			d.ResponseCode = layers.DNSResponseCodeNXDomain
			continue
		}
		a, err := netip.ParseAddr(w)
		if err != nil {
			return nil, err
		}
		d.ANCount = 1
		d.Answers = []layers.DNSResourceRecord{{Name: name, Type: layers.DNSTypeA, Class: layers.DNSClassIN, TTL: 60, IP: net.IP(a.AsSlice())}}
	}
	return d, nil
}

// arp reads: MAC ADDRESS > ADDRESS; a request.
func (b *frameBuilder) arp(words []string) ([]byte, error) {
	if len(words) != 4 || words[2] != ">" {
		return nil, fmt.Errorf("want MAC ADDRESS > ADDRESS")
	}
	mac, err1 := net.ParseMAC(words[0])
	src, err2 := netip.ParseAddr(words[1])
	dst, err3 := netip.ParseAddr(words[3])
	if err1 != nil || err2 != nil || err3 != nil {
		return nil, fmt.Errorf("want MAC ADDRESS > ADDRESS")
	}
	b.eth.SrcMAC, b.eth.DstMAC, b.eth.EthernetType = mac, layers.EthernetBroadcast, layers.EthernetTypeARP
	return serialize(&b.eth, &layers.ARP{
		AddrType: layers.LinkTypeEthernet, Protocol: layers.EthernetTypeIPv4, HwAddressSize: 6, ProtAddressSize: 4,
		Operation: layers.ARPRequest, SourceHwAddress: mac, SourceProtAddress: src.AsSlice(),
		DstHwAddress: make([]byte, 6), DstProtAddress: dst.AsSlice(),
	})
}

func serialize(list ...gopacket.SerializableLayer) ([]byte, error) {
	buf := gopacket.NewSerializeBuffer()
	err := gopacket.SerializeLayers(buf, gopacket.SerializeOptions{FixLengths: true, ComputeChecksums: true}, list...)
	return buf.Bytes(), err
}
