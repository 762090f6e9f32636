// Package plot draws what happened to entities over time: values as lines, with the
// limits that they are compared with, and the state as steps, in the style of the
// paper's figures 5 and 6. It knows nothing of programs; a [Figure] says all.
//
//	fig := &plot.Figure{Title: "ddos", End: 900, Groups: groups}
//	err := fig.SVG(w)   // or fig.HTML(w)
//
// One unit of length is a CSS pixel; one of time is a second since the first packet.
package plot

import "time"

// Figure is one drawing: groups below each other, over one axis of time.
type Figure struct {
	Title, Caption string
	Start          time.Time // of the first packet
	End            float64   // of the axis, which begins at 0
	Groups         []Group
}

// Group is what is drawn of one entity.
type Group struct {
	Title  string
	Panels []Panel
	States *States // nil = none
}

// Panel is one pair of axes.
type Panel struct {
	Unit   string // of the values; "" = not known
	Lines  []Line
	Limits []Limit
}

// Line is one value over time.
type Line struct {
	Name    string
	Formula string // behind the name in the legend; may be empty
	Steps   bool   // it stays between two points
	Points  []Point
}

// Point is a value at a time. NaN is undefined, and interrupts the line.
type Point struct{ T, V float64 }

// Limit is a value that a condition compares lines with.
type Limit struct {
	Name  string
	Value float64
	Line  int // index of the line, whose colour it has
}

// States is the course of a state machine.
type States struct {
	Names  []string // in the order of the axis, from below
	Levels []string // of each, or ""
	Steps  []Step
	Marks  []Mark
}

// Step is the entry into a state.
type Step struct {
	T     float64
	State int
}

// Mark is something that was reported.
type Mark struct {
	T     float64
	State int    // row
	Kind  string // alert, or another type of record
	Text  string
}

// colors are those of Okabe and Ito (2008), which people who do not see all colours
// tell apart, in an order in which neighbours differ in brightness too.
var colors = [...]string{"#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#4d4d4d"}

func color(i int) string { return colors[i%len(colors)] }
