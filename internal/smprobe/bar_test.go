package smprobe

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/streamon/streamon/internal/probe"
)

func TestBarText(t *testing.T) {
	tests := []struct {
		p    probe.Progress
		want string
	}{
		{probe.Progress{Packets: 900}, "900  packets  450 /s"},
		{probe.Progress{Packets: 4e6, Done: 25e7, Total: 1e9}, "[=====>              ]  25 %  250.0 MB of 1.0 GB  4.0 M packets  2.0 M/s  0:06 left"},
		{probe.Progress{Packets: 4e6, Done: 2e9, Total: 1e9}, "[====================] 100 %  2.0 GB of 1.0 GB  4.0 M packets  2.0 M/s  0:00 left"},
	}
	for _, tt := range tests {
		if got := barText(tt.p, 2*time.Second); got != tt.want {
			t.Errorf("barText(%+v) = %q, want %q", tt.p, got, tt.want)
		}
	}
}

// What is written while the bar is shown takes its place.
func TestBarOver(t *testing.T) {
	var screen bytes.Buffer
	b := &bar{out: &screen}
	w := b.over(&screen)
	w.Write([]byte("one\n"))
	b.draw("bar")
	w.Write([]byte("two\n"))
	w.Write([]byte("three\n"))
	if got, want := screen.String(), "one\n"+barClear+"bar"+barClear+"two\nthree\n"; got != want {
		t.Errorf("screen %q, want %q", got, want)
	}
	var none *bar
	if w := none.over(&screen); w != &screen {
		t.Error("a run without bar writes through something else")
	}
	none.show(t.Context(), nil, nil)()
	if strings.Count(screen.String(), "bar") != 1 {
		t.Errorf("screen %q", screen.String())
	}
}
