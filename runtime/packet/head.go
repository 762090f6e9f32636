package packet

import (
	"encoding/binary"
	"math/bits"
)

// Head is what most programs look at of most packets, in one cache line: the fields of
// Packet with these names. Kernels write it: where a field lies is stated by TestHeadLayout.
type Head struct {
	Has                 Layers
	Src, Dst            IP
	SrcPort, DstPort    uint16
	TCPFlags, TCPWindow uint16
	Time                Time
	Len                 uint32
	IPVersion           uint8
	Proto               uint8
	TTL                 uint8
	_                   uint8 // 0
}

// Head returns the head of p.
func (p *Packet) Head() Head {
	return Head{
		Has: p.Has, Src: p.Src, Dst: p.Dst, SrcPort: p.SrcPort, DstPort: p.DstPort, TCPFlags: p.TCPFlags, TCPWindow: p.TCPWindow,
		Time: p.Time, Len: p.Len, IPVersion: p.IPVersion, Proto: p.Proto, TTL: p.TTL,
	}
}

// Heads is a Batch of which only the heads are decoded: all that programs look at which
// read no other fields. Of[:N] are valid, in packet-time order, and so is what Plain or Rest
// say of them: Rest is of the packets that Plain does not have. One writer.
type Heads struct {
	Of      [BatchSize]Head
	N       int
	Plain   Plain
	Times   *[BatchSize]Time // if not nil, the times of all packets, of those too whose heads were not decoded
	Rest    [BatchSize]Outcome
	scratch Packet
}

// Time is the time of a packet, be its head decoded or not.
func (h *Heads) Time(i int) Time {
	if h.Times != nil {
		return h.Times[i]
	}
	return h.Of[i].Time
}

// Outcome is what decoding a packet came to: the fields of Packet with these names.
type Outcome struct {
	Seen    Layers
	CapLen  uint32
	Problem Malformed
}

// Outcome returns what decoding p came to.
func (p *Packet) Outcome() Outcome { return Outcome{p.Seen, p.CapLen, p.Problem} }

// DecodeHeads is DecodeRecords for heads: it does for each record what Decode does and keeps
// the fields that Head has. A field that Has does not say is valid may be anything. h.N is
// the caller's to set. d.App must be 0: applications have no place in a Head, and what Plain
// and Rest say would not be all.
//
// Plain rows are left to a kernel, if there is one: see headRows.
func (d *Decoder) DecodeHeads(h *Heads, r *Records, from int, set uint64) {
	h.Plain.clear(from)
	p := &h.scratch
	for left := d.headRows(h, r, from, set); left != 0; left &= left - 1 {
		i := from + bits.TrailingZeros64(left)
		frame := r.Data[int(r.At[i])+r.Head:]
		lengths := binary.LittleEndian.Uint64(r.Data[int(r.At[i])+r.Head-8:])
		n := uint32(lengths)
		d.Decode(p, r.Link, frame[:n:n], uint32(lengths>>32), r.Times[i])
		h.Of[i] = p.Head()
		if !h.Plain.Take(p, i) {
			h.Rest[i] = p.Outcome()
		}
	}
	p.Data, p.Payload = nil, nil // they are not ours to keep
}

// Take puts packet i in, if it is plain.
func (s *Plain) Take(p *Packet, i int) bool {
	switch {
	case p.Problem != None:
		return false
	case p.Seen == PlainTCP:
		s.TCP[i/64] |= 1 << (i % 64)
	case p.Seen == PlainUDP:
		s.UDP[i/64] |= 1 << (i % 64)
	default:
		return false
	}
	s.Bytes[i/64] += uint64(p.CapLen)
	return true
}
