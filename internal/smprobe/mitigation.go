package smprobe

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"time"

	"github.com/streamon/streamon/internal/config"
	"github.com/streamon/streamon/internal/mitigate"
	"github.com/streamon/streamon/internal/probe"
	"github.com/streamon/streamon/internal/sink"
	"github.com/streamon/streamon/internal/web"
)

// mitigationFlags are the flags of doing what programs ask for with block and drop.
type mitigationFlags struct {
	Mitigate        string   `enum:"auto,dry-run,nftables,inline,off" default:"auto" help:"What becomes of block and drop: dry-run, it is decided and counted what would be blocked, and nothing is done; nftables, the kernel drops it; inline, --inline does; off, they are recorded. auto is inline with --inline, else dry-run (${default})."`
	NeverBlock      []string `name:"never-block" sep:"none" placeholder:"NET" help:"Never block this network or address; may be repeated."`
	MaxBlocks       int      `name:"max-blocks" default:"10000" placeholder:"N" help:"Blocks in force at the same time (${default})."`
	MaxBlocksTenant int      `name:"max-blocks-tenant" default:"1000" placeholder:"N" help:"Of them, those of one tenant (${default})."`
	LongestBlock    string   `name:"longest-block" default:"1h" placeholder:"TIME" help:"A block ends after that at the latest (${default})."`
	DropFor         string   `name:"drop-for" default:"30s" placeholder:"TIME" help:"With nftables, drop keeps packets from that source to that destination out for so long (${default})."`
	Audit           string   `placeholder:"FILE" help:"Append each decision about a block to FILE as a JSON line."`
	BlockTable      string   `name:"block-table" default:"streamon" placeholder:"NAME" help:"Table of nftables, of the family inet, that is made for blocks (${default})."`
	KeepBlocks      bool     `name:"keep-blocks" help:"With nftables, leave blocks in force at the end, until they end by themselves or the next probe takes them over."`
}

// mode returns what --mitigate stands for; isOff is true for off.
func (m *mitigationFlags) mode(isInline bool) (mode mitigate.Mode, isOff bool) {
	switch {
	case m.Mitigate == "off":
		return mitigate.DryRun, true
	case m.Mitigate == "nftables":
		return mitigate.NFTables, false
	case m.Mitigate == "inline", m.Mitigate == "auto" && isInline:
		return mitigate.Inline, false
	}
	return mitigate.DryRun, false
}

// policy reads the flags that may change while the probe runs.
func (m *mitigationFlags) policy() (p mitigate.Policy, err error) {
	for _, f := range []struct {
		flag string
		n    int
	}{{"--max-blocks", m.MaxBlocks}, {"--max-blocks-tenant", m.MaxBlocksTenant}} {
		if f.n < 1 || f.n > mitigate.MostBlocks {
			return p, usagef("", "%s %d: expected 1 to %d", f.flag, f.n, mitigate.MostBlocks)
		}
	}
	p.Max, p.MaxTenant = m.MaxBlocks, m.MaxBlocksTenant
	for _, text := range m.NeverBlock {
		n, err := config.ParseNet(text)
		if err != nil {
			return p, usagef("for instance --never-block 192.0.2.0/24", "--never-block %v", err)
		}
		p.Allow = append(p.Allow, n)
	}
	if p.Longest, err = positive("--longest-block", m.LongestBlock); err != nil {
		return p, err
	}
	p.DropFor, err = positive("--drop-for", m.DropFor)
	return p, err
}

// positive reads a time that has to be more than 0.
func positive(flag, text string) (time.Duration, error) {
	d, err := config.ParseDuration(text)
	if err == nil && d <= 0 {
		err = errors.New("expected more than 0")
	}
	if err != nil {
		return 0, usagef("", "%s %s: %v", flag, text, err)
	}
	return d, nil
}

// checkMitigation refuses what does not go together.
func (c *runCmd) checkMitigation() error {
	mode, isOff := c.mode(c.Inline != "")
	switch {
	case mode == mitigate.Inline && c.Inline == "":
		return usagef("for instance --inline eth0:eth1", "--mitigate inline needs --inline")
	case mode == mitigate.NFTables && c.Inline != "":
		return usagef("leave --mitigate out", "--mitigate nftables is about packets that the kernel handles: those of --inline it does not")
	case mode == mitigate.NFTables && c.User != "":
		return usagef("start it as that user, with the capabilities CAP_NET_RAW and CAP_NET_ADMIN", "--user gives up the right that --mitigate nftables needs all the time")
	case isOff && c.Audit != "":
		return usagef("--mitigate dry-run decides and does nothing", "--audit: with --mitigate off nothing is decided")
	case !mitigate.IsTableName(c.BlockTable):
		return tableName(c.BlockTable)
	case c.KeepBlocks && mode != mitigate.NFTables:
		return usagef("", "--keep-blocks is for --mitigate nftables")
	}
	_, err := c.policy()
	return err
}

// tableName is what is wrong with --block-table.
func tableName(name string) error {
	return usagef("for instance --block-table streamon2", "--block-table %.80q: expected a name of letters, digits, _, . and -, that begins with a letter, of at most 64", name)
}

// openMitigation puts a guard before the records of o.
func (c *runCmd) openMitigation(o *outputs, std *stdio) (err error) {
	mode, isOff := c.mode(c.Inline != "")
	if isOff {
		return nil
	}
	opt := mitigate.Options{Mode: mode, Table: c.BlockTable, Keep: c.KeepBlocks, Records: o.records, Logf: std.notef, Wait: !c.isLive()}
	if opt.Policy, err = c.policy(); err != nil {
		return err
	}
	if c.isLive() || mode != mitigate.DryRun {
		opt.Clock = time.Now
	}
	if c.Audit != "" {
		if o.audit, err = openHeld(std.ctx, c.Audit, openAudit); err != nil {
			return fmt.Errorf("--audit: %w", err)
		}
		opt.Audit = o.hold(std.ctx, "--audit", o.audit, true)
	}
	if o.guard, err = mitigate.Start(opt); err != nil {
		return err
	}
	o.told = c.Mitigate != "auto" || mode != mitigate.DryRun
	o.records = o.guard
	return nil
}

// openAudit opens the audit log at its end. A last line that a process was killed in ends there.
func openAudit(path string) (*os.File, error) {
	how := os.O_CREATE | os.O_APPEND | os.O_WRONLY
	st, err := os.Stat(path)
	isFile := err == nil && st.Mode().IsRegular()
	if isFile {
		how = os.O_APPEND | os.O_RDWR // to see how it ends
	}
	f, err := os.OpenFile(path, how, 0o640)
	if isFile && errors.Is(err, os.ErrPermission) { // one that may only be written
		f, err = os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0o640)
	}
	if err != nil {
		return nil, err
	}
	if isFile {
		_, err = sink.EndLine(f, st.Size())
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

// drops returns what takes packets that are to be dropped, or nil.
func (o *outputs) drops() probe.Dropper {
	if o.guard == nil {
		return nil // and not an interface that holds a nil pointer
	}
	return o.guard
}

// mitigated returns what became of the wishes of programs; nil if there were none and nobody
// asked for it.
func (o *outputs) mitigated() *mitigate.Counts {
	if o.guard == nil {
		return nil
	}
	n := o.guard.Counts()
	if !o.told && n == (mitigate.Counts{Mode: n.Mode}) {
		return nil
	}
	return &n
}

// errNoGuard says that there is nothing to list or lift.
var errNoGuard = &probe.HintError{Err: errors.New("this probe blocks nothing: it runs with --mitigate off"), Hint: "start it with --mitigate dry-run, nftables or inline", Usage: true}

// choice says which blocks a request is about: of a tenant, its own.
func choice(ctx context.Context, q web.BlockChoice) (c mitigate.Choice, err error) {
	c.Program = q.Program
	c.Tenant, c.IsTenant = probe.TenantOf(ctx)
	if q.Address != "" {
		a, err := netip.ParseAddr(q.Address)
		if err != nil {
			return c, &probe.HintError{Err: fmt.Errorf("address %.80q: expected one of IPv4 or IPv6", q.Address), Hint: "for instance 192.0.2.7", Usage: true}
		}
		c.Addr = a.Unmap()
	}
	return c, nil
}

// Blocks implements web.Probe.
func (h *host) Blocks(ctx context.Context, q web.BlockChoice, limit int) (b web.Blocks, err error) {
	if h.out.guard == nil {
		return b, errNoGuard
	}
	c, err := choice(ctx, q)
	if err != nil {
		return b, err
	}
	b.Mode = h.out.guard.Counts().Mode
	b.Blocks, b.Total = h.out.guard.List(c, limit)
	return b, nil
}

// Lift implements web.Probe.
func (h *host) Lift(ctx context.Context, q web.BlockChoice, hold time.Duration) (l web.Lifted, err error) {
	if h.out.guard == nil {
		return l, errNoGuard
	}
	c, err := choice(ctx, q)
	if err != nil {
		return l, err
	}
	by := "the operator"
	if c.IsTenant {
		by = "tenant " + c.Tenant
	}
	l.Hold = hold.String()
	l.Lifted, err = h.out.guard.Lift(ctx, c, hold, by)
	return l, err
}
