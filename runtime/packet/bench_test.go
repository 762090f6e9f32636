package packet

import (
	"slices"
	"testing"
	"time"

	"github.com/google/gopacket"
	"github.com/google/gopacket/layers"
)

// benchOrder is the order of the benchmarks.
var benchOrder = []string{"tcp4", "udp4", "tcp6", "dns", "vlan", "vxlan"}

func BenchmarkDecode(b *testing.B) {
	frames := sampleFrames(b)
	for _, name := range benchOrder {
		data := frames[name]
		b.Run(name, func(b *testing.B) {
			d := Decoder{}
			if name == "dns" {
				d.App = AppLayers
			}
			p := new(Packet)
			b.SetBytes(int64(len(data)))
			b.ReportAllocs()
			for b.Loop() {
				d.Decode(p, LinkEthernet, data, uint32(len(data)), 1)
			}
		})
	}
}

// BenchmarkBeside decodes the same frames with our decoder, one alone and as records of
// a file, and with gopacket's fastest way, in turns of a few microseconds, so that
// whatever else the machine does meets all. It reports the medians of the turns and the
// ratio of gopacket's to that of one alone.
func BenchmarkBeside(b *testing.B) {
	const turn = BatchSize // packets
	frames := sampleFrames(b)
	for _, name := range benchOrder {
		data := frames[name]
		b.Run(name, func(b *testing.B) {
			d := Decoder{}
			if name == "dns" {
				d.App = AppLayers
			}
			p, batch := new(Packet), new(Batch)
			l := newLaid(data, turn)
			parser := newParser()
			var found []gopacket.LayerType
			var ours, records, theirs []float64
			for b.Loop() {
				begin := time.Now()
				for from := 0; from < turn; from += 64 {
					d.DecodeRecords(batch, &l.Records, from, ^uint64(0))
				}
				t0 := time.Now()
				for range turn {
					d.Decode(p, LinkEthernet, data, uint32(len(data)), 1)
				}
				t1 := time.Now()
				for range turn {
					if err := parser.DecodeLayers(data, &found); err != nil {
						b.Fatal(err)
					}
				}
				t2 := time.Now()
				records = append(records, float64(t0.Sub(begin))/turn)
				ours = append(ours, float64(t1.Sub(t0))/turn)
				theirs = append(theirs, float64(t2.Sub(t1))/turn)
			}
			median := func(x []float64) float64 { slices.Sort(x); return x[len(x)/2] }
			us, them := median(ours), median(theirs)
			b.ReportMetric(0, "ns/op")
			b.ReportMetric(us, "ns/packet")
			b.ReportMetric(median(records), "ns/record")
			b.ReportMetric(them, "ns/gopacket")
			b.ReportMetric(them/us, "x")
		})
	}
}

// newParser returns gopacket's decoder that allocates nothing.
func newParser() *gopacket.DecodingLayerParser {
	p := gopacket.NewDecodingLayerParser(layers.LayerTypeEthernet,
		&layers.Ethernet{}, &layers.Dot1Q{}, &layers.IPv4{}, &layers.IPv6{}, &layers.TCP{}, &layers.UDP{},
		&layers.VXLAN{}, &layers.DNS{}, new(gopacket.Payload))
	p.IgnoreUnsupported = true
	return p
}

// TestDecodeAllocatesNothing holds for sound packets and for every frame of the
// bundled captures, whatever is wrong with it.
func TestDecodeAllocatesNothing(t *testing.T) {
	d := Decoder{App: AppLayers}
	p := new(Packet)
	check := func(name string, link LinkType, data []byte) {
		t.Helper()
		n := testing.AllocsPerRun(10, func() { d.Decode(p, link, data, uint32(len(data)), 1) })
		if n != 0 {
			t.Errorf("Decode(%s) allocates %v times, want 0", name, n)
		}
	}
	for name, data := range sampleFrames(t) {
		check(name, LinkEthernet, data)
	}
	for _, file := range bundledFiles(t) {
		frames := 0
		if err := readTrace(file, func(f traceFrame) {
			if frames++; frames <= 200 {
				check(file, f.link, f.data)
			}
		}); err != nil {
			t.Errorf("%s: %v", file, err)
		}
	}
}
