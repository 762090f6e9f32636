// Package trace answers why a condition did or did not hold: it follows chosen
// entities through a run of the reference evaluator, and prints for each event what
// was done, with the values on both sides of each comparison.
//
// It owns the choice of entities ([Selection], which other observers use too) and
// the text and JSON of what happened; running the program is left to its host:
//
//	t, err := trace.New(p, trace.Options{Keys: []string{"10.0.0.1"}, Out: os.Stdout})
//	info := t.Info()
//	… run info …
//	t.Finish(os.Stderr)
//
// p is best IR that no pass has seen: it says more of the source.
package trace

import (
	"fmt"
	"io"
	"slices"

	"github.com/streamon/streamon/codegen/eval"
	"github.com/streamon/streamon/codegen/ir"
	"github.com/streamon/streamon/runtime/packet"
	"github.com/streamon/streamon/runtime/program"
)

// DefaultLimit is how many events are printed.
const DefaultLimit = 1000

// Options say what is traced.
type Options struct {
	Keys   []string  // see Selection
	Limit  int       // events to print; 0 = DefaultLimit, below = all
	Misses bool      // also packets of the entity that an event did not accept, and why
	Brief  bool      // only events at which the state changes or something is reported
	JSON   bool      // an object for each event instead of text
	Out    io.Writer // of what happens
}

// Tracer is an observer that prints. One goroutine uses it.
type Tracer struct {
	*Selection
	p       *ir.Program
	opt     Options
	printer printer
	cur     *happening                  // nil also while nothing is known to touch a chosen entity
	other   bool                        // an event of another entity, or of none, happens
	state   int                         // of that entity before the event; -1 = there is none
	names   map[*ir.Arm][]ir.NamedValue // the arm's reads that are named otherwise than what they read
	ends    []*ending                   // of each chosen entity, as they appear
	byID    map[trackID]*ending
	printed int
	left    int // not printed for the limit
	err     error
}

// printer writes what happened.
type printer interface{ print(h *happening) error }

// New returns a tracer of p.
func New(p *ir.Program, opt Options) (*Tracer, error) {
	s, err := Select(p, opt.Keys)
	if err != nil {
		return nil, err
	}
	if opt.Limit == 0 {
		opt.Limit = DefaultLimit
	}
	t := &Tracer{Selection: s, p: p, opt: opt, byID: map[trackID]*ending{}, printer: &textPrinter{out: opt.Out}}
	if opt.JSON {
		t.printer = newJSONPrinter(opt.Out)
	}
	return t, nil
}

// Info returns the program with the tracer looking on. It has all application layers
// decoded, so that packets can be described.
func (t *Tracer) Info() *program.Info {
	info := eval.Observed(t.p, t)
	info.Manifest.Layers |= uint64(packet.AppLayers)
	return info
}

// Packet implements eval.Observer.
func (t *Tracer) Packet(eval.Frame) {}

// Missed implements eval.Observer.
func (t *Tracer) Missed(f eval.Frame) {
	if !t.opt.Misses || !f.Bind() || t.Find(f) < 0 {
		return
	}
	h := t.happening(f)
	h.missed = true
	e := t.p.Events[f.Event()]
	for _, x := range conjuncts(e.Where) {
		if truth(f.Value(x)) {
			continue
		}
		h.steps = append(h.steps, step{kind: "where", at: e.Pos, text: "where " + t.words(f, nil, true).Expr(x)})
		break
	}
	t.emit(h)
}

// Begin implements eval.Observer.
func (t *Tracer) Begin(f eval.Frame, body *ir.Body) bool {
	t.other = t.Find(f) < 0
	if !t.other {
		t.cur = t.happening(f)
		t.cur.nothing = body == nil
		return true
	}
	if body == nil || !t.HasAny() {
		return false
	}
	// Most of these touch nothing: what there is to say is put together when one does.
	if t.state = -1; f.Entity() >= 0 {
		t.state = f.State()
	}
	return true
}

// End implements eval.Observer.
func (t *Tracer) End(f eval.Frame) {
	h := t.cur
	t.cur = nil
	switch {
	case h == nil:
		return
	case h.other:
		t.emit(h)
		return
	}
	t.note(f, h)
	if slices.ContainsFunc(h.steps, func(s step) bool { return s.to != "" }) {
		now := t.p.States[f.State()]
		s := step{kind: "state", at: now.Pos, text: h.state + " -> " + now.Name, to: now.Name}
		if at, ok := f.Expiry(); ok {
			s.note = "until " + offset(at-f.First())
		}
		h.steps = append(h.steps, s)
	}
	t.emit(h)
}

// Expired implements eval.Observer.
func (t *Tracer) Expired(f eval.Frame, from, to int) {
	if t.Find(f) < 0 {
		return
	}
	h := t.happening(f)
	h.state = t.p.States[from].Name
	h.steps = []step{{kind: "state", at: t.p.States[from].Pos, text: h.state + " -> " + t.p.States[to].Name, to: t.p.States[to].Name, note: "its time is over"}}
	t.note(f, h)
	t.emit(h)
}

func (t *Tracer) emit(h *happening) {
	if t.opt.Brief && !h.isBrief() {
		return
	}
	if t.opt.Limit > 0 && t.printed >= t.opt.Limit {
		t.left++
		return
	}
	t.printed++
	if err := t.printer.print(h); err != nil && t.err == nil {
		t.err = err
	}
}

// Finish says on w how it ended, what was not printed, and which entities did not
// appear. The error is the first of writing; ok is false if an entity did not appear.
func (t *Tracer) Finish(w io.Writer) (ok bool, err error) {
	slices.SortStableFunc(t.ends, func(a, b *ending) int { return a.want - b.want })
	for _, e := range t.ends {
		fmt.Fprintf(w, "smcc: %s: %d events, in %s after the last\n", e.entity, e.events, e.state)
	}
	if t.left > 0 {
		fmt.Fprintf(w, "smcc: %d more events were not printed; --trace-limit %d shows them all\n", t.left, t.printed+t.left)
	}
	missing := t.Missing()
	for _, line := range missing {
		fmt.Fprintf(w, "smcc: %s\n", line)
	}
	return missing == nil, t.err
}
