package probe

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/streamon/streamon/internal/checkpoint"
	"github.com/streamon/streamon/runtime/program"
)

// SavedError says that what was saved of a program cannot be loaded, although the file is
// as it was written.
type SavedError struct{ Err error }

// Error says which structure it is about.
func (e *SavedError) Error() string { return "what was saved of it is damaged: " + e.Err.Error() }

// Unwrap returns Err.
func (e *SavedError) Unwrap() error { return e.Err }

// Saved is the memory that Save copies to, used again by every call. The zero Saved is
// empty.
type Saved struct {
	// Pause is how long no packet was worked on for the copy.
	Pause time.Duration

	programs  []checkpoint.Program
	snapshots []*program.Snapshot // of all shards of all programs, in order
}

// Programs returns what Save copied, valid until the next call.
func (s *Saved) Programs() []checkpoint.Program { return s.programs }

// Bytes returns the size of what Save copied.
func (s *Saved) Bytes() (n int64) {
	for i := range s.programs {
		n += s.programs[i].Bytes()
	}
	return n
}

// Save copies the state of all programs between two batches: no packet sees some of them
// before and some after. What Restore has of programs that are not loaded is part of it. A
// program that was stopped by a panic is left out, since what that left behind is not to
// be relied on, and so is one whose structures cannot be saved, of which the error tells.
func (p *Probe) Save(ctx context.Context, into *Saved) error {
	var err error
	if e := p.between(ctx, func() {
		begun := time.Now()
		err = p.save(into)
		into.Pause = time.Since(begun)
	}); e != nil {
		return e
	}
	return err
}

func (p *Probe) save(into *Saved) error {
	var shards []*shard
	into.programs = into.programs[:0]
	for _, in := range p.programs {
		if in.stopped != nil {
			continue
		}
		shards = append(shards, in.shards...)
	}
	for len(into.snapshots) < len(shards) {
		into.snapshots = append(into.snapshots, new(program.Snapshot))
	}
	errs := make([]error, len(shards))
	copyTo(into.snapshots, shards, errs, max(1, p.opt.Workers))

	var first error
	next := 0
	for _, in := range p.programs {
		if in.stopped != nil {
			continue
		}
		m := &in.info.Manifest
		c := checkpoint.Program{Name: in.name, Tenant: in.tenant, Program: m.Name, Version: m.Version}
		var err error
		for range in.shards {
			c.Shards = append(c.Shards, into.snapshots[next].Images())
			if errs[next] != nil {
				err = fmt.Errorf("program %q: %w", in.name, errs[next])
			}
			next++
		}
		if err == nil {
			into.programs = append(into.programs, c)
		} else if first == nil {
			first = err
		}
	}
	into.programs = append(into.programs, p.pending...)
	return first
}

// copyTo saves shards in as many goroutines as there are workers, who have nothing to do
// meanwhile.
func copyTo(into []*program.Snapshot, shards []*shard, errs []error, workers int) {
	var wg sync.WaitGroup
	for w := range min(workers, len(shards)) {
		work := func() {
			for i := w; i < len(shards); i += workers {
				errs[i] = shards[i].save(into[i])
			}
		}
		if workers == 1 {
			work()
			return
		}
		wg.Go(work)
	}
	wg.Wait()
}

// save copies the state of a shard.
func (s *shard) save(into *program.Snapshot) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("panic while saving: %v", r)
		}
	}()
	return s.mem.Save(into)
}

// Checkpoints says what became of the state of programs on disk.
type Checkpoints struct {
	File    string  `json:"file"`
	Written uint64  `json:"written"` // since the probe began
	Failed  uint64  `json:"failed"`
	Last    *string `json:"last"`            // time by the clock at which the one in File was written; null = there is none
	Bytes   int64   `json:"bytes"`           // of it
	Seconds float64 `json:"seconds"`         // that writing the last one took
	Pause   float64 `json:"pause"`           // seconds of those in which no packet was worked on
	Longest float64 `json:"longest"`         // pause so far
	Error   string  `json:"error,omitempty"` // why the last one could not be written
}

// Restore says what programs begin with that are loaded from now on, instead of with empty
// memory: each instance with what it has in list, if that is of the same program and
// tenant. What was there before is forgotten.
func (p *Probe) Restore(ctx context.Context, list []checkpoint.Program) error {
	return p.between(ctx, func() { p.pending = list })
}

// Pending returns the instances that Restore has something of and that were not loaded.
func (p *Probe) Pending(ctx context.Context) (names []string) {
	p.between(ctx, func() {
		for i := range p.pending {
			names = append(names, p.pending[i].Name)
		}
	})
	return names
}

// savedOf returns what an instance that is loaded begins with; nil = nothing, with the
// reason if there is something of that name. The error wraps ErrForeign if that is not
// theirs who ask: loading the instance would end it.
func (p *Probe) savedOf(ctx context.Context, a *Artifact) (saved *checkpoint.Program, why string, err error) {
	c, err := p.findPending(ctx, a.Name)
	switch {
	case err != nil || c == nil:
		return nil, "", err
	case c.Program != a.Info.Manifest.Name:
		return nil, fmt.Sprintf("saved of another program: was %s, is %s", c.Program, a.Info.Manifest.Name), nil
	case c.Tenant != a.Tenant:
		return nil, fmt.Sprintf("saved of another tenant: was %s, is %s", owner(c.Tenant), owner(a.Tenant)), nil
	}
	return c, "", nil
}

func owner(tenant string) string {
	if tenant == "" {
		return "the operator"
	}
	return tenant
}

// findPending returns what Restore has of an instance, or nil; the error wraps ErrForeign
// if it is not theirs who ask.
func (p *Probe) findPending(ctx context.Context, name string) (found *checkpoint.Program, err error) {
	if err := p.between(ctx, func() {
		for _, c := range p.pending {
			if c.Name == name {
				found = &c
			}
		}
	}); err != nil || found == nil {
		return nil, err
	}
	if tenant, isTenant := TenantOf(ctx); isTenant && found.Tenant != tenant {
		return nil, fmt.Errorf("what was saved of program %q %w", name, ErrForeign)
	}
	return found, nil
}

// forget lets go of what Restore has of an instance. The worker calls it.
func (p *Probe) forget(name string) {
	p.pending = slices.DeleteFunc(slices.Clone(p.pending), func(c checkpoint.Program) bool { return c.Name == name })
}
