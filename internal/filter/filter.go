// Package filter decides by the bytes of a frame whether to capture it: it compiles
// expressions, in the syntax of tcpdump's filters, to classic BPF, which the kernel runs.
//
// It owns the expressions and their code. Where the code is attached is package capture's
// business; which packets a program wants is found by the compiler (codegen/wanted).
//
//	op, err := filter.Parse("tcp port 80 or net 10.0.0.0/8")
//	prog, err := filter.Compile(filter.Rule{Operator: op, Wanted: wanted}, filter.Target{Link: packet.LinkEthernet, Snap: 262144, Kernel: true})
//
// A rule has two sides, and takes a packet if both do.
//
// The *operator's* side is exact. It is about the outermost headers, as with tcpdump.
//
// The *wanted* side is a union of expressions that the compiler made of the events of the
// loaded programs. It may take too much, never too little: every packet that one of the
// events happens for is taken. The decoder (runtime/packet) reads more than BPF can: so
// headers that it sees through are taken whatever the expressions say. Those are tunnels,
// second VLAN tags, MPLS, PPPoE, LLC, IPv6 extension headers, whatever is too short or
// malformed, and all link types but Ethernet and raw IP.
//
// Why not libpcap: it is C, and a static probe is built without; and it knows nothing of the
// wanted side, which shares its code with the operator's. The pure Go compiler that there is
// (packetcap/go-pcap) was last changed in 2024, and jumps over more than 255 instructions
// break it. Tests compare with tcpdump's code, packet by packet.
package filter

import (
	"fmt"

	"golang.org/x/net/bpf"

	"github.com/streamon/streamon/runtime/packet"
)

// Rule says which packets to take.
type Rule struct {
	Operator *Expr   // nil = all
	Wanted   []*Expr // their union; nil = all
}

// Target is where code is to run.
type Target struct {
	Link   packet.LinkType
	Snap   uint32 // bytes to take of a packet
	Kernel bool   // the kernel has taken the outermost VLAN tag out of the frame, if there is one, and keeps it beside
}

// Expr is a parsed expression.
type Expr struct {
	text string
	n    node
}

// String returns the text that was parsed.
func (e *Expr) String() string { return e.text }

// maxCode is what the kernel takes (BPF_MAXINSNS).
const maxCode = 4096

// Compile returns the code of a rule. A rule that takes all has code too, since that says
// how much to take of a packet. If the wanted side is too large for the kernel it is left
// out: everything is wanted then.
func Compile(r Rule, t Target) ([]bpf.RawInstruction, error) {
	op := node(constant(true))
	if r.Operator != nil {
		op = r.Operator.n
		if t.Link != packet.LinkEthernet && t.Link != packet.LinkRaw {
			return nil, fmt.Errorf("filter %q: not for frames of type %s, only for Ethernet and IP", r.Operator, t.Link)
		}
	}
	code, err := assemble(layOut(op, union(r.Wanted), t), t.Snap)
	if err == nil && len(code) > maxCode && r.Wanted != nil {
		code, err = assemble(layOut(op, constant(true), t), t.Snap)
	}
	if err != nil {
		return nil, err
	}
	if len(code) > maxCode {
		return nil, fmt.Errorf("filter %q takes %d instructions, the kernel allows %d", r.Operator, len(code), maxCode)
	}
	return code, nil
}

// union is the wanted side.
func union(list []*Expr) node {
	if list == nil {
		return constant(true)
	}
	seen := map[string]bool{}
	n := node(constant(false))
	for _, e := range list {
		if !seen[e.text] {
			seen[e.text] = true
			n = either(n, e.n)
		}
	}
	return n
}
