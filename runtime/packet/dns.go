package packet

// dnsLayers are the bits that a DNS message can set.
const dnsLayers = DNS | DNSQuestion | DNSAddress

// DNS record types that are looked at (RFC 1035 §3.2.2, RFC 3596 §2.1).
const (
	dnsA       = 1
	dnsAAAA    = 28
	dnsClassIN = 1
)

// dns reads a DNS message (RFC 1035 §4) of which b was captured. The header
// counts even if the question is cut off.
func (d *Decoder) dns(p *Packet, b []byte, wire int) {
	if len(b) < 12 {
		p.dnsFail(DNS, wire >= 12, TruncatedDNS)
		return
	}
	m := &p.DNS
	hi, lo := b[2], b[3]
	m.ID = be16(b[0:2])
	m.Response = hi&0x80 != 0
	m.Opcode = hi >> 3 & 15
	m.AA = hi&4 != 0
	m.TC = hi&2 != 0
	m.RD = hi&1 != 0
	m.RA = lo&0x80 != 0
	m.Rcode = lo & 15
	m.QDCount = be16(b[4:6])
	m.ANCount = be16(b[6:8])
	m.NSCount = be16(b[8:10])
	m.ARCount = be16(b[10:12])
	p.Has |= DNS
	if m.QDCount == 0 && m.ANCount == 0 || d.App&(DNSQuestion|DNSAddress) == 0 {
		return
	}
	at := 12
	for i := range m.QDCount {
		var why Malformed
		if i == 0 {
			at, why = p.dnsQuestion(b, wire)
		} else {
			at, why = dnsSkipName(b, at)
			at += 4
		}
		if why != None {
			p.dnsFail(0, wire > len(b), why)
			return
		}
	}
	if d.App&DNSAddress != 0 && m.Response {
		p.dnsAnswers(b, at, wire)
	}
}

// dnsFail records a problem of a DNS message. A message that goes on in another
// fragment or segment is in order.
func (p *Packet) dnsFail(l Layers, cut bool, why Malformed) {
	p.Seen |= l
	switch {
	case !cut:
		p.blame(why)
	case p.Len > p.CapLen:
		p.blame(Snapped)
	}
}

// dnsTCP reads the DNS message at the start of a TCP segment, behind its length
// (RFC 1035 §4.2.2). A segment that continues a message looks different in
// length, opcode or number of questions, and is left alone.
func (d *Decoder) dnsTCP(p *Packet, b []byte, wire int) {
	if len(b) < 14 {
		return
	}
	n := int(be16(b))
	if n < 12 || b[4]>>3&15 > 6 || be16(b[6:8]) > 1 {
		return
	}
	// What is beyond this segment has not been captured with it.
	d.dns(p, clip(b[2:], n), n)
}

// dnsQuestion reads the first question and returns the offset behind it.
func (p *Packet) dnsQuestion(b []byte, wire int) (next int, why Malformed) {
	text, next, why := dnsName(p.name[:0], b, 12, wire)
	if why != None {
		return next, why
	}
	if next+4 > len(b) {
		return next, TruncatedDNS
	}
	m := &p.DNS
	m.Type = be16(b[next:])
	m.Name = text
	m.Domain = lastLabels(text)
	p.Has |= DNSQuestion
	return next + 4, None
}

// lastLabels returns the last two labels of a dotted name.
func lastLabels(name []byte) []byte {
	dots := 0
	for i := len(name) - 1; i >= 0; i-- {
		if name[i] != '.' {
			continue
		}
		if dots++; dots == 2 {
			return name[i+1:]
		}
	}
	return name
}

// dnsAnswers looks for the first A or AAAA record among the answers.
func (p *Packet) dnsAnswers(b []byte, at, wire int) {
	for range p.DNS.ANCount {
		next, why := dnsSkipName(b, at)
		if why != None || next+10 > len(b) {
			p.dnsFail(0, wire > len(b), TruncatedDNS)
			return
		}
		typ, class, n := be16(b[next:]), be16(b[next+2:])&0x7fff, int(be16(b[next+8:]))
		at = next + 10
		if at+n > len(b) {
			p.dnsFail(0, wire > len(b), TruncatedDNS)
			return
		}
		switch {
		case class != dnsClassIN: // without the cache-flush bit of mDNS (RFC 6762 §10.2)
		case typ == dnsA && n == 4:
			putIP4(&p.DNS.Addr, b[at:])
			p.DNS.AddrIs6 = false
			p.Has |= DNSAddress
			return
		case typ == dnsAAAA && n == 16:
			p.DNS.Addr = IP(b[at : at+16])
			p.DNS.AddrIs6 = true
			p.Has |= DNSAddress
			return
		}
		at += n
	}
}

// maxName is the longest name, in the bytes that it takes in a message, without
// its final zero (RFC 1035 §2.3.4). maxJumps is more pointers than a name of
// that length can need.
const (
	maxName  = 254
	maxJumps = 127
)

// dnsName reads the name at off of message b: lower case, dotted, no final dot,
// appended to dst, which must have room for maxName bytes. Bytes other than
// letters stay as they are, dots inside a label included. wire is the length of
// the whole message. next is the offset behind the name.
func dnsName(dst, b []byte, off, wire int) (text []byte, next int, why Malformed) {
	next = -1
	jumps, size := 0, 0
	for {
		if off >= len(b) {
			return dst, 0, TruncatedDNS
		}
		c := int(b[off])
		switch {
		case c == 0:
			if next < 0 {
				next = off + 1
			}
			return dst, next, None
		case c < 64:
			size += c + 1
			if size > maxName {
				return dst, 0, DNSLoop
			}
			if off+1+c > len(b) {
				return dst, 0, TruncatedDNS
			}
			if len(dst) > 0 {
				dst = append(dst, '.')
			}
			for _, x := range b[off+1 : off+1+c] {
				if x-'A' < 26 {
					x += 'a' - 'A'
				}
				dst = append(dst, x)
			}
			off += 1 + c
		case c >= 0xc0:
			if off+2 > len(b) {
				return dst, 0, TruncatedDNS
			}
			if next < 0 {
				next = off + 2
			}
			off = int(be16(b[off:]) & 0x3fff)
			if jumps++; jumps > maxJumps {
				return dst, 0, DNSLoop
			}
			if off >= wire {
				return dst, 0, BadDNSName
			}
		default:
			return dst, 0, BadDNSName
		}
	}
}

// dnsSkipName returns the offset behind the name at off.
func dnsSkipName(b []byte, off int) (next int, why Malformed) {
	for off < len(b) {
		c := int(b[off])
		switch {
		case c == 0:
			return off + 1, None
		case c >= 0xc0:
			return off + 2, None
		case c >= 64:
			return off, BadDNSName
		}
		off += 1 + c
	}
	return off, TruncatedDNS
}
