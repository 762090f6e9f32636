package packet

// Bits of the first two bytes of a GRE header (RFC 2784 §2, RFC 2890 §2, RFC
// 1701; acknowledgement: RFC 2637 §4.1).
const (
	greChecksum = 0x8000
	greRouting  = 0x4000
	greKey      = 0x2000
	greSeq      = 0x1000
	greAck      = 0x0080
	greVersion  = 0x0007

	greWCCP = 0x883e // Cisco WCCP: IPv4, in version 2 behind four bytes
)

// gre reads a GRE header and the packet it carries. Source routing (RFC 1701)
// is not followed.
func (d *Decoder) gre(p *Packet, b []byte, wire int) {
	if len(b) < 4 {
		p.fail(GRE, 4, wire, TruncatedGRE)
		return
	}
	flags, proto := be16(b[0:2]), be16(b[2:4])
	n := 4
	if flags&(greChecksum|greRouting) != 0 {
		n += 4
	}
	if flags&greKey != 0 {
		n += 4
	}
	if flags&greSeq != 0 {
		n += 4
	}
	if flags&greAck != 0 && flags&greVersion == 1 {
		n += 4
	}
	p.GREProto = proto
	p.Has |= GRE
	if len(b) < n {
		p.fail(0, n, wire, TruncatedGRE)
		return
	}
	b, wire = b[n:], wire-n
	if len(b) == 0 || flags&greRouting != 0 || flags&greVersion > 1 {
		return
	}
	switch proto {
	case etERSPAN:
		n = 0 // type I has no header and no sequence number
		if flags&greSeq != 0 {
			n = 8
		}
		d.erspan(p, n, b, wire)
	case etERSPAN3:
		n = 12
		if len(b) >= 12 && b[11]&1 != 0 {
			n = 20 // platform-specific subheader
		}
		d.erspan(p, n, b, wire)
	case greWCCP:
		if b[0]>>4 != 4 && len(b) > 4 {
			b, wire = b[4:], wire-4
		}
		d.ip4(p, b, wire)
	case etCMD: // in GRE the EtherType stands before the metadata
		if len(b) > 8 && be16(b) >= etMin {
			d.etherType(p, be16(b), b[8:], wire-8)
		}
	default:
		if proto >= etMin {
			d.etherType(p, proto, b, wire)
		}
	}
}

// erspan reads the mirrored frame behind an ERSPAN header of n bytes
// (draft-foschiano-erspan-03).
func (d *Decoder) erspan(p *Packet, n int, b []byte, wire int) {
	if len(b) < n {
		p.fail(0, n, wire, TruncatedGRE)
		return
	}
	d.innerEthernet(p, b[n:], wire-n)
}

// etherIP reads an Ethernet frame behind an EtherIP header (RFC 3378).
func (d *Decoder) etherIP(p *Packet, b []byte, wire int) {
	if len(b) < 2 {
		p.fail(0, 2, wire, TruncatedTunnel)
		return
	}
	if b[0]>>4 == 3 {
		d.innerEthernet(p, b[2:], wire-2)
	}
}
