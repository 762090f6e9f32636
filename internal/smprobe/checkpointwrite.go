package smprobe

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	"github.com/streamon/streamon/internal/checkpoint"
	"github.com/streamon/streamon/internal/metrics"
	"github.com/streamon/streamon/internal/probe"
)

// checkpointCounts are what became of checkpoints.
type checkpointCounts struct {
	done, failed uint64
	last         time.Time     // when the one in the file was written; zero = there is none
	bytes        int64         // of it
	took         time.Duration // the last one, whole
	pause        time.Duration // of it
	longest      time.Duration // pause
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
	begun := time.Now()
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
	k.counts.took = time.Since(begun)
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
	text := "no checkpoint was written"
	if c.done > 0 {
		text = fmt.Sprintf("checkpoints written to %s: %d; the last has %s, the longest pause was %v",
			k.path, c.done, sizeText(c.bytes), c.longest.Round(time.Microsecond))
	}
	if c.failed > 0 {
		text += fmt.Sprintf("; failed: %d", c.failed)
	}
	return text
}

// status returns what is known of checkpoints, for whoever asks.
func (k *checkpoints) status(ctx context.Context) *probe.Checkpoints {
	if _, isTenant := probe.TenantOf(ctx); k == nil || isTenant {
		return nil
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	c := &k.counts
	s := &probe.Checkpoints{
		File: k.path, Written: c.done, Failed: c.failed, Bytes: c.bytes, Error: k.failure,
		Seconds: c.took.Seconds(), Pause: c.pause.Seconds(), Longest: c.longest.Seconds(),
	}
	if !c.last.IsZero() {
		text := c.last.UTC().Format("2006-01-02T15:04:05.000Z")
		s.Last = &text
	}
	return s
}

// printCheckpoints writes what a probe answers about checkpoints.
func printCheckpoints(w io.Writer, s *probe.Checkpoints) {
	if s == nil {
		return
	}
	fmt.Fprintf(w, "checkpoint %s: ", s.File)
	switch {
	case s.Last == nil:
		fmt.Fprint(w, "none yet")
	default:
		fmt.Fprintf(w, "of %s, %s", *s.Last, sizeText(s.Bytes))
	}
	fmt.Fprintf(w, "; written %d, failed %d", s.Written, s.Failed)
	if s.Written+s.Failed > 0 {
		seconds := func(x float64) time.Duration {
			return time.Duration(x * float64(time.Second)).Round(10 * time.Microsecond)
		}
		fmt.Fprintf(w, "; the last one took %v, of which packets waited %v, %v at most", seconds(s.Seconds), seconds(s.Pause), seconds(s.Longest))
	}
	fmt.Fprintln(w)
	if s.Error != "" {
		fmt.Fprintf(w, "  the last one could not be written: %s\n", s.Error)
	}
}

// metrics adds the counters of checkpoints.
func (k *checkpoints) metrics(t *metrics.Text) {
	if k == nil {
		return
	}
	k.mu.Lock()
	c := k.counts
	k.mu.Unlock()
	t.Parts("streamon_checkpoints_total", "Checkpoints, by whether they could be written.", "result",
		[]metrics.Part{metrics.Of("written", c.done), metrics.Of("failed", c.failed)})
	t.Gauge("streamon_checkpoint_duration_seconds", "How long writing the last checkpoint took.", c.took.Seconds())
	t.Gauge("streamon_checkpoint_pause_seconds", "For how long no packet was worked on for the last checkpoint.", c.pause.Seconds())
	if !c.last.IsZero() {
		t.Gauge("streamon_checkpoint_bytes", "Size of the checkpoint.", float64(c.bytes))
		t.Gauge("streamon_checkpoint_timestamp_seconds", "When the checkpoint was written.", float64(c.last.UnixMilli())/1e3)
	}
}
