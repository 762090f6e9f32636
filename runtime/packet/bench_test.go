package packet

import (
	"testing"

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

// BenchmarkGopacket is the same work by gopacket's fastest way, as a yardstick.
func BenchmarkGopacket(b *testing.B) {
	frames := sampleFrames(b)
	for _, name := range benchOrder {
		data := frames[name]
		b.Run(name, func(b *testing.B) {
			var (
				eth     layers.Ethernet
				tag     layers.Dot1Q
				ip4     layers.IPv4
				ip6     layers.IPv6
				tcp     layers.TCP
				udp     layers.UDP
				vxlan   layers.VXLAN
				dns     layers.DNS
				payload gopacket.Payload
			)
			parser := gopacket.NewDecodingLayerParser(layers.LayerTypeEthernet,
				&eth, &tag, &ip4, &ip6, &tcp, &udp, &vxlan, &dns, &payload)
			parser.IgnoreUnsupported = true
			var found []gopacket.LayerType
			b.SetBytes(int64(len(data)))
			b.ReportAllocs()
			for b.Loop() {
				if err := parser.DecodeLayers(data, &found); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
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
