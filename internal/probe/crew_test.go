package probe

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/streamon/streamon/internal/capture"
	"github.com/streamon/streamon/internal/export"
	"github.com/streamon/streamon/runtime/packet"
	"github.com/streamon/streamon/runtime/program"
)

// result is all that a run gives, as text.
type result struct {
	records, summary, state string
	evidence                []string
	programs                []Program
}

// bytesKept is an Evidence that keeps times and bytes.
type bytesKept struct{ list []string }

func (e *bytesKept) Write(f *capture.Frame) error {
	e.list = append(e.list, fmt.Sprintf("%d %x", f.Time, f.Data))
	return nil
}

// runWith runs programs over packets with so many workers. while, if there is one,
// is called while packets flow.
func runWith(t *testing.T, workers int, src capture.Source, programs []*program.Info, while func(p *Probe)) (r result) {
	t.Helper()
	var out bytes.Buffer
	kept := &bytesKept{}
	p := New(Options{Workers: workers, Records: export.NewJSON(&out), Evidence: kept})
	for _, info := range programs {
		if _, err := p.Load(ctx, Artifact{Info: info}); err != nil {
			t.Fatal(err)
		}
	}
	done := make(chan error, 1)
	go func() { done <- p.Run(ctx, src) }()
	if while != nil {
		while(p)
	}
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	s := summaryOf(t, p)
	r.programs = slices.Clone(s.Programs)
	for i := range s.Programs {
		d, err := p.Show(ctx, s.Programs[i].Name, math.MaxInt)
		if err != nil {
			t.Fatal(err)
		}
		var lines []string
		for _, e := range d.Entities {
			lines = append(lines, fmt.Sprintf("%s %s %s %s", e.Entity, e.Key, e.State, e.Since))
		}
		for _, e := range d.Entries {
			lines = append(lines, fmt.Sprintf("%s %s %s", e.Table, e.Key, e.Value))
		}
		slices.Sort(lines)
		r.state += s.Programs[i].Name + "\n" + strings.Join(lines, "\n") + "\n"
		s.Programs[i].Memory, s.Programs[i].Generation = nil, 0
	}
	text, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	r.records, r.summary, r.evidence = out.String(), string(text), kept.list
	return r
}

// same fails the test where two runs differ.
func same(t *testing.T, what string, got, want result) {
	t.Helper()
	if got.records != want.records {
		g, w := strings.Split(got.records, "\n"), strings.Split(want.records, "\n")
		for i := range min(len(g), len(w)) {
			if g[i] != w[i] {
				t.Fatalf("%s: record %d of %d (want %d)\n got %s\nwant %s", what, i, len(g), len(w), g[i], w[i])
			}
		}
		t.Fatalf("%s: %d records, want %d", what, len(g), len(w))
	}
	if got.summary != want.summary {
		t.Errorf("%s: summary\n got %s\nwant %s", what, got.summary, want.summary)
	}
	if got.state != want.state {
		t.Errorf("%s: state\n got %s\nwant %s", what, got.state, want.state)
	}
	if !slices.Equal(got.evidence, want.evidence) {
		t.Errorf("%s: other evidence: %d packets, want %d", what, len(got.evidence), len(want.evidence))
	}
}

// TestWorkersAgree: records, verdicts, evidence, counters and memory do not depend on
// the number of workers, nor on how they are scheduled.
func TestWorkersAgree(t *testing.T) {
	programs := func(yield uint64) []*program.Info {
		return []*program.Info{
			fake{name: "a", every: 3}.info(), crowd{name: "crowd", yield: yield}.info(), fake{name: "b", every: 7}.info(),
			crowd{name: "whole", whole: true}.info(), crowd{name: "second", yield: yield}.info(), fake{name: "c", every: 2}.info(),
		}
	}
	const packets = 24*packet.BatchSize + 77
	for seed := range uint64(3) {
		want := runWith(t, 1, newMixed(seed, packets), programs(0), nil)
		if n := strings.Count(want.records, "\n"); n < packets/2 || !strings.Contains(want.records, `"topic":"timer"`) || len(want.evidence) == 0 {
			t.Fatalf("the programs report too little for a test: %d records, %d packets kept", n, len(want.evidence))
		}
		for _, workers := range []int{2, 3, 5} {
			for _, yield := range []uint64{0, 1 + seed} {
				got := runWith(t, workers, newMixed(seed, packets), programs(yield), nil)
				same(t, fmt.Sprintf("seed %d, %d workers, yield %d", seed, workers, yield), got, want)
			}
		}
	}
}

// TestWorkersMemory: the structures of the shards are listed as one.
func TestWorkersMemory(t *testing.T) {
	const packets = 1000
	one := runWith(t, 1, newMixed(1, packets), []*program.Info{crowd{name: "crowd"}.info()}, nil).programs[0].Memory
	four := runWith(t, 4, newMixed(1, packets), []*program.Info{crowd{name: "crowd"}.info()}, nil).programs[0].Memory
	want := Structure{Name: "hosts", Kind: "table", Used: one[0].Used, Capacity: 400, Bytes: 4000, Fill: float64(one[0].Used) / 400, Error: 0.5, Evicted: 4, Rejected: 8}
	if len(four) != 1 || four[0] != want {
		t.Errorf("memory of four shards %+v, want %+v", four, want)
	}
}

// TestWorkersReplace: replacing a program while packets flow changes nothing but its
// generation, since each shard keeps its memory; a guest that comes and goes neither.
func TestWorkersReplace(t *testing.T) {
	for _, yield := range []uint64{0, 7} {
		programs := []*program.Info{crowd{name: "crowd", yield: yield}.info(), fake{name: "steady", every: 1000}.info()}
		src := newMixed(4, 0)
		got := runWith(t, 3, src, programs, func(p *Probe) {
			defer src.stop.Store(true)
			for i := range 10 {
				for seen := src.read.Load(); src.read.Load() < seen+3*packet.BatchSize; { // until packets flow
					runtime.Gosched()
				}
				g, err := p.Replace(ctx, Artifact{Info: programs[0]})
				if err != nil || g.Number != i+2 || len(g.Memory) != 1 || !g.Memory[0].Kept {
					t.Errorf("Replace = %+v, %v", g, err)
				}
				if _, err := p.Load(ctx, Artifact{Info: crowd{name: "guest", quiet: true}.info()}); err != nil {
					t.Error(err)
				}
				if s := summaryOf(t, p); len(s.Programs) != 3 || s.Programs[0].Packets != s.Packets.Read || s.Programs[1].Packets != s.Packets.Read {
					t.Errorf("a request sees an unfinished batch: %+v", s)
				}
				if err := p.Unload(ctx, "guest"); err != nil {
					t.Error(err)
				}
			}
		})
		want := runWith(t, 1, newMixed(4, int(src.read.Load())), programs, nil)
		got.evidence, want.evidence = nil, nil // the guest keeps packets too
		got.summary, want.summary = "", ""     // and its drops are counted
		same(t, "with replacements", got, want)
		for i := range got.programs {
			g, w := got.programs[i], want.programs[i]
			if g.Packets != w.Packets || g.Records != w.Records || g.Verdicts != w.Verdicts || g.Events["timer"] != w.Events["timer"] {
				t.Errorf("counters of all generations %+v, want %+v", g, w)
			}
		}
	}
}

// TestWorkersOtherShards: memory that was spread otherwise is not inherited.
func TestWorkersOtherShards(t *testing.T) {
	p := New(Options{Workers: 2})
	if _, err := p.Load(ctx, Artifact{Info: crowd{name: "crowd"}.info()}); err != nil {
		t.Fatal(err)
	}
	p.Run(ctx, newMixed(1, 1000))
	g, err := p.Replace(ctx, Artifact{Info: crowd{name: "crowd", whole: true}.info()})
	if err != nil || len(g.Memory) != 1 || g.Memory[0].Kept || g.Memory[0].Why != "spread otherwise: was in 2 shards, is in 1" {
		t.Errorf("Replace = %+v, %v, want the reason why memory is empty", g, err)
	}
	p.Run(ctx, newMixed(1, 1000))
	if s := summaryOf(t, p).Programs[0]; s.Packets != 2000 || s.Status != "running" {
		t.Errorf("after Replace: %+v", s)
	}
}

// TestWorkersNotSharded: a manifest that promises too much is refused.
func TestWorkersNotSharded(t *testing.T) {
	info := fake{name: "a"}.info()
	info.Manifest.Partition.OK = true
	if _, err := New(Options{Workers: 2}).Load(ctx, Artifact{Info: info}); err == nil || !strings.Contains(err.Error(), "in shards") {
		t.Errorf("Load = %v, want an error", err)
	}
	if _, err := New(Options{Workers: 1}).Load(ctx, Artifact{Info: info}); err != nil {
		t.Errorf("Load with one worker = %v", err)
	}
}

// TestWorkersPanic: a panic in a shard, in steering or in a program that is run whole
// stops that program and no other, and nobody waits for it.
func TestWorkersPanic(t *testing.T) {
	const packets, at = 30 * packet.BatchSize, 9*packet.BatchSize + 100
	for _, panicIn := range []string{"Process", "Steer"} {
		for _, whole := range []bool{false, true} {
			if whole && panicIn == "Steer" {
				continue
			}
			for yield := range uint64(4) {
				programs := func(in string) []*program.Info {
					return []*program.Info{
						crowd{name: "well", yield: yield}.info(), crowd{name: "crowd", yield: yield, whole: whole, panicIn: in, panicAt: at}.info(), fake{name: "b"}.info(),
					}
				}
				want := runWith(t, 1, newMixed(5, packets), programs(""), nil)
				got := runWith(t, 3, newMixed(5, packets), programs(panicIn), nil)
				sick := got.programs[1]
				if sick.Status != "stopped" || panicIn == "Process" && !strings.Contains(sick.Error, "at crowd.smon:17") {
					t.Fatalf("the panicking program: %+v", sick)
				}
				if got, want := only(got.records, "well", "b"), only(want.records, "well", "b"); got != want {
					t.Errorf("panic in %s: the other programs report otherwise", panicIn)
				}
				// What it said before the batch of the panic stands, and nothing after.
				g, w := only(got.records, "crowd"), only(want.records, "crowd")
				if len(g) == 0 || len(g) > len(w)/2 || panicIn == "Steer" && !strings.HasPrefix(w, g) {
					t.Errorf("panic in %s: %d bytes of records of %d", panicIn, len(g), len(w))
				}
				if sick.Verdicts.Capture == 0 || len(got.evidence) == 0 {
					t.Errorf("no evidence from before the panic")
				}
			}
		}
	}
}

// only returns the lines of some programs.
func only(records string, names ...string) string {
	var out strings.Builder
	for line := range strings.Lines(records) {
		for _, n := range names {
			if strings.Contains(line, `"program":"`+n+`"`) {
				out.WriteString(line)
			}
		}
	}
	return out.String()
}

// TestWorkersReplaceStopped: a program that was stopped in shards can be replaced, and
// begins with empty memory.
func TestWorkersReplaceStopped(t *testing.T) {
	var l logged
	p := New(Options{Workers: 2, Logf: l.logf})
	if _, err := p.Load(ctx, Artifact{Info: crowd{name: "crowd", panicIn: "Process", panicAt: 300}.info()}); err != nil {
		t.Fatal(err)
	}
	p.Run(ctx, newMixed(1, 5000))
	if len(l.lines) != 1 || !strings.Contains(l.lines[0], "crowd.smon:17") || p.Stopped(ctx) != 1 {
		t.Errorf("log %q, want one line with the place", l.lines)
	}
	g, err := p.Replace(ctx, Artifact{Info: crowd{name: "crowd"}.info()})
	if err != nil || g.Memory[0].Kept {
		t.Errorf("Replace of a stopped program = %+v, %v", g, err)
	}
	before := summaryOf(t, p).Programs[0].Packets
	p.Run(ctx, newMixed(1, 1000))
	if s := summaryOf(t, p).Programs[0]; s.Status != "running" || s.Packets != before+1000 {
		t.Errorf("after Replace: %+v, want 1000 packets more than %d", s, before)
	}
}

// TestWorkersHoldNothingBack: while a source has nothing, all that is known is written.
func TestWorkersHoldNothingBack(t *testing.T) {
	first := newMixed(3, 700)
	src := &stalled{mixed: first, wake: make(chan struct{})}
	runCtx, cancel := context.WithCancel(ctx)
	defer cancel()
	out := &notifying{want: 1000, seen: make(chan struct{})}
	p := New(Options{Workers: 3, Records: out})
	if _, err := p.Load(ctx, Artifact{Info: crowd{name: "crowd"}.info()}); err != nil {
		t.Fatal(err)
	}
	out.want = strings.Count(runWith(t, 1, newMixed(3, 700), []*program.Info{crowd{name: "crowd"}.info()}, nil).records, "\n")
	live := capture.Live(runCtx, src)
	done := make(chan error, 1)
	go func() { done <- p.Run(runCtx, live) }()
	select {
	case <-out.seen: // though the source is not at its end, and fewer batches came than the ring holds
	case <-time.After(time.Minute):
		t.Error("records are held back while the source has nothing")
	}
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
	close(src.wake)
	live.Close()
}

// stalled is a source that keeps its reader waiting at the end.
type stalled struct {
	*mixed
	wake chan struct{}
}

func (s *stalled) Next(f *capture.Frame) error {
	err := s.mixed.Next(f)
	if err != nil {
		<-s.wake
	}
	return err
}

// notifying is a Writer that says when it has written so many records.
type notifying struct {
	n, want int
	seen    chan struct{}
	told    bool
}

func (w *notifying) Write(*export.Origin, *program.Record) error { w.n++; return nil }

func (w *notifying) Flush() error {
	if w.n == w.want && !w.told {
		close(w.seen)
		w.told = true
	}
	return nil
}

// TestWorkersDoNotAllocate: once buffers have grown nothing is allocated, neither per
// packet nor per batch, records included. Which worker reads is for the scheduler to say, so
// a slot may come to its first batch, and grow, late: but no run of batches after the other
// allocates.
func TestWorkersDoNotAllocate(t *testing.T) {
	p := New(Options{Workers: 2})
	for _, c := range []crowd{{name: "a"}, {name: "b", whole: true}} {
		if _, err := p.Load(ctx, Artifact{Info: c.info()}); err != nil {
			t.Fatal(err)
		}
	}
	src := &weighed{mixed: newMixed(1, 0)}
	if err := p.Run(ctx, src); err != nil {
		t.Fatal(err)
	}
	if last := src.allocated[len(src.allocated)-1]; last > steadyAllocs {
		t.Errorf("allocations by %d batches, one after the other: %d", weighEvery, src.allocated)
	}
}

// weighed is a source without an end of its own that looks, every so many batches, at what
// was allocated meanwhile, and ends when that was next to nothing or was looked at often.
type weighed struct {
	*mixed
	n         int
	objects   uint64
	allocated []uint64
}

const (
	weighEvery   = 600             // batches
	weighings    = 20              // at most
	steadyAllocs = weighEvery / 10 // the runtime has some of its own
)

func (s *weighed) Next(f *capture.Frame) error {
	if s.n%(weighEvery*packet.BatchSize) == 0 && s.weigh() {
		return io.EOF
	}
	s.n++
	return s.mixed.Next(f)
}

// weigh reports whether that was all.
func (s *weighed) weigh() bool {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	n := m.Mallocs - s.objects
	s.objects = m.Mallocs
	if s.n == 0 {
		return false
	}
	s.allocated = append(s.allocated, n)
	return n <= steadyAllocs || len(s.allocated) == weighings
}

// TestCrewLeavesStopped shows no packet to a program that panicked when time passed without
// packets, however many workers there are.
func TestCrewLeavesStopped(t *testing.T) {
	for _, workers := range []int{1, 2} {
		p := New(Options{Workers: workers})
		load(t, p, fake{name: "sick", panicIn: "Tick"})
		p.tick(capture.NewBatcher(idle{newMixed(1, 0)}, new(packet.Decoder)))
		if err := p.Run(ctx, newMixed(1, 5000)); err != nil {
			t.Fatal(err)
		}
		s, err := p.Summary(ctx)
		if err != nil {
			t.Fatal(err)
		}
		if got := s.Programs[0]; got.Status != "stopped" || got.Packets != 0 {
			t.Errorf("%d workers: %s after %d packets", workers, got.Status, got.Packets)
		}
	}
}

// idle is a live source without packets.
type idle struct{ capture.Source }

func (idle) Idle() (packet.Time, bool) { return 1 << 50, true }
