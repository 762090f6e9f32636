package plot

import (
	_ "embed"
	"encoding/json"
	"html/template"
	"io"
	"math"
	"strconv"
)

//go:embed page.html
var pageText string

var page = template.Must(template.New("page").Parse(pageText))

// HTML draws the figure as a page that needs nothing else. It shows values and state
// at the time that one points at.
func (f *Figure) HTML(w io.Writer) error {
	return page.Execute(w, struct {
		Title string
		SVG   template.HTML // our own, with all text escaped
		Data  pageData
	}{f.Title, template.HTML(f.svg()), f.data()})
}

// pageData is what the page's script knows: places in the drawing, and the values.
type pageData struct {
	X0     float64     `json:"x0"`
	X1     float64     `json:"x1"`
	End    float64     `json:"end"`   // seconds at X1
	Start  float64     `json:"start"` // milliseconds since 1970
	Groups []pageGroup `json:"groups"`
}

type pageGroup struct {
	Y0     float64    `json:"y0"`
	Y1     float64    `json:"y1"`
	Lines  []pageLine `json:"lines"`
	States []string   `json:"states"`
	Steps  []pair     `json:"steps"`
}

type pageLine struct {
	Name   string `json:"name"`
	Color  string `json:"color"`
	Steps  bool   `json:"steps"`
	Points []pair `json:"points"`
}

// pair is a time and a value, as [t,v]; an undefined value is null.
type pair [2]float64

// MarshalJSON implements json.Marshaler.
func (p pair) MarshalJSON() ([]byte, error) {
	b := append([]byte{'['}, strconv.FormatFloat(math.Round(p[0]*1e6)/1e6, 'f', -1, 64)...)
	if math.IsNaN(p[1]) || math.IsInf(p[1], 0) {
		return append(b, ",null]"...), nil
	}
	return append(strconv.AppendFloat(append(b, ','), p[1], 'g', 6, 64), ']'), nil
}

var _ json.Marshaler = pair{}

func (f *Figure) data() pageData {
	groups, left, _ := f.place()
	time, unit := f.timeScale(left, width-marginRight)
	d := pageData{X0: time.from, X1: time.to, End: time.hi * unit.unit, Start: float64(f.Start.UnixMilli()), Groups: []pageGroup{}}
	for _, g := range groups {
		p := pageGroup{Y0: g.head + 8, Y1: g.bottom, Lines: []pageLine{}, States: []string{}, Steps: []pair{}}
		for _, panel := range g.Panels {
			for i, l := range panel.Lines {
				line := pageLine{Name: l.Name, Color: color(i), Steps: l.Steps, Points: []pair{}}
				for _, q := range l.Points {
					line.Points = append(line.Points, pair{q.T, q.V})
				}
				p.Lines = append(p.Lines, line)
			}
		}
		if g.States != nil {
			p.States = g.States.Names
			for _, s := range g.States.Steps {
				p.Steps = append(p.Steps, pair{s.T, float64(s.State)})
			}
		}
		d.Groups = append(d.Groups, p)
	}
	return d
}
