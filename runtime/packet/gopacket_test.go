package packet

import (
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"testing"

	"github.com/google/gopacket"
	"github.com/google/gopacket/layers"
)

// gopacketStart is the decoder of gopacket for a link type; others are skipped.
var gopacketStart = map[LinkType]gopacket.Decoder{
	LinkEthernet: layers.LayerTypeEthernet,
	LinkSLL:      layers.LayerTypeLinuxSLL,
	LinkIPv4:     layers.LayerTypeIPv4,
	LinkIPv6:     layers.LayerTypeIPv6,
	LinkRadiotap: layers.LayerTypeRadioTap,
}

// diffReasons are the known differences to gopacket, each with its reason: except
// reports whether it explains that a field differs in a frame. A difference that
// nothing explains fails the test, and so does a reason that explains nothing.
var diffReasons = []struct {
	reason string
	except func(field string, p *Packet, g *gopacketView) bool
}{
	{"gopacket adds the upper bits of the return code from the OPT record (RFC 6891 §6.1.3); dns.rcode is that of the header",
		func(field string, p *Packet, g *gopacketView) bool {
			return field == "dns.opcode" && p.DNS.Rcode == uint8(g.dns.ResponseCode)&15 && p.DNS.ARCount > 0
		}},
	{"an Ethernet frame inside another one that holds neither IP nor ARP does not take over; gopacket's last one does",
		func(field string, p *Packet, g *gopacketView) bool {
			return (field == "eth.src" || field == "eth.dst") && g.eths > 1
		}},
	{"gopacket knows neither 802.1ah nor an 802.3 length behind a VLAN tag",
		func(field string, p *Packet, g *gopacketView) bool {
			return (field == "arp" || field == "eth.src" || field == "eth.dst") &&
				p.Has&ARP != 0 && p.Seen&VLAN != 0 && len(g.tags) > 0 && g.arp == nil
		}},
	{"IPv4 total length 0 of BIG TCP: gopacket puts the frame's length into 16 bits",
		func(field string, p *Packet, g *gopacketView) bool {
			return (field == "ip.len" || field == "tcp.payload") && p.IPLen > 65535
		}},
}

// depthReasons say why we find another number of IP headers than gopacket in
// sound frames of a capture. Two more reasons need no table: gopacket gives up a
// frame whose PPPoE length is beyond the snap length or whose EtherType it does
// not know (FabricPath, VN-Tag), and we go no further in a damaged header.
var depthReasons = map[string]string{
	"gtp-u.pcap":          "gopacket does not look into first fragments, we find the tunnel in them",
	"gre-various.pcap":    "gopacket does not skip Cisco metadata",
	"erspan-2.pcap":       "mirrored ARP frames take over and leave no IP header",
	"vxlan-port8472.pcap": "gopacket knows VXLAN on port 4789 only",
	"pbb.pcap":            "gopacket does not know 802.1ah",
	"teredo.pcap":         "gopacket does not know Teredo",
}

// gopacketView is what gopacket found in a frame: its innermost layers.
type gopacketView struct {
	eth    *layers.Ethernet
	ip4    *layers.IPv4
	ip6    *layers.IPv6
	tags   []*layers.Dot1Q
	arp    *layers.ARP
	tcp    *layers.TCP
	udp    *layers.UDP
	sctp   *layers.SCTP
	icmp4  *layers.ICMPv4
	icmp6  *layers.ICMPv6
	frag6  *layers.IPv6Fragment
	mpls   *layers.MPLS
	pppoe  *layers.PPPoE
	gre    *layers.GRE
	vxlan  *layers.VXLAN
	dns    *layers.DNS
	ips    int
	eths   int
	failed bool
}

// view collects the innermost layers of pkt.
func view(pkt gopacket.Packet) *gopacketView {
	g := &gopacketView{}
	for _, l := range pkt.Layers() {
		switch l := l.(type) {
		case *layers.Ethernet:
			g.eth, g.tags = l, nil
			g.eths++
		case *layers.Dot1Q:
			g.tags = append(g.tags, l)
		case *layers.IPv4:
			g.newIP()
			g.ip4 = l
		case *layers.IPv6:
			g.newIP()
			g.ip6 = l
		case *layers.ARP:
			g.arp = l
		case *layers.TCP:
			g.tcp = l
		case *layers.UDP:
			g.udp = l
		case *layers.SCTP:
			g.sctp = l
		case *layers.ICMPv4:
			g.icmp4 = l
		case *layers.ICMPv6:
			g.icmp6 = l
		case *layers.IPv6Fragment:
			g.frag6 = l
		case *layers.MPLS:
			if g.mpls == nil {
				g.mpls = l
			}
		case *layers.PPPoE:
			g.pppoe = l
		case *layers.GRE:
			g.gre = l
		case *layers.VXLAN:
			g.vxlan = l
		case *layers.DNS:
			g.dns = l
		}
	}
	g.failed = pkt.ErrorLayer() != nil
	return g
}

func (g *gopacketView) newIP() {
	g.ips++
	*g = gopacketView{eth: g.eth, tags: g.tags, mpls: g.mpls, pppoe: g.pppoe, gre: g.gre, vxlan: g.vxlan, ips: g.ips, eths: g.eths}
}

// diffs counts compared fields and collects differences of one frame.
type diffs struct {
	compared int
	list     []diff
}

type diff struct{ field, text string }

func (d *diffs) eq(field string, got, want any) {
	d.compared++
	if g, w := fmt.Sprint(got), fmt.Sprint(want); g != w {
		d.list = append(d.list, diff{field, fmt.Sprintf("%s = %s, gopacket %s", field, g, w)})
	}
}

func ipOf(b []byte) IP {
	if len(b) == 4 {
		return IPv4(b[0], b[1], b[2], b[3])
	}
	return IP(b)
}

// compareFields compares every field that both found in the frame.
func compareFields(p *Packet, g *gopacketView, d *diffs) {
	if p.Has&Eth != 0 && g.eth != nil {
		d.eq("eth.src", p.EthSrc, g.eth.SrcMAC)
		d.eq("eth.dst", p.EthDst, g.eth.DstMAC)
	}
	if p.Has&VLAN != 0 && len(g.tags) > 0 {
		d.eq("vlan.id", p.VLANID, g.tags[0].VLANIdentifier)
		d.eq("vlan.prio", p.VLANPrio, g.tags[0].Priority)
	}
	if p.Has&VLANInner != 0 && len(g.tags) > 1 {
		d.eq("vlan.inner", p.VLANInnerID, g.tags[1].VLANIdentifier)
	}
	if p.Has&MPLS != 0 && g.mpls != nil {
		d.eq("mpls.label", p.MPLSLabel, g.mpls.Label)
	}
	if p.Has&PPPoE != 0 && g.pppoe != nil {
		d.eq("pppoe.session", p.PPPoESession, g.pppoe.SessionId)
	}
	if p.Has&GRE != 0 && g.gre != nil {
		d.eq("gre.proto", p.GREProto, uint16(g.gre.Protocol))
	}
	if p.Has&VXLAN != 0 && g.vxlan != nil {
		d.eq("vxlan.vni", p.VNI, g.vxlan.VNI)
	}
	if p.Has&ARP != 0 && g.arp != nil {
		d.eq("arp.op", p.ARPOp, g.arp.Operation)
		d.eq("arp.src", p.ARPSrcIP, ipOf(g.arp.SourceProtAddress))
		d.eq("arp.dst", p.ARPDstIP, ipOf(g.arp.DstProtAddress))
		d.eq("arp.srcmac", p.ARPSrcMAC, MAC(g.arp.SourceHwAddress))
		d.eq("arp.dstmac", p.ARPDstMAC, MAC(g.arp.DstHwAddress))
	}
	compareIP(p, g, d)
	compareTransport(p, g, d)
}

func compareIP(p *Packet, g *gopacketView, d *diffs) {
	if ip := g.ip4; ip != nil && p.Has&IP4 != 0 {
		d.eq("ip.src", p.Src, ipOf(ip.SrcIP.To4()))
		d.eq("ip.dst", p.Dst, ipOf(ip.DstIP.To4()))
		d.eq("ip.proto", p.Proto, uint8(ip.Protocol))
		d.eq("ip.ttl", p.TTL, ip.TTL)
		d.eq("ip.dscp", p.DSCP, ip.TOS>>2)
		d.eq("ip.id", p.IPID, ip.Id)
		d.eq("ip.frag", p.FragOffset, ip.FragOffset*8)
		d.eq("ip.mf", p.MoreFrags, ip.Flags&layers.IPv4MoreFragments != 0)
		d.eq("ip.len", p.IPLen, ip.Length)
	}
	if ip := g.ip6; ip != nil && p.Has&IP6 != 0 {
		d.eq("ipv6.src", p.Src, IP(ip.SrcIP))
		d.eq("ipv6.dst", p.Dst, IP(ip.DstIP))
		d.eq("ipv6.hlim", p.TTL, ip.HopLimit)
		d.eq("ipv6.dscp", p.DSCP, ip.TrafficClass>>2)
		if ip.Length != 0 {
			d.eq("ipv6.len", p.IPLen, 40+int(ip.Length))
		}
	}
	if g.frag6 != nil && p.Has&Fragment6 != 0 {
		d.eq("ipv6.fragid", p.IPID, g.frag6.Identification)
		d.eq("ipv6.fragoff", p.FragOffset, g.frag6.FragmentOffset*8)
		d.eq("ipv6.mf", p.MoreFrags, g.frag6.MoreFragments)
	}
}

func compareTransport(p *Packet, g *gopacketView, d *diffs) {
	if !g.failed && p.Problem == None && p.Has&(Fragment|Fragment6) == 0 {
		// gopacket does not look behind fragment headers.
		d.eq("tcp", p.Has&TCP != 0, g.tcp != nil)
		d.eq("udp", p.Has&UDP != 0, g.udp != nil)
		d.eq("icmp", p.Has&ICMP != 0, g.icmp4 != nil)
		d.eq("icmpv6", p.Has&ICMP6 != 0, g.icmp6 != nil)
		d.eq("arp", p.Has&ARP != 0, g.arp != nil)
	}
	if tcp := g.tcp; tcp != nil && p.Has&TCP != 0 {
		var flags uint16
		for i, f := range []bool{tcp.FIN, tcp.SYN, tcp.RST, tcp.PSH, tcp.ACK, tcp.URG, tcp.ECE, tcp.CWR, tcp.NS} {
			if f {
				flags |= 1 << i
			}
		}
		d.eq("tcp.ports", [2]uint16{p.SrcPort, p.DstPort}, [2]uint16{uint16(tcp.SrcPort), uint16(tcp.DstPort)})
		d.eq("tcp.flags", p.TCPFlags, flags)
		d.eq("tcp.seq", [2]uint32{p.TCPSeq, p.TCPAck}, [2]uint32{tcp.Seq, tcp.Ack})
		d.eq("tcp.window", p.TCPWindow, tcp.Window)
		d.eq("tcp.payload", len(p.Payload), len(tcp.Payload))
	}
	if udp := g.udp; udp != nil && p.Has&UDP != 0 {
		d.eq("udp.ports", [2]uint16{p.SrcPort, p.DstPort}, [2]uint16{uint16(udp.SrcPort), uint16(udp.DstPort)})
		d.eq("udp.len", p.UDPLen, udp.Length)
		if udp.Length >= 8 {
			d.eq("udp.payload", len(p.Payload), len(udp.Payload))
		}
	}
	if g.sctp != nil && p.Has&SCTP != 0 {
		d.eq("sctp.ports", [2]uint16{p.SrcPort, p.DstPort}, [2]uint16{uint16(g.sctp.SrcPort), uint16(g.sctp.DstPort)})
		d.eq("sctp.tag", p.SCTPTag, g.sctp.VerificationTag)
	}
	if g.icmp4 != nil && p.Has&ICMP != 0 {
		d.eq("icmp.type", [2]uint8{p.ICMPType, p.ICMPCode}, [2]uint8{g.icmp4.TypeCode.Type(), g.icmp4.TypeCode.Code()})
	}
	if g.icmp6 != nil && p.Has&ICMP6 != 0 {
		d.eq("icmpv6.type", [2]uint8{p.ICMPType, p.ICMPCode}, [2]uint8{g.icmp6.TypeCode.Type(), g.icmp6.TypeCode.Code()})
	}
	compareDNS(p, g.dns, d)
}

func compareDNS(p *Packet, dns *layers.DNS, d *diffs) {
	if dns == nil || p.Has&DNS == 0 {
		return
	}
	m := &p.DNS
	d.eq("dns.id", m.ID, dns.ID)
	d.eq("dns.flags", []bool{m.Response, m.AA, m.TC, m.RD, m.RA}, []bool{dns.QR, dns.AA, dns.TC, dns.RD, dns.RA})
	d.eq("dns.opcode", [2]uint8{m.Opcode, m.Rcode}, [2]uint8{uint8(dns.OpCode), uint8(dns.ResponseCode)})
	d.eq("dns.counts", []uint16{m.QDCount, m.ANCount, m.NSCount, m.ARCount}, []uint16{dns.QDCount, dns.ANCount, dns.NSCount, dns.ARCount})
	d.eq("dns.question", p.Has&DNSQuestion != 0, len(dns.Questions) > 0)
	if p.Has&DNSQuestion != 0 && len(dns.Questions) > 0 {
		d.eq("dns.qry.name", string(m.Name), lowerASCII(dns.Questions[0].Name))
		d.eq("dns.qry.type", m.Type, uint16(dns.Questions[0].Type))
	}
	var want IP
	for _, r := range dns.Answers {
		if r.Class&0x7fff == layers.DNSClassIN && (r.Type == layers.DNSTypeA && len(r.Data) == 4 || r.Type == layers.DNSTypeAAAA && len(r.Data) == 16) {
			want = ipOf(r.Data)
			break
		}
	}
	got := IP{}
	if p.Has&DNSAddress != 0 {
		got = m.Addr
	}
	if dns.QR {
		d.eq("dns.addr", got, want)
	}
}

func lowerASCII(b []byte) string {
	out := append([]byte(nil), b...)
	for i, c := range out {
		if 'A' <= c && c <= 'Z' {
			out[i] = c + 32
		}
	}
	return string(out)
}

// safePacket lets gopacket decode data; it reports false if gopacket panicked.
func safePacket(data []byte, first gopacket.Decoder) (pkt gopacket.Packet, ok bool) {
	defer func() { ok = recover() == nil }()
	pkt = gopacket.NewPacket(data, first, gopacket.DecodeOptions{NoCopy: true})
	return pkt, true
}

// TestGopacket compares all fields with gopacket over the bundled captures and,
// if they are there, the shared ones.
func TestGopacket(t *testing.T) {
	files := bundledFiles(t)
	if _, err := os.Stat(tracesDir); err == nil {
		for _, dir := range []string{"mix", "detect", "link", "bad"} {
			m, _ := filepath.Glob(filepath.Join(tracesDir, dir, "*.pcap*"))
			files = append(files, m...)
		}
	}
	sort.Strings(files)
	dec := Decoder{App: AppLayers}
	p := new(Packet)
	var frames, fields, panics, undecoded, damaged int
	explained := make([]int, len(diffReasons))
	depth := map[string]int{}
	for _, file := range files {
		n := 0
		// What is wrong with a file is not of interest here: TestTruth counts frames.
		_ = readTrace(file, func(f traceFrame) {
			n++
			first, ok := gopacketStart[f.link]
			if !ok {
				return
			}
			dec.Decode(p, f.link, f.data, f.wire, f.time)
			pkt, ok := safePacket(f.data, first)
			if !ok {
				panics++
				return
			}
			frames++
			g := view(pkt)
			ours := 0
			if p.Has&IPLayer != 0 {
				ours = 1 + int(p.enclosed)
			}
			if g.ips != ours {
				if g.failed {
					undecoded++
				} else if p.Problem != None {
					damaged++
				} else {
					depth[filepath.Base(file)]++
				}
				return
			}
			var d diffs
			compareFields(p, g, &d)
			fields += d.compared
			for _, x := range d.list {
				if !explain(x, p, g, explained) {
					t.Errorf("%s frame %d: %s (seen %v, problem %v)", traceName(file), n, x.text, p.Seen, p.Problem)
				}
			}
		})
	}
	t.Logf("gopacket: %d frames, %d fields compared", frames, fields)
	t.Logf("not compared, as the number of IP headers differs: %d frames that gopacket gave up, %d damaged ones, %v; panics of gopacket: %d",
		undecoded, damaged, depth, panics)
	for name := range depth {
		if depthReasons[name] == "" {
			t.Errorf("%s: %d frames with another number of IP headers than gopacket finds, without a reason", name, depth[name])
		}
	}
	shared := len(files) > len(bundledFiles(t))
	for i, r := range diffReasons {
		t.Logf("explained %d: %s", explained[i], r.reason)
		if explained[i] == 0 && shared {
			t.Errorf("nothing needs the reason %q", r.reason)
		}
	}
}

// explain reports whether a known reason covers x, and counts it.
func explain(x diff, p *Packet, g *gopacketView, explained []int) bool {
	for i, r := range diffReasons {
		if r.except(x.field, p, g) {
			explained[i]++
			return true
		}
	}
	return false
}
