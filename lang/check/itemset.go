package check

import (
	"cmp"
	"math"
	"slices"

	"github.com/streamon/streamon/lang/types"
)

// Sets of values as []types.SetItem, all of one type. Whole numbers are kept merged:
// sorted, without gaps or overlaps between neighbours.

// merged returns items of whole numbers sorted and joined; others as they are.
func merged(items []types.SetItem) []types.SetItem {
	if len(items) == 0 || items[0].Type != types.Int {
		return items
	}
	items = slices.Clone(items)
	slices.SortFunc(items, func(a, b types.SetItem) int { return cmp.Compare(a.Lo, b.Lo) })
	out := items[:1]
	for _, i := range items[1:] {
		last := &out[len(out)-1]
		if last.Hi == math.MaxInt64 || i.Lo <= last.Hi+1 {
			last.Hi = max(last.Hi, i.Hi)
			continue
		}
		out = append(out, i)
	}
	return out
}

// without returns the whole numbers from lo to hi that are not in items.
func without(items []types.SetItem, lo, hi int64) (out []types.SetItem) {
	for _, i := range merged(items) {
		if i.Lo > lo {
			out = append(out, types.SetItem{Type: types.Int, Lo: lo, Hi: min(hi, i.Lo-1)})
		}
		if i.Hi >= hi {
			return out
		}
		lo = max(lo, i.Hi+1)
	}
	return append(out, types.SetItem{Type: types.Int, Lo: lo, Hi: hi})
}

// common values of two sets; exact for whole numbers and for networks.
func intersect(a, b []types.SetItem) (out []types.SetItem) {
	for _, x := range a {
		for _, y := range b {
			switch {
			case x.Type != y.Type:
			case x.Type == types.Int:
				if lo, hi := max(x.Lo, y.Lo), min(x.Hi, y.Hi); lo <= hi {
					out = append(out, types.SetItem{Type: types.Int, Lo: lo, Hi: hi})
				}
			case covers(x, y):
				out = append(out, y)
			case covers(y, x):
				out = append(out, x)
			}
		}
	}
	return merged(out)
}

// includes reports whether every value of b is one of a.
func includes(a, b []types.SetItem) bool {
	for _, y := range b {
		if !slices.ContainsFunc(a, func(x types.SetItem) bool { return covers(x, y) }) {
			return false
		}
	}
	return true
}

// covers reports whether every value of y is one of x.
func covers(x, y types.SetItem) bool {
	if x.Type != y.Type {
		return false
	}
	switch x.Type {
	case types.Int:
		return x.Lo <= y.Lo && y.Hi <= x.Hi
	case types.Net:
		if x.Bits > y.Bits {
			return false
		}
		for i := range x.Bits {
			if (x.Addr[i/8]^y.Addr[i/8])>>(7-i%8)&1 != 0 {
				return false
			}
		}
		return true
	}
	return x == y
}
