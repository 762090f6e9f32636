package trace

import (
	"slices"

	"github.com/streamon/streamon/codegen/eval"
	"github.com/streamon/streamon/codegen/ir"
	"github.com/streamon/streamon/internal/plot"
	"github.com/streamon/streamon/runtime/packet"
	"github.com/streamon/streamon/runtime/program"
)

// points is how many points the lines of a drawing have, about.
const points = 600

// RecordOptions say what is recorded.
type RecordOptions struct {
	Keys   []string // see Selection
	Values []string // names of features, metrics and tables; nil = what conditions read
}

// Recorder is an observer that keeps how values and states of chosen entities change,
// to draw them. Values are read on a grid of time, whose step grows with the run, and
// where the state changes. One goroutine uses it.
type Recorder struct {
	*Selection
	p           *ir.Program
	values      []*quantity
	rates       []string // that are to be drawn
	tracks      []*track
	byID        map[trackID]*track
	cur         *track // of the event that happens
	started     bool
	first, last packet.Time
	step, next  packet.Time // of the grid
	grid        int         // samples so far on it
}

type trackID struct {
	entity int
	id     string
}

// firstStep is that of the grid at first.
const firstStep packet.Time = 1e6

// NewRecorder returns a recorder of p, which is best IR that no pass has seen.
func NewRecorder(p *ir.Program, opt RecordOptions) (*Recorder, error) {
	s, err := Select(p, opt.Keys)
	if err != nil {
		return nil, err
	}
	r := &Recorder{Selection: s, p: p, byID: map[trackID]*track{}, step: firstStep}
	r.values, r.rates, err = choose(p, opt.Values)
	return r, err
}

// Info returns the program with the recorder looking on.
func (r *Recorder) Info() *program.Info { return eval.Observed(r.p, r) }

// Packet implements eval.Observer.
func (r *Recorder) Packet(f eval.Frame) {
	now := f.Now()
	if !r.started {
		r.started, r.first, r.next = true, f.First(), f.First()
	}
	r.last = now
	if now < r.next {
		return
	}
	r.next = now - (now-r.first)%r.step + r.step
	r.grid++
	for _, t := range r.tracks {
		t.sample(r.since(now), false)
	}
	if r.grid >= 2*points {
		r.thin()
	}
}

// thin leaves out every second sample of the grid.
func (r *Recorder) thin() {
	r.step *= 2
	r.grid /= 2
	for _, t := range r.tracks {
		keep := false
		t.samples = slices.DeleteFunc(t.samples, func(s sample) bool {
			if s.extra {
				return false
			}
			keep = !keep
			return !keep
		})
	}
}

func (r *Recorder) since(t packet.Time) float64 { return float64(t-r.first) / 1e9 }

// Missed implements eval.Observer.
func (r *Recorder) Missed(eval.Frame) {}

// Begin implements eval.Observer.
func (r *Recorder) Begin(f eval.Frame, _ *ir.Body) bool {
	want := r.Find(f)
	if want < 0 {
		return false
	}
	id := trackID{f.Entity(), f.ID()}
	t := r.byID[id]
	if t == nil {
		t = r.begin(f, want)
		r.byID[id] = t
		r.tracks = append(r.tracks, t)
	}
	if n := f.Number(); f.Packet() != nil && n != t.lastPacket { // several events can accept one
		t.lastPacket = n
		t.packets++
	}
	r.cur = t
	return true
}

// Did implements eval.Observer.
func (r *Recorder) Did(f eval.Frame, s ir.Stmt) {
	t := r.cur
	if t == nil {
		return
	}
	kind, text := "", ""
	switch s := s.(type) {
	case *ir.Drop:
		if n := f.Number(); f.Packet() != nil && n != t.lastDropped {
			t.lastDropped = n
			t.dropped++
		}
		return
	case *ir.Alert:
		kind, text = "alert", s.Level+" "+f.Text(s.Message)
	case *ir.Log:
		kind, text = "log", f.Text(s.Message)
	case *ir.Publish:
		kind, text = "publish", s.Topic
	case *ir.Exec:
		kind = "exec"
	case *ir.Block:
		kind, text = "block", Short(f.Value(s.What))
	default:
		return
	}
	if len(t.marks)+len(t.waiting) >= maxMarks {
		t.unmarked++
		return
	}
	t.waiting = append(t.waiting, plot.Mark{T: r.since(f.Now()), Kind: kind, Text: text})
}

// Tested implements eval.Observer.
func (r *Recorder) Tested(f eval.Frame, a *ir.Arm, _ bool) {
	t := r.cur
	if t == nil {
		return
	}
	for i, q := range t.values {
		if q.arm == a {
			t.events[i] = append(t.events[i], plot.Point{T: r.since(f.Now()), V: numberOf(f.Value(q.x))})
			if len(t.events[i]) >= 4*points {
				t.events[i] = everySecond(t.events[i])
			}
		}
	}
}

// End implements eval.Observer.
func (r *Recorder) End(f eval.Frame) {
	t := r.cur
	if t == nil {
		return
	}
	r.cur = nil
	t.enter(r.since(f.Now()), f.State())
	for _, m := range t.waiting {
		m.State = f.State()
		t.marks = append(t.marks, m)
	}
	t.waiting = t.waiting[:0]
}

// Expired implements eval.Observer.
func (r *Recorder) Expired(f eval.Frame, _, to int) {
	if t := r.byID[trackID{f.Entity(), f.ID()}]; t != nil {
		t.enter(r.since(f.Now()), to)
	}
}
