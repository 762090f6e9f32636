package gogen

import (
	"github.com/dave/jennifer/jen"

	"github.com/streamon/streamon/codegen/ir"
)

// filled is what program.Fill puts into columns, of all rows of an event at once.
type filled struct {
	src, dst int  // columns of the hashes of these addresses; -1 = nobody wants them
	times    bool // those of the rows are wanted
	next     *int // number of the next column
}

// add returns a new column.
func (w *filled) add() int {
	*w.next++
	return *w.next - 1
}

// at writes the place of the hash of a row's address, Src or Dst.
func (w *filled) at(field string) *jen.Statement {
	c := &w.src
	if field == "Dst" {
		c = &w.dst
	}
	if *c < 0 {
		*c = w.add()
	}
	return hashAt(*c)
}

// hashAt writes the place of a row in a column: m.columns[2][n&63].
func hashAt(column int) *jen.Statement {
	return jen.Id("m").Dot("columns").Index(jen.Lit(column)).Index(jen.Id("n").Op("&").Lit(chunkPackets - 1))
}

// holds returns the column that a sum is all of, -1 if it is of none.
func (w *filled) holds(sum *jen.Statement) int {
	for _, c := range []int{w.src, w.dst} {
		if c >= 0 && same(hashAt(c), sum) {
			return c
		}
	}
	return -1
}

// any reports whether there is a column to fill.
func (w *filled) any() bool { return w.src >= 0 || w.dst >= 0 }

// call writes program.Fill(packets, m.matched[eventSyn], m.seed, nil, &m.columns[0], &m.times).
func (w *filled) call(bits *jen.Statement) *jen.Statement {
	m := func(name string) *jen.Statement { return jen.Op("&").Id("m").Dot(name) }
	column := func(c int) *jen.Statement {
		if c < 0 {
			return jen.Nil()
		}
		return m("columns").Index(jen.Lit(c))
	}
	times := jen.Nil()
	if w.times {
		times = m("times")
	}
	return call("Fill", jen.Id("packets"), bits.Clone(), jen.Id("m").Dot("seed"), column(w.src), column(w.dst), times)
}

// address returns Src or Dst for a part of a key that is this field of the packet.
func (f *fn) address(e ir.Expr) string {
	e = f.bound(e)
	if _, ok := e.(*ir.Field); !ok {
		return ""
	}
	switch text(f.value(e).code) {
	case "p.Src":
		return "Src"
	case "p.Dst":
		return "Dst"
	}
	return ""
}
