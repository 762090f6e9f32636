package capture

import (
	"encoding/binary"
	"fmt"

	"github.com/streamon/streamon/runtime/packet"
)

const (
	snoopMagic       = "snoop\x00\x00\x00"
	snoopHeaderBytes = 16
	snoopRecordBytes = 24
)

// snoopSource reads the format of the Solaris snoop command (RFC 1761), version 2.
type snoopSource struct {
	reader
	link packet.LinkType
}

// snoopLinks maps the data link types of RFC 1761 to those of pcap.
var snoopLinks = map[uint32]packet.LinkType{
	0: packet.LinkEthernet, // IEEE 802.3: decoded like Ethernet
	4: packet.LinkEthernet,
}

func isSnoop(head []byte) bool {
	return len(head) >= len(snoopMagic) && string(head[:len(snoopMagic)]) == snoopMagic
}

func openSnoop(r reader) (Source, error) {
	h, ok := r.w.peek(snoopHeaderBytes)
	if !ok {
		return nil, fmt.Errorf("found a snoop file of %d bytes, expected a header of %d", len(r.w.rest()), snoopHeaderBytes)
	}
	be := binary.BigEndian
	if v := be.Uint32(h[8:]); v != 2 {
		return nil, fmt.Errorf("found snoop version %d, expected 2", v)
	}
	link, ok := snoopLinks[be.Uint32(h[12:])]
	if !ok {
		return nil, fmt.Errorf("found a snoop file of data link type %d, expected Ethernet", be.Uint32(h[12:]))
	}
	r.w.skip(snoopHeaderBytes)
	return &snoopSource{r, link}, nil
}

// Next implements Source.
func (s *snoopSource) Next(f *Frame) error {
	h, ok := s.w.peek(snoopRecordBytes)
	if !ok {
		return s.ended("a record header")
	}
	if s.err != nil {
		return s.err
	}
	be := binary.BigEndian
	wire, n, rec := be.Uint32(h), be.Uint32(h[4:]), be.Uint32(h[8:])
	if n > maxPacketBytes || rec < snoopRecordBytes+n || rec > snoopRecordBytes+maxPacketBytes {
		return s.damaged(fmt.Sprintf("a packet of %d bytes in a record of %d", n, rec))
	}
	sec, micros := be.Uint32(h[16:]), be.Uint32(h[20:])
	b, ok := s.w.peek(int(rec))
	if !ok {
		return s.ended("a packet")
	}
	*f = Frame{
		Time:    packet.Time(sec)*1e9 + packet.Time(min(micros, 999999))*1e3,
		Data:    b[snoopRecordBytes : snoopRecordBytes+n],
		WireLen: wire,
		Link:    s.link,
	}
	s.w.skip(len(b))
	s.packets++
	return nil
}
