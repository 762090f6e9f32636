package probe

import (
	"fmt"
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

// hang is a call that does not return until the test says so.
type hang struct {
	isOver   atomic.Bool
	begun    atomic.Int32
	isGoexit bool
	sick     time.Duration // if it is to be given up late: a third of that is what others have
	onset    func()        // called when it hangs; nil = nothing
}

func (h *hang) spin() {
	if h.onset != nil {
		h.onset()
	}
	h.begun.Add(1)
	if h.isGoexit {
		runtime.Goexit()
	}
	for !h.isOver.Load() {
	}
}

// orPanic panics if there is no hang.
func (h *hang) orPanic(why string) {
	if h == nil {
		panic(why)
	}
	h.spin()
}

// end lets the lost goroutines go on, and waits until they have come to the gate and ended.
func (h *hang) end(t *testing.T, p *Probe) {
	t.Helper()
	h.isOver.Store(true)
	for range 3000 {
		if p.strays.Load() == 0 {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Errorf("%d lost goroutines have not ended", p.strays.Load())
}

// patience sets how long each program's calls last before they are given up: so long that no
// machine is so busy, unless the test is about those who wait; the sick one's two looks, once
// it hangs and not before.
func (h *hang) patience(p *Probe, sick string) {
	for _, in := range p.programs {
		in.giveUp.Store(int64(time.Hour))
		switch {
		case in.name == sick:
			limit := max(h.sick, 2*lookEvery)
			h.onset = func() { in.giveUp.Store(int64(limit)) }
		case h.sick > 0:
			in.giveUp.Store(int64(h.sick / 3))
		}
	}
}

// TestHang: a program that does not come back from a batch is stopped, wherever it runs, and
// the others lose nothing, even if they have waited for longer than they may take themselves.
func TestHang(t *testing.T) {
	const packets, at = 60 * packet.BatchSize, 9*packet.BatchSize + 100
	cases := []struct {
		name    string
		workers int
		sick    func(h *hang) *program.Info
		place   string
	}{
		{"one worker", 1, func(h *hang) *program.Info {
			return fake{name: "fake", panicIn: "Process", panicAt: at, hang: h}.info()
		}, "fake.smon:41"},
		{"ends its goroutine", 1, func(h *hang) *program.Info {
			h.isGoexit = true
			return fake{name: "fake", panicIn: "Process", panicAt: at, hang: h}.info()
		}, ""},
		{"whole", 3, func(h *hang) *program.Info {
			return fake{name: "fake", panicIn: "Process", panicAt: at, hang: h}.info()
		}, "fake.smon:41"},
		{"whole, others wait", 3, func(h *hang) *program.Info {
			h.sick = 3 * time.Second
			return fake{name: "fake", panicIn: "Process", panicAt: at, hang: h}.info()
		}, "fake.smon:41"},
		{"in shards", 3, func(h *hang) *program.Info {
			return crowd{name: "crowd", panicIn: "Process", panicAt: at, hang: h}.info()
		}, "crowd.smon:27"},
		{"steering", 3, func(h *hang) *program.Info {
			return crowd{name: "crowd", panicIn: "Steer", panicAt: at, hang: h}.info()
		}, ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			well := func(sick *program.Info) []*program.Info {
				return []*program.Info{crowd{name: "well"}.info(), sick, fake{name: "after"}.info()}
			}
			want := runWith(t, 1, newMixed(5, packets), well(fake{name: "none"}.info()), nil)
			h, l, out := new(hang), logged{}, new(strings.Builder)
			p := New(Options{Workers: c.workers, Records: export.NewJSON(out), Logf: l.logf})
			sick := c.sick(h)
			for _, info := range well(sick) {
				if _, err := p.Load(ctx, Artifact{Info: info}); err != nil {
					t.Fatal(err)
				}
			}
			h.patience(p, sick.Manifest.Name)
			if err := p.Run(ctx, newMixed(5, packets)); err != nil {
				t.Fatal(err)
			}
			if h.begun.Load() == 0 {
				t.Fatal("nothing hung")
			}
			records := out.String()
			if got, want := only(records, "well", "after"), only(want.records, "well", "after"); got != want {
				t.Errorf("the other programs report otherwise: %d bytes, want %d", len(got), len(want))
			}
			lost := summaryOf(t, p).Programs[1]
			if lost.Status != "stopped" || !strings.Contains(lost.Error, "given up") || !strings.Contains(lost.Error, c.place) {
				t.Errorf("the lost program: %s, %s; want the place %s", lost.Status, lost.Error, c.place)
			}
			if len(l.lines) != 1 || !strings.Contains(l.lines[0], lost.Error) {
				t.Errorf("log %q", l.lines)
			}
			if !h.isGoexit {
				h.end(t, p)
			}
			p.flush()
			if got := out.String(); got != records {
				t.Errorf("the lost goroutine wrote %q", got[len(records):])
			}
		})
	}
}

// TestHangElsewhere: so is one that does not come back from what it is asked between batches,
// and whoever asks gets an answer.
func TestHangElsewhere(t *testing.T) {
	for _, in := range []string{"New", "Activate", "Stats", "States", "Tick"} {
		t.Run(in, func(t *testing.T) {
			h, l := new(hang), logged{}
			p := New(Options{GiveUp: time.Hour, Logf: l.logf})
			load(t, p, fake{name: "well"})
			p.opt.GiveUp = 2 * lookEvery
			_, err := p.Load(ctx, Artifact{Info: fake{name: "sick", panicIn: in, hang: h}.info()})
			switch in {
			case "New", "Activate":
				if err == nil || strings.Count(err.Error(), "given up") != 1 {
					t.Errorf("Load = %v", err)
				}
			case "States":
				p.Show(ctx, "sick", 10)
			case "Tick":
				p.Run(ctx, &frames{n: 300})
				p.tick(capture.NewBatcher(idle{newMixed(1, 0)}, new(packet.Decoder)))
			}
			if err := p.Run(ctx, &frames{n: 1000}); err != nil {
				t.Fatal(err)
			}
			s := summaryOf(t, p)
			if w := s.Programs[0]; w.Status != "running" || w.Packets < 1000 {
				t.Errorf("the other program: %+v", w)
			}
			if in == "New" || in == "Activate" {
				if len(s.Programs) != 1 || len(l.lines) != 0 {
					t.Errorf("what was never loaded is listed or logged: %+v, %q", s.Programs, l.lines)
				}
			} else {
				if len(l.lines) != 1 {
					t.Errorf("log %q, want one line", l.lines)
				}
				if len(s.Programs) != 2 || s.Programs[1].Status != "stopped" || !strings.Contains(s.Programs[1].Error, "given up") {
					t.Errorf("programs %+v", s.Programs)
				}
			}
			h.end(t, p)
		})
	}
}

// TestShed: batches are withheld from a program that takes more than its budget; one that
// takes far more is stopped.
func TestShed(t *testing.T) {
	for _, workers := range []int{1, 3} {
		for _, factor := range []int{1, 3, 100} {
			t.Run(fmt.Sprintf("workers%d/times%d", workers, factor), func(t *testing.T) {
				const budget, batches = 20 * time.Microsecond, 3 * shedWindow
				var clock atomic.Int64 // that nothing but the program advances
				defer func(was func() moment) { now = was }(now)
				now = func() moment { return moment(clock.Load()) }
				spend := func() { clock.Add(int64(factor) * int64(budget)) }
				p := New(Options{Workers: workers})
				load(t, p, fake{name: "well"})
				a := Artifact{Info: fake{name: "slow", slow: spend}.info(), Limits: Limits{Budget: budget}}
				if _, err := p.Load(ctx, a); err != nil {
					t.Fatal(err)
				}
				if err := p.Run(ctx, &frames{n: batches * packet.BatchSize}); err != nil {
					t.Fatal(err)
				}
				s := summaryOf(t, p).Programs
				if s[0].Packets != batches*packet.BatchSize || s[0].Shed != 0 {
					t.Errorf("the other program: %+v", s[0])
				}
				slow := s[1]
				const most = 70 // percent: two thirds
				if slow.Status == "running" && slow.Packets+slow.Shed != batches*packet.BatchSize {
					t.Errorf("shown %d, shed %d, of %d", slow.Packets, slow.Shed, batches*packet.BatchSize)
				}
				switch {
				case factor == 1 && slow.Shed != 0:
					t.Errorf("shed %d of a program within its budget", slow.Shed)
				case factor == 3 && (slow.Shed < batches*packet.BatchSize*60/100 || slow.Shed > batches*packet.BatchSize*most/100):
					t.Errorf("shed %d of %d packets, shown %d, %s", slow.Shed, batches*packet.BatchSize, slow.Packets, slow.Error)
				case factor == 100 && (slow.Status != "stopped" || !strings.Contains(slow.Error, "budget of 20µs")):
					t.Errorf("not stopped: %+v", slow)
				}
			})
		}
	}
}

// TestRestart: a program that was stopped is started again in packet time, so often and no
// more.
func TestRestart(t *testing.T) {
	for _, workers := range []int{1, 2} {
		var l logged
		p := New(Options{Workers: workers, Logf: l.logf, Notef: l.logf, Limits: Limits{Restart: &Restart{OnFailure: true, Most: 2, Within: time.Hour}}})
		load(t, p, fake{name: "fake", panicIn: "Process", panicAt: 300})
		// 10 s; several workers go on while one waits for them all to start it again.
		if err := p.Run(ctx, &frames{n: map[int]int{1: 10_000, 2: 1_000_000}[workers]}); err != nil {
			t.Fatal(err)
		}
		s := summaryOf(t, p).Programs[0]
		if s.Restarts != 2 || s.Status != "stopped" || s.Packets != 900 || s.Generation != 1 {
			t.Errorf("workers %d: %+v", workers, s)
		}
		text := strings.Join(l.lines, "\n")
		if strings.Count(text, "was stopped: panic") != 3 || strings.Count(text, "was started again") != 2 || !strings.Contains(text, "it stays stopped") {
			t.Errorf("log:\n%s", text)
		}
	}
}

// TestRestartLost: one that was given up is started again beside its lost goroutine.
func TestRestartLost(t *testing.T) {
	h := new(hang)
	p := New(Options{GiveUp: time.Hour, Limits: Limits{Restart: &OnFailure}})
	load(t, p, fake{name: "well"})
	p.opt.GiveUp = 2 * lookEvery
	load(t, p, fake{name: "fake", panicIn: "Process", panicAt: 3000, hang: h})
	if err := p.Run(ctx, &frames{n: 8000}); err != nil {
		t.Fatal(err)
	}
	s := summaryOf(t, p).Programs
	if s[1].Restarts != 1 || s[1].Status != "stopped" || h.begun.Load() < 1 || s[0].Packets != 8000 {
		t.Errorf("%+v", s)
	}
	h.end(t, p)
}

// TestMemoryBudget: a program whose structures are over its budget is not loaded.
func TestMemoryBudget(t *testing.T) {
	p := New(Options{Workers: 2})
	_, err := p.Load(ctx, Artifact{Info: crowd{name: "crowd"}.info(), Limits: Limits{Memory: 1500}})
	if err == nil || !strings.Contains(err.Error(), "its structures take 2000 B, its budget is 1500 B") {
		t.Errorf("Load = %v", err)
	}
	_, err = p.Load(ctx, Artifact{Info: crowd{name: "crowd"}.info(), Limits: Limits{Memory: 1}})
	if err == nil || !strings.Contains(err.Error(), "its budget is 1 B") {
		t.Errorf("Load = %v", err)
	}
	if _, err := p.Load(ctx, Artifact{Info: crowd{name: "crowd"}.info(), Limits: Limits{Memory: 2000}}); err != nil {
		t.Errorf("Load = %v", err)
	}
}

// TestInnermost finds the line of a program on stacks.
func TestInnermost(t *testing.T) {
	of := func(line int) runtime.Frame {
		return runtime.Frame{Function: "smon_p.(*machine).Process", File: "/src/p.smon", Line: line}
	}
	ours := runtime.Frame{Function: "github.com/streamon/streamon/internal/probe.(*loop).work", File: "loop.go", Line: 5}
	other := runtime.Frame{Function: "smon_p.(*machine).Process", File: "/src/p.go", Line: 8}
	std := runtime.Frame{Function: "runtime.gopanic", File: "panic.go", Line: 1}
	for _, c := range []struct {
		frames []runtime.Frame
		want   string
	}{
		{[]runtime.Frame{std, other, of(7), of(9), ours}, " at p.smon:7"},
		{[]runtime.Frame{std, of(-35), ours}, " in p.smon"}, // the compiler gives the jump of a loop without a condition such lines
		{[]runtime.Frame{std, other, ours}, " at p.go:8"},
		{[]runtime.Frame{std, ours}, ""},
	} {
		if got := innermost("p.smon", c.frames); got != c.want {
			t.Errorf("innermost(%v) = %q, want %q", c.frames, got, c.want)
		}
	}
}
