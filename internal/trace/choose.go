package trace

import (
	"fmt"
	"slices"
	"strings"

	"github.com/streamon/streamon/codegen/ir"
)

// Those that are counted, not read: packets of the entity's events.
const (
	packetsRate  = "packets/s"
	admittedRate = "admitted/s"
	droppedRate  = "dropped/s"
)

var rates = []string{packetsRate, admittedRate, droppedRate}

// choose returns the quantities of the given names; without names all that conditions
// read and that can be read at any time, or else all that conditions read. Without
// names the rates are among them if p drops packets.
func choose(p *ir.Program, names []string) (list []*quantity, counted []string, err error) {
	all := quantities(p)
	if len(names) == 0 {
		read := func(q *quantity) bool { return q.formula != "" }
		for _, q := range all {
			if read(q) && q.hasOwnTime() {
				list = append(list, q)
			}
		}
		if list == nil {
			list = all
		}
		if drops(p) {
			counted = []string{admittedRate, droppedRate}
		}
		return list, counted, nil
	}
	for _, n := range names {
		found := false
		for _, q := range all {
			if q.name == n {
				list, found = append(list, q), true
			}
		}
		switch {
		case slices.Contains(rates, n):
			counted = append(counted, n)
		case !found:
			var known []string
			for _, q := range all {
				if !slices.Contains(known, q.name) {
					known = append(known, q.name)
				}
			}
			return nil, nil, fmt.Errorf("%s has no value %q to draw; it has %s", p.Name, n, strings.Join(append(known, rates...), ", "))
		}
	}
	return list, counted, nil
}

// drops reports whether a program can drop packets.
func drops(p *ir.Program) bool {
	found := false
	for _, e := range p.Events {
		for _, h := range e.Handlers {
			h.Body.Stmts(func(s ir.Stmt) {
				_, ok := s.(*ir.Drop)
				found = found || ok
			})
		}
	}
	return found
}
