package gogen

import (
	"fmt"
	"strconv"

	"github.com/dave/jennifer/jen"

	"github.com/streamon/streamon/codegen/ir"
	"github.com/streamon/streamon/lang/types"
)

// keyVar is a flow key and its hash in Go variables.
type keyVar struct {
	name    string
	hashed  string
	pointer bool // name is a pointer to the array
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

func (k *keyVar) hash() *jen.Statement { return jen.Id(k.hashed) }

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

// hashCall writes flow.Hash16(m.seed, &key).
func (f *fn) hashCall(k *keyVar) *jen.Statement {
	switch k.size {
	case 8, 16, 24, 32, 64:
		return rt("flow", "Hash"+strconv.Itoa(k.size)).Call(f.m("seed"), k.ref())
	}
	return rt("flow", "Hash").Call(f.m("seed"), k.from(0))
}

// makeKey writes a flow key of values that are defined, and its hash, unless the
// block has them already:
//
//	var key2 [32]byte
//	flow.PutIP(key2[0:], (*[16]byte)(&p.Src))
//	copy(key2[16:], key[:])
//	hash2 := flow.Hash32(m.seed, &key2)
func (f *fn) makeKey(pos ir.Pos, exprs []ir.Expr) *keyVar {
	id := f.keyID(exprs)
	if k := f.keys[id]; k != nil {
		return k
	}
	ts := make([]types.Type, len(exprs))
	for i, e := range exprs {
		ts[i] = e.Type()
	}
	k := &keyVar{name: f.names.fresh("key"), size: keySizes(ts)}
	if _, ok := f.slots[id]; !ok {
		k.hashed = f.names.fresh("hash")
	}
	f.at(pos)
	f.fillKey(k, exprs, true)
	if slot, ok := f.slots[id]; ok {
		k.hashed = slotName(slot)
	} else {
		f.hashShared(k, exprs)
	}
	f.keys[id] = k
	return k
}

// hashShared writes the hash of a key. Of keys of 40 to 56 bytes the first 32 are
// hashed once:
//
//	head := flow.Head32(m.seed, (*[32]byte)(key2[:]))
//	hash2 := flow.Tail40(head, (*[8]byte)(key2[32:]))
func (f *fn) hashShared(k *keyVar, exprs []ir.Expr) {
	parts, size := 0, 0
	for parts < len(exprs) && size < 32 {
		size += keySize(exprs[parts].Type())
		parts++
	}
	if size != 32 || k.size%8 != 0 || k.size <= 32 || k.size >= 64 {
		f.add(jen.Id(k.hashed).Op(":=").Add(f.hashCall(k)))
		return
	}
	id := f.keyID(exprs[:parts])
	pointer := func(size int) *jen.Statement { return jen.Parens(jen.Op("*").Add(keyType(size))) }
	if f.heads[id] == "" {
		f.heads[id] = f.names.fresh("head")
		f.add(jen.Id(f.heads[id]).Op(":=").Add(rt("flow", "Head32")).Call(f.m("seed"), pointer(32).Parens(k.from(0))))
	}
	f.add(jen.Id(k.hashed).Op(":=").Add(rt("flow", "Tail"+strconv.Itoa(k.size))).Call(jen.Id(f.heads[id]), pointer(k.size-32).Parens(k.from(32))))
}

// makeHash is makeKey for who needs the hash alone: a key that warm has hashed is
// not made again.
func (f *fn) makeHash(pos ir.Pos, exprs []ir.Expr) *keyVar {
	id := f.keyID(exprs)
	if slot, ok := f.slots[id]; ok && f.keys[id] == nil {
		return &keyVar{hashed: slotName(slot)}
	}
	return f.makeKey(pos, exprs)
}

// slotName writes hashes[3].
func slotName(slot int) string { return "hashes[" + strconv.Itoa(slot) + "]" }

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
	if f.event == nil || f.event.Sorted || f.key == nil {
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
	if f.key == nil {
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
