package change

import (
	"slices"

	"github.com/streamon/streamon/runtime/program"
)

// Structure is one part of a program's memory: the name and the layout under which
// its code adopts it.
type Structure struct{ Name, Layout string }

// Memory says what becomes of each structure when a probe replaces a program by
// another version: it is adopted by the rule of package program.
func Memory(before, after []Structure) []program.Inheritance {
	m := program.NewMemory()
	adopt(m, before)
	m.Settle()
	next := m.Next()
	adopt(next, after)
	return next.Settle()
}

func adopt(m *program.Memory, list []Structure) {
	for _, s := range list {
		program.Adopt(m, s.Name, s.Layout, func() struct{} { return struct{}{} })
	}
}

// Gone returns the states of the old version that the new one does not declare:
// entities in them return to the default state. An old default state has none.
func Gone(before, after []string) []string {
	var out []string
	for i, s := range before {
		if i > 0 && !slices.Contains(after, s) {
			out = append(out, s)
		}
	}
	return out
}
