package trace

import (
	"github.com/streamon/streamon/codegen/eval"
	"github.com/streamon/streamon/internal/plot"
)

// track is what is kept of one entity.
type track struct {
	want             int // index of the key
	entity           int
	title            string
	stand            eval.Stand
	values           []*quantity // of Recorder, those of this entity
	samples          []sample
	events           [][]plot.Point // of values that are known at events only
	steps            []plot.Step
	marks            []plot.Mark
	waiting          []plot.Mark // reported during this event
	packets, dropped float64     // so far
	lastPacket       uint64      // number of the one that was counted last
	lastDropped      uint64
	unmarked         int // reported beyond maxMarks
}

// sample is one reading of all values.
type sample struct {
	t                float64
	v                []float64
	packets, dropped float64
	extra            bool // not on the grid
}

// maxMarks bounds the records that are drawn for one entity.
const maxMarks = 200

func (t *track) sample(now float64, extra bool) {
	s := sample{t: now, packets: t.packets, dropped: t.dropped, extra: extra, v: make([]float64, len(t.values))}
	for i, q := range t.values {
		if q.hasOwnTime() {
			s.v[i] = q.at(t.stand)
		}
	}
	t.samples = append(t.samples, s)
}

// begin makes the track of an entity that appears.
func (r *Recorder) begin(f eval.Frame, want int) *track {
	t := &track{want: want, entity: f.Entity(), stand: f.Stand(), title: r.p.Entities[f.Entity()].Name + " " + KeyText(f.Key())}
	for _, q := range r.values {
		if q.entity == f.Entity() {
			t.values = append(t.values, q)
		}
	}
	t.events = make([][]plot.Point, len(t.values))
	t.steps = []plot.Step{{T: 0, State: 0}}
	if s := f.State(); s != 0 {
		t.steps = append(t.steps, plot.Step{T: r.since(f.Now()), State: s})
	}
	t.sample(r.since(f.Now()), true)
	return t
}

func everySecond(list []plot.Point) []plot.Point {
	for i := range len(list) / 2 {
		list[i] = list[2*i]
	}
	return list[:len(list)/2]
}

// enter notes a state, and the values there if it is another one.
func (t *track) enter(now float64, state int) {
	if t.steps[len(t.steps)-1].State != state {
		t.steps = append(t.steps, plot.Step{T: now, State: state})
		t.sample(now, true)
	}
}
