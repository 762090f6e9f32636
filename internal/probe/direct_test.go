package probe

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/streamon/streamon/internal/capture"
	"github.com/streamon/streamon/internal/export"
	"github.com/streamon/streamon/runtime/packet"
	"github.com/streamon/streamon/runtime/program"
)

// crowdByHeads is a crowd that is steered by heads.
type crowdByHeads struct {
	*crowdInstance
	steered uint64 // batches
}

// SteerHeads implements program.HeadSteerer. It panics, if it is to, in the batch of its own
// that is as far from the first as the packet is.
func (i *crowdByHeads) SteerHeads(heads *packet.Heads, r *program.Routes) {
	if i.panicIn == "Steer" && i.steered == i.panicAt/packet.BatchSize {
		i.hang.orPanic("crowd SteerHeads")
	}
	i.steered++
	for n := range heads.N {
		h := &heads.Of[n]
		if h.Has&packet.IPLayer == 0 {
			continue
		}
		at, to := i.owner(h.Src), i.owner(h.Dst)
		r.Give(n/64, at, 0, 1<<(n%64))
		r.Pass(n/64, to, 0, 1<<(n%64))
		if h.Has&packet.UDP != 0 {
			r.Give(n/64, to, 1, 1<<(n%64))
			r.Pass(n/64, at, 1, 1<<(n%64))
		}
	}
}

// crowdOnHeads is a crowd that is shown heads. It looks at those only that are due to it.
type crowdOnHeads struct {
	*crowdByHeads
	due *packet.Batch
}

// ProcessShardHeads implements program.HeadSharded.
func (i *crowdOnHeads) ProcessShardHeads(heads *packet.Heads, r *program.Routes, v *program.Verdicts) {
	times := new([packet.BatchSize]packet.Time)
	i.due.N, i.due.Times = heads.N, times
	for n := range heads.N {
		times[n] = heads.Time(n)
		i.due.Packets[n] = packet.Packet{}
		if h := &heads.Of[n]; r.Due(n/64, i.env.Shard)>>(n%64)&1 != 0 {
			i.due.Packets[n] = packet.Packet{Has: h.Has, Src: h.Src, Dst: h.Dst, SrcPort: h.SrcPort, DstPort: h.DstPort, Time: h.Time, Len: h.Len}
		}
	}
	i.ProcessShard(i.due, r, v)
}

// mixedFile writes the packets of newMixed to a file.
func mixedFile(t *testing.T, seed uint64, packets int) (path string) {
	t.Helper()
	return fileOf(t, newMixed(seed, packets), func(*capture.Frame) {})
}

// fileOf writes the packets of a source to a file, changed.
func fileOf(t *testing.T, from capture.Source, change func(*capture.Frame)) (path string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "mixed.pcapng")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	w := capture.NewWriter(f, "")
	for {
		var k capture.Frame
		if err := from.Next(&k); err == io.EOF {
			break
		}
		change(&k)
		if err := w.Write(&k); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	return path
}

func open(t *testing.T, path string) capture.Source {
	t.Helper()
	src, err := capture.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { src.Close() })
	return src
}

// directs is how many batches of a run went the direct way.
func directs(p *Probe) (n int) {
	for w := range p.crew.lanes {
		n += int(p.crew.lanes[w].directs)
	}
	return n
}

// mayBeDirect is whether a batch of a file may be, on this machine.
var mayBeDirect = packet.HasKernel(packet.LinkEthernet, 0)

// TestWorkersDirect: so they agree if each decodes nothing but its own; and if there is a
// program beside that wants it otherwise, nobody goes the direct way.
func TestWorkersDirect(t *testing.T) {
	const batches = 100
	for seed := range uint64(2) {
		path := mixedFile(t, seed, batches*packet.BatchSize+77)
		for name, others := range map[string][]*program.Info{
			"alone": nil, "beside one that waits": {crowd{name: "waits"}.info()}, "beside a whole one": {fake{name: "whole", every: 5}.info()},
		} {
			programs := func(yield uint64) []*program.Info {
				return append([]*program.Info{
					crowd{name: "a", heads: true, yield: yield}.info(), crowd{name: "b", heads: true}.info(), crowd{name: "c", heads: true, onHeads: true, yield: yield}.info(),
				}, others...)
			}
			want := runWith(t, 1, open(t, path), programs(0), nil)
			if !strings.Contains(want.records, `"topic":"timer"`) || len(want.evidence) == 0 {
				t.Fatal("the programs report too little for a test")
			}
			for _, workers := range []int{2, 3} {
				var p *Probe
				got := runWith(t, workers, open(t, path), programs(seed), func(of *Probe) { p = of })
				same(t, fmt.Sprintf("%s, seed %d, %d workers", name, seed, workers), got, want)
				if n := directs(p); others != nil && n != 0 || others == nil && mayBeDirect && n < batches {
					t.Errorf("%s, %d workers: %d batches of %d went the direct way", name, workers, n, batches)
				}
			}
		}
	}
}

// TestDirectDetour: where packets are not plain workers go the other way, and look now and then
// whether that is so still. Times that programs cannot reckon with are held back either way.
func TestDirectDetour(t *testing.T) {
	const batches = 200
	from := newMixed(4, batches*packet.BatchSize)
	from.now = maxTime - 1e9
	path := fileOf(t, from, func(f *capture.Frame) {
		if f.Data[19]%8 != 0 { // tagged
			f.Data = append(append(append([]byte{}, f.Data[:12]...), 0x81, 0, 0, 5), f.Data[12:]...)
			f.WireLen = 64
		}
	})
	programs := []*program.Info{crowd{name: "a", heads: true}.info(), crowd{name: "b", heads: true}.info()}
	want := runWith(t, 1, open(t, path), programs, nil)
	if !strings.Contains(want.summary, `"2189`) {
		t.Errorf("times are not at their end: %s", want.summary)
	}
	for _, workers := range []int{2, 3} {
		var p *Probe
		got := runWith(t, workers, open(t, path), programs, func(of *Probe) { p = of })
		same(t, fmt.Sprintf("%d workers", workers), got, want)
		if n := directs(p); mayBeDirect && (n < batches/(detour+1)-workers || n > batches/(detour+1)+workers) {
			t.Errorf("%d workers: %d batches of %d went the direct way, want about one of %d", workers, n, batches, detour+1)
		}
	}
}

// dropped is a Dropper that keeps what it is told.
type dropped struct{ list []string }

func (d *dropped) Drop(o *export.Origin, p *packet.Packet) bool {
	d.list = append(d.list, fmt.Sprintf("%d %d %x", p.Time, p.IPID, p.Data))
	return false
}

// TestDirectDrops: whoever takes dropped packets is told of whole ones.
func TestDirectDrops(t *testing.T) {
	path := mixedFile(t, 7, 60*packet.BatchSize)
	var want *dropped
	for workers := range 3 {
		got := new(dropped)
		p := New(Options{Workers: workers + 1, Drops: got})
		if _, err := p.Load(ctx, Artifact{Info: crowd{name: "crowd", heads: true}.info()}); err != nil {
			t.Fatal(err)
		}
		if err := p.Run(ctx, open(t, path)); err != nil {
			t.Fatal(err)
		}
		switch {
		case workers == 0:
			want = got
		case len(got.list) < 100 || strings.Join(got.list, "\n") != strings.Join(want.list, "\n"):
			t.Errorf("%d workers: %d packets dropped, other ones than with one worker: %d", workers+1, len(got.list), len(want.list))
		case mayBeDirect && directs(p) == 0:
			t.Error("no batch went the direct way")
		}
	}
}

// TestDirectFaults: a program that panics or hangs when it is steered by heads, or where it
// handles, is stopped, and the others lose nothing.
func TestDirectFaults(t *testing.T) {
	const packets, at = 60 * packet.BatchSize, 9*packet.BatchSize + 100
	path := mixedFile(t, 5, packets)
	for _, in := range []string{"Steer", "Process"} {
		for _, hangs := range []bool{false, true} {
			well := func(sick crowd) []*program.Info {
				sick.name, sick.heads = "sick", true
				return []*program.Info{crowd{name: "well", heads: true}.info(), sick.info(), crowd{name: "after", heads: true}.info()}
			}
			want := runWith(t, 1, open(t, path), well(crowd{}), nil)
			sick, out := crowd{panicIn: in, panicAt: at}, new(strings.Builder)
			if in == "Steer" {
				sick.panicAt = 4 * packet.BatchSize
			}
			h := new(hang)
			if hangs {
				sick.hang = h
			}
			p := New(Options{Workers: 3, Records: export.NewJSON(out)})
			for _, info := range well(sick) {
				if _, err := p.Load(ctx, Artifact{Info: info}); err != nil {
					t.Fatal(err)
				}
			}
			h.patience(p, "sick")
			if err := p.Run(ctx, open(t, path)); err != nil {
				t.Fatal(err)
			}
			what := fmt.Sprintf("in %s, hangs %v", in, hangs)
			if got, want := only(out.String(), "well", "after"), only(want.records, "well", "after"); got != want {
				t.Errorf("%s: the other programs report otherwise: %d bytes, want %d", what, len(got), len(want))
			}
			if s := summaryOf(t, p); mayBeDirect && s.Programs[1].Status != "stopped" || s.Packets.Read != packets {
				t.Errorf("%s: %s, %d packets read", what, s.Programs[1].Status, s.Packets.Read)
			}
			if mayBeDirect && directs(p) == 0 {
				t.Errorf("%s: no batch went the direct way", what)
			}
			if hangs && mayBeDirect {
				h.end(t, p)
			}
		}
	}
}
