package probe

import (
	"fmt"
	"math"
	"time"

	"github.com/streamon/streamon/runtime/packet"
)

// Words. A generation that has replaced another one is on *trial* for a minute of packet
// time, and for 16 batches, which may be many minutes of a quiet link. If it is stopped in
// that time the probe *rolls back*: the generation before begins anew, with its code,
// settings, lists and limits, and with empty memory: what the failed one has left in the
// memory of both is not to be relied on. That needs no policy of restarts. Nothing is
// rolled back twice: if that generation fails too, its policy holds.

// How long a generation is on trial: for whichever is longer.
const (
	trialTime    = time.Minute
	trialBatches = 16
)

// trial is what a generation on trial goes back to.
type trial struct {
	before *instance   // without shards: what it was made of and not what it remembers
	begun  packet.Time // math.MinInt64 = before the first packet
	shown  uint64      // batches that programs were shown before
}

// trialOf begins the trial of what replaces in.
func (in *instance) trialOf(p *Probe) *trial {
	t := &trial{begun: math.MinInt64, shown: p.shown(), before: &instance{
		info: in.info, path: in.path, name: in.name, tenant: in.tenant, slice: in.slice, within: in.within,
		number: in.number, settings: in.settings, asked: in.asked, lists: &lists{files: in.lists.files, texts: in.lists.texts},
	}}
	if p.hasFirst {
		t.begun = p.newest
	}
	return t
}

// isOnTrial reports whether the program, which was stopped now, goes back to the generation
// before.
func (in *instance) isOnTrial() bool {
	p := in.probe
	return in.trial != nil && (!p.hasFirst || p.shown()-in.trial.shown <= trialBatches || p.newest-max(in.trial.begun, p.first) < packet.Time(trialTime))
}

// rollBack makes the generation before the running one again. No batch is being processed.
func (p *Probe) rollBack(failed *instance) {
	t := failed.trial
	failed.trial = nil
	before := t.before
	in, err := p.make(Artifact{Info: before.info, Path: before.path, Name: before.name, isFresh: true}, before, nil)
	if err == nil {
		in.number = failed.number + 1
		in.rolledBack = fmt.Sprintf("version %s was stopped: %v", failed.info.Manifest.Version, failed.stopped)
		err = p.swap(in, failed)
	}
	if err != nil {
		p.opt.Logf("program %s could not go back to version %s: %v", failed.name, before.info.Manifest.Version, err)
		failed.plan()
		return
	}
	in.restarts.rollbacks++
	if in.stopped == nil {
		p.opt.Notef("program %s went back to version %s, with empty memory: version %s was stopped soon after it replaced it",
			in.name, in.info.Manifest.Version, failed.info.Manifest.Version)
	}
}
