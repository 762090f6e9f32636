package check

import (
	"maps"
	"math"
	"slices"

	"github.com/streamon/streamon/lang/ast"
	"github.com/streamon/streamon/lang/types"
)

// region is what is known of the packets that a where clause takes: for some fields the
// values that they must have, and layers that must be there. It is read from a
// conjunction of tests of one field each; what else stands there makes packets
// fewer in a way that the region does not tell.
type region struct {
	fields map[test][]types.SetItem
	layers map[string]bool
	exact  bool // the region tells all
}

// test is a field, or for one that stands for two whether either or neither has to
// have the value.
type test struct {
	field   *types.Field
	neither bool
}

// regionOf reads a condition.
func (c *checker) regionOf(e ast.Expr) region {
	r := region{map[test][]types.SetItem{}, map[string]bool{}, true}
	if e == nil {
		return r
	}
	for _, part := range conjuncts(e, nil) {
		if !c.narrow(&r, part) {
			r.exact = false
		}
	}
	return r
}

// narrow adds a test to r. It reports whether r tells all of it.
func (c *checker) narrow(r *region, e ast.Expr) bool {
	if n, ok := e.(*ast.Name); ok {
		switch o := c.info.Uses[n].(type) {
		case *types.Layer:
			r.require(o.Name)
			return true
		case *Feature:
			inner := c.regionOf(o.Decl.Value)
			for t, items := range inner.fields {
				inner.exact = r.add(t, items) && inner.exact
			}
			maps.Copy(r.layers, inner.layers)
			return inner.exact
		}
	}
	t, items, ok := c.fieldTest(e)
	if !ok {
		for _, l := range c.layersOf(e) {
			r.require(l.Name)
		}
		return false
	}
	return r.add(t, items)
}

// add requires a field to have one of the values, besides what is required of it. It
// reports whether r tells that: of a field that stands for two, one may meet the one
// test and the other the other.
func (r *region) add(t test, items []types.SetItem) bool {
	r.require(t.field.Layer)
	old, ok := r.fields[t]
	if ok && t.field.IsEither() && !t.neither {
		return false
	}
	if ok {
		items = intersect(old, items)
	}
	r.fields[t] = items
	return true
}

// isEmpty reports whether no packet is in r.
func (r region) isEmpty() bool {
	for _, items := range r.fields {
		if len(items) == 0 {
			return true
		}
	}
	return false
}

func (r *region) require(layer string) {
	r.layers[layer] = true
	for _, l := range layersBelow[layer] {
		r.layers[l] = true
	}
}

// layersBelow are the layers that a packet with a layer has besides.
var layersBelow = map[string][]string{
	"ipv4": {"ip"}, "ipv6": {"ip"}, "icmp": {"ip"}, "icmpv6": {"ip"},
	"tcp": {"ip", "port"}, "udp": {"ip", "port"}, "sctp": {"ip", "port"}, "dns": {"ip", "port"},
	"tls": {"tcp", "ip", "port"}, "http": {"tcp", "ip", "port"}, "modbus": {"tcp", "ip", "port"},
	"ntp": {"udp", "ip", "port"}, "dhcp": {"udp", "ip", "port"},
}

// fieldTest takes a test of one field apart: the field, and the values with which it
// holds.
func (c *checker) fieldTest(e ast.Expr) (test, []types.SetItem, bool) {
	switch e := e.(type) {
	case *ast.Name:
		f := c.fieldOf(e)
		return test{field: f}, ints(1, 1), f != nil && f.Type == types.Bool
	case *ast.Unary:
		f := c.fieldOf(e.X)
		return test{field: f}, ints(0, 0), e.Op == ast.Not && f != nil && f.Type == types.Bool
	case *ast.Binary:
		switch {
		case e.Op == ast.Or:
			t1, a, ok1 := c.fieldTest(unparen(e.X))
			t2, b, ok2 := c.fieldTest(unparen(e.Y))
			return t1, merged(append(slices.Clone(a), b...)), ok1 && ok2 && t1 == t2
		case e.Op == ast.In || e.Op == ast.NotIn:
			return c.membership(e)
		case e.Op.IsComparison():
			return c.fieldAgainst(e)
		}
	}
	return test{}, nil, false
}

// membership reads "field in set".
func (c *checker) membership(e *ast.Binary) (test, []types.SetItem, bool) {
	f := c.fieldOf(e.X)
	items := c.info.Sets[e.Y]
	if n, ok := unparen(e.Y).(*ast.Name); ok {
		if l, ok := c.info.Uses[n].(*List); ok && l.File == "" {
			items = l.Items
		}
	}
	if f == nil || len(items) == 0 {
		return test{}, nil, false
	}
	if e.Op == ast.In {
		return test{field: f}, merged(items), true
	}
	return test{f, f.IsEither()}, without(items, 0, top(f)), items[0].Type == types.Int
}

// fieldAgainst reads "field op constant" and "field & mask == constant".
func (c *checker) fieldAgainst(e *ast.Binary) (test, []types.SetItem, bool) {
	left, op, right := e.X, e.Op, e.Y
	if _, isConst := c.fold(left); isConst {
		left, op, right = right, flipped(op), left
	}
	v, isConst := c.fold(right)
	if !isConst {
		return test{}, nil, false
	}
	if m, ok := unparen(left).(*ast.Binary); ok && m.Op == ast.BitAnd {
		return c.maskAgainst(m, op, v)
	}
	f := c.fieldOf(left)
	item, ok := asMember(v)
	if v.Type == types.Bool {
		item, ok = types.SetItem{Type: types.Int, Lo: v.I, Hi: v.I}, true
	}
	if f == nil || !ok || v.Type == types.Float {
		return test{}, nil, false
	}
	if item.Type != types.Int {
		return test{field: f}, []types.SetItem{item}, op == ast.Eq
	}
	neither := f.IsEither() && op == ast.Ne
	switch op {
	case ast.Eq:
		return test{field: f}, ints(v.I, v.I), true
	case ast.Ne:
		return test{f, neither}, without(ints(v.I, v.I), 0, top(f)), true
	case ast.Lt:
		return test{field: f}, ints(0, v.I-1), v.I > 0
	case ast.Le:
		return test{field: f}, ints(0, v.I), v.I >= 0
	case ast.Gt:
		return test{field: f}, ints(v.I+1, top(f)), v.I < top(f)
	case ast.Ge:
		return test{field: f}, ints(v.I, top(f)), v.I <= top(f)
	}
	return test{}, nil, false
}

// maxListed is the largest maximum of a field whose values are listed for a mask.
const maxListed = 1 << 12

// maskAgainst reads a test of some bits, as tcp.flags & (SYN|ACK) == SYN.
func (c *checker) maskAgainst(m *ast.Binary, op ast.Op, v types.Const) (test, []types.SetItem, bool) {
	f := c.fieldOf(m.X)
	mask, isConst := c.fold(m.Y)
	if f == nil || !isConst || f.Max == 0 || f.Max > maxListed || op != ast.Eq && op != ast.Ne {
		return test{}, nil, false
	}
	var out []types.SetItem
	for x := int64(0); x <= f.Max; x++ {
		if (x&mask.I == v.I) != (op == ast.Eq) {
			continue
		}
		if n := len(out); n > 0 && out[n-1].Hi == x-1 {
			out[n-1].Hi = x
			continue
		}
		out = append(out, types.SetItem{Type: types.Int, Lo: x, Hi: x})
	}
	return test{field: f}, out, len(out) > 0
}

func ints(lo, hi int64) []types.SetItem { return []types.SetItem{{Type: types.Int, Lo: lo, Hi: hi}} }

// top is the largest value of a field.
func top(f *types.Field) int64 {
	if f.Max > 0 {
		return f.Max
	}
	if f.Type == types.Bool {
		return 1
	}
	return math.MaxInt64
}

// includes reports whether every packet of b is one of a: it is not known otherwise.
func (r region) includes(b region) bool {
	if !r.exact {
		return false
	}
	for t, items := range r.fields {
		theirs, ok := b.fields[t]
		if !ok || !includes(items, theirs) {
			return false
		}
	}
	for l := range r.layers {
		if l != "frame" && !b.layers[l] {
			return false
		}
	}
	return true
}

// excludes reports whether no packet is in both regions, as far as is known.
func (r region) excludes(b region) bool {
	for t, items := range r.fields {
		if theirs, ok := b.fields[t]; ok && !t.field.IsEither() && len(intersect(items, theirs)) == 0 {
			return true
		}
	}
	for l := range r.layers {
		for m := range b.layers {
			x, y := types.LookupLayer(l), types.LookupLayer(m)
			if l != m && x != nil && y != nil && x.Excludes != "" && x.Excludes == y.Excludes {
				return true
			}
		}
	}
	return false
}
