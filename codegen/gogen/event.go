package gogen

import (
	"github.com/dave/jennifer/jen"

	"github.com/streamon/streamon/codegen/ir"
	"github.com/streamon/streamon/lang/types"
)

// newFn returns the context of a method that writes to out.
func (g *gen) newFn(out *[]jen.Code) *fn {
	return &fn{
		g: g, out: out, names: localScope(), entity: -1,
		keys: map[string]*keyVar{}, parts: map[string]string{}, knownOK: map[string]bool{},
	}
}

// eventFn returns the context of the method that handles event i.
func (g *gen) eventFn(out *[]jen.Code, i int) *fn {
	f := g.newFn(out)
	f.event, f.entity = g.p.Events[i], g.p.Events[i].Entity
	return f
}

// count writes m.count.Events[eventSyn]++.
func (f *fn) count(i int) {
	f.add(f.m("count").Dot("Events").Index(jen.Id(f.g.events[i])).Op("++"))
}

// handles reports whether the event does anything, if only to end a lazy state.
func (f *fn) handles() bool {
	return len(f.event.Handlers) > 0 || f.event.Entity >= 0 && f.g.hasLazy()
}

// hasText reports whether a key of the entity has a text.
func (g *gen) hasText(entity int) bool {
	for _, k := range g.p.Entities[entity].Fields {
		if k.Type == types.String {
			return true
		}
	}
	return false
}

func (g *gen) entitySize(entity int) int {
	n := 0
	for _, k := range g.p.Entities[entity].Fields {
		n += keySize(k.Type)
	}
	return n
}

// newKey returns the variables of the entity's key. A key with texts stands in the
// machine, because records refer to it.
func (f *fn) newKey() *keyVar {
	return &keyVar{name: "key", hashed: jen.Id("hash"), size: f.g.entitySize(f.entity), pointer: f.g.hasText(f.entity)}
}

// declareKey writes var key [16]byte.
func (f *fn) declareKey() {
	f.key = f.newKey()
	if f.key.pointer {
		f.add(jen.Id("key").Op(":=").Op("&").Id("m").Dot(f.g.keyVars[f.entity]))
	} else {
		f.add(jen.Var().Id("key").Add(keyType(f.key.size)))
	}
	f.rememberKey()
}

// rememberKey lets operations on the entity's own key use it.
func (f *fn) rememberKey() { f.keys[f.entityID()] = f.key }

// entityID is the content of the entity's own key.
func (f *fn) entityID() string {
	var parts []ir.Expr
	for i, k := range f.g.p.Entities[f.entity].Fields {
		parts = append(parts, &ir.EntityField{Typed: ir.Typed{T: k.Type}, Index: i})
	}
	return f.keyID(parts)
}

// selector returns the condition for a packet event, its key included.
func (f *fn) selector() val {
	var v val
	if f.event.Where != nil {
		v = f.cond(f.event.Where)
	}
	for _, b := range f.event.Bind {
		v = f.both(v, with(nil, precPrimary, f.value(b)))
	}
	return v
}

// assume lets the code that follows rely on a condition.
func (f *fn) assume(v val) {
	f.known = v.need
	for _, c := range v.oks {
		f.knownOK[text(c)] = true
	}
}

// emitPacketEvent writes
//
//	// onSyn is event syn: a packet for a server.
//	func (m *machine) onSyn(p *packet.Packet, row int) {
//		key := [16]byte(p.Dst)
//		hash := m.columns[0][row&63]
//		…
//	}
//
// row is where the columns have what belongs to the packet, see column.go. An event
// without rows begins with m.count.Events[eventSyn]++; those with rows are counted by fill.
func (g *gen) emitPacketEvent(i int) {
	about := "a packet"
	if e := g.p.Events[i].Entity; e >= 0 {
		about += " for a " + g.p.Entities[e].Name
	}
	g.file.Commentf("%s is event %s: %s.", g.handlers[i], g.p.Events[i].Name, about)
	g.emitHandler(i, g.handlers[i], false)
}

// emitHandler writes the method that handles packet event i. In a shard it leaves to
// others what they own; if they wait for that it has one more parameter, r *program.Routes.
func (g *gen) emitHandler(i int, name string, inShard bool) {
	var body []jen.Code
	f := g.eventFn(&body, i)
	f.packet, f.inShard = "p", inShard
	params := []jen.Code{jen.Id("p").Op("*").Add(rt("packet", "Packet"))}
	if w := g.batches[i]; w.slots != nil {
		f.slots, f.row = w.slots, "row"
		params = append(params, jen.Id("row").Int())
	}
	if inShard && g.awaits(i) {
		params = append(params, routesParam())
	}
	f.assume(f.selector())
	if f.slots == nil {
		f.count(i)
	}
	if f.entity >= 0 && f.handles() {
		f.emitBind()
	}
	f.emitHandlers()
	g.method(name, params, body...)
}

// emitBind writes the key of the entity and its hash:
//
//	key := [16]byte(p.Dst)
//	hash := flow.OfIP(m.seed, (*[16]byte)(&p.Dst))
func (f *fn) emitBind() {
	if f.event.Pos.IsValid() {
		f.at(f.event.Pos)
	}
	f.bindKey()
	f.reset()
	f.add(jen.Id("hash").Op(":=").Add(f.bindHash()))
	f.rememberKey()
}

// bindKey writes the key of the entity.
func (f *fn) bindKey() {
	k := f.newKey()
	if k.pointer {
		f.add(jen.Id("key").Op(":=").Op("&").Id("m").Dot(f.g.keyVars[f.entity]))
	}
	f.fillKey(k, f.event.Bind, !k.pointer)
	if f.event.Sorted {
		f.add(rt("flow", "Both").Call(k.from(0)))
	}
	f.key = k
}

// bindHash writes the hash of the entity's key; that of a pair without direction
// comes from the key, in which it is sorted.
func (f *fn) bindHash() *jen.Statement {
	if slot, ok := f.slots[f.entityID()]; ok {
		return slot.at(f.row)
	}
	if f.event.Sorted {
		return f.entityHash()
	}
	terms, fixed := f.terms(f.event.Bind)
	return plus(f.sum(terms), fixedAddend(fixed))
}
