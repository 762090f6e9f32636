package packet

import (
	"encoding/hex"
	"strings"
	"testing"

	"github.com/google/gopacket"
	"github.com/google/gopacket/layers"
)

// decode reads one frame with all application layers.
func decode(link LinkType, data []byte, wire int) *Packet {
	p := new(Packet)
	(&Decoder{App: AppLayers}).Decode(p, link, data, uint32(wire), 1)
	return p
}

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.Join(strings.Fields(s), ""))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// ip4udp is an IPv4 packet with an empty datagram from port 1 to port 2.
const ip4udp = "4500001c0001000040110000 0a000001 0a000002 00010002 00080000"

// ip6udp is the same in IPv6.
const ip6udp = "60000000 0008 11 40 20010db8000000000000000000000001 20010db8000000000000000000000002 00010002 00080000"

func TestLinkTypes(t *testing.T) {
	for _, tt := range []struct {
		name string
		link LinkType
		hex  string
		want Layers
	}{
		{"ethernet", LinkEthernet, "020000000002020000000001 0800" + ip4udp, Eth | IP4},
		{"llc snap", LinkEthernet, "020000000002020000000001 0024 aaaa03 000000 0800" + ip4udp, Eth | IP4},
		{"vlan", LinkEthernet, "020000000002020000000001 8100 6005 86dd" + ip6udp, Eth | VLAN | IP6},
		{"qinq", LinkEthernet, "020000000002020000000001 88a8 0005 8100 0006 0800" + ip4udp, Eth | VLAN | VLANInner | IP4},
		{"mpls", LinkEthernet, "020000000002020000000001 8847 00010040 00020140" + ip4udp, Eth | MPLS | IP4},
		{"pppoe", LinkEthernet, "020000000002020000000001 8864 1100 0007 001e 0021" + ip4udp, Eth | PPPoE | IP4},
		{"raw 4", LinkRaw, ip4udp, IP4},
		{"raw 6", LinkRawBSD, ip6udp, IP6},
		{"raw openbsd", LinkRawOBSD, ip6udp, IP6},
		{"ipv4", LinkIPv4, ip4udp, IP4},
		{"ipv6", LinkIPv6, ip6udp, IP6},
		{"null little", LinkNull, "02000000" + ip4udp, IP4},
		{"null big", LinkNull, "0000001e" + ip6udp, IP6},
		{"loop", LinkLoop, "00000002" + ip4udp, IP4},
		{"loop 6", LinkLoop, "00000018" + ip6udp, IP6},
		{"sll", LinkSLL, "0000 0001 0006 0200000000010000 0800" + ip4udp, IP4},
		{"sll2", LinkSLL2, "86dd 0000 00000001 0001 00 06 0200000000010000" + ip6udp, IP6},
		{"ppp", LinkPPP, "ff03 0021" + ip4udp, IP4},
		{"ppp short protocol", LinkPPP, "21" + ip4udp, IP4},
		{"ppp serial", LinkPPPSerial, "ff03 0057" + ip6udp, IP6},
		{"ppp serial hdlc", LinkPPPSerial, "0f00 0800" + ip4udp, IP4},
		{"c_hdlc", LinkCHDLC, "8f00 86dd" + ip6udp, IP6},
		{"frame relay", LinkFRelay, "1841 03 cc" + ip4udp, IP4},
		{"frame relay snap", LinkFRelay, "1841 03 00 80 000000 0800" + ip4udp, IP4},
		{"frame relay cisco", LinkFRelay, "1841 86dd" + ip6udp, IP6},
		{"nflog", LinkNFLOG, "02000000 0800 0100 08000300 2000 0900" + ip4udp, IP4},
		{"nflog big", LinkNFLOG, "02000000 0008 0001 00000000 0020 0009" + ip4udp, IP4},
		{"radiotap", LinkRadiotap, "00000800 00000000 0800 0000 020000000002 020000000001 020000000003 0000 aaaa03000000 0800" + ip4udp, IP4},
	} {
		data := unhex(t, tt.hex)
		p := decode(tt.link, data, len(data))
		want := tt.want | IPLayer | UDP
		if p.Has != want || p.Problem != None || p.SrcPort != 1 || p.DstPort != 2 || p.PayloadLen != 0 {
			t.Errorf("%s: Has = %v, problem %v, ports %d > %d, want %v", tt.name, p.Has, p.Problem, p.SrcPort, p.DstPort, want)
		}
	}
	p := decode(4242, unhex(t, ip4udp), 28)
	if p.Has != 0 || p.Problem != UnknownLink {
		t.Errorf("unknown link type: Has = %v, problem %v", p.Has, p.Problem)
	}
}

// TestTunnels checks who wins: the innermost packet, or the outer one if there
// is none inside.
func TestTunnels(t *testing.T) {
	eth := "020000000002020000000001 0800"
	outer := func(proto string, n string) string {
		return eth + "4500" + n + "00010000 40" + proto + "0000 c0000201 c0000202"
	}
	for _, tt := range []struct {
		name       string
		hex        string
		has, seen  Layers
		src, outer string
	}{
		{"4in4", outer("04", "0030") + ip4udp, Eth | IP4 | IPLayer | UDP | Tunnel, 0, "10.0.0.1", "192.0.2.1"},
		{"6in4", outer("29", "0044") + ip6udp, Eth | IP6 | IPLayer | UDP | Tunnel, IP4, "2001:db8::1", "192.0.2.1"},
		{"4in4 garbage", outer("04", "0030") + "4200001c" + ip4udp[8:], Eth | IP4 | IPLayer, 0, "192.0.2.1", ""},
		{"6in4 garbage", outer("29", "0044") + "5" + ip6udp[1:], Eth | IP4 | IPLayer, IP6, "192.0.2.1", ""},
		{"gre key seq", outer("2f", "003c") + "3000 0800 00000001 00000002" + ip4udp, Eth | IP4 | IPLayer | UDP | Tunnel | GRE, 0, "10.0.0.1", "192.0.2.1"},
		{"gre pptp", outer("2f", "0042") + "3081 880b 0020 0001 00000002 00000003 0021" + ip4udp,
			Eth | IP4 | IPLayer | UDP | Tunnel | GRE, 0, "10.0.0.1", "192.0.2.1"},
		{"gre bridged", outer("2f", "0042") + "0000 6558 0a0000000002 0a0000000001 0800" + ip4udp, Eth | IP4 | IPLayer | UDP | Tunnel | GRE, 0, "10.0.0.1", "192.0.2.1"},
		{"vxlan", outer("11", "004e") + "c350 12b5 003a 0000 08000000 00006300 0a0000000002 0a0000000001 0800" + ip4udp,
			Eth | IP4 | IPLayer | UDP | Tunnel | VXLAN, 0, "10.0.0.1", "192.0.2.1"},
		{"vxlan garbage", outer("11", "0032") + "c350 12b5 001e 0000 08000000 00006300 0a0000000002 0a0000000001 9999",
			Eth | IP4 | IPLayer | UDP | VXLAN, 0, "192.0.2.1", ""},
		{"vxlan port without flag", outer("11", "0032") + "c350 12b5 001e 0000 00000000 00006300 0a0000000002 0a0000000001 0800",
			Eth | IP4 | IPLayer | UDP, 0, "192.0.2.1", ""},
		{"geneve", outer("11", "004e") + "c350 17c1 003a 0000 00006558 00006300 0a0000000002 0a0000000001 0800" + ip4udp,
			Eth | IP4 | IPLayer | UDP | Tunnel, 0, "10.0.0.1", "192.0.2.1"},
		{"gtp-u", outer("11", "0040") + "0868 0868 002c 0000 30ff 001c 00000001" + ip4udp, Eth | IP4 | IPLayer | UDP | Tunnel, 0, "10.0.0.1", "192.0.2.1"},
		{"l2tp", outer("11", "0044") + "06a5 06a5 0030 0000 0002 0001 0002 ff03 0021" + ip4udp, Eth | IP4 | IPLayer | UDP | Tunnel, 0, "10.0.0.1", "192.0.2.1"},
		{"etherip", outer("61", "0040") + "3000 0a0000000002 0a0000000001 0800" + ip4udp, Eth | IP4 | IPLayer | UDP | Tunnel, 0, "10.0.0.1", "192.0.2.1"},
		{"ah", outer("33", "003c") + "1104 0000 00000001 00000001 0000000000000000 00000000" + ip4udp[len("4500001c0001000040110000 0a000001 0a000002 "):],
			Eth | IP4 | IPLayer | UDP, 0, "192.0.2.1", ""},
		{"esp", outer("32", "0030") + ip4udp, Eth | IP4 | IPLayer, 0, "192.0.2.1", ""},
	} {
		data := unhex(t, tt.hex)
		p := decode(LinkEthernet, data, len(data))
		if p.Has != tt.has || p.Seen&tt.seen != tt.seen || p.Src.String() != tt.src {
			t.Errorf("%s: Has = %v (seen %v, problem %v), source %v, want %v, %s", tt.name, p.Has, p.Seen, p.Problem, p.Src, tt.has, tt.src)
		}
		if tt.outer != "" && p.OuterSrc.String() != tt.outer {
			t.Errorf("%s: OuterSrc = %v, want %s", tt.name, p.OuterSrc, tt.outer)
		}
		wantMAC := "02:00:00:00:00:01"
		if strings.Contains(tt.hex, "0a0000000001 0800") && p.Has&Tunnel != 0 {
			wantMAC = "0a:00:00:00:00:01"
		}
		if p.EthSrc.String() != wantMAC {
			t.Errorf("%s: EthSrc = %v, want %s", tt.name, p.EthSrc, wantMAC)
		}
	}
}

func TestOuterIsOutermost(t *testing.T) {
	data := craft(t, cEth(layers.EthernetTypeIPv4), cIP4(layers.IPProtocolIPv4, 1), cIP4(layers.IPProtocolIPv4, 2),
		cIP4(layers.IPProtocolTCP, 3), cTCP(1, 2))
	p := decode(LinkEthernet, data, len(data))
	if p.Src != IPv4(10, 0, 0, 3) || p.OuterSrc != IPv4(10, 0, 0, 1) || p.OuterDst != IPv4(10, 0, 1, 1) {
		t.Errorf("source %v, outer %v > %v", p.Src, p.OuterSrc, p.OuterDst)
	}
	deep := []gopacket.SerializableLayer{cEth(layers.EthernetTypeIPv4)}
	for i := range 40 {
		deep = append(deep, cIP4(layers.IPProtocolIPv4, byte(i)))
	}
	data = craft(t, append(deep, cIP4(layers.IPProtocolTCP, 200), cTCP(1, 2))...)
	if p = decode(LinkEthernet, data, len(data)); p.Problem != TooManyLayers || p.Has&IPLayer == 0 || p.Src != IPv4(10, 0, 0, maxDepth) {
		t.Errorf("42 IP headers: problem %v, Has %v, source %v", p.Problem, p.Has, p.Src)
	}
}

// TestProblems tells malformed packets from those that the snap length cut.
func TestProblems(t *testing.T) {
	eth := "020000000002020000000001 0800"
	for _, tt := range []struct {
		name    string
		hex     string
		snapped int // bytes that were on the wire, but not captured
		has     Layers
		problem Malformed
	}{
		{"whole", eth + ip4udp, 0, Eth | IP4 | IPLayer | UDP, None},
		{"padding", eth + ip4udp + "0000000000000000", 0, Eth | IP4 | IPLayer | UDP, None},
		{"ethernet short", eth[:20], 0, 0, TruncatedEthernet},
		{"ethernet snapped", eth[:20], 50, 0, Snapped},
		{"ip short", eth + ip4udp[:20], 0, Eth, TruncatedIPv4},
		{"ip snapped", eth + ip4udp[:20], 50, Eth, Snapped},
		{"ihl", eth + "44" + ip4udp[2:], 0, Eth, BadIPv4HeaderLen},
		{"version", eth + "75" + ip4udp[2:], 0, Eth, BadIPVersion},
		{"total below header", eth + "45000013" + ip4udp[8:], 0, Eth, BadIPv4Length},
		{"total beyond frame", eth + "45000030" + ip4udp[8:], 0, Eth | IP4 | IPLayer | UDP, BadIPv4Length},
		{"total beyond capture", eth + "45000030" + ip4udp[8:], 20, Eth | IP4 | IPLayer | UDP, None},
		{"total zero", eth + "45000000" + ip4udp[8:], 0, Eth | IP4 | IPLayer | UDP, None},
		{"udp header snapped", eth + ip4udp[:len(ip4udp)-4], 2, Eth | IP4 | IPLayer, Snapped},
		{"udp header short", eth + "4500001a" + ip4udp[8:len(ip4udp)-4], 0, Eth | IP4 | IPLayer, TruncatedUDP},
		{"udp length below 8", eth + ip4udp[:len(ip4udp)-8] + "00070000", 0, Eth | IP4 | IPLayer | UDP, BadUDPLength},
		{"udp length beyond", eth + ip4udp[:len(ip4udp)-8] + "00090000", 0, Eth | IP4 | IPLayer | UDP, BadUDPLength},
		{"tcp offset", eth + "4500002800010000400600000a0000010a000002 0001000200000000000000004002ffff00000000", 0, Eth | IP4 | IPLayer, BadTCPOffset},
		{"tcp options snapped", eth + "4500002c00010000400600000a0000010a000002 0001000200000000000000006002ffff00000000", 4, Eth | IP4 | IPLayer | TCP, Snapped},
		{"tcp options short", eth + "4500002800010000400600000a0000010a000002 0001000200000000000000006002ffff00000000", 0, Eth | IP4 | IPLayer | TCP, TruncatedTCP},
		{"first fragment", eth + "4500001c0001200040110000 0a000001 0a000002 00010002 05000000", 0, Eth | IP4 | IPLayer | UDP | Fragment | Fragment4, None},
		{"later fragment", eth + "4500001c0001000140110000 0a000001 0a000002 00010002 05000000", 0, Eth | IP4 | IPLayer | Fragment | Fragment4, None},
		{"fragment too far", eth + "4500001c00011fff40110000 0a000001 0a000002 00010002 05000000", 0, Eth | IP4 | IPLayer | Fragment | Fragment4, BadFragment},
		{"arp short", "020000000002020000000001 0806 0001080006040001", 0, Eth, TruncatedARP},
		{"vlan short", "020000000002020000000001 8100 00", 0, Eth, TruncatedVLAN},
		{"mpls bottomless", "020000000002020000000001 8847 00010040", 0, Eth, TruncatedMPLS},
	} {
		data := unhex(t, tt.hex)
		p := decode(LinkEthernet, data, len(data)+tt.snapped)
		if p.Has != tt.has || p.Problem != tt.problem {
			t.Errorf("%s: Has = %v, problem %v, want %v, %v", tt.name, p.Has, p.Problem, tt.has, tt.problem)
		}
		if p.Has&UDP != 0 && len(p.Payload) != 0 {
			t.Errorf("%s: %d bytes of payload, want 0", tt.name, len(p.Payload))
		}
	}
}

func TestIPv6Extensions(t *testing.T) {
	head := func(n, next string) string {
		return "60000000" + n + next + "40 20010db8000000000000000000000001 20010db8000000000000000000000002"
	}
	udp := "00010002 00080000"
	for _, tt := range []struct {
		name    string
		hex     string
		has     Layers
		proto   uint8
		problem Malformed
	}{
		{"chain", head("0028", "00") + "3c00010400000000 2b00010400000000 2c00000000000000 1100000000000007" + udp, IP6 | IPLayer | UDP | Fragment6, 17, None},
		{"first fragment", head("0010", "2c") + "1100000100000007" + "0001000200090000", IP6 | IPLayer | UDP | Fragment | Fragment6, 17, None},
		{"later fragment", head("0010", "2c") + "1100000900000007" + udp, IP6 | IPLayer | Fragment | Fragment6, 17, None},
		{"ah", head("0014", "33") + "1101000000000001 00000001" + udp, IP6 | IPLayer | UDP, 17, None},
		{"esp", head("0010", "32") + "0000000100000001" + udp, IP6 | IPLayer, 50, None},
		{"none", head("0008", "3b") + udp, IP6 | IPLayer, 59, None},
		{"beyond", head("0008", "3c") + "1105000000000000", IP6 | IPLayer, 60, TruncatedIPv6Extension},
		{"small jumbo", head("0000", "00") + "1100c20400000010" + udp, IP6 | IPLayer | UDP, 17, BadJumbogram},
		{"length", head("0018", "11") + udp, IP6 | IPLayer | UDP, 17, BadIPv6Length},
	} {
		data := unhex(t, tt.hex)
		p := decode(LinkIPv6, data, len(data))
		if p.Has != tt.has || p.Proto != tt.proto || p.Problem != tt.problem {
			t.Errorf("%s: Has = %v, proto %d, problem %v, want %v, %d, %v", tt.name, p.Has, p.Proto, p.Problem, tt.has, tt.proto, tt.problem)
		}
		if p.Has&Fragment6 != 0 && p.IPID != 7 {
			t.Errorf("%s: IPID = %d, want 7", tt.name, p.IPID)
		}
	}
	data := unhex(t, head("0000", "00")+"1100c20400011178"+udp)
	p := decode(LinkIPv6, data, 40+70008)
	if p.IPLen != 40+70008 || p.Has&UDP == 0 || p.Problem != None {
		t.Errorf("jumbogram: IPLen = %d, Has %v, problem %v", p.IPLen, p.Has, p.Problem)
	}
}
