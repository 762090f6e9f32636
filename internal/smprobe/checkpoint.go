package smprobe

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"sync"
	"time"

	"github.com/streamon/streamon/internal/checkpoint"
	"github.com/streamon/streamon/internal/config"
	"github.com/streamon/streamon/internal/probe"
	"github.com/streamon/streamon/runtime/packet"
	"github.com/streamon/streamon/runtime/program"
)

// checkpointFlags say where the state of programs outlives the probe.
type checkpointFlags struct {
	Checkpoint      string `placeholder:"FILE" help:"Begin with the state of programs in FILE, if it is there, and write it there while the probe runs and at the end. See doc/checkpoint.md."`
	CheckpointEvery string `name:"checkpoint-every" default:"30s" placeholder:"TIME" help:"Time between two checkpoints (${default})."`
}

// minCheckpointEvery is the least time between two checkpoints: below it the probe would
// do little else.
const minCheckpointEvery = 10 * time.Millisecond

// defaultEvery is that of --checkpoint-every.
const defaultEvery = "30s"

func (c *checkpointFlags) check() error {
	every, err := config.ParseDuration(c.CheckpointEvery)
	switch {
	case c.Checkpoint == "" && c.CheckpointEvery != defaultEvery:
		return usagef("give --checkpoint FILE too", "--checkpoint-every: no checkpoint is written")
	case err != nil:
		return usagef("for instance --checkpoint-every 1m", "--checkpoint-every: %v", err)
	case every < minCheckpointEvery:
		return usagef("", "--checkpoint-every %s: expected %v or more", c.CheckpointEvery, minCheckpointEvery)
	}
	return nil
}

// checkpoints writes the state of programs, again and again. Nil does nothing.
type checkpoints struct {
	path    string
	every   time.Duration
	std     *stdio
	quiet   bool
	probe   *probe.Probe
	release func()

	written time.Time   // of the one that the probe began with
	saved   probe.Saved // of the goroutine that writes

	mu      sync.Mutex
	counts  checkpointCounts
	failure string // that was reported last; "" = the last one was written
}

// openCheckpoint reads the checkpoint, if there is one, for the programs that are loaded
// from now on. It is nil if none is wanted.
func (c *checkpointFlags) openCheckpoint(ctx context.Context, std *stdio, quiet bool, p *probe.Probe) (k *checkpoints, err error) {
	if c.Checkpoint == "" {
		return nil, nil
	}
	every, _ := config.ParseDuration(c.CheckpointEvery) // check has read it
	k = &checkpoints{path: c.Checkpoint, every: every, std: std, quiet: quiet, probe: p}
	if k.release, err = checkpoint.Lock(c.Checkpoint); err != nil {
		return nil, unfit(err)
	}
	release := k.release // k is nil with an error
	defer func() {
		if err != nil {
			release()
		}
	}()
	f, err := checkpoint.Read(c.Checkpoint)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return k, nil
	case errors.As(err, new(*checkpoint.DamagedError)):
		return k, k.refuse(err)
	case err != nil:
		return nil, unfit(err)
	}
	k.written = f.Written
	k.counts.last, k.counts.bytes = f.Written, f.Bytes()
	return k, p.Restore(ctx, f.Programs)
}

// verify says what a run would say of the checkpoint, and changes nothing.
func (c *checkpointFlags) verify(std *stdio) error {
	if c.Checkpoint == "" {
		return nil
	}
	_, err := checkpoint.Read(c.Checkpoint)
	switch {
	case err == nil, errors.Is(err, fs.ErrNotExist):
		return nil
	case errors.As(err, new(*checkpoint.DamagedError)):
		std.notef("warning: --checkpoint: %v: a run would move it away and begin with empty memory", err)
		return nil
	}
	return unfit(err)
}

// unfit is the error of a checkpoint that the probe can neither use nor write over.
func unfit(err error) error {
	hint := ""
	switch other := new(checkpoint.OtherError); {
	case errors.Is(err, checkpoint.ErrInUse):
		hint = "give every probe a file of its own"
	case errors.Is(err, checkpoint.ErrForeign):
		hint = "give the name of a file that is not there"
	case errors.As(err, &other):
		hint = "move it away to begin with empty memory, or run the probe that wrote it"
	}
	return &probe.HintError{Err: fmt.Errorf("--checkpoint: %w", err), Hint: hint}
}

// refuse puts a damaged checkpoint aside: the probe begins without, since packets do not
// wait, and the file is kept for whoever wants to know what happened to it.
func (k *checkpoints) refuse(why error) error {
	to, err := checkpoint.Aside(k.path)
	if err != nil {
		return fmt.Errorf("--checkpoint: %w; moving it away: %w", why, err)
	}
	k.counts.last, k.counts.bytes = time.Time{}, 0 // there is none any more
	k.std.errorf("--checkpoint: %v", why)
	k.std.notef("it was moved to %s; programs begin with empty memory", to)
	return nil
}

// loadAll loads programs. What was saved of one may not be loaded although the checkpoint
// is as it was written: then none of it is used.
func (k *checkpoints) loadAll(ctx context.Context, list []probe.Artifact, load func(a *probe.Artifact) (probe.Generation, error)) error {
	var said []string
	for i := range list {
		g, err := load(&list[i])
		if wrong := new(probe.SavedError); k != nil && errors.As(err, &wrong) {
			for _, a := range list[:i] {
				if err := k.probe.Unload(ctx, a.Info.Manifest.Name); err != nil {
					return err
				}
			}
			if err := errors.Join(k.refuse(fmt.Errorf("%s: %w", k.path, err)), k.probe.Restore(ctx, nil)); err != nil {
				return err
			}
			return k.loadAll(ctx, list, load)
		}
		if err != nil {
			return err
		}
		said = append(said, restored(&g)...)
	}
	if k == nil || k.quiet {
		return nil
	}
	for _, name := range k.probe.Pending(ctx) {
		said = append(said, fmt.Sprintf("%s is not loaded: its state is kept until it is", name))
	}
	if len(said) > 0 {
		k.std.notef("checkpoint %s of %s:", k.path, k.written.UTC().Format(time.RFC3339))
	}
	for _, s := range said {
		k.std.notef("  %s", s)
	}
	return nil
}

// restored says what became of the state of a program.
func restored(g *probe.Generation) (said []string) {
	kept, reasons := 0, map[string]bool{}
	why := ""
	for _, m := range g.Memory {
		switch {
		case m.Kept:
			kept++
		case m.Why != probe.WhyNew:
			why = m.Why
			reasons[why] = true
			said = append(said, fmt.Sprintf("%s: %s: %s", g.Program, m.Name, m.Why))
		}
	}
	switch {
	case kept == 0 && len(reasons) == 0:
		return nil
	case kept == 0 && len(reasons) == 1:
		return []string{g.Program + " begins with empty memory: " + why}
	case kept == 0:
		return append([]string{g.Program + " begins with empty memory"}, said...)
	}
	at := "before its first packet"
	if g.Since != nil {
		at = "after " + string(program.AppendTime(nil, packet.Time(*g.Since)))
	}
	return append([]string{fmt.Sprintf("%s goes on %s, structures kept: %d", g.Program, at, kept)}, said...)
}
