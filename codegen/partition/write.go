package partition

import (
	"slices"

	"github.com/streamon/streamon/codegen/ir"
)

// plan turns an attempt without anything in the way into a plan.
func (a *attempt) plan(f *finder) *Plan {
	pl := &Plan{OK: true, Owner: a.owner, p: f.p, number: map[place]int{}}
	for g, at := range a.at {
		if g < len(f.p.Metrics) {
			pl.Monitors, pl.Seen = append(pl.Monitors, at[0]), append(pl.Seen, at[1])
		} else {
			pl.Tables = append(pl.Tables, at[0])
		}
	}
	for i, w := range f.distinctWrites(a.travel) {
		u := w.use
		k := 0
		if u.parts[0] == nil {
			k = 1
		}
		var to []ir.Expr
		for _, n := range a.at[u.group][k] {
			to = append(to, u.parts[k][n].x)
		}
		pl.Writes = append(pl.Writes, Write{Event: u.event, Stmt: u.stmt, To: to, Certain: isCertain(f.p, w)})
		for _, p := range w.places {
			pl.number[p] = i
		}
	}
	return pl
}

// write is one write that travels and where it stands.
type write struct {
	use
	text   string
	places []place
}

// isCertain reports whether every run of the event makes the write, whatever state the
// entity is in.
func isCertain(p *ir.Program, w write) bool {
	states := 0
	for _, h := range p.Events[w.event].Handlers {
		always := append(h.Body.Ops[:len(h.Body.Ops):len(h.Body.Ops)], h.Body.Always...)
		if slices.ContainsFunc(w.places, func(at place) bool { return at.body == h.Body && slices.Contains(always, at.stmt) }) {
			states += len(h.States)
		}
	}
	return states == len(p.States)
}

// distinctWrites lists the writes that travel. Bodies of one event that have a write
// in common share its number, as long as each body's writes keep their order: the
// shard that makes them does so in order of their numbers.
func (f *finder) distinctWrites(travel map[int]bool) []write {
	var out []write
	var body *ir.Body
	event, first, next := -1, 0, 0 // of the event: its first write, and the first that may still come in this body
	for i, u := range f.uses {
		if !travel[i] {
			continue
		}
		if u.event != event {
			event, first, body = u.event, len(out), nil
		}
		if u.body != body {
			body, next = u.body, first
		}
		text := ir.StmtText(f.p, f.p.Events[u.event], u.stmt)
		n := next
		for n < len(out) && out[n].text != text {
			n++
		}
		if n == len(out) {
			out = append(out, write{use: u, text: text})
		}
		out[n].places = append(out[n].places, u.place)
		next = n + 1
	}
	return out
}
