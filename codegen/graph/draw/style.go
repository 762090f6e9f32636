package draw

import (
	"fmt"
	"strings"
)

// paint is how a kind of state is drawn: fill and border on a light page, and on a
// dark one. The hues are those of Okabe and Ito (2008), which people who do not
// see all colours tell apart; the border also grows with the level, and the word
// stands in the box.
type paint struct {
	level              string
	fill, line         string
	darkFill, darkLine string
	border             string // px
}

var paints = []paint{
	{"none", "#f6f7f9", "#6b7684", "#1d232c", "#8b98a8", "1.3"},
	{"info", "#dceefa", "#2b7bb0", "#12303f", "#6db7e4", "1.5"},
	{"low", "#d5efe5", "#00805f", "#0c3529", "#3fc49b", "1.7"},
	{"medium", "#fbf4c3", "#8f7e00", "#3a3505", "#e9d94a", "1.9"},
	{"high", "#fde1b5", "#b87000", "#43300a", "#f0ab2e", "2.2"},
	{"critical", "#f9cdb8", "#b84300", "#4d2009", "#ff8552", "2.8"},
}

// sheet is the style sheet of the drawing. It uses nothing that the common
// converters do not know: no variables, no nesting. What shows counts is only there if they
// are drawn.
func sheet(marked bool) string {
	var b strings.Builder
	b.WriteString(`
text { font-family: "DejaVu Sans", Verdana, "Helvetica Neue", Arial, sans-serif; fill: #1b2027; }
.guard, .rule { font-family: "DejaVu Sans Mono", Menlo, Consolas, "Liberation Mono", monospace; }
.title, .head, .name, .event { font-weight: bold; }
.act { font-style: italic; }
.doc, .head, .small, .guard, .rule, .act { fill: #454e5a; }
.page { fill: #ffffff; }
.edge { fill: none; stroke: #4a5563; stroke-width: 1.4; }
.timed { stroke-dasharray: 6 4; }
.lazy { stroke-dasharray: 8 3 2 3; }
.clock { fill: none; stroke: #4a5563; stroke-width: 1.2; }
.tip { fill: #4a5563; }
.note { fill: #fcfcf5; stroke: #9aa3ae; stroke-width: 1; }
.anystate { fill: none; stroke: #6b7684; stroke-width: 1.3; stroke-dasharray: 2 3; }
.split { stroke: #9aa3ae; stroke-width: 0.8; }
`)
	for _, f := range []*font{&fontTitle, &fontDoc, &fontHead, &fontName, &fontSmall, &fontEvent, &fontGuard, &fontRule, &fontAct} {
		fmt.Fprintf(&b, ".%s { font-size: %dpx; }\n", f.class, f.size)
	}
	for _, p := range paints {
		fmt.Fprintf(&b, ".%s { fill: %s; stroke: %s; stroke-width: %s; }\n", p.level, p.fill, p.line, p.border)
	}
	if marked {
		fmt.Fprintf(&b, `.hits, .never { font-size: %dpx; font-weight: bold; fill: #2b6cb0; }
.never { fill: #b3261e; }
.gone { stroke-dasharray: 2 5; }
.hole { fill: #ffffff; stroke-dasharray: 5 4; }
.missed > :not(.never) { opacity: 0.6; }
`, fontHits.size)
	}
	b.WriteString(`@media (prefers-color-scheme: dark) {
text { fill: #e8ecf1; }
.doc, .head, .small, .guard, .rule, .act { fill: #b6c0cc; }
.page { fill: #0f141a; }
.edge { stroke: #a3afbd; }
.clock { stroke: #a3afbd; }
.tip { fill: #a3afbd; }
.note { fill: #181d24; stroke: #66717f; }
.anystate { stroke: #8b98a8; }
.split { stroke: #66717f; }
`)
	for _, p := range paints {
		fmt.Fprintf(&b, ".%s { fill: %s; stroke: %s; }\n", p.level, p.darkFill, p.darkLine)
	}
	if marked {
		b.WriteString(".hits { fill: #7db3ec; }\n.hole { fill: #0f141a; }\n.never { fill: #ff8a80; }\n")
	}
	b.WriteString("}\n")
	return b.String()
}

// Tint is how a state of a level is painted on a light page, for other drawings of states.
func Tint(level string) (fill, line string) {
	p := paintOf(level)
	return p.fill, p.line
}

// paintOf returns the paint of a level; "" has one too.
func paintOf(level string) paint {
	for _, p := range paints {
		if p.level == level {
			return p
		}
	}
	return paints[0]
}
