package capture

import (
	"encoding/binary"
	"fmt"
	"math/bits"

	"github.com/streamon/streamon/runtime/packet"
)

// Block types of pcapng (draft-ietf-opsawg-pcapng). All others are skipped.
const (
	blockSection   = 0x0a0d0d0a
	blockInterface = 1
	blockPacket    = 2 // obsolete, still met
	blockSimple    = 3
	blockEnhanced  = 6
)

const (
	byteOrderMagic = 0x1a2b3c4d
	// maxBlockBytes bounds one block, whatever it is; Wireshark has the same limit.
	maxBlockBytes = 16 << 20
	// maxInterfaces bounds the interfaces of one file: Frame.Iface has 16 bits.
	maxInterfaces = 1 << 16
)

// ngSource reads pcapng: several sections of either byte order, several
// interfaces, and the three kinds of packet block.
type ngSource struct {
	reader
	*ngForm             // of the present blocks
	last    packet.Time // of the last packet; simple packets have none of their own
	frame   Frame       // of step
}

// ngForm is how packets are to be read. It does not change: where it would another one
// takes its place.
type ngForm struct {
	swapped bool
	ifaces  []ngIface // of the present section
	base    int       // interfaces of the sections before
}

func isPcapng(head []byte) bool {
	return len(head) >= 4 && binary.LittleEndian.Uint32(head) == blockSection
}

func openPcapng(r reader) (Source, error) {
	s := &ngSource{reader: r, ngForm: new(ngForm)}
	b, reason := s.block()
	if reason == "" {
		reason = s.section(b)
	}
	if reason != "" {
		return nil, fmt.Errorf("found a pcapng file whose first block is not readable: %s", reason)
	}
	s.w.skip(len(b))
	return s, nil
}

func (s *ngForm) u16(b []byte) uint16 {
	v := binary.LittleEndian.Uint16(b)
	if s.swapped {
		return bits.ReverseBytes16(v)
	}
	return v
}

func (s *ngForm) u32(b []byte) uint32 {
	v := binary.LittleEndian.Uint32(b)
	if s.swapped {
		return bits.ReverseBytes32(v)
	}
	return v
}

// Next implements Source.
func (s *ngSource) Next(f *Frame) error {
	for s.err == nil {
		b, reason := s.block()
		if b == nil && reason == "" {
			return s.ended("a block")
		}
		got := false
		if reason == "" {
			switch s.u32(b) {
			case blockEnhanced, blockPacket:
				reason = s.packet(b, f)
				got = true
			case blockSimple:
				reason = s.simple(b, f)
				got = true
			case blockInterface:
				reason = s.addIface(b)
			case blockSection:
				reason = s.section(b)
			}
		}
		if reason != "" {
			return s.damaged(reason)
		}
		s.w.skip(len(b))
		if got {
			s.packets++
			s.last = f.Time
			return nil
		}
	}
	return s.err
}

// block returns the next block whole, both lengths included, and does not
// consume it. It returns nothing at the end, and a reason for a damaged block. At
// a section header it first takes over the byte order of the new section.
func (s *ngSource) block() (b []byte, reason string) {
	h, ok := s.w.peek(12)
	if !ok {
		return nil, ""
	}
	if binary.LittleEndian.Uint32(h) == blockSection {
		switch uint32(byteOrderMagic) {
		case binary.LittleEndian.Uint32(h[8:]):
			s.ngForm = &ngForm{false, s.ifaces, s.base}
		case binary.BigEndian.Uint32(h[8:]):
			s.ngForm = &ngForm{true, s.ifaces, s.base}
		default:
			return nil, fmt.Sprintf("a section with byte-order mark 0x%08x", binary.BigEndian.Uint32(h[8:]))
		}
	}
	n := s.u32(h[4:])
	if n < 12 || n%4 != 0 || n > maxBlockBytes {
		return nil, fmt.Sprintf("a block of %d bytes", n)
	}
	b, ok = s.w.peek(int(n))
	if !ok {
		return nil, ""
	}
	if end := s.u32(b[n-4:]); end != n {
		return nil, fmt.Sprintf("a block whose two lengths differ: %d and %d", n, end)
	}
	return b, ""
}

// section begins a new section: its interfaces are numbered from 0 again.
func (s *ngSource) section(b []byte) (reason string) {
	if b == nil {
		return "the file ends in it"
	}
	if len(b) < 28 {
		return fmt.Sprintf("a section header of %d bytes", len(b))
	}
	// Minor version 2 was written for a while and differs in nothing.
	if major, minor := s.u16(b[12:]), s.u16(b[14:]); major != 1 || minor != 0 && minor != 2 {
		return fmt.Sprintf("a section of unknown version %d.%d", major, minor)
	}
	s.ngForm = &ngForm{swapped: s.swapped, base: s.base + len(s.ifaces)}
	return ""
}

// packet reads an enhanced packet block or its obsolete forerunner, which differ
// only in the width of the interface number.
func (s *ngForm) packet(b []byte, f *Frame) (reason string) {
	const head = 28
	if len(b) < head+4 {
		return fmt.Sprintf("a packet block of %d bytes", len(b))
	}
	id := s.u32(b[8:])
	if s.u32(b) == blockPacket {
		id = uint32(s.u16(b[8:]))
	}
	if id >= uint32(len(s.ifaces)) {
		return fmt.Sprintf("a packet of interface %d, the section has %d", id, len(s.ifaces))
	}
	n := s.u32(b[20:])
	if n > maxPacketBytes {
		return fmt.Sprintf("a packet of %d bytes, the limit is %d", n, maxPacketBytes)
	}
	if int(n) > len(b)-head-4 {
		return fmt.Sprintf("a packet of %d bytes in a block of %d", n, len(b))
	}
	i := &s.ifaces[id]
	f.Time = i.time(uint64(s.u32(b[12:]))<<32 | uint64(s.u32(b[16:])))
	f.Data = b[head : head+n]
	f.WireLen = s.u32(b[24:])
	f.Link = i.link
	f.Iface = uint16(s.base + int(id))
	return ""
}

// simple reads a simple packet block: interface 0, no time (the packet gets that
// of the one before), captured length by the snap length of the interface.
func (s *ngSource) simple(b []byte, f *Frame) (reason string) {
	if len(b) < 16 {
		return fmt.Sprintf("a packet block of %d bytes", len(b))
	}
	if len(s.ifaces) == 0 {
		return "a packet of interface 0, the section has 0"
	}
	i := &s.ifaces[0]
	wire := s.u32(b[8:])
	n := wire
	if i.snapLen != 0 {
		n = min(n, i.snapLen)
	}
	if int64(n) > int64(len(b)-16) {
		return fmt.Sprintf("a packet of %d bytes in a block of %d", n, len(b))
	}
	if n > maxPacketBytes {
		return fmt.Sprintf("a packet of %d bytes, the limit is %d", n, maxPacketBytes)
	}
	f.Time = s.last
	f.Data = b[12 : 12+n]
	f.WireLen = wire
	f.Link = i.link
	f.Iface = uint16(s.base)
	return ""
}
