package probe

import (
	"errors"
	"testing"

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
