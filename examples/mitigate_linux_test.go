package examples_test

import (
	"encoding/json"
	"fmt"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/gopacket"
	"github.com/google/gopacket/layers"
	"golang.org/x/sys/unix"

	"github.com/streamon/streamon/internal/capture"
	"github.com/streamon/streamon/internal/mitigate"
	"github.com/streamon/streamon/internal/web"
	"github.com/streamon/streamon/runtime/packet"
)

// The hosts of these tests: the server, a client that it knows, one that comes during the
// attack, and many that flood. nearMAC is the server's.
const (
	serverIP, earlyIP, lateIP = "10.77.0.1", "10.77.0.10", "10.77.0.11"
	server6, early6           = "fd77::1", "fd77::10"
	floodSources              = 200
)

var nearMAC = net.HardwareAddr{2, 0, 0, 0, 0, 2}

// newStation is a pair whose sides have addresses, so that TCP works between them: those of
// the server at in, those of the clients at out. There is no route but between these.
func newStation(t *testing.T) *pair {
	t.Helper()
	if _, err := exec.LookPath("nft"); err != nil {
		t.Skipf("this test needs nft: %v", err)
	}
	p := newPair(t)
	p.do("ip", "-n", p.to, "link", "set", "in", "address", nearMAC.String())
	p.addresses(p.to, "in", serverIP, server6)
	p.addresses(p.from, "out", earlyIP, early6)
	p.addresses(p.from, "out", lateIP)
	return p
}

// addresses gives an interface addresses.
func (p *pair) addresses(ns, dev string, ips ...string) {
	p.t.Helper()
	p.in(ns, "sysctl", "-qw", "net.ipv6.conf."+dev+".disable_ipv6=0", "net.ipv6.conf."+dev+".accept_dad=0")
	p.do("ip", "-n", ns, "link", "set", dev, "arp", "on", "multicast", "on")
	for _, ip := range ips {
		args := []string{"-n", ns, "addr", "add", ip + "/16", "dev", dev}
		if strings.Contains(ip, ":") {
			args = []string{"-n", ns, "addr", "add", ip + "/64", "dev", dev, "nodad"} // at once usable
		}
		p.do("ip", args...)
	}
}

// within runs f in a namespace; sockets that f opens belong to it.
func within(t *testing.T, ns string, f func()) {
	t.Helper()
	done := make(chan error)
	go func() {
		runtime.LockOSThread() // and the thread ends with the goroutine: it is in another namespace
		fd, err := unix.Open("/run/netns/"+ns, unix.O_RDONLY|unix.O_CLOEXEC, 0)
		if err == nil {
			err = unix.Setns(fd, unix.CLONE_NEWNET)
			unix.Close(fd)
		}
		if err == nil {
			f()
		}
		done <- err
	}()
	if err := <-done; err != nil {
		t.Fatal(err)
	}
}

const greeting = "a line of the server"

// serve answers connections to port 8080 of an address in a namespace: with a line, then with
// as many bytes as it is asked for.
func (p *pair) serve(ns, ip string) {
	p.t.Helper()
	var l net.Listener
	var err error
	within(p.t, ns, func() { l, err = net.Listen("tcp", net.JoinHostPort(ip, "8080")) })
	if err != nil {
		p.t.Fatal(err)
	}
	p.t.Cleanup(func() { l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				fmt.Fprintln(c, greeting)
				n := 0
				fmt.Fscanln(c, &n)
				c.Write(make([]byte, n))
			}()
		}
	}()
}

// connect asks the server for its line and n bytes.
func (p *pair) connect(from, to string, n int) error {
	var err error
	within(p.t, p.from, func() {
		d := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(from)}, Timeout: 2 * time.Second}
		var c net.Conn
		if c, err = d.Dial("tcp", net.JoinHostPort(to, "8080")); err != nil {
			return
		}
		defer c.Close()
		c.SetDeadline(time.Now().Add(20 * time.Second))
		line := make([]byte, len(greeting)+1)
		if _, err = readFull(c, line); err != nil || string(line) != greeting+"\n" {
			err = fmt.Errorf("read %q, %v", line, err)
			return
		}
		fmt.Fprintln(c, n)
		var got int
		if got, err = readFull(c, make([]byte, n)); got != n {
			err = fmt.Errorf("read %d bytes of %d: %v", got, n, err)
		}
	})
	return err
}

func readFull(c net.Conn, b []byte) (n int, err error) {
	for n < len(b) && err == nil {
		var k int
		k, err = c.Read(b[n:])
		n += k
	}
	if n == len(b) {
		err = nil
	}
	return n, err
}

// flood writes a capture of n SYNs to the server, a millisecond apart, from floodSources
// hosts in turn, and every two seconds from others: those are new to the program.
func flood(t *testing.T, n int) string {
	t.Helper()
	var list []capture.Frame
	for i := range n {
		host := i/2000*floodSources + i%floodSources
		src := net.IPv4(10, 77, byte(1+host/250), byte(1+host%250)).To4()
		eth := &layers.Ethernet{SrcMAC: net.HardwareAddr{2, 0, 0, 0, src[2], src[3]}, DstMAC: nearMAC, EthernetType: layers.EthernetTypeIPv4}
		ip := &layers.IPv4{Version: 4, TTL: 64, Protocol: layers.IPProtocolTCP, SrcIP: src, DstIP: net.ParseIP(serverIP)}
		tcp := &layers.TCP{SrcPort: layers.TCPPort(1024 + i%60000), DstPort: 8080, SYN: true, Window: 1000, Seq: uint32(i)}
		tcp.SetNetworkLayerForChecksum(ip)
		b := gopacket.NewSerializeBuffer()
		if err := gopacket.SerializeLayers(b, gopacket.SerializeOptions{FixLengths: true, ComputeChecksums: true}, eth, ip, tcp); err != nil {
			t.Fatal(err)
		}
		list = append(list, capture.Frame{Time: packet.Time(1_700_000_000+i/1000)*1e9 + packet.Time(i%1000)*1e6, Data: b.Bytes()})
	}
	return save(t, list, 1)
}

// startFlood has a capture sent, a thousand packets a second, for a minute at most, until
// stopped.
func (p *pair) startFlood(file string) (stop func()) {
	p.t.Helper()
	cmd := exec.Command("ip", "netns", "exec", p.from, "timeout", "60", "tcpreplay", "-q", "-i", "out", "--pps=1000", file)
	if err := cmd.Start(); err != nil {
		p.t.Fatal(err)
	}
	var once sync.Once
	stop = func() { once.Do(func() { cmd.Process.Signal(unix.SIGTERM); cmd.Wait() }) }
	p.t.Cleanup(stop)
	return stop
}

// inKernel returns how many elements the sets of the probe have, and how many packets its
// rules have dropped, from nft's point of view; -1 without a table.
func (p *pair) inKernel() (elements, dropped int) {
	out, err := exec.Command("ip", "netns", "exec", p.to, "nft", "list", "table", "inet", "streamon").CombinedOutput()
	if err != nil {
		return -1, -1
	}
	elements = len(regexp.MustCompile(`timeout \S+ expires`).FindAll(out, -1))
	for _, m := range regexp.MustCompile(`counter packets (\d+)`).FindAllSubmatch(out, -1) {
		c, _ := strconv.Atoi(string(m[1]))
		dropped += c
	}
	return elements, dropped
}

// eventually waits until a condition holds.
func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for end := time.Now().Add(30 * time.Second); !holds(); time.Sleep(100 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("waited in vain until %s", what)
		}
	}
}

// end ends the probe and returns what its summary says of mitigation.
func (l *liveProbe) end() (s struct {
	Mitigation *mitigate.Counts
	Inline     []capture.InlineCounts
}) {
	l.t.Helper()
	l.finish(&s, 0)
	return s
}

// kill ends the probe as a fault would.
func (l *liveProbe) kill() {
	l.stopped = true
	l.cmd.Process.Kill()
	l.cmd.Wait()
}

// blocks asks a running probe.
func (l *liveProbe) blocks() (b web.Blocks) {
	l.t.Helper()
	if err := json.Unmarshal(command(l.t, bin(l.t, "smprobe"), "blocks", "--json", "--limit", "1000", "--socket", l.socket), &b); err != nil {
		l.t.Fatal(err)
	}
	return b
}

// ddosFlags let the attack be found within seconds.
var ddosFlags = []string{"--set", "ddos.threshold=100", "--set", "ddos.period=1s", "--set", "ddos.growth=1.01", "--drop-for", "4s"}

// TestMitigateFlood floods a server. The client that it knew before is served all the
// time; the flood ends in the kernel; blocks expire; and one command lifts all.
func TestMitigateFlood(t *testing.T) {
	p := newStation(t)
	p.serve(p.to, serverIP)
	audit := filepath.Join(t.TempDir(), "audit.jsonl")
	l := p.startLive(compiled(t, []string{"ddos"}), append(ddosFlags, "--mitigate", "nftables", "--audit", audit)...)
	tries := 0
	served := func() {
		t.Helper()
		tries++
		if err := p.connect(earlyIP, serverIP, 10); err != nil {
			t.Errorf("the early client: %v", err)
		}
	}
	for range 3 {
		served()
	}
	attack := flood(t, 40_000)
	stop := p.startFlood(attack)
	eventually(t, "an attack is blocked", func() bool {
		served()
		elements, _ := p.inKernel()
		return elements >= floodSources/2
	})
	_, before := p.inKernel()
	eventually(t, "the kernel has dropped 500 packets more", func() bool {
		served()
		_, now := p.inKernel()
		return now >= before+500
	})
	elements, dropped := p.inKernel()
	b := l.blocks()
	if b.Mode != "nftables" || b.Total < floodSources/2 || len(b.Blocks) == 0 || len(b.Blocks[0].By) != 1 || b.Blocks[0].By[0].Program != "ddos" {
		t.Errorf("smprobe blocks: %d in all, %+v", b.Total, b.Blocks[:min(3, len(b.Blocks))])
	}
	p.connect(lateIP, serverIP, 10) // its first packet is seen after it has passed
	eventually(t, "a client that came during the attack is kept out", func() bool { return p.connect(lateIP, serverIP, 10) != nil })
	stop()
	eventually(t, "all blocks have expired", func() bool { elements, _ := p.inKernel(); return elements == 0 })
	t.Logf("the early client was served %d times; %d blocks, %d packets dropped by the kernel when the attack was found out", tries, elements, dropped)

	stop = p.startFlood(attack)
	eventually(t, "the attack is blocked again", func() bool { elements, _ := p.inKernel(); return elements > 0 })
	if out := command(t, bin(t, "smprobe"), "lift", "--socket", l.socket); !strings.Contains(string(out), "lifted ") {
		t.Errorf("lift: %s", out)
	}
	if elements, _ := p.inKernel(); elements != 0 {
		t.Errorf("after lift %d are blocked", elements)
	}
	if err := p.connect(lateIP, serverIP, 10); err != nil {
		t.Errorf("after lift: %v", err)
	}
	stop()
	s := l.end()
	if m := s.Mitigation; m == nil || m.Mode != "nftables" || m.Blocked < floodSources || m.Dropped < uint64(dropped) || m.Lifted == 0 || m.Failed != 0 {
		t.Errorf("mitigation: %+v\n%s", m, l.err.String())
	}
	if elements, _ := p.inKernel(); elements >= 0 {
		t.Error("the table is still there after the end")
	}
	lines, err := os.ReadFile(audit)
	for _, want := range []string{`"program":"ddos","field":"ip.src, ip.dst","src":"10\.77\.\d+\.\d+","dst":"10\.77\.0\.1","for":"4s","done":"blocked"`, `"done":"lifted","by":"the operator"`} {
		if err != nil || !regexp.MustCompile(want).Match(lines) {
			t.Errorf("the audit log has no %s: %v\n%.2000s", want, err, lines)
		}
	}
	if strings.Contains(string(lines), `"src":"`+earlyIP+`"`) {
		t.Error("the early client is in the audit log")
	}
}

// TestMitigateDryRun changes nothing in the kernel, and says what it would do.
func TestMitigateDryRun(t *testing.T) {
	p := newStation(t)
	p.serve(p.to, serverIP)
	l := p.startLive(compiled(t, []string{"ddos"}), append(ddosFlags, "--never-block", "10.77.4.0/24")...)
	stop := p.startFlood(flood(t, 20_000))
	eventually(t, "some would be blocked", func() bool { b := l.blocks(); return b.Mode == "dry-run" && b.Total >= floodSources/2 })
	if out := p.in(p.to, "nft", "list", "ruleset"); strings.TrimSpace(string(out)) != "" {
		t.Errorf("the rules in a dry run:\n%s", out)
	}
	for range 3 {
		if err := p.connect(lateIP, serverIP, 10); err != nil {
			t.Errorf("a new client in a dry run: %v", err)
		}
	}
	stop()
	if m := l.end().Mitigation; m == nil || m.Mode != "dry-run" || m.Blocked < floodSources/2 || m.Dropped != 0 {
		t.Errorf("mitigation: %+v", m)
	}
}

// blocker blocks who connects to port 9999, and where to, and what port 9998 is asked for.
const blocker = `program blocker "Who asks for port 9999"
event bad: packet where tcp.flags & (SYN|ACK) == SYN and tcp.dstport == 9999
event worse: packet where tcp.flags & (SYN|ACK) == SYN and tcp.dstport == 9998
on bad { block ip.src for 30m }
on worse { drop }
`

// ask sends SYNs to a port until a condition holds.
func (p *pair) ask(from, to, port string, holds func() bool) {
	p.t.Helper()
	eventually(p.t, "a block that "+from+" asks for is there", func() bool {
		within(p.t, p.from, func() {
			d := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(from)}, Timeout: 200 * time.Millisecond}
			if c, err := d.Dial("tcp", net.JoinHostPort(to, port)); err == nil {
				c.Close()
			}
		})
		return holds()
	})
}

// TestMitigateKeeps blocks addresses of IPv4 and IPv6 in the kernel over a crash of the probe,
// over the end of one that is to keep them, and over a firewall that removes all rules.
func TestMitigateKeeps(t *testing.T) {
	p := newStation(t)
	p.serve(p.to, serverIP)
	p.serve(p.to, server6)
	so := []string{programText(t, "blocker", blocker)}
	flags := []string{"--mitigate", "nftables", "--never-block", lateIP}
	isBlocked := func(n int) func() bool {
		return func() bool { elements, _ := p.inKernel(); return elements == n }
	}
	l := p.startLive(so, flags...)
	p.ask(earlyIP, serverIP, "9999", isBlocked(1))
	p.ask(early6, server6, "9999", isBlocked(2))
	p.ask(lateIP, serverIP, "9999", isBlocked(2)) // never
	for from, to := range map[string]string{earlyIP: serverIP, early6: server6} {
		if p.connect(from, to, 1) == nil {
			t.Errorf("%s is blocked and was served", from)
		}
	}
	if err := p.connect(lateIP, serverIP, 1); err != nil {
		t.Errorf("who is never to be blocked: %v", err)
	}
	second := exec.Command("ip", "netns", "exec", p.to, bin(t, "smprobe"), "run", "-i", "in", "--mitigate", "nftables")
	if out, err := second.CombinedOutput(); err == nil || !strings.Contains(string(out), "another running probe's") {
		t.Errorf("a second probe with the same table: %v\n%s", err, out)
	}

	l.kill()
	if !isBlocked(2)() {
		t.Error("blocks are gone with the probe that was killed")
	}
	l = p.startLive(so, append(flags, "--keep-blocks")...)
	if b := l.blocks(); b.Total != 2 || b.Blocks[0].By[0].Program != "blocker" || !isBlocked(2)() {
		t.Errorf("after a crash: %+v", b)
	}
	p.in(p.to, "nft", "flush", "ruleset")
	eventually(t, "the table is made again", isBlocked(2))
	if s := l.end(); s.Mitigation.TakenOver != 2 || !isBlocked(2)() {
		t.Errorf("a probe that keeps blocks: %+v\n%s", s.Mitigation, l.err.String())
	}

	l = p.startLive(so, "--mitigate", "nftables", "--never-block", early6)
	if b := l.blocks(); b.Total != 1 || b.Blocks[0].Src != netip.MustParseAddr(earlyIP) || !isBlocked(1)() {
		t.Errorf("with another policy: %+v", b)
	}
	if out := p.in(p.to, bin(t, "smprobe"), "lift", "--hold", "1h"); !strings.Contains(string(out), "lifted everything") {
		t.Errorf("lift: %s", out)
	}
	eventually(t, "the probe has seen it", func() bool { return l.blocks().Total == 0 && isBlocked(0)() })
	for range 5 {
		p.ask(earlyIP, serverIP, "9999", func() bool { return true })
	}
	if err := p.connect(earlyIP, serverIP, 1); err != nil {
		t.Errorf("after lift: %v", err)
	}
	if m := l.end().Mitigation; m.Refused == 0 || m.Blocked != 0 {
		t.Errorf("after lift: %+v", m)
	}
	if out := p.in(p.to, bin(t, "smprobe"), "lift"); !strings.Contains(string(out), "nothing is blocked") {
		t.Errorf("lift without blocks: %s", out)
	}
}

// TestMitigateSpares leaves a table alone that somebody else made, and says what right is missing.
func TestMitigateSpares(t *testing.T) {
	p := newStation(t)
	p.in(p.to, "nft", "add", "table", "inet", "streamon")
	for _, args := range [][]string{{"run", "-i", "in", "--mitigate", "nftables"}, {"lift"}} {
		out, err := exec.Command("ip", append([]string{"netns", "exec", p.to, bin(t, "smprobe")}, args...)...).CombinedOutput()
		if err == nil || !strings.Contains(string(out), "somebody else's") {
			t.Errorf("smprobe %v: %v\n%s", args, err, out)
		}
	}
	p.in(p.to, "nft", "delete", "table", "inet", "streamon")
	out, err := exec.Command("ip", "netns", "exec", p.to, "setpriv", "--bounding-set", "-net_admin", "--inh-caps", "-net_admin", bin(t, "smprobe"), "run", "-i", "in", "--mitigate", "nftables").CombinedOutput()
	if err == nil || !strings.Contains(string(out), "CAP_NET_ADMIN") || !strings.Contains(string(out), "hint: ") {
		t.Errorf("without the right: %v\n%s", err, out)
	}
}
