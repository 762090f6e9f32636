// Package command runs what programs ask for with exec, by leave of the operator.
//
// It owns the rules for commands and their processes: which programs may run, which
// arguments they may get, how many run at once and for how long. What a program asks
// for arrives as an exec record. The main type is [Runner], an export.Writer before
// another one:
//
//	r, err := command.Start(command.Options{Allow: []string{"/usr/sbin/nft"}, Records: w, Logf: logf})
//	…
//	r.Write(origin, record)  // decides, marks the record, writes it to w; never waits
//	r.Close()
//
// Nothing runs that is not allowed: with no allowed program every record is marked as
// not run. There is no shell. A command gets its arguments as they are, PATH as its
// whole environment, nothing to read, and the root directory to be in. Arguments come
// from packets, so one that would be taken for an option, or cannot be passed
// faithfully, ends the command before it begins.
package command

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/streamon/streamon/internal/export"
	"github.com/streamon/streamon/runtime/program"
)

const (
	defaultLimit = 10 * time.Second // of one command
	atOnce       = 4                // commands that run at the same time
	queueLen     = 100              // commands that wait for one of them to end
	maxArg       = 4096             // bytes of an argument
	maxArgs      = 64               // arguments, the program included
	maxOutput    = 4 << 10          // bytes of a command's output that are logged
)

// Options say what may run.
type Options struct {
	Allow   []string      // whole paths of programs; none = nothing runs
	Records export.Writer // takes all records, once exec records are marked
	// Logf takes what commands print, and how those ended that failed. It is called
	// from several goroutines.
	Logf func(format string, args ...any)

	limit time.Duration // of one command; 0 = defaultLimit; tests have less time
}

// Counts are what became of the commands that programs asked for.
type Counts struct {
	Run     uint64 `json:"run"`     // were begun
	Failed  uint64 `json:"failed"`  // of those: could not begin, ended with an error, or took too long
	Refused uint64 `json:"refused"` // are not allowed, or have an argument that is not
	Dropped uint64 `json:"dropped"` // came while too many were waiting, or waited at the end
}

// Runner decides about exec records and runs commands. Write and Flush are for one
// goroutine, the rest for any.
type Runner struct {
	opt     Options
	allowed map[string]string // whole path, by that and by its last element
	queue   chan []string     // arguments; the first is a whole path
	ctx     context.Context
	cancel  context.CancelFunc // kills what runs
	ended   sync.WaitGroup
	closing sync.Once
	warned  bool // that nothing is allowed

	run, failed, refused, dropped atomic.Uint64
}

// Start returns a runner. Errors are about Options.Allow: see [CheckAllow].
func Start(opt Options) (*Runner, error) {
	allowed, err := resolve(opt.Allow)
	if err != nil {
		return nil, err
	}
	if opt.limit <= 0 {
		opt.limit = defaultLimit
	}
	r := &Runner{opt: opt, allowed: allowed, queue: make(chan []string, queueLen)}
	r.ctx, r.cancel = context.WithCancel(context.Background())
	if len(allowed) > 0 {
		for range atOnce {
			r.ended.Go(r.work)
		}
	}
	return r, nil
}

// Counts returns what became of the commands so far.
func (r *Runner) Counts() Counts {
	return Counts{r.run.Load(), r.failed.Load(), r.refused.Load(), r.dropped.Load()}
}

// Write implements export.Writer. It decides about an exec record, and hands every
// record on.
func (r *Runner) Write(o *export.Origin, rec *program.Record) error {
	if rec.Type == program.ExecRecord {
		rec.Reason = r.take(o, rec)
		rec.Runs = rec.Reason == ""
	}
	return r.opt.Records.Write(o, rec)
}

// Flush implements export.Writer.
func (r *Runner) Flush() error { return r.opt.Records.Flush() }

// take queues a command, or says why it does not run.
func (r *Runner) take(o *export.Origin, rec *program.Record) string {
	args, reason := r.vector(rec)
	if reason != "" {
		r.refused.Add(1)
		if len(r.allowed) == 0 && !r.warned {
			r.warned = true
			r.opt.Logf("program %s wants to run %q: commands are recorded and not run, without --allow-exec", o.Program, rec.Arg(0))
		}
		return reason
	}
	select {
	case r.queue <- args:
		return ""
	default:
		r.dropped.Add(1)
		return "too many commands are waiting"
	}
}

// Close waits for the commands that run and wait, for at most the time limit of one; it
// kills those that still run then, and drops the rest. There must be no Write after it.
func (r *Runner) Close() {
	r.closing.Do(func() {
		close(r.queue)
		defer time.AfterFunc(r.opt.limit, r.cancel).Stop()
		r.ended.Wait()
		r.cancel()
	})
}

// work runs commands until there are no more.
func (r *Runner) work() {
	for args := range r.queue {
		if r.ctx.Err() != nil {
			r.dropped.Add(1)
			continue
		}
		r.run.Add(1)
		output, err := execute(r.ctx, args, r.opt.limit)
		if err != nil {
			r.failed.Add(1)
			err = fmt.Errorf("command %s: %w", args[0], err)
			r.opt.Logf("%v", err)
		}
		for _, line := range output {
			r.opt.Logf("command %s: %s", args[0], line)
		}
	}
}
