package syn

import (
	"bytes"
	"fmt"
	"testing"

	"github.com/google/gopacket"
	"github.com/google/gopacket/layers"
	"github.com/google/gopacket/pcapgo"
)

// small are the traces for measuring at a size for tests.
func small(seed uint64) map[string]model {
	pairs := DNSPairsConfig{Seed: seed, Pairs: 3000, Clients: 7}
	flows := SYNFlowsConfig{Seed: seed, Packets: 3000, Flows: 500}
	mix := MixConfig{Seed: seed, Packets: 20_000, Clients: 60}
	pairs.defaults()
	flows.defaults()
	mix.defaults()
	return map[string]model{"syn-dns-pairs": pairs, "syn-flows-500": flows, "syn-mix": mix}
}

// TestLoadTruth reads the traces for measuring with gopacket and counts what their
// truth says, from classic pcap as from pcapng.
func TestLoadTruth(t *testing.T) {
	for name, m := range small(3) {
		t.Run(name, func(t *testing.T) {
			var file bytes.Buffer
			truth, err := Scenario{make: func(uint64) model { return m }}.WritePcap(&file, 3)
			if err != nil {
				t.Fatal(err)
			}
			trace, _ := generate(m)
			if trace.Name != name || int64(len(trace.Frames)) != truth.Packets {
				t.Fatalf("%s holds %d packets, %s says %d", trace.Name, len(trace.Frames), name, truth.Packets)
			}
			r, err := pcapgo.NewReader(&file)
			if err != nil {
				t.Fatal(err)
			}
			var got Load
			flows := map[string]bool{}
			for i, f := range trace.Frames {
				data, ci, err := r.ReadPacketData()
				if err != nil || !bytes.Equal(data, f.Data) || ci.Timestamp.UnixNano() != f.Time/1000*1000 {
					t.Fatalf("packet %d: at %v, %v, in memory at %d", i+1, ci.Timestamp, err, f.Time)
				}
				countLoad(t, &got, flows, data)
			}
			if got.Flows = len(flows); got != *truth.Load {
				t.Errorf("the file holds %+v, the truth says %+v", got, *truth.Load)
			}
		})
	}
}

// countLoad adds one frame to what was read.
func countLoad(t *testing.T, l *Load, flows map[string]bool, data []byte) {
	t.Helper()
	p := gopacket.NewPacket(data, layers.LayerTypeEthernet, gopacket.NoCopy)
	if e := p.ErrorLayer(); e != nil {
		t.Fatalf("% x: %v", data, e.Error())
	}
	l.Bytes += int64(len(data))
	if tl := p.TransportLayer(); tl != nil {
		n := p.NetworkLayer().NetworkFlow()
		if src, dst := tl.TransportFlow().Endpoints(); dst.LessThan(src) {
			flows[fmt.Sprint(n, src, dst)] = true
		} else {
			flows[fmt.Sprint(n.Reverse(), dst, src)] = true
		}
	}
	if tcp, ok := p.Layer(layers.LayerTypeTCP).(*layers.TCP); ok && tcp.SYN && !tcp.ACK {
		l.SYNs++
	}
	if dns, ok := p.Layer(layers.LayerTypeDNS).(*layers.DNS); ok {
		switch {
		case !dns.QR:
			l.Queries++
		case dns.ResponseCode == layers.DNSResponseCodeNXDomain:
			l.NXDomain++
			fallthrough
		default:
			l.Replies++
		}
	}
}

// TestLoadSizes holds the traces to what they are for.
func TestLoadSizes(t *testing.T) {
	_, mix := generate(small(1)["syn-mix"])
	if mean := float64(mix.Load.Bytes) / float64(mix.Packets); mean < 500 || mean > 700 {
		t.Errorf("syn-mix has %.0f bytes a packet, want about 600", mean)
	}
	if mix.Load.NXDomain == 0 || mix.Load.Queries < 500 {
		t.Errorf("syn-mix holds %+v: too few look-ups", *mix.Load)
	}
	a, _ := generate(small(1)["syn-mix"])
	b, _ := generate(small(1)["syn-mix"])
	c, _ := generate(small(2)["syn-mix"])
	if !bytes.Equal(a.Bytes(), b.Bytes()) || bytes.Equal(a.Bytes(), c.Bytes()) {
		t.Error("one seed gives two files of syn-mix, or two seeds one")
	}
}
