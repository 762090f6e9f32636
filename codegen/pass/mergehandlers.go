package pass

import (
	"sort"

	"github.com/streamon/streamon/codegen/ir"
)

// mergeHandlers gives states of one event whose bodies read the same one handler.
// The text form is complete but for positions, so the same text is the same body;
// the position that is kept is that of the first.
func mergeHandlers(r *run) {
	r.events(func(e *ir.Event) {
		if len(e.Handlers) < 2 {
			return
		}
		byText := map[string]*ir.Handler{}
		var out []*ir.Handler
		for _, h := range e.Handlers {
			text := ir.BodyText(r.p, e, h.Body)
			first := byText[text]
			if first == nil {
				n := *h
				byText[text] = &n
				out = append(out, &n)
				continue
			}
			r.note("in "+r.p.States[h.States[0]].Name, "in "+r.p.States[first.States[0]].Name, "the bodies are the same")
			first.States = append(append([]int(nil), first.States...), h.States...)
			sort.Ints(first.States)
		}
		e.Handlers = out
	})
}
