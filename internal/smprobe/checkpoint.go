package smprobe

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"sync"
	"time"

	"github.com/streamon/streamon/internal/checkpoint"
	"github.com/streamon/streamon/internal/config"
	"github.com/streamon/streamon/internal/metrics"
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

func (c *checkpointFlags) check() error {
	every, err := config.ParseDuration(c.CheckpointEvery)
	switch {
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

type checkpointCounts struct {
	done, failed uint64
	last         time.Time // that was written
	bytes        int64     // of it
	pause        time.Duration
	longest      time.Duration // pause
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
		return nil, fmt.Errorf("--checkpoint: %w", err)
	}
	defer func() {
		if err != nil {
			k.release()
		}
	}()
	f, err := checkpoint.Read(c.Checkpoint)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return k, nil
	case errors.As(err, new(*checkpoint.DamagedError)):
		return k, k.refuse(err)
	case err != nil:
		return nil, fmt.Errorf("--checkpoint: %w", err)
	}
	k.written = f.Written
	return k, p.Restore(ctx, f.Programs)
}

// refuse puts a damaged checkpoint aside: the probe begins without, since packets do not
// wait, and the file is kept for whoever wants to know what happened to it.
func (k *checkpoints) refuse(why error) error {
	to, err := checkpoint.Aside(k.path)
	if err != nil {
		return fmt.Errorf("--checkpoint: %w; moving it away: %w", why, err)
	}
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
		said = append(said, k.restored(&g)...)
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
func (k *checkpoints) restored(g *probe.Generation) (said []string) {
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

// start writes checkpoints until end.
func (k *checkpoints) start() (end func() (ok bool)) {
	if k == nil {
		return func() bool { return true }
	}
	ctx, cancel := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	wg.Go(func() {
		t := time.NewTicker(k.every)
		defer t.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-t.C:
				k.write(ctx)
			}
		}
	})
	return func() bool {
		cancel()
		wg.Wait()
		ok := k.write(context.Background())
		if !k.quiet {
			k.std.notef("%s", k)
		}
		return ok
	}
}

// write writes a checkpoint. No packet is worked on while the state is copied; everything
// else goes on beside.
func (k *checkpoints) write(ctx context.Context) bool {
	unsaved := k.probe.Save(ctx, &k.saved)
	if ctx.Err() != nil { // the end writes another one
		return true
	}
	f := checkpoint.File{Written: time.Now(), Programs: k.saved.Programs()}
	size, err := f.Write(k.path)
	k.mu.Lock()
	defer k.mu.Unlock()
	k.counts.pause = k.saved.Pause
	k.counts.longest = max(k.counts.longest, k.saved.Pause)
	if err == nil {
		k.counts.done++
		k.counts.last, k.counts.bytes = f.Written, size
	} else {
		k.counts.failed++
	}
	k.report(errors.Join(err, unsaved))
	return err == nil && unsaved == nil
}

// report says of failures that follow each other one.
func (k *checkpoints) report(err error) {
	text := ""
	if err != nil {
		text = strings.ReplaceAll(err.Error(), "\n", "; ")
	}
	switch {
	case text == k.failure:
	case text == "":
		k.std.notef("checkpoints are written to %s again", k.path)
	default:
		k.std.errorf("writing a checkpoint: %s", text)
	}
	k.failure = text
}

// String says what was written.
func (k *checkpoints) String() string {
	k.mu.Lock()
	defer k.mu.Unlock()
	c := &k.counts
	if c.done == 0 {
		return "no checkpoint was written"
	}
	return fmt.Sprintf("checkpoints written to %s: %d; the last has %s, the longest pause was %v",
		k.path, c.done, sizeText(c.bytes), c.longest.Round(time.Microsecond))
}

// metrics adds the counters of checkpoints.
func (k *checkpoints) metrics(t *metrics.Text) {
	if k == nil {
		return
	}
	k.mu.Lock()
	c := k.counts
	k.mu.Unlock()
	const name, help = "streamon_checkpoints_total", "Checkpoints, by whether they could be written."
	t.Counter(name, help, float64(c.done), metrics.Label{Name: "result", Value: "ok"})
	t.Counter(name, help, float64(c.failed), metrics.Label{Name: "result", Value: "failed"})
	t.Gauge("streamon_checkpoint_pause_seconds", "For how long no packet was worked on for the last checkpoint.", c.pause.Seconds())
	if c.done > 0 {
		t.Gauge("streamon_checkpoint_bytes", "Size of the checkpoint.", float64(c.bytes))
		t.Gauge("streamon_checkpoint_timestamp_seconds", "When the checkpoint was written.", float64(c.last.UnixMilli())/1e3)
	}
}
