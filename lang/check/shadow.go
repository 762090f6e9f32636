package check

import (
	"strings"

	"github.com/streamon/streamon/lang/ast"
	"github.com/streamon/streamon/lang/diag"
	"github.com/streamon/streamon/lang/types"
)

// firstMatch looks at packet events under match first, where a packet makes one event
// happen: an event whose packets an earlier one takes never happens, and of two that
// overlap in part the later one misses packets.
//
// Events are compared in pairs, by the regions of their where clauses. The narrow one
// before the wide one is how such programs are written, and nothing is said of it.
func (c *checker) firstMatch() {
	if !c.p.MatchFirst {
		return
	}
	var events []*Event
	var regions []region
	for _, e := range c.p.Events {
		t, ok := e.Decl.Trigger.(*ast.PacketTrigger)
		if !ok {
			continue
		}
		r := c.regionOf(t.Where)
		if r.isEmpty() { // which was said of its condition
			continue
		}
		c.bound(&r, t.For)
		for i, earlier := range events {
			if regions[i].includes(r) {
				c.warnf(diag.ShadowedEvent, e.Decl.Name, "event %q never happens: event %q takes all its packets", e.Name, earlier.Name).
					Note(earlier.Decl.Name.Span(), "under match first this one comes before it").
					Hintf("put it before event %s, or write match all", earlier.Name)
				break
			}
			if overlap(regions[i], r) {
				c.warnf(diag.OverlappingEvents, e.Decl.Name, "event %q misses the packets that event %q matches too", e.Name, earlier.Name).
					Note(earlier.Decl.Name.Span(), "under match first this one comes before it").
					Hintf("write match all if both should happen")
				break
			}
		}
		events, regions = append(events, e), append(regions, r)
	}
}

// bound adds to r that the fields that the entity is bound to have to be there.
func (c *checker) bound(r *region, b *ast.Binding) {
	if b == nil {
		return
	}
	ast.Walk(b.Key, func(n ast.Node) bool {
		name, ok := n.(*ast.Name)
		if !ok {
			return true
		}
		f, ok := c.info.Uses[name].(*types.Field)
		if !ok || !alwaysThere[f.Layer] {
			r.exact = false
			return true
		}
		r.require(f.Layer)
		return true
	})
}

// alwaysThere are layers whose fields a packet with the layer has all.
var alwaysThere = map[string]bool{"frame": true, "eth": true, "ip": true, "tcp": true, "udp": true, "sctp": true, "port": true, "icmp": true}

// overlap reports whether two regions are sure to have packets in common, and neither
// includes the other. It is sure only of tests on the headers below the application;
// and one that looks at the source is not held against one that looks at the
// destination, for these are the two directions of a conversation.
func overlap(a, b region) bool {
	if !a.exact || !b.exact || a.excludes(b) || a.includes(b) || b.includes(a) || len(a.fields) == 0 || len(b.fields) == 0 {
		return false
	}
	for t := range a.fields {
		if t.field.IsEither() || !alwaysThere[t.field.Layer] {
			return false
		}
	}
	for t := range b.fields {
		if t.field.IsEither() || !alwaysThere[t.field.Layer] {
			return false
		}
		turned := strings.NewReplacer("src", "dst", "dst", "src").Replace(t.field.Name)
		if turned == t.field.Name {
			continue
		}
		if _, ok := a.fields[test{field: types.LookupField(turned)}]; ok {
			return false
		}
	}
	// Headers that know of each other only by their number are left alone, too.
	for l := range a.layers {
		if !alwaysThere[l] {
			return false
		}
	}
	for l := range b.layers {
		if !alwaysThere[l] {
			return false
		}
	}
	return a.sameLayer(b)
}

// sameLayer reports whether the regions look at fields of one layer at least, besides
// that of the frame.
func (r region) sameLayer(b region) bool {
	for t := range r.fields {
		for u := range b.fields {
			if t.field.Layer == u.field.Layer && t.field.Layer != "frame" {
				return true
			}
		}
	}
	return false
}
