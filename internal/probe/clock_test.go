package probe

import (
	"strings"
	"testing"

	"github.com/streamon/streamon/internal/checkpoint"
	"github.com/streamon/streamon/runtime/image"
	"github.com/streamon/streamon/runtime/program"
)

// setClock gives what was saved of a program another clock.
func setClock(c *checkpoint.Program, now int64) {
	core := program.Core{Seed: 3, Started: true, Now: now}
	var w image.Writer
	core.Save(&w)
	for i := range c.Shards[0] {
		if m := &c.Shards[0][i]; m.Name == "core" {
			m.Data = w.Bytes()
		}
	}
}

// TestClockAhead: of a restored program whose clock packets have not reached, the log and the
// listing say so, once, also of the generations after it; and that they have. One that did not
// take the clock over is not said to stand still.
func TestClockAhead(t *testing.T) {
	p := New(Options{})
	load(t, p, fake{name: "a", hasCore: true})
	load(t, p, fake{name: "b", hasCore: true})
	p.Run(ctx, &frames{n: 10})
	list := saved(t, p)
	for i := range list {
		setClock(&list[i], 500e6)
	}

	var l logged
	p = New(Options{Logf: l.logf, Notef: l.logf})
	p.Restore(ctx, list)
	load(t, p, fake{name: "a", hasCore: true})
	load(t, p, fake{name: "b"})
	ahead := func() *string { return summaryOf(t, p).Programs[0].AheadUntil }
	if got := ahead(); got != nil || len(l.lines) != 0 {
		t.Errorf("before the first packet: ahead until %s; log %q", *got, l.lines)
	}
	p.Run(ctx, &frames{n: 101})
	l.want(t, "program a: its restored clock, 1970-01-01T00:00:00.500000000Z, is 400ms ahead of the packets")
	if got := ahead(); got == nil || *got != "1970-01-01T00:00:00.500000000Z" {
		t.Errorf("ahead until %v", got)
	}
	if b := summaryOf(t, p).Programs[1]; b.AheadUntil != nil {
		t.Errorf("b, without that clock, is ahead until %s", *b.AheadUntil)
	}

	if _, err := p.Replace(ctx, Artifact{Info: fake{name: "a", hasCore: true, version: "2"}.info()}); err != nil {
		t.Fatal(err)
	}
	p.Run(ctx, &frames{n: 200, i: 101})
	if len(l.lines) != 1 || ahead() == nil {
		t.Errorf("after it was replaced: ahead until %v; log %q", ahead(), l.lines)
	}
	p.Run(ctx, &frames{n: 600, i: 200})
	if n := len(l.lines); n != 2 || !strings.Contains(l.lines[1], "packets have reached its clock") || ahead() != nil || p.resumed {
		t.Errorf("after packets have reached it: ahead until %v; log %q", ahead(), l.lines)
	}
}
