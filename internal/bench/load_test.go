package bench

import (
	"bytes"
	"errors"
	"io"
	"math"
	"path/filepath"
	"testing"

	"github.com/streamon/streamon/internal/capture"
	"github.com/streamon/streamon/runtime/packet"
)

// tuple is the flow of a packet.
type tuple struct {
	src, dst     [16]byte
	sport, dport uint16
}

// flowsOf decodes a load and counts its flows; each packet must have the layers.
func flowsOf(t *testing.T, l *Load, layers packet.Layers, see func(i int, p *packet.Packet)) map[tuple]int {
	t.Helper()
	flows := map[tuple]int{}
	d := packet.Decoder{App: packet.AppLayers}
	var p packet.Packet
	for i := range l.Packets() {
		d.Decode(&p, l.Link, l.frame(i), l.wire[i], l.times[i])
		if p.Has&layers != layers || p.Problem != packet.None && p.CapLen == p.Len {
			t.Fatalf("%s, packet %d: layers %b, problem %v", l.Name, i, p.Has, p.Problem)
		}
		var k tuple
		copy(k.src[:], p.Src[:])
		copy(k.dst[:], p.Dst[:])
		k.sport, k.dport = p.SrcPort, p.DstPort
		flows[k]++
		if see != nil {
			see(i, &p)
		}
	}
	return flows
}

func most(flows map[tuple]int) (n int) {
	for _, k := range flows {
		n = max(n, k)
	}
	return n
}

// The synthetic load has the paper's parameters, is the same for a seed, and
// decodes as it was meant.
func TestSynthetic(t *testing.T) {
	const n = 100_000
	l := Synthetic(n, 1)
	if math.Abs(l.Mean-MeanBytes) > 5 {
		t.Errorf("mean length = %.2f, want about %.2f", l.Mean, MeanBytes)
	}
	if again := Synthetic(n, 1); !bytes.Equal(again.data, l.data) {
		t.Error("the same seed gives other packets")
	}
	if other := Synthetic(n, 2); bytes.Equal(other.data, l.data) {
		t.Error("another seed gives the same packets")
	}
	// Zipf's law: many flows of one packet and some of thousands.
	flows := flowsOf(t, l, packet.TCP, nil)
	if len(flows) < n/10 || most(flows) < n/100 {
		t.Errorf("%d packets are %d flows, the largest of %d", n, len(flows), most(flows))
	}
}

// No flow of the uniform load is large, and few come twice.
func TestUniform(t *testing.T) {
	const n = 100_000
	flows := flowsOf(t, Uniform(n, 1), packet.TCP, nil)
	if len(flows) < n*95/100 || most(flows) > 10 {
		t.Errorf("%d packets are %d flows, the largest of %d", n, len(flows), most(flows))
	}
}

// Queries and answers alternate; each pair has the ports of its own until 500 000 were
// used, and every tenth answer is NXDOMAIN.
func TestDNSPairs(t *testing.T) {
	const n = 20_000
	failed := 0
	var asked packet.Packet
	var name []byte
	flows := flowsOf(t, DNSPairs(n), packet.UDP|packet.DNS|packet.DNSQuestion, func(i int, p *packet.Packet) {
		answer := i%2 == 1
		if p.DNS.Response != answer {
			t.Fatalf("packet %d: response = %v, want %v", i, p.DNS.Response, answer)
		}
		if !answer {
			asked, name = *p, bytes.Clone(p.DNS.Name)
			return
		}
		if p.Src != asked.Dst || p.Dst != asked.Src || p.DstPort != asked.SrcPort || p.DNS.ID != asked.DNS.ID || string(p.DNS.Name) != string(name) {
			t.Fatalf("packet %d answers another query", i)
		}
		if p.DNS.Rcode == 3 {
			failed++
		} else if p.Has&packet.DNSAddress == 0 {
			t.Fatalf("packet %d has no address", i)
		}
	})
	if len(flows) != n || failed != n/20 {
		t.Errorf("%d flows, %d failures, want %d, %d", len(flows), failed, n, n/20)
	}
	seen := map[int]bool{}
	for pair := range dnsPorts {
		seen[pair*7919%dnsPorts] = true
	}
	if len(seen) != dnsPorts {
		t.Errorf("%d endpoints, want %d", len(seen), dnsPorts)
	}
}

func TestSYNs(t *testing.T) {
	flows := flowsOf(t, SYNs(1500, 500), packet.TCP, func(i int, p *packet.Packet) {
		if p.TCPFlags != 2 {
			t.Fatalf("packet %d: flags %x, want SYN", i, p.TCPFlags)
		}
	})
	if len(flows) != 500 || most(flows) != 3 {
		t.Errorf("%d flows, the largest of %d, want 500 of 3", len(flows), most(flows))
	}
}

// A load that goes through a file comes back with the same times and headers.
func TestWritePcap(t *testing.T) {
	l := Synthetic(1000, 1)
	for _, full := range []bool{true, false} {
		path := filepath.Join(t.TempDir(), "load.pcap")
		if err := l.writeFile(path, 500, full); err != nil {
			t.Fatal(err)
		}
		src, err := capture.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		defer src.Close()
		var f capture.Frame
		for i := range 500 {
			if err := src.Next(&f); err != nil {
				t.Fatalf("packet %d: %v", i, err)
			}
			length := 54
			if full {
				length = int(l.wire[i])
			}
			if f.Time != l.times[i] || f.WireLen != l.wire[i] || len(f.Data) != length || !bytes.Equal(f.Data[:54], l.frame(i)) {
				t.Fatalf("packet %d: %v, %d of %d bytes, want %v, %d of %d", i, f.Time, len(f.Data), f.WireLen, l.times[i], length, l.wire[i])
			}
		}
		if err := src.Next(&f); err != io.EOF {
			t.Errorf("after the last packet: %v", err)
		}
	}
	if err := l.WritePcap(failing{}, 10, true); err == nil {
		t.Error("a writer's error was lost")
	}
}

type failing struct{}

func (failing) Write([]byte) (int, error) { return 0, errors.New("full") }

// The source in memory yields what the load holds.
func TestSource(t *testing.T) {
	l := DNSPairs(300)
	src := l.Source()
	var f capture.Frame
	for i := range l.Packets() {
		if err := src.Next(&f); err != nil {
			t.Fatal(err)
		}
		if f.Time != l.times[i] || f.WireLen != l.wire[i] || f.Link != l.Link || !bytes.Equal(f.Data, l.frame(i)) {
			t.Fatalf("packet %d: %+v", i, f)
		}
	}
	for range 2 {
		if err := src.Next(&f); err != io.EOF {
			t.Errorf("after the last packet: %v", err)
		}
	}
	if n := testing.AllocsPerRun(10, func() { s := source{l: l}; s.Next(&f) }); n != 0 {
		t.Errorf("Next allocates %v times", n)
	}
}

// A capture is repeated later than it was, with its own pauses between its packets,
// the longest cut short.
func TestRepeated(t *testing.T) {
	short := &Load{Name: "short", Link: packet.LinkEthernet}
	day := packet.Time(24 * 3600e9)
	for i, at := range []packet.Time{0, 1e9, day, day - 5e9} {
		short.add(start+at, []byte{byte(i), 1, 2}, 60)
	}
	path := filepath.Join(t.TempDir(), "short.pcap")
	if err := short.writeFile(path, 4, false); err != nil {
		t.Fatal(err)
	}
	l, err := Repeated(path, 6)
	if err != nil {
		t.Fatal(err)
	}
	want := []packet.Time{0, 1e9, 1e9 + longestPause, 1e9 + longestPause, 1e9 + longestPause + passGap, 2e9 + longestPause + passGap}
	for i, at := range want {
		if got := l.times[i] - start; got != at || l.frame(i)[0] != byte(i%4) {
			t.Errorf("packet %d is number %d at %v, want %d at %v", i, l.frame(i)[0], got, i%4, at)
		}
	}
	if l.Packets() != 6 || l.Name != "short.pcap" || l.Mean != 60 {
		t.Errorf("%s: %d packets of %v bytes", l.Name, l.Packets(), l.Mean)
	}
	empty := filepath.Join(t.TempDir(), "empty.pcap")
	if err := short.writeFile(empty, 0, false); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{empty, filepath.Join(t.TempDir(), "missing.pcap")} {
		if _, err := Repeated(path, 6); err == nil {
			t.Errorf("%s was repeated", path)
		}
	}
}
