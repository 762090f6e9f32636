package wanted_test

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/net/bpf"

	"github.com/streamon/streamon/codegen"
	"github.com/streamon/streamon/codegen/eval"
	"github.com/streamon/streamon/codegen/ir"
	"github.com/streamon/streamon/codegen/wanted"
	"github.com/streamon/streamon/internal/capture"
	"github.com/streamon/streamon/internal/filter"
	"github.com/streamon/streamon/runtime/packet"
	"github.com/streamon/streamon/runtime/program"
)

func compile(t testing.TB, name string, text []byte) *ir.Program {
	t.Helper()
	p, diags, err := codegen.Compile(context.Background(), name, text, codegen.Options{Files: os.DirFS(filepath.Dir(name))})
	if err != nil || p == nil {
		t.Fatalf("%s: %v %v\n%s", name, err, diags, text)
	}
	return p.IR
}

func selector(t testing.TB, where string) *ir.Program {
	t.Helper()
	return compile(t, "t.smon", []byte("program t\nparam n = 80\nlist some = {20..25, 53, 80, 1000}\nevent e: packet where "+where+"\non e { log \"e\" }\n"))
}

func TestOf(t *testing.T) {
	for _, tt := range []struct{ where, want string }{
		{"tcp", "tcp"},
		{"frame.len > 100", ""},
		{"eth", ""},
		{"not tcp", ""},
		{"tcp.dstport == 445", "tcp and dst port 445"},
		{"tcp.dstport == n", "tcp"},
		{"tcp.dstport == 445 and ip.ttl < 10", "tcp and dst port 445"},
		{"udp.port in some", "(udp and (src portrange 20-25 or src port 53 or src port 80 or src port 1000)) or (udp and (dst portrange 20-25 or dst port 53 or dst port 80 or dst port 1000))"},
		{"ip.src in {10.0.0.0/8} and ip.dst != 10.0.0.1", "(ip or ip6) and not dst host 10.0.0.1 and src net 10.0.0.0/8"},
		{"tcp.flags & (SYN|ACK) == SYN", "tcp and tcp[13] & 18 = 2"},
		{"tcp.flags == SYN", "tcp and tcp[13] & 255 = 2"},
		{"tcp.flags.syn", "tcp and tcp[13] & 2 != 0"},
		{"dns and not dns.response", "udp port 53 or udp port 5353 or tcp port 53"},
		{"gre or vlan.id == 7", "vlan and vlan 7"},
		{"tcp.dstport < 0", "none"},
		{"arp.opcode == 1 or icmpv6", "proto 58 or arp or rarp"},
	} {
		if got := wanted.Of(selector(t, tt.where)); got != tt.want {
			t.Errorf("%s: wanted %q, want %q", tt.where, got, tt.want)
		}
	}
}

// frame is a frame and how it begins.
type frame struct {
	link packet.LinkType
	data []byte
	wire uint32
}

// mappedFrame is a SYN in IPv6 from ::ffff:10.0.0.1, which to events is 10.0.0.1.
func mappedFrame() frame {
	b := []byte{2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 0x86, 0xdd, 0x60, 0, 0, 0, 0, 20, 6, 64}
	src, dst := netip.MustParseAddr("::ffff:10.0.0.1").As16(), netip.MustParseAddr("fd00::1").As16()
	b = append(append(b, src[:]...), dst[:]...)
	b = append(b, 0x10, 0, 0, 80, 0, 0, 0, 1, 0, 0, 0, 0, 0x50, 2, 0xff, 0xff, 0, 0, 0, 0)
	return frame{packet.LinkEthernet, b, uint32(len(b))}
}

// TestMapped is the property for that frame, by hand: a filter for IPv4 must not lose it.
func TestMapped(t *testing.T) {
	list := []frame{mappedFrame()}
	for _, s := range []string{"ip.src == 10.0.0.1", "ip.src in {10.0.0.0/8} and tcp", "ip.addr == 10.0.0.1 and tcp.dstport == 80"} {
		p := selector(t, s)
		if !happens(t, p, list)[0] {
			t.Errorf("%s does not happen", s)
		}
		checkSound(t, s, p, list)
	}
}

// TestLongList writes a filter for the longest set that a program may have: it is given up,
// for every address, and that does not take long.
func TestLongList(t *testing.T) {
	var b strings.Builder
	for i := range 1_900 {
		fmt.Fprintf(&b, "10.%d.%d.1, ", i/250, i%250)
	}
	if text := wanted.Of(selector(t, "ip.src in {"+b.String()+"10.0.0.2}")); text != "ip or ip6" {
		t.Errorf("the filter is %.100q", text)
	}
}

// frames returns frames of all captures that there are, and damaged ones.
func frames(t testing.TB) (list []frame) {
	t.Helper()
	files, _ := filepath.Glob("../../testdata/pcap/*")
	shared, _ := filepath.Glob("../../../shared/traces/*/*.pcap*")
	most := 150 // of each file
	if len(shared) == 0 {
		t.Log("the shared captures are not here: more frames of the bundled ones are taken")
		most = 600
	}
	files = append(files, shared...)
	r := rand.New(rand.NewPCG(7, 7))
	for _, file := range files {
		src, err := capture.Open(file)
		if err != nil {
			continue
		}
		var f capture.Frame
		for n := 0; n < most && src.Next(&f) == nil; n++ {
			b := bytes.Clone(f.Data)
			list = append(list, frame{f.Link, b, f.WireLen})
			b = bytes.Clone(b)
			for range 1 + r.IntN(3) {
				if len(b) > 0 {
					b[r.IntN(min(len(b), 70))] = byte(r.Uint32())
				}
			}
			list = append(list, frame{f.Link, b, f.WireLen})
			if n%3 == 0 && len(b) > 0 {
				list = append(list, frame{f.Link, b[:r.IntN(len(b))], f.WireLen})
			}
		}
		src.Close()
	}
	list = append(list, mappedFrame())
	if len(list) < 3000 {
		t.Fatalf("only %d frames in %d files", len(list), len(files))
	}
	return list
}

// happens returns, for each frame, whether an event of the program happens for it. The
// evaluator says so, which knows nothing of filters.
func happens(t testing.TB, p *ir.Program, list []frame) []bool {
	t.Helper()
	for _, e := range p.Events { // what events do takes time and changes nothing about when they happen
		e.Handlers = nil
	}
	info := eval.Info(p)
	in, err := info.New(&program.Env{
		Memory: program.NewMemory(), Sink: discard{},
		Param: func(string) (program.Value, bool) { return program.Value{}, false },
	})
	if err != nil {
		t.Fatal(err)
	}
	in.Activate()
	out := make([]bool, len(list))
	batch := &packet.Batch{N: 1}
	dec := packet.Decoder{App: packet.AppLayers}
	before := uint64(0)
	for i, f := range list {
		dec.Decode(&batch.Packets[0], f.link, f.data, f.wire, packet.Time(i))
		in.Process(batch, &program.Verdicts{})
		var s program.Stats
		in.Stats(&s)
		sum := uint64(0)
		for e, n := range s.Events {
			if p.Events[e].Kind == ir.PacketEvent {
				sum += n
			}
		}
		out[i], before = sum != before, sum
	}
	return out
}

type discard struct{}

func (discard) Emit(*program.Record) {}

// checkSound holds that no frame which an event happens for is rejected; it returns how many
// are.
func checkSound(t *testing.T, name string, p *ir.Program, list []frame) (rejected int) {
	t.Helper()
	rule := filter.Rule{}
	text := wanted.Of(p)
	if text != "" {
		e, err := filter.Parse(text)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		rule.Wanted = []*filter.Expr{e}
	}
	machines := map[packet.LinkType]*bpf.VM{}
	for i, does := range happens(t, p, list) {
		f := list[i]
		vm := machines[f.link]
		if vm == nil {
			raw, err := filter.Compile(rule, filter.Target{Link: f.link, Snap: 1})
			if err != nil {
				t.Fatal(err)
			}
			code, _ := bpf.Disassemble(raw)
			if vm, err = bpf.NewVM(code); err != nil {
				t.Fatal(err)
			}
			machines[f.link] = vm
		}
		n, err := vm.Run(f.data)
		if n == 0 || err != nil {
			rejected++
			if does {
				t.Errorf("%s: an event happens for a frame that %q rejects: link %s, % x", name, text, f.link, f.data[:min(len(f.data), 100)])
				return rejected
			}
		}
	}
	return rejected
}

// TestSound is the property that filters rest on, for the programs that there are.
func TestSound(t *testing.T) {
	list := frames(t)
	var files []string
	for _, glob := range []string{"../../examples/*/*.smon"} {
		more, _ := filepath.Glob(glob)
		files = append(files, more...)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		n := checkSound(t, file, compile(t, file, text), list)
		t.Logf("%-45s rejects %4.1f %% of %d frames", file, 100*float64(n)/float64(len(list)), len(list))
	}
}

// atoms are parts of selectors.
var atoms = []string{
	"tcp", "udp", "ip", "ipv4", "ipv6", "arp", "icmp", "icmpv6", "sctp", "port", "dns", "tls", "http", "modbus", "ntp", "dhcp", "vlan", "mpls",
	"pppoe", "gre", "vxlan", "tunnel", "fragment", "eth", "frame.len > 90", "tcp.dstport == 80", "tcp.port == 443", "udp.port != 53", "udp.srcport in some",
	"port.any in some", "port.dst not in some", "tcp.port not in {20..25, 80}", "tcp.srcport >= 1024", "udp.dstport < 1024", "port.src <= n", "sctp.port == 80",
	"tcp.flags == SYN", "tcp.flags & (SYN|ACK) == SYN", "tcp.flags & ACK != 0", "tcp.flags.fin", "tcp.flags not in {2, 18}", "tcp.flags != SYN", "tcp.len > 0", "ip.ttl < 64",
	"ip.src in {10.0.0.0/8, 192.168.0.0/16}", "ip.dst not in {10.0.0.0/8, 2001:db8::/32}", "ip.addr == 10.0.2.15", "ip.src != 192.168.1.124", "ip.src in {::/64}",
	"ip.dst not in {::/0}", "ip.dst == fe80::c50d:519f:96a4:e108", "ip.proto == 6", "ip.proto != 17", "ip.proto in {1, 58, 50}", "ip.proto not in {6, 17}", "ip.version == 6", "ip.version != 4",
	"ip.frag", "vlan.id == 101", "vlan.id != 3", "eth.type == 0x86dd", "arp.opcode == 1", "icmp.type == 8", "dns.response", "dns.rcode == 3", "tcp.srcport == tcp.dstport",
	"udp.length > 100", "(tcp.dstport == 80) == (ip.ttl > 60)", "tcp.dstport - 80 == 0", "80 == tcp.dstport", "443 < udp.dstport", "tunnel.src == 10.0.0.1", "true", "false",
}

// random makes a selector.
func random(r *rand.Rand, depth int) string {
	if depth == 0 || r.IntN(4) == 0 {
		return atoms[r.IntN(len(atoms))]
	}
	x, y := random(r, depth-1), random(r, depth-1)
	switch r.IntN(5) {
	case 0:
		return "not (" + x + ")"
	case 1, 2:
		return fmt.Sprintf("(%s) or (%s)", x, y)
	}
	return fmt.Sprintf("(%s) and (%s)", x, y)
}

// TestSoundRandom is TestSound for selectors made at random.
func TestSoundRandom(t *testing.T) {
	list := frames(t)
	r := rand.New(rand.NewPCG(3, 1))
	r.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
	list = list[:min(len(list), 12000)]
	rejecting := 0
	for i := range len(atoms) + 200 {
		where := ""
		if i < len(atoms) {
			where = atoms[i]
		} else {
			where = random(r, 3)
		}
		text := []byte("program t\nparam n = 80\nlist some = {20..25, 53, 80, 1000}\nentity host: ip\nevent e: packet where " + where + "\non e { log \"e\" }\n")
		if strings.Contains(where, "ip.") { // an entity wants its fields too
			text = bytes.Replace(text, []byte("\non e"), []byte("   for host = ip.src\non e"), 1)
		}
		p, diags, err := codegen.Compile(context.Background(), "t.smon", text, codegen.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if p == nil { // refused, for instance since it is never true
			if i < len(atoms) && where != "false" {
				t.Errorf("%s: %v", where, diags)
			}
			continue
		}
		if checkSound(t, where, p.IR, list) > 0 {
			rejecting++
		}
	}
	t.Logf("%d selectors reject frames", rejecting)
	if rejecting < 60 {
		t.Errorf("only %d selectors reject anything: the test shows little", rejecting)
	}
}
