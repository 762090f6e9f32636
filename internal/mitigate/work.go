package mitigate

import (
	"encoding/json"
	"errors"
	"time"
)

const (
	queueLen   = 4096            // what waits for the worker
	atOnce     = 200             // blocks in one message to the kernel
	lookEvery  = 2 * time.Second // whether the table is still there
	sweepEvery = time.Second     // what has ended is forgotten
)

// op is something for the worker: to put a block in force, to end some, and what to write
// down when that is done.
type op struct {
	add  *block
	line *line
	undo []removed
	by   string // who ends them
	done chan error
}

// Words of line.Done.
const (
	blocked    = "blocked"
	dropped    = "dropped" // inline: this packet, and others like it later that are not written down
	wouldBlock = "would block"
	refused    = "refused"
	failed     = "failed"
	lifted     = "lifted"
)

// done is the word for a block that is put in force.
func (g *Guard) done() string {
	if g.opt.Mode == DryRun {
		return wouldBlock
	}
	return blocked
}

// line is a line of the audit log.
type line struct {
	Time    time.Time `json:"time"`
	Tenant  string    `json:"tenant,omitempty"`
	Program string    `json:"program,omitempty"`
	Field   string    `json:"field"`
	Src     string    `json:"src,omitempty"`
	Dst     string    `json:"dst,omitempty"`
	For     string    `json:"for,omitempty"`
	Done    string    `json:"done"`
	By      string    `json:"by,omitempty"`
	Reason  string    `json:"reason,omitempty"`

	target target
}

// send queues something for the worker. Where packets do not wait it reports whether there
// was room.
func (g *Guard) send(o op) bool {
	if g.opt.Wait {
		select {
		case g.queue <- o:
			return true
		case <-g.stop:
			return false
		}
	}
	select {
	case g.queue <- o:
		return true
	default:
		return false
	}
}

// work does what is queued, until the guard is closed and nothing waits any more.
func (g *Guard) work() {
	look, sweep := time.NewTicker(lookEvery), time.NewTicker(sweepEvery)
	defer look.Stop()
	defer sweep.Stop()
	var adds []op
	for {
		select {
		case o := <-g.queue:
			adds = g.take(o, adds[:0])
		case <-look.C:
			g.look()
		case <-sweep.C:
			if g.opt.Clock != nil { // else only packets tell the time, and two runs agree
				g.mu.Lock()
				g.sweep(g.now())
				g.mu.Unlock()
			}
		case <-g.stop:
			for {
				select {
				case o := <-g.queue:
					adds = g.take(o, adds[:0])
				default:
					return
				}
			}
		}
	}
}

// take does o and what waits behind it: blocks many at once, all in order.
func (g *Guard) take(o op, adds []op) []op {
	for {
		if o.undo != nil || o.done != nil {
			g.enforce(adds)
			adds = adds[:0]
			g.end(o)
		} else {
			adds = append(adds, o)
		}
		if len(adds) == atOnce {
			break
		}
		select {
		case o = <-g.queue:
			continue
		default:
		}
		break
	}
	g.enforce(adds)
	return adds[:0]
}

// enforce puts blocks in force and writes them down.
func (g *Guard) enforce(adds []op) {
	var list []block
	if g.kernel != nil {
		for i := range adds {
			if b := adds[i].add; b != nil {
				list = append(list, *b)
			}
		}
	}
	err := g.kernelDoes(func() error { return g.kernel.add(list) }, len(list))
	if err != nil {
		g.failed.Add(uint64(len(list)))
		g.opt.Logf("nftables: %v; %d blocks are not in force", err, len(list))
		g.mu.Lock()
		for i := range list {
			tenant, name := list[i].owner()
			g.drop(list[i].target, tenant, name)
		}
		g.mu.Unlock()
	}
	for i := range adds {
		l := adds[i].line
		if err != nil && adds[i].add != nil {
			l.Done, l.Reason = failed, err.Error()
		}
		g.write(l)
	}
}

// kernelDoes does something in the kernel about n blocks. If the table is not there any more it
// is made again, once.
func (g *Guard) kernelDoes(f func() error, n int) error {
	if g.kernel == nil || n == 0 {
		return nil
	}
	err := f()
	if errors.Is(err, ErrNoTable) {
		if g.look(); g.kernel.isThere() {
			err = f()
		}
	}
	return err
}

// end ends blocks, tells whoever waits, and writes them down.
func (g *Guard) end(o op) {
	g.mu.Lock()
	now := g.now()
	g.mu.Unlock()
	var list, rest []block
	for i := range o.undo {
		switch r := &o.undo[i]; {
		case r.isEnd:
			list = append(list, block{target: r.target})
		case r.rest != nil && r.rest.Until.After(now):
			rest = append(rest, block{r.target, r.rest.Until.Sub(now), ownerText(r.rest.Tenant, r.rest.Program), true})
		}
	}
	err := g.kernelDoes(func() error { return errors.Join(g.kernel.remove(list), g.kernel.add(rest)) }, len(list)+len(rest))
	if err != nil {
		g.opt.Logf("nftables: %v; %d blocks may still be in force", err, len(list))
	}
	if o.done != nil {
		o.done <- err
	}
	for i := range o.undo {
		r := &o.undo[i]
		l := line{Time: now, Tenant: r.Tenant, Program: r.Program, target: r.target, Done: lifted, By: o.by}
		if err != nil {
			l.Done, l.Reason = failed, err.Error()
		}
		g.write(&l)
	}
}

// look makes the table again if somebody has removed it: a firewall that is started anew
// removes all tables. After a lift that did not go by way of the probe nothing is in force, and
// nothing is blocked again for as long as that said.
func (g *Guard) look() {
	if g.kernel == nil || g.kernel.isThere() {
		return
	}
	hold, wasLifted := liftedFor(g.opt.Table)
	g.mu.Lock()
	now := g.now()
	g.forget(now)
	var gone []removed
	var list []block
	if wasLifted {
		g.pardons = []pardon{{until: now.Add(hold)}}
		gone = g.remove(func(*entry, *claim) bool { return true })
	}
	for t, e := range g.active {
		c := &e.claims[0]
		list = append(list, block{target: t, lasts: e.until().Sub(now), by: ownerText(c.Tenant, c.Program)})
	}
	g.mu.Unlock()
	if wasLifted {
		g.lifted.Add(uint64(len(gone)))
		g.opt.Logf("everything was lifted: %d blocks have ended, and nothing is blocked for %v", len(gone), hold)
		for i := range gone {
			g.write(&line{Time: now, Tenant: gone[i].Tenant, Program: gone[i].Program, target: gone[i].target, Done: lifted, By: "smprobe lift"})
		}
	}
	err := g.kernel.make()
	if err == nil {
		err = g.kernel.add(list)
	}
	switch {
	case err != nil && err.Error() == g.lookError: // is known
	case err != nil:
		g.lookError = err.Error()
		g.opt.Logf("table %s was removed, and cannot be made again: %v", g.opt.Table, err)
	case !wasLifted:
		g.lookError = ""
		g.opt.Logf("table %s was removed by somebody, and was made again with %d blocks", g.opt.Table, len(list))
	}
}

// write writes a line to the audit log. The worker calls it, and nobody else.
func (g *Guard) write(l *line) {
	if l == nil || !g.audited {
		return
	}
	if l.Field == "" {
		l.Field = kindNames[l.target.kind]
	}
	if l.target.src.IsValid() {
		l.Src = l.target.src.String()
	}
	if l.target.dst.IsValid() {
		l.Dst = l.target.dst.String()
	}
	text, err := json.Marshal(l)
	if err == nil {
		_, err = g.opt.Audit.Write(append(text, '\n'))
	}
	if err != nil {
		g.audited = false
		g.opt.Logf("audit log: %v; no more is written", err)
	}
}
