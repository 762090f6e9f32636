package draw

import (
	"encoding/xml"
	"fmt"
	"io"
	"strings"

	"github.com/streamon/streamon/codegen/graph/layout"
)

// SVG writes the drawing. It needs no font file, script or other file, and follows
// the reader's choice of a light or a dark page.
func (g *Graph) SVG(w io.Writer) error { return g.svg(w, false) }

// LiveSVG is SVG with the attributes data-entity and data-state at the groups of states, and
// data-entity, data-from and data-to at those of edges, so that a page can show
// what goes on. It has no heading.
func (g *Graph) LiveSVG(w io.Writer) error { return g.svg(w, true) }

func (g *Graph) svg(w io.Writer, isLive bool) error {
	s := compose(g, !isLive)
	b := &svg{isLive: isLive}
	b.printf(`<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" viewBox="0 0 %[1]d %[2]d" role="img">`, s.w, s.h)
	b.title("State machines of " + g.Name)
	b.printf("<style>%s</style>", sheet(g.Reached != ""))
	b.printf(`<rect class="page" width="%d" height="%d"/>`, s.w, s.h)
	for _, p := range s.machines {
		b.edges(p)
		b.states(p)
	}
	for _, bl := range s.blocks {
		if bl.kind != "state" && bl.kind != "anystate" {
			b.block(bl)
		}
	}
	for _, k := range s.legend {
		b.key(k)
	}
	b.printf("</svg>")
	_, err := io.WriteString(w, b.String())
	return err
}

// svg is the text of a drawing.
type svg struct {
	strings.Builder
	isLive bool
}

func (b *svg) printf(format string, args ...any) { fmt.Fprintf(b, format+"\n", args...) }

// title writes what a viewer shows as a tooltip.
func (b *svg) title(text string) {
	b.printf("<title>%s</title>", escape(text))
}

func escape(text string) string {
	var b strings.Builder
	xml.EscapeText(&b, []byte(text))
	return b.String()
}

// group begins what belongs to a block, with attributes data-name, value, … if the drawing
// is live; what was not reached is pale.
func (b *svg) group(bl *block, data ...string) {
	b.WriteString("<g")
	if bl.missed {
		b.WriteString(` class="missed"`)
	}
	for i := 0; b.isLive && i+1 < len(data); i += 2 {
		fmt.Fprintf(b, ` data-%s="%s"`, data[i], escape(data[i+1]))
	}
	b.WriteString(">\n")
}

// states draws the boxes of a machine, and the mark above where it begins.
func (b *svg) states(p *picture) {
	first := p.states[0]
	x, y := first.X+first.W/2, first.Y
	b.printf(`<circle class="tip" cx="%d" cy="%d" r="5"/>`, x, y-entryRoom+8)
	b.printf(`<path class="edge" d="M%d %dV%d"/>`, x, y-entryRoom+8, y-tipLength)
	b.arrow(layout.Point{X: x, Y: y - 20}, layout.Point{X: x, Y: y})
	for i, bl := range p.states {
		class, data := "anystate", []string(nil)
		if i < len(p.m.States) {
			class, data = paintOf(p.m.States[i].Level).level, []string{"entity", p.m.Entity, "state", p.m.States[i].Name}
		}
		if bl.missed {
			class += " hole"
		}
		b.group(bl, data...)
		b.title(bl.tip)
		b.printf(`<rect class="%s" x="%d" y="%d" width="%d" height="%d" rx="11"/>`, class, bl.X, bl.Y, bl.W, bl.H)
		b.text(bl)
		b.printf("</g>")
	}
}

// edges draws the lines of a machine.
func (b *svg) edges(p *picture) {
	for i, e := range p.m.Edges {
		class := "edge"
		switch {
		case e.Lazy:
			class = "edge lazy"
		case e.After != "":
			class = "edge timed"
		}
		if p.labels[i].missed {
			class = "edge gone"
		}
		path := p.g.Edges[i].Path
		var d strings.Builder
		last := len(path) - 1
		end := shorter(path[last-1], path[last])
		if path[last-1] == path[last] { // a straight line
			end = shorter(path[last-3], path[last])
		}
		for k, pt := range path {
			if k == last {
				pt = end
			}
			switch {
			case k == 0:
				d.WriteString("M")
			case k%3 == 1:
				d.WriteString("C")
			default:
				d.WriteString(" ")
			}
			fmt.Fprintf(&d, "%d %d", pt.X+p.dx, pt.Y+p.dy)
		}
		from := ""
		if e.From != Any {
			from = p.m.States[e.From].Name
		}
		b.group(p.labels[i], "entity", p.m.Entity, "from", from, "to", p.m.States[e.To].Name)
		b.title(p.labels[i].tip)
		b.printf(`<path class="%s" d="%s"/>`, class, d.String())
		b.arrow(layout.Point{X: end.X + p.dx, Y: end.Y + p.dy}, layout.Point{X: path[last].X + p.dx, Y: path[last].Y + p.dy})
		b.printf("</g>")
	}
}

// tipLength is the length of an arrowhead.
const tipLength = 9

// shorter returns the point where a line to to, coming from from, meets the back of
// its arrowhead. Lines end straight up, down or to a side.
func shorter(from, to layout.Point) layout.Point {
	switch {
	case from.X == to.X && from.Y < to.Y:
		to.Y -= tipLength
	case from.X == to.X:
		to.Y += tipLength
	case from.X < to.X:
		to.X -= tipLength
	default:
		to.X += tipLength
	}
	return to
}

// arrow draws an arrowhead at to.
func (b *svg) arrow(from, to layout.Point) {
	const half = 4
	back := shorter(from, to)
	if back.X == to.X {
		b.printf(`<path class="tip" d="M%d %dL%d %dL%d %dZ"/>`, to.X, to.Y, back.X-half, back.Y, back.X+half, back.Y)
	} else {
		b.printf(`<path class="tip" d="M%d %dL%d %dL%d %dZ"/>`, to.X, to.Y, back.X, back.Y-half, back.X, back.Y+half)
	}
}

// block draws a label, a note or a heading.
func (b *svg) block(bl *block) {
	b.group(bl)
	if bl.tip != "" {
		b.title(bl.tip)
	}
	if bl.kind == "note" { // with a folded corner
		const fold = 12
		x, y := bl.X+bl.W, bl.Y+bl.H
		b.printf(`<path class="note" d="M%d %dH%dL%d %dV%dH%dZ"/>`, bl.X, bl.Y, x-fold, x, bl.Y+fold, y, bl.X)
		b.printf(`<path class="note" d="M%d %dV%dH%d"/>`, x-fold, bl.Y, bl.Y+fold, x)
	}
	b.text(bl)
	b.printf("</g>")
}

// text writes the lines of a block.
func (b *svg) text(bl *block) {
	high := 0
	for _, l := range bl.lines {
		high += l.font.line
	}
	if bl.rule > 0 {
		high += ruleSpace
	}
	y := bl.Y + (bl.H-high)/2
	for i, l := range bl.lines {
		x, anchor := bl.X+bl.padX, "start"
		switch {
		case bl.rule > 0 && i >= bl.rule:
			if i == bl.rule {
				b.printf(`<path class="split" d="M%d %dH%d"/>`, bl.X, y+ruleSpace/2, bl.X+bl.W)
				y += ruleSpace
			}
		case bl.align == '|':
			x, anchor = bl.X+bl.W/2, "middle"
		case bl.align == '>':
			x, anchor = bl.X+bl.W-bl.padX, "end"
		}
		base := y + l.font.line - (l.font.line-l.font.size)/2 - 2
		if l.clock {
			at := x + 6
			if anchor == "start" {
				x += clockRoom
			} else {
				at = x - l.font.width(l.text) - clockRoom + 9
			}
			b.clock(at, base-l.font.size*3/8)
		}
		text := escape(l.text)
		if n := len(l.text) - len(strings.TrimLeft(l.text, " ")); n > 0 { // viewers take leading spaces away
			x += l.font.width(l.text[:n])
			text = text[n:]
		}
		b.printf(`<text class="%s" x="%d" y="%d" text-anchor="%s">%s</text>`, l.font.class, x, base, anchor, text)
		y += l.font.line
	}
}

// clock draws a clock around a place.
func (b *svg) clock(x, y int) {
	b.printf(`<circle class="clock" cx="%d" cy="%d" r="5"/><path class="clock" d="M%d %dV%dH%d"/>`, x, y, x, y-3, y, x+3)
}

// key draws what an entry of the legend explains.
func (b *svg) key(k key) {
	x, y := k.X-6-swatch, k.Y+k.H/2
	switch k.what {
	case "start":
		b.printf(`<circle class="tip" cx="%d" cy="%d" r="5"/>`, x+swatch-8, y)
	case "timed":
		b.printf(`<path class="edge timed" d="M%d %dH%d"/>`, x, y, x+swatch)
	case "hits":
		b.printf(`<text class="hits" x="%d" y="%d">×3</text>`, x+4, y+4)
	case "missed":
		b.printf(`<path class="edge gone" d="M%d %dH%d"/>`, x, y, x+swatch)
	case "lazy":
		b.printf(`<path class="edge lazy" d="M%d %dH%d"/>`, x, y, x+swatch)
	case "clock":
		b.clock(x+swatch-8, y)
	case "any":
		b.printf(`<rect class="anystate" x="%d" y="%d" width="%d" height="12" rx="4"/>`, x, y-6, swatch)
	default:
		b.printf(`<rect class="%s" x="%d" y="%d" width="%d" height="12" rx="4"/>`, paintOf(k.what).level, x, y-6, swatch)
	}
}
