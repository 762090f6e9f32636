package probe

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/streamon/streamon/internal/export"
	"github.com/streamon/streamon/runtime/program"
)

// deaf is a writer that cannot write.
type deaf struct{ export.Writer }

func (deaf) Write(*export.Origin, *program.Record) error { return errors.New("no space") }

// TestReplaceLost: records that could not be written are counted once, whatever generations
// follow.
func TestReplaceLost(t *testing.T) {
	p := New(Options{Records: deaf{export.Discard}})
	load(t, p, fake{name: "fake"})
	src := &frames{n: 1000}
	p.Run(ctx, src)
	want := summaryOf(t, p).Programs[0].Records.Lost
	for range 3 {
		if _, err := p.Replace(ctx, Artifact{Info: fake{name: "fake"}.info()}); err != nil {
			t.Fatal(err)
		}
	}
	if got := summaryOf(t, p).Programs[0].Records.Lost; got != want || want == 0 {
		t.Errorf("%d records lost after three replacements, want %d as before", got, want)
	}
}

// TestReplaceFaulted: the running generation is stopped while the next one is made over its
// memory, which is then not to be relied on.
func TestReplaceFaulted(t *testing.T) {
	for _, workers := range []int{1, 3} {
		p := New(Options{Workers: workers})
		load(t, p, fake{name: "fake", panicIn: "Process", panicAt: 300})
		made := 0
		next := fake{name: "fake", version: "0000000000000002", inNew: func() {
			if made++; made == 1 {
				p.Run(ctx, &frames{n: 1000})
			}
		}}
		g, err := p.Replace(ctx, Artifact{Info: next.info()})
		if err != nil || g.Memory[0].Kept || made != 2 || g.Number != 2 {
			t.Errorf("workers %d: Replace = %+v, %v; made %d times", workers, g, err, made)
		}
		if s := summaryOf(t, p).Programs[0]; s.Status != "running" || s.Version != next.version {
			t.Errorf("workers %d: %+v", workers, s)
		}
	}
}

// TestRollback: what is stopped soon after it has replaced another version makes room for
// that again.
func TestRollback(t *testing.T) {
	const second, minute = 1000, 60_000 // packets
	v2 := fake{name: "fake", version: "0000000000000002", panicIn: "Process"}
	cases := []struct {
		name    string
		at      uint64 // packet after the replacement; 0 = in Activate
		isBack  bool
		isFirst bool // the replacement is before the first packet
	}{
		{"at once", 1, true, false}, {"before the first packet", 30 * second, true, true}, {"within a minute", 59 * second, true, false},
		{"after a minute", minute + second, false, false}, {"taking over", 0, true, false},
	}
	for _, workers := range []int{1, 3} {
		for _, c := range cases {
			t.Run(c.name, func(t *testing.T) {
				var l logged
				p := New(Options{Workers: workers, Logf: l.logf, Notef: l.logf})
				load(t, p, fake{name: "fake"}, "fake.every=7")
				src := &frames{n: 5 * second}
				if !c.isFirst {
					p.Run(ctx, src)
				}
				f := v2
				if f.panicAt = c.at; c.at == 0 {
					f.panicIn = "Activate"
				}
				_, err := p.Replace(ctx, Artifact{Info: f.info(), Limits: Limits{Budget: time.Hour}})
				if c.at > 0 && err != nil || c.at == 0 && (!errors.Is(err, ErrStopped) || !strings.Contains(err.Error(), "version 0000000000000001 goes on, with empty memory")) {
					t.Fatalf("Replace = %v", err)
				}
				src.n = 2 * minute
				p.Run(ctx, src)
				d, err := p.Show(ctx, "fake", 0)
				if err != nil {
					t.Fatal(err)
				}
				log := strings.Join(l.lines, "\n")
				if !c.isBack {
					if d.Status != "stopped" || d.Generation != 2 || d.RolledBack != "" || len(l.lines) != 1 {
						t.Errorf("%+v\n%s", d.Program, log)
					}
					return
				}
				if d.Status != "running" || d.Version != "0000000000000001" || d.Generation != 3 || d.Rollbacks != 1 || d.Limits != nil ||
					string(d.Params["every"]) != "7" || !strings.Contains(d.RolledBack, "version 0000000000000002 was stopped: panic while") || d.Kept[0].Kept {
					t.Errorf("%+v, parameters %s, inherited %+v", d.Program, d.Params, d.Kept)
				}
				if len(l.lines) != 2 || !strings.Contains(log, "program fake went back to version 0000000000000001, with empty memory: version 0000000000000002 was stopped soon after") {
					t.Errorf("log:\n%s", log)
				}
				// What follows is on trial as usual, and what it says is not of long ago.
				if _, err := p.Replace(ctx, Artifact{Info: fake{name: "fake", version: "0000000000000003"}.info()}); err != nil {
					t.Fatal(err)
				}
				if s := summaryOf(t, p).Programs[0]; s.Generation != 4 || s.RolledBack != "" || s.Rollbacks != 1 {
					t.Errorf("after another replacement: %+v", s)
				}
			})
		}
	}
}

// TestRollbackOnce: if the version before fails too, its policy holds.
func TestRollbackOnce(t *testing.T) {
	var l logged
	p := New(Options{Logf: l.logf, Notef: l.logf, Limits: Limits{Restart: &Restart{OnFailure: true, Most: 1, Within: time.Hour}}})
	load(t, p, fake{name: "fake", panicIn: "Process", panicAt: 500})
	src := &frames{n: 100}
	p.Run(ctx, src)
	if _, err := p.Replace(ctx, Artifact{Info: fake{name: "fake", version: "0000000000000002", panicIn: "Process", panicAt: 1}.info()}); err != nil {
		t.Fatal(err)
	}
	src.n = 10_000
	p.Run(ctx, src)
	if s := summaryOf(t, p).Programs[0]; s.Status != "stopped" || s.Version != "0000000000000001" || s.Restarts != 1 || s.Rollbacks != 1 {
		t.Errorf("%+v\n%s", s, strings.Join(l.lines, "\n"))
	}
}
