package testkit

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/streamon/streamon/codegen/ir"
	"github.com/streamon/streamon/runtime/packet"
)

func TestParsePackets(t *testing.T) {
	tests := []struct {
		line  string
		n     int
		check func(p *packet.Packet) bool // of the last
	}{
		{"at 1s tcp 10.0.0.1:1024 > 10.0.0.9:80 syn ack x3 every 10ms", 3, func(p *packet.Packet) bool {
			return p.Time == Epoch+1_020_000_000 && p.Has&packet.TCP != 0 && p.TCPFlags == packet.SYN|packet.ACK &&
				p.Src == packet.IPv4(10, 0, 0, 1) && p.Dst == packet.IPv4(10, 0, 0, 9) && p.SrcPort == 1024 && p.DstPort == 80
		}},
		{"at 0s udp 10.0.{0..1}.{1..5}:9 > [2001:db8::1]:53 len=100", 0, nil}, // two families
		{"at 0s udp 10.0.{0..1}.{1..5}:9 > 10.1.1.1:53 len=100", 10, func(p *packet.Packet) bool {
			return p.Has&packet.UDP != 0 && p.Src == packet.IPv4(10, 0, 1, 5) && p.PayloadLen == 100
		}},
		{"at 0s tcp [2001:db8::1]:1 > [2001:db8::2]:2", 1, func(p *packet.Packet) bool {
			return p.Has&packet.IP6 != 0 && p.TCPFlags == 0 && p.DstPort == 2
		}},
		{"at 0s dns 10.0.0.1:1024 > 10.0.0.53:53 query www.example.com", 1, func(p *packet.Packet) bool {
			return p.Has&packet.DNS != 0 && !p.DNS.Response && string(p.DNS.Name) == "www.example.com" && string(p.DNS.Domain) == "example.com"
		}},
		{"at 0s dns 10.0.0.53:53 > 10.0.0.1:1024 answer nowhere.example nxdomain", 1, func(p *packet.Packet) bool {
			return p.DNS.Response && p.DNS.Rcode == 3
		}},
		{"at 0s dns 10.0.0.53:53 > 10.0.0.1:1024 answer a.example 10.9.9.9", 1, func(p *packet.Packet) bool {
			return p.Has&packet.DNSAddress != 0 && p.DNS.Addr == packet.IPv4(10, 9, 9, 9)
		}},
		{"at 0s icmp 10.0.0.1 > 10.0.0.2 type=8", 1, func(p *packet.Packet) bool { return p.Has&packet.ICMP != 0 && p.ICMPType == 8 }},
		{"at 0s arp 02:00:00:00:00:07 10.0.0.1 > 10.0.0.2", 1, func(p *packet.Packet) bool {
			return p.Has&packet.ARP != 0 && p.ARPSrcIP == packet.IPv4(10, 0, 0, 1) && p.EthSrc[5] == 7
		}},
		{"at 0s eth type=0x88b5", 1, func(p *packet.Packet) bool { return p.Has == packet.Eth && p.EtherType == 0x88b5 }},
		{"at 0s tcp 10.0.0.1:1 > 10.0.0.2:2 shiny", 0, nil},
		{"at 0s tcp 10.0.0.1:1 10.0.0.2:2 syn", 0, nil},
		{"at noon eth type=1", 0, nil},
	}
	for _, tt := range tests {
		frames, err := ParsePackets(tt.line)
		if tt.check == nil {
			if err == nil {
				t.Errorf("ParsePackets(%q) = %d frames, want an error", tt.line, len(frames))
			}
			continue
		}
		if err != nil || len(frames) != tt.n {
			t.Errorf("ParsePackets(%q) = %d frames, %v, want %d", tt.line, len(frames), err, tt.n)
			continue
		}
		var p packet.Packet
		frames[len(frames)-1].Decode(&p)
		if !tt.check(&p) {
			t.Errorf("ParsePackets(%q): last packet is %+v", tt.line, p)
		}
	}
}

func TestRandomProgramsAreValid(t *testing.T) {
	for seed := range uint64(200) {
		p := RandomProgram(rand.New(rand.NewPCG(seed, 7)), nil)
		if err := ir.Verify(p); err != nil {
			t.Fatalf("seed %d: %v\n%v", seed, err, p)
		}
		if text := p.String(); strings.Contains(text, "?") || text != p.String() {
			t.Fatalf("seed %d: text form\n%v", seed, text)
		}
	}
}

func TestDiff(t *testing.T) {
	if d := Diff([]string{"a", "b"}, []string{"a", "b"}); d != "" {
		t.Errorf("Diff of the same = %q", d)
	}
	for _, got := range [][]string{{"a"}, {"a", "c"}, {"a", "b", "c"}} {
		if d := Diff(got, []string{"a", "b"}); d == "" {
			t.Errorf("Diff(%q, a b) = nothing", got)
		}
	}
}
