// Package graph makes what there is to draw of a program's state machines, and to say of
// them, from its source: features and parameters keep their names there, which the IR
// has lost. [Of] is all there is; package draw draws it.
//
//	g := graph.Of(program)
//	err := g.SVG(w)
package graph
