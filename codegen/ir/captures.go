package ir

import "slices"

// Captures returns, for each event, what a timer of it has to keep of the packet
// that armed it: its own Captures and those of the timers that its handlers start,
// and so on, for a timer that another one starts reads the packet that began the
// chain. The lists are sorted; that of an event that is no timeout is nil.
func Captures(p *Program) [][]string {
	out := make([][]string, len(p.Events))
	starts := make([][]int, len(p.Events))
	for i, e := range p.Events {
		if e.Kind != TimeoutEvent {
			continue
		}
		out[i] = slices.Clone(e.Captures)
		for _, h := range e.Handlers {
			h.Body.Stmts(func(s Stmt) {
				if s, ok := s.(*Start); ok {
					starts[i] = append(starts[i], s.Event)
				}
			})
		}
	}
	for changed := true; changed; {
		changed = false
		for i := range out {
			for _, next := range starts[i] {
				for _, name := range out[next] {
					if !slices.Contains(out[i], name) {
						out[i] = append(out[i], name)
						changed = true
					}
				}
			}
		}
	}
	for _, list := range out {
		slices.Sort(list)
	}
	return out
}
