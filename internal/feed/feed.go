// Package feed hands the records of programs to those who watch the probe: it keeps
// the last ones of each instance, and passes new ones on as they come.
//
// It owns the bounds: how many records are kept, how many wait for somebody slow. The
// goroutine that writes never waits; what finds no room is dropped for that
// subscriber alone, who is told how many were. How records get to a browser is
// package web's business. The main type is [Hub], an export.Writer:
//
//	hub := feed.New()
//	sub := hub.Subscribe(feed.Filter{Types: feed.Alerts}, 0)
//	defer sub.Close()
//	for e := range sub.C { … }
package feed

import (
	"slices"
	"sync"
	"sync/atomic"

	"github.com/streamon/streamon/internal/export"
	"github.com/streamon/streamon/runtime/program"
)

const (
	// Kept is how many records of each kind, alerts and published ones, are kept of each instance.
	Kept = 256
	// Queue is how many records wait for a subscriber at most.
	Queue = 1000
	// maxInstances bounds whose records are kept; beyond it those of the instance that was silent
	// longest go.
	maxInstances = 512
	// maxBytes bounds the text of a record that is kept or passed on; longer ones are
	// dropped and counted.
	maxBytes = 64 << 10
)

// Types is a set of record types.
type Types uint8

// The types of records, as bits.
const (
	Alerts Types = 1 << iota
	Published
	Logs
	Execs
	All = Alerts | Published | Logs | Execs
)

// TypesOf returns the set of one type, as it is written in records; 0 if there is none.
func TypesOf(word string) Types {
	for t := program.AlertRecord; t <= program.ExecRecord; t++ {
		if t.String() == word {
			return 1 << t
		}
	}
	return 0
}

// LevelOf returns a level by its word.
func LevelOf(word string) (l program.Level, ok bool) {
	for l := program.LevelInfo; l <= program.LevelCritical; l++ {
		if l.String() == word {
			return l, true
		}
	}
	return 0, false
}

// Filter says which records are wanted. The zero Filter wants none.
type Filter struct {
	Types    Types
	Program  string        // name of the instance, "" = of any
	Level    program.Level // of alerts: this one and above
	Tenant   string        // with IsTenant: instances of this tenant only
	IsTenant bool
}

// Entry is one record.
type Entry struct {
	Seq  uint64 // number of the record in the life of the probe, from 1
	Type program.RecordType
	JSON []byte // as in doc/output.md
}

// kept is an entry with what filters look at. Its text is written over when the ring
// comes round.
type kept struct {
	Entry
	level program.Level
}

// ring is the last records of one kind of one instance.
type ring struct {
	slots []kept
	next  int
}

// place returns the slot for the next record.
func (r *ring) place() *kept {
	if len(r.slots) < Kept {
		r.slots = append(r.slots, kept{})
		return &r.slots[len(r.slots)-1]
	}
	k := &r.slots[r.next]
	r.next = (r.next + 1) % Kept
	return k
}

// source is one instance: whose records are kept together.
type source struct {
	name, tenant string
	last         uint64 // newest record
	alerts       ring
	published    ring
}

// Hub keeps records and passes them on. It is an export.Writer; its other methods may be called from any goroutine.
type Hub struct {
	mu      sync.Mutex
	seq     uint64
	sources map[string]*source // by name of the instance
	subs    []*Subscription
	text    []byte // scratch space

	sent, dropped, tooLong atomic.Uint64
}

// Counts says what became of records.
type Counts struct {
	Subscribers int
	Sent        uint64 // queued, for each subscriber that wanted the record
	Dropped     uint64 // not queued, since the queue was full
	TooLong     uint64 // records with more than 64 KiB of text
}

// New returns a hub without records.
func New() *Hub { return &Hub{sources: map[string]*source{}} }

// Write implements export.Writer. It allocates only for records that somebody waits for.
func (h *Hub) Write(o *export.Origin, r *program.Record) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.seq++
	name := o.Name()
	isKept := r.Type == program.AlertRecord || r.Type == program.PublishRecord
	if !isKept && len(h.subs) == 0 {
		return nil
	}
	h.text = export.AppendRecord(h.text[:0], o, r)
	if len(r.Path) > 0 { // only for those who watch: files of two runs are the same, paths are as long as there is room
		h.text = append(export.AppendPath(h.text[:len(h.text)-1], r), '}')
	}
	if len(h.text) > maxBytes {
		h.tooLong.Add(1)
		return nil
	}
	if isKept {
		s := h.source(name, o.Tenant)
		k := s.alerts.place
		if r.Type == program.PublishRecord {
			k = s.published.place
		}
		slot := k()
		slot.Entry, slot.level = Entry{h.seq, r.Type, append(slot.JSON[:0], h.text...)}, r.Level
	}
	var shared []byte
	for _, s := range h.subs {
		if !s.filter.wants(name, o.Tenant, r.Type, r.Level) {
			continue
		}
		if shared == nil {
			shared = slices.Clone(h.text)
		}
		select {
		case s.c <- Entry{h.seq, r.Type, shared}:
			h.sent.Add(1)
		default:
			h.dropped.Add(1)
			s.dropped.Add(1)
		}
	}
	return nil
}

// Flush implements export.Writer.
func (h *Hub) Flush() error { return nil }

// source returns whose records those of an instance are kept with. An instance that
// belongs to another tenant than before begins anew.
func (h *Hub) source(name, tenant string) *source {
	s := h.sources[name]
	if s == nil || s.tenant != tenant {
		if s == nil && len(h.sources) == maxInstances {
			h.forgetOne()
		}
		s = &source{name: name, tenant: tenant}
		h.sources[name] = s
	}
	s.last = h.seq
	return s
}

// forgetOne forgets the instance that was silent longest.
func (h *Hub) forgetOne() {
	var oldest *source
	for _, s := range h.sources {
		if oldest == nil || s.last < oldest.last {
			oldest = s
		}
	}
	delete(h.sources, oldest.name)
}

func (f *Filter) wants(name, tenant string, t program.RecordType, level program.Level) bool {
	switch {
	case f.Types>>t&1 == 0, f.Program != "" && f.Program != name, f.IsTenant && f.Tenant != tenant:
		return false
	}
	return t != program.AlertRecord || level >= f.Level
}

// Recent returns the records that are kept and wanted, with numbers above after: the
// newest limit of them, oldest first. A number that no record has yet is one of an earlier
// life of the probe, and counts as 0: so nothing of this life is missed.
func (h *Hub) Recent(f Filter, after uint64, limit int) []Entry {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.recent(f, after, limit)
}

func (h *Hub) recent(f Filter, after uint64, limit int) []Entry {
	if after > h.seq {
		after = 0
	}
	var list []Entry
	for _, s := range h.sources {
		for _, r := range []*ring{&s.alerts, &s.published} {
			for i := range r.slots {
				if k := &r.slots[i]; k.Seq > after && f.wants(s.name, s.tenant, k.Type, k.level) {
					list = append(list, k.Entry)
				}
			}
		}
	}
	slices.SortFunc(list, func(a, b Entry) int { return int(int64(a.Seq - b.Seq)) })
	list = list[max(0, len(list)-limit):]
	for i := range list {
		list[i].JSON = slices.Clone(list[i].JSON)
	}
	return list
}

// Counts returns what became of records so far.
func (h *Hub) Counts() Counts {
	h.mu.Lock()
	defer h.mu.Unlock()
	return Counts{len(h.subs), h.sent.Load(), h.dropped.Load(), h.tooLong.Load()}
}

// Subscription is somebody who watches.
type Subscription struct {
	// C gives the records, in order.
	C       <-chan Entry
	c       chan Entry
	hub     *Hub
	filter  Filter
	dropped atomic.Uint64
}

// Subscribe begins with the records that are kept and have numbers above after, none
// for after = 0, and goes on with those to come, without a gap between them.
func (h *Hub) Subscribe(f Filter, after uint64) *Subscription {
	s := &Subscription{c: make(chan Entry, Queue), hub: h, filter: f}
	s.C = s.c
	h.mu.Lock()
	defer h.mu.Unlock()
	if after > 0 {
		for _, e := range h.recent(f, after, Queue) {
			s.c <- e
		}
	}
	h.subs = append(h.subs, s)
	return s
}

// Dropped returns how many records were dropped since the last call.
func (s *Subscription) Dropped() uint64 { return s.dropped.Swap(0) }

// Close ends the subscription. C is not closed.
func (s *Subscription) Close() {
	s.hub.mu.Lock()
	defer s.hub.mu.Unlock()
	s.hub.subs = slices.DeleteFunc(s.hub.subs, func(o *Subscription) bool { return o == s })
}
