package examples_test

import (
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// newBridge is a pair whose two sides are joined by a third namespace, that has the interfaces
// a and b and no address: what passes between the two passes through a probe there, or does
// not. It forwards nothing itself.
func newBridge(t *testing.T) (p *pair, between string) {
	p = newPair(t)
	between = fmt.Sprintf("streamon-c-%d", os.Getpid())
	p.do("ip", "netns", "add", between)
	t.Cleanup(func() { exec.Command("ip", "netns", "del", between).Run() })
	p.in(between, "sysctl", "-qw", "net.ipv6.conf.all.disable_ipv6=1", "net.ipv6.conf.default.disable_ipv6=1", "net.ipv4.ip_forward=0")
	p.do("ip", "-n", p.from, "link", "del", "out")
	for ns, dev := range map[string][2]string{p.from: {"out", "a"}, p.to: {"in", "b"}} {
		p.do("ip", "-n", ns, "link", "add", "name", dev[0], "type", "veth", "peer", "name", dev[1], "netns", between)
		p.do("ip", "-n", between, "link", "set", "dev", dev[1], "up")
		p.do("ip", "-n", ns, "link", "set", "dev", dev[0], "up")
	}
	p.addresses(p.to, "in", serverIP, server6)
	p.addresses(p.from, "out", earlyIP, early6)
	p.addresses(p.from, "out", lateIP)
	return p, between
}

// startInline starts a probe between the sides. That nobody answered before is forgotten: the
// kernel gives up what waits for an address that it asked for three times.
func (p *pair) startInline(between string, programs []string, flags ...string) *liveProbe {
	q := *p
	q.to = between
	l := q.startProbe(programs, append([]string{"--inline", "a:b"}, flags...)...)
	p.in(p.from, "ip", "neigh", "flush", "dev", "out")
	return l
}

var pingLoss = regexp.MustCompile(`(\d+) packets transmitted, (\d+) received`)

// ping sends pings and returns how many were answered.
func (p *pair) ping(from, to string, n int, args ...string) (answered int, out string) {
	p.t.Helper()
	args = append([]string{"netns", "exec", p.from, "ping", "-c", strconv.Itoa(n), "-i", "0.01", "-W", "1", "-I", from}, append(args, to)...)
	text, _ := exec.Command("ip", args...).CombinedOutput()
	m := pingLoss.FindSubmatch(text)
	if m == nil {
		p.t.Fatalf("ping: %s", text)
	}
	answered, _ = strconv.Atoi(string(m[2]))
	return answered, string(text)
}

// TestInline has a probe between two stations. Pings and TCP pass, with frames that the
// kernel put together or left checksums out of; what a program blocks or drops does not.
func TestInline(t *testing.T) {
	if _, err := exec.LookPath("ping"); err != nil {
		t.Skipf("this test needs ping: %v", err)
	}
	p, between := newBridge(t)
	p.serve(p.to, serverIP)
	p.serve(p.to, server6)
	if n, _ := p.ping(earlyIP, serverIP, 3); n != 0 {
		t.Fatal("pings pass without a probe: the test forwards by itself")
	}
	l := p.startInline(between, []string{programText(t, "blocker", blocker)}, "--never-block", lateIP)
	for _, host := range [][2]string{{earlyIP, serverIP}, {early6, server6}} {
		n, out := p.ping(host[0], host[1], 20)
		if n != 20 {
			t.Errorf("%d of 20 pings from %s were answered:\n%s", n, host[0], out)
		}
		t.Logf("%s", out[max(0, strings.LastIndex(out, "rtt")):])
		if err := p.connect(host[0], host[1], 20_000_000); err != nil {
			t.Errorf("20 MB by TCP from %s to %s: %v", host[1], host[0], err)
		}
	}
	if n, out := p.ping(earlyIP, serverIP, 3, "-s", "4000"); n != 3 { // in fragments
		t.Errorf("%d of 3 long pings were answered:\n%s", n, out)
	}
	p.ask(earlyIP, serverIP, "9999", func() bool { return l.blocks().Total == 1 })
	if n, _ := p.ping(earlyIP, serverIP, 5); n != 0 {
		t.Errorf("%d pings of who is blocked were answered", n)
	}
	if p.connect(earlyIP, serverIP, 1) == nil {
		t.Error("who is blocked was served")
	}
	p.ask(lateIP, serverIP, "9999", func() bool { return true })
	for from, to := range map[string]string{lateIP: serverIP, early6: server6} {
		if err := p.connect(from, to, 1); err != nil {
			t.Errorf("%s, who is not blocked: %v", from, err)
		}
	}
	p.ask(early6, server6, "9998", func() bool { return true }) // is dropped
	if n, _ := p.ping(early6, server6, 5); n != 5 {
		t.Errorf("%d of 5 pings were answered after a SYN was dropped", n)
	}
	command(t, bin(t, "smprobe"), "lift", earlyIP, "--socket", l.socket)
	if n, _ := p.ping(earlyIP, serverIP, 5); n != 5 {
		t.Errorf("after lift %d of 5 pings were answered", n)
	}
	s := l.end()
	if len(s.Inline) != 2 || s.Inline[0].From != "a" || s.Inline[0].To != "b" {
		t.Fatalf("inline: %+v", s.Inline)
	}
	for _, c := range s.Inline {
		if c.Forwarded < 100 || c.Failed > 0 {
			t.Errorf("inline: %+v, want packets forwarded and none failed", c)
		}
	}
	if c := s.Inline[0]; c.Blocked < 5 || c.Dropped == 0 || s.Inline[1].Dropped != 0 {
		t.Errorf("inline: %+v, want packets blocked and dropped from a", s.Inline)
	}
	t.Logf("%+v", s.Inline)
	if n, _ := p.ping(earlyIP, serverIP, 3); n != 0 {
		t.Error("pings pass after the end of the probe")
	}
}

// TestInlineDryRun drops nothing.
func TestInlineDryRun(t *testing.T) {
	p, between := newBridge(t)
	p.serve(p.to, serverIP)
	l := p.startInline(between, []string{programText(t, "blocker", blocker)}, "--mitigate", "dry-run")
	p.ask(earlyIP, serverIP, "9999", func() bool { return l.blocks().Total == 1 })
	if err := p.connect(earlyIP, serverIP, 1); err != nil {
		t.Errorf("in a dry run: %v", err)
	}
	if s := l.end(); s.Inline[0].Blocked+s.Inline[0].Dropped != 0 || s.Mitigation.Blocked != 1 {
		t.Errorf("inline: %+v, mitigation: %+v", s.Inline, s.Mitigation)
	}
}

// TestInlineFlood has the flood of TestMitigateFlood end before it reaches the server. Every
// packet is accounted for.
func TestInlineFlood(t *testing.T) {
	p, between := newBridge(t)
	p.do("ip", "-n", p.to, "link", "set", "in", "address", nearMAC.String())
	p.serve(p.to, serverIP)
	l := p.startInline(between, compiled(t, []string{"ddos"}), ddosFlags...)
	for range 3 {
		if err := p.connect(earlyIP, serverIP, 10); err != nil {
			t.Fatalf("the early client: %v", err)
		}
	}
	stop := p.startFlood(flood(t, 40_000))
	eventually(t, "packets of the flood are dropped", func() bool { return l.list().Packets.Dropped > 500 })
	for range 10 {
		if err := p.connect(earlyIP, serverIP, 10); err != nil {
			t.Errorf("the early client: %v", err)
		}
	}
	if p.connect(lateIP, serverIP, 10) == nil {
		t.Error("a client that came during the attack was served")
	}
	stop()
	read := l.list().Packets.Read
	s := l.end()
	sum := uint64(0)
	for _, c := range s.Inline {
		sum += c.Forwarded + c.Dropped + c.Blocked + c.Failed
	}
	if s.Inline[0].Dropped < 500 || sum < read {
		t.Errorf("inline: %+v, in all %d of %d packets", s.Inline, sum, read)
	}
}
