package examples_test

import (
	"bytes"
	"fmt"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/gopacket"
	"github.com/google/gopacket/layers"
	"github.com/google/gopacket/pcapgo"

	"github.com/streamon/streamon/internal/capture"
	"github.com/streamon/streamon/runtime/packet"
)

// pair is two network namespaces that a veth pair joins and nothing else: no route, no
// forwarding, no ARP, no IPv6 but what is sent.
type pair struct {
	t        *testing.T
	from, to string // names of the namespaces; the interfaces are called out and in
}

func newPair(t *testing.T) *pair {
	t.Helper()
	if testing.Short() {
		t.Skip("network namespaces: not with -short")
	}
	for _, tool := range []string{"ip", "sysctl", "tcpreplay", "tcprewrite"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skipf("this test needs %s: %v", tool, err)
		}
	}
	p := &pair{t, fmt.Sprintf("streamon-a-%d", os.Getpid()), fmt.Sprintf("streamon-b-%d", os.Getpid())}
	if out, err := exec.Command("ip", "netns", "add", p.from).CombinedOutput(); err != nil {
		t.Skipf("no network namespaces here: %v: %s", err, out)
	}
	t.Cleanup(func() { exec.Command("ip", "netns", "del", p.from).Run() })
	p.do("ip", "netns", "add", p.to)
	t.Cleanup(func() { exec.Command("ip", "netns", "del", p.to).Run() })
	for _, ns := range []string{p.from, p.to} {
		p.in(ns, "sysctl", "-qw", "net.ipv6.conf.all.disable_ipv6=1", "net.ipv6.conf.default.disable_ipv6=1", "net.ipv4.ip_forward=0")
	}
	p.do("ip", "-n", p.from, "link", "add", "out", "type", "veth", "peer", "name", "in", "netns", p.to)
	p.up()
	return p
}

// up sets both ends up.
func (p *pair) up() {
	for ns, dev := range map[string]string{p.from: "out", p.to: "in"} {
		p.do("ip", "-n", ns, "link", "set", dev, "arp", "off", "multicast", "off", "mtu", "9000", "up")
		if routes := p.do("ip", "-n", ns, "route", "show", "table", "all"); len(bytes.TrimSpace(routes)) > 0 {
			p.t.Fatalf("namespace %s has a route: %s", ns, routes)
		}
	}
}

func (p *pair) do(name string, args ...string) []byte {
	p.t.Helper()
	out, err := exec.Command(name, args...).CombinedOutput()
	if err != nil {
		p.t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, out)
	}
	return out
}

// in runs a command in a namespace.
func (p *pair) in(ns, name string, args ...string) []byte {
	p.t.Helper()
	return p.do("ip", append([]string{"netns", "exec", ns, name}, args...)...)
}

var sentPackets = regexp.MustCompile(`Successful packets:\s+(\d+)\n\s+Failed packets:\s+(\d+)`)

// replay sends a capture, at most limit long, and returns how many packets were sent.
func (p *pair) replay(file string, limit time.Duration, args ...string) uint64 {
	p.t.Helper()
	args = append([]string{"tcpreplay", "-i", "out", "--duration", strconv.Itoa(int(limit.Seconds()))}, append(args, file)...)
	out := p.in(p.from, args[0], args[1:]...)
	m := sentPackets.FindSubmatch(out)
	if m == nil || string(m[2]) != "0" {
		p.t.Fatalf("tcpreplay: not everything was sent:\n%s", out)
	}
	n, _ := strconv.ParseUint(string(m[1]), 10, 64)
	return n
}

// Addresses of the test's own hosts: captures are rewritten to these.
var (
	testIP4 = netip.MustParsePrefix("10.77.0.0/16")
	testIP6 = netip.MustParsePrefix("fd77::/32")
)

// rewritten reads a capture whose addresses tcprewrite has made those of the test's hosts.
// Frames that have others all the same, or none, are left out; so is what comes later than
// last after the first packet.
func rewritten(t *testing.T, file string, last time.Duration) (list []capture.Frame) {
	t.Helper()
	out := filepath.Join(t.TempDir(), filepath.Base(file))
	command(t, "tcprewrite", "--pnat=0.0.0.0/0:"+testIP4.String()+",[::/0]:["+testIP6.String()+"]",
		"--enet-smac=02:00:00:00:77:01", "--enet-dmac=02:00:00:00:77:02", "-C", "-i", file, "-o", out)
	src, err := capture.Open(out)
	if err != nil {
		t.Fatal(err)
	}
	defer src.Close()
	var f capture.Frame
	var k packet.Packet
	var dec packet.Decoder
	for src.Next(&f) == nil {
		dec.Decode(&k, f.Link, f.Data, f.WireLen, f.Time)
		if !isOurs(k.Src) || !isOurs(k.Dst) || k.Has&packet.IPLayer == 0 || k.Seen&packet.Tunnel != 0 || int(f.WireLen) != len(f.Data) || len(f.Data) < 14 {
			continue
		}
		f.Data = slices.Clone(f.Data)
		if list = append(list, f); f.Time-list[0].Time > packet.Time(last) {
			return list[:len(list)-1]
		}
	}
	if len(list) == 0 {
		t.Fatalf("%s: nothing is left after tcprewrite", file)
	}
	return list
}

func isOurs(ip packet.IP) bool {
	a := netip.AddrFrom16(ip).Unmap()
	return testIP4.Contains(a) || testIP6.Contains(a)
}

// together mixes captures as if they began at the same time.
func together(lists ...[]capture.Frame) (all []capture.Frame) {
	begin := packet.Time(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC).UnixNano())
	for _, l := range lists {
		first := l[0].Time
		for _, f := range l {
			f.Time += begin - first
			all = append(all, f)
		}
	}
	slices.SortStableFunc(all, func(a, b capture.Frame) int { return int(a.Time - b.Time) })
	return all
}

// save writes a capture with its times divided by speed.
func save(t *testing.T, list []capture.Frame, speed int64) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), fmt.Sprintf("at-%dx.pcap", speed))
	out, err := os.Create(file)
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	w := pcapgo.NewWriterNanos(out)
	if err := w.WriteFileHeader(capture.MaxSnap, layers.LinkTypeEthernet); err != nil {
		t.Fatal(err)
	}
	for _, f := range list {
		at := time.Unix(0, int64(list[0].Time)+int64(f.Time-list[0].Time)/speed)
		if err := w.WritePacket(gopacket.CaptureInfo{Timestamp: at, CaptureLength: len(f.Data), Length: len(f.Data)}, f.Data); err != nil {
			t.Fatal(err)
		}
	}
	return file
}
