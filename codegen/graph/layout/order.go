package layout

import (
	"cmp"
	"slices"
)

// sweeps is how often the rows are sorted from the top and from the bottom. The
// best order of all that were met is kept.
const sweeps = 24

// order sorts each row by where the neighbours of its items are, from one end of
// the drawing to the other and back, and swaps neighbours that cross.
func (p *plan) order() {
	p.firstOrder()
	best, fewest := p.snapshot(), p.crossings()
	for i := 0; i < sweeps && fewest > 0; i++ {
		p.sweep(i%2 == 0)
		p.swap()
		if n := p.crossings(); n < fewest {
			best, fewest = p.snapshot(), n
		}
	}
	for r, row := range best {
		p.setRow(r, row)
	}
}

// firstOrder puts items in the order in which a walk down the lines meets them.
func (p *plan) firstOrder() {
	fresh := make([][]int, len(p.rows))
	seen := make([]bool, len(p.items))
	var stack []int
	push := func(list []int) {
		for _, it := range slices.Backward(list) {
			if !seen[it] {
				stack = append(stack, it)
			}
		}
	}
	for root := range p.g.Nodes {
		push([]int{root})
		for len(stack) > 0 {
			it := stack[len(stack)-1]
			stack = stack[:len(stack)-1]
			if seen[it] {
				continue
			}
			seen[it] = true
			fresh[p.items[it].row] = append(fresh[p.items[it].row], it)
			push(p.items[it].up)
			push(p.items[it].down)
		}
	}
	for r, row := range fresh {
		p.setRow(r, row)
	}
}

func (p *plan) setRow(r int, row []int) {
	p.rows[r] = row
	for pos, it := range row {
		p.items[it].pos = pos
	}
}

func (p *plan) snapshot() [][]int {
	var out [][]int
	for _, row := range p.rows {
		out = append(out, slices.Clone(row))
	}
	return out
}

// sweep sorts the rows by the mean place of the neighbours in the row before.
func (p *plan) sweep(down bool) {
	mean := make([]int, len(p.items))
	for k := range p.rows {
		r := k
		if !down {
			r = len(p.rows) - 1 - k
		}
		for _, i := range p.rows[r] {
			near := p.items[i].up
			if !down {
				near = p.items[i].down
			}
			mean[i] = 1000 * p.items[i].pos
			if len(near) > 0 {
				sum := 0
				for _, j := range near {
					sum += 1000 * p.items[j].pos
				}
				mean[i] = sum / len(near)
			}
		}
		row := slices.Clone(p.rows[r])
		slices.SortStableFunc(row, func(a, b int) int { return cmp.Compare(mean[a], mean[b]) })
		p.setRow(r, row)
	}
}

// swap exchanges neighbours in a row while that takes crossings away.
func (p *plan) swap() {
	for better := true; better; {
		better = false
		for _, row := range p.rows {
			for k := 1; k < len(row); k++ {
				a, b := row[k-1], row[k]
				if p.between(b, a) < p.between(a, b) {
					row[k-1], row[k] = b, a
					p.items[a].pos, p.items[b].pos = k, k-1
					better = true
				}
			}
		}
	}
}

// between counts the crossings of the lines of a with those of b when a stands
// directly left of b.
func (p *plan) between(a, b int) int {
	x, y := &p.items[a], &p.items[b]
	return p.inversions(x.up, y.up) + p.inversions(x.down, y.down)
}

func (p *plan) inversions(left, right []int) (n int) {
	for _, i := range left {
		for _, j := range right {
			if p.items[i].pos > p.items[j].pos {
				n++
			}
		}
	}
	return n
}

// crossings counts all crossings.
func (p *plan) crossings() (n int) {
	for _, row := range p.rows {
		for k, a := range row {
			for _, b := range row[k+1:] {
				n += p.inversions(p.items[a].down, p.items[b].down)
			}
		}
	}
	return n
}
