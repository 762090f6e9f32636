package layout

// The network simplex method of Gansner et al., section 2.3. Values are sought for
// vertices so that
//
//	value(to) - value(from) >= least   for every arc, and
//	Σ weight · (value(to) - value(from))   is as small as can be.
//
// Words: an arc is tight if its difference is the least one; a tree of tight arcs
// that spans all vertices fixes the values; the cut value of a tree arc is what the
// sum grows by, for each unit, when that arc is made longer. While there is an arc
// with a negative cut value it leaves the tree, and the arc with the least slack
// that joins the two halves the other way takes its place.
//
// An arc from an additional vertex to each of the others joins what is not
// connected and keeps all values at 0 or above.

// arc is a constraint with a cost.
type arc struct{ from, to, least, weight int }

// simplex is the state of one run.
type simplex struct {
	arcs   []arc
	at     [][]int // by vertex: its arcs
	value  []int
	inTree []bool
	parent []int // by vertex: the tree arc towards the root; -1 at the root
	order  []int // vertices, parents first
	first  []int // by vertex: its place in order; its subtree is order[first:last]
	last   []int
	net    []int // by vertex: weights of the arcs that leave its subtree less those that enter it
}

// maxWork bounds the arcs that one run looks at, so that a graph of hundreds of nodes
// takes a second. What is found until then keeps the constraints, and is only not
// the best there is.
const maxWork = 50e6

// minimise returns the values of vertices 0 … n-1; the smallest is 0. The arcs must
// have no circle.
func minimise(n int, arcs []arc) []int {
	s := &simplex{arcs: append([]arc{}, arcs...), at: make([][]int, n+1)}
	for v := range n {
		s.arcs = append(s.arcs, arc{n, v, 0, 0})
	}
	for i, a := range s.arcs {
		s.at[a.from] = append(s.at[a.from], i)
		s.at[a.to] = append(s.at[a.to], i)
	}
	s.longestPaths()
	s.tightTree()
	s.parent, s.first, s.last, s.net = make([]int, n+1), make([]int, n+1), make([]int, n+1), make([]int, n+1)
	for range min(20*(n+1), maxWork/len(s.arcs)) {
		s.walk()
		out := s.leaving()
		if out < 0 {
			break
		}
		s.exchange(out)
	}
	return s.normal(n)
}

func (s *simplex) normal(n int) []int {
	least := s.value[0]
	for _, v := range s.value[:n] {
		least = min(least, v)
	}
	for v := range n {
		s.value[v] -= least
	}
	return s.value[:n]
}

func (s *simplex) slack(i int) int {
	a := &s.arcs[i]
	return s.value[a.to] - s.value[a.from] - a.least
}

// longestPaths finds values that keep all constraints.
func (s *simplex) longestPaths() {
	n := len(s.at)
	s.value = make([]int, n)
	waiting := make([]int, n)
	for _, a := range s.arcs {
		waiting[a.to]++
	}
	ready := []int{n - 1}
	for len(ready) > 0 {
		v := ready[len(ready)-1]
		ready = ready[:len(ready)-1]
		for _, i := range s.at[v] {
			a := &s.arcs[i]
			if a.from != v {
				continue
			}
			s.value[a.to] = max(s.value[a.to], s.value[v]+a.least)
			if waiting[a.to]--; waiting[a.to] == 0 {
				ready = append(ready, a.to)
			}
		}
	}
}

// tightTree moves vertices until a tree of tight arcs spans them all.
func (s *simplex) tightTree() {
	n := len(s.at)
	s.inTree = make([]bool, len(s.arcs))
	reached := make([]bool, n)
	members := []int{n - 1}
	reached[n-1] = true
	for next := 0; ; {
		for ; next < len(members); next++ {
			for _, i := range s.at[members[next]] {
				other := s.arcs[i].from + s.arcs[i].to - members[next]
				if !reached[other] && s.slack(i) == 0 {
					reached[other], s.inTree[i] = true, true
					members = append(members, other)
				}
			}
		}
		if len(members) == n {
			return
		}
		best := -1
		for i, a := range s.arcs {
			if reached[a.from] != reached[a.to] && (best < 0 || s.slack(i) < s.slack(best)) {
				best = i
			}
		}
		by := s.slack(best)
		if reached[s.arcs[best].to] {
			by = -by
		}
		for _, v := range members {
			s.value[v] += by
		}
		next = 0
	}
}

// walk goes through the tree from the additional vertex and notes subtrees and
// what enters and leaves them.
func (s *simplex) walk() {
	n := len(s.at)
	clear(s.net)
	s.order = s.order[:0]
	type frame struct{ v, next int }
	stack := []frame{{n - 1, 0}}
	s.parent[n-1] = -1
	s.order = append(s.order, n-1)
	for len(stack) > 0 {
		top := &stack[len(stack)-1]
		v := top.v
		if top.next == len(s.at[v]) {
			s.last[v] = len(s.order)
			stack = stack[:len(stack)-1]
			continue
		}
		i := s.at[v][top.next]
		top.next++
		if !s.inTree[i] || i == s.parent[v] {
			continue
		}
		to := s.arcs[i].from + s.arcs[i].to - v
		s.parent[to] = i
		s.first[to] = len(s.order)
		s.order = append(s.order, to)
		stack = append(stack, frame{to, 0})
	}
	for _, a := range s.arcs {
		s.net[a.from] += a.weight
		s.net[a.to] -= a.weight
	}
	for k := n - 1; k > 0; k-- {
		v := s.order[k]
		a := &s.arcs[s.parent[v]]
		s.net[a.from+a.to-v] += s.net[v]
	}
}

// leaving returns the vertex below the tree arc with the most negative cut value,
// or -1.
func (s *simplex) leaving() int {
	best, least := -1, 0
	for v := range len(s.at) - 1 {
		cut := s.net[v]
		if s.arcs[s.parent[v]].from != v {
			cut = -cut
		}
		if cut < least {
			best, least = v, cut
		}
	}
	return best
}

// exchange takes the tree arc above v out and another one in, and moves the subtree
// of v to where that arc is tight.
func (s *simplex) exchange(v int) {
	out := s.parent[v]
	isTail := s.arcs[out].from == v // the subtree moves to smaller values
	within := func(u int) bool { return s.first[u] >= s.first[v] && s.first[u] < s.last[v] }
	in := -1
	for i, a := range s.arcs {
		if from, to := within(a.from), within(a.to); from == to || from == isTail {
			continue
		}
		if in < 0 || s.slack(i) < s.slack(in) {
			in = i
		}
	}
	if in < 0 { // nothing holds the subtree: the cost has no bound, which positive weights exclude
		s.inTree[out] = true
		return
	}
	by := s.slack(in)
	if isTail {
		by = -by
	}
	for _, u := range s.order[s.first[v]:s.last[v]] {
		s.value[u] += by
	}
	s.inTree[out], s.inTree[in] = false, true
}
