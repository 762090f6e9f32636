package filter

import "golang.org/x/net/bpf"

// A node is a condition. What is known of a packet already (a shape) makes it simpler: it
// becomes constant, or loads and comparisons (a test).
type node interface {
	under(s *shape) node
}

type (
	constant bool
	and      struct{ x, y node }
	or       struct{ x, y node }
	not      struct{ x node }
)

// test is a comparison of a number from the packet: it holds if the number, masked, is in
// one of the ranges.
type test struct {
	load   load
	mask   uint32 // 0 = all bits
	ranges []span
}

// load is the instructions that load a number.
type load []bpf.Instruction

// span is a range of numbers, both ends included.
type span struct{ lo, hi uint32 }

// shape is what is known of a packet in a branch of the code. Offsets count from the start
// of the frame.
type shape struct {
	link   bool // there is an Ethernet header
	tagged bool // a VLAN tag stands in the frame
	kernel bool // another one, the outermost, may stand beside it
	base   uint32
	net    int  // netIP4, netIP6, netARP or netOther
	proto  int  // IP protocol; -1 = not known
	first  bool // the transport header is at base + X
}

const (
	netOther = iota
	netIP4
	netIP6
	netARP
)

func both(x, y node) node {
	if c, ok := x.(constant); ok {
		if c {
			return y
		}
		return x
	}
	if c, ok := y.(constant); ok {
		if c {
			return x
		}
		return y
	}
	return and{x, y}
}

func either(x, y node) node {
	if c, ok := x.(constant); ok {
		if c {
			return x
		}
		return y
	}
	if c, ok := y.(constant); ok {
		if c {
			return y
		}
		return x
	}
	return or{x, y}
}

func negate(x node) node {
	if c, ok := x.(constant); ok {
		return !c
	}
	return not{x}
}

func (c constant) under(*shape) node { return c }
func (n and) under(s *shape) node    { return both(n.x.under(s), n.y.under(s)) }
func (n or) under(s *shape) node     { return either(n.x.under(s), n.y.under(s)) }
func (n not) under(s *shape) node    { return negate(n.x.under(s)) }
func (t test) under(*shape) node     { return t }

// equal is the test for one number.
func equal(l load, v uint32) node { return test{l, 0, []span{{v, v}}} }

// masked is the test for one number under a mask.
func masked(l load, mask, v uint32) node { return test{l, mask, []span{{v, v}}} }
