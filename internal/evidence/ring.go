package evidence

import (
	"slices"
	"sync/atomic"

	"github.com/streamon/streamon/runtime/packet"
)

const (
	segmentBytes   = 1 << 20 // of packets; none is longer
	segmentPackets = 4096
)

// ring keeps copies of the last packets, in segments. A packet that was written to
// a segment stays as it is until the segment is used again, and a segment that a view
// is of is not: the ring takes a new one instead. So views are read by other
// goroutines while the ring goes on.
type ring struct {
	segments []*segment // the oldest first, the last one is being filled
	lent     []*segment // that were taken out of it, for they were being read
	most     int
}

// segment is some packets in a row.
type segment struct {
	data    []byte
	packets []entry
	views   atomic.Int32 // that are being read
}

// entry is one packet.
type entry struct {
	time           packet.Time
	at, n          uint32 // where its bytes are in data
	wire           uint32
	link           packet.LinkType
	iface          uint16
	has            packet.Layers
	src, dst       packet.IP
	ethSrc, ethDst packet.MAC
}

// view is what a segment holds at one moment.
type view struct {
	of      *segment
	data    []byte
	packets []entry
}

// newRing returns a ring that keeps about bytes bytes of packets.
func newRing(bytes int64) *ring { return &ring{most: max(2, int(bytes/segmentBytes))} }

// add copies a batch.
func (r *ring) add(b *packet.Batch) {
	var s *segment
	if n := len(r.segments); n > 0 {
		s = r.segments[n-1]
	}
	for i := range b.Packets[:b.N] {
		p := &b.Packets[i]
		if len(p.Data) > segmentBytes {
			continue
		}
		if s == nil || len(s.packets) == segmentPackets || len(s.data)+len(p.Data) > segmentBytes {
			s = r.next()
		}
		e := entry{
			time: p.Time, at: uint32(len(s.data)), n: uint32(len(p.Data)), wire: p.Len, link: p.Link, iface: p.Iface,
			has: p.Has, src: p.Src, dst: p.Dst, ethSrc: p.EthSrc, ethDst: p.EthDst,
		}
		if p.Has&(packet.IPLayer|packet.ARP) == packet.ARP {
			e.src, e.dst = p.ARPSrcIP, p.ARPDstIP
		}
		s.data = append(s.data, p.Data...)
		s.packets = append(s.packets, e)
	}
}

// next begins a segment: the oldest one once there are enough, if nobody reads it.
func (r *ring) next() *segment {
	var s *segment
	if len(r.segments) == r.most {
		s = r.segments[0]
		r.segments = append(r.segments[:0], r.segments[1:]...)
		if s.views.Load() == 0 {
			s.data, s.packets = s.data[:0], s.packets[:0]
		} else {
			r.lent, s = append(r.lent, s), nil
		}
	}
	if s == nil {
		s = &segment{data: make([]byte, 0, segmentBytes), packets: make([]entry, 0, segmentPackets)}
	}
	r.segments = append(r.segments, s)
	return s
}

// isLent reports whether as many segments are being read beside the ring as are in it. Who
// asks then for more views would have it take more and more memory.
func (r *ring) isLent() bool {
	r.lent = slices.DeleteFunc(r.lent, func(s *segment) bool { return s.views.Load() == 0 })
	return len(r.lent) >= r.most
}

// look returns all that is there. The views are to be released.
func (r *ring) look() []view {
	views := make([]view, len(r.segments))
	for i, s := range r.segments {
		s.views.Add(1)
		views[i] = view{s, s.data[:len(s.data):len(s.data)], s.packets[:len(s.packets):len(s.packets)]}
	}
	return views
}

func release(views []view) {
	for i := range views {
		views[i].of.views.Add(-1)
	}
}
