package packet

import (
	"sort"
	"testing"
)

// truthCounts maps a figure of the truth files to the frames that it counts.
// TCP and UDP leave out frames with ICMP, since tshark also dissects the packet
// quoted in an ICMP error.
var truthCounts = map[string]func(seen Layers) bool{
	"frames_ip":             func(s Layers) bool { return s&IP4 != 0 },
	"frames_ipv6":           func(s Layers) bool { return s&IP6 != 0 },
	"frames_arp":            func(s Layers) bool { return s&ARP != 0 },
	"frames_tcp":            func(s Layers) bool { return s&TCP != 0 && s&(ICMP|ICMP6) == 0 },
	"frames_udp":            func(s Layers) bool { return s&UDP != 0 && s&(ICMP|ICMP6) == 0 },
	"frames_icmp":           func(s Layers) bool { return s&ICMP != 0 },
	"frames_icmpv6":         func(s Layers) bool { return s&ICMP6 != 0 },
	"frames_ip_fragments":   func(s Layers) bool { return s&Fragment4 != 0 },
	"frames_ipv6_fragments": func(s Layers) bool { return s&Fragment6 != 0 },
}

// TestTruthFields compares counts that need the fields with tshark.
func TestTruthFields(t *testing.T) {
	counts := map[string]func(p *Packet) bool{
		"syn_total":     func(p *Packet) bool { return p.Has&TCP != 0 && p.TCPFlags&(SYN|ACK) == SYN },
		"synack_total":  func(p *Packet) bool { return p.Has&TCP != 0 && p.TCPFlags&(SYN|ACK) == SYN|ACK },
		"dns_queries":   func(p *Packet) bool { return p.Has&(DNS|UDP) == DNS|UDP && !p.DNS.Response && p.DstPort == 53 },
		"dns_responses": func(p *Packet) bool { return p.Has&(DNS|UDP) == DNS|UDP && p.DNS.Response && p.SrcPort == 53 },
		"dns_nxdomain": func(p *Packet) bool {
			return p.Has&(DNS|UDP) == DNS|UDP && p.DNS.Response && p.SrcPort == 53 && p.DNS.Rcode == 3
		},
	}
	d := Decoder{App: DNS}
	p := new(Packet)
	compared := 0
	for _, file := range traceFiles(t) {
		figures, err := truthFigures(file)
		if err != nil {
			continue
		}
		got := map[string]int{}
		// Damaged files: TestTruth compares what can be read of them.
		_ = readTrace(file, func(f traceFrame) {
			d.Decode(p, f.link, f.data, f.wire, f.time)
			for name, is := range counts {
				if is(p) {
					got[name]++
				}
			}
		})
		for name := range counts {
			want, ok := figures[name]
			if !ok {
				continue
			}
			if traceName(file)+" "+name == "mix/dns-mix.pcap dns_queries" {
				want-- // tshark takes the flags of a DNS header of which only 4 bytes were sent (frame 2490)
			}
			if compared++; got[name] != want {
				t.Errorf("%s %s = %d, want %d", traceName(file), name, got[name], want)
			}
		}
	}
	t.Logf("%d figures compared", compared)
}

// truthExceptions are the figures in which tshark and the decoder differ, with
// the number that the decoder gives and the reason.
var truthExceptions = map[string]struct {
	got    int
	reason string
}{
	"bad/ndpi-fuzz-2020.pcap frames_ip":                       {338, version6},
	"bad/td-bad-ipv4-version-pgm-heapoverflow.pcap frames_ip": {0, version6},
	"bad/suri-badlen-fuzz.pcap frames_ip":                     {1, badRecords},
	"bad/suri-badlen-fuzz.pcap frames_tcp":                    {1, badRecords},
	"bad/suri-frag16.pcap frames_ipv6_fragments":              {47, quoted},
	"bad/suri-frag33.pcap frames_ipv6_fragments":              {48, quoted},
	"link/ip-frag-goprobe.pcap frames_ipv6_fragments":         {9, quoted},
	"link/vxlan-port8472.pcap frames_arp":                     {2, port8472},
	"link/vxlan-port8472.pcap frames_udp":                     {2, port8472},
	"link/vxlan-port8472.pcap frames_icmp":                    {8, port8472},
}

// Reasons why tshark and the decoder differ.
const (
	version6   = "EtherType of IPv4, version nibble 6: tshark hands it to its IPv6 dissector, which adds ip fields to a damaged header; we call it IPv6 only"
	badRecords = "tshark takes the damaged file for a variant with longer record headers and so reads its first frame 8 bytes late"
	quoted     = "the fragment header is in the packet that an ICMPv6 error quotes, which is not looked into"
	port8472   = "tshark knows VXLAN on port 4789 only; we also look into Linux's old port 8472, so that the inner ping hides the UDP (see truthCounts)"
)

// TestTruth compares the layers seen in each shared capture with tshark.
func TestTruth(t *testing.T) {
	var compared, agreed, excepted, unread int
	used := map[string]bool{}
	for _, file := range traceFiles(t) {
		name := traceName(file)
		figures, err := truthFigures(file)
		if err != nil {
			t.Logf("%s: no truth file", name)
			unread++
			continue
		}
		got := map[string]int{}
		frames := 0
		var d Decoder
		p := new(Packet)
		err = readTrace(file, func(f traceFrame) {
			frames++
			d.Decode(p, f.link, f.data, f.wire, f.time)
			for figure, counts := range truthCounts {
				if counts(p.Seen) {
					got[figure]++
				}
			}
		})
		if want, ok := figures["packets"]; frames == 0 && want > 0 || ok && frames != want {
			t.Logf("%s: read %d of %d frames (%v): not compared", name, frames, want, err)
			unread++
			continue
		}
		for figure := range truthCounts {
			want, ok := figures[figure]
			if !ok {
				continue
			}
			compared++
			key := name + " " + figure
			e, known := truthExceptions[key]
			switch {
			case got[figure] == want && !known:
				agreed++
			case known && got[figure] == e.got && e.got != want:
				excepted++
				used[key] = true
			default:
				t.Errorf("%s = %d, want %d", key, got[figure], want)
			}
		}
	}
	var stale []string
	for key := range truthExceptions {
		if !used[key] {
			stale = append(stale, key)
		}
	}
	sort.Strings(stale)
	for _, key := range stale {
		t.Errorf("exception %q is not needed", key)
	}
	t.Logf("tshark: %d of %d figures agree, %d documented exceptions, %d files not compared", agreed, compared, excepted, unread)
}
