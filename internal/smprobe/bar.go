package smprobe

import (
	"context"
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"github.com/streamon/streamon/internal/capture"
	"github.com/streamon/streamon/internal/probe"
)

const (
	barDelay = time.Second            // nobody needs it for a short run
	barEvery = 250 * time.Millisecond // between two pictures
	barClear = "\r\x1b[K"
)

// bar is the line on a terminal that says how far the run has come. A nil bar shows
// nothing.
type bar struct {
	out   io.Writer
	mu    sync.Mutex
	shown bool
}

// bar returns the bar of a run, nil if nobody looks: standard error is no terminal, or
// one that cannot erase, or the run is to be quiet, or reads no captures to their end.
func (c *runCmd) bar(std *stdio) *bar {
	if c.Quiet || len(c.Read) == 0 || std.log != nil || !isTerminal(std.err) || os.Getenv("TERM") == "dumb" {
		return nil
	}
	return &bar{out: std.err}
}

// cover changes std so that what is written to a terminal through it does not stand
// beside the bar.
func (b *bar) cover(std *stdio) {
	if isTerminal(std.out) {
		std.out = b.over(std.out)
	}
	std.err = b.over(std.err)
}

// over returns w so that what is written to it does not stand beside the bar.
func (b *bar) over(w io.Writer) io.Writer {
	if b == nil {
		return w
	}
	return overWriter{b, w}
}

type overWriter struct {
	b *bar
	w io.Writer
}

func (o overWriter) Write(p []byte) (int, error) {
	o.b.mu.Lock()
	defer o.b.mu.Unlock()
	o.b.erase()
	return o.w.Write(p)
}

func (b *bar) erase() {
	if b.shown {
		io.WriteString(b.out, barClear)
		b.shown = false
	}
}

// show draws the bar while p reads src, until done is called.
func (b *bar) show(ctx context.Context, p *probe.Probe, src capture.Source) (done func()) {
	if b == nil {
		return func() {}
	}
	end := background(ctx, func(ctx context.Context) {
		begun := time.Now()
		for wait := barDelay; ; wait = barEvery {
			select {
			case <-ctx.Done():
				return
			case <-time.After(wait):
			}
			now, err := p.Progress(ctx, src)
			if err != nil {
				return
			}
			b.draw(barText(now, time.Since(begun)))
		}
	})
	return func() {
		end()
		b.mu.Lock()
		b.erase()
		b.mu.Unlock()
	}
}

func (b *bar) draw(text string) {
	b.mu.Lock()
	io.WriteString(b.out, barClear+text)
	b.shown = true
	b.mu.Unlock()
}

// barText is what the bar says after some time: share, packets, rate, time left.
//
//	[=======>            ]  37 %  1.2 of 3.2 GB  14.1 M packets  1.9 M/s  0:12 left
func barText(p probe.Progress, took time.Duration) string {
	rate := float64(p.Packets) / took.Seconds()
	text := fmt.Sprintf("%s packets  %s/s", scaled(float64(p.Packets)), scaled(rate))
	if p.Total <= 0 || p.Done <= 0 {
		return text
	}
	const width = 20
	share := min(float64(p.Done)/float64(p.Total), 1)
	var line [width]byte
	for i := range line {
		line[i] = ' '
		if full := int(share * width); i < full {
			line[i] = '='
		} else if i == full {
			line[i] = '>'
		}
	}
	left := time.Duration(float64(took) * (1 - share) / share).Round(time.Second)
	return fmt.Sprintf("[%s] %3.0f %%  %sB of %sB  %s  %d:%02d left", line[:], 100*share, scaled(float64(p.Done)), scaled(float64(p.Total)), text,
		left/time.Minute, left%time.Minute/time.Second)
}

// scaled prints a number with three digits or so: 14.1 M.
func scaled(x float64) string {
	for _, u := range []struct {
		name string
		size float64
	}{{" G", 1e9}, {" M", 1e6}, {" k", 1e3}} {
		if x >= u.size {
			return fmt.Sprintf("%.1f%s", x/u.size, u.name)
		}
	}
	return fmt.Sprintf("%.0f ", x)
}
