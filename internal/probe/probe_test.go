package probe

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/streamon/streamon/internal/capture"
	"github.com/streamon/streamon/internal/config"
	"github.com/streamon/streamon/internal/export"
	"github.com/streamon/streamon/runtime/list"
	"github.com/streamon/streamon/runtime/packet"
	"github.com/streamon/streamon/runtime/program"
)

var ctx = context.Background()

// logged gathers what the probe says.
type logged struct{ lines []string }

func (l *logged) logf(format string, args ...any) {
	l.lines = append(l.lines, fmt.Sprintf(format, args...))
}

func load(t *testing.T, p *Probe, f fake, settings ...string) {
	t.Helper()
	set, err := config.ParseSettings(settings)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.Load(ctx, Artifact{Info: f.info(), Settings: set}); err != nil {
		t.Fatalf("Load(%s) = %v", f.name, err)
	}
}

func summaryOf(t *testing.T, p *Probe) Summary {
	t.Helper()
	s, err := p.Summary(ctx)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestRun(t *testing.T) {
	run := func() (string, Summary, []packet.Time) {
		var out bytes.Buffer
		kept := &evidence{}
		p := New(Options{Records: export.NewJSON(&out), Evidence: kept})
		load(t, p, fake{name: "a"})
		load(t, p, fake{name: "b", every: 1000})
		if err := p.Run(ctx, &frames{n: 1000}); err != nil {
			t.Fatal(err)
		}
		return out.String(), summaryOf(t, p), kept.times
	}
	out, s, kept := run()
	if got := strings.Count(out, "\n"); got != 98 { // 7 sources, 1000/7 packets each, every 10th
		t.Errorf("%d records, want 98", got)
	}
	if s.Packets.Read != 1000 || s.Packets.Decoded != 1000 || s.Layers["udp"] != 500 || s.Layers["tcp"] != 500 || s.Layers["ip"] != 1000 {
		t.Errorf("packets %+v, layers %v", s.Packets, s.Layers)
	}
	// Two programs want the same packets dropped or kept: each counts once.
	if s.Packets.Dropped != 500 || s.Packets.Evidence != 500 || len(kept) != 500 || kept[1] != 2e6 {
		t.Errorf("dropped %d, evidence %d (%d kept), want 500 each", s.Packets.Dropped, s.Packets.Evidence, len(kept))
	}
	a := s.Programs[0]
	if a.Name != "a" || a.Packets != 1000 || a.Events["pkt"] != 1000 || a.States["host"]["seen"] != 7 || a.Records.Alert != 98 || a.Verdicts.Drop != 500 {
		t.Errorf("program a: %+v", a)
	}
	if m := a.Memory; len(m) != 1 || m[0].Name != "count" || m[0].Kind != "dleft" || m[0].Fill != 0.07 {
		t.Errorf("memory of a: %+v", m)
	}
	out2, s2, _ := run()
	j, _ := json.Marshal(s)
	j2, _ := json.Marshal(s2)
	if out != out2 || !bytes.Equal(j, j2) {
		t.Error("two runs differ")
	}
}

// evidence keeps the times of the packets it is given.
type evidence struct {
	times []packet.Time
	err   error
}

func (e *evidence) Write(f *capture.Frame) error {
	if e.err != nil {
		return e.err
	}
	e.times = append(e.times, f.Time)
	return nil
}

// TestSwapUnderLoad loads, replaces and unloads programs while packets flow. The
// program that is left alone sees every packet, and so do the generations of the
// replaced one together.
func TestSwapUnderLoad(t *testing.T) {
	p := New(Options{})
	load(t, p, fake{name: "steady"})
	load(t, p, fake{name: "swapped"})
	src := &frames{}
	done := make(chan error)
	go func() { done <- p.Run(ctx, src) }()
	for i := range 50 {
		next := Artifact{Info: fake{name: "swapped", version: fmt.Sprintf("%016x", i+2)}.info(), Limits: Limits{Memory: 1e12}}
		g, err := p.Replace(ctx, next)
		if err != nil {
			t.Fatal(err)
		}
		if g.Number != i+2 || len(g.Memory) != 1 || !g.Memory[0].Kept {
			t.Fatalf("generation %+v", g)
		}
		if _, err := p.Load(ctx, Artifact{Info: fake{name: "guest"}.info()}); err != nil {
			t.Fatal(err)
		}
		before, err := p.Program(ctx, "guest")
		if err != nil {
			t.Fatal(err)
		}
		for n := src.seen.Load(); before.Packets == 0; { // until it has seen packets
			if src.seen.Load() > n+packet.BatchSize*4 {
				if before, err = p.Program(ctx, "guest"); err != nil {
					t.Fatal(err)
				}
				n = src.seen.Load()
			}
		}
		if err := p.Unload(ctx, "guest"); err != nil {
			t.Fatal(err)
		}
	}
	src.stop.Store(true)
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	s := summaryOf(t, p)
	read := uint64(src.seen.Load())
	if s.Packets.Read != read || len(s.Programs) != 2 {
		t.Fatalf("read %d of %d, %d programs", s.Packets.Read, read, len(s.Programs))
	}
	for _, prog := range s.Programs {
		if prog.Packets != read || prog.Events["pkt"] != read {
			t.Errorf("%s saw %d packets and %d events, want %d", prog.Name, prog.Packets, prog.Events["pkt"], read)
		}
	}
	in := p.lookup("swapped").shards[0].inst.(*fakeInstance)
	var kept int64
	for _, n := range in.count {
		kept += n
	}
	if uint64(kept) != read || in.packets == read {
		t.Errorf("the counters of all generations hold %d packets, want %d; the last generation saw %d", kept, read, in.packets)
	}
}

func TestReplaceFails(t *testing.T) {
	bad := map[string]fake{
		"New returns an error": {name: "a", newErr: errors.New("no luck")},
		"New panics":           {name: "a", panicIn: "New"},
		"other ABI":            {name: "a", abi: 99},
	}
	for name, f := range bad {
		t.Run(name, func(t *testing.T) {
			p := New(Options{})
			load(t, p, fake{name: "a"})
			p.Run(ctx, &frames{n: 100})
			_, err := p.Replace(ctx, Artifact{Info: f.info()})
			if err == nil || !strings.Contains(err.Error(), `program "a"`) {
				t.Errorf("Replace = %v, want an error that names the program", err)
			}
			p.Run(ctx, &frames{n: 100})
			if s := summaryOf(t, p); s.Programs[0].Packets != 200 || s.Programs[0].Generation != 1 || s.Programs[0].Status != "running" {
				t.Errorf("the old generation does not run on: %+v", s.Programs[0])
			}
		})
	}
}

func TestReplaceChangedLayout(t *testing.T) {
	p := New(Options{})
	load(t, p, fake{name: "a"})
	g, err := p.Replace(ctx, Artifact{Info: fake{name: "a", countLayout: "count v2"}.info()})
	if err != nil || g.Memory[0].Kept || !strings.Contains(g.Memory[0].Why, "count v1") {
		t.Errorf("Replace = %+v, %v, want the reason why the counters are new", g, err)
	}
}

func TestLifecycleErrors(t *testing.T) {
	p := New(Options{})
	load(t, p, fake{name: "a"})
	var hint *HintError
	if _, err := p.Load(ctx, Artifact{Info: fake{name: "a"}.info()}); !errors.Is(err, ErrLoaded) || !errors.As(err, &hint) {
		t.Errorf("second Load = %v", err)
	}
	if _, err := p.Replace(ctx, Artifact{Info: fake{name: "b"}.info()}); !errors.Is(err, ErrNotLoaded) {
		t.Errorf("Replace of what is not there = %v", err)
	}
	if err := p.Unload(ctx, "b"); !errors.Is(err, ErrNotLoaded) || !errors.As(err, &hint) || !strings.Contains(hint.Hint, `"a"`) {
		t.Errorf("Unload = %v", err)
	}
	if _, err := p.Show(ctx, "b", 1); !errors.Is(err, ErrNotLoaded) {
		t.Errorf("Show = %v", err)
	}
	if _, err := p.Reload(ctx, "b"); !errors.Is(err, ErrNotLoaded) {
		t.Errorf("Reload = %v", err)
	}
}

func TestPanicStopsOneProgram(t *testing.T) {
	var l logged
	p := New(Options{Logf: l.logf})
	load(t, p, fake{name: "fake", panicIn: "Process", panicAt: 300})
	load(t, p, fake{name: "well"})
	if err := p.Run(ctx, &frames{n: 1000}); err != nil {
		t.Fatal(err)
	}
	s := summaryOf(t, p)
	if b := s.Programs[0]; b.Status != "stopped" || b.Packets != 300 || !strings.Contains(b.Error, "at fake.smon:31") || !strings.Contains(b.Error, "index out of range") {
		t.Errorf("the panicking program: %+v", b)
	}
	if w := s.Programs[1]; w.Status != "running" || w.Packets != 1000 {
		t.Errorf("the other program: %+v", w)
	}
	if len(l.lines) != 1 || !strings.Contains(l.lines[0], "fake.smon:31") {
		t.Errorf("log %q, want one line with the place", l.lines)
	}
	if p.Stopped(ctx) != 1 {
		t.Errorf("Stopped = %d, want 1", p.Stopped(ctx))
	}
	// A replacement runs, with fresh memory.
	g, err := p.Replace(ctx, Artifact{Info: fake{name: "fake"}.info()})
	if err != nil || g.Memory[0].Kept {
		t.Errorf("Replace of a stopped program = %+v, %v", g, err)
	}
	p.Run(ctx, &frames{n: 10})
	if b := summaryOf(t, p).Programs[0]; b.Status != "running" || b.Packets != 310 {
		t.Errorf("after Replace: %+v", b)
	}
}

func TestPanicElsewhere(t *testing.T) {
	var l logged
	p := New(Options{Logf: l.logf})
	if _, err := p.Load(ctx, Artifact{Info: fake{name: "a", panicIn: "Activate"}.info()}); err == nil {
		t.Error("Load of a program that panics in Activate = nil")
	}
	load(t, p, fake{name: "b", panicIn: "Stats"})
	if err := p.Run(ctx, &frames{n: 10}); err != nil {
		t.Fatal(err)
	}
	for _, prog := range summaryOf(t, p).Programs {
		if prog.Status != "stopped" {
			t.Errorf("%s: status %s", prog.Name, prog.Status)
		}
	}
}

func TestParams(t *testing.T) {
	str := []program.ParamInfo{{Name: "who", Default: program.Value{Kind: program.KindString, S: []byte("x")}}, {Name: "gap", Default: program.Value{Kind: program.KindDuration, I: 60e9}}}
	f := fake{name: "a", params: str}
	tests := []struct{ set, want, hint string }{
		{"a.every=ten", `parameter every: "ten": expected a whole number`, ""},
		{"a.evry=10", `no parameter "evry"`, "its parameters are every, who, gap"},
		{"a.gap=10", `parameter gap: "10": expected a duration`, ""},
	}
	for _, tt := range tests {
		set, _ := config.ParseSettings([]string{tt.set})
		_, err := New(Options{}).Load(ctx, Artifact{Info: f.info(), Settings: set})
		var hint *HintError
		if err == nil || !strings.Contains(err.Error(), tt.want) || tt.hint != "" && (!errors.As(err, &hint) || hint.Hint != tt.hint) {
			t.Errorf("--set %s: %v (%v), want %q", tt.set, err, hint, tt.want)
		}
	}

	p := New(Options{})
	load(t, p, f, "a.every=3", "a.who=me", "other.every=9", "a.every=4")
	d, err := p.Show(ctx, "a", 10)
	if err != nil || string(d.Params["every"]) != "4" || string(d.Params["who"]) != `"me"` || string(d.Params["gap"]) != "60" {
		t.Errorf("parameters in force: %s, %v", d.Params, err)
	}
	// A new generation keeps them, except those it has no more and those set anew.
	set, _ := config.ParseSettings([]string{"a.gap=5s"})
	if _, err := p.Replace(ctx, Artifact{Info: fake{name: "a", params: str[1:]}.info(), Settings: set}); err != nil {
		t.Fatal(err)
	}
	d, _ = p.Show(ctx, "a", 10)
	if string(d.Params["every"]) != "4" || d.Params["who"] != nil || string(d.Params["gap"]) != "5" {
		t.Errorf("parameters after Replace: %s", d.Params)
	}
}

func TestLists(t *testing.T) {
	path := filepath.Join(t.TempDir(), "bad.txt")
	write := func(text string) {
		t.Helper()
		if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	set := []config.Setting{{Program: "a", Name: "bad", Value: path}}
	f := fake{name: "a", lists: []program.ListInfo{{Name: "bad", File: "bad.txt"}}}
	p := New(Options{})
	if _, err := p.Load(ctx, Artifact{Info: f.info(), Lists: set}); err == nil {
		t.Error("Load with a list file that is not there = nil")
	}
	write("10.0.0.1\n")
	if _, err := p.Load(ctx, Artifact{Info: f.info(), Lists: []config.Setting{{Program: "a", Name: "good", Value: path}}}); err == nil || !strings.Contains(err.Error(), `no list "good"`) {
		t.Errorf("Load with a list that the program has not = %v", err)
	}
	if _, err := p.Load(ctx, Artifact{Info: f.info(), Lists: set}); err != nil {
		t.Fatal(err)
	}
	has := func() (got string) {
		l := p.lookup("a").shards[0].inst.(*fakeInstance).env.List("bad")
		for i := range byte(4) {
			if ip := [16]byte(packet.IPv4(10, 0, 0, i)); l.HasIP(&ip) {
				got += fmt.Sprint(i)
			}
		}
		return got
	}
	if got := has(); got != "1" {
		t.Errorf("list holds %q, want 1", got)
	}
	write("10.0.0.2\n10.0.0.3\n")
	if n, err := p.Reload(ctx, ""); n != 1 || err != nil || has() != "23" {
		t.Errorf("Reload = %d, %v; list %q", n, err, has())
	}
	write("10.0.0.2\n10.0.0.0/40\n")
	if n, err := p.Reload(ctx, "a"); n != 0 || err == nil || !strings.Contains(err.Error(), "bad.txt") || has() != "23" {
		t.Errorf("Reload of a bad file = %d, %v; list %q, want the old one", n, err, has())
	}
	write("10.0.0.0/30\n")
	if _, err := p.Replace(ctx, Artifact{Info: f.info()}); err != nil || has() != "0123" {
		t.Errorf("Replace: %v, list %q, want that of the file as it is now", err, has())
	}
	var none *list.List
	if l := p.lookup("a").shards[0].inst.(*fakeInstance).env.List("other"); l != none {
		t.Error("a list without a file is not nil")
	}
}

func TestShow(t *testing.T) {
	p := New(Options{})
	load(t, p, fake{name: "a"})
	p.Run(ctx, &frames{n: 100})
	d, err := p.Show(ctx, "a", 3)
	if err != nil || len(d.Entities) != 3 || !d.More || len(d.Entries) != 1 || string(d.Entries[0].Value) != "1.5" || d.Entities[0].Since != "1970-01-01T00:00:00.000000007Z" {
		t.Errorf("Show = %+v, %v", d, err)
	}
	text, err := json.Marshal(d)
	if err != nil || !json.Valid(text) {
		t.Errorf("detail as JSON: %s, %v", text, err)
	}
}

func TestOutputErrors(t *testing.T) {
	var l logged
	p := New(Options{Records: export.NewJSON(broken{}), Evidence: &evidence{err: errors.New("disk full")}, Logf: l.logf})
	load(t, p, fake{name: "a"})
	err := p.Run(ctx, &frames{n: 1000})
	if err == nil || !strings.Contains(err.Error(), "writing records") || !strings.Contains(err.Error(), "writing evidence") {
		t.Errorf("Run = %v, want both errors", err)
	}
	if s := summaryOf(t, p); s.Programs[0].Packets != 1000 || s.Packets.Evidence != 0 || s.Programs[0].Records.Lost == 0 {
		t.Errorf("programs do not run on: %+v", s.Programs[0])
	}
	if len(l.lines) != 2 {
		t.Errorf("log %q, want one line each", l.lines)
	}
}

type broken struct{}

func (broken) Write([]byte) (int, error) { return 0, errors.New("disk full") }

// TestLayersOnDemand: application layers are decoded if a program wants them, and
// for the summary if there is no program.
func TestLayersOnDemand(t *testing.T) {
	p := New(Options{})
	if p.dec.App != packet.AppLayers {
		t.Errorf("App = %v without programs, want all", p.dec.App)
	}
	load(t, p, fake{name: "a", layers: packet.TCP})
	if p.dec.App != 0 {
		t.Errorf("App = %v, want none", p.dec.App)
	}
	load(t, p, fake{name: "b", layers: packet.DNS | packet.UDP})
	p.Run(ctx, &frames{n: 10})
	s := summaryOf(t, p)
	if _, ok := s.Layers["dns"]; !ok || p.dec.App != packet.DNS {
		t.Errorf("App = %v, layers %v, want DNS counted", p.dec.App, s.Layers)
	}
	if _, ok := s.Layers["tls"]; ok {
		t.Error("TLS is counted though it was not decoded")
	}
}

// TestEndOfTime: times beyond maxTime are held back.
func TestEndOfTime(t *testing.T) {
	p := New(Options{})
	if err := p.Run(ctx, late{&frames{n: 300}}); err != nil {
		t.Fatal(err)
	}
	if s := summaryOf(t, p); s.Packets.Read != 300 || *s.First != *s.Last || !strings.HasPrefix(*s.Last, "2189") || p.batch.Packets[0].Time != maxTime {
		t.Errorf("first %s, last %s", *s.First, *s.Last)
	}
}

// late puts all packets at the end of time.
type late struct{ *frames }

func (l late) Next(f *capture.Frame) error {
	err := l.frames.Next(f)
	f.Time = math.MaxInt64
	return err
}

// TestRequestsAroundRun: requests are answered before, during and after a run, and
// give up with their context.
func TestRequestsAroundRun(t *testing.T) {
	p := New(Options{})
	src := &frames{}
	runCtx, cancel := context.WithCancel(ctx)
	done := make(chan error)
	go func() { done <- p.Run(runCtx, src) }()
	for summaryOf(t, p).Packets.Read == 0 {
	}
	if err := p.Run(ctx, &frames{n: 1}); err == nil {
		t.Error("a second Run at the same time = nil")
	}
	cancel()
	if err := <-done; err != nil {
		t.Errorf("Run = %v after its context was done", err)
	}
	if got := summaryOf(t, p).Packets.Read; got != uint64(src.seen.Load()) {
		t.Errorf("read %d, want %d", got, src.seen.Load())
	}
	end := &capture.DamagedError{Path: "x", Reason: "cut"}
	if err := p.Run(ctx, &frames{n: 5, end: end}); len(capture.Damages(err)) != 1 {
		t.Errorf("Run = %v, want the damage", err)
	}
}

func BenchmarkProcess(b *testing.B) {
	p := New(Options{})
	p.Run(ctx, &frames{n: packet.BatchSize})
	p.batch.N = packet.BatchSize
	b.ReportAllocs()
	for range b.N {
		p.loop.process()
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*packet.BatchSize), "ns/packet")
}

// TestRunCancelled: that a source has heard of the end before the run is no error; another is.
func TestRunCancelled(t *testing.T) {
	for _, workers := range []int{1, 2} {
		for _, c := range []struct {
			end  error
			want bool
		}{{context.Canceled, false}, {fmt.Errorf("reading: %w", context.Canceled), false}, {io.ErrUnexpectedEOF, true}} {
			p := New(Options{Workers: workers})
			load(t, p, fake{name: "a"})
			if err := p.Run(ctx, &frames{n: 1000, end: c.end}); (err != nil) != c.want {
				t.Errorf("%d workers: Run = %v of a source that ends in %v", workers, err, c.end)
			}
			if s := summaryOf(t, p); s.Packets.Read != 1000 {
				t.Errorf("%d workers: %d packets read", workers, s.Packets.Read)
			}
		}
	}
}
