package smprobe

import (
	"context"
	"fmt"
	"net"
	"strings"

	"github.com/streamon/streamon/internal/capture"
	"github.com/streamon/streamon/internal/config"
	"github.com/streamon/streamon/internal/mitigate"
	"github.com/streamon/streamon/runtime/packet"
)

// inline is a capture that stands between two interfaces, with the rules for what it hands on.
type inline struct {
	*capture.Inline
	guard *mitigate.Guard // nil with --mitigate off
}

// sides reads --inline.
func (c *liveFlags) sides() (s [2]string, ok bool) {
	s[0], s[1], ok = strings.Cut(c.Inline, ":")
	return s, ok && s[0] != "" && s[1] != "" && !strings.Contains(s[1], ":")
}

// checkInline refuses what does not go together with --inline.
func (c *runCmd) checkInline() error {
	if c.Inline == "" {
		return nil
	}
	_, ok := c.sides()
	switch {
	case !ok:
		return usagef("for instance --inline eth0:eth1", "--inline %.80q: expected two interfaces with a colon between", c.Inline)
	case c.Workers != 1:
		return usagef("", "--inline needs one worker: packets go on in their order")
	case c.Filter != "":
		return usagef("a program's events say which packets it looks at", "--filter is not for --inline: all packets are handed on")
	case c.Sockets != 1 || c.Snap != capture.MaxSnap || c.NoPromisc:
		return usagef("", "--sockets, --snap and --no-promisc are for -i")
	}
	return nil
}

// openInline opens the interfaces; it is nil without --inline.
func (c *runCmd) openInline(std *stdio) (*inline, error) {
	if c.Inline == "" {
		return nil, nil
	}
	names, _ := c.sides()
	opt := capture.DefaultInline()
	ring, _ := config.ParseSize(c.Ring)
	opt.Buffer, opt.Logf = int(ring), std.notef
	src, err := capture.OpenInline(names, opt)
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		ifi, err := net.InterfaceByName(name)
		if err != nil {
			continue
		}
		addrs, _ := ifi.Addrs()
		for _, a := range addrs {
			if n, ok := a.(*net.IPNet); ok && !n.IP.IsLinkLocalUnicast() {
				std.notef("warning: %s has the address %s: this station answers there too", name, a)
			}
		}
	}
	return &inline{Inline: src}, nil
}

// run runs f, in which the source is read, until it ends.
func (l *inline) run(ctx context.Context, f func(context.Context) error) error {
	defer context.AfterFunc(ctx, l.Stop)()
	return f(context.WithoutCancel(ctx))
}

// Forward implements probe.Forwarder.
func (l *inline) Forward(b *packet.Batch, drop []bool) {
	l.Hand(func(i int) capture.Fate {
		switch {
		case l.guard == nil:
		case l.guard.Blocks(&b.Packets[i]):
			return capture.Block
		case drop[i]:
			return capture.Drop
		}
		return capture.Forward
	})
}

// printInline is what became of packets, as text.
func printInline(list []capture.InlineCounts) string {
	var out strings.Builder
	for _, c := range list {
		fmt.Fprintf(&out, "  %s to %s: forwarded %d, dropped %d, blocked %d, failed %d\n", c.From, c.To, c.Forwarded, c.Dropped, c.Blocked, c.Failed)
	}
	return out.String()
}
