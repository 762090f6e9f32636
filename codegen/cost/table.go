// Package cost estimates what a program costs: nanoseconds for each packet, summed over
// the operations of its IR with a recorded table of what each of them costs.
//
// The table is a file of this package, written by make cost on the machine that it
// names. An estimate is therefore of that machine; what it is good for is to compare
// programs, and versions of one, and to see which event and which operation is dear.
// [Of] makes the estimate, doc/note/cost.md says how and how far it is off.
package cost

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"math"
	"sync"
)

// Table says what operations cost on one machine.
type Table struct {
	Machine string `json:"machine"` // processor and its caches
	Date    string `json:"date"`    // year-month-day
	Go      string `json:"go"`      // version of the compiler

	// Sizes are the bytes of the structures that the figures of sized operations are for,
	// smallest first: within the caches of one core, within those that cores share, in
	// memory.
	Sizes []int64 `json:"sizes"`

	// NS holds nanoseconds by the name of the operation: one figure, or for a sized
	// operation one for each of Sizes.
	NS map[string][]float64 `json:"ns"`
}

//go:embed table.json
var tableJSON []byte

// Recorded returns the table of this package. Callers must not change it.
var Recorded = sync.OnceValue(func() *Table {
	t := new(Table)
	if err := json.Unmarshal(tableJSON, t); err != nil {
		panic(fmt.Sprintf("cost: table.json: %v", err)) // a test reads it
	}
	return t
})

// at is what an operation costs on structures of so many bytes in all: between the sizes
// of the table by the logarithm, beyond them as at the ends.
func (t *Table) at(name string, bytes int64) float64 {
	ns := t.NS[name]
	if len(ns) == 0 {
		panic("cost: the table has no operation " + name) // a test asks for all
	}
	if len(ns) == 1 {
		return ns[0]
	}
	for i, size := range t.Sizes {
		switch {
		case bytes > size:
			continue
		case i == 0:
			return ns[0]
		}
		below := t.Sizes[i-1]
		part := math.Log(float64(bytes)/float64(below)) / math.Log(float64(size)/float64(below))
		return ns[i-1] + part*(ns[i]-ns[i-1])
	}
	return ns[len(ns)-1]
}

// Inner is the size that the caches of one core hold.
func (t *Table) inner() int64 { return t.Sizes[0] }
