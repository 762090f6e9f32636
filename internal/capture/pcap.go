package capture

import (
	"encoding/binary"
	"fmt"
	"math/bits"

	"github.com/streamon/streamon/runtime/packet"
)

// The first four bytes of a classic pcap file, in the byte order of its writer.
const (
	magicMicro    = 0xa1b2c3d4
	magicNano     = 0xa1b23c4d
	magicModified = 0xa1b2cd34 // Kuznetzov: records carry 8 more bytes (interface, protocol, packet type)
)

const pcapHeaderBytes = 24

// pcapSource reads classic pcap (draft-ietf-opsawg-pcap).
type pcapSource struct {
	reader
	*pcapForm // apart: who decodes reads it, and what is in reader changes with each packet
}

// pcapForm is how the records of a file are laid out.
type pcapForm struct {
	swapped  bool        // the file is big-endian
	recBytes int         // length of a record header: 16, or 24 in the modified form
	fracNS   packet.Time // nanoseconds per unit of the fraction: 1000 or 1
	minor    uint16      // version 2.minor
	link     packet.LinkType
}

func pcapMagic(head []byte) (magic uint32, swapped bool) {
	magic = binary.LittleEndian.Uint32(head)
	switch bits.ReverseBytes32(magic) {
	case magicMicro, magicNano, magicModified:
		return bits.ReverseBytes32(magic), true
	}
	return magic, false
}

func isPcap(head []byte) bool {
	if len(head) < 4 {
		return false
	}
	switch magic, _ := pcapMagic(head); magic {
	case magicMicro, magicNano, magicModified:
		return true
	}
	return false
}

func openPcap(r reader) (Source, error) {
	h, ok := r.w.peek(pcapHeaderBytes)
	if !ok {
		return nil, fmt.Errorf("found a pcap file of %d bytes, expected a header of %d", len(r.w.rest()), pcapHeaderBytes)
	}
	s := &pcapSource{r, &pcapForm{recBytes: 16, fracNS: 1000}}
	var magic uint32
	magic, s.swapped = pcapMagic(h)
	switch magic {
	case magicNano:
		s.fracNS = 1
	case magicModified:
		s.recBytes = 24
	}
	major, minor := uint16(s.u32(h[4:])), uint16(s.u32(h[4:])>>16)
	if s.swapped {
		major, minor = minor, major
	}
	if major != 2 {
		return nil, fmt.Errorf("found pcap version %d.%d, expected 2.4", major, minor)
	}
	s.minor = minor
	// The upper half of the field holds the length of a frame check sequence.
	s.link = packet.LinkType(s.u32(h[20:]))
	s.w.skip(pcapHeaderBytes)
	return s, nil
}

// u32 reads a number in the byte order of the file.
func (s *pcapForm) u32(b []byte) uint32 {
	v := binary.LittleEndian.Uint32(b)
	if s.swapped {
		return bits.ReverseBytes32(v)
	}
	return v
}

// lengths reads the length of a record's data and that of the packet on the wire.
func (s *pcapForm) lengths(head []byte) (data, wire uint32) {
	data, wire = s.u32(head[8:]), s.u32(head[12:])
	// Before version 2.3 the two stood in the other order; writers of 2.3 did not agree.
	if s.minor < 3 || s.minor == 3 && data > wire {
		data, wire = wire, data
	}
	return data, wire
}

// time reads when a record's packet came. A fraction of a second or more, as damaged
// files have, counts as it is.
func (s *pcapForm) time(head []byte) packet.Time {
	return packet.Time(s.u32(head))*1e9 + packet.Time(s.u32(head[4:]))*s.fracNS
}

// Next implements Source.
func (s *pcapSource) Next(f *Frame) error {
	h, ok := s.w.peek(s.recBytes)
	if !ok {
		return s.ended("a record header")
	}
	if s.err != nil {
		return s.err
	}
	n, wire := s.lengths(h)
	if n > maxPacketBytes {
		return s.damaged(fmt.Sprintf("a packet of %d bytes, the limit is %d", n, maxPacketBytes))
	}
	rec, ok := s.w.peek(s.recBytes + int(n))
	if !ok {
		return s.ended("a packet")
	}
	f.Time = s.time(rec)
	f.WireLen = wire
	f.Data = rec[s.recBytes:]
	f.Link = s.link
	f.Iface = 0
	s.w.skip(len(rec))
	s.packets++
	return nil
}
