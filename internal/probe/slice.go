package probe

import (
	"fmt"
	"net/netip"
	"slices"

	"github.com/streamon/streamon/internal/config"
	"github.com/streamon/streamon/runtime/packet"
	"github.com/streamon/streamon/runtime/program"
)

// Slice is the part of the traffic that an instance is shown: packets of the VLANs, if
// any are named, and of the networks. The zero Slice is all traffic.
type Slice struct {
	VLANs []int    `json:"vlans,omitempty"` // outer or inner tag, 0 = packets without a tag
	Nets  []string `json:"nets,omitempty"`  // networks or addresses of which the packet has one, as source or destination; of ARP, as sender or target
}

// Check refuses a slice that cannot be.
func (s *Slice) Check() error {
	_, err := s.compile()
	return err
}

// IsAll reports whether the slice is all traffic.
func (s *Slice) IsAll() bool { return s == nil || len(s.VLANs) == 0 && len(s.Nets) == 0 }

// prefixes returns the networks.
func (c *cut) prefixes() (list []netip.Prefix) {
	for _, n := range c.nets {
		a, bits := netip.AddrFrom16(n.ip), n.bits
		if a.Is4In6() && bits >= 96 {
			a, bits = a.Unmap(), bits-96
		}
		list = append(list, netip.PrefixFrom(a, bits))
	}
	return list
}

// cut is a compiled Slice.
type cut struct {
	vlans []uint16
	nets  []network
}

type network struct {
	ip   packet.IP
	bits int
}

func (s *Slice) compile() (c cut, err error) {
	fail := func(err error) (cut, error) {
		return cut{}, &HintError{Err: fmt.Errorf("slice: %w", err), Hint: "VLANs are 0 (no tag) to 4094, networks such as 10.0.0.0/8, 2001:db8::/32 or 192.0.2.1", Usage: true}
	}
	for _, v := range s.VLANs {
		if v < 0 || v > 4094 {
			return fail(fmt.Errorf("VLAN %d", v))
		}
		c.vlans = append(c.vlans, uint16(v))
	}
	for _, text := range s.Nets {
		p, err := config.ParseNet(text)
		if err != nil {
			return fail(err)
		}
		n := network{ip: p.Addr().As16(), bits: p.Bits()}
		if p.Addr().Is4() {
			n.bits += 96 // in its mapped form
		}
		c.nets = append(c.nets, n)
	}
	return c, nil
}

// has reports whether a packet is in the slice.
func (c *cut) has(p *packet.Packet) bool {
	return (len(c.vlans) == 0 || c.hasVLAN(p)) && (len(c.nets) == 0 || c.hasNet(p))
}

func (c *cut) hasVLAN(p *packet.Packet) bool {
	for _, v := range c.vlans {
		switch {
		case p.Has&packet.VLAN == 0:
			if v == 0 {
				return true
			}
		case p.VLANID == v, p.Has&packet.VLANInner != 0 && p.VLANInnerID == v:
			return true
		}
	}
	return false
}

func (c *cut) hasNet(p *packet.Packet) bool {
	for _, n := range c.nets {
		switch {
		case p.Has&packet.IPLayer != 0:
			if program.InNet(p.Src, n.ip, n.bits) || program.InNet(p.Dst, n.ip, n.bits) {
				return true
			}
		case p.Has&packet.ARP != 0:
			if program.InNet(p.ARPSrcIP, n.ip, n.bits) || program.InNet(p.ARPDstIP, n.ip, n.bits) {
				return true
			}
		}
	}
	return false
}

// share is what an instance with a slice is shown of a batch: copies of its packets, in a
// batch of its own, so that nothing of others can be reached. Their bytes stay where they
// are.
type share struct {
	batch packet.Batch
	from  [packet.BatchSize]uint16 // Packets[i] is packet from[i] of the whole batch
}

// fill takes the packets that are in every cut. A packet's texts alias the whole batch,
// which outlives this.
func (s *share) fill(b *packet.Batch, cuts []cut) {
	n := 0
	for i := range b.Packets[:b.N] {
		p := &b.Packets[i]
		if !slices.ContainsFunc(cuts, func(c cut) bool { return !c.has(p) }) {
			s.batch.Packets[n] = *p
			s.from[n] = uint16(i)
			n++
		}
	}
	s.batch.N = n
}

// spread turns verdicts about the share into those about the whole batch.
func (s *share) spread(v *program.Verdicts) {
	if v.Any == 0 {
		return
	}
	whole := program.Verdicts{Any: v.Any}
	for i := range s.batch.N {
		whole.Of[s.from[i]] = v.Of[i]
	}
	*v = whole
}
