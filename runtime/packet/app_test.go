package packet

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/gopacket"
	"github.com/google/gopacket/layers"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// udpFrame and tcpFrame carry body between two ports over raw IPv4.
func udpFrame(t testing.TB, src, dst uint16, body []byte) []byte {
	return craft(t, cIP4(layers.IPProtocolUDP, 1), cUDP(src, dst), gopacket.Payload(body))
}

func tcpFrame(t testing.TB, src, dst uint16, body []byte) []byte {
	return craft(t, cIP4(layers.IPProtocolTCP, 1), cTCP(src, dst), gopacket.Payload(body))
}

func TestDNS(t *testing.T) {
	const query = "1234 0100 0001 0000 0000 0000 "
	const answer = "1234 8183 0001 0001 0000 0000 "
	const q = "03577757 07657861 6d706c65 03636f6d 00 0001 0001 " // WWW.example.com A IN
	const name = "www.example.com"
	long := strings.Repeat("3f"+strings.Repeat("61", 63), 3)
	for _, tt := range []struct {
		label   string
		hex     string
		snapped int
		has     Layers
		name    string
		addr    string
		problem Malformed
	}{
		{"query", query + q, 0, DNS | DNSQuestion, name, "", None},
		{"header only snapped", query, 21, DNS, "", "", Snapped},
		{"name snapped", query + q[:11], 16, DNS, "", "", Snapped},
		{"name short", query + q[:11], 0, DNS, "", "", TruncatedDNS},
		{"header short", query[:12], 0, 0, "", "", TruncatedDNS},
		{"no question", "1234 8183 0000 0000 0000 0000", 0, DNS, "", "", None},
		{"root", query + "00 0002 0001", 0, DNS | DNSQuestion, "", "", None},
		{"a", answer + q + "c00c 0001 0001 00000000 0004 c0000209", 0, DNS | DNSQuestion | DNSAddress, name, "192.0.2.9", None},
		{"aaaa", answer + q + "c00c 001c 8001 00000000 0010 20010db8000000000000000000000009", 0, DNS | DNSQuestion | DNSAddress, name, "2001:db8::9", None},
		{"cname first", strings.Replace(answer, "0001 0001", "0001 0002", 1) + q + "c00c 0005 0001 00000000 0002 c010 c010 0001 0001 00000000 0004 c0000209", 0,
			DNS | DNSQuestion | DNSAddress, name, "192.0.2.9", None},
		{"record short", answer + q + "c00c 0001 0001 00000000 0004 c000", 0, DNS | DNSQuestion, name, "", TruncatedDNS},
		{"record snapped", answer + q + "c00c 0001 0001 00000000 0004 c000", 2, DNS | DNSQuestion, name, "", Snapped},
		{"wrong rdata length", answer + q + "c00c 0001 0001 00000000 0003 c00002", 0, DNS | DNSQuestion, name, "", None},
		{"loop", query + "c00c 0001 0001", 0, DNS, "", "", DNSLoop},
		{"pointer out", query + "ffff 0001 0001", 0, DNS, "", "", BadDNSName},
		{"bad label", query + "80 0001 0001", 0, DNS, "", "", BadDNSName},
		{"longest", query + long + "3d" + strings.Repeat("61", 61) + "00 0001 0001", 0, DNS | DNSQuestion,
			strings.Repeat(strings.Repeat("a", 63)+".", 3) + strings.Repeat("a", 61), "", None},
		{"too long", query + long + "3e" + strings.Repeat("61", 62) + "00 0001 0001", 0, DNS, "", "", DNSLoop},
	} {
		body := unhex(t, tt.hex)
		data := udpFrame(t, 40000, 53, append(body, make([]byte, tt.snapped)...))
		p := decode(LinkRaw, data[:len(data)-tt.snapped], len(data))
		if got := p.Has & AppLayers; got != tt.has || p.Problem != tt.problem {
			t.Errorf("%s: Has = %v, problem %v, want %v, %v", tt.label, got, p.Problem, tt.has, tt.problem)
			continue
		}
		if p.Has&DNSQuestion != 0 && string(p.DNS.Name) != tt.name {
			t.Errorf("%s: name %q, want %q", tt.label, p.DNS.Name, tt.name)
		}
		if p.Has&DNSAddress != 0 && (p.DNS.Addr.String() != tt.addr || p.DNS.AddrIs6 == p.DNS.Addr.Is4()) {
			t.Errorf("%s: address %v (AddrIs6 %v), want %s", tt.label, p.DNS.Addr, p.DNS.AddrIs6, tt.addr)
		}
		if p.Has&DNS != 0 && (p.DNS.ID != 0x1234 || p.DNS.Response != (p.DNS.Rcode == 3)) {
			t.Errorf("%s: header %+v", tt.label, p.DNS)
		}
	}
	for _, port := range []uint16{4789, 8472, 2152, 1701} {
		// A tunnel's port as the client's ephemeral one.
		data := udpFrame(t, 53, port, unhex(t, strings.Replace(answer, "1234", "0834", 1)+q+"c00c 0001 0001 00000000 0004 c0000209"))
		if p := decode(LinkRaw, data, len(data)); p.Has&(DNSAddress|VXLAN|Tunnel) != DNSAddress || p.Problem != None {
			t.Errorf("answer to port %d: Has = %v, problem %v", port, p.Has, p.Problem)
		}
	}
	body := unhex(t, "0021"+query+q+"0000")
	data := tcpFrame(t, 40000, 53, body)
	if p := decode(LinkRaw, data, len(data)); string(p.DNS.Domain) != "example.com" || p.Has&DNSQuestion == 0 {
		t.Errorf("over TCP: Has = %v, domain %q", p.Has, p.DNS.Domain)
	}
}

// TestDNSOnDemand checks that nothing is decoded that is not wanted.
func TestDNSOnDemand(t *testing.T) {
	data := sampleFrames(t)["dns"]
	p := new(Packet)
	for _, tt := range []struct{ app, has Layers }{
		{0, 0}, {TLS, 0}, {DNS, DNS}, {DNSQuestion, DNS | DNSQuestion}, {DNSAddress, DNS | DNSQuestion | DNSAddress},
	} {
		(&Decoder{App: tt.app}).Decode(p, LinkEthernet, data, uint32(len(data)), 1)
		if got := p.Has & AppLayers; got != tt.has {
			t.Errorf("App %v: Has = %v, want %v", tt.app, got, tt.has)
		}
	}
}

// hello builds a client (1) or server (2) hello with the given extensions.
func hello(typ byte, ext []byte) []byte {
	body := append([]byte{3, 3}, make([]byte, 32)...)
	body = append(body, 0)
	if typ == 1 {
		body = append(body, 0, 2, 0x13, 1, 1, 0)
	} else {
		body = append(body, 0x13, 1, 0)
	}
	body = append(body, byte(len(ext)>>8), byte(len(ext)))
	body = append(body, ext...)
	n := len(body)
	return append([]byte{22, 3, 1, byte((n + 4) >> 8), byte(n + 4), typ, 0, byte(n >> 8), byte(n)}, body...)
}

func TestTLS(t *testing.T) {
	sni := append([]byte{0, 0, 0, 16, 0, 14, 0, 0, 11}, "example.com"...)
	versions := []byte{0, 43, 0, 7, 6, 0x7a, 0x7a, 3, 4, 3, 3}
	client := hello(1, append(append([]byte(nil), sni...), versions...))
	bad := hello(1, append([]byte{0, 43, 0, 99}, 1, 2))
	for _, tt := range []struct {
		label   string
		body    []byte
		has     Layers
		typ     uint8
		version uint16
		problem Malformed
	}{
		{"client", client, TLS | TLSSNI, 1, 0x304, None},
		{"client split before versions", client[:len(client)-11], TLS | TLSSNI, 1, 0x303, None},
		{"client split in name", client[:60], TLS, 1, 0x303, None},
		{"server", hello(2, []byte{0, 43, 0, 2, 3, 4}), TLS, 2, 0x304, None},
		{"server 1.2", hello(2, nil), TLS, 2, 0x303, None},
		{"bad extension", bad, TLS, 1, 0x303, BadTLS},
		{"data", []byte{23, 3, 3, 0, 5, 1, 2, 3, 4, 5}, TLS, 0, 0x303, None},
		{"encrypted finished", []byte{22, 3, 3, 0, 5, 0xd1, 2, 3, 4, 5}, TLS, 0, 0x303, None},
		{"not tls", []byte{22, 7, 3, 0, 5, 1, 2, 3, 4, 5}, 0, 0, 0, None},
		{"short", []byte{22, 3, 3, 0}, 0, 0, 0, None},
	} {
		data := tcpFrame(t, 40000, 8443, tt.body)
		p := decode(LinkRaw, data, len(data))
		if got := p.Has & AppLayers; got != tt.has || p.Problem != tt.problem {
			t.Errorf("%s: Has = %v, problem %v, want %v, %v", tt.label, got, p.Problem, tt.has, tt.problem)
			continue
		}
		if p.Has&TLS != 0 && (p.TLS.HandshakeType != tt.typ || p.TLS.Version != tt.version) {
			t.Errorf("%s: handshake %d, version %#x, want %d, %#x", tt.label, p.TLS.HandshakeType, p.TLS.Version, tt.typ, tt.version)
		}
		if p.Has&TLSSNI != 0 && string(p.TLS.SNI) != "example.com" {
			t.Errorf("%s: SNI %q", tt.label, p.TLS.SNI)
		}
	}
}

func TestHTTP(t *testing.T) {
	for _, tt := range []struct {
		body              string
		has               Layers
		method, uri, host string
		status            uint16
	}{
		{"GET /a?b HTTP/1.1\r\nAccept: x\r\nhOsT:  example.com \r\n\r\n", HTTPRequest | HTTPHost, "GET", "/a?b", "example.com", 0},
		{"POST /x HTTP/1.0\n\nHost: no", HTTPRequest, "POST", "/x", "", 0},
		{"GET /cut", HTTPRequest, "GET", "/cut", "", 0},
		{"GET / HTTP/1.1\r\nHost: exam", HTTPRequest, "GET", "/", "", 0},
		{"HTTP/1.1 404 Not Found\r\n", HTTPResponse, "", "", "", 404},
		{"HTTP/1.1 4x4 Not Found\r\n", 0, "", "", "", 0},
		{"HTTP/1.1 40", 0, "", "", "", 0},
		{"GETX / HTTP/1.1\r\n", 0, "", "", "", 0},
		{"GET / SPDY/1\r\n", 0, "", "", "", 0},
		{"GET", 0, "", "", "", 0},
	} {
		data := tcpFrame(t, 40000, 12345, []byte(tt.body))
		p := decode(LinkRaw, data, len(data))
		if got := p.Has & AppLayers; got != tt.has {
			t.Errorf("%q: Has = %v, want %v", tt.body, got, tt.has)
			continue
		}
		h := p.HTTP
		if string(h.Method) != tt.method || string(h.URI) != tt.uri || string(h.Host) != tt.host || h.Status != tt.status {
			t.Errorf("%q: %q %q %q %d, want %q %q %q %d", tt.body, h.Method, h.URI, h.Host, h.Status, tt.method, tt.uri, tt.host, tt.status)
		}
	}
}

func TestSmallProtocols(t *testing.T) {
	for _, tt := range []struct {
		hex string
		has Layers
	}{
		{"0001 0000 0006 11 83 02 0000", Modbus},
		{"0001 0001 0006 11 03 00000001", 0},
		{"0001 0000 0001 11 03 00000001", 0},
		{"0001 0000", 0},
	} {
		data := tcpFrame(t, 502, 40000, unhex(t, tt.hex))
		p := decode(LinkRaw, data, len(data))
		if p.Has&AppLayers != tt.has {
			t.Errorf("modbus %s: Has = %v, want %v", tt.hex, p.Has, tt.has)
		}
		if p.Has&Modbus != 0 && p.Modbus != (ModbusInfo{1, 0x11, 3, true}) {
			t.Errorf("modbus %s: %+v", tt.hex, p.Modbus)
		}
	}
	data := udpFrame(t, 40000, 123, append([]byte{0x24, 2}, make([]byte, 46)...))
	if p := decode(LinkRaw, data, len(data)); p.Has&NTP == 0 || p.NTP != (NTPInfo{4, 4, 2}) {
		t.Errorf("NTP: Has %v, %+v", p.Has, p.NTP)
	}
	data = udpFrame(t, 40000, 123, []byte{0x24})
	if p := decode(LinkRaw, data, len(data)); p.Has&NTP != 0 || p.Problem != TruncatedNTP {
		t.Errorf("short NTP: Has %v, problem %v", p.Has, p.Problem)
	}
	fixed := make([]byte, 236)
	copy(fixed, []byte{1, 1, 6, 0})
	copy(fixed[28:], []byte{2, 0, 0, 0, 0, 9})
	opts := append([]byte{0x63, 0x82, 0x53, 0x63, 53, 1, 3, 12, 2}, "pc\xff"...)
	data = udpFrame(t, 68, 67, append(append([]byte(nil), fixed...), opts...))
	p := decode(LinkRaw, data, len(data))
	if p.Has&DHCPHostname == 0 || p.DHCP.Type != 3 || string(p.DHCP.Hostname) != "pc" || p.DHCP.Client != (MAC{2, 5: 9}) {
		t.Errorf("DHCP: Has %v, %+v, problem %v", p.Has, p.DHCP, p.Problem)
	}
	p = decode(LinkRaw, data[:len(data)-6], len(data))
	if p.Has&DHCP != 0 || p.Problem != Snapped {
		t.Errorf("DHCP without its type: Has %v, problem %v", p.Has, p.Problem)
	}
}

// TestGolden pins what is found in the bundled captures, one line a frame.
func TestGolden(t *testing.T) {
	golden := filepath.Join("testdata", "frames.golden")
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	d := Decoder{App: AppLayers}
	p := new(Packet)
	for _, file := range bundledFiles(t) {
		// Others may add captures: only those of the golden file count.
		if !bytes.Contains(want, []byte("== "+filepath.Base(file)+"\n")) {
			continue
		}
		fmt.Fprintf(&out, "== %s\n", filepath.Base(file))
		n := 0
		_ = readTrace(file, func(f traceFrame) {
			if n++; n > 30 {
				return
			}
			d.Decode(p, f.link, f.data, f.wire, f.time)
			fmt.Fprintf(&out, "%d %v seen %v", n, p.Has, p.Seen&^p.Has)
			if p.Has&IPLayer != 0 {
				fmt.Fprintf(&out, " %v > %v proto %d", p.Src, p.Dst, p.Proto)
			}
			if p.Has&(TCP|UDP|SCTP) != 0 {
				fmt.Fprintf(&out, " %d > %d payload %d", p.SrcPort, p.DstPort, p.PayloadLen)
			}
			if p.Has&Tunnel != 0 {
				fmt.Fprintf(&out, " in %v > %v", p.OuterSrc, p.OuterDst)
			}
			if p.Has&DNSQuestion != 0 {
				fmt.Fprintf(&out, " dns %q", p.DNS.Name)
			}
			if p.Has&HTTPRequest != 0 {
				fmt.Fprintf(&out, " http %q", p.HTTP.URI)
			}
			if p.Problem != None {
				fmt.Fprintf(&out, " problem %v", p.Problem)
			}
			out.WriteByte('\n')
		})
	}
	if *update {
		if err := os.WriteFile(golden, out.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	got, exp := strings.Split(out.String(), "\n"), strings.Split(string(want), "\n")
	for i := range max(len(got), len(exp)) {
		g, w := "", ""
		if i < len(got) {
			g = got[i]
		}
		if i < len(exp) {
			w = exp[i]
		}
		if g != w {
			t.Fatalf("line %d:\n got %s\nwant %s", i+1, g, w)
		}
	}
}
