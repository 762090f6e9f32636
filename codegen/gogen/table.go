package gogen

import (
	"github.com/dave/jennifer/jen"

	"github.com/streamon/streamon/codegen/ir"
	"github.com/streamon/streamon/lang/types"
)

// emitLoad writes, for a float, a text and any other type:
//
//	last := program.FloatAt(m.tableLast.Get(hash, &key))
//	name, nameOK := program.TextAt(m.tableName.Get(hash, &key))
//	owner, ownerOK := program.At(m.tableOwner.Get(hash, &key))
func (f *fn) emitLoad(s *ir.Load) {
	f.assign(s.Pos, s.Dst, f.all(s.Key), func(bool) result {
		k := f.makeKey(s.Pos, s.Key)
		get := f.m(f.g.tables[s.Table]).Dot("Get").Call(k.hash(), k.ref())
		switch f.g.p.Tables[s.Table].Value {
		case types.Float:
			return result{value: call("FloatAt", get), typed: true, isNaN: true}
		case types.String:
			return result{value: call("TextAt", get), pair: true, typed: true}
		}
		return result{value: call("At", get), pair: true, typed: true}
	})
}

// emitHas writes
//
//	hasLast := m.tableLast.Get(hash, &key) != nil
//
// An undefined key has no entry, which is not the same as undefined.
func (f *fn) emitHas(s *ir.Has) {
	guards := f.all(s.Key)
	v := f.locals[s.Dst]
	get := func() *jen.Statement {
		k := f.makeKey(s.Pos, s.Key)
		return f.m(f.g.tables[s.Table]).Dot("Get").Call(k.hash(), k.ref()).Op("!=").Nil()
	}
	if len(f.guards(guards)) == 0 {
		f.assign(s.Pos, s.Dst, val{}, func(bool) result { return result{value: get(), typed: true} })
		return
	}
	f.assign(s.Pos, s.Dst, val{}, func(bool) result { return result{value: jen.False(), typed: true} })
	f.guard(s.Pos, guards, func() { f.user(s.Pos, jen.Id(v.name).Op("=").Add(get())) })
}

// emitStore writes
//
//	m.storeLast(hash, &key, rate)
//
// and, where the value may be undefined,
//
//	if program.Defined(rate) {
//		m.storeLast(hash, &key, rate)
//	} else {
//		m.tableLast.Delete(hash, &key)
//	}
func (f *fn) emitStore(s *ir.Store) {
	f.guard(s.Pos, f.all(s.Key), func() {
		x := f.value(s.X)
		k := f.makeKey(s.Pos, s.Key)
		code := wide(x).code
		if x.isText {
			code = f.bytes(x)
		}
		f.g.stores[s.Table] = true
		store := f.m(f.g.storers[s.Table]).Call(k.hash(), k.ref(), code)
		conds := f.guards(f.defined(x, s.X))
		if len(conds) == 0 {
			f.user(s.Pos, store)
			return
		}
		yes := f.block(func() { f.user(s.Pos, store) })
		no := f.block(func() { f.user(s.Pos, f.m(f.g.tables[s.Table]).Dot("Delete").Call(k.hash(), k.ref())) })
		f.at(s.Pos)
		f.add(jen.If(join("&&", conds)).Block(yes...).Else().Block(no...))
	})
}

// emitDelete writes
//
//	m.tableLast.Delete(hash, &key)
//
// or, without a key,
//
//	m.tableLast.Clear()
func (f *fn) emitDelete(s *ir.Delete) {
	if s.Key == nil {
		f.user(s.Pos, f.m(f.g.tables[s.Table]).Dot("Clear").Call())
		return
	}
	f.guard(s.Pos, f.all(s.Key), func() {
		k := f.makeKey(s.Pos, s.Key)
		f.user(s.Pos, f.m(f.g.tables[s.Table]).Dot("Delete").Call(k.hash(), k.ref()))
	})
}

// emitStorer writes
//
//	// storeLast sets an entry of table last, unless it is full and refuses new keys.
//	func (m *machine) storeLast(hash uint64, key *[16]byte, x float64) {
//		if v, _ := m.tableLast.Put(hash, key, m.now); v != nil {
//			*v = x
//		}
//	}
func (g *gen) emitStorer(i int) {
	t := g.p.Tables[i]
	x := jen.Id("x")
	if t.Value == types.String {
		x = call("TextOf", x)
	}
	g.file.Commentf("%s sets an entry of table %s, unless that is full and refuses new keys.", g.storers[i], t.Name)
	g.method(g.storers[i], []jen.Code{
		jen.Id("hash").Uint64(), jen.Id("key").Op("*").Add(keyType(keySizes(t.Key))), jen.Id("x").Add(goType(t.Value)),
	}, jen.If(
		jen.List(jen.Id("v"), jen.Id("_")).Op(":=").Id("m").Dot(g.tables[i]).Dot("Put").Call(jen.Id("hash"), jen.Id("key"), jen.Id("m").Dot("now")),
		jen.Id("v").Op("!=").Nil(),
	).Block(jen.Op("*").Id("v").Op("=").Add(x)))
}
