package layout

import (
	"cmp"
	"slices"
)

// route gives rows their y, nodes and labels their boxes and lines their ways.
func (p *plan) route() {
	bottom, top := p.ports()
	y := p.heights(bottom, top)
	for i := range p.g.Nodes {
		n, it := &p.g.Nodes[i], &p.items[i]
		n.Box.X, n.Box.Y = it.x-n.Box.W/2, y[it.row].from+(y[it.row].to-y[it.row].from-n.Box.H)/2
		p.routeLoops(i)
	}
	for i := range p.g.Edges {
		if p.chains[i] != nil {
			p.routeEdge(i, y, bottom[i], top[i])
		}
	}
}

// ports returns, by edge, the x at which it touches its upper and its lower node.
// Lines end below the item that they come from if the node is wide enough.
func (p *plan) ports() (bottom, top []int) {
	bottom, top = make([]int, len(p.g.Edges)), make([]int, len(p.g.Edges))
	type end struct{ edge, item int }
	below, above := make([][]end, len(p.g.Nodes)), make([][]end, len(p.g.Nodes))
	for e, chain := range p.chains {
		if chain != nil {
			upper, lower := chain[0], chain[len(chain)-1]
			below[upper] = append(below[upper], end{e, chain[1]})
			above[lower] = append(above[lower], end{e, chain[len(chain)-2]})
		}
	}
	spread := func(node int, list []end, out []int) {
		slices.SortStableFunc(list, func(a, b end) int { return cmp.Compare(p.items[a.item].pos, p.items[b.item].pos) })
		var want []int
		for _, e := range list {
			want = append(want, p.items[e.item].x)
		}
		n, x := &p.g.Nodes[node], p.items[node].x
		for k, at := range apart(want, portGap, x-n.W/2+portEdge, x+n.W/2-portEdge) {
			out[list[k].edge] = at
		}
	}
	for i := range p.g.Nodes {
		spread(i, below[i], bottom)
		spread(i, above[i], top)
	}
	return bottom, top
}

// apart returns places as near as can be to those in want, which ascend, at least
// gap from each other, from lo to hi. There must be room. Neighbours that are too
// close are pooled at the mean of what they want (the pool adjacent violators
// algorithm, after the gaps are taken out); what is wanted beyond lo and hi
// counts little, for it cannot be had.
func apart(want []int, gap, lo, hi int) []int {
	type pool struct{ sum, weight, n int }
	var pools []pool
	for i, w := range want {
		weight := 8
		if w < lo || w > hi {
			w, weight = max(lo, min(w, hi)), 1
		}
		pools = append(pools, pool{(w - i*gap) * weight, weight, 1})
		for k := len(pools) - 1; k > 0 && pools[k-1].sum*pools[k].weight > pools[k].sum*pools[k-1].weight; k-- {
			pools[k-1].sum += pools[k].sum
			pools[k-1].weight += pools[k].weight
			pools[k-1].n += pools[k].n
			pools = pools[:k]
		}
	}
	var out []int
	for _, q := range pools {
		for range q.n {
			at := max(lo, min(q.sum/q.weight, hi-(len(want)-1)*gap))
			out = append(out, at+len(out)*gap)
		}
	}
	return out
}

// band is where a row begins and ends.
type band struct{ from, to int }

// heights places the rows. The gap below a row is higher if a line has far to go
// to the side in it.
func (p *plan) heights(bottom, top []int) []band {
	y := make([]band, len(p.rows))
	at := 0
	for r, row := range p.rows {
		high := 0
		for _, i := range row {
			switch it := &p.items[i]; {
			case it.node >= 0:
				high = max(high, p.g.Nodes[it.node].Box.H, p.loopsHeight(it.node))
			case it.label:
				high = max(high, p.g.Edges[it.edge].LabelH)
			}
		}
		y[r] = band{at, at + high}
		p.g.H = at + high
		at += high + p.gapBelow(r, bottom, top)
	}
	return y
}

func (p *plan) gapBelow(r int, bottom, top []int) int {
	far := 0
	for e, chain := range p.chains {
		k := r - p.rowOf(chain)
		if chain == nil || k < 0 || k >= len(chain)-1 {
			continue
		}
		a, b := p.items[chain[k]].x, p.items[chain[k+1]].x
		if k == 0 {
			a = bottom[e]
		}
		if k == len(chain)-2 {
			b = top[e]
		}
		far = max(far, abs(a-b))
	}
	return min(minRowGap+far/5, maxRowGap)
}

func (p *plan) rowOf(chain []int) int {
	if chain == nil {
		return 0
	}
	return p.items[chain[0]].row
}

// routeEdge lays the line of an edge: down through each row, and over to the next
// item in the gap behind it.
func (p *plan) routeEdge(edge int, y []band, bottom, top int) {
	e := &p.g.Edges[edge]
	chain := p.chains[edge]
	upper, lower := p.g.Nodes[chain[0]].Box, p.g.Nodes[chain[len(chain)-1]].Box
	line := []Point{{bottom, upper.Y + upper.H}}
	for k, i := range chain {
		it := &p.items[i]
		x, from, to := it.x, y[it.row].from, y[it.row].to
		switch k {
		case 0:
			x = bottom
		case len(chain) - 1:
			x, to = top, lower.Y
		}
		if k > 0 {
			line = bend(line, Point{x, from})
		}
		line = straight(line, Point{x, to})
		if it.label {
			e.Label = Box{x + textGap, from + (to-from-e.LabelH)/2, e.LabelW, e.LabelH}
			if e.Left {
				e.Label.X = x - textGap - e.LabelW
			}
		}
	}
	if p.reversed[edge] {
		slices.Reverse(line)
	}
	e.Path = line
}

// straight adds a straight line, or makes the last one longer.
func straight(line []Point, to Point) []Point {
	from := line[len(line)-1]
	if from == to {
		return line
	}
	if n := len(line); n > 3 && line[n-4].X == from.X && from.X == to.X {
		line, from = line[:n-3], line[n-4]
	}
	return append(line, from, to, to)
}

// bend adds a line that begins and ends downwards.
func bend(line []Point, to Point) []Point {
	from := line[len(line)-1]
	if from.X == to.X {
		return straight(line, to)
	}
	middle := (from.Y + to.Y) / 2
	return append(line, Point{from.X, middle}, Point{to.X, middle}, to)
}

// loopsHeight returns how high the loops of a node are with their labels.
func (p *plan) loopsHeight(node int) int {
	high := -loopGap
	for _, l := range p.loops[node] {
		high += max(p.g.Edges[l].LabelH, 2*loopHigh) + loopGap
	}
	return high
}

// routeLoops lays the loops of a node and their labels, one below the other.
func (p *plan) routeLoops(node int) {
	b := p.g.Nodes[node].Box
	loops := p.loops[node]
	right, y := b.X+b.W, b.Y+(b.H-p.loopsHeight(node))/2
	var middles []int // of the labels
	for _, l := range loops {
		e := &p.g.Edges[l]
		high := max(e.LabelH, 2*loopHigh)
		e.Label = Box{right + loopOut + textGap, y + (high-e.LabelH)/2, e.LabelW, e.LabelH}
		middles = append(middles, y+high/2)
		y += high + loopGap
	}
	for k, at := range apart(middles, loopHigh+2, b.Y+portEdge, b.Y+b.H-portEdge) {
		out, in, tip := at-loopHigh/2, at+loopHigh/2, Point{right + loopOut, middles[k]}
		p.g.Edges[loops[k]].Path = []Point{
			{right, out}, {right + loopOut/2, out}, {tip.X, tip.Y - loopHigh}, tip,
			{tip.X, tip.Y + loopHigh}, {right + loopOut*2/3, in}, {right, in},
		}
	}
}
