package probe

import (
	"fmt"

	"github.com/streamon/streamon/internal/capture"
	"github.com/streamon/streamon/internal/export"
	"github.com/streamon/streamon/runtime/packet"
	"github.com/streamon/streamon/runtime/program"
)

// Who looks at packets besides programs, and what programs decided about packets.

// Evidence takes packets. *capture.Writer is one.
type Evidence interface {
	Write(f *capture.Frame) error
}

// Dropper decides about packets that are to be dropped.
type Dropper interface {
	// Drop is told that a program wants p dropped, which is valid during the call. It
	// reports whether p itself is to be, by a Forwarder.
	Drop(o *export.Origin, p *packet.Packet) bool
}

// Forwarder hands packets on.
type Forwarder interface {
	// Forward hands on the packets of b but those for which drop holds.
	Forward(b *packet.Batch, drop []bool)
}

// Recent takes batches. *evidence.Recorder is one.
type Recent interface {
	See(b *packet.Batch)
}

// unite adds the verdicts of v about n packets to u.
func unite(u, v *program.Verdicts, n int) {
	if v.Any == 0 {
		return
	}
	u.Any |= v.Any
	for i := range v.Of[:n] {
		u.Of[i] |= v.Of[i]
	}
}

// looks reports whether anybody looks at packets of which programs have decided that.
func (p *Probe) looks(v *program.Verdicts) bool {
	return v.Any&program.Drop != 0 && p.opt.Drops != nil || v.Any&program.Capture != 0 && p.opt.Evidence != nil
}

// drops hands on the packets of a batch that a program wants dropped.
func (p *Probe) drops(in *instance, b *packet.Batch, v *program.Verdicts) {
	if p.opt.Drops == nil || v.Any&program.Drop == 0 {
		return
	}
	p.writes.turn()
	defer p.writes.turn()
	each(b, v, program.Drop, func(i int) {
		if p.opt.Drops.Drop(&in.origin, &b.Packets[i]) {
			p.drop[i] = true
		}
	})
}

// judge counts dropped packets and keeps evidence: each packet once, however many
// programs say so. v is theirs, united.
func (p *Probe) judge(b *packet.Batch, v *program.Verdicts) {
	if v.Any&program.Drop != 0 {
		for i := range b.N {
			if v.Of[i]&program.Drop != 0 {
				p.packets.Dropped++
			}
		}
	}
	if p.opt.Evidence != nil && v.Any&program.Capture != 0 {
		each(b, v, program.Capture, func(i int) { p.keep(&b.Packets[i]) })
	}
}

// each calls f with the number of each packet of b of which programs have decided that.
func each(b *packet.Batch, v *program.Verdicts, that program.Verdict, f func(i int)) {
	for i := range b.N {
		if v.Of[i]&that != 0 {
			f(i)
		}
	}
}

// keep keeps a packet as evidence.
func (p *Probe) keep(k *packet.Packet) {
	if p.evidErr != nil {
		return
	}
	p.kept = capture.Frame{Time: k.Time, Data: k.Data, WireLen: k.Len, Link: k.Link, Iface: k.Iface}
	err := p.opt.Evidence.Write(&p.kept)
	p.kept.Data = nil // it is not ours to keep
	if err != nil {
		p.evidErr = fmt.Errorf("writing evidence: %w", err)
		p.opt.Logf("%v; no more is kept", p.evidErr)
		return
	}
	p.packets.Evidence++
}
