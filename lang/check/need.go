package check

import (
	"github.com/streamon/streamon/lang/ast"
	"github.com/streamon/streamon/lang/diag"
	"github.com/streamon/streamon/lang/source"
)

// needKind is what an expression can ask of the place where it stands.
type needKind uint8

const (
	needPacket needKind = iota // a packet field or layer: name
	needEntity                 // a bound entity: entity
	needState                  // an entity in some state: age, {state}
	needMemory                 // a metric or table: obj
	needClock                  // now, elapsed
)

// need is one such demand.
type need struct {
	kind   needKind
	span   source.Span
	name   string // as written
	entity *Entity
	metric *Metric // needMemory: read by its bare name
	state  bool    // needState: the name of the state or what is declared about it
	via    *Feature
}

// need notes a demand of the expression being typed.
func (c *checker) need(n need) { c.needs = append(c.needs, n) }

// collect types something and returns what it needs, which does not reach the
// needs of the surroundings.
func (c *checker) collect(f func()) []need {
	outer := c.needs
	c.needs = nil
	f()
	inner := c.needs
	c.needs = outer
	return inner
}

// through adds the needs of a feature, at the place where it is used.
func (c *checker) through(f *Feature, at ast.Node) {
	for _, n := range f.needs {
		n.span, n.via = at.Span(), f
		c.need(n)
	}
}

// explain adds to d that the need stems from a feature.
func (n need) explain(d *diag.Diagnostic) *diag.Diagnostic {
	if n.via != nil {
		d.Note(n.via.Decl.Span(), "feature %q reads %s", n.via.Name, n.name)
	}
	return d
}

// said is the name that stands at the place of the need.
func (n need) said() string {
	if n.via != nil {
		return n.via.Name
	}
	return n.name
}

// place is a part of a program in which only some needs can be met.
type place struct {
	name   string // "a where clause"
	packet bool   // there is a packet
	clock  bool   // there is a time
}

var (
	inWhere    = place{"a where clause", true, true}
	inBinding  = place{"the key of an event", true, true}
	inConstant = place{name: "a value that is fixed when the program starts"}
)

// maxWeight is how many nodes an expression outside of handlers may have with
// its features written out: there are no locals to hold them.
const maxWeight = 2000

// weigh counts the nodes of an expression with its features written out.
func (c *checker) weigh(e ast.Node) int {
	n := 0
	ast.Walk(e, func(e ast.Node) bool {
		n++
		if f, ok := c.info.Uses[e].(*Feature); ok {
			n += f.weight
		}
		return true
	})
	return min(n, 1<<20) // sums of sums stay small
}

// checkPlace reports the needs of at that cannot be met outside of handlers.
func (c *checker) checkPlace(p place, at ast.Node, needs []need) {
	if n := c.weigh(at); n > maxWeight {
		c.errorf(diag.TooDeep, at, "with its features written out this has %d parts, at most %d are possible", n, maxWeight)
	}
	for _, n := range needs {
		switch n.kind {
		case needPacket:
			if !p.packet {
				n.explain(c.diags.Errorf(diag.NotConstant, n.span, "%q cannot be read in %s", n.said(), p.name))
			}
		case needClock:
			if !p.clock {
				n.explain(c.diags.Errorf(diag.NotConstant, n.span, "%q cannot be read in %s", n.said(), p.name))
			}
		case needEntity:
			n.explain(c.diags.Errorf(diag.NoEntity, n.span, "%q is not known in %s", n.said(), p.name))
		case needState:
			n.explain(c.diags.Errorf(diag.NoEntity, n.span, "%q is not known in %s", n.said(), p.name))
		case needMemory:
			n.explain(c.diags.Errorf(diag.Misplaced, n.span, "%q cannot be read in %s", n.said(), p.name)).
				Hintf("read it in a handler")
		}
	}
}

// checkEvent holds the needs of a handler against one of its events.
func (c *checker) checkEvent(e *Event, needs []need) {
	if e.broken {
		return
	}
	for _, n := range needs {
		switch {
		case n.kind == needPacket && e.Kind == TickEvent:
			if c.once(n.span, "packet") {
				n.explain(c.diags.Errorf(diag.NoPacket, n.span, "%q: event %q has no packet", n.said(), e.Name)).
					Note(e.Decl.Span(), "event %q is declared here", e.Name)
			}
		case n.kind == needEntity && e.Entity == nil, n.kind == needState && e.Entity == nil:
			if c.once(n.span, "entity") {
				n.explain(c.diags.Errorf(diag.NoEntity, n.span, "%q: event %q has no entity", n.said(), e.Name)).
					Note(e.Decl.Span(), "event %q is declared here", e.Name)
			}
		case n.kind == needEntity && n.entity != e.Entity:
			if c.once(n.span, "entity") {
				n.explain(c.diags.Errorf(diag.WrongEntity, n.span, "entity %q is not that of event %q", n.entity.Name, e.Name)).
					Note(e.Decl.Span(), "event %q is for entity %q", e.Name, e.Entity.Name)
			}
		}
	}
}
