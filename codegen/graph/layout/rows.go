package layout

// makeRows makes the items: a node in row twice its rank, and one piece of an
// edge in each row that the edge crosses. The label goes to the odd row with
// the least labels so far, which is usually the one in the middle.
func (p *plan) makeRows() {
	last := 0
	for _, r := range p.ranks {
		last = max(last, r)
	}
	p.rows = make([][]int, 2*last+1)
	ends := make([][2]int, len(p.g.Nodes)) // lines at the bottom and at the top
	for i, e := range p.g.Edges {
		if e.From != e.To {
			upper, lower := p.ends(i)
			ends[upper][0]++
			ends[lower][1]++
		}
	}
	for i := range p.g.Nodes {
		n := &p.g.Nodes[i]
		n.W = max(n.W, (max(ends[i][0], ends[i][1])-1)*portGap+2*portEdge)
		n.W += n.W % 2
		right := 0
		for _, l := range p.loops[i] {
			right = max(right, loopOut+textGap+p.g.Edges[l].LabelW)
		}
		n.Box = Box{W: n.W, H: max(n.H, (len(p.loops[i])-1)*(loopHigh+2)+2*portEdge)}
		p.add(item{node: i, edge: -1, row: 2 * p.ranks[i], l: n.W / 2, r: n.W/2 + right})
	}
	labels := make([]int, len(p.rows)) // width of the labels in each row
	p.chains = make([][]int, len(p.g.Edges))
	for i := range p.g.Edges {
		if p.g.Edges[i].From != p.g.Edges[i].To {
			p.chain(i, labels)
		}
	}
}

// Weights of the pieces of lines: how much it matters that they are straight. Ways
// forward form columns of nodes, which ways back run beside; a long line is
// straight in between, whatever its ends are.
const (
	forward = 4
	back    = 1
	within  = 16
)

func (p *plan) add(it item) int {
	it.pos = len(p.rows[it.row])
	p.items = append(p.items, it)
	p.rows[it.row] = append(p.rows[it.row], len(p.items)-1)
	return len(p.items) - 1
}

// chain makes the items of an edge and joins them.
func (p *plan) chain(edge int, labels []int) {
	e := &p.g.Edges[edge]
	upper, lower := p.ends(edge)
	from, to := p.items[upper].row, p.items[lower].row
	at := from + 1
	for row := from + 1; row < to; row += 2 {
		if better := labels[row] - labels[at]; better < 0 || better == 0 && abs(2*row-from-to) < abs(2*at-from-to) {
			at = row
		}
	}
	labels[at] += e.LabelW
	list := []int{upper}
	for row := from + 1; row < to; row++ {
		list = append(list, p.add(item{node: -1, edge: edge, label: row == at && e.LabelW > 0, row: row, l: 1, r: 1}))
	}
	list = append(list, lower)
	for k := 1; k < len(list); k++ {
		a, b := list[k-1], list[k]
		weight := forward
		if p.reversed[edge] {
			weight = back
		}
		if k > 1 && k < len(list)-1 {
			weight = within
		}
		p.links = append(p.links, link{a, b, weight})
		p.items[a].down = append(p.items[a].down, b)
		p.items[b].up = append(p.items[b].up, a)
	}
	p.chains[edge] = list
}

func abs(x int) int {
	if x < 0 {
		return -x
	}
	return x
}
