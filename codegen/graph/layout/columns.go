package layout

import "slices"

// columns decides on which side of its line each label stands and gives every item
// an x: neighbours in a row keep their distance, and the sum of the sideways ways
// of all lines is least. A second run has nodes stand beside their lines so that
// those that lead straight up or down are in the middle.
func (p *plan) columns() {
	p.sides()
	p.solve(make([]int, len(p.g.Nodes)))
	p.solve(p.offsets())
	left := p.items[0].x - p.items[0].l
	for i := range p.items {
		left = min(left, p.items[i].x-p.items[i].l)
	}
	for i := range p.items {
		it := &p.items[i]
		it.x -= left
		p.g.W = max(p.g.W, it.x+it.r)
	}
}

// solve gives items their x. A node is offset from where its lines are.
func (p *plan) solve(offset []int) {
	n := len(p.items)
	var arcs []arc
	for _, row := range p.rows {
		for k := 1; k < len(row); k++ {
			arcs = append(arcs, arc{row[k-1], row[k], p.distance(row[k-1], row[k]), 0})
		}
	}
	for _, l := range p.links { // |a - b| is the length of two arcs from a vertex left of both
		a, b := 0, 0
		if node := p.items[l.upper].node; node >= 0 {
			a = offset[node]
		}
		if node := p.items[l.lower].node; node >= 0 {
			b = offset[node]
		}
		least := min(a, b)
		arcs = append(arcs, arc{n, l.upper, a - least, l.weight}, arc{n, l.lower, b - least, l.weight})
		n++
	}
	for i, x := range minimise(n, arcs)[:len(p.items)] {
		p.items[i].x = x
	}
}

// sides puts a label left of its line if it is the first of several in its row, or
// in the first half of those between the same two nodes; else right.
func (p *plan) sides() {
	for _, row := range p.rows {
		between := map[[2]int][]int{}
		labels := 0
		for _, i := range row {
			if it := &p.items[i]; it.label {
				upper, lower := p.ends(it.edge)
				between[[2]int{upper, lower}] = append(between[[2]int{upper, lower}], i)
				labels++
			}
		}
		for k, i := range row {
			it := &p.items[i]
			if !it.label {
				continue
			}
			upper, lower := p.ends(it.edge)
			same := between[[2]int{upper, lower}]
			e := &p.g.Edges[it.edge]
			e.Left = k == 0 && labels > 1 || slices.Index(same, i) < len(same)/2
			if e.Left {
				it.l = textGap + e.LabelW
			} else {
				it.r = textGap + e.LabelW
			}
		}
	}
}

// distance is what two neighbours in a row keep between their centres.
func (p *plan) distance(a, b int) int {
	x, y := &p.items[a], &p.items[b]
	gap := lineGap
	switch {
	case x.node >= 0 && y.node >= 0:
		gap = nodeGap
	case x.node >= 0 || y.node >= 0 || x.label && !p.g.Edges[x.edge].Left || y.label && p.g.Edges[y.edge].Left:
		gap = labelGap
	}
	return x.r + y.l + gap
}

// offsets returns, by node, how far it should stand beside its lines. It is the
// same for nodes that stand exactly below each other.
func (p *plan) offsets() []int {
	out := make([]int, len(p.g.Nodes))
	done := make([]bool, len(p.g.Nodes))
	for first := range p.g.Nodes {
		if done[first] {
			continue
		}
		column := []int{first}
		done[first] = true
		for k := 0; k < len(column); k++ {
			for _, other := range p.straightTo(column[k]) {
				if !done[other] {
					done[other] = true
					column = append(column, other)
				}
			}
		}
		by := p.middle(column)
		for _, i := range column {
			out[i] = by
		}
	}
	return out
}

// straightTo returns the nodes that a line leads to from node without a bend.
func (p *plan) straightTo(node int) (out []int) {
	for _, chain := range p.chains {
		if chain == nil || chain[0] != node && chain[len(chain)-1] != node {
			continue
		}
		straight := true
		for _, i := range chain {
			straight = straight && p.items[i].x == p.items[node].x
		}
		if straight {
			out = append(out, chain[0]+chain[len(chain)-1]-node)
		}
	}
	return out
}

// middle returns the median of what the nodes of a column need to have the lines
// that are near them in the middle.
func (p *plan) middle(column []int) int {
	var asked []int
	for _, i := range column {
		it := &p.items[i]
		reach := p.g.Nodes[i].W/2 - portEdge
		lo, hi, lines := reach, -reach, 0
		for _, near := range [][]int{it.up, it.down} {
			for _, j := range near {
				if off := p.items[j].x - it.x; abs(off) <= reach {
					lo, hi, lines = min(lo, off), max(hi, off), lines+1
				}
			}
		}
		if lines > 0 {
			asked = append(asked, (lo+hi)/2)
		}
	}
	if len(asked) == 0 {
		return 0
	}
	slices.Sort(asked)
	return asked[len(asked)/2]
}
