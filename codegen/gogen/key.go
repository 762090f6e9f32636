package gogen

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/dave/jennifer/jen"

	"github.com/streamon/streamon/codegen/ir"
	"github.com/streamon/streamon/lang/types"
)

// keyVar is a flow key and its hash in Go variables.
type keyVar struct {
	name    string         // "" = only its hash is there
	hashed  *jen.Statement // the hash; nil = there is none: one cell for the program
	pointer bool           // name is a pointer to the array
	size    int
}

// ref writes a pointer to the key.
func (k *keyVar) ref() *jen.Statement {
	if k.pointer {
		return jen.Id(k.name)
	}
	return jen.Op("&").Id(k.name)
}

// array writes the key itself.
func (k *keyVar) array() *jen.Statement {
	if k.pointer {
		return jen.Op("*").Id(k.name)
	}
	return jen.Id(k.name)
}

// from writes key[offset:].
func (k *keyVar) from(offset int) *jen.Statement {
	if offset == 0 {
		return jen.Id(k.name).Index(jen.Op(":"))
	}
	return jen.Id(k.name).Index(jen.Lit(offset).Op(":"))
}

func (k *keyVar) hash() *jen.Statement { return k.hashed.Clone() }

// keySize is the number of bytes of a key part; runtime/flow owns the layout.
func keySize(t types.Type) int {
	switch t {
	case types.IP:
		return 16
	case types.MAC:
		return 6
	case types.Bool:
		return 1
	case types.String:
		return 64
	}
	return 8
}

func keySizes(ts []types.Type) int {
	n := 0
	for _, t := range ts {
		n += keySize(t)
	}
	return n
}

// keyType writes [24]byte.
func keyType(size int) *jen.Statement { return jen.Index(jen.Lit(size)).Byte() }

// oddNames are the factors that tell the places of a key apart; the first is 1.
var oddNames = [...]string{"", "Odd1", "Odd2", "Odd3", "Odd4", "Odd5", "Odd6", "Odd7", "Odd8"}

// sum joins what the parts of a key contribute to its hash:
//
//	part + part2*flow.Odd1 + m.fixed[0]
func (f *fn) sum(terms []*jen.Statement) *jen.Statement {
	var s *jen.Statement
	for i, t := range terms {
		if t == nil {
			continue
		}
		t = t.Clone()
		if i > 0 {
			t = t.Op("*").Add(f.odd(i))
		}
		if s == nil {
			s = t
		} else {
			s = s.Op("+").Add(t)
		}
	}
	return s
}

// odd writes flow.Odd2.
func (f *fn) odd(i int) *jen.Statement {
	if i >= len(oddNames) {
		f.fail(fmt.Errorf("a key of more than %d parts", len(oddNames)))
		i = 1
	}
	return rt("flow", oddNames[i])
}

// terms are what the parts of a key contribute; nil for constants, which are one
// addend together: fixed, -1 if there are none.
func (f *fn) terms(exprs []ir.Expr) (terms []*jen.Statement, fixed int) {
	var constant []*jen.Statement
	terms = make([]*jen.Statement, len(exprs))
	for i, e := range exprs {
		if !f.isConstant(e) {
			terms[i] = f.partHash(e)
			continue
		}
		c := f.hashValue(e)
		if i > 0 {
			c = c.Op("*").Add(f.odd(i))
		}
		constant = append(constant, c)
	}
	if constant == nil {
		return terms, -1
	}
	return terms, f.g.fix(join("+", constant))
}

// areConstant reports whether a key is the same for all packets of the event.
func (f *fn) areConstant(key []ir.Expr) bool {
	return !slices.ContainsFunc(key, func(e ir.Expr) bool { return !f.isConstant(e) })
}

// isConstant is areConstant of a part of a key: what the event binds an entity's field to may be.
func (f *fn) isConstant(e ir.Expr) bool {
	_, ok := f.bound(e).(*ir.Lit)
	return ok
}

// bound returns the value of the packet that a field of the entity is, or e if it is none, or is
// known from the key only.
func (f *fn) bound(e ir.Expr) ir.Expr {
	x, ok := e.(*ir.EntityField)
	if !ok || f.event == nil || f.event.Kind != ir.PacketEvent || f.event.Sorted {
		return e
	}
	return f.event.Bind[x.Index]
}

// fix returns the number of a constant addend, which is computed once: m.fixed[n].
func (g *gen) fix(c *jen.Statement) int {
	for i, have := range g.fixed {
		if same(have, c) {
			return i
		}
	}
	g.fixed = append(g.fixed, c)
	return len(g.fixed) - 1
}

// fixedAddend writes m.fixed[n], nothing for -1.
func fixedAddend(n int) *jen.Statement {
	if n < 0 {
		return nil
	}
	return jen.Id("m").Dot("fixed").Index(jen.Lit(n))
}

// plus writes a + b, either of which may be nothing.
func plus(a, b *jen.Statement) *jen.Statement {
	switch {
	case b == nil:
		return a
	case a == nil:
		return b
	}
	return a.Clone().Op("+").Add(b)
}

// partHash returns the hash of one part of a key: the variable with it, which is written
// if the block does not have it yet,
//
//	part := flow.OfIP(m.seed, (*[16]byte)(&p.Src))
//
// or the place in a column: for an address of the packet in a loop over rows, and in a handler
// that has a column for the key of that part alone.
func (f *fn) partHash(e ir.Expr) *jen.Statement {
	if f.filled != nil {
		if field := f.address(e); field != "" {
			return f.filled.at(field)
		}
	}
	if s, ok := f.slots[f.keyID([]ir.Expr{e})]; ok && s.fixed < 0 {
		return s.at(f.row)
	}
	id := f.partID(e)
	if v := f.parts[id]; v != "" {
		return jen.Id(v)
	}
	code := f.hashValue(e)
	v := f.names.fresh("part")
	f.add(jen.Id(v).Op(":=").Add(code))
	f.parts[id] = v
	return jen.Id(v)
}

// hashValue writes the hash of a value: flow.OfInt(m.seed, int64(p.DstPort)).
func (f *fn) hashValue(e ir.Expr) *jen.Statement {
	e = f.bound(e)
	if x, ok := e.(*ir.EntityField); ok {
		return f.hashField(f.key, f.fieldOffset(x.Index), x.Type())
	}
	v := f.value(e)
	of := func(name string, x *jen.Statement) *jen.Statement { return rt("flow", name).Call(f.m("seed"), x) }
	switch e.Type() {
	case types.IP:
		return of("OfIP", pointerTo(e, v, 16))
	case types.MAC:
		return of("OfMAC", pointerTo(e, v, 6))
	case types.Bool:
		return of("OfBool", v.code)
	case types.String:
		return of("OfString", f.bytes(v))
	}
	return of("OfInt", wide(v).code)
}

// hashField writes the hash of a part that stands in a key already.
func (f *fn) hashField(k *keyVar, offset int, t types.Type) *jen.Statement {
	pointer := func() *jen.Statement {
		if keySize(t) == k.size {
			return k.ref()
		}
		return jen.Parens(jen.Op("*").Add(keyType(keySize(t)))).Parens(k.from(offset))
	}
	of := func(name string, x *jen.Statement) *jen.Statement { return rt("flow", name).Call(f.m("seed"), x) }
	switch t {
	case types.IP:
		return of("OfIP", pointer())
	case types.MAC:
		return of("OfMAC", pointer())
	case types.Bool:
		return of("OfBool", rt("flow", "Bool").Call(k.from(offset)))
	case types.String:
		return of("OfText", pointer())
	}
	return of("OfInt", rt("flow", "Int").Call(k.from(offset)))
}

// entityHash writes the hash of an entity's key from the key.
func (f *fn) entityHash() *jen.Statement {
	fields := f.g.p.Entities[f.entity].Fields
	terms := make([]*jen.Statement, len(fields))
	for i, k := range fields {
		terms[i] = f.hashField(f.key, f.fieldOffset(i), k.Type)
	}
	return f.sum(terms)
}

// makeHash writes the hash of a key of values that are defined, unless the block
// has it already:
//
//	hash2 := part + part2*flow.Odd1
func (f *fn) makeHash(pos ir.Pos, exprs []ir.Expr) *keyVar {
	id := f.keyID(exprs)
	if k := f.keys[id]; k != nil {
		return k
	}
	k := new(keyVar)
	if slot, ok := f.slots[id]; ok {
		k.hashed = slot.at(f.row)
	} else {
		f.at(pos)
		terms, fixed := f.terms(exprs)
		name := f.names.fresh("hash")
		f.add(jen.Id(name).Op(":=").Add(plus(f.sum(terms), fixedAddend(fixed))))
		k.hashed = jen.Id(name)
	}
	f.keys[id] = k
	return k
}

// makeKey is makeHash for who needs the key too:
//
//	var key2 [32]byte
//	flow.PutIP(key2[0:], (*[16]byte)(&p.Src))
//	copy(key2[16:], key[:])
func (f *fn) makeKey(pos ir.Pos, exprs []ir.Expr) *keyVar {
	hash := f.makeHash(pos, exprs)
	if hash.name != "" {
		return hash
	}
	ts := make([]types.Type, len(exprs))
	for i, e := range exprs {
		ts[i] = e.Type()
	}
	k := &keyVar{name: f.names.fresh("key"), hashed: hash.hashed, size: keySizes(ts)}
	f.at(pos)
	f.fillKey(k, exprs, true)
	f.keys[f.keyID(exprs)] = k
	return k
}

// keyID names the content of a key: equal ones are made once. A part that is the
// expression the event binds an entity's field to is that field.
func (f *fn) keyID(exprs []ir.Expr) string {
	id := ""
	for _, e := range exprs {
		part := f.partID(e)
		id += part + ","
	}
	return id
}

func (f *fn) partID(e ir.Expr) string {
	if x, ok := e.(*ir.EntityField); ok {
		return "entity" + strconv.Itoa(x.Index)
	}
	t := text(f.value(e).code) + ":" + strconv.Itoa(keySize(e.Type()))
	if f.event == nil || f.event.Sorted {
		return t
	}
	for i, b := range f.event.Bind {
		if text(f.value(b).code)+":"+strconv.Itoa(keySize(b.Type())) == t {
			return "entity" + strconv.Itoa(i)
		}
	}
	return t
}

// fillKey writes the array of a key.
func (f *fn) fillKey(k *keyVar, exprs []ir.Expr, declare bool) {
	if declare && len(exprs) == 1 && exprs[0].Type() == types.IP {
		f.add(jen.Id(k.name).Op(":=").Index(jen.Lit(16)).Byte().Parens(f.value(exprs[0]).code))
		return
	}
	if declare {
		f.add(jen.Var().Id(k.name).Add(keyType(k.size)))
	}
	offset := 0
	for _, e := range exprs {
		f.add(f.putPart(k, offset, e))
		offset += keySize(e.Type())
	}
}

func (f *fn) putPart(k *keyVar, offset int, e ir.Expr) *jen.Statement {
	dst := k.from(offset)
	if x, ok := e.(*ir.EntityField); ok && f.key != nil {
		from := f.fieldOffset(x.Index)
		if from == 0 && keySize(e.Type()) == f.key.size {
			return jen.Copy(dst, f.key.from(0))
		}
		return jen.Copy(dst, jen.Id(f.key.name).Index(jen.Lit(from).Op(":").Lit(from+keySize(e.Type()))))
	}
	v := f.value(e)
	switch e.Type() {
	case types.IP:
		return rt("flow", "PutIP").Call(dst, pointerTo(e, v, 16))
	case types.MAC:
		return rt("flow", "PutMAC").Call(dst, pointerTo(e, v, 6))
	case types.Bool:
		return rt("flow", "PutBool").Call(dst, v.code)
	case types.String:
		return rt("flow", "PutString").Call(dst, f.bytes(v))
	}
	return rt("flow", "PutInt").Call(dst, wide(v).code)
}

// pointerTo writes a pointer to an address: (*[16]byte)(&p.Src).
func pointerTo(e ir.Expr, v val, size int) *jen.Statement {
	array := jen.Parens(jen.Op("*").Index(jen.Lit(size)).Byte())
	switch e.(type) {
	case *ir.Field, *ir.ParamRef, *ir.LocalRef:
		return array.Parens(jen.Op("&").Add(v.code))
	}
	return array.Parens(call("Ref", v.code))
}

// fieldOffset is where a field of the entity begins in its key.
func (f *fn) fieldOffset(index int) int {
	n := 0
	for _, k := range f.g.p.Entities[f.entity].Fields[:index] {
		n += keySize(k.Type)
	}
	return n
}

// entityField writes a part of the entity's key: packet.IP(key),
// flow.Int(key[16:]).
func (f *fn) entityField(index int) val {
	switch {
	case f.key != nil:
	case f.event != nil && f.event.Kind == ir.PacketEvent && index < len(f.event.Bind) && !f.event.Sorted:
		return f.value(f.event.Bind[index]) // the key is not made yet
	default:
		f.fail(fmt.Errorf("a key field without an entity"))
		return primary(jen.Lit(0))
	}
	return primary(readPart(f.key, f.fieldOffset(index), f.g.p.Entities[f.entity].Fields[index].Type))
}

// readPart writes what a key holds at an offset.
func readPart(k *keyVar, offset int, t types.Type) *jen.Statement {
	switch t {
	case types.IP:
		if k.size == 16 {
			return rt("packet", "IP").Call(k.array())
		}
		return rt("packet", "IP").Call(rt("flow", "IP").Call(k.from(offset)))
	case types.MAC:
		return rt("packet", "MAC").Call(rt("flow", "MAC").Call(k.from(offset)))
	case types.Bool:
		return rt("flow", "Bool").Call(k.from(offset))
	case types.String:
		return call("KeyText", k.from(offset))
	}
	return rt("flow", "Int").Call(k.from(offset))
}
