package plot

import (
	"encoding/xml"
	"fmt"
	"io"
	"math"
	"strings"

	"github.com/streamon/streamon/codegen/graph/draw"
)

// SVG draws the figure.
func (f *Figure) SVG(w io.Writer) error {
	_, err := io.WriteString(w, f.svg())
	return err
}

// canvas is a drawing under way.
type canvas struct {
	strings.Builder
	time scale
	unit clock
}

func (f *Figure) svg() string {
	groups, left, height := f.place()
	c := &canvas{}
	c.time, c.unit = f.timeScale(left, width-marginRight)
	fmt.Fprintf(c, `<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%.0f" viewBox="0 0 %[1]d %.0[2]f" font-family="'DejaVu Sans', Verdana, Arial, sans-serif" font-size="%d" fill="#1b2027">`+"\n", width, height, textSize)
	fmt.Fprintf(c, `<rect width="%d" height="%.0f" fill="#ffffff"/>`+"\n", width, height)
	if f.Title != "" {
		c.text(left, 22, "start", `font-size="15" font-weight="bold"`, f.Title)
		c.text(left, 41, "start", `font-size="11" fill="#454e5a"`, f.Caption)
	}
	for i := range groups {
		c.group(&groups[i])
	}
	c.WriteString("</svg>\n")
	return c.String()
}

// group draws one entity.
func (c *canvas) group(g *placed) {
	if g.Title != "" {
		c.text(c.time.from, g.head, "start", `font-size="13" font-weight="bold"`, g.Title)
	}
	for i := range g.Panels {
		c.panel(&g.Panels[i], g.panels[i], g.States)
	}
	if g.States != nil {
		c.states(g.States, g.states)
	}
	for _, t := range c.time.ticks() {
		c.text(c.time.at(t), g.bottom+17, "middle", `fill="#454e5a"`, number(t))
	}
	c.text((c.time.from+c.time.to)/2, g.bottom+34, "middle", "", "time since the first packet ["+c.unit.name+"]")
}

// x is the place of a time in seconds.
func (c *canvas) x(t float64) float64 { return c.time.at(t / c.unit.unit) }

// panel draws lines over their axes.
func (c *canvas) panel(p *Panel, a area, s *States) {
	y := p.fit(a.y1, a.y0)
	for _, v := range y.ticks() {
		c.line(a.x0, y.at(v), a.x1, y.at(v), `stroke="#e3e6ea"`)
		c.text(a.x0-7, y.at(v)+4, "end", `fill="#454e5a"`, number(v))
	}
	c.uprights(a, s)
	if p.Unit != "" {
		fmt.Fprintf(c, `<text transform="translate(%.1f %.1f) rotate(-90)" text-anchor="middle" fill="#454e5a">`, a.x0-58, (a.y0+a.y1)/2)
		xml.EscapeText(c, []byte(p.Unit))
		c.WriteString("</text>\n")
	}
	for _, l := range p.Limits {
		if l.Value >= y.lo && l.Value <= y.hi {
			c.line(a.x0, y.at(l.Value), a.x1, y.at(l.Value), fmt.Sprintf(`stroke="%s" stroke-width="1.2" stroke-dasharray="5 4"`, color(l.Line)))
		}
	}
	c.frame(a)
	for i, l := range p.Lines {
		if d := c.path(l, y); d != "" {
			fmt.Fprintf(c, `<path d="%s" fill="none" stroke="%s" stroke-width="1.6" stroke-linejoin="round"/>`+"\n", d, color(i))
		}
	}
	for _, e := range a.legend {
		dash := `stroke-width="2.4"`
		if e.limit {
			dash = `stroke-width="1.2" stroke-dasharray="5 4"`
		}
		c.line(e.x, e.y-4, e.x+legendDash-6, e.y-4, fmt.Sprintf(`stroke="%s" %s`, color(e.line), dash))
		c.text(e.x+legendDash, e.y, "start", "", e.text)
	}
}

// uprights draws the grid of time, and where the state changes.
func (c *canvas) uprights(a area, s *States) {
	for _, t := range c.time.ticks() {
		c.line(c.time.at(t), a.y0, c.time.at(t), a.y1, `stroke="#eef0f3"`)
	}
	if s == nil || len(s.Steps) > 40 { // so many say nothing
		return
	}
	for i, st := range s.Steps {
		if i > 0 {
			c.line(c.x(st.T), a.y0, c.x(st.T), a.y1, `stroke="#8b98a8" stroke-dasharray="1 3"`)
		}
	}
}

// path returns a line as a path: one point for each place, since more cannot be seen.
func (c *canvas) path(l Line, y scale) string {
	var b strings.Builder
	isOpen := false
	lastX, lastY := "", ""
	move := func(t, v float64) {
		px, py := fmt.Sprintf("%.1f", c.x(t)), fmt.Sprintf("%.1f", y.at(v))
		if isOpen && px == lastX && py == lastY {
			return
		}
		if isOpen {
			b.WriteString("L")
		} else {
			b.WriteString("M")
		}
		b.WriteString(px + " " + py)
		isOpen, lastX, lastY = true, px, py
	}
	before := math.NaN()
	for _, p := range l.Points {
		if math.IsNaN(p.V) || math.IsInf(p.V, 0) {
			if isOpen && l.Steps {
				move(p.T, before)
			}
			isOpen = false
			continue
		}
		if isOpen && l.Steps {
			move(p.T, before)
		}
		move(p.T, p.V)
		before = p.V
	}
	return b.String()
}

// states draws the course of the state: a bar in the row of each, joined by a line.
func (c *canvas) states(s *States, a area) {
	row := func(i int) float64 { return a.y1 - 4 - rowHeight*(float64(i)+0.5) }
	for i, n := range s.Names {
		c.line(a.x0, row(i), a.x1, row(i), `stroke="#e3e6ea"`)
		c.text(a.x0-7, row(i)+4, "end", `fill="#454e5a"`, n)
	}
	c.uprights(a, s)
	end := c.time.hi * c.unit.unit
	var d strings.Builder
	for i, st := range s.Steps {
		to := end
		if i+1 < len(s.Steps) {
			to = s.Steps[i+1].T
		}
		fill, line := draw.Tint(s.Levels[st.State])
		fmt.Fprintf(c, `<rect x="%.1f" y="%.1f" width="%.1f" height="%d" fill="%s" stroke="%s" stroke-width="0.8"/>`+"\n",
			c.x(st.T), row(st.State)-8, max(c.x(to)-c.x(st.T), 0.8), 16, fill, line)
		verb := "L"
		if i == 0 {
			verb = "M"
		}
		fmt.Fprintf(&d, "%s%.1f %.1fL%.1f %.1f", verb, c.x(st.T), row(st.State), c.x(to), row(st.State))
	}
	fmt.Fprintf(c, `<path d="%s" fill="none" stroke="#1b2027" stroke-width="1.8"/>`+"\n", d.String())
	c.frame(a)
	for _, m := range s.Marks {
		c.mark(m, c.x(m.T), row(m.State))
	}
}

// mark draws a flag for an alert, a ring for other records, with the text for whoever
// points at it.
func (c *canvas) mark(m Mark, x, y float64) {
	shape := fmt.Sprintf(`<circle cx="%.1f" cy="%.1f" r="3.4" fill="#ffffff" stroke="#1b2027" stroke-width="1.3"/>`, x, y)
	if m.Kind == "alert" {
		shape = fmt.Sprintf(`<path d="M%.1f %.1fl-5 -9h10z" fill="#c00000" stroke="#ffffff" stroke-width="0.8"/>`, x, y)
	}
	c.WriteString("<g>" + shape + "<title>")
	xml.EscapeText(c, []byte(Clock(m.T)+" "+m.Kind+" "+m.Text))
	c.WriteString("</title></g>\n")
}

func (c *canvas) frame(a area) {
	fmt.Fprintf(c, `<rect x="%.1f" y="%.1f" width="%.1f" height="%.1f" fill="none" stroke="#4a5563"/>`+"\n", a.x0, a.y0, a.x1-a.x0, a.y1-a.y0)
}

func (c *canvas) line(x0, y0, x1, y1 float64, style string) {
	fmt.Fprintf(c, `<line x1="%.1f" y1="%.1f" x2="%.1f" y2="%.1f" %s/>`+"\n", x0, y0, x1, y1, style)
}

// text writes a line of text, escaped.
func (c *canvas) text(x, y float64, anchor, style, s string) {
	if style != "" {
		style = " " + style
	}
	fmt.Fprintf(c, `<text x="%.1f" y="%.1f" text-anchor="%s"%s>`, x, y, anchor, style)
	xml.EscapeText(c, []byte(s))
	c.WriteString("</text>\n")
}
