package draw

import (
	"slices"

	"github.com/streamon/streamon/codegen/graph/layout"
)

// Distances of the page, in px.
const (
	margin     = 20
	between    = 26 // between the parts of the page
	entryRoom  = 34 // above the default state, for where machines begin
	noteGap    = 36 // between a machine and its note beside it
	wantWidth  = 760
	leastWidth = 380
	swatch     = 22 // what the legend shows of a colour or a line
)

// scene is a page: where everything is.
type scene struct {
	w, h     int
	blocks   []*block // all of them
	machines []*picture
	legend   []key
}

// picture is a machine on the page.
type picture struct {
	m      *Machine
	dx, dy int // where the layout begins
	g      *layout.Graph
	states []*block // the last one may be "any state"
	labels []*block
	marked bool // counts are drawn
}

// key is an entry of the legend: a level, "any", "timed", "lazy", "clock", "start", "hits" or "missed".
type key struct {
	what string
	*block
}

// compose lays out a page: title, machines one below the other with their notes,
// what the whole program does, legend.
func compose(g *Graph, hasTitle bool) *scene {
	s := &scene{}
	var pictures []*picture
	var notes []*block
	inner := leastWidth
	for _, m := range g.Machines {
		p, note := place(m, g.Reached != ""), noteBlock("in any state", m.Any, g.Reached != "")
		pictures, notes = append(pictures, p), append(notes, note)
		inner = max(inner, p.g.W)
		if note != nil && p.g.W+noteGap+note.W <= wantWidth {
			inner = max(inner, p.g.W+noteGap+note.W)
		}
	}
	y := margin
	put := func(b *block, x, gap int) {
		b.X, b.Y = x, y
		s.blocks = append(s.blocks, b)
		s.w = max(s.w, b.X+b.W+margin)
		y += b.H + gap
	}
	if hasTitle {
		title := &block{kind: "heading"}
		title.add(&fontTitle, fontTitle.wrap(g.Name, inner, 2)...)
		title.add(&fontDoc, fontDoc.wrap(g.Doc, inner, 3)...)
		title.add(&fontHits, fontHits.wrap(g.Reached, inner, 2)...)
		title.fit()
		put(title, margin, between)
	}
	for i, p := range pictures {
		head := &block{kind: "heading"}
		about := "for each " + p.m.Entity
		if p.m.Key != "" {
			about += ": " + p.m.Key
		}
		head.add(&fontHead, fontHead.shorten(about, inner))
		head.fit()
		put(head, margin, 10)
		y = s.putMachine(p, notes[i], inner, y) + between
	}
	if b := noteBlock("for the whole program", g.Program, g.Reached != ""); b != nil {
		put(b, margin, between)
	}
	s.w = max(s.w, inner+2*margin)
	y = s.putLegend(y)
	s.h = y + margin
	return s
}

// place lays out a machine.
func place(m *Machine, marked bool) *picture {
	p := &picture{m: m, g: &layout.Graph{}, marked: marked}
	for _, s := range m.States {
		p.states = append(p.states, stateBlock(s, marked))
	}
	if m.hasAny() {
		b := &block{kind: "anystate", align: '|', padX: 14, padY: 9, tip: "whatever the state"}
		b.add(&fontSmall, "any state")
		b.fit()
		p.states = append(p.states, b)
	}
	for _, b := range p.states {
		p.g.Nodes = append(p.g.Nodes, layout.Node{W: b.W, H: b.H})
	}
	for _, e := range m.Edges {
		l := labelBlock(m, e, marked)
		from := e.From
		if from == Any {
			from = len(m.States)
		}
		p.labels = append(p.labels, l)
		p.g.Edges = append(p.g.Edges, layout.Edge{From: from, To: e.To, LabelW: l.W, LabelH: l.H})
	}
	layout.Place(p.g)
	return p
}

// putMachine puts a machine on the page, and its note beside it if there is room,
// else below, and returns where they end.
func (s *scene) putMachine(p *picture, note *block, inner, y int) int {
	room := p.g.W
	if note != nil && p.g.W+noteGap+note.W <= inner {
		room += noteGap + note.W
	}
	p.dx, p.dy = margin, y+entryRoom
	bottom := p.dy + p.g.H
	for i, b := range p.states {
		n := p.g.Nodes[i].Box
		b.Box = layout.Box{X: p.dx + n.X, Y: p.dy + n.Y, W: n.W, H: n.H}
		s.blocks = append(s.blocks, b)
	}
	for i, b := range p.labels {
		e := &p.g.Edges[i]
		b.Box = layout.Box{X: p.dx + e.Label.X, Y: p.dy + e.Label.Y, W: e.Label.W, H: e.Label.H}
		if e.Left {
			b.align = '>'
		}
		s.blocks = append(s.blocks, b)
	}
	s.machines = append(s.machines, p)
	s.w = max(s.w, p.dx+p.g.W+margin)
	if note == nil {
		return bottom
	}
	note.X, note.Y = p.dx+p.g.W+noteGap, p.dy
	if room == p.g.W {
		note.X, note.Y = margin, bottom+between
	}
	s.blocks = append(s.blocks, note)
	s.w = max(s.w, note.X+note.W+margin)
	return max(bottom, note.Y+note.H)
}

// putLegend puts the keys of what occurs into lines, and returns where they end.
func (s *scene) putLegend(y int) int {
	levels := map[string]bool{}
	timed, lazy, clock, anyState, hit, missed := false, false, false, false, false, false
	for _, p := range s.machines {
		for _, st := range p.m.States {
			levels[st.Level] = true
			hit, missed = hit || p.marked && st.Hits > 0, missed || p.marked && st.Hits == 0
		}
		for _, e := range p.m.Edges {
			clock = clock || p.m.isTimer(e)
			if p.marked && e.Hits == 0 {
				missed = true
				continue
			}
			timed, lazy = timed || e.After != "" && !e.Lazy, lazy || e.Lazy
		}
		anyState = anyState || p.m.hasAny()
	}
	var list []key
	add := func(what, text string) {
		b := &block{kind: "key", align: '<'}
		b.add(&fontSmall, text)
		b.fit()
		list = append(list, key{what, b})
	}
	if len(s.machines) > 0 {
		add("start", "begins here")
	}
	for _, l := range Levels {
		if levels[l] {
			add(l, l)
		}
	}
	if timed {
		add("timed", "by itself, after a time")
	}
	if lazy {
		add("lazy", "with the next event after a time")
	}
	if clock {
		add("clock", "timeout")
	}
	if anyState {
		add("any", "from any state")
	}
	if hit {
		add("hits", "how often: an entity entered, an edge was taken, a condition held")
	}
	if missed {
		add("missed", "never reached")
	}
	x := margin
	for i, k := range list {
		if i > 0 && x+swatch+6+k.W+margin > s.w {
			x, y = margin, y+k.H+6
		}
		k.X, k.Y = x+swatch+6, y
		x = k.X + k.W + 20
		s.blocks = append(s.blocks, k.block)
		s.w = max(s.w, k.X+k.W+margin)
	}
	s.legend = list
	if len(list) == 0 {
		return y
	}
	return y + slices.MaxFunc(list, func(a, b key) int { return a.H - b.H }).H
}
