package smprobe

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"

	"golang.org/x/term"

	"github.com/streamon/streamon/internal/probe"
	"github.com/streamon/streamon/internal/web"
)

const (
	topLimit   = 100             // alerts that are asked for: more than a screen has lines
	topTimeout = 5 * time.Second // of a look, which takes milliseconds
	onceAlerts = 5               // in the one frame of --once
)

type topCmd struct {
	Once  bool          `help:"Print one frame, of one interval, and end: for scripts."`
	Every time.Duration `default:"1s" placeholder:"DURATION" help:"Interval between two frames, over which rates are taken (${default})."`
	Sort  string        `default:"share" enum:"program,packets,cost,share,states,alerts,lost,memory" placeholder:"COLUMN" help:"Column that programs are sorted by: program, packets, cost, share, states, alerts, lost or memory (${default})."`
	running
}

// look is what the probe answered at one time.
type look struct {
	at      time.Time
	summary probe.Summary
	alerts  []json.RawMessage // oldest first
	err     error             // it did not answer
}

// Run implements the command.
func (c *topCmd) Run(std *stdio) error {
	if c.Every < 10*time.Millisecond {
		return usagef("for instance --every 2s", "--every %v: expected 10ms or more", c.Every)
	}
	if !c.Once && !(isTerminal(std.out) && std.in == os.Stdin && term.IsTerminal(int(os.Stdin.Fd()))) {
		return usagef("print one frame with --once, or ask for numbers: smprobe list --json", "top needs a terminal")
	}
	client := web.Dial(c.Socket)
	first := c.look(std.ctx, client)
	if first.err != nil {
		return first.err
	}
	v := &topView{now: first, every: c.Every, sort: sortNamed(c.Sort)}
	if c.Once {
		return c.once(std, client, v)
	}
	return c.watch(std, client, v)
}

// look asks the probe.
func (c *topCmd) look(ctx context.Context, client *web.Client) (l look) {
	ctx, cancel := context.WithTimeout(ctx, topTimeout)
	defer cancel()
	l.summary, l.err = client.Summary(ctx)
	l.at = time.Now()
	if l.err == nil {
		var a web.Alerts
		a, l.err = client.Alerts(ctx, "", "", 0, topLimit)
		l.alerts = a.Alerts
	}
	return l
}

// once prints what one interval showed.
func (c *topCmd) once(std *stdio, client *web.Client, v *topView) error {
	select {
	case <-std.ctx.Done():
		return nil
	case <-time.After(c.Every):
	}
	next := c.look(std.ctx, client)
	if next.err != nil {
		return next.err
	}
	v.take(next)
	if f, ok := std.out.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		v.width, _, _ = term.GetSize(int(f.Fd()))
	}
	v.alerts = onceAlerts
	_, err := fmt.Fprint(std.out, v.frame())
	return err
}

// watch shows frame after frame until a key or a signal ends it. What the terminal showed
// before is there again then.
func (c *topCmd) watch(std *stdio, client *web.Client, v *topView) error {
	s, err := openScreen(os.Stdin, std.out)
	if err != nil {
		return err
	}
	defer s.close()
	v.styled = true
	looks, keys := make(chan look), make(chan key)
	end := background(std.ctx, func(ctx context.Context) { c.looks(ctx, client, looks) }, func(ctx context.Context) { s.keys(ctx, keys) })
	defer end()
	resized := make(chan os.Signal, 1)
	signal.Notify(resized, syscall.SIGWINCH)
	defer signal.Stop(resized)
	for {
		v.width, v.height = s.size()
		if err := s.show(v.frame()); err != nil {
			return fmt.Errorf("writing to the terminal: %w", err)
		}
		select {
		case <-std.ctx.Done():
			return nil
		case l := <-looks:
			v.take(l)
		case k := <-keys:
			if k == keyQuit {
				return nil
			}
			v.press(k)
		case <-resized:
		}
	}
}

// looks sends a look for each interval.
func (c *topCmd) looks(ctx context.Context, client *web.Client, to chan<- look) {
	tick := time.NewTicker(c.Every)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		select {
		case <-ctx.Done():
			return
		case to <- c.look(ctx, client):
		}
	}
}
