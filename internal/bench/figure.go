package bench

import (
	"cmp"
	"encoding/xml"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
)

// The drawing, in units of SVG.
const (
	figureWidth, figureHeight = 900, 560
	plotLeft, plotRight       = 70, 640 // the legend is to the right
	plotTop, plotBottom       = 60, 500
)

// series is one line of the drawing: Gbit/s by number of metrics.
type series struct {
	name   string
	color  string
	dash   string
	marker string // circle, square, triangle or diamond
	points []point
}

type point struct{ metrics, gbits float64 }

// Figure draws figure 8 as SVG: throughput at the trace's mean length over the number
// of metrics, on a logarithmic scale, with the paper's points.
func (r *Report) Figure(w io.Writer) error {
	var all []series
	caption := "nothing was measured"
	if t := r.table(tableFigure8, "synthetic packets"); t != nil {
		caption = fmt.Sprintf("%s, %d packets of %.0f bytes; medians of %d rounds; %s, %s, %s", t.Load, t.Packets, t.Mean, r.Rounds, r.Machine, r.Go, r.Date)
		all = append(all,
			t.series("C kernel, nothing else", "#555555", "6 3", "diamond", func(row *Row) float64 { return row.Kernel.Median }),
			t.series("engine", "#1b9e77", "", "circle", func(row *Row) float64 { return row.Engine.Median }),
			t.series("engine and decoding", "#7570b3", "", "square", func(row *Row) float64 { return row.Decode.Median }),
			t.series("probe, from a file", "#66a61e", "2 3", "triangle", func(row *Row) float64 { return row.File.Median }))
	}
	if t := r.table(tableOwned, ""); t != nil {
		colors := []string{"#a6761d", "#e6ab02", "#d95f02", "#e7298a"}
		for k, n := range t.counts() {
			name := fmt.Sprintf("probe, %d workers, owned keys", n)
			if n == 1 {
				name = "probe, 1 worker, owned keys"
			}
			all = append(all, t.series(name, colors[k%len(colors)], "8 2 2 2", "triangle", func(row *Row) float64 { return row.onWorkers(n).Time.Median }))
		}
	}
	all = slices.DeleteFunc(all, func(s series) bool { return len(s.points) == 0 })
	all = append(all,
		series{name: fmt.Sprintf("paper, one core (%.3f)", PaperGbits), color: "#c00000", marker: "circle", points: []point{{paperMetrics, PaperGbits}}},
		series{name: fmt.Sprintf("paper, six cores (%.3f)", PaperGbitsSix), color: "#c00000", marker: "square", points: []point{{paperMetrics, PaperGbitsSix}}})
	return draw(w, "Worst case of the paper's figure 8: every key different, every metric updated", caption, all)
}

// table finds the first table of a name.
func (r *Report) table(names ...string) *Table {
	for _, t := range r.Tables {
		if slices.Contains(names, t.Name) {
			return t
		}
	}
	return nil
}

// series takes a time from each row: ns per packet, 0 = not measured.
func (t *Table) series(name, color, dash, marker string, time func(*Row) float64) series {
	s := series{name: name, color: color, dash: dash, marker: marker}
	for i := range t.Rows {
		if row := &t.Rows[i]; row.Metrics > 0 && time(row) > 0 {
			s.points = append(s.points, point{float64(row.Metrics), 8 * t.Mean / time(row)})
		}
	}
	slices.SortFunc(s.points, func(a, b point) int { return cmp.Compare(a.metrics, b.metrics) })
	return s
}

// axes map figures to places.
type axes struct {
	lo, hi  float64 // decades of Gbit/s: powers of ten
	metrics float64 // most
}

func (a axes) x(metrics float64) float64 {
	return plotLeft + (plotRight-plotLeft)*metrics/a.metrics
}

func (a axes) y(gbits float64) float64 {
	return plotBottom - (plotBottom-plotTop)*(math.Log10(gbits)-a.lo)/(a.hi-a.lo)
}

// fit chooses axes that hold all points, in whole decades.
func fit(all []series) axes {
	a := axes{lo: math.Inf(1), hi: math.Inf(-1)}
	for _, s := range all {
		for _, p := range s.points {
			a.metrics = max(a.metrics, p.metrics)
			a.lo, a.hi = min(a.lo, math.Log10(p.gbits)), max(a.hi, math.Log10(p.gbits))
		}
	}
	a.lo, a.hi = math.Floor(a.lo), math.Ceil(a.hi)
	if a.hi == a.lo {
		a.hi++
	}
	a.metrics = 4 * math.Ceil((a.metrics+1)/4)
	return a
}

// draw writes the SVG. It goes into one builder, so that a write error is met once.
func draw(w io.Writer, title, caption string, all []series) error {
	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" viewBox="0 0 %[1]d %[2]d" font-family="DejaVu Sans, Arial, sans-serif" font-size="13">`+"\n", figureWidth, figureHeight)
	b.WriteString(`<rect width="100%" height="100%" fill="white"/>` + "\n")
	text(&b, plotLeft, 28, "start", 16, title)
	text(&b, plotLeft, 46, "start", 11, caption)
	a := fit(all)
	grid(&b, a)
	for _, s := range all {
		line(&b, a, s)
	}
	for i, s := range all {
		y := float64(plotTop + 14 + 24*i)
		if len(s.points) > 1 {
			fmt.Fprintf(&b, `<line x1="%d" y1="%.1f" x2="%d" y2="%.1f" stroke="%s" stroke-width="2" stroke-dasharray="%s"/>`+"\n", plotRight+16, y, plotRight+46, y, s.color, s.dash)
		}
		mark(&b, s, plotRight+31, y)
		text(&b, plotRight+54, y+4, "start", 12, s.name)
	}
	b.WriteString("</svg>\n")
	_, err := io.WriteString(w, b.String())
	return err
}

// grid draws the axes, a line for each 1, 2 and 5 of a decade, and the numbers.
func grid(b *strings.Builder, a axes) {
	for decade := a.lo; decade <= a.hi; decade++ {
		for _, d := range []float64{1, 2, 5} {
			v := d * math.Pow(10, decade)
			if math.Log10(v) > a.hi+1e-9 {
				break
			}
			color := "#e4e4e4"
			if d == 1 {
				color = "#b8b8b8"
			}
			fmt.Fprintf(b, `<line x1="%d" y1="%.1f" x2="%d" y2="%.1f" stroke="%s"/>`+"\n", plotLeft, a.y(v), plotRight, a.y(v), color)
			text(b, plotLeft-8, a.y(v)+4, "end", 12, fmt.Sprintf("%g", round(v)))
		}
	}
	step := 4.0
	if a.metrics > 48 {
		step = 16
	}
	for m := 0.0; m <= a.metrics; m += step {
		fmt.Fprintf(b, `<line x1="%.1f" y1="%d" x2="%.1f" y2="%d" stroke="#e4e4e4"/>`+"\n", a.x(m), plotTop, a.x(m), plotBottom)
		text(b, a.x(m), plotBottom+18, "middle", 12, fmt.Sprintf("%g", m))
	}
	fmt.Fprintf(b, `<rect x="%d" y="%d" width="%d" height="%d" fill="none" stroke="#404040"/>`+"\n", plotLeft, plotTop, plotRight-plotLeft, plotBottom-plotTop)
	text(b, (plotLeft+plotRight)/2, plotBottom+42, "middle", 13, "metrics")
	fmt.Fprintf(b, `<text transform="translate(22 %d) rotate(-90)" text-anchor="middle">Gbit/s, logarithmic</text>`+"\n", (plotTop+plotBottom)/2)
}

// line draws a series.
func line(b *strings.Builder, a axes, s series) {
	if len(s.points) > 1 {
		var path []string
		for _, p := range s.points {
			path = append(path, fmt.Sprintf("%.1f,%.1f", a.x(p.metrics), a.y(p.gbits)))
		}
		fmt.Fprintf(b, `<polyline points="%s" fill="none" stroke="%s" stroke-width="2" stroke-dasharray="%s"/>`+"\n", strings.Join(path, " "), s.color, s.dash)
	}
	for _, p := range s.points {
		mark(b, s, a.x(p.metrics), a.y(p.gbits))
	}
}

// mark draws a point of a series.
func mark(b *strings.Builder, s series, x, y float64) {
	size := 4.0
	if len(s.points) == 1 {
		size = 6
	}
	switch s.marker {
	case "circle":
		fmt.Fprintf(b, `<circle cx="%.1f" cy="%.1f" r="%.1f" fill="%s"/>`+"\n", x, y, size, s.color)
	case "square":
		fmt.Fprintf(b, `<rect x="%.1f" y="%.1f" width="%.1f" height="%.1f" fill="%s"/>`+"\n", x-size, y-size, 2*size, 2*size, s.color)
	case "triangle":
		fmt.Fprintf(b, `<polygon points="%.1f,%.1f %.1f,%.1f %.1f,%.1f" fill="%s"/>`+"\n", x, y-size-1, x-size-1, y+size, x+size+1, y+size, s.color)
	case "diamond":
		fmt.Fprintf(b, `<polygon points="%.1f,%.1f %.1f,%.1f %.1f,%.1f %.1f,%.1f" fill="%s"/>`+"\n", x, y-size-1, x+size+1, y, x, y+size+1, x-size-1, y, s.color)
	}
}

// text writes a line of text, escaped.
func text(b *strings.Builder, x, y float64, anchor string, size int, s string) {
	fmt.Fprintf(b, `<text x="%.1f" y="%.1f" text-anchor="%s" font-size="%d">`, x, y, anchor, size)
	xml.EscapeText(b, []byte(s))
	b.WriteString("</text>\n")
}
