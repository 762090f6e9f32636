package probe

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/streamon/streamon/internal/export"
	"github.com/streamon/streamon/runtime/packet"
)

// TestShadow tries a version beside the running one and promotes it or not. The program has
// run for a while before: what it remembers is neither the shadows' nor lost.
func TestShadow(t *testing.T) {
	next := fake{name: "fake", version: "0000000000000002"}
	other := fake{name: "fake", version: "0000000000000002", every: 7}
	sick := fake{name: "fake", version: "0000000000000002", panicIn: "Process", panicAt: 300}
	cases := []struct {
		name    string
		next    fake
		promote Promote
		status  string
		differ  bool
		why     string
	}{
		{"equal", next, PromoteIfEqual, "promoted", false, ""},
		{"equal by default", next, "", "promoted", false, ""},
		{"other threshold", other, PromoteIfEqual, "refused", true, "report otherwise"},
		{"other threshold anyway", other, PromoteAuto, "promoted", true, ""},
		{"captures all", fake{name: "fake", version: "0000000000000002", keepsAll: true}, PromoteNever, "refused", false, "only to be compared"},
		{"only compared", next, PromoteNever, "refused", false, "only to be compared"},
		{"panics", sick, PromoteAuto, "refused", true, "was stopped: panic while processing packets at fake.smon:31"},
	}
	for _, workers := range []int{1, 3} {
		for _, c := range cases {
			t.Run(c.name, func(t *testing.T) {
				var out bytes.Buffer
				ev := &bytesKept{}
				p := New(Options{Workers: workers, Records: export.NewJSON(&out), Evidence: ev})
				load(t, p, fake{name: "fake"})
				src := &frames{n: 3000}
				if err := p.Run(ctx, src); err != nil {
					t.Fatal(err)
				}
				g, err := p.Replace(ctx, Artifact{Info: c.next.info(), Shadow: &ShadowPlan{For: 2 * time.Second, Promote: c.promote}})
				if err != nil || g.Number != 1 || g.Shadow == nil || g.Shadow.Status != "running" {
					t.Fatalf("Replace = %+v, %v", g, err)
				}
				if n := len(summaryOf(t, p).Programs); n != 1 {
					t.Errorf("%d programs are listed while a shadow runs", n)
				}
				src.n = 9000
				if err := p.Run(ctx, src); err != nil {
					t.Fatal(err)
				}
				d, err := p.Show(ctx, "fake", 10)
				if err != nil {
					t.Fatal(err)
				}
				r := d.Shadow
				if r == nil || r.Status != c.status || !strings.Contains(r.Why, c.why) || (len(r.Differences) > 0) != c.differ || r.OldRecords < 190 && c.next.panicIn == "" {
					t.Fatalf("report %+v", r)
				}
				generation := 1
				if c.status == "promoted" {
					generation = 2
					if m := r.Promoted.Memory; len(m) != 1 || !m[0].Kept {
						t.Errorf("inherited %+v, want the running one's counts", m)
					}
				}
				if d.Generation != generation || d.Packets != 9000 || d.Status != "running" {
					t.Errorf("generation %d, %d packets, %s; want %d and all 9000", d.Generation, d.Packets, d.Status, generation)
				}
				if want := 9000 / 2; len(ev.list) != want {
					t.Errorf("evidence of %d packets, want %d: shadows have no verdicts", len(ev.list), want)
				}
				if n := strings.Count(out.String(), "\n"); !c.differ && uint64(n) != d.Records.Alert {
					t.Errorf("%d records were written, the program counts %d", n, d.Records.Alert)
				}
				if !c.differ { // the counts went on over the promotion
					plain := New(Options{Records: export.Discard})
					load(t, plain, fake{name: "fake"})
					plain.Run(ctx, &frames{n: 9000})
					if want := summaryOf(t, plain).Programs[0].Records.Alert; d.Records.Alert != want {
						t.Errorf("%d alerts, want %d as without a shadow", d.Records.Alert, want)
					}
				}
			})
		}
	}
}

// TestShadowCounts: how much both versions have reported is said while the shadow runs.
func TestShadowCounts(t *testing.T) {
	for _, workers := range []int{1, 3} {
		p := New(Options{Workers: workers, Records: export.Discard})
		load(t, p, fake{name: "fake"})
		a := Artifact{Info: fake{name: "fake", version: "0000000000000002", every: 7}.info(), Shadow: &ShadowPlan{For: 10_000 * time.Hour}}
		src := new(frames) // without end
		end := make(chan error)
		go func() { end <- p.Run(ctx, src) }()
		if _, err := p.Replace(ctx, a); err != nil {
			t.Fatal(err)
		}
		var r ShadowReport
		for range 5000 {
			d, err := p.Show(ctx, "fake", 1)
			if err != nil {
				t.Fatal(err)
			}
			if r = *d.Shadow; r.OldRecords > 0 && r.NewRecords > 0 {
				break
			}
			time.Sleep(time.Millisecond)
		}
		if r.Status != "running" || r.OldRecords == 0 || r.NewRecords == 0 || r.NewRecords == r.OldRecords {
			t.Errorf("%d workers: %+v", workers, r)
		}
		src.stop.Store(true)
		if err := <-end; err != nil {
			t.Fatal(err)
		}
	}
}

// TestShadowEnds: a shadow ends with its program, and with the packets; nothing is promoted.
func TestShadowEnds(t *testing.T) {
	var l logged
	try := func() (*Probe, *frames) {
		l.lines = nil
		p := New(Options{Notef: l.logf})
		load(t, p, fake{name: "fake"})
		_, err := p.Replace(ctx, Artifact{Info: fake{name: "fake", version: "0000000000000002"}.info(), Shadow: &ShadowPlan{For: time.Minute}})
		if err != nil {
			t.Fatal(err)
		}
		src := &frames{n: 2 * packet.BatchSize}
		return p, src
	}
	p, src := try()
	_, err := p.Replace(ctx, Artifact{Info: fake{name: "fake"}.info(), Shadow: &ShadowPlan{For: time.Minute}})
	if err == nil || !strings.Contains(err.Error(), "is tried already") {
		t.Errorf("a second shadow: %v", err)
	}
	p.Run(ctx, src)
	if d, _ := p.Show(ctx, "fake", 0); d.Shadow == nil || d.Shadow.Status != "ended" || d.Generation != 1 || d.Shadow.Begun == nil || d.Shadow.Same == 0 {
		t.Errorf("after the last packet: %+v", d.Shadow)
	}
	l.want(t, "ended: there are no more packets")
	p, src = try()
	if _, err := p.Replace(ctx, Artifact{Info: fake{name: "fake", version: "0000000000000003"}.info()}); err != nil {
		t.Fatal(err)
	}
	p.Run(ctx, src)
	if d, _ := p.Show(ctx, "fake", 0); d.Shadow == nil || d.Shadow.Status != "ended" || d.Version != "0000000000000003" || len(p.line) != 1 {
		t.Errorf("after another replacement: %+v, %d instances", d.Shadow, len(p.line))
	}
	l.want(t, "ended: the program was replaced or unloaded meanwhile")
	p, src = try()
	if err := p.Unload(ctx, "fake"); err != nil {
		t.Fatal(err)
	}
	p.Run(ctx, src)
	if len(p.shadows) != 0 || len(p.line) != 0 {
		t.Errorf("after unload: %d shadows, %d instances", len(p.shadows), len(p.line))
	}
	l.want(t, "ended: the program was replaced or unloaded meanwhile")
	for _, plan := range []ShadowPlan{{}, {For: time.Second, Promote: "perhaps"}} {
		if _, err := p.Replace(ctx, Artifact{Info: fake{name: "fake"}.info(), Shadow: &plan}); err == nil {
			t.Errorf("plan %+v was taken", plan)
		}
	}
}

// want looks for one line with a text.
func (l *logged) want(t *testing.T, text string) {
	t.Helper()
	if len(l.lines) != 1 || !strings.Contains(l.lines[0], text) {
		t.Errorf("log %q, want one line with %q", l.lines, text)
	}
}

// TestShadowFaults: the running program is stopped while a version is tried beside it, or the
// present version is as a shadow.
func TestShadowFaults(t *testing.T) {
	const second = 1000 // packets
	for _, c := range []struct {
		name       string
		at         uint64 // packet at which the present version panics, running and as a shadow
		before     int    // packets before the shadow
		promote    Promote
		restart    *Restart
		isPromoted bool
		why        string
		restarts   int
	}{
		{"running", 31 * second, 30 * second, PromoteIfEqual, nil, true, "", 0},
		{"running, started again", 31 * second, 30 * second, PromoteIfEqual, &OnFailure, true, "", 1},
		{"as a shadow", 1 * second, 500, PromoteIfEqual, nil, false, "the present version was stopped as a shadow", 0},
		{"as a shadow, whatever differs", 1 * second, 500, PromoteAuto, nil, true, "", 0},
	} {
		for _, workers := range []int{1, 3} {
			t.Run(c.name, func(t *testing.T) {
				p := New(Options{Workers: workers, Limits: Limits{Restart: c.restart}})
				load(t, p, fake{name: "fake", panicIn: "Process", panicAt: c.at})
				src := &frames{n: c.before}
				p.Run(ctx, src)
				next := fake{name: "fake", version: "0000000000000002"}
				if _, err := p.Replace(ctx, Artifact{Info: next.info(), Shadow: &ShadowPlan{For: 20 * time.Second, Promote: c.promote}}); err != nil {
					t.Fatal(err)
				}
				src.n += 45 * second // several workers run ahead of whoever sees to what is due, on a busy machine by seconds
				p.Run(ctx, src)
				d, err := p.Show(ctx, "fake", 0)
				if err != nil {
					t.Fatal(err)
				}
				if got := d.Shadow.Status == "promoted"; got != c.isPromoted || !strings.Contains(d.Shadow.Why, c.why) || d.Restarts != c.restarts {
					t.Errorf("%s: %s; restarts %d", d.Shadow.Status, d.Shadow.Why, d.Restarts)
				}
				if c.isPromoted && (d.Status != "running" || d.Version != next.version || c.restarts == 0 && d.Shadow.Promoted.Memory[0].Kept) {
					t.Errorf("%+v, inherited %+v", d.Program, d.Shadow.Promoted)
				}
			})
		}
	}
}
