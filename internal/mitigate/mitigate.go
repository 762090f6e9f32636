// Package mitigate does what programs ask for with block and drop: it keeps packets out,
// by leave of the operator.
//
// It owns the decision about each wish (who may never be blocked, for how long, how many
// at once), what is in force and by whom, the record of decisions, and the sets of the
// kernel that blocks end in. Wishes arrive as records of block and as packets that a
// program wants dropped. The main type is [Guard], an export.Writer before another one:
//
//	g, err := mitigate.Start(mitigate.Options{Mode: mitigate.NFTables, Table: "streamon", Records: w, Logf: logf})
//	…
//	g.Write(origin, record)  // decides about a block, hands the record on
//	g.Drop(origin, packet)   // decides about a drop
//	g.Lift(ctx, …)           // ends blocks before their time
//	g.Close()                // lifts everything
//
// Words. A *block* is about packets from an address, to one, or from one to another; that is
// its *target*. It is in force while somebody *claims* it: an instance, until a time. Blocks
// end by themselves, in the kernel, also if the probe is killed.
package mitigate

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"github.com/streamon/streamon/internal/export"
	"github.com/streamon/streamon/runtime/packet"
	"github.com/streamon/streamon/runtime/program"
)

// Mode is what is done about wishes.
type Mode uint8

const (
	DryRun   Mode = iota // they are decided, audited and counted
	NFTables             // the kernel drops what is blocked, and for a while packets like a dropped one
	Inline               // whoever forwards packets asks Blocks; packets to be dropped are its own business
)

var modeNames = [...]string{DryRun: "dry-run", NFTables: "nftables", Inline: "inline"}

// String returns the name of the mode.
func (m Mode) String() string { return modeNames[m] }

// Defaults of Policy.
const (
	DefaultMax       = 10_000
	DefaultMaxTenant = 1000
	DefaultLongest   = time.Hour
	DefaultDropFor   = 30 * time.Second
)

// MostBlocks bounds Policy.Max: each takes some 500 bytes of the probe, and as many of the kernel.
const MostBlocks = 1_000_000

// IsTableName reports whether a table of nftables can have the name, in the syntax of nft too.
func IsTableName(name string) bool {
	for i, c := range []byte(name) {
		switch {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z':
		case i > 0 && ('0' <= c && c <= '9' || c == '_' || c == '.' || c == '-'):
		default:
			return false
		}
	}
	return name != "" && len(name) <= 64
}

// Policy says what may be blocked. It may change while the guard is at work.
type Policy struct {
	Allow     []netip.Prefix // are never blocked
	Max       int            // blocks at the same time; 0 = DefaultMax
	MaxTenant int            // of them, those that programs of one tenant claim; the operator has no such bound; 0 = DefaultMaxTenant
	Longest   time.Duration  // that a block may take; 0 = DefaultLongest
	DropFor   time.Duration  // that packets like a dropped one are kept out; 0 = DefaultDropFor
}

// fill gives what is not set its default.
func (p *Policy) fill() {
	if p.Max <= 0 {
		p.Max = DefaultMax
	}
	if p.MaxTenant <= 0 {
		p.MaxTenant = DefaultMaxTenant
	}
	if p.Longest <= 0 {
		p.Longest = DefaultLongest
	}
	if p.DropFor <= 0 {
		p.DropFor = DefaultDropFor
	}
}

// Options say what is done, and how.
type Options struct {
	Policy
	Mode    Mode
	Table   string        // of NFTables: the table, of the family inet, that is made and owned
	Keep    bool          // of NFTables: Close leaves blocks in force; the next guard takes them over
	Audit   io.Writer     // takes a JSON line for every decision but repetitions; nil = nobody
	Records export.Writer // takes all records
	Logf    func(format string, args ...any)
	// Clock tells the time; nil = that of the newest packet, so that two runs over a file agree.
	Clock func() time.Time
	// Wait lets packets wait for the kernel and the audit log, when there are too many blocks
	// for them; without, what finds no room is refused.
	Wait bool
}

// Counts are what became of the wishes of programs.
type Counts struct {
	Mode      string `json:"mode"`
	Blocked   uint64 `json:"blocked"`    // were put in force, or would have been in a dry run
	Repeated  uint64 `json:"repeated"`   // were in force already
	Allowed   uint64 `json:"allowed"`    // are of those who are never blocked
	Refused   uint64 `json:"refused"`    // too many at once, no address, lifted a moment ago, or not the tenant's
	Failed    uint64 `json:"failed"`     // of those blocked: the kernel did not take them
	Lifted    uint64 `json:"lifted"`     // ended before their time
	TakenOver uint64 `json:"taken_over"` // were there at the start, of an earlier run
	Active    int    `json:"active"`     // in force now
	Dropped   uint64 `json:"dropped"`    // packets that the kernel dropped, since it was last made to
}

// Guard decides about wishes. Write, Flush and Drop are for one goroutine, the rest for
// any.
type Guard struct {
	opt       Options
	queue     chan op
	stop      chan struct{} // closed by Close
	ended     sync.WaitGroup
	once      sync.Once
	kernel    *table // nil unless NFTables; the worker's
	lock      io.Closer
	lookError string // of the worker: why the table could not be made again
	audited   bool   // there is an audit log; the worker's: it could be written so far

	mu      sync.Mutex
	policy  Policy
	active  map[target]*entry
	byOwner map[string]int // claims by tenant
	pardons []pardon
	told    map[target]time.Time // refusals that were audited, until they are again
	newest  time.Time
	swept   time.Time // when what had ended was forgotten
	warned  bool      // that it is full

	count                                                          atomic.Int64 // of active
	blocked, repeated, allowed, refused, failed, lifted, takenOver atomic.Uint64
	dropped                                                        atomic.Uint64
}

// Start returns a guard. NFTables needs the right to administer the network
// (CAP_NET_ADMIN). Blocks that an earlier run has left in the table are taken over.
func Start(opt Options) (*Guard, error) {
	opt.Policy.fill()
	if opt.Mode == NFTables && opt.Clock == nil {
		opt.Clock = time.Now
	}
	g := &Guard{
		opt: opt, policy: opt.Policy, active: map[target]*entry{}, byOwner: map[string]int{}, told: map[target]time.Time{},
		queue: make(chan op, queueLen), stop: make(chan struct{}), audited: opt.Audit != nil,
	}
	if opt.Mode == NFTables {
		if err := g.takeTable(); err != nil {
			return nil, fmt.Errorf("nftables: %w", err)
		}
	}
	g.ended.Go(g.work)
	return g, nil
}

// takeTable makes the table, with the blocks of an earlier run.
func (g *Guard) takeTable() (err error) {
	if g.lock, err = lockTable(g.opt.Table); err != nil {
		return err
	}
	defer func() {
		if err != nil {
			g.lock.Close()
		}
	}()
	left, err := leftovers(g.opt.Table)
	if err != nil {
		return err
	}
	g.kernel = &table{name: g.opt.Table, size: 2*g.policy.Max + len(left)}
	if err := g.kernel.make(); err != nil {
		return err
	}
	now := g.opt.Clock()
	var list []block
	for _, b := range left {
		if g.policy.protects(b.target) {
			continue
		}
		tenant, name := b.owner()
		g.claim(b.target, claim{Tenant: tenant, Program: name, Until: now.Add(b.lasts)})
		list = append(list, b)
	}
	g.takenOver.Store(uint64(len(list)))
	if len(left) > 0 {
		g.opt.Logf("%d blocks of an earlier run are in force and were taken over; %d are of those who are never blocked, and ended", len(list), len(left)-len(list))
	}
	return g.kernel.add(list)
}

// Set puts a policy in force. Blocks that it does not allow are lifted.
func (g *Guard) Set(p Policy) {
	p.fill()
	g.mu.Lock()
	g.policy = p
	gone := g.remove(func(e *entry, _ *claim) bool { return p.protects(e.target) })
	g.mu.Unlock()
	g.undo(gone, "the policy", nil)
}

// Counts returns what became of wishes so far.
func (g *Guard) Counts() Counts {
	g.mu.Lock()
	active, now := 0, g.now()
	for _, e := range g.active {
		if now.Before(e.until()) {
			active++
		}
	}
	g.mu.Unlock()
	select {
	case <-g.stop: // the table is gone, and was asked before
	default:
		g.countDropped()
	}
	return Counts{
		Mode: g.opt.Mode.String(), Blocked: g.blocked.Load(), Repeated: g.repeated.Load(), Allowed: g.allowed.Load(), Refused: g.refused.Load(),
		Failed: g.failed.Load(), Lifted: g.lifted.Load(), TakenOver: g.takenOver.Load(), Active: active, Dropped: g.dropped.Load(),
	}
}

// countDropped asks the kernel how many packets it has dropped.
func (g *Guard) countDropped() {
	if g.opt.Mode != NFTables {
		return
	}
	if n, err := droppedBy(g.opt.Table); err == nil {
		g.dropped.Store(n)
	}
}

// Write implements export.Writer. It decides about a block, and hands every record on.
func (g *Guard) Write(o *export.Origin, r *program.Record) error {
	if r.Type == program.LogRecord && len(r.Fields) == 2 && r.Fields[0].Name == "block" {
		words := bytes.SplitN(r.Message, []byte(" "), 3) // block FIELD …
		if len(words) == 3 {
			g.wish(o, string(words[1]), r.Fields[0].Value, time.Duration(r.Fields[1].Value.I), r.Time)
		}
	}
	return g.opt.Records.Write(o, r)
}

// Flush implements export.Writer.
func (g *Guard) Flush() error { return g.opt.Records.Flush() }

// wish decides about a block.
func (g *Guard) wish(o *export.Origin, field string, v program.Value, d time.Duration, at packet.Time) {
	t := target{kind: fromSource}
	addr, ok := addressOf(v)
	switch {
	case !ok || field != "ip.src" && field != "ip.dst":
		g.refused.Add(1)
		g.send(op{line: &line{Field: field, For: d.String(), Done: refused, Reason: "only ip.src and ip.dst can be blocked", Tenant: o.Tenant, Program: o.Name(), Time: g.timeOf(at)}})
		return
	case field == "ip.dst":
		t.kind, t.dst = toDestination, addr
	default:
		t.src = addr
	}
	g.decide(o, t, d, at)
}

// Drop decides about packets like p, which a program wants dropped: from its source to its
// destination. Inline it decides about p alone, and reports whether it is to be dropped.
func (g *Guard) Drop(o *export.Origin, p *packet.Packet) bool {
	hasIP := p.Has&packet.IPLayer != 0
	t := target{kind: ofPair}
	if hasIP {
		t.src, t.dst = netip.AddrFrom16(p.Src).Unmap(), netip.AddrFrom16(p.Dst).Unmap()
	}
	switch {
	case g.opt.Mode == Inline:
		return g.dropThis(o, t, p.Time)
	case !hasIP:
		g.refused.Add(1)
	default:
		g.decide(o, t, 0, p.Time)
	}
	return false
}

// Blocks reports whether p is of a block in force, for whoever forwards packets.
func (g *Guard) Blocks(p *packet.Packet) bool {
	if g.opt.Mode != Inline || g.count.Load() == 0 || p.Has&packet.IPLayer == 0 {
		return false
	}
	src, dst := target{kind: fromSource, src: netip.AddrFrom16(p.Src).Unmap()}, target{kind: toDestination, dst: netip.AddrFrom16(p.Dst).Unmap()}
	g.mu.Lock()
	defer g.mu.Unlock()
	now := g.see(p.Time)
	return g.inForce(src, now) || g.inForce(dst, now)
}

// Close lifts everything, unless it is to be kept. There must be no Write or Drop after it.
func (g *Guard) Close() (err error) {
	g.once.Do(func() {
		close(g.stop)
		g.ended.Wait()
		if g.kernel == nil {
			return
		}
		g.countDropped()
		if !g.opt.Keep {
			if err = Lift(g.opt.Table, 0); errors.Is(err, ErrNoTable) {
				err = nil
			}
		}
		g.lock.Close()
	})
	return err
}

// addressOf is the address that a value is.
func addressOf(v program.Value) (netip.Addr, bool) {
	if v.Kind != program.KindIP {
		return netip.Addr{}, false
	}
	return netip.AddrFrom16(v.B).Unmap(), true
}
