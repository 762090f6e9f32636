package sink

import (
	"errors"
	"slices"
	"sync"

	"github.com/streamon/streamon/internal/export"
	"github.com/streamon/streamon/runtime/program"
)

// Set hands every record to each of its sinks. Write and Flush are for one goroutine
// at a time, the rest for any.
type Set struct {
	writing sync.Mutex // held by Write, which may wait

	mu     sync.Mutex
	sinks  []*Sink
	past   []Counts // of sinks that were taken out
	going  sync.WaitGroup
	closed bool
	err    error
}

// NewSet returns a set of open sinks.
func NewSet(sinks ...*Sink) *Set { return &Set{sinks: sinks} }

// Write implements export.Writer. It never fails, and waits only for a sink that is
// to be waited for. All the rest can be called meanwhile.
func (s *Set) Write(o *export.Origin, r *program.Record) error {
	s.writing.Lock()
	defer s.writing.Unlock()
	s.mu.Lock()
	sinks := s.sinks
	s.mu.Unlock()
	var m message
	for _, k := range sinks {
		if !k.spec.wants(o, r) {
			continue
		}
		if k.direct != nil {
			k.direct.Write(o, r)
			continue
		}
		it := &item{
			body: m.body(k.spec.format, o, r, k.opt.Observer), time: r.Time, kind: r.Type, level: r.Level, prog: o.Name(),
		}
		if k.spec.keyed {
			it.key = m.entity(r)
		}
		k.queue.offer(it)
	}
	return nil
}

// Flush implements export.Writer: what is queued is on its way already.
func (s *Set) Flush() error { return nil }

// message is one record, encoded at most once in each format.
type message struct {
	json, text, ecs, key []byte
}

func (m *message) body(format string, o *export.Origin, r *program.Record, observer string) []byte {
	switch format {
	case "text":
		if m.text == nil {
			m.text = export.AppendLine(nil, o, r, false)
		}
		return m.text
	case "ecs":
		if m.ecs == nil {
			m.ecs = export.AppendECS(make([]byte, 0, 768), o, r, observer)
		}
		return m.ecs
	}
	if m.json == nil {
		m.json = export.AppendRecord(make([]byte, 0, 512), o, r)
	}
	return m.json
}

func (m *message) entity(r *program.Record) []byte {
	if m.key == nil {
		m.key = export.AppendObject(make([]byte, 0, 64), r.Entity)
	}
	return m.key
}

// Specs returns what the sinks were opened from.
func (s *Set) Specs() (specs []*Spec) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, k := range s.sinks {
		specs = append(specs, k.spec)
	}
	return specs
}

// Replace makes specs the sinks of the set, between two records. A sink whose text
// did not change stays as it is, with all that is in its queue; one that is no longer
// there delivers what it has and ends. A ZeroMQ socket stays open, with its subscribers,
// while its endpoint does not change. On an error nothing changes.
func (s *Set) Replace(specs []*Spec, opt Options) error {
	s.mu.Lock()
	old := append([]*Sink(nil), s.sinks...)
	s.mu.Unlock()
	var next, opened []*Sink
	var errs []error
	for _, spec := range specs {
		if k := pick(&old, func(s *Spec) bool { return s.Text == spec.Text }); k != nil {
			next = append(next, k)
			continue
		}
		if spec.direct != nil { // its socket cannot be opened twice
			if k := pick(&old, func(s *Spec) bool { return s.direct != nil && s.Name == spec.Name }); k != nil {
				next = append(next, &Sink{spec: spec, opt: k.opt, direct: k.direct})
				continue
			}
		}
		k, err := Open(spec, opt)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		next, opened = append(next, k), append(opened, k)
	}
	if len(errs) > 0 {
		for _, k := range opened {
			k.Close()
		}
		return errors.Join(errs...)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sinks = next
	for _, k := range old {
		s.going.Go(func() { s.end(k) })
	}
	return nil
}

// pick takes the first sink with such a spec out of list, or returns nil.
func pick(list *[]*Sink, is func(*Spec) bool) *Sink {
	i := slices.IndexFunc(*list, func(k *Sink) bool { return is(k.spec) })
	if i < 0 {
		return nil
	}
	k := (*list)[i]
	*list = slices.Delete(*list, i, i+1)
	return k
}

// end closes a sink that is no longer in the set, and keeps its counts.
func (s *Set) end(k *Sink) {
	if k.queue != nil {
		k.queue.hurry()
	}
	s.writing.Lock()   // who writes may have it still, and is not to find it closed
	s.writing.Unlock() //lint:ignore SA2001 that is all there is to wait for
	err := k.Close()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.err = errors.Join(s.err, err)
	s.past = append(s.past, k.Counts())
}

// Hurry lets Write wait for no sink any more: the run is to end. What a sink has no room
// for is dropped and counted.
func (s *Set) Hurry() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, k := range s.sinks {
		if k.queue != nil {
			k.queue.hurry()
		}
	}
}

// Counts returns what became of the records, by sink; those that were taken out come
// last.
func (s *Set) Counts() (list []Counts) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, k := range s.sinks {
		list = append(list, k.Counts())
	}
	return append(list, s.past...)
}

// Close closes all sinks, at the same time; each has its own drain. A second call does
// nothing.
func (s *Set) Close() error {
	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()
		return nil
	}
	s.closed = true
	sinks := s.sinks
	s.mu.Unlock()
	errs := make([]error, len(sinks))
	for i, k := range sinks {
		s.going.Go(func() { errs[i] = k.Close() })
	}
	s.going.Wait()
	return errors.Join(append(errs, s.err)...)
}
