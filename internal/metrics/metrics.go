// Package metrics holds the probe's own counters: what became of the packets that
// it read. It knows no packet: layers and reasons are bit and index numbers, which
// the probe names.
package metrics

import "math/bits"

// Packets counts packets by outcome and by layer. The zero value is ready. One
// writer; Layers is exact only after Settle.
type Packets struct {
	Read        uint64 // handed out by the source
	Bytes       uint64 // their captured bytes
	Decoded     uint64 // decoded to the end
	Snapped     uint64 // sound, but cut by the snap length
	UnknownLink uint64 // of a link type that is not decoded
	Malformed   uint64 // the sum of Reasons
	Late        uint64 // older than a packet before them; processed at the newest time
	Evidence    uint64 // written to the evidence file
	Dropped     uint64 // packets that at least one program wants dropped

	Reasons [64]uint64 // malformed packets by reason number
	Layers  [64]uint64 // packets that have the layer, by bit number

	recent [256]set
}

// set is one combination of layers and how often it came.
type set struct{ layers, n uint64 }

// CountLayers counts n packets with the given set of layers. Most packets of a
// network have one of a few sets, so the sets are counted and taken apart later.
func (p *Packets) CountLayers(layers, n uint64) {
	s := &p.recent[layers*0x9E3779B97F4A7C15>>56]
	if s.layers != layers {
		p.settle(s)
		s.layers = layers
	}
	s.n += n
}

// Add adds what q counted, and makes it zero.
func (p *Packets) Add(q *Packets) {
	q.Settle()
	for _, f := range []struct{ to, from *uint64 }{
		{&p.Read, &q.Read}, {&p.Bytes, &q.Bytes}, {&p.Decoded, &q.Decoded}, {&p.Snapped, &q.Snapped}, {&p.UnknownLink, &q.UnknownLink},
		{&p.Malformed, &q.Malformed}, {&p.Late, &q.Late}, {&p.Evidence, &q.Evidence}, {&p.Dropped, &q.Dropped},
	} {
		*f.to += *f.from
	}
	for i := range q.Reasons {
		p.Reasons[i] += q.Reasons[i]
	}
	for i := range q.Layers {
		p.Layers[i] += q.Layers[i]
	}
	*q = Packets{}
}

// Settle brings Layers up to date.
func (p *Packets) Settle() {
	for i := range p.recent {
		p.settle(&p.recent[i])
	}
}

func (p *Packets) settle(s *set) {
	for l := s.layers; l != 0 && s.n != 0; l &= l - 1 {
		p.Layers[bits.TrailingZeros64(l)] += s.n
	}
	s.n = 0
}
