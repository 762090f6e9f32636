package mitigate

import (
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/streamon/streamon/internal/export"
	"github.com/streamon/streamon/runtime/packet"
)

const (
	// slack is how much later than here a block ends in the kernel, at most: what is added
	// before that changes nothing there, with Linux before 6.12.
	slack = 500 * time.Millisecond
	// tellAgain is how long a refusal is not audited again.
	tellAgain = 30 * time.Second
	maxTold   = 4096 // refusals that are remembered
)

// kind is which packets a block is about.
type kind uint8

const (
	fromSource kind = iota
	toDestination
	ofPair // from the one to the other
)

var kindNames = [...]string{fromSource: "ip.src", toDestination: "ip.dst", ofPair: "ip.src, ip.dst"}

// target is what is blocked.
type target struct {
	kind     kind
	src, dst netip.Addr // the one that the kind needs, or both
}

// has reports whether the target is about an address.
func (t target) has(a netip.Addr) bool { return t.src == a || t.dst == a }

// Claim is an instance that wants a block in force.
type Claim struct {
	Tenant  string    `json:"tenant,omitempty"` // whose it is; none: the operator's
	Program string    `json:"program"`          // name of the instance
	Until   time.Time `json:"until"`
}

type claim = Claim

// entry is a block in force.
type entry struct {
	target
	claims []claim
}

// until is when it ends.
func (e *entry) until() (t time.Time) {
	for i := range e.claims {
		if e.claims[i].Until.After(t) {
			t = e.claims[i].Until
		}
	}
	return t
}

// block is what is to be put in force.
type block struct {
	target
	lasts   time.Duration
	by      string // name of the instance, after that of its tenant and a slash
	isAgain bool   // the kernel may have it already, for another time
}

// owner returns whom a block belongs to that says so.
func (b *block) owner() (tenant, name string) {
	if tenant, name, ok := strings.Cut(b.by, "/"); ok {
		return tenant, name
	}
	return "", b.by
}

func ownerText(tenant, name string) string {
	if tenant == "" {
		return name
	}
	return tenant + "/" + name
}

// protects reports whether a target is never to be blocked. What one source sends to a
// protected destination may be.
func (p *Policy) protects(t target) bool {
	has := func(a netip.Addr) bool {
		return a.IsValid() && slices.ContainsFunc(p.Allow, func(n netip.Prefix) bool { return n.Contains(a) })
	}
	return has(t.src) || t.kind == toDestination && has(t.dst)
}

// now is the time, as far as it is known. The caller has the lock.
func (g *Guard) now() time.Time {
	if g.opt.Clock != nil {
		return g.opt.Clock()
	}
	return g.newest
}

// see takes notice of packet time and returns the time.
func (g *Guard) see(at packet.Time) time.Time {
	if g.opt.Clock != nil {
		return g.opt.Clock()
	}
	if t := time.Unix(0, int64(at)).UTC(); t.After(g.newest) {
		g.newest = t
	}
	return g.newest
}

func (g *Guard) timeOf(at packet.Time) time.Time {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.see(at)
}

// inForce reports whether a target is blocked.
func (g *Guard) inForce(t target, now time.Time) bool {
	e := g.active[t]
	return e != nil && slices.ContainsFunc(e.claims, func(c claim) bool { return now.Before(c.Until) })
}

// decide blocks a target, or says why not. A time of 0 is that of drops.
func (g *Guard) decide(o *export.Origin, t target, d time.Duration, at packet.Time) {
	g.mu.Lock()
	now := g.see(at)
	if t.kind == ofPair {
		d = g.policy.DropFor
	}
	tenant, name := o.Tenant, o.Name()
	if g.repeats(t, tenant, name, now) {
		g.mu.Unlock()
		g.repeated.Add(1)
		return
	}
	d = min(d, g.policy.Longest).Round(time.Millisecond)
	l := line{Time: now, Tenant: tenant, Program: name, For: d.String(), Done: g.done(), target: t}
	if l.Reason = g.refuses(o, t, d, now); l.Reason != "" {
		l.Done = refused
		isTold := g.isTold(t, now)
		g.mu.Unlock()
		if !isTold {
			g.send(op{line: &l})
		}
		return
	}
	b := &block{target: t, lasts: d, by: ownerText(tenant, name), isAgain: g.active[t] != nil}
	g.claim(t, claim{tenant, name, now.Add(d + g.slack())})
	if b.isAgain {
		b.lasts = g.active[t].until().Sub(now)
	}
	g.mu.Unlock()
	g.blocked.Add(1)
	if !g.send(op{add: b, line: &l}) {
		g.mu.Lock()
		g.drop(t, tenant, name)
		g.mu.Unlock()
		g.blocked.Add(^uint64(0))
		g.refused.Add(1)
	}
}

// dropThis decides about one packet, from t.src to t.dst if it has these.
func (g *Guard) dropThis(o *export.Origin, t target, at packet.Time) bool {
	g.mu.Lock()
	now := g.see(at)
	done, reason := dropped, ""
	switch {
	case g.policy.protects(t):
		g.allowed.Add(1)
		done, reason = refused, "it is never to be blocked"
	case g.isPardoned(t, o, now):
		g.refused.Add(1)
		done, reason = refused, "it was lifted"
	}
	isTold := g.isTold(t, now)
	g.mu.Unlock()
	if !isTold {
		g.send(op{line: &line{Time: now, Tenant: o.Tenant, Program: o.Name(), Done: done, Reason: reason, target: t}})
	}
	return done == dropped
}

// slack is what is added to the time of a block.
func (g *Guard) slack() time.Duration {
	if g.opt.Mode == NFTables {
		return slack
	}
	return 0
}

// repeats reports whether a wish is in force already: the instance claims it, or what is
// dropped between two is of a block that is about one of them.
func (g *Guard) repeats(t target, tenant, name string, now time.Time) bool {
	if e := g.active[t]; e != nil {
		for i := range e.claims {
			if c := &e.claims[i]; c.Program == name && c.Tenant == tenant && now.Before(c.Until) {
				return true
			}
		}
	}
	return t.kind == ofPair && g.count.Load() > 0 && (g.inForce(target{kind: fromSource, src: t.src}, now) || g.inForce(target{kind: toDestination, dst: t.dst}, now))
}

// refuses says why a target is not blocked, and counts it; "" = it may be.
func (g *Guard) refuses(o *export.Origin, t target, d time.Duration, now time.Time) string {
	if g.policy.protects(t) {
		g.allowed.Add(1)
		return "it is never to be blocked"
	}
	reason := ""
	switch {
	case d <= 0:
		reason = "its time is not positive"
	case !within(o, t):
		reason = fmt.Sprintf("it is outside the networks that tenant %s is held to", o.Tenant)
	case g.isPardoned(t, o, now):
		reason = "it was lifted"
	case !g.hasRoom(o.Tenant, now):
		reason = "too many blocks are in force"
	default:
		return ""
	}
	g.refused.Add(1)
	return reason
}

// within reports whether a tenant that is held to a part of the traffic may block t: what is
// blocked is so for all.
func within(o *export.Origin, t target) bool {
	return !o.IsHeld || slices.ContainsFunc(o.Nets, func(n netip.Prefix) bool {
		return t.src.IsValid() && n.Contains(t.src) || t.dst.IsValid() && n.Contains(t.dst)
	})
}

// hasRoom reports whether one more claim of the tenant may be.
func (g *Guard) hasRoom(tenant string, now time.Time) bool {
	fits := func() bool {
		return len(g.active) < g.policy.Max && (tenant == "" || g.byOwner[tenant] < g.policy.MaxTenant)
	}
	if fits() {
		g.warned = false
		return true
	}
	if g.sweep(now); fits() {
		g.warned = false
		return true
	}
	if !g.warned {
		g.warned = true
		g.opt.Logf("%d blocks are in force, %d of them for tenant %q: no more until some end", len(g.active), g.byOwner[tenant], tenant)
	}
	return false
}

// isTold reports whether a refusal was audited a moment ago: a flood repeats its wishes.
func (g *Guard) isTold(t target, now time.Time) bool {
	if until, ok := g.told[t]; ok && now.Before(until) {
		return true
	}
	if len(g.told) >= maxTold {
		g.sweep(now)
	}
	if len(g.told) >= maxTold {
		return true
	}
	g.told[t] = now.Add(tellAgain)
	return false
}

// claim adds a claim, or renews it.
func (g *Guard) claim(t target, c claim) {
	e := g.active[t]
	if e == nil {
		e = &entry{target: t}
		g.active[t] = e
		g.count.Store(int64(len(g.active)))
	}
	for i := range e.claims {
		if old := &e.claims[i]; old.Program == c.Program && old.Tenant == c.Tenant {
			*old = c
			return
		}
	}
	e.claims = append(e.claims, c)
	g.byOwner[c.Tenant]++
}

// remove removes the claims that f picks, and returns them.
func (g *Guard) remove(f func(*entry, *claim) bool) (gone []removed) {
	for _, e := range g.active {
		gone = g.removeOf(e, f, gone)
	}
	return gone
}

// removeOf removes the claims of one block that f picks, and appends them to gone.
func (g *Guard) removeOf(e *entry, f func(*entry, *claim) bool, gone []removed) []removed {
	n := len(gone)
	for i := range e.claims {
		if c := &e.claims[i]; f(e, c) {
			gone = append(gone, removed{target: e.target, claim: *c})
			if g.byOwner[c.Tenant]--; g.byOwner[c.Tenant] == 0 {
				delete(g.byOwner, c.Tenant)
			}
		}
	}
	if n == len(gone) {
		return gone
	}
	e.claims = slices.DeleteFunc(e.claims, func(c claim) bool {
		return slices.ContainsFunc(gone[n:], func(r removed) bool { return r.claim == c })
	})
	last := &gone[len(gone)-1]
	if len(e.claims) > 0 {
		last.rest = &claim{e.claims[0].Tenant, e.claims[0].Program, e.until()}
		return gone
	}
	last.isEnd = true
	delete(g.active, e.target)
	g.count.Store(int64(len(g.active)))
	return gone
}

// drop removes a claim.
func (g *Guard) drop(t target, tenant, name string) {
	if e := g.active[t]; e != nil {
		g.removeOf(e, func(_ *entry, c *claim) bool { return c.Tenant == tenant && c.Program == name }, nil)
	}
}

// removed is a claim that is no more.
type removed struct {
	target
	claim
	isEnd bool   // nobody else claims the target
	rest  *claim // somebody else does, until then
}

// sweep forgets what has ended, unless it did so a moment ago: a flood from ever new addresses
// asks for room with every packet.
func (g *Guard) sweep(now time.Time) {
	if d := now.Sub(g.swept); d >= 0 && d < sweepEvery {
		return
	}
	g.forget(now)
}

// forget removes what has ended.
func (g *Guard) forget(now time.Time) {
	g.swept = now
	g.remove(func(_ *entry, c *claim) bool { return !now.Before(c.Until) })
	maps.DeleteFunc(g.told, func(_ target, until time.Time) bool { return !now.Before(until) })
}
