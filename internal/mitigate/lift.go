package mitigate

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/streamon/streamon/internal/export"
)

// Block is a block in force, for those who ask.
type Block struct {
	Field string     `json:"field"` // ip.src, ip.dst, or both for what is dropped
	Src   netip.Addr `json:"src,omitzero"`
	Dst   netip.Addr `json:"dst,omitzero"`
	Until time.Time  `json:"until"`
	By    []Claim    `json:"by"` // who claims it
}

// Choice says which blocks; the zero Choice is all.
type Choice struct {
	Tenant   string     // of this tenant, if IsTenant
	IsTenant bool       //
	Program  string     // of this instance; "" = of any
	Addr     netip.Addr // from or to this address; the zero Addr = any
}

func (c *Choice) picks(t target, of *claim) bool {
	return (!c.IsTenant || of.Tenant == c.Tenant) && (c.Program == "" || of.Program == c.Program) && (!c.Addr.IsValid() || t.has(c.Addr))
}

// pardon keeps what was lifted from being blocked again at once.
type pardon struct {
	Choice
	until time.Time
}

// Bounds of what Lift has to remember: of the operator and of each tenant, and of all.
const (
	maxPardons    = 32
	maxAllPardons = 1024
)

// ErrRight says what it takes to block with nftables.
var ErrRight = errors.New("the right to administer the network is missing (CAP_NET_ADMIN)")

// ErrPardons says that too many lifts are to be remembered.
var ErrPardons = fmt.Errorf("%d lifts are in force already: lift more at once, or wait until some end", maxPardons)

// List returns up to limit of the chosen blocks, those that end first before others, and how
// many there are. Of each it has the chosen claims.
func (g *Guard) List(c Choice, limit int) (list []Block, total int) {
	g.mu.Lock()
	now := g.now()
	for t, e := range g.active {
		b := Block{Field: kindNames[t.kind], Src: t.src, Dst: t.dst}
		for i := range e.claims {
			if of := &e.claims[i]; now.Before(of.Until) && c.picks(t, of) {
				b.By = append(b.By, *of)
				if of.Until.After(b.Until) {
					b.Until = of.Until
				}
			}
		}
		if len(b.By) > 0 {
			list = append(list, b)
		}
	}
	g.mu.Unlock()
	slices.SortFunc(list, func(a, b Block) int {
		switch {
		case !a.Until.Equal(b.Until):
			return a.Until.Compare(b.Until)
		case a.Field != b.Field:
			return strings.Compare(a.Field, b.Field)
		case a.Src != b.Src:
			return a.Src.Compare(b.Src)
		}
		return a.Dst.Compare(b.Dst)
	})
	total = len(list)
	return list[:min(limit, total)], total
}

// Lift ends the chosen blocks: claims of others on the same targets stay. For as long as
// hold, what was chosen is not blocked again. by says who lifts, for the audit log. It
// returns the number of claims that ended, when the kernel has done it.
func (g *Guard) Lift(ctx context.Context, c Choice, hold time.Duration, by string) (n int, err error) {
	g.mu.Lock()
	now := g.now()
	g.forget(now)
	all := Choice{Tenant: c.Tenant, IsTenant: c.IsTenant} // of who lifts
	own := 0
	g.pardons = slices.DeleteFunc(g.pardons, func(p pardon) bool {
		isOwn := p.Tenant == c.Tenant && p.IsTenant == c.IsTenant
		if !now.Before(p.until) || p.Choice == c || isOwn && c == all {
			return true
		}
		if isOwn {
			own++
		}
		return false
	})
	if hold > 0 {
		if own >= maxPardons || len(g.pardons) >= maxAllPardons && c.IsTenant {
			g.mu.Unlock()
			return 0, ErrPardons
		}
		g.pardons = append(g.pardons, pardon{c, now.Add(hold)})
	}
	gone := g.remove(func(e *entry, of *claim) bool { return c.picks(e.target, of) })
	g.mu.Unlock()
	done := make(chan error, 1)
	g.undo(gone, by, done)
	select {
	case err = <-done:
	case <-g.stop:
		err = errors.New("the probe ends, and lifts everything")
	case <-ctx.Done():
		err = ctx.Err()
	}
	return len(gone), err
}

// isPardoned reports whether a wish is about what was lifted a moment ago.
func (g *Guard) isPardoned(t target, o *export.Origin, now time.Time) bool {
	of := claim{Tenant: o.Tenant, Program: o.Name()}
	return slices.ContainsFunc(g.pardons, func(p pardon) bool { return now.Before(p.until) && p.picks(t, &of) })
}

// undo has the kernel end what nobody claims any more, after everything that was decided
// before, and writes it down.
func (g *Guard) undo(gone []removed, by string, done chan error) {
	g.lifted.Add(uint64(len(gone)))
	select {
	case g.queue <- op{undo: gone, by: by, done: done}:
	case <-g.stop:
	}
}
