// Package layout places the nodes, edges and labels of a small directed graph on a
// plane, in layers from the top down. It knows boxes and lines, and nothing about
// what they stand for.
//
// It follows Sugiyama, Tagawa and Toda (1981) in the form of Gansner, Koutsofios,
// North and Vo (1993), with one simplification that makes its promises easy to
// keep: a label is a vertex of its own.
//
//  1. acyclic: the edges that lead back on a walk from node 0 are turned round.
//  2. rank: each node gets a layer, so that edges go down and are short.
//  3. rows: layers are doubled; nodes stand in the even rows, labels in the odd
//     ones. An edge becomes a chain with one item in each row between its ends, of
//     which one carries the label.
//  4. order: the items of each row are sorted for few crossings.
//  5. columns: each item gets an x, so that chains are straight.
//  6. route: lines run straight down within a row, where boxes are, and bend only
//     in the gap between two rows, where there are none.
//
// So, by construction: no two boxes overlap, a line crosses no box, and whatever
// is drawn lies within the width and height that Place returns. All arithmetic is
// on whole numbers: the same graph gives the same drawing on every machine.
package layout

// Graph is a graph to place. Place fills in what is marked as a result.
type Graph struct {
	Nodes []Node // Nodes[0] comes first: no node stands above it
	Edges []Edge
	W, H  int // result: the size of the drawing, which begins at 0, 0
}

// Node is a box.
type Node struct {
	W, H int // least size; Place widens a node that many lines end at
	Box  Box // result
}

// Edge is a line with an arrowhead at To. One from a node to itself is drawn as a
// loop to the right of the node.
type Edge struct {
	From, To int
	LabelW   int // size of the label; 0 = none
	LabelH   int

	Label Box     // result: where the label is
	Left  bool    // result: the label is left of the line, so that it ends there
	Path  []Point // result: a start, then three points for each cubic Bézier curve
}

// Box is a rectangle; X and Y are those of its upper left corner.
type Box struct{ X, Y, W, H int }

// Point is a place.
type Point struct{ X, Y int }

// Overlaps reports whether two boxes have more than a border in common.
func (b Box) Overlaps(o Box) bool {
	return b.X < o.X+o.W && o.X < b.X+b.W && b.Y < o.Y+o.H && o.Y < b.Y+b.H
}

// Distances, in units of the drawing.
const (
	nodeGap  = 32 // between two nodes side by side
	labelGap = 22 // between a label and what is beside it
	lineGap  = 18 // between two lines
	portGap  = 18 // between the ends of two lines on one side of a node
	portEdge = 16 // from the end of a line to the corner of the node
	textGap  = 7  // from a line to its label
	loopOut  = 30 // how far a loop leaves its node
	loopHigh = 14 // between the ends of a loop
	loopGap  = 10 // between the labels of two loops of one node

	minRowGap, maxRowGap = 22, 110 // between rows: lines bend there
)

// Place places a graph of at least one node.
func Place(g *Graph) {
	p := &plan{g: g}
	p.acyclic()
	p.rank()
	p.makeRows()
	p.order()
	p.columns()
	p.route()
}

// plan is the work on one graph.
type plan struct {
	g        *Graph
	reversed []bool // by edge: drawn upwards
	loops    [][]int
	ranks    []int // by node: its layer
	items    []item
	links    []link
	chains   [][]int // by edge: its items from the upper node to the lower one; nil = a loop
	rows     [][]int // items, in order
}

// item is what stands in a row: a node, or a piece of an edge.
type item struct {
	node  int // or -1
	edge  int // or -1
	label bool
	row   int
	pos   int // in the row
	l, r  int // what it takes to the left and to the right of x
	x     int
	up    []int // items in the row above that a line leads to; as often as there are lines
	down  []int
}

// link joins two items of neighbouring rows.
type link struct{ upper, lower, weight int }
