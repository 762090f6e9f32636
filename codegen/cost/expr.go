package cost

import (
	"fmt"
	"slices"

	"github.com/streamon/streamon/codegen/ir"
	"github.com/streamon/streamon/lang/types"
)

// maxInline is the largest list that generated code compares one by one.
const maxInline = 4

// expr is what an expression costs: each of its nodes.
func (e *estimator) expr(x ir.Expr, s situation) (ns float64) {
	ir.Walk(x, func(x ir.Expr) bool {
		ns += e.node(x, s)
		return true
	})
	return ns
}

// node is what one node costs without its operands.
func (e *estimator) node(x ir.Expr, s situation) float64 {
	at := func(name string) float64 { return e.t.at(name, s.bytes) }
	switch x := x.(type) {
	case *ir.Lit, *ir.LocalRef, *ir.EntityField:
		return 0
	case *ir.ParamRef:
		return at(readParam)
	case *ir.Field:
		return at(readField)
	case *ir.HasLayer:
		return at(testLayer)
	case *ir.Unary:
		return at("op/" + x.Op.String())
	case *ir.Binary:
		if x.Op == ir.Eq || x.Op == ir.Ne {
			switch x.X.Type() {
			case types.IP, types.Net:
				return at("op/eq/ip")
			case types.String:
				return at("op/eq/string")
			}
		}
		return at("op/" + x.Op.String())
	case *ir.Convert:
		return at(convert)
	case *ir.Call:
		return at("call/" + x.Func)
	case *ir.In:
		return e.in(x)
	case *ir.TopList:
		return at(topList)
	}
	panic(fmt.Sprintf("cost: no cost of %T", x)) // a test has all of them
}

// in is a test of membership.
func (e *estimator) in(x *ir.In) float64 {
	items, isFile := x.Items, false
	if x.List >= 0 {
		items, isFile = e.p.Lists[x.List].Items, e.p.Lists[x.List].File != ""
	}
	if x.List < 0 || !isFile && len(items) <= maxInline {
		return float64(len(items)) * e.t.at(testItem, 0)
	}
	switch x.X.Type() {
	case types.IP, types.Net:
		return e.t.at("in/net", 0)
	case types.MAC, types.String:
		return e.t.at("in/"+x.X.Type().String(), 0)
	}
	return e.t.at("in/int", 0)
}

// layerTest is the first test of an event: whether the packet has what it asks for.
func (e *estimator) layerTest(event *ir.Event) float64 {
	if event.Where == nil && event.Bind == nil {
		return 0
	}
	return e.t.at(testLayer, 0)
}

// selector is the whole condition of an event: all layers in one test, then the rest.
func (e *estimator) selector(event *ir.Event) float64 {
	ns := e.layerTest(event)
	ir.Walk(event.Where, func(x ir.Expr) bool {
		if _, isLayer := x.(*ir.HasLayer); !isLayer {
			ns += e.node(x, situation{event: event})
		}
		return true
	})
	return ns
}

// keys is what hashing costs for an event: each field once, and for each key of several
// fields the joining of them.
func (e *estimator) keys(i int) (ns float64) {
	event := e.p.Events[i]
	parts, keys := map[string]bool{}, map[string]bool{}
	add := func(key []ir.Expr) {
		whole := ""
		for _, x := range key {
			if f, ok := x.(*ir.EntityField); ok && f.Index < len(event.Bind) {
				x = event.Bind[f.Index]
			}
			id := identity(x)
			whole += id + ", "
			if _, isConst := x.(*ir.Lit); isConst {
				continue
			}
			if !parts[id] {
				parts[id] = true
				ns += e.t.at("hash/"+hashed(x.Type()), 0) + e.expr(x, situation{event: event})
			}
		}
		if !keys[whole] && len(key) > 1 {
			ns += float64(len(key)-1) * e.t.at(hashPart, 0)
		}
		keys[whole] = true
	}
	if event.Entity >= 0 {
		key := event.Bind
		if key == nil { // a timer's: that of the entity
			for n, f := range e.p.Entities[event.Entity].Fields {
				key = append(key, &ir.EntityField{Typed: ir.Typed{T: f.Type}, Index: n})
			}
		}
		add(key)
	}
	for _, h := range event.Handlers {
		h.Body.Stmts(func(st ir.Stmt) {
			key, distinct := keysOf(st)
			add(key)
			add(distinct)
		})
	}
	return ns
}

// keysOf are the keys of an operation.
func keysOf(st ir.Stmt) (key, distinct []ir.Expr) {
	switch st := st.(type) {
	case *ir.Set:
		return st.Key, st.Distinct
	case *ir.Get:
		return st.Key, st.Distinct
	case *ir.Reset:
		return st.Key, nil
	case *ir.Load:
		return st.Key, nil
	case *ir.Has:
		return st.Key, nil
	case *ir.Store:
		return st.Key, nil
	case *ir.Delete:
		return st.Key, nil
	}
	return nil, nil
}

// hashed is the name of the hash for a type of field.
func hashed(t types.Type) string {
	switch t {
	case types.IP, types.MAC, types.String, types.Bool:
		return t.String()
	}
	return types.Int.String()
}

// identity tells apart expressions that are hashed.
func identity(x ir.Expr) (id string) {
	ir.Walk(x, func(x ir.Expr) bool {
		switch x := x.(type) {
		case *ir.Field:
			id += x.Name
		case *ir.Lit:
			id += fmt.Sprintf("%v", x.Const)
		case *ir.EntityField:
			id += fmt.Sprintf("entity %d", x.Index)
		case *ir.ParamRef:
			id += fmt.Sprintf("param %d", x.Param)
		case *ir.LocalRef:
			id += fmt.Sprintf("local %d", x.Local.ID)
		default:
			id += fmt.Sprintf("%T", x)
		}
		id += " "
		return true
	})
	return id
}

// layersOf are the layers that a packet must have for an event: those whose fields and
// names its condition and its key ask for, in the order of the catalogue.
func layersOf(event *ir.Event) (out []string) {
	need := map[string]bool{}
	look := func(x ir.Expr) bool {
		switch x := x.(type) {
		case *ir.Field:
			if f := types.LookupField(x.Name); f != nil {
				need[f.Layer] = true
			}
		case *ir.HasLayer:
			need[x.Layer] = true
		case *ir.Binary:
			return x.Op != ir.Or // one of the two is enough
		case *ir.Unary:
			return x.Op != ir.Not
		}
		return true
	}
	ir.Walk(event.Where, look)
	for _, x := range event.Bind {
		ir.Walk(x, look)
	}
	for _, l := range types.Layers() {
		if need[l.Name] {
			out = append(out, l.Name)
		}
	}
	return out
}

// decode is what decoding costs of a packet with these layers: the dearest of them is
// the deepest, for the figure of each is that of the whole way to it.
func (e *estimator) decode(layers []string) float64 {
	ns := []float64{e.t.at("decode/eth", 0)}
	for _, l := range layers {
		ns = append(ns, e.t.at("decode/"+l, 0))
	}
	return slices.Max(ns)
}
