package ir

import (
	"errors"
	"fmt"
	"slices"

	"github.com/streamon/streamon/lang/types"
)

// Verify reports everything about p that the types above do not rule out but
// that no consumer has to expect: indices that lead nowhere, operands of the
// wrong type, locals of another body, two bodies for one event and state, fields
// that a timer did not capture, and so on. It returns nil or an error that joins
// one error per violation, in the order of the text form. It changes nothing.
func Verify(p *Program) error {
	v := &verifier{p: p}
	v.program()
	return errors.Join(v.errs...)
}

// verifier walks a program. where says what is being looked at; event and body
// are nil outside of one.
type verifier struct {
	p     *Program
	where string
	event *Event
	body  *Body
	errs  []error
}

// errorf records a violation.
func (v *verifier) errorf(format string, args ...any) {
	v.errs = append(v.errs, fmt.Errorf("%s: %s", v.where, fmt.Sprintf(format, args...)))
}

func (v *verifier) program() {
	p := v.p
	v.where = "program"
	if p.Name == "" {
		v.errorf("has no name")
	}
	if len(p.States) == 0 {
		v.errorf("has no state")
	}
	v.declarations()
	names := map[string]bool{}
	for i, s := range p.States {
		v.where = "state " + s.Name
		v.unique(names, s.Name)
		if s.For == nil {
			if s.Lazy {
				v.errorf("lazy without a duration")
			}
			continue
		}
		v.constant(s.For, types.Duration)
		v.index("next state", s.Next, len(p.States))
		if i == 0 {
			v.errorf("the default state takes no memory and cannot have a duration")
		}
	}
	names = map[string]bool{}
	for _, e := range p.Events {
		v.where, v.event = "event "+e.Name, e
		v.unique(names, e.Name)
		v.events(e)
		v.event = nil
	}
}

func (v *verifier) unique(seen map[string]bool, name string) {
	if name == "" {
		v.errorf("empty name")
	}
	if seen[name] {
		v.errorf("declared twice")
	}
	seen[name] = true
}

func (v *verifier) index(what string, i, n int) bool {
	if i < 0 || i >= n {
		v.errorf("%s %d of %d", what, i, n)
		return false
	}
	return true
}

var paramTypes = []types.Type{types.Int, types.Float, types.Duration, types.Size, types.Bool, types.IP, types.MAC, types.String}

// keyTypes may be part of a flow key.
var keyTypes = []types.Type{types.Int, types.Size, types.Duration, types.Time, types.Bool, types.IP, types.MAC, types.String}

func (v *verifier) declarations() {
	names := map[string]bool{}
	for _, d := range v.p.Params {
		v.where = "param " + d.Name
		v.unique(names, d.Name)
		if !slices.Contains(paramTypes, d.Type) || d.Def.Type != d.Type {
			v.errorf("type %v with default of type %v", d.Type, d.Def.Type)
		}
	}
	clear(names)
	for _, d := range v.p.Lists {
		v.where = "list " + d.Name
		v.unique(names, d.Name)
		v.items(d.Items)
	}
	clear(names)
	for _, d := range v.p.Entities {
		v.where = "entity " + d.Name
		v.unique(names, d.Name)
		if len(d.Fields) < 1 || len(d.Fields) > 5 {
			v.errorf("%d key fields", len(d.Fields))
		}
		for _, f := range d.Fields {
			v.keyType(f.Type)
		}
		v.capacity(d.Capacity)
	}
	clear(names)
	for _, d := range v.p.Metrics {
		v.where = "metric " + d.Name
		v.unique(names, d.Name)
		v.metric(d)
	}
	clear(names)
	for _, d := range v.p.Tables {
		v.where = "table " + d.Name
		v.unique(names, d.Name)
		if len(d.Key) == 0 {
			v.errorf("has no key")
		}
		for _, t := range d.Key {
			v.keyType(t)
		}
		if d.Value != types.Float && !slices.Contains(keyTypes, d.Value) {
			v.errorf("value of type %v", d.Value)
		}
		v.capacity(d.Capacity)
	}
}

func (v *verifier) keyType(t types.Type) {
	if !slices.Contains(keyTypes, t) {
		v.errorf("key part of type %v", t)
	}
}

func (v *verifier) capacity(n int) {
	if n <= 0 {
		v.errorf("capacity %d", n)
	}
}

func (v *verifier) items(items []SetItem) {
	for _, it := range items {
		switch it.Type {
		case types.Int:
			if it.Lo > it.Hi {
				v.errorf("empty range %d..%d", it.Lo, it.Hi)
			}
		case types.Net:
			if it.Bits < 0 || it.Bits > 128 {
				v.errorf("prefix of %d bits", it.Bits)
			}
		case types.MAC, types.String:
		default:
			v.errorf("set item of type %v", it.Type)
		}
	}
}

func (v *verifier) metric(d *Metric) {
	for _, t := range append(slices.Clone(d.Key), d.Distinct...) {
		v.keyType(t)
	}
	if d.Detector == nil && d.Monitor == nil {
		v.errorf("has neither detector nor monitor")
	}
	counts := d.Detector != nil
	if s := d.Detector; s != nil {
		if s.Kind != "bloom" {
			v.errorf("detector of kind %q", s.Kind)
		}
		if s.Window <= 0 {
			v.errorf("bloom without window")
		}
		v.capacity(s.Capacity)
	}
	if s := d.Monitor; s != nil {
		switch s.Kind {
		case "cbf", "tbf", "tewma":
			if s.Window <= 0 {
				v.errorf("%s without window", s.Kind)
			}
			if s.Kind == "tbf" && s.Memory <= 0 {
				v.errorf("tbf without memory")
			}
			v.capacity(s.Capacity)
		case "dleft":
			v.capacity(s.Capacity)
		case "hll":
			counts = true
		case "topk":
			if s.K <= 0 {
				v.errorf("topk with k %d", s.K)
			}
			if len(d.Key) == 0 {
				v.errorf("topk without key")
			}
			v.capacity(s.Capacity)
		default:
			v.errorf("monitor of kind %q", s.Kind)
		}
	}
	if counts != (len(d.Distinct) > 0) {
		v.errorf("distinct key of %d parts", len(d.Distinct))
	}
}

func (v *verifier) events(e *Event) {
	switch e.Kind {
	case PacketEvent:
		v.packetEvent(e)
	case TimeoutEvent:
		if e.Where != nil || e.Bind != nil || e.Sorted || e.Period != nil {
			v.errorf("a timeout with where, binding or period")
		}
		v.index("entity", e.Entity, len(v.p.Entities))
		if !slices.IsSorted(e.Captures) || len(slices.Compact(slices.Clone(e.Captures))) != len(e.Captures) {
			v.errorf("captures not sorted: %q", e.Captures)
		}
	case TickEvent:
		if e.Where != nil || e.Bind != nil || e.Sorted || e.Entity != -1 {
			v.errorf("a tick with where, binding or entity")
		}
		v.constant(e.Period, types.Duration)
	default:
		v.errorf("kind %d", e.Kind)
	}
	if e.Kind != TimeoutEvent && len(e.Captures) > 0 {
		v.errorf("captures without being a timeout")
	}
	taken := map[int]bool{}
	for _, h := range e.Handlers {
		v.handler(e, h, taken)
	}
}

func (v *verifier) packetEvent(e *Event) {
	if e.Where != nil {
		v.typed("where", e.Where, types.Bool)
	}
	if e.Period != nil {
		v.errorf("a packet event with a period")
	}
	if e.Entity == -1 {
		if e.Bind != nil || e.Sorted {
			v.errorf("binds no entity but has a binding")
		}
		return
	}
	if !v.index("entity", e.Entity, len(v.p.Entities)) {
		return
	}
	fields := v.p.Entities[e.Entity].Fields
	want := make([]types.Type, len(fields))
	for i, f := range fields {
		want[i] = f.Type
	}
	v.exprs("binding", e.Bind, want)
	if e.Sorted && (len(want) != 2 || want[0] != want[1]) {
		v.errorf("both() on an entity that is not a pair of one type")
	}
}

func (v *verifier) handler(e *Event, h *Handler, taken map[int]bool) {
	defer func(where string) { v.where, v.body = where, nil }(v.where)
	if e.Entity == -1 {
		if h.States != nil || len(e.Handlers) > 1 {
			v.errorf("a program-wide event has one handler, without states")
		}
	} else if len(h.States) == 0 {
		v.errorf("a handler for no state")
	}
	for i, s := range h.States {
		if !v.index("state", s, len(v.p.States)) {
			continue
		}
		if i == 0 {
			v.where += " in " + v.p.States[s].Name
		} else if h.States[i-1] >= s {
			v.errorf("states not sorted: %v", h.States)
		}
		if taken[s] {
			v.errorf("a second body for state %s", v.p.States[s].Name)
		}
		taken[s] = true
	}
	if h.Body == nil {
		v.errorf("no body")
		return
	}
	v.body = h.Body
	for i, l := range h.Body.Locals {
		if l.ID != i {
			v.errorf("local %d has id %d", i, l.ID)
		}
		if l.Type == types.Invalid {
			v.errorf("local %d has no type", i)
		}
	}
	v.stmts(h.Body.Ops, false)
	for i, a := range h.Body.Arms {
		v.arm(h.Body, i, a)
	}
	v.stmts(h.Body.Always, false)
}

func (v *verifier) arm(b *Body, i int, a *Arm) {
	v.stmts(a.Pre, true)
	switch {
	case a.If != nil:
		v.typed("when", a.If, types.Bool)
	case i != len(b.Arms)-1:
		v.errorf("otherwise before the last arm")
	}
	for _, r := range a.Reads {
		v.expr(r.X)
	}
	v.stmts(a.Then, false)
	if a.To == -1 {
		return
	}
	v.index("target state", a.To, len(v.p.States))
	if v.event.Entity == -1 {
		v.errorf("a transition without entity")
	}
}
