package layout

import "fmt"

// Check reports whether a placed graph keeps what the package promises: no two
// boxes overlap, no line crosses a box, lines end at the borders of their nodes,
// and all is within the width and height. Tests use it, also those of others.
func Check(g *Graph) error {
	page := Box{0, 0, g.W, g.H}
	var boxes []Box
	var names []string
	add := func(b Box, format string, args ...any) {
		boxes, names = append(boxes, b), append(names, fmt.Sprintf(format, args...))
	}
	for i, n := range g.Nodes {
		if n.Box.W < n.W || n.Box.H < n.H {
			return fmt.Errorf("node %d has the box %v, smaller than %d x %d", i, n.Box, n.W, n.H)
		}
		add(n.Box, "node %d", i)
	}
	for i, e := range g.Edges {
		if e.LabelW > 0 {
			add(e.Label, "label of edge %d", i)
		}
	}
	for i, b := range boxes {
		if b.X < page.X || b.Y < page.Y || b.X+b.W > page.W || b.Y+b.H > page.H {
			return fmt.Errorf("%s, %v, is not within %v", names[i], b, page)
		}
		for j, o := range boxes[:i] {
			if b.Overlaps(o) {
				return fmt.Errorf("%s, %v, overlaps %s, %v", names[i], b, names[j], o)
			}
		}
	}
	for i, e := range g.Edges {
		if err := checkPath(g, &e); err != nil {
			return fmt.Errorf("edge %d from %d to %d: %w", i, e.From, e.To, err)
		}
		for _, p := range samples(e.Path) {
			if p.X < 0 || p.Y < 0 || p.X > g.W || p.Y > g.H {
				return fmt.Errorf("edge %d goes through %v, beyond the page %v", i, p, page)
			}
			for j, b := range boxes {
				if p.X > b.X && p.X < b.X+b.W && p.Y > b.Y && p.Y < b.Y+b.H {
					return fmt.Errorf("edge %d from %d to %d goes through %v, inside %s, %v", i, e.From, e.To, p, names[j], b)
				}
			}
		}
	}
	return nil
}

// checkPath checks the form and the ends of a line.
func checkPath(g *Graph, e *Edge) error {
	if len(e.Path) < 4 || len(e.Path)%3 != 1 {
		return fmt.Errorf("a path of %d points", len(e.Path))
	}
	for _, end := range []struct {
		p    Point
		node int
	}{{e.Path[0], e.From}, {e.Path[len(e.Path)-1], e.To}} {
		b, p := g.Nodes[end.node].Box, end.p
		onSide := p.X > b.X && p.X < b.X+b.W && (p.Y == b.Y || p.Y == b.Y+b.H)
		onEnd := p.X == b.X+b.W && p.Y > b.Y && p.Y < b.Y+b.H
		if !onSide && !onEnd {
			return fmt.Errorf("it ends at %v, not at the border of node %d, %v", p, end.node, b)
		}
	}
	return nil
}

// samples returns points along a path, close to each other where it bends.
func samples(path []Point) (out []Point) {
	const steps = 24
	for k := 0; k+3 < len(path); k += 3 {
		a, b, c, d := path[k], path[k+1], path[k+2], path[k+3]
		for s := range steps + 1 {
			t := s
			u := steps - t
			mix := func(a, b, c, d int) int {
				return (u*u*u*a + 3*u*u*t*b + 3*u*t*t*c + t*t*t*d) / (steps * steps * steps)
			}
			out = append(out, Point{mix(a.X, b.X, c.X, d.X), mix(a.Y, b.Y, c.Y, d.Y)})
		}
	}
	return out
}
