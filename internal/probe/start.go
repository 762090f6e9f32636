package probe

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/streamon/streamon/runtime/packet"
)

// start makes the next generation of a program, whose present one is old or nil,
// and swaps it in. The making runs in the caller's goroutine: the worker goes on
// with the old generation meanwhile.
func (p *Probe) start(ctx context.Context, a Artifact, old *instance) (Generation, error) {
	if old == nil {
		return p.startNew(ctx, a)
	}
	if err := p.between(ctx, func() { a.isFresh = old.stopped != nil }); err != nil {
		return Generation{}, err
	}
	for {
		in, err := p.make(a, old, nil)
		if err != nil {
			return Generation{}, fmt.Errorf("program %q: %w", a.Name, err)
		}
		var g Generation
		var failed error
		err = p.between(ctx, func() {
			if failed = p.swap(in, old); failed == nil {
				g, failed = in.generation(), p.tookOver(in)
			}
		})
		switch {
		case err != nil:
			return Generation{}, err
		case failed == nil:
			return g, nil
		case !errors.Is(failed, errFaulted):
			return Generation{}, fmt.Errorf("program %q: %w", a.Name, failed)
		}
		a.isFresh = true
	}
}

// tookOver returns why in, which was swapped in, was stopped while it took over, and has it
// rolled back.
func (p *Probe) tookOver(in *instance) error {
	why, tail := in.stopped, ""
	if why == nil {
		return nil
	}
	if t := in.trial; t != nil {
		p.rollBack(in)
		if now := p.lookup(in.name); now.stopped == nil {
			tail = fmt.Sprintf("; version %s goes on, with empty memory", t.before.info.Manifest.Version)
		}
	}
	return fmt.Errorf("%w: %w%s", ErrStopped, why, tail)
}

// startNew is start for a program that is not loaded. Its memory is its own, so that packets
// wait for nothing of it.
func (p *Probe) startNew(ctx context.Context, a Artifact) (Generation, error) {
	saved, unfit, err := p.savedOf(ctx, &a)
	if err != nil {
		return Generation{}, err
	}
	in, err := p.make(a, nil, saved)
	if err == nil {
		err = in.weigh()
	}
	if err == nil {
		err = in.activate(nil, saved)
	}
	if err != nil {
		if errors.As(err, new(*SavedError)) {
			p.between(ctx, func() { p.forget(a.Name) })
		}
		return Generation{}, fmt.Errorf("program %q: %w", a.Name, err)
	}
	for i := range in.inherited {
		if unfit != "" {
			in.inherited[i].Why = unfit
		}
	}
	g := in.generation()
	if saved != nil {
		if c, ok := saved.Core(); ok && c.Started {
			g.Since = &c.Now
		}
	}
	err = p.between(ctx, func() {
		if g.Since != nil && in.hasKept("core") {
			in.resume(packet.Time(*g.Since))
		}
		p.forget(a.Name)
		in.isShown = true
		p.programs = append(p.programs, in)
		p.choose()
	})
	if err != nil {
		return Generation{}, err
	}
	return g, nil
}

// errFaulted says that the generation before was stopped while the next one was made, over
// memory that is not to be relied on any more.
var errFaulted = errors.New("the generation before was stopped meanwhile")

// swap makes in the running generation in the place of old. If it returns an error nothing
// is changed. No batch is being processed.
func (p *Probe) swap(in, old *instance) error {
	if old.stopped != nil && !in.isFresh {
		return errFaulted
	}
	if err := in.weigh(); err != nil {
		return err
	}
	in.before = old.counters()
	in.tried = old.tried
	in.inheritClock(old)
	in.restarts.n, in.restarts.rollbacks = old.restarts.n, old.restarts.rollbacks
	if old.stopped == nil {
		in.trial = old.trialOf(p)
	}
	in.isShown = true
	p.programs[slices.Index(p.programs, old)] = in
	if err := in.activate(old, nil); err != nil {
		in.stop(err)
	}
	p.choose()
	return nil
}
