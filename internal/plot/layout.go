package plot

import (
	"math"
	"slices"
)

// Lengths of the drawing.
const (
	width       = 860
	marginRight = 24
	titleHeight = 54 // title and caption above all
	groupHead   = 30
	groupGap    = 18
	panelHeight = 150
	panelGap    = 16
	legendLine  = 18
	rowHeight   = 24 // of a state
	axisHeight  = 44
	textSize    = 12
	legendGap   = 16 // between two entries
	legendDash  = 26 // the sample of a line, with the space behind it
)

// area is where one pair of axes stands.
type area struct {
	x0, x1, y0, y1 float64 // y0 is above
	legend         []entry
}

// entry is one word of a legend.
type entry struct {
	x, y  float64
	line  int
	limit bool
	text  string
}

// placed is a group with the places of its parts.
type placed struct {
	*Group
	head   float64 // base line of the title
	panels []area
	states area
	bottom float64
}

// place finds room for all parts, from above to below; height is that of the whole.
func (f *Figure) place() (groups []placed, left, height float64) {
	left = f.left()
	y := 20.0
	if f.Title != "" {
		y = titleHeight
	}
	for i := range f.Groups {
		g := placed{Group: &f.Groups[i]}
		if i > 0 {
			y += groupGap
		}
		g.head = y + 16
		if g.Title != "" {
			y += groupHead
		}
		for k := range g.Panels {
			legend, lines := g.Panels[k].legend(left, width-marginRight)
			a := area{x0: left, x1: width - marginRight, y0: y + float64(lines*legendLine) + 4, legend: legend}
			for j := range a.legend {
				a.legend[j].y += y + 13
			}
			a.y1 = a.y0 + panelHeight
			y = a.y1 + panelGap
			g.panels = append(g.panels, a)
		}
		if g.States != nil {
			g.states = area{x0: left, x1: width - marginRight, y0: y, y1: y + float64(len(g.States.Names)*rowHeight) + 8}
			y = g.states.y1
		} else {
			y -= panelGap
		}
		g.bottom = y
		y += axisHeight
		groups = append(groups, g)
	}
	return groups, left, y
}

// left returns where axes begin: behind the names of states and numbers.
func (f *Figure) left() float64 {
	widest := 44.0
	for _, g := range f.Groups {
		if g.States == nil {
			continue
		}
		for _, n := range g.States.Names {
			widest = max(widest, textWidth(n, textSize))
		}
	}
	return max(min(widest, 220)+16, 76)
}

// legend breaks the names of a panel into lines; the places count from its top.
func (p *Panel) legend(from, to float64) (list []entry, lines int) {
	x, y := from, 0.0
	add := func(e entry) {
		w := legendDash + textWidth(e.text, textSize)
		if x > from && x+w > to {
			x, y = from, y+legendLine
		}
		e.x, e.y = x, y
		x += w + legendGap
		list = append(list, e)
	}
	for i, l := range p.Lines {
		text := l.Name
		if l.Formula != "" && l.Formula != l.Name {
			text += " = " + l.Formula
		}
		if !l.isDefined() {
			text += " (undefined)"
		}
		add(entry{line: i, text: text})
		for _, lim := range p.Limits {
			if lim.Line == i {
				text := number(lim.Value)
				if lim.Name != "" && lim.Name != text {
					text = lim.Name + " = " + text
				}
				if !slices.ContainsFunc(list, func(e entry) bool { return e.limit && e.text == text }) {
					add(entry{line: i, limit: true, text: text})
				}
			}
		}
	}
	return list, int(y)/legendLine + 1
}

// isDefined reports whether there is anything of a line to draw.
func (l *Line) isDefined() bool {
	return slices.ContainsFunc(l.Points, func(p Point) bool { return !math.IsNaN(p.V) && !math.IsInf(p.V, 0) })
}

// textWidth estimates the width of text in the sans-serif of the drawing, a little
// too wide.
func textWidth(s string, size float64) float64 {
	w := 0.0
	for _, r := range s {
		switch {
		case r == 'm' || r == 'w' || r == 'M' || r == 'W':
			w += 0.93
		case r == 'i' || r == 'l' || r == 'j' || r == '.' || r == ',' || r == ' ' || r == '\'':
			w += 0.33
		case r >= 'A' && r <= 'Z':
			w += 0.72
		default:
			w += 0.61
		}
	}
	return w * size
}
