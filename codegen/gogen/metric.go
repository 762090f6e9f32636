package gogen

import (
	"fmt"

	"github.com/dave/jennifer/jen"

	"github.com/streamon/streamon/codegen/ir"
	"github.com/streamon/streamon/lang/types"
)

// all returns the guards of several expressions together.
func (f *fn) all(lists ...[]ir.Expr) val {
	var vs []val
	for _, list := range lists {
		for _, e := range list {
			if e != nil {
				vs = append(vs, f.value(e))
			}
		}
	}
	return with(nil, precPrimary, vs...)
}

// defined adds to v that a float operand is no NaN.
func (f *fn) defined(v val, e ir.Expr) val {
	if e == nil || e.Type() != types.Float {
		return v
	}
	if !f.mayBeNaN(e) {
		return v
	}
	return v.also(call("Defined", f.value(e).code))
}

// mayBeNaN reports whether a float can be undefined as a value.
func (f *fn) mayBeNaN(e ir.Expr) bool {
	switch e := e.(type) {
	case *ir.Lit:
		return e.F != e.F
	case *ir.LocalRef:
		v := f.locals[e.Local]
		return v == nil || !v.total
	case *ir.Convert:
		return f.mayBeNaN(e.X)
	}
	return e.Type() == types.Float
}

// emitSet writes, for a monitor alone, a detector alone, and both:
//
//	syns := m.metricSyns.Add(hash, 1, m.now)
//
//	udpPair := program.BoolInt(m.seenUDPPair.Set(hash2, m.now))
//
//	var ports int64
//	if m.seenPorts.Set(hash2, m.now) {
//		ports = m.metricPorts.Get(hash, m.now)
//	} else {
//		ports = m.metricPorts.Add(hash, 1, m.now)
//	}
func (f *fn) emitSet(s *ir.Set) {
	d := f.g.p.Metrics[s.Metric]
	if c, ok := f.g.columnar[s.Metric]; ok { // it was done for the whole chunk
		if v := f.locals[s.Dst]; s.Dst != nil && v != nil && v.used {
			f.assign(s.Pos, s.Dst, val{}, func(bool) result { return result{value: c.value(f.row), typed: true} })
		}
		return
	}
	guards := f.defined(f.all(s.Key, s.Distinct, []ir.Expr{s.By}), s.By)
	f.assign(s.Pos, s.Dst, guards, func(wanted bool) result {
		var seen *jen.Statement
		if d.Detector != nil {
			k := f.makeHash(s.Pos, s.Distinct)
			seen = f.m(f.g.detectors[s.Metric]).Dot("Set").Call(k.hash(), f.now())
		}
		if d.Monitor == nil {
			if wanted {
				seen = call("BoolInt", seen)
			}
			return result{value: seen, typed: true}
		}
		mon := f.monitor(s.Pos, s.Metric, s.Key, s.Distinct)
		add := mon.add(f.amount(d, s.By))
		if seen == nil {
			return mon.addResult(f, s.Pos, add, wanted)
		}
		return f.detected(s.Pos, seen, mon, add, wanted)
	})
}

// detected writes the if of a metric with both parts.
func (f *fn) detected(pos ir.Pos, seen *jen.Statement, mon monitor, add *jen.Statement, wanted bool) result {
	if !wanted {
		body := f.block(func() { f.user(pos, add) })
		f.at(pos)
		f.add(jen.If(jen.Op("!").Add(seen)).Block(body...))
		return result{}
	}
	v := f.names.fresh("value")
	f.add(jen.Var().Id(v).Add(goType(mon.d.ValueType())))
	known := f.block(func() { f.user(pos, jen.Id(v).Op("=").Add(mon.get())) })
	fresh := f.block(func() {
		switch {
		case mon.isHLL():
			f.user(pos, add)
			f.user(pos, jen.Id(v).Op("=").Add(mon.get()))
		case mon.d.Monitor.Kind == "dleft":
			f.user(pos, jen.List(jen.Id(v), jen.Id("_")).Op("=").Add(add))
		default:
			f.user(pos, jen.Id(v).Op("=").Add(add))
		}
	})
	f.at(pos)
	f.add(jen.If(seen).Block(known...).Else().Block(fresh...))
	return result{value: jen.Id(v), typed: true}
}

// amount writes what a Set adds, in the Go type that the monitor takes.
func (f *fn) amount(d *ir.Metric, by ir.Expr) *jen.Statement {
	float := isRate(d.Monitor)
	switch {
	case by == nil:
		return jen.Lit(1)
	case float:
		return asFloat(by.Type(), f.value(by)).code
	case by.Type() == types.Float:
		return call("ToInt", f.value(by).code)
	}
	return wide(f.value(by)).code
}

// monitor writes calls of one monitor for one key.
type monitor struct {
	d     *ir.Metric
	field *jen.Statement
	key   *keyVar
	now   *jen.Statement
}

func (f *fn) monitor(pos ir.Pos, metric int, key, distinct []ir.Expr) monitor {
	mon := monitor{d: f.g.p.Metrics[metric], field: f.m(f.g.metrics[metric]), now: f.now()}
	switch {
	case mon.isHLL(): // one cell for the program: what is counted is the key
		if distinct != nil {
			mon.key = f.makeHash(pos, distinct)
		}
	case len(key) == 0:
		mon.key = new(keyVar) // one cell for the program
	case mon.d.Monitor.Kind == "topk": // it stores keys
		mon.key = f.makeKey(pos, key)
	default:
		mon.key = f.makeHash(pos, key)
	}
	return mon
}

func (mon monitor) isHLL() bool { return mon.d.Monitor.Kind == "hll" }

// hash writes the key's hash; a metric without key has its cell at 0.
func (mon monitor) hash() *jen.Statement {
	if mon.key.hashed == nil {
		return jen.Lit(0)
	}
	return mon.key.hash()
}

func (mon monitor) call(name string, args ...jen.Code) *jen.Statement {
	return mon.field.Clone().Dot(name).Call(args...)
}

func (mon monitor) add(amount *jen.Statement) *jen.Statement {
	switch mon.d.Monitor.Kind {
	case "hll":
		return mon.call("Add", mon.hash(), mon.now)
	case "topk":
		return mon.call("Add", mon.key.ref(), mon.hash(), amount, mon.now)
	}
	return mon.call("Add", mon.hash(), amount, mon.now)
}

func (mon monitor) get() *jen.Statement {
	switch mon.d.Monitor.Kind {
	case "hll":
		return mon.call("Estimate", mon.now)
	case "dleft":
		return mon.call("Get", mon.hash())
	case "topk":
		return mon.call("Get", mon.key.ref(), mon.hash(), mon.now)
	}
	return mon.call("Get", mon.hash(), mon.now)
}

// addResult is what an Add without detector yields.
func (mon monitor) addResult(f *fn, pos ir.Pos, add *jen.Statement, wanted bool) result {
	switch {
	case !wanted:
		return result{value: add}
	case mon.isHLL():
		f.user(pos, add)
		return result{value: mon.get(), typed: true}
	case mon.d.Monitor.Kind == "dleft": // a key that was refused reads 0
		v := f.names.fresh("value")
		f.user(pos, jen.List(jen.Id(v), jen.Id("_")).Op(":=").Add(add))
		return result{value: jen.Id(v), typed: true}
	}
	return result{value: add, typed: true}
}

// emitGet writes
//
//	syns := m.metricSyns.Get(hash, m.now)
func (f *fn) emitGet(s *ir.Get) {
	d := f.g.p.Metrics[s.Metric]
	f.assign(s.Pos, s.Dst, f.all(s.Key, s.Distinct), func(bool) result {
		if d.Monitor == nil {
			k := f.makeHash(s.Pos, s.Distinct)
			seen := f.m(f.g.detectors[s.Metric]).Dot("Get").Call(k.hash(), f.now())
			return result{value: call("BoolInt", seen), typed: true}
		}
		return result{value: f.monitor(s.Pos, s.Metric, s.Key, nil).get(), typed: true}
	})
}

// emitReset writes
//
//	m.metricSyns.Reset(hash, m.now)
//
// or, without a key,
//
//	m.metricSyns.Clear()
func (f *fn) emitReset(s *ir.Reset) {
	d := f.g.p.Metrics[s.Metric]
	if s.Key == nil {
		if d.Detector != nil {
			f.user(s.Pos, f.m(f.g.detectors[s.Metric]).Dot("Clear").Call())
		}
		if d.Monitor != nil {
			f.user(s.Pos, f.m(f.g.metrics[s.Metric]).Dot("Clear").Call())
		}
		return
	}
	if d.Monitor == nil {
		return
	}
	f.guard(s.Pos, f.all(s.Key), func() {
		mon := f.monitor(s.Pos, s.Metric, s.Key, nil)
		switch d.Monitor.Kind {
		case "cbf":
			f.user(s.Pos, mon.call("Reset", mon.hash()))
		case "tbf", "tewma":
			f.user(s.Pos, mon.call("Reset", mon.hash(), mon.now))
		case "dleft":
			f.user(s.Pos, mon.call("Delete", mon.hash()))
		default:
			f.fail(fmt.Errorf("%s cannot forget one key of %s", d.Monitor.Kind, d.Name))
		}
	})
}
