package plot

import (
	"fmt"
	"math"
	"strconv"
)

// scale maps values to places: linear from lo to hi, with ticks at multiples of step.
type scale struct {
	lo, hi   float64
	from, to float64 // places
	step     float64
}

func (s scale) at(v float64) float64 { return s.from + (s.to-s.from)*(v-s.lo)/(s.hi-s.lo) }

// ticks returns the multiples of step in the range.
func (s scale) ticks() []float64 {
	var out []float64
	for i := math.Ceil(s.lo/s.step - 1e-9); i*s.step <= s.hi+s.step*1e-9; i++ {
		out = append(out, i*s.step+0) // + 0: no -0
	}
	return out
}

// fit returns a scale over the lines and limits of a panel. It contains 0, unless all
// values are far from it, and ends at ticks.
func (p *Panel) fit(from, to float64) scale {
	lo, hi := math.Inf(1), math.Inf(-1)
	for _, l := range p.Lines {
		for _, q := range l.Points {
			if !math.IsNaN(q.V) && !math.IsInf(q.V, 0) {
				lo, hi = min(lo, q.V), max(hi, q.V)
			}
		}
	}
	if lo > hi {
		lo, hi = 0, 1
	}
	for _, l := range p.Limits {
		if shows(l.Value, hi) {
			lo, hi = min(lo, l.Value), max(hi, l.Value)
		}
	}
	if lo > 0 && lo < 0.7*hi {
		lo = 0
	}
	if hi < 0 && hi > 0.7*lo {
		hi = 0
	}
	if hi == lo {
		lo, hi = min(lo, 0), max(hi, 1)
	}
	step := niceStep((hi - lo) / 4 * (1 - overTop))
	return scale{lo: math.Floor(lo/step+overTop) * step, hi: math.Ceil(hi/step-overTop) * step, from: from, to: to, step: step}
}

// overTop is the part of a step by which lines may leave the axes: nobody sees it, and
// a ratio that is 1 but for rounding ends at 1.
const overTop = 0.01

// shows reports whether a limit is near enough to the values to be drawn: otherwise it
// would leave no room for them.
func shows(limit, hi float64) bool { return math.Abs(limit) <= 4*math.Abs(hi) || hi == 0 }

// niceStep returns the least of 1, 2, 2.5 and 5 times a power of ten that is not below x.
func niceStep(x float64) float64 {
	power := math.Pow(10, math.Floor(math.Log10(x)))
	for _, f := range []float64{1, 2, 2.5, 5} {
		if f*power >= x*(1-1e-9) {
			return f * power
		}
	}
	return 10 * power
}

// number prints a tick or a limit without needless digits: 0.25, 1500, 2.5 M.
func number(v float64) string {
	for _, u := range []struct {
		size float64
		name string
	}{{1e9, " G"}, {1e6, " M"}, {1e4, " k"}} {
		if math.Abs(v) >= u.size {
			size := u.size
			if u.name == " k" {
				size = 1e3
			}
			return strconv.FormatFloat(math.Round(v/size*1e6)/1e6, 'g', 6, 64) + u.name
		}
	}
	return strconv.FormatFloat(math.Round(v*1e9)/1e9, 'g', 6, 64)
}

// clock is the axis of time: its unit in seconds, and its name.
type clock struct {
	unit float64
	name string
}

// clockOf chooses the unit of an axis.
func clockOf(end float64) clock {
	switch {
	case end <= 1:
		return clock{1e-3, "ms"}
	case end <= 240:
		return clock{1, "s"}
	case end <= 4*3600:
		return clock{60, "min"}
	case end <= 4*86400:
		return clock{3600, "h"}
	}
	return clock{86400, "days"}
}

// timeScale returns the axis of time in its unit.
func (f *Figure) timeScale(from, to float64) (scale, clock) {
	end := f.End
	if end <= 0 {
		end = 1
	}
	c := clockOf(end)
	n := end / c.unit
	step := niceStep(n / 10)
	for _, s := range []float64{1, 2, 5, 10, 15, 20, 30, 60} { // a minute has no decades
		if c.unit >= 1 && n/s <= 15 && n > 6 {
			step = s
			break
		}
	}
	if last := math.Ceil(n/step) * step; last-n < 0.02*n {
		n = last
	}
	return scale{lo: 0, hi: n, from: from, to: to, step: step}, c
}

// Clock prints a time since the first packet: 12.5 s, 3:20.1, 1:03:20.
func Clock(t float64) string {
	if t < 60 {
		return strconv.FormatFloat(math.Round(t*1000)/1000, 'g', 4, 64) + " s"
	}
	tenths := int(math.Round(10 * t))
	if t < 3600 {
		return fmt.Sprintf("%d:%02d.%d", tenths/600, tenths/10%60, tenths%10)
	}
	return fmt.Sprintf("%d:%02d:%02d", tenths/36000, tenths/600%60, tenths/10%60)
}
