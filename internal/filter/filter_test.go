package filter

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/net/bpf"

	"github.com/streamon/streamon/internal/capture"
	"github.com/streamon/streamon/runtime/packet"
)

func mustParse(t testing.TB, text string) *Expr {
	t.Helper()
	e, err := Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// frames returns frames of the test captures, and damaged ones.
func frames(t testing.TB) (list [][]byte) {
	t.Helper()
	files, _ := filepath.Glob("../../testdata/pcap/*.pcap*")
	more, _ := filepath.Glob("../../../shared/traces/*/*.pcap")
	r := rand.New(rand.NewPCG(1, 1))
	for _, file := range append(files, more...) {
		src, err := capture.Open(file)
		if err != nil {
			continue
		}
		var f capture.Frame
		for n := 0; n < 400 && src.Next(&f) == nil; n++ {
			if f.Link != packet.LinkEthernet {
				break
			}
			b := bytes.Clone(f.Data)
			list = append(list, b)
			if n%4 == 0 {
				b = bytes.Clone(b[:r.IntN(len(b)+1)])
				for range r.IntN(4) {
					if len(b) > 0 {
						b[r.IntN(min(len(b), 60))] = byte(r.Uint32())
					}
				}
				list = append(list, b)
			}
		}
		src.Close()
	}
	return list
}

// expressions are those that mean the same to us and to tcpdump.
var expressions = []string{
	"tcp", "udp", "sctp", "icmp", "icmp6", "ip", "ip6", "arp", "rarp", "igmp", "not tcp", "! udp",
	"port 53", "tcp port 80", "udp dst port 53", "src port 80 or 443", "dst portrange 20-25", "tcp dst portrange 1-1023 and not port 80",
	"host 10.0.2.15", "src host 192.168.1.124", "dst 192.168.1.124", "net 10.0.0.0/8", "src net 192.168.0.0/16 and dst net 0.0.0.0/0",
	"src and dst net 10.0.0.0/8", "ip host 10.0.2.15", "arp host 10.0.2.20", "net 192.168.0.0/17 or net 172.16.0.0/12", "host 10.0.2.15 and port 53",
	"ip6 host fe80::c50d:519f:96a4:e108", "net fe80::/10", "src net 2001:db8::/33", "not host 10.0.2.15",
	"ip and tcp[13] & 2 != 0", "ip and tcp[tcpflags] & (tcp-syn|tcp-ack) == tcp-syn", "ip[8] < 64", "ip[2:2] > 576", "ether[0] & 1 != 0", "ip and udp[4:2] >= 100", "icmp[icmptype] = icmp-echo",
	"ip proto 6", "ip6 proto 58", "proto 17", "ether proto 0x86dd", "ether proto 0x88cc", "ether host 02:00:00:00:00:01", "ether broadcast", "ether multicast", "ip[8] >= 0",
	"less 100", "greater 1000", "len <= 60", "len != 60",
	"tcp and port 80 or udp and port 53", "tcp or udp and port 53", "(tcp or udp) and not (port 80 or port 443 or net 10.0.0.0/8)",
	"not (not tcp or not port 80)", "tcp and not (src port 20 or 21 or 22 or 23 or 24 or 25 or 26) and (dst port 80 or 443)",
}

// isComparable leaves out frames that we and tcpdump see differently: with tags, behind which
// tcpdump does not look; with fragment headers of IPv6, behind which we do not look; and
// those that end within the network header, which match nothing here.
func isComparable(b []byte) bool {
	if len(b) < 14 {
		return false
	}
	switch et := int(b[12])<<8 | int(b[13]); et {
	case etVLAN, etQinQ, 0x9100:
		return false
	case etIP4:
		return len(b) >= 14+20
	case etIP6:
		return len(b) >= 14+40 && b[20] != 44
	}
	return len(b) >= 18
}

// TestLikeTCPDump compares our code with that of tcpdump, packet by packet.
func TestLikeTCPDump(t *testing.T) {
	if _, err := exec.LookPath("tcpdump"); err != nil {
		t.Skipf("this test compares with tcpdump: %v", err)
	}
	list := frames(t)
	for _, text := range expressions {
		theirs := tcpdump(t, text)
		raw, err := Compile(Rule{Operator: mustParse(t, text)}, Target{Link: packet.LinkEthernet, Snap: 65535})
		if err != nil {
			t.Fatal(err)
		}
		ours := machine(t, raw)
		hits, n := 0, 0
		for _, b := range list {
			if !isComparable(b) {
				continue
			}
			x, _ := theirs.Run(b)
			y, _ := ours.Run(b)
			n++
			if x > 0 {
				hits++
			}
			if (x > 0) != (y > 0) {
				t.Errorf("%s: ours %v, tcpdump %v for % x", text, y > 0, x > 0, b[:min(len(b), 64)])
				break
			}
		}
		t.Logf("%-50s %d instructions, %d of %d packets", text, len(raw), hits, n)
	}
}

// tcpdump returns tcpdump's code for an expression.
func tcpdump(t *testing.T, text string) *bpf.VM {
	t.Helper()
	out, err := exec.Command("tcpdump", "-y", "EN10MB", "-ddd", text).Output()
	if err != nil {
		t.Fatalf("tcpdump -ddd %q: %v", text, err)
	}
	var raw []bpf.RawInstruction
	in := bufio.NewReader(bytes.NewReader(out))
	var n int
	fmt.Fscan(in, &n)
	for range n {
		var r bpf.RawInstruction
		if _, err := fmt.Fscan(in, &r.Op, &r.Jt, &r.Jf, &r.K); err != nil && err != io.EOF {
			t.Fatal(err)
		}
		raw = append(raw, r)
	}
	return machine(t, raw)
}

func machine(t testing.TB, raw []bpf.RawInstruction) *bpf.VM {
	t.Helper()
	code, ok := bpf.Disassemble(raw)
	if !ok {
		t.Fatalf("code that cannot be read: %v", raw)
	}
	vm, err := bpf.NewVM(code)
	if err != nil {
		t.Fatal(err)
	}
	return vm
}

func TestParseErrors(t *testing.T) {
	for _, tt := range []struct{ text, want string }{
		{"tcp prot 80", `at character 5: expected and, or or the end, found "prot"`},
		{"tcp port http", "names are not looked up"},
		{"host example.org", "names are not looked up"},
		{"net 10.0.0.1/8", "did you mean 10.0.0.0/8?"},
		{"(tcp", "expected )"},
		{"tcp[13", "a [ without ]"},
		{"tcp[13] & 2", "expected a number"},
		{"tcp[13:3] = 1", "expected an offset"},
		{"vlan 5000", "expected 0 to 4095"},
		{"port 70000", "expected numbers from 0 to 65535"},
		{"icmp port 5", "icmp has no ports"},
		{"tcp host 10.0.0.1", "tcp and host"},
		{"tcp and", "found the end"},
		{"src", "found the end"},
		{"tcp ; rm", "unexpected"},
		{strings.Repeat("(", 500), "nested too deeply"},
	} {
		if _, err := Parse(tt.text); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("Parse(%q) = %v, want an error with %q", tt.text, err, tt.want)
		}
	}
}

// TestFarJumps has conditions that jump over more than 255 instructions.
func TestFarJumps(t *testing.T) {
	var parts []string
	for port := 1; port < 400; port += 2 {
		parts = append(parts, fmt.Sprintf("udp dst port %d", port))
	}
	raw, err := Compile(Rule{Operator: mustParse(t, strings.Join(parts, " or "))}, Target{Link: packet.LinkEthernet, Snap: 1})
	if err != nil {
		t.Fatal(err)
	}
	vm := machine(t, raw)
	frame := make([]byte, 60)
	copy(frame[12:], []byte{8, 0, 0x45})
	frame[23] = protoUDP
	for port := range 410 {
		frame[36], frame[37] = byte(port>>8), byte(port)
		n, _ := vm.Run(frame)
		if got, want := n > 0, port < 400 && port%2 == 1; got != want {
			t.Fatalf("port %d: %v, want %v", port, got, want)
		}
	}
}

// TestTags sees that conditions are about what is behind one VLAN tag.
func TestTags(t *testing.T) {
	frame := make([]byte, 64)
	copy(frame[12:], []byte{0x81, 0, 0x60, 7, 8, 0, 0x45})
	frame[27] = protoUDP
	frame[41] = 53
	for text, want := range map[string]bool{
		"vlan": true, "vlan 7": true, "vlan 8": false, "udp": true, "udp dst port 53": true, "tcp": false, "vlan 7 and port 53": true, "not vlan": false,
	} {
		if got := NewMatcher(mustParse(t, text)).Match(packet.LinkEthernet, frame); got != want {
			t.Errorf("%q = %v, want %v", text, got, want)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, e := range expressions {
		f.Add(e, []byte("\x00\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x08\x00\x45"))
	}
	f.Fuzz(func(t *testing.T, text string, frame []byte) {
		e, err := Parse(text)
		if err != nil {
			return
		}
		for _, kernel := range []bool{false, true} {
			raw, err := Compile(Rule{Operator: e, Wanted: []*Expr{e}}, Target{Link: packet.LinkEthernet, Snap: 100, Kernel: kernel})
			if err != nil {
				return
			}
			if !kernel {
				machine(t, raw).Run(frame)
			}
		}
	})
}
