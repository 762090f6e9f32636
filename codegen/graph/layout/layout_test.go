package layout

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
)

// random returns a graph of up to 30 nodes, with loops, parallel edges and nodes that
// nothing leads to.
func random(seed uint64) *Graph {
	r := rand.New(rand.NewPCG(seed, 1))
	g := &Graph{}
	for range 1 + r.IntN(30) {
		g.Nodes = append(g.Nodes, Node{W: 30 + r.IntN(200), H: 20 + r.IntN(90)})
	}
	n := len(g.Nodes)
	for range r.IntN(3 * n) {
		e := Edge{From: r.IntN(n), To: r.IntN(n), LabelW: r.IntN(200), LabelH: 10 + r.IntN(80)}
		if r.IntN(8) == 0 {
			e.LabelW, e.LabelH = 0, 0
		}
		g.Edges = append(g.Edges, e)
	}
	return g
}

// TestPlace checks what the package promises, on random graphs.
func TestPlace(t *testing.T) {
	for seed := range uint64(300) {
		g, again := random(seed), random(seed)
		Place(g)
		Place(again)
		if !reflect.DeepEqual(g, again) {
			t.Errorf("graph %d: a second run gives another layout", seed)
		}
		if err := Check(g); err != nil {
			t.Errorf("graph %d: %v", seed, err)
		}
	}
}

// TestFirst checks that no node stands above the first one.
func TestFirst(t *testing.T) {
	g := &Graph{Nodes: []Node{{W: 50, H: 20}, {W: 50, H: 20}, {W: 50, H: 20}}, Edges: []Edge{{From: 1, To: 0}, {From: 2, To: 1}, {From: 0, To: 2}}}
	Place(g)
	for i, n := range g.Nodes[1:] {
		if n.Box.Y <= g.Nodes[0].Box.Y {
			t.Errorf("node %d stands at %d, the first one at %d", i+1, n.Box.Y, g.Nodes[0].Box.Y)
		}
	}
}

// TestChain checks that a chain is one straight line.
func TestChain(t *testing.T) {
	g := &Graph{}
	for i := range 5 {
		g.Nodes = append(g.Nodes, Node{W: 60 + 31*i, H: 30})
		if i > 0 {
			g.Edges = append(g.Edges, Edge{From: i - 1, To: i, LabelW: 40 * i, LabelH: 20})
		}
	}
	Place(g)
	x := g.Edges[0].Path[0].X
	for i, e := range g.Edges {
		for _, p := range e.Path {
			if p.X != x {
				t.Errorf("edge %d goes through %v, want x = %d all the way", i, e.Path, x)
				break
			}
		}
	}
}

// TestMinimise compares the simplex method with trying everything.
func TestMinimise(t *testing.T) {
	const n, most = 5, 5
	for seed := range uint64(200) {
		r := rand.New(rand.NewPCG(seed, 2))
		var arcs []arc
		for range 7 {
			from := r.IntN(n - 1)
			arcs = append(arcs, arc{from, from + 1 + r.IntN(n-1-from), r.IntN(2), r.IntN(4)})
		}
		cost := func(v []int) (sum int, ok bool) {
			for _, a := range arcs {
				d := v[a.to] - v[a.from]
				if d < a.least {
					return 0, false
				}
				sum += a.weight * d
			}
			return sum, true
		}
		best := -1
		v := make([]int, n)
		for {
			if c, ok := cost(v); ok && (best < 0 || c < best) {
				best = c
			}
			k := 0
			for k < n && v[k] == most-1 {
				v[k] = 0
				k++
			}
			if k == n {
				break
			}
			v[k]++
		}
		got := minimise(n, arcs)
		if c, ok := cost(got); !ok || c != best {
			t.Errorf("minimise(%v) = %v of cost %d (valid %v), want cost %d", arcs, got, c, ok, best)
		}
	}
}

func TestApart(t *testing.T) {
	tests := []struct {
		want        []int
		gap, lo, hi int
		out         []int
	}{
		{[]int{50}, 10, 0, 100, []int{50}},
		{[]int{150}, 10, 0, 100, []int{100}},
		{[]int{50, 50}, 10, 0, 100, []int{45, 55}},
		{[]int{20, 50, 80}, 10, 0, 100, []int{20, 50, 80}},
		{[]int{-40, -30, 300}, 10, 0, 100, []int{0, 10, 100}},
		{[]int{0, 0, 0}, 50, 0, 100, []int{0, 50, 100}},
		{nil, 10, 0, 100, nil},
	}
	for _, tt := range tests {
		if got := apart(tt.want, tt.gap, tt.lo, tt.hi); !slices.Equal(got, tt.out) {
			t.Errorf("apart(%v, %d, %d, %d) = %v, want %v", tt.want, tt.gap, tt.lo, tt.hi, got, tt.out)
		}
	}
}

func BenchmarkPlace(b *testing.B) {
	for _, n := range []int{10, 40, 100, 300} {
		b.Run(fmt.Sprint(n, "nodes"), func(b *testing.B) {
			for range b.N {
				r := rand.New(rand.NewPCG(1, 3))
				g := &Graph{}
				for i := range n {
					g.Nodes = append(g.Nodes, Node{W: 100, H: 40})
					g.Edges = append(g.Edges, Edge{From: r.IntN(i + 1), To: i, LabelW: 90, LabelH: 30}, Edge{From: i, To: r.IntN(n), LabelW: 90, LabelH: 30})
				}
				Place(g)
			}
		})
	}
}
