package trace

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/streamon/streamon/internal/plot"
)

// Figure returns what was recorded. source says where the packets are from. Call it
// after the run, before the instance of Info is used otherwise; the error says which
// entities did not appear.
func (r *Recorder) Figure(source string) (*plot.Figure, error) {
	if missing := r.Missing(); missing != nil {
		return nil, fmt.Errorf("%s", missing[0])
	}
	fig := &plot.Figure{Title: r.p.Name, End: r.since(r.last), Start: time.Unix(0, int64(r.first)).UTC()}
	if r.p.Doc != "" {
		fig.Title += ": " + r.p.Doc
	}
	fig.Caption = fmt.Sprintf("%s, from %s UTC, %s; exact counters", source, fig.Start.UTC().Format("2006-01-02 15:04:05"), plot.Clock(fig.End))
	slices.SortStableFunc(r.tracks, func(a, b *track) int { return a.want - b.want })
	unmarked := 0
	for _, t := range r.tracks {
		t.sample(fig.End, true)
		fig.Groups = append(fig.Groups, r.group(t))
		unmarked += t.unmarked
	}
	if unmarked > 0 {
		fig.Caption += fmt.Sprintf("; records are marked up to %d of an entity, %d more are not", maxMarks, unmarked)
	}
	return fig, nil
}

// group makes the drawing of one entity.
func (r *Recorder) group(t *track) plot.Group {
	s := &plot.States{Steps: t.steps, Marks: t.marks}
	for _, st := range r.p.States {
		s.Names, s.Levels = append(s.Names, st.Name), append(s.Levels, st.Level)
	}
	var lines []sized
	for i, q := range t.values {
		l := plot.Line{Name: q.name, Formula: q.formula, Steps: q.steps, Points: t.events[i]}
		if q.hasOwnTime() {
			for _, s := range t.samples {
				l.Points = append(l.Points, plot.Point{T: s.t, V: s.v[i]})
			}
		}
		lines = append(lines, newSized(l, q.unit, r.limitsOf(t, q)))
	}
	for _, name := range r.rates {
		count := func(s sample) float64 { return s.packets }
		switch name {
		case admittedRate:
			count = func(s sample) float64 { return s.packets - s.dropped }
		case droppedRate:
			count = func(s sample) float64 { return s.dropped }
		}
		lines = append(lines, newSized(t.rate(strings.TrimSuffix(name, "/s"), count), "packets per second", nil))
	}
	return plot.Group{Title: t.title, Panels: arrange(lines), States: s}
}

func (r *Recorder) limitsOf(t *track, q *quantity) []plot.Limit {
	var out []plot.Limit
	for _, l := range q.limits {
		if v := numberOf(t.stand.Value(nil, l.x, 0)); !math.IsNaN(v) {
			name := l.name
			if _, err := strconv.ParseFloat(name, 64); err == nil {
				name = ""
			}
			out = append(out, plot.Limit{Name: name, Value: v})
		}
	}
	return out
}

// rateBuckets is how many means a rate is drawn with at most: fewer than points, since
// it is that of a time and not of a moment.
const rateBuckets = 120

// rate makes a line of how fast a count grows, as means over some time.
func (t *track) rate(name string, count func(sample) float64) plot.Line {
	l := plot.Line{Name: name, Steps: true}
	width := (t.samples[len(t.samples)-1].t - t.samples[0].t) / rateBuckets
	from := t.samples[0]
	for _, s := range t.samples[1:] {
		d := s.t - from.t
		if d >= width && d > 0 || s.extra && d > width/4 { // a mean ends where the state changes
			l.Points = append(l.Points, plot.Point{T: from.t, V: (count(s) - count(from)) / d})
			from = s
		}
	}
	if n := len(l.Points); n > 0 {
		l.Points = append(l.Points, plot.Point{T: from.t, V: l.Points[n-1].V})
	}
	return l
}
