package filter

import (
	"fmt"

	"golang.org/x/net/bpf"
)

// Code is made with labels: jumps of BPF go forwards, conditional ones over at most 255
// instructions. Those that would go farther are made in two steps.

// label is a place in code, to be set later.
type label int

// step is an instruction, or a conditional jump to labels.
type step struct {
	in     bpf.Instruction // not a jump
	isJump bool
	cond   bpf.JumpTest
	val    uint32
	yes    label
	no     label
}

// coder makes code.
type coder struct {
	steps []step
	at    []int // by label: the step that it stands before
}

func (c *coder) label() label {
	c.at = append(c.at, -1)
	return label(len(c.at) - 1)
}

func (c *coder) set(l label) { c.at[l] = len(c.steps) }

func (c *coder) add(in bpf.Instruction) { c.steps = append(c.steps, step{in: in}) }

func (c *coder) jump(cond bpf.JumpTest, val uint32, yes, no label) {
	c.steps = append(c.steps, step{isJump: true, cond: cond, val: val, yes: yes, no: no})
}

// goTo jumps in any case.
func (c *coder) goTo(l label) { c.jump(bpf.JumpGreaterOrEqual, 0, l, l) }

// decide makes the code of a condition, which continues at yes or at no.
func (c *coder) decide(n node, yes, no label) {
	switch n := n.(type) {
	case constant:
		if n {
			c.goTo(yes)
		} else {
			c.goTo(no)
		}
	case and:
		more := c.label()
		c.decide(n.x, more, no)
		c.set(more)
		c.decide(n.y, yes, no)
	case or:
		more := c.label()
		c.decide(n.x, yes, more)
		c.set(more)
		c.decide(n.y, yes, no)
	case not:
		c.decide(n.x, no, yes)
	case test:
		c.compare(n, yes, no)
	default:
		panic(fmt.Sprintf("filter: a %T in code", n))
	}
}

func (c *coder) compare(t test, yes, no label) {
	for _, in := range t.load {
		c.add(in)
	}
	if t.mask != 0 {
		c.add(bpf.ALUOpConstant{Op: bpf.ALUOpAnd, Val: t.mask})
	}
	for i, r := range t.ranges {
		next := no
		if i < len(t.ranges)-1 {
			next = c.label()
		}
		switch {
		case r.lo == r.hi:
			c.jump(bpf.JumpEqual, r.lo, yes, next)
		case r.lo == 0:
			c.jump(bpf.JumpGreaterThan, r.hi, next, yes)
		case r.hi == 1<<32-1:
			c.jump(bpf.JumpGreaterOrEqual, r.lo, yes, next)
		default:
			above := c.label()
			c.jump(bpf.JumpGreaterOrEqual, r.lo, above, next)
			c.set(above)
			c.jump(bpf.JumpGreaterThan, r.hi, next, yes)
		}
		if next != no {
			c.set(next)
		}
	}
	if len(t.ranges) == 0 {
		c.goTo(no)
	}
}

// assemble turns code into what the kernel takes. It ends in the labels 0, where the
// packet is taken, and 1, where it is not.
func assemble(c *coder, snap uint32) ([]bpf.RawInstruction, error) {
	const takes, refuses label = 0, 1
	c.set(takes)
	c.add(bpf.RetConstant{Val: snap})
	c.set(refuses)
	c.add(bpf.RetConstant{Val: 0})

	size := make([]int, len(c.steps)) // instructions of each step
	for i := range size {
		size[i] = 1
	}
	place := make([]int, len(c.steps)+1)
	far := func(i int, l label) int { return place[c.at[l]] - place[i] - size[i] }
	for isStable := false; !isStable; {
		isStable = true
		for i, n := range size {
			place[i+1] = place[i] + n
		}
		for i, s := range c.steps {
			if s.isJump && size[i] == 1 && s.yes != s.no && (far(i, s.yes) > 255 || far(i, s.no) > 255) {
				size[i], isStable = 3, false
			}
		}
	}
	var out []bpf.Instruction
	for i, s := range c.steps {
		switch {
		case !s.isJump:
			out = append(out, s.in)
		case s.yes == s.no:
			out = append(out, bpf.Jump{Skip: uint32(far(i, s.yes))})
		case size[i] == 1:
			out = append(out, bpf.JumpIf{Cond: s.cond, Val: s.val, SkipTrue: uint8(far(i, s.yes)), SkipFalse: uint8(far(i, s.no))})
		default:
			out = append(out, bpf.JumpIf{Cond: s.cond, Val: s.val, SkipFalse: 1},
				bpf.Jump{Skip: uint32(far(i, s.yes) + 1)}, bpf.Jump{Skip: uint32(far(i, s.no))})
		}
	}
	return bpf.Assemble(out)
}
