package packet

import "testing"

// fuzzLinks are the link types that the first byte of a fuzz input selects.
var fuzzLinks = []LinkType{LinkEthernet, LinkNull, LinkPPP, LinkRaw, LinkPPPSerial, LinkCHDLC, LinkFRelay,
	LinkLoop, LinkSLL, LinkRadiotap, LinkIPv4, LinkIPv6, LinkNFLOG, LinkPKTAP, LinkSLL2, LinkRawOBSD, 9999}

// inside reports whether s is a part of b, or empty.
func inside(s, b []byte) bool {
	if len(s) == 0 {
		return true
	}
	for i := range b {
		if &b[i] == &s[0] {
			return i+len(s) <= len(b)
		}
	}
	return false
}

// checkPacket states what holds for every decoded packet.
func checkPacket(t *testing.T, p *Packet) {
	t.Helper()
	if p.Has&^p.Seen != 0 {
		t.Errorf("Has %v is not a part of Seen %v", p.Has, p.Seen)
	}
	implies := func(a, b Layers) {
		t.Helper()
		if p.Has&a != 0 && p.Has&b == 0 {
			t.Errorf("Has %v: %v without %v", p.Has, a&p.Has, b)
		}
	}
	implies(IP4|IP6, IPLayer)
	implies(IPLayer, IP4|IP6)
	implies(TCP|UDP|SCTP|ICMP|ICMP6|Fragment|Fragment4|Fragment6, IPLayer)
	implies(Fragment4, IP4)
	implies(Fragment6, IP6)
	implies(VLANInner, VLAN)
	implies(DNSQuestion|DNSAddress, DNS)
	implies(TLSSNI, TLS)
	implies(HTTPHost, HTTPRequest)
	implies(DHCPHostname, DHCP)
	implies(TLS|HTTP|Modbus, TCP)
	implies(NTP|DHCP, UDP)
	implies(DNS, TCP|UDP)
	for _, pair := range [][2]Layers{{IP4, IP6}, {TCP, UDP}, {ARP, IPLayer}, {ICMP, ICMP6}} {
		if p.Has&pair[0] != 0 && p.Has&pair[1] != 0 {
			t.Errorf("Has %v: both %v and %v", p.Has, pair[0], pair[1])
		}
	}
	slices := map[string][]byte{}
	if p.Has&(TCP|UDP|SCTP) != 0 {
		slices["Payload"] = p.Payload
		if uint64(len(p.Payload)) > uint64(p.PayloadLen) {
			t.Errorf("%d bytes of payload captured, PayloadLen = %d", len(p.Payload), p.PayloadLen)
		}
	}
	if p.Has&TLSSNI != 0 {
		slices["SNI"] = p.TLS.SNI
	}
	if p.Has&HTTPRequest != 0 {
		slices["Method"], slices["URI"] = p.HTTP.Method, p.HTTP.URI
	}
	if p.Has&HTTPHost != 0 {
		slices["Host"] = p.HTTP.Host
	}
	if p.Has&DHCPHostname != 0 {
		slices["Hostname"] = p.DHCP.Hostname
	}
	for name, s := range slices {
		if !inside(s, p.Data) {
			t.Errorf("%s is not inside Data", name)
		}
	}
	if p.Has&DNSQuestion != 0 && (!inside(p.DNS.Name, p.name[:]) || !inside(p.DNS.Domain, p.DNS.Name)) {
		t.Error("the DNS name is not in its scratch space")
	}
	if p.Problem >= NumMalformed {
		t.Errorf("Problem = %d", p.Problem)
	}
}

func FuzzDecode(f *testing.F) {
	for _, data := range sampleFrames(f) {
		f.Add(uint8(0), uint16(0), data)
	}
	for _, file := range bundledFiles(f) {
		n := 0
		_ = readTrace(file, func(x traceFrame) {
			if n++; n > 3 || len(x.data) > 600 {
				return
			}
			for i, l := range fuzzLinks {
				if l == x.link {
					f.Add(uint8(i), uint16(x.wire-uint32(len(x.data))), append([]byte(nil), x.data...))
				}
			}
		})
	}
	p, fresh := new(Packet), new(Packet)
	f.Fuzz(func(t *testing.T, link uint8, snapped uint16, data []byte) {
		d := Decoder{App: AppLayers}
		l := fuzzLinks[int(link)%len(fuzzLinks)]
		wire := uint32(len(data)) + uint32(snapped)
		d.Decode(p, l, data, wire, 1)
		checkPacket(t, p)
		// What is left over from earlier packets must not matter.
		*fresh = Packet{}
		d.Decode(fresh, l, data, wire, 1)
		if p.Has != fresh.Has || p.Seen != fresh.Seen || p.Problem != fresh.Problem {
			t.Errorf("a reused packet has %v, %v, %v; a new one %v, %v, %v", p.Has, p.Seen, p.Problem, fresh.Has, fresh.Seen, fresh.Problem)
		}
		// The application layers change nothing below them.
		has := p.Has &^ AppLayers
		(&Decoder{}).Decode(p, l, data, wire, 1)
		if p.Has != has {
			t.Errorf("without application layers Has = %v, want %v", p.Has, has)
		}
	})
}

// TestInvariants holds checkPacket against every frame of the captures, each
// also cut off at every length up to 150 bytes.
func TestInvariants(t *testing.T) {
	d := Decoder{App: AppLayers}
	p := new(Packet)
	for _, file := range bundledFiles(t) {
		n := 0
		_ = readTrace(file, func(f traceFrame) {
			if n++; n > 40 {
				return
			}
			for cut := 0; cut <= min(len(f.data), 150); cut++ {
				// Only the capture is short: a sound packet is not malformed.
				d.Decode(p, f.link, f.data, f.wire, f.time)
				sound := !p.Problem.IsMalformed()
				d.Decode(p, f.link, f.data[:cut:cut], f.wire, f.time)
				checkPacket(t, p)
				if sound && p.Problem.IsMalformed() {
					t.Errorf("%s frame %d cut to %d bytes: problem %v, want none or snapped", file, n, cut, p.Problem)
				}
				// The packet itself is short.
				d.Decode(p, f.link, f.data[:cut:cut], uint32(cut), f.time)
				checkPacket(t, p)
			}
		})
	}
}
