package trace

import (
	"math"

	"github.com/streamon/streamon/internal/plot"
)

// sized is a line with what decides about its panel.
type sized struct {
	plot.Line
	unit   string
	limits []plot.Limit
	peak   float64
}

func newSized(l plot.Line, unit string, limits []plot.Limit) sized {
	s := sized{Line: l, unit: unit, limits: limits}
	for _, p := range l.Points {
		if v := math.Abs(p.V); !math.IsNaN(v) && !math.IsInf(v, 0) {
			s.peak = max(s.peak, v)
		}
	}
	return s
}

// alike is how many times larger than another a line of one panel may be.
const alike = 20

// arrange distributes lines over panels: those of one unit, and of about one size,
// share one, and so do ratios that
// are shares; a line without unit joins one whose size fits. The order stays.
func arrange(lines []sized) []plot.Panel {
	type panel struct {
		plot.Panel
		min, max float64
	}
	var panels []*panel
	for _, l := range lines {
		var at *panel
		for _, p := range panels {
			fits := p.Unit == "ratio" && p.max <= 2 && l.peak <= 2 || l.peak == 0 || p.max == 0 || l.peak <= alike*p.min && p.max <= alike*l.peak
			if fits && (p.Unit == l.unit || l.unit == "" && p.Unit != "ratio") {
				at = p
				break
			}
		}
		if at == nil {
			at = &panel{min: math.Inf(1)}
			at.Unit = l.unit
			panels = append(panels, at)
		}
		for _, lim := range l.limits {
			lim.Line = len(at.Lines)
			at.Limits = append(at.Limits, lim)
		}
		at.Lines = append(at.Lines, l.Line)
		at.max = max(at.max, l.peak)
		if l.peak > 0 {
			at.min = min(at.min, l.peak)
		}
	}
	out := make([]plot.Panel, len(panels))
	for i, p := range panels {
		out[i] = p.Panel
	}
	return out
}
