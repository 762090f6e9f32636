package bench

import (
	"bytes"
	"context"
	"math"
	"os"
	"path/filepath"
	"testing"

	"github.com/streamon/streamon/internal/capture"
	"github.com/streamon/streamon/runtime/packet"
	"github.com/streamon/streamon/runtime/program"
)

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
	var p packet.Packet
	flows := map[[36]byte]int{}
	most := 0
	for i := range n {
		new(packet.Decoder).Decode(&p, l.Link, l.frame(i), l.wire[i], l.times[i])
		if p.Has&packet.TCP == 0 || p.Problem != packet.None && p.CapLen == p.Len {
			t.Fatalf("packet %d: layers %b, problem %v", i, p.Has, p.Problem)
		}
		var k [36]byte
		copy(k[:], p.Src[:])
		copy(k[16:], p.Dst[:])
		k[32], k[33], k[34], k[35] = byte(p.SrcPort), byte(p.SrcPort>>8), byte(p.DstPort), byte(p.DstPort>>8)
		flows[k]++
		most = max(most, flows[k])
	}
	// Zipf's law: many flows of one packet and some of thousands.
	if len(flows) < n/10 || most < n/100 {
		t.Errorf("%d packets are %d flows, the largest of %d", n, len(flows), most)
	}
}

// A load that goes through a file comes back with the same times and headers.
func TestWritePcap(t *testing.T) {
	l := Synthetic(1000, 1)
	path := filepath.Join(t.TempDir(), "load.pcap")
	var b bytes.Buffer
	if err := l.WritePcap(&b, 500); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, b.Bytes(), 0o600); err != nil {
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
		if f.Time != l.times[i] || f.WireLen != l.wire[i] || len(f.Data) != int(l.wire[i]) || !bytes.Equal(f.Data[:54], l.frame(i)) {
			t.Fatalf("packet %d: %v, %d bytes, want %v, %d", i, f.Time, f.WireLen, l.times[i], l.wire[i])
		}
	}
	again, err := Repeated(path, 1200)
	if err != nil {
		t.Fatal(err)
	}
	if again.Packets() != 1200 || again.times[500] <= again.times[499] || !bytes.Equal(again.frame(1000), again.frame(0)) {
		t.Errorf("repeated: %d packets", again.Packets())
	}
}

// counter is a program that counts what it is shown.
type counter struct{ packets uint64 }

func (*counter) Activate()                                                      {}
func (c *counter) Process(b *packet.Batch, _ *program.Verdicts)                 { c.packets += uint64(b.N) }
func (*counter) Tick(packet.Time)                                               {}
func (c *counter) Stats(s *program.Stats)                                       { s.Events = []uint64{c.packets} }
func (*counter) States(func(string, []program.Field, string, packet.Time) bool) {}
func (*counter) Tables(func(string, []program.Field, program.Value) bool)       {}

// Run shows every packet once to a new instance in each round.
func TestRun(t *testing.T) {
	made := 0
	info := &program.Info{
		Manifest: program.Manifest{ABI: program.ABI, Name: "counter", Memory: []program.MemoryInfo{{Name: "m", Kind: "dleft"}}},
		New:      func(*program.Env) (program.Instance, error) { made++; return new(counter), nil },
	}
	r, err := Run(context.Background(), []*program.Info{info}, Options{Load: Synthetic(1000, 1), Rounds: 3, File: 300})
	if err != nil {
		t.Fatal(err)
	}
	row := r.Rows[0]
	if made != 6 || row.Events != 1 || row.Metrics != 1 || !(row.Engine > 0 && row.Decode > row.Engine && row.File > 0) || row.Kernel != 0 {
		t.Errorf("%d instances, row %+v", made, row)
	}
	var b bytes.Buffer
	if err := r.Print(&b); err != nil || !bytes.Contains(b.Bytes(), []byte("x paper")) {
		t.Errorf("table %q, %v", b.String(), err)
	}
	info.Manifest.ABI++
	if _, err := Run(context.Background(), []*program.Info{info}, Options{Load: Synthetic(10, 1), Rounds: 1}); err == nil {
		t.Error("a program of another interface was measured")
	}
}

func TestMedian(t *testing.T) {
	for _, tt := range []struct {
		x    []float64
		want float64
	}{{nil, 0}, {[]float64{3}, 3}, {[]float64{9, 1, 2}, 2}, {[]float64{4, 1, 3, 2}, 2.5}} {
		if got := median(tt.x); got != tt.want {
			t.Errorf("median(%v) = %v, want %v", tt.x, got, tt.want)
		}
	}
}
