package gogen

import (
	"bytes"

	"github.com/streamon/streamon/codegen/ir"
)

// Shape is which of the faster forms the generated code of a program has.
type Shape struct {
	Heads    bool   // it is shown packet.Heads where there are: they have all that it looks at
	Steers   bool   // they have all that says whose packets are, if it runs in shards
	Columnar []bool // by metric: its operations are done column by column
	Idle     bool   // it can tell that a chunk is idle: no handler would do anything about it
}

// ShapeOf returns the shape of p, which has been through all passes.
func ShapeOf(p *ir.Program) (Shape, error) {
	g, src, err := emit(p, Options{})
	if err != nil {
		return Shape{}, err
	}
	has := func(method string) bool { return bytes.Contains(src, []byte("func (m *machine) "+method+"(")) }
	return Shape{Heads: has("Process" + twinSuffix), Steers: has("Steer" + twinSuffix), Columnar: g.whichColumnar(), Idle: g.idle != nil}, nil
}
