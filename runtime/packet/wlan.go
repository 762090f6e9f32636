package packet

import "encoding/binary"

// radiotap skips a radiotap header (radiotap.org) to the 802.11 frame behind it.
func (d *Decoder) radiotap(p *Packet, b []byte, wire int) {
	if len(b) < 8 {
		p.fail(0, 8, wire, TruncatedLink)
		return
	}
	n := int(binary.LittleEndian.Uint16(b[2:4]))
	if n < 8 || n > len(b) {
		p.fail(0, max(n, 8), wire, BadLink)
		return
	}
	d.wlan(p, radiotapFlags(b[:n]), b[n:], wire-n)
}

// radiotapFlags returns the flags field of a radiotap header, 0 if it has none.
// It is the second of the fields, after a time stamp aligned to eight bytes.
func radiotapFlags(h []byte) uint8 {
	const tsft, flags, more = 1 << 0, 1 << 1, 1 << 31
	present := binary.LittleEndian.Uint32(h[4:8])
	at := 8
	for w := present; w&more != 0 && at+4 <= len(h); at += 4 {
		w = binary.LittleEndian.Uint32(h[at:])
	}
	if present&tsft != 0 {
		at = (at+7)&^7 + 8
	}
	if present&flags == 0 || at >= len(h) {
		return 0
	}
	return h[at]
}

// wlan reads an 802.11 data frame (IEEE 802.11 §9.3.2) and the LLC header behind
// it. Encrypted frames, aggregates and everything but data end here.
func (d *Decoder) wlan(p *Packet, rtFlags uint8, b []byte, wire int) {
	const (
		fcsAtEnd, padded = 0x10, 0x20 // radiotap flags
		data             = 2          // frame type
		nullData, qos    = 4, 8       // bits of the subtype
		bothDS           = 3          // to and from the distribution system: a fourth address
		protected, order = 0x40, 0x80
		aggregate        = 0x80 // bit of the QoS control field
	)
	if len(b) < 2 {
		p.fail(0, 2, wire, TruncatedLink)
		return
	}
	subtype, flags := b[0]>>4, b[1]
	if b[0]>>2&3 != data || subtype&nullData != 0 || flags&protected != 0 {
		return
	}
	n := 24
	if flags&bothDS == bothDS {
		n += 6
	}
	if subtype&qos != 0 {
		if len(b) < n+2 {
			p.fail(0, n+2, wire, TruncatedLink)
			return
		}
		if b[n]&aggregate != 0 {
			return
		}
		n += 2
		if flags&order != 0 {
			n += 4
		}
	}
	if rtFlags&padded != 0 {
		n = (n + 3) &^ 3
	}
	if rtFlags&fcsAtEnd != 0 && wire >= n+4 {
		wire -= 4
		b = clip(b, wire)
	}
	if len(b) < n {
		p.fail(0, n, wire, TruncatedLink)
		return
	}
	d.llc(p, b[n:], wire-n)
}
