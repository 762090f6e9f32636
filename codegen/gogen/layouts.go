package gogen

import (
	"github.com/streamon/streamon/codegen/ir"
	"github.com/streamon/streamon/codegen/partition"
)

// Layout is one structure of a program's memory that a new generation inherits if it
// declares it alike: the name and the layout under which generated code adopts it.
type Layout struct{ Name, Text string }

// Layouts lists them in the order in which generated code adopts them. p has been
// through all passes.
func Layouts(p *ir.Program) []Layout {
	g := &gen{p: p, plan: partition.Of(p), top: fileScope(), members: memberScope(), stores: map[int]bool{}, usesTop: map[int]bool{}}
	g.name()
	var out []Layout
	for _, s := range g.memory() {
		out = append(out, Layout{s.adopt, s.layout})
	}
	return out
}
