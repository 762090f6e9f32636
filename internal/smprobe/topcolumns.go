package smprobe

import (
	"fmt"
	"slices"
	"strings"

	"github.com/streamon/streamon/internal/probe"
)

// topRow is one program.
type topRow struct {
	*probe.Program
	rate float64 // packets a second; negative = not known yet
}

// topColumn is a column, and how programs are sorted by it: the largest first.
type topColumn struct {
	head, flag string
	isText     bool
	text       func(r *topRow) string
	compare    func(a, b *topRow) int
}

// by compares numbers.
func by(f func(r *topRow) float64) func(a, b *topRow) int {
	return func(a, b *topRow) int {
		switch x, y := f(a), f(b); {
		case x > y:
			return -1
		case x < y:
			return 1
		}
		return 0
	}
}

var topColumns = []topColumn{
	{"PROGRAM", "program", true, func(r *topRow) string { return r.Name }, func(a, b *topRow) int { return strings.Compare(a.Name, b.Name) }},
	{"STATUS", "", true, func(r *topRow) string { return r.Status }, nil},
	{"PACKETS/S", "packets", false, func(r *topRow) string { return rateText(r.rate) }, by(func(r *topRow) float64 { return r.rate })},
	{"NS/PACKET", "cost", false, func(r *topRow) string {
		return costText(r.Cost, "%.0f", func(c *probe.Cost) float64 { return c.NsPerPacket })
	}, by(func(r *topRow) float64 { return costOf(r).NsPerPacket })},
	{"SHARE", "share", false, func(r *topRow) string {
		return costText(r.Cost, "%.0f%%", func(c *probe.Cost) float64 { return 100 * c.Share })
	}, by(func(r *topRow) float64 { return costOf(r).Share })},
	{"IN STATES", "states", false, func(r *topRow) string { return fmt.Sprint(occupied(r.States)) }, by(func(r *topRow) float64 { return float64(occupied(r.States)) })},
	{"ALERTS", "alerts", false, func(r *topRow) string { return fmt.Sprint(r.Records.Alert) }, by(func(r *topRow) float64 { return float64(r.Records.Alert) })},
	{"LOST", "lost", false, func(r *topRow) string { return fmt.Sprint(lost(r.Program)) }, by(func(r *topRow) float64 { return float64(lost(r.Program)) })},
	{"MEMORY", "memory", false, func(r *topRow) string { return sizeText(r.MemoryBytes) }, by(func(r *topRow) float64 { return float64(r.MemoryBytes) })},
	{"STATES", "", true, statesText, nil},
}

func costOf(r *topRow) probe.Cost {
	if r.Cost == nil {
		return probe.Cost{}
	}
	return *r.Cost
}

// lost is what of a program's packets, memory and records was dropped. A topk metric makes
// room all the time: that is how it works.
func lost(p *probe.Program) uint64 {
	n := p.Shed + p.Records.Lost
	for _, m := range p.Memory {
		if m.Kind != "topk" {
			n += m.Evicted
		}
		n += m.Rejected
	}
	return n
}

// statesText says how many entities are in each state, the fullest first, or why the
// program does not run.
func statesText(r *topRow) string {
	if r.Error != "" {
		return visible(r.Error)
	}
	var parts []string
	for _, e := range sortedKeys(r.States) {
		m := map[string]uint64{}
		for state, n := range r.States[e] {
			m[state] = uint64(n)
		}
		if occupied(map[string]map[string]int{e: r.States[e]}) == 0 {
			continue
		}
		text := counts(m)
		if len(r.States) > 1 {
			text = e + ": " + text
		}
		parts = append(parts, text)
	}
	return strings.Join(parts, "; ")
}

// rateText writes a rate; "-" if it is not known yet.
func rateText(x float64) string { return strings.TrimSuffix(unitText(x), " ") }

// unitText is rateText before a unit.
func unitText(x float64) string {
	if x < 0 {
		return "- "
	}
	return scaled(x)
}

// sortNamed returns the column with that name of a flag.
func sortNamed(name string) int {
	return slices.IndexFunc(topColumns, func(c topColumn) bool { return c.flag == name })
}
