package capture

import (
	"encoding/binary"
	"fmt"

	"github.com/streamon/streamon/runtime/packet"
)

// erfRecordBytes is the fixed head of a record: time (8, little-endian, seconds in
// 32.32 fixed point), type, flags, record length, loss counter, wire length (big-endian).
const erfRecordBytes = 16

// erfSource reads ERF, the format of Endace cards. It has no file header: each
// record names its own link type, and may carry extension headers.
type erfSource struct{ reader }

// erfLink returns the link type of an ERF record type, and how many bytes stand
// between its headers and the frame.
func erfLink(typ byte) (link packet.LinkType, pad int, ok bool) {
	switch typ & 0x7f {
	case 2, 11, 16, 20: // Ethernet, and Ethernet coloured, filtered, hashed
		return packet.LinkEthernet, 2, true
	case 1, 10, 15, 17: // HDLC over POS, and its variants
		return packet.LinkCHDLC, 0, true
	case 22: // IPv4
		return packet.LinkIPv4, 0, true
	case 23: // IPv6
		return packet.LinkIPv6, 0, true
	}
	return 0, 0, false
}

// isERF accepts a file whose records chain: known types, lengths that fit, times
// that do not run back by a second. A mere first record would let noise pass.
func isERF(head []byte) bool {
	var last uint64
	records := 0
	for len(head) >= erfRecordBytes && records < 20 {
		ts := binary.LittleEndian.Uint64(head)
		n := int(binary.BigEndian.Uint16(head[10:]))
		if _, _, ok := erfLink(head[8]); !ok || n < erfRecordBytes || ts>>32 == 0 || ts+1<<32 < last {
			return false
		}
		last = ts
		records++
		if n > len(head) {
			break // the rest lies behind what we were shown
		}
		head = head[n:]
	}
	return records >= 3 || records > 0 && len(head) == 0
}

func openERF(r reader) (Source, error) { return &erfSource{r}, nil }

// Next implements Source. Records of types that hold no packets we know are skipped.
func (s *erfSource) Next(f *Frame) error {
	for {
		h, ok := s.w.peek(erfRecordBytes)
		if !ok {
			return s.ended("a record header")
		}
		if s.err != nil {
			return s.err
		}
		n := int(binary.BigEndian.Uint16(h[10:]))
		if n < erfRecordBytes {
			return s.damaged(fmt.Sprintf("a record of %d bytes", n))
		}
		rec, ok := s.w.peek(n)
		if !ok {
			return s.ended("a packet")
		}
		link, pad, known := erfLink(rec[8])
		body := rec[erfRecordBytes:]
		for more := rec[8]&0x80 != 0; more; body = body[8:] {
			if len(body) < 8 {
				return s.damaged("extension headers longer than their record")
			}
			more = body[0]&0x80 != 0
		}
		if known && len(body) < pad {
			return s.damaged(fmt.Sprintf("an Ethernet record of %d bytes", n))
		}
		s.w.skip(n)
		if !known {
			continue
		}
		// Records are padded to eight bytes, so a record may hold more than the frame.
		wire := binary.BigEndian.Uint16(rec[14:])
		data := body[pad:]
		data = data[:min(len(data), int(wire))]
		ts := binary.LittleEndian.Uint64(rec)
		*f = Frame{
			Time:    packet.Time(ts>>32)*1e9 + packet.Time(((ts&0xffffffff)*1e9+1<<31)>>32),
			Data:    data,
			WireLen: uint32(wire),
			Link:    link,
			Iface:   uint16(rec[9] & 3),
		}
		s.packets++
		return nil
	}
}
