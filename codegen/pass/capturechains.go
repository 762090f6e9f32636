package pass

import (
	"slices"
	"strings"

	"github.com/streamon/streamon/codegen/ir"
)

// captureChains makes a timer keep what the timers that its handlers start will
// read: they have no packet of their own, and read the one that began the chain.
// Lowering lists only what an event's own handlers read.
func captureChains(r *run) {
	need := ir.Captures(r.p)
	for i, e := range r.p.Events {
		if slices.Equal(need[i], e.Captures) {
			continue
		}
		r.where = "event " + e.Name
		r.note("captures "+strings.Join(e.Captures, ", "), "captures "+strings.Join(need[i], ", "), "for the timers that it starts")
		e.Captures = need[i]
	}
}
