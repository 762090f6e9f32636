package layout

// acyclic decides which edges are drawn upwards, so that the others have no circle:
// those that lead back to a node on the way from the first node, and all that
// lead to the first node itself. Loops are set aside.
func (p *plan) acyclic() {
	n := len(p.g.Nodes)
	p.reversed = make([]bool, len(p.g.Edges))
	p.loops = make([][]int, n)
	out := make([][]int, n)
	for i, e := range p.g.Edges {
		if e.From == e.To {
			p.loops[e.From] = append(p.loops[e.From], i)
			continue
		}
		out[e.From] = append(out[e.From], i)
	}
	const unseen, open, done = 0, 1, 2
	state := make([]int, n)
	type frame struct{ node, next int }
	for root := range n {
		if state[root] != unseen {
			continue
		}
		stack := []frame{{root, 0}}
		state[root] = open
		for len(stack) > 0 {
			top := &stack[len(stack)-1]
			if top.next == len(out[top.node]) {
				state[top.node] = done
				stack = stack[:len(stack)-1]
				continue
			}
			i := out[top.node][top.next]
			top.next++
			switch to := p.g.Edges[i].To; state[to] {
			case open:
				p.reversed[i] = true
			case unseen:
				state[to] = open
				stack = append(stack, frame{to, 0})
			}
		}
	}
	for i, e := range p.g.Edges {
		if e.To == 0 && e.From != 0 {
			p.reversed[i] = true
		}
	}
}

// ends returns the node that an edge begins at when it is drawn downwards, and the
// other one.
func (p *plan) ends(edge int) (upper, lower int) {
	e := &p.g.Edges[edge]
	if p.reversed[edge] {
		return e.To, e.From
	}
	return e.From, e.To
}

// rank gives each node a layer: the sum of the lengths of all edges is least.
func (p *plan) rank() {
	var arcs []arc
	for i, e := range p.g.Edges {
		if e.From != e.To {
			upper, lower := p.ends(i)
			arcs = append(arcs, arc{upper, lower, 1, 1})
		}
	}
	for v := 1; v < len(p.g.Nodes); v++ { // nothing is above the first node
		arcs = append(arcs, arc{0, v, 0, 0})
	}
	p.ranks = minimise(len(p.g.Nodes), arcs)
}
