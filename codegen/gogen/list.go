package gogen

import (
	"net/netip"
	"strconv"
	"strings"

	"github.com/dave/jennifer/jen"

	"github.com/streamon/streamon/codegen/ir"
	"github.com/streamon/streamon/lang/types"
)

// maxInline is the largest inline list that becomes comparisons; a larger one is
// a list.Set, in which numbers are bits.
const maxInline = 4

// listType is the Go type of a list in the machine: list.List if the operator can
// replace it, list.Set if it is constant and large, nil if it needs none. Texts
// are always compared: a Set would take them for domain names.
func (g *gen) listType(i int) *jen.Statement {
	d := g.p.Lists[i]
	switch {
	case d.File != "":
		return rt("list", "List")
	case len(d.Items) <= maxInline || d.Items[0].Type == types.String:
		return nil
	}
	return rt("list", "Set")
}

// inList writes the membership test of a declared list:
//
//	m.listBad.HasIP((*[16]byte)(&p.Dst))
func (f *fn) inList(e *ir.In, x val) val {
	if f.g.listType(e.List) == nil {
		return f.inItems(&ir.In{X: e.X, Items: f.g.p.Lists[e.List].Items}, x)
	}
	set := f.m(f.g.lists[e.List])
	switch e.X.Type() {
	case types.IP:
		set.Dot("HasIP").Call(pointerTo(e.X, x, 16))
	case types.MAC:
		set.Dot("HasMAC").Call(pointerTo(e.X, x, 6))
	case types.String:
		set.Dot("HasName").Call(f.bytes(x))
	default:
		set.Dot("HasInt").Call(wide(x).code)
	}
	return with(set, precPrimary, x)
}

// listText writes an inline list as a file would hold it.
func listText(d *ir.List) string {
	var b strings.Builder
	for _, it := range d.Items {
		switch it.Type {
		case types.Int:
			b.WriteString(strconv.FormatInt(it.Lo, 10))
			if it.Hi != it.Lo {
				b.WriteString(".." + strconv.FormatInt(it.Hi, 10))
			}
		case types.MAC:
			for i, x := range it.MAC {
				if i > 0 {
					b.WriteByte(':')
				}
				b.WriteString(string("0123456789abcdef"[x>>4]) + string("0123456789abcdef"[x&15]))
			}
		default:
			b.WriteString(netText(it.Addr, it.Bits))
		}
		b.WriteByte('\n')
	}
	return b.String()
}

func netText(addr [16]byte, bits int) string {
	a := netip.AddrFrom16(addr)
	if a.Is4In6() && bits >= 96 {
		return netip.PrefixFrom(a.Unmap(), bits-96).Masked().String()
	}
	return netip.PrefixFrom(a, bits).Masked().String()
}
