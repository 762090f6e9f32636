package bench

import (
	"bytes"
	"context"
	"testing"

	"github.com/streamon/streamon/runtime/packet"
	"github.com/streamon/streamon/runtime/program"
)

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
	r, err := Run(context.Background(), Options{Programs: []*program.Info{info}, Packets: 1000, Rounds: 3, File: 300})
	if err != nil {
		t.Fatal(err)
	}
	row := r.Tables[0].Rows[0]
	if made != 9 || row.Events != 1 || row.Metrics != 1 || row.Kernel.taken() || row.Many != nil {
		t.Errorf("%d instances, row %+v", made, row)
	}
	for name, x := range map[string]Timing{"decode": row.Decode, "probe": row.Probe, "file": row.File} {
		if !x.taken() || x.Min > x.Median || x.Max < x.Median {
			t.Errorf("%s = %+v", name, x)
		}
	}
	var b bytes.Buffer
	if err := r.Print(&b); err != nil || !bytes.Contains(b.Bytes(), []byte("synthetic packets: syn-load, 1000 packets")) {
		t.Errorf("table %q, %v", b.String(), err)
	}
	info.Manifest.ABI++
	if _, err := Run(context.Background(), Options{Programs: []*program.Info{info}, Packets: 10, Rounds: 1}); err == nil {
		t.Error("a program of another interface was measured")
	}
}
