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

// truthExceptions are the figures in which tshark and the decoder differ, with
// the number that the decoder gives and the reason.
var truthExceptions = map[string]struct {
	got    int
	reason string
}{}

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
