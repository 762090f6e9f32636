package export

import (
	"container/list"
	"sync"
	"time"

	"github.com/streamon/streamon/runtime/packet"
	"github.com/streamon/streamon/runtime/program"
)

// LimitOptions say which alerts are held back. The zero value holds back none.
type LimitOptions struct {
	// Dedup is for how long after an alert those like it are held back: of the same
	// program, entity, event, states, level and code. 0 = none are.
	Dedup time.Duration
	// Most is how many alerts of one program about one entity may pass in Per. 0 = all.
	Most int
	Per  time.Duration
}

// maxAges is how many alerts, and how many entities, are remembered; those that were not
// heard of for longest are forgotten.
const maxAges = 65536

// LimitCounts are how many alerts were held back, and why.
type LimitCounts struct {
	Passed     uint64 `json:"passed"`
	Duplicates uint64 `json:"duplicates"` // within Dedup of one like it
	Limited    uint64 `json:"limited"`    // beyond Most in Per
	Forgotten  uint64 `json:"forgotten"`  // entities and alerts, for want of room: theirs may pass too early
}

// Limiter is a Writer before another one that holds alerts back. How many it held back
// stands in the next one of that entity that passes (Record.Suppressed). It counts in
// packet time, so that two runs over one file agree. Write and Flush are for one
// goroutine at a time, the rest for any.
type Limiter struct {
	next Writer

	mu     sync.Mutex
	opt    LimitOptions
	counts LimitCounts
	alerts ages // by all that makes alerts alike
	whole  ages // by program and entity
	key    []byte
}

// NewLimiter returns a Limiter before next.
func NewLimiter(next Writer, opt LimitOptions) *Limiter {
	l := &Limiter{next: next}
	l.Set(opt)
	return l
}

// Set changes what is held back from here on. What is remembered stays.
func (l *Limiter) Set(opt LimitOptions) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.opt = opt
}

// Limits reports whether alerts are, or were, held back.
func (l *Limiter) Limits() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.opt.Dedup > 0 || l.opt.Most > 0 || l.counts.Duplicates+l.counts.Limited > 0
}

// Counts returns how many alerts were held back so far.
func (l *Limiter) Counts() LimitCounts {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.counts
}

// Write implements Writer.
func (l *Limiter) Write(o *Origin, r *program.Record) error {
	if r.Type != program.AlertRecord {
		return l.next.Write(o, r)
	}
	suppressed, pass := l.admit(o, r)
	if !pass {
		return nil
	}
	r.Suppressed = suppressed
	err := l.next.Write(o, r)
	r.Suppressed = 0 // programs use one record again and again
	return err
}

// Flush implements Writer.
func (l *Limiter) Flush() error { return l.next.Flush() }

// admit decides about an alert, and returns how many were held back before it.
func (l *Limiter) admit(o *Origin, r *program.Record) (suppressed uint64, pass bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.opt.Dedup <= 0 && l.opt.Most <= 0 {
		l.counts.Passed++
		return 0, true
	}
	l.key = AppendObject(append(append(l.key[:0], o.Name()...), 0), r.Entity)
	e := l.whole.get(l.key, &l.counts)
	for _, s := range []string{r.Event, r.From, r.To, r.Level.String(), r.Code} {
		l.key = append(append(l.key, 0), s...)
	}
	var a *age
	if l.opt.Dedup > 0 {
		a = l.alerts.get(l.key, &l.counts)
		if a.known && r.Time-a.at < packet.Time(l.opt.Dedup) {
			e.held++
			l.counts.Duplicates++
			return 0, false
		}
	}
	if !e.allow(r.Time, l.opt.Most, l.opt.Per) {
		e.held++
		l.counts.Limited++
		return 0, false
	}
	if a != nil {
		a.known, a.at = true, r.Time
	}
	l.counts.Passed++
	suppressed, e.held = e.held, 0
	return suppressed, true
}

// age is what is remembered of an alert or of an entity.
type age struct {
	key    string
	known  bool
	at     packet.Time // alerts: of the last that passed; entities: of the last refill
	tokens float64     // entities: how many may still pass
	held   uint64      // entities: held back since one passed
}

// allow takes one of the alerts that an entity may have: a bucket of most, that fills
// up within per.
func (e *age) allow(now packet.Time, most int, per time.Duration) bool {
	if most <= 0 {
		return true
	}
	if !e.known {
		e.known, e.tokens, e.at = true, float64(most), now
	}
	e.tokens = min(float64(most), e.tokens+float64(most)*float64(now-e.at)/float64(per))
	e.at = now
	if e.tokens < 1 {
		return false
	}
	e.tokens--
	return true
}

// ages is a table of them that forgets those used least recently. The zero ages is empty.
type ages struct {
	byKey map[string]*list.Element
	order list.List // the one used last comes first
}

// get returns the age of a key, a new one if there is none.
func (t *ages) get(key []byte, counts *LimitCounts) *age {
	if e, ok := t.byKey[string(key)]; ok {
		t.order.MoveToFront(e)
		return e.Value.(*age)
	}
	if t.order.Len() == maxAges {
		e := t.order.Back()
		delete(t.byKey, e.Value.(*age).key)
		t.order.Remove(e)
		counts.Forgotten++
	}
	if t.byKey == nil {
		t.byKey = map[string]*list.Element{}
	}
	a := &age{key: string(key)}
	t.byKey[a.key] = t.order.PushFront(a)
	return a
}
