package smxml

import (
	"slices"
	"strings"

	"github.com/streamon/streamon/lang/ast"
)

// keep marks the timers that have to keep the packet that first started them: those
// whose handlers read a packet field, or start such a timer. For the others it
// makes no difference, and the program reads better without.
func (b *builder) keep(f *ast.File) {
	var handlers []*ast.Handler
	var starts []*ast.StartAction
	ast.Walk(f, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.Handler:
			handlers = append(handlers, n)
		case *ast.StartAction:
			starts = append(starts, n)
		}
		return true
	})
	reads := map[string]bool{} // events whose handlers read the packet
	for changed := true; changed; {
		changed = false
		for _, h := range handlers {
			if !b.readsPacket(h, reads) {
				continue
			}
			for _, e := range h.Events {
				changed = changed || !reads[e.Name]
				reads[e.Name] = true
			}
		}
	}
	for _, s := range starts {
		s.Keep = reads[s.Event.Name]
	}
}

// readsPacket reports whether a handler reads a packet field, itself or in the
// timers that it starts.
func (b *builder) readsPacket(h *ast.Handler, reads map[string]bool) bool {
	found := false
	ast.Walk(h, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.StartAction:
			found = found || reads[n.Event.Name]
		case *ast.Name:
			found = found || b.isField(n.Name)
		}
		return !found
	})
	return found
}

// isField reports whether a name is a packet field, or a feature that is made of
// one.
func (b *builder) isField(name string) bool {
	base, _, dotted := strings.Cut(name, ".")
	if dotted {
		return !slices.ContainsFunc(b.entities.list, func(e *entity) bool { return e.ident == base })
	}
	for _, f := range b.features.list {
		if f.ident == name && f.value != nil {
			found := false
			ast.Walk(f.value, func(n ast.Node) bool {
				if id, ok := n.(*ast.Name); ok && (strings.Contains(id.Name, ".") || b.isDead(id.Name)) {
					found = true
				}
				return !found
			})
			return found
		}
	}
	return b.isDead(name)
}

// isDead reports whether a name is a metric with both parts off, which is a
// feature that may read a field.
func (b *builder) isDead(name string) bool {
	for _, m := range b.metrics.list {
		if m.ident == name {
			return m.dead != nil
		}
	}
	return false
}
