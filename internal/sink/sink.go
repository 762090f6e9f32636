// Package sink sends what programs report to where it is wanted: files, standard
// output, syslog, webhooks, Kafka, ZeroMQ subscribers.
//
// It owns the text that names a sink ("kafka:broker:9092/alerts?acks=all"), the queue
// before each, retries, and what is counted. Formats of records are package export's.
// The main types are [Spec], [Sink] and [Set], an export.Writer:
//
//	spec, err := sink.Parse("webhook:https://soc.example/in#batch=100")
//	s, err := sink.Open(spec, sink.Options{Logf: logf})
//	set := sink.NewSet(s)
//	set.Write(origin, record) // queues it; does not wait
//	set.Close()               // delivers what is queued, for at most the sink's drain
//
// Each sink has a goroutine of its own and a queue that is bounded in records and in
// bytes. Write encodes the record and puts it there. A sink that is slow or dead fills its
// queue, then drops, and counts; it holds up neither packets nor another sink. What
// is in the queue stays there until it was delivered: a delivery that failed is
// tried again, later and later, up to half a minute apart. So a record that was
// accepted arrives at least once, and twice if only the answer was lost.
package sink

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/streamon/streamon/runtime/packet"
	"github.com/streamon/streamon/runtime/program"
)

// item is one record on its way to one sink. Nobody writes to it.
type item struct {
	body  []byte // in the sink's format, without a line end
	key   []byte // of the entity, as JSON; only for sinks that ask for it
	time  packet.Time
	kind  program.RecordType
	level program.Level
	prog  string // program
}

// carrier delivers records to one place. One goroutine uses it.
type carrier interface {
	// deliver delivers items, in order, and returns how many of the first arrived.
	// With an error the rest is tried again later; of a *refusal those it names at once,
	// in halves, down to the record that is to blame, which is given up.
	deliver(ctx context.Context, items []*item) (int, error)
	// close ends connections and files. There is no deliver after it.
	close() error
}

// refusal says that the receiver does not want the next n records as they were sent,
// whenever that is. Some of several may be wanted without the others, unless it is final.
type refusal struct {
	n     int
	err   error
	final bool
}

func (r *refusal) Error() string { return r.err.Error() }

// pending says that a delivery takes long and goes on: the same items are to be
// delivered again at once, to learn how it ended.
type pending struct{ error }

func (p *pending) Unwrap() error { return p.error }

// delay is an error with the time that the receiver wants to be left alone.
type delay struct {
	error
	wait time.Duration
}

func (d *delay) Unwrap() error { return d.error }

// The pause before a delivery is tried again doubles between these.
const (
	firstPause = 100 * time.Millisecond
	lastPause  = 30 * time.Second
)

// refusalTime is between two lines of the log that say the same of refused records.
const refusalTime = time.Minute

// stuckTime is how long Close waits for a delivery that should have ended.
const stuckTime = time.Second

// Options are what a sink needs of the probe.
type Options struct {
	// Wait lets a writer wait while the queue is full, unless the sink's text says
	// otherwise or the sink fails. It is for packets that can wait, those of files.
	Wait bool
	// Observer is the name of this machine in records.
	Observer string
	// Stdout is where "stdout:" writes.
	Stdout io.Writer
	// Logf takes a line when a sink fails, and when it delivers again; nil = nobody.
	// It is called from several goroutines.
	Logf func(format string, args ...any)
}

// Counts are what became of the records that were meant for a sink:
// Records = Sent + Dropped + Refused + Unsent + Waiting. Not so of zmq, where Sent and
// Dropped are of each subscriber that wanted the record.
type Counts struct {
	Sink    string `json:"sink"` // without what may be secret
	Records uint64 `json:"records"`
	Sent    uint64 `json:"sent"`
	Dropped uint64 `json:"dropped"`           // the queue was full
	Refused uint64 `json:"refused"`           // the receiver does not want them
	Unsent  uint64 `json:"unsent"`            // were still waiting at the end
	Waiting int    `json:"waiting"`           // in the queue now
	Retries uint64 `json:"retries"`           // deliveries that failed and were tried again
	Error   string `json:"error,omitempty"`   // why records wait; "" = deliveries succeed
	Refusal string `json:"refusal,omitempty"` // why records were refused last
}

// Sink delivers records to one place.
type Sink struct {
	spec    *Spec
	opt     Options
	queue   *queue
	carrier carrier
	direct  direct // instead of a queue and a carrier: it has queues of its own

	ctx     context.Context // done when no more is to be delivered
	cancel  context.CancelFunc
	closing chan struct{} // closed by Close
	ended   chan struct{} // the goroutine has
	once    sync.Once
	err     error // of closing the carrier

	mu     sync.Mutex // guards what follows
	counts Counts
	since  time.Time // when it began to fail
	missed uint64    // dropped when it began to fail
	unsaid int       // refused, and not in the log
	said   time.Time // when the log had a refusal last
}

// Open opens a sink and starts its goroutine. Receivers need not be there yet; a file
// that cannot be opened is an error.
func Open(spec *Spec, opt Options) (*Sink, error) {
	if opt.Logf == nil {
		opt.Logf = func(string, ...any) {}
	}
	s := &Sink{spec: spec, opt: opt, closing: make(chan struct{}), ended: make(chan struct{})}
	s.counts.Sink = spec.Name
	if spec.direct != nil {
		var err error
		if s.direct, err = spec.direct(); err != nil {
			return nil, fmt.Errorf("sink %s: %w", spec.Name, err)
		}
		return s, nil
	}
	full := spec.full
	if !spec.fullSet && opt.Wait {
		full = wait
	}
	s.queue = newQueue(spec.queue, spec.memory, full)
	var err error
	if s.carrier, err = spec.open(&opt); err != nil {
		return nil, fmt.Errorf("sink %s: %w", spec.Name, err)
	}
	s.ctx, s.cancel = context.WithCancel(context.Background())
	go s.run()
	return s, nil
}

// Counts returns what became of the records so far.
func (s *Sink) Counts() Counts {
	if s.direct != nil {
		return s.direct.counts(s.spec.Name)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.counts
	c.Records, c.Dropped, c.Waiting = s.queue.counts()
	if c.Unsent > 0 { // they are not waiting for anything
		c.Waiting = 0
	}
	return c
}

// Close delivers what is queued, for at most the sink's drain time, and ends the
// sink. What could not be delivered is counted as unsent. There must be no Write
// after it; a second call does nothing.
func (s *Sink) Close() error {
	s.once.Do(func() {
		if s.direct != nil {
			s.err = s.direct.Close()
			return
		}
		close(s.closing)
		s.queue.close()
		stop := time.AfterFunc(s.spec.drain, s.cancel)
		defer stop.Stop()
		select {
		case <-s.ended:
		case <-time.After(s.spec.drain + stuckTime): // in a write that nothing ends
			s.leave()
			return
		}
		s.cancel()
		if s.err = s.carrier.close(); s.err != nil {
			s.err = fmt.Errorf("sink %s: %w", s.spec.Name, s.err)
		}
	})
	return s.err
}

// run delivers until the queue is closed and empty, or ctx is done.
func (s *Sink) run() {
	defer close(s.ended)
	var buf []*item
	for {
		batch := s.queue.take(buf[:0], s.spec.batch, s.spec.batchBytes, s.spec.linger, s.ctx.Done())
		if len(batch) == 0 || s.ctx.Err() != nil {
			s.leave()
			return
		}
		buf = batch
		s.carry(batch)
	}
}

// leave counts what is left as unsent.
func (s *Sink) leave() {
	_, _, waiting := s.queue.counts()
	s.mu.Lock()
	s.counts.Unsent = uint64(waiting)
	s.mu.Unlock()
	if waiting > 0 {
		s.opt.Logf("sink %s: %d records could not be sent before the end", s.spec.Name, waiting)
	}
}

// carry delivers a batch, however often that takes, until ctx is done.
func (s *Sink) carry(batch []*item) {
	pause := firstPause
	for len(batch) > 0 && s.ctx.Err() == nil {
		n, err := s.carrier.deliver(s.ctx, batch)
		s.arrived(batch[:n], err)
		batch = batch[n:]
		if err == nil {
			return
		}
		if n > 0 {
			pause = firstPause
		}
		var r *refusal
		var p *pending
		switch {
		case errors.As(err, &r):
			if half := r.n / 2; half > 0 && !r.final {
				s.carry(batch[:half])
				s.carry(batch[half:r.n])
			} else {
				s.refused(batch[:r.n], err)
			}
			batch = batch[r.n:]
		case s.ctx.Err() != nil:
		case errors.As(err, &p):
			s.trouble(err)
		default:
			s.trouble(err)
			s.pause(pause, err)
			pause = min(2*pause, lastPause)
		}
	}
}

// arrived counts what was delivered, and says so when a sink that failed delivers again.
func (s *Sink) arrived(items []*item, err error) {
	s.queue.done(items)
	_, dropped, _ := s.queue.counts()
	s.mu.Lock()
	s.counts.Sent += uint64(len(items))
	again := err == nil && s.counts.Error != ""
	took, missed := time.Since(s.since), dropped-s.missed
	if again {
		s.counts.Error = ""
	}
	s.mu.Unlock()
	if again {
		s.queue.fail(false)
		s.opt.Logf("sink %s: delivers again after %s; %d records were dropped meanwhile", s.spec.Name, took.Round(time.Millisecond), missed)
	}
}

// refused counts what the receiver does not want, and says why when that is news, or was
// not said for a while.
func (s *Sink) refused(items []*item, err error) {
	s.queue.done(items)
	s.mu.Lock()
	s.counts.Refused += uint64(len(items))
	s.unsaid += len(items)
	count := 0
	if s.counts.Refusal != err.Error() || time.Since(s.said) > refusalTime {
		count, s.unsaid, s.said = s.unsaid, 0, time.Now()
	}
	s.counts.Refusal = err.Error()
	s.mu.Unlock()
	if count > 0 {
		s.opt.Logf("sink %s: %v; records given up: %d", s.spec.Name, err, count)
	}
}

// trouble counts a delivery that failed, and says why when that is news.
func (s *Sink) trouble(err error) {
	_, dropped, _ := s.queue.counts()
	s.mu.Lock()
	s.counts.Retries++
	news := s.counts.Error == ""
	if news {
		s.since, s.missed = time.Now(), dropped
	}
	s.counts.Error = err.Error()
	s.mu.Unlock()
	s.queue.fail(true)
	if news {
		s.opt.Logf("sink %s: %v; records wait", s.spec.Name, err)
	}
}

// pause waits before the next try. While the sink is being closed the pauses are short.
func (s *Sink) pause(d time.Duration, err error) {
	d = d/2 + rand.N(d/2+1) // probes that failed together do not come back together
	var asked *delay
	if errors.As(err, &asked) {
		d = asked.wait + d // not before the time that was asked for
	}
	closing := s.closing
	select {
	case <-closing:
		closing, d = nil, min(d, 2*firstPause)
	default:
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	for {
		select {
		case <-timer.C:
			return
		case <-closing: // one more try at once, then in short pauses
			return
		case <-s.ctx.Done():
			return
		}
	}
}
