package filter

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// Conditions with numbers: lengths, and bytes of headers.

// long reads less N, greater N and len < N.
func (p *parser) long() (node, error) {
	w := p.peek()
	p.at++
	op := map[string]string{"less": "<=", "greater": ">="}[w]
	if op == "" {
		op = p.peek()
		p.at++
	}
	v, err := p.number()
	if err != nil {
		return nil, err
	}
	r, ok := rangesOf(op, v)
	if !ok {
		return nil, p.errorf("len %s: expected a comparison such as len > 100", op)
	}
	return long{r}, nil
}

// content reads [13] & 2 != 0 behind the name of a protocol.
func (p *parser) content(q qualifiers) (node, error) {
	_, ok := transports[q.proto]
	if !ok && q.proto != "ether" && q.proto != "ip" && q.proto != "ip6" || q.dir != anyWay || q.kind != "" {
		return nil, p.errorf("bytes of what? write for instance tcp[13]")
	}
	c := content{of: q.proto, size: 1}
	where, size, sized := strings.Cut(strings.Trim(p.peek(), "[]"), ":")
	at, err := named(strings.TrimSpace(where))
	if err == nil && sized {
		c.size, err = strconv.Atoi(strings.TrimSpace(size))
	}
	if err != nil || at > 2000 || c.size != 1 && c.size != 2 && c.size != 4 {
		return nil, p.errorf("%s%s: expected an offset and perhaps :1, :2 or :4", q.proto, p.peek())
	}
	c.at = at
	p.at++
	if p.take("&") {
		if c.mask, err = p.number(); err != nil {
			return nil, err
		}
		if c.mask == 0 {
			return nil, p.errorf("a mask of 0 leaves nothing")
		}
	}
	op := p.peek()
	p.at++
	v, err := p.number()
	if err != nil {
		return nil, err
	}
	if c.ranges, ok = rangesOf(op, v); !ok {
		p.at--
		return nil, p.errorf("expected a comparison, found %q", op)
	}
	return c, nil
}

// number reads a number, a name for one, or several of them joined by |.
func (p *parser) number() (uint32, error) {
	in := p.take("(")
	var sum uint32
	for {
		v, err := named(p.peek())
		if err != nil {
			return 0, p.errorf("%w", err)
		}
		p.at++
		sum |= v
		if !in || !p.take("|") {
			break
		}
	}
	if in && !p.take(")") {
		return 0, p.errorf("expected ), %s", p.found())
	}
	return sum, nil
}

var numbers = map[string]uint32{
	"tcpflags": 13, "icmptype": 0, "icmpcode": 1, "icmp6type": 0, "icmp6code": 1,
	"tcp-fin": 1, "tcp-syn": 2, "tcp-rst": 4, "tcp-push": 8, "tcp-ack": 16, "tcp-urg": 32, "tcp-ece": 64, "tcp-cwr": 128,
	"icmp-echoreply": 0, "icmp-unreach": 3, "icmp-redirect": 5, "icmp-echo": 8, "icmp-timxceed": 11,
}

func named(w string) (uint32, error) {
	if v, ok := numbers[w]; ok {
		return v, nil
	}
	v, err := strconv.ParseUint(w, 0, 32)
	if err != nil {
		return 0, fmt.Errorf("expected a number, found %q", w)
	}
	return uint32(v), nil
}

// rangesOf returns the numbers that compare so with v.
func rangesOf(op string, v uint32) (r []span, ok bool) {
	below := func(hi uint32, any bool) {
		if any {
			r = append(r, span{0, hi})
		}
	}
	above := func(lo uint32, any bool) {
		if any {
			r = append(r, span{lo, math.MaxUint32})
		}
	}
	switch op {
	case "=", "==":
		r = []span{{v, v}}
	case "!=":
		below(v-1, v > 0)
		above(v+1, v < math.MaxUint32)
	case "<":
		below(v-1, v > 0)
	case "<=":
		below(v, true)
	case ">":
		above(v+1, v < math.MaxUint32)
	case ">=":
		above(v, true)
	default:
		return nil, false
	}
	return r, true
}

// cast is an Ethernet destination: broadcast or multicast (which includes it).
func cast(w string) node {
	if w == "broadcast" {
		return station{dst, [6]byte{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}}
	}
	return content{of: "ether", size: 1, mask: 1, ranges: []span{{1, 1}}}
}
