package draw

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/streamon/streamon/codegen/graph/layout"
)

// random returns a graph of several machines with long texts and many edges.
func random(seed uint64) *Graph {
	r := rand.New(rand.NewPCG(seed, 4))
	words := func(most int) string {
		var list []string
		for range r.IntN(most + 1) {
			list = append(list, []string{"rate", ">", "threshold", "and", "or", "a_name_that_is_longer_than_any_line_can_be_in_the_drawing", "∑", "<&>"}[r.IntN(8)])
		}
		return strings.Join(list, " ")
	}
	rule := func() Rule {
		return Rule{Events: []string{"syn", "check"}[r.IntN(2):], Guard: words(12), Actions: []Action{{"alert high", "alert high", false}, {words(8), words(30), r.IntN(2) == 0}}}
	}
	g := &Graph{Name: "random" + words(6), Doc: words(40)}
	for range 1 + r.IntN(3) {
		m := &Machine{Entity: "host", Key: "ip", Timers: []string{"check"}}
		for i := range 1 + r.IntN(9) {
			s := &State{Name: fmt.Sprint("s", i), Level: paints[r.IntN(len(paints))].level, Doc: words(20)}
			for range r.IntN(6) {
				x := rule()
				s.Rules = append(s.Rules, &x)
			}
			m.States = append(m.States, s)
		}
		for range r.IntN(3 * len(m.States)) {
			e := &Edge{From: r.IntN(len(m.States)+1) - 1, To: r.IntN(len(m.States)), Rule: rule()}
			if r.IntN(3) == 0 {
				*e = Edge{From: max(0, e.From), To: e.To, After: "5m", Lazy: r.IntN(2) == 0}
			}
			m.Edges = append(m.Edges, e)
		}
		for range r.IntN(15) {
			x := rule()
			m.Any = append(m.Any, &x)
		}
		g.Machines = append(g.Machines, m)
	}
	return g
}

// TestCompose checks that nothing on a page overlaps or is beyond it.
func TestCompose(t *testing.T) {
	for seed := range uint64(150) {
		s := compose(random(seed), seed%2 == 0)
		for _, p := range s.machines {
			if err := layout.Check(p.g); err != nil {
				t.Errorf("graph %d: %v", seed, err)
			}
		}
		for i, b := range s.blocks {
			if b.X < 0 || b.Y < 0 || b.X+b.W > s.w || b.Y+b.H > s.h {
				t.Errorf("graph %d: %s %q at %v is not on the page, %d x %d", seed, b.kind, first(b), b.Box, s.w, s.h)
			}
			for _, o := range s.blocks[:i] {
				if b.Overlaps(o.Box) {
					t.Errorf("graph %d: %s %q at %v overlaps %s %q at %v", seed, b.kind, first(b), b.Box, o.kind, first(o), o.Box)
				}
			}
			for _, l := range b.lines {
				if l.width() > b.W-2*b.padX {
					t.Errorf("graph %d: %q takes %d px, its %s has %d", seed, l.text, l.width(), b.kind, b.W-2*b.padX)
				}
			}
		}
	}
}

func first(b *block) string {
	if len(b.lines) == 0 {
		return ""
	}
	return b.lines[0].text
}

func TestWrap(t *testing.T) {
	tests := []struct {
		text  string
		limit int
		lines int
		want  string
	}{
		{"", 100, 2, ""},
		{"a > 1", 100, 2, "a > 1"},
		{"alpha > 1 and beta < 2", 90, 3, "alpha > 1|and beta < 2"},
		{"alpha > 1 and beta < 2 or gamma", 90, 2, "alpha > 1|and beta < 2…"},
		{"/ log, start verdict after watch", 190, 2, "/ log,|start verdict after watch"},
		{"abcdefghijklmnopqrstuvwxyz", 60, 2, "abcdefgh…"},
	}
	for _, tt := range tests {
		if got := strings.Join(fontGuard.wrap(tt.text, tt.limit, tt.lines), "|"); got != tt.want {
			t.Errorf("wrap(%q, %d, %d) = %q, want %q", tt.text, tt.limit, tt.lines, got, tt.want)
		}
	}
}
