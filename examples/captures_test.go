package examples_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"testing"
)

// layerOf maps the figures of the truth files to layers of the summary.
var layerOf = map[string]string{
	"frames_ip":             "ip",
	"frames_ipv6":           "ipv6",
	"frames_arp":            "arp",
	"frames_tcp":            "tcp",
	"frames_udp":            "udp",
	"frames_icmp":           "icmp",
	"frames_icmpv6":         "icmpv6",
	"frames_ip_fragments":   "ip_fragment",
	"frames_ipv6_fragments": "ipv6_fragment",
}

// layerDifferences are frames that the probe counts more, or fewer, than tshark.
// The reasons are with TestTruth of runtime/packet, but for the first: a summary
// counts all UDP, the truth leaves out frames with ICMP, which these carry in a
// tunnel over UDP.
var layerDifferences = map[string]int{
	"link/geneve.pcap frames_udp": 6,
	"link/teredo.pcap frames_udp": 3,

	"link/vxlan-port8472.pcap frames_arp":                     2,
	"link/vxlan-port8472.pcap frames_icmp":                    8,
	"link/ip-frag-goprobe.pcap frames_ipv6_fragments":         -1,
	"bad/ndpi-fuzz-2020.pcap frames_ip":                       -1,
	"bad/td-bad-ipv4-version-pgm-heapoverflow.pcap frames_ip": -1,
	"bad/suri-badlen-fuzz.pcap frames_ip":                     1,
	"bad/suri-badlen-fuzz.pcap frames_tcp":                    1,
	"bad/suri-frag16.pcap frames_ipv6_fragments":              -1,
	"bad/suri-frag33.pcap frames_ipv6_fragments":              -2,
}

// unreadable are the captures that the probe refuses, with what it must say.
var unreadable = map[string]string{
	"bad/lp-invalid-version-1.pcap":     "found pcap version 1.4, expected 2.4",
	"bad/lp-ng-invalid-vers-1.pcapng":   "a section of unknown version 0.1",
	"bad/lp-ng-invalid-vers-2.pcapng":   "a section of unknown version 1.1",
	"bad/lp-shb-option-too-long.pcapng": "a block whose two lengths differ: 52 and 808464432",
}

// captureTally is what TestCaptures counts. Several captures are read at once.
type captureTally struct {
	sync.Mutex
	counts map[string]int
	used   map[string]bool // known differences and unreadable captures that were met
}

func (c *captureTally) count(what string) {
	c.Lock()
	defer c.Unlock()
	c.counts[what]++
}

func (c *captureTally) use(key string) {
	c.Lock()
	defer c.Unlock()
	c.used[key] = true
}

// TestCaptures reads every shared capture with all examples loaded: the probe
// ends well, or says what it cannot read, and counts the layers that tshark does.
func TestCaptures(t *testing.T) {
	files := shared(t, "mix", "detect", "link", "bad")
	c := &captureTally{counts: map[string]int{}, used: map[string]bool{}}
	t.Run("read", func(t *testing.T) {
		for _, tr := range files {
			t.Run(tr.name, func(t *testing.T) {
				t.Parallel()
				c.read(t, tr)
			})
		}
	})
	for key := range layerDifferences {
		if !c.used[key] {
			t.Errorf("known difference %q is not there", key)
		}
	}
	for name := range unreadable {
		if !c.used[name] {
			t.Errorf("%s can be read", name)
		}
	}
	var report []string
	for _, k := range sortedKeys(c.counts) {
		report = append(report, fmt.Sprintf("%-26s %5d", k, c.counts[k]))
	}
	t.Logf("captures with all examples loaded\n%s", strings.Join(report, "\n"))
}

// read feeds one capture to the probe.
func (c *captureTally) read(t *testing.T, tr truth) {
	r := readOnce(t, tr.capture, 1)
	stderr := string(r.errors)
	c.count("captures")
	c.count(fmt.Sprintf("exit %d", r.code))
	if strings.Contains(stderr, "panic") || strings.Contains(stderr, "goroutine") {
		t.Errorf("%s: %s", tr.name, stderr)
		return
	}
	if r.code != 0 {
		want, ok := unreadable[tr.name]
		if c.use(tr.name); r.code != 1 || !ok || !strings.Contains(stderr, want) {
			t.Errorf("%s: exit %d, want 0, or 1 with %q\n%s", tr.name, r.code, want, firstLine(stderr))
		}
		return
	}
	s := summaryOf(t, r.summary)
	for _, p := range s.Programs {
		if p.Status != "running" {
			t.Errorf("%s: %s is %s: %s", tr.name, p.Name, p.Status, p.Error)
		}
	}
	if len(s.Programs) != len(names) {
		t.Errorf("%s: %d programs in the summary, want %d", tr.name, len(s.Programs), len(names))
	}
	if len(s.Damaged) > 0 {
		c.count("damaged, read up to there")
	}
	if n, ok := tr.packets(); ok && uint64(n) != s.Packets.Read {
		t.Errorf("%s: read %d packets, want %d", tr.name, s.Packets.Read, n)
	}
	if tr.Figures == nil {
		c.count("without a truth file")
	}
	c.compareLayers(t, tr, s)
}

// compareLayers holds the layers of the summary against the truth.
func (c *captureTally) compareLayers(t *testing.T, tr truth, s summary) {
	for figure, layer := range layerOf {
		want, ok := tr.Figures[figure].number()
		if !ok {
			continue
		}
		key := tr.name + " " + figure
		more, isKnown := layerDifferences[key]
		c.count("figures compared")
		switch got := int(s.Layers[layer]); {
		case got == want && !isKnown:
			c.count("figures that agree")
		case isKnown && got == want+more:
			c.count("known differences")
			c.use(key)
		default:
			t.Errorf("%s = %d, want %d", key, got, want)
		}
	}
}

func firstLine(s string) string {
	first, _, _ := strings.Cut(s, "\n")
	return first
}

// packets returns how many packets capinfos counts in a capture, if it could.
func (tr truth) packets() (int, bool) {
	var info struct {
		N *int `json:"Number of packets"`
	}
	v := tr.Figures["capinfos"].Value
	if v == nil || json.Unmarshal(v, &info) != nil || info.N == nil {
		return 0, false
	}
	return *info.N, true
}
