package probe

import (
	"bytes"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/streamon/streamon/internal/capture"
	"github.com/streamon/streamon/internal/export"
	"github.com/streamon/streamon/runtime/packet"
	"github.com/streamon/streamon/runtime/program"
)

// TestEndlessReports: a program that reports without end is stopped, and neither memory nor
// output fills with what it says.
func TestEndlessReports(t *testing.T) {
	for _, workers := range []int{1, 3} {
		p := New(Options{Workers: workers, GiveUp: time.Hour, Records: export.Discard})
		load(t, p, fake{name: "well"})
		load(t, p, fake{name: "sick", endless: true})
		if err := p.Run(ctx, &frames{n: 1000}); err != nil {
			t.Fatal(err)
		}
		s := summaryOf(t, p).Programs
		if s[0].Packets != 1000 || s[1].Status != "stopped" || !strings.Contains(s[1].Error, "it reports on and on") {
			t.Errorf("workers %d: %+v", workers, s)
		}
	}
}

// TestReportsOfCalls: it is reports of one call that are bounded, not those of all.
func TestReportsOfCalls(t *testing.T) {
	p := New(Options{Records: export.Discard})
	load(t, p, fake{name: "fake"})
	in := p.programs[0]
	r := &program.Record{Type: program.LogRecord}
	for range 3 {
		err := in.call(in.shards[0], "reporting", func() {
			for range maxReports {
				in.shards[0].sink.Emit(r)
			}
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

// TestRestartWaits: however often a policy allows, waits grow, and are short again after a
// time without a fault.
func TestRestartWaits(t *testing.T) {
	const sec = packet.Time(time.Second)
	p := New(Options{Limits: Limits{Restart: &Restart{OnFailure: true, Most: 1, Within: time.Millisecond}}})
	load(t, p, fake{name: "fake"})
	p.hasFirst = true
	var waits []time.Duration
	in, now := p.programs[0], 100*sec
	fault := func(after packet.Time) {
		now += after
		p.newest = now
		in.stop(errEnded)
		waits = append(waits, time.Duration(in.restarts.at-now))
		now = in.restarts.at
		p.newest = now
		p.seeTo(now)
		in = p.programs[0]
	}
	for range 8 {
		fault(sec)
	}
	fault(packet.Time(steady))
	fault(sec)
	want := []time.Duration{1, 2, 4, 8, 16, 32, 60, 60, 1, 2}
	for i, w := range want {
		if waits[i] != w*time.Second {
			t.Fatalf("waits %v, want %v s", waits, want)
		}
	}
}

// TestTenantRestart: a tenant cannot have its programs started more often than the operator
// lets others.
func TestTenantRestart(t *testing.T) {
	often := &Restart{OnFailure: true, Most: 1_000_000, Within: time.Second}
	for _, c := range []struct {
		name            string
		operator, asked *Restart
		want            string
	}{
		{"nothing said", nil, often, OnFailure.String()},
		{"never", &Restart{}, often, ""},
		{"less often", &Restart{OnFailure: true, Most: 2, Within: time.Hour}, often, "on-failure:2/1h"},
		{"fewer", nil, &Restart{OnFailure: true, Most: 1, Within: time.Hour}, "on-failure:1/1h"},
		{"not at all", &OnFailure, &Restart{}, ""},
		{"as all", &OnFailure, nil, OnFailure.String()},
	} {
		p := New(Options{Limits: Limits{Restart: c.operator}})
		a := Artifact{Info: fake{name: "fake"}.info(), Limits: Limits{Restart: c.asked}}
		if _, err := p.Load(AsTenant(ctx, "red", nil), a); err != nil {
			t.Fatal(err)
		}
		got := ""
		if l := summaryOf(t, p).Programs[0].Limits; l != nil {
			got = l.Restart
		}
		if got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
		if often.Most != 1_000_000 || OnFailure.Most != 5 {
			t.Fatalf("%s: policies of others were changed", c.name)
		}
	}
}

// TestDoomed: what is over its memory budget is stopped although it is shown no packet.
func TestDoomed(t *testing.T) {
	doom := func(p *Probe, name string) {
		why := error(errEnded)
		p.lookup(name).doom.Store(&why)
	}
	status := func(p *Probe, name string) string { return p.lookup(name).report().Status }
	p := New(Options{})
	load(t, p, fake{name: "sick"})
	p.Run(ctx, &frames{n: 10})
	doom(p, "sick")
	p.tick(capture.NewBatcher(idle{newMixed(1, 0)}, new(packet.Decoder)))
	if got := status(p, "sick"); got != "stopped" {
		t.Errorf("while time passes: %s", got)
	}
	for _, workers := range []int{1, 3} {
		p := New(Options{Workers: workers})
		load(t, p, fake{name: "well"})
		a := Artifact{Info: fake{name: "sick"}.info(), Slice: &Slice{VLANs: []int{7}}}
		if _, err := p.Load(ctx, a); err != nil {
			t.Fatal(err)
		}
		doom(p, "sick")
		p.Run(ctx, &frames{n: 1000})
		if got := status(p, "sick"); got != "stopped" || status(p, "well") != "running" {
			t.Errorf("workers %d, without packets of its slice: %s", workers, got)
		}
	}
}

// hoard keeps what is reported, as the queue of a sink that is dead does.
type hoard struct {
	export.Writer
	kept [][]byte
}

func (h *hoard) Write(*export.Origin, *program.Record) error {
	h.kept = append(h.kept, make([]byte, 1<<20))
	return nil
}

// TestChargedForReports: memory in which the host keeps what a program has reported is not the
// program's.
func TestChargedForReports(t *testing.T) {
	h := &hoard{Writer: export.Discard}
	p := New(Options{Records: h})
	load(t, p, fake{name: "fake"})
	in := p.programs[0]
	used := func() int64 {
		runtime.GC()
		if u := inUse()[in.code]; u != nil {
			return u.bytes
		}
		return 0
	}
	before := used()
	if err := p.Run(ctx, &frames{n: 2000}); err != nil {
		t.Fatal(err)
	}
	if grown := used() - before; len(h.kept) < 100 || grown > 10<<20 {
		t.Errorf("charged for %d MB after %d records of 1 MB", grown>>20, len(h.kept))
	}
	runtime.KeepAlive(h)
}

// TestFillsOfOthers: a program is not given up since the heap grows by what others allocate.
func TestFillsOfOthers(t *testing.T) {
	p := New(Options{GiveUp: time.Hour})
	var isOver atomic.Bool
	var bufs [24]bytes.Buffer
	slow := func() {
		for isOver.Load(); !isOver.Load(); {
			runtime.Gosched()
		}
	}
	a := Artifact{Info: fake{name: "slow", slow: slow}.info(), Limits: Limits{Memory: 8 << 20}}
	if _, err := p.Load(ctx, a); err != nil {
		t.Fatal(err)
	}
	done := make(chan error)
	go func() { done <- p.Run(ctx, &frames{n: 10}) }()
	in := p.programs[0]
	for i := range bufs { // no code of this package is on the stack that allocates
		go bufs[i].Grow(4 << 20)
		time.Sleep(lookEvery / 4)
	}
	isOver.Store(true)
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	if in.stopped != nil {
		t.Errorf("stopped: %v", in.stopped)
	}
}
