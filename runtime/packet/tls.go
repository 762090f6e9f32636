package packet

// TLS numbers (RFC 8446 §4, §5.1; RFC 6066 §3).
const (
	tlsHandshake         = 22
	tlsClientHello       = 1
	tlsServerHello       = 2
	tlsExtServerName     = 0
	tlsExtVersions       = 43
	tlsMaxRecord         = 1<<14 + 2048
	tlsHandshakeFinished = 20
)

// tls reads the first record of a segment. A segment that does not begin with a
// record header of version 3.0 to 3.4 is left alone. Encrypted handshake
// messages have a HandshakeType of 0.
func (p *Packet) tls(b []byte) {
	if len(b) < 5 || b[1] != 3 || b[2] > 4 {
		return
	}
	n := int(be16(b[3:5]))
	if n == 0 || n > tlsMaxRecord {
		return
	}
	t := &p.TLS
	t.ContentType = b[0]
	t.HandshakeType = 0
	t.Version = be16(b[1:3])
	p.Has |= TLS
	if b[0] != tlsHandshake || n < 4 || len(b) < 9 {
		return
	}
	whole := len(b) >= 5+n
	b = clip(b[5:], n)
	size := int(b[1])<<16 | int(be16(b[2:4]))
	// A hello may be spread over records; other messages that claim more than
	// their record are encrypted.
	typ := b[0]
	hello := typ == tlsClientHello || typ == tlsServerHello
	if typ > tlsHandshakeFinished || (size > n-4 && !(hello && size < 1<<16)) {
		return
	}
	t.HandshakeType = typ
	if !hello {
		return
	}
	if size <= n-4 {
		b = clip(b, 4+size)
	} else {
		whole = false
	}
	p.tlsHello(b[4:], typ, whole)
}

// tlsHello reads a client or server hello: version, random, session, cipher
// suites, compression, extensions. It goes as far as b does; if the hello is
// there as a whole and still too short, it is malformed.
func (p *Packet) tlsHello(b []byte, typ uint8, whole bool) {
	if len(b) < 35 {
		if whole {
			p.blame(BadTLS)
		}
		return
	}
	p.TLS.Version = be16(b)
	r := reader{b: b[34:]}
	r.skip(int(r.u8()))
	if typ == tlsClientHello {
		r.skip(int(r.u16()))
		r.skip(int(r.u8()))
	} else {
		r.skip(3)
	}
	if !r.short && len(r.b) == 0 {
		return // no extensions, as before TLS 1.2
	}
	r.u16()
	for !r.short && len(r.b) > 0 {
		ext, n := r.u16(), int(r.u16())
		body := r.take(n)
		if r.short {
			break
		}
		switch {
		case ext == tlsExtServerName && typ == tlsClientHello:
			p.tlsServerName(body)
		case ext == tlsExtVersions && typ == tlsServerHello && n == 2:
			p.TLS.Version = be16(body)
		case ext == tlsExtVersions && typ == tlsClientHello && n > 0:
			p.tlsVersions(body[1:])
		}
	}
	if r.short && whole {
		p.blame(BadTLS)
	}
}

// tlsServerName takes the host name out of a server_name extension.
func (p *Packet) tlsServerName(b []byte) {
	const hostName = 0
	r := reader{b: b}
	r.u16()
	for !r.short && len(r.b) > 0 {
		kind := r.u8()
		name := r.take(int(r.u16()))
		if !r.short && kind == hostName && len(name) > 0 {
			p.TLS.SNI = name
			p.Has |= TLSSNI
			return
		}
	}
}

// tlsVersions raises Version to the highest one offered in supported_versions,
// reserved values (RFC 8701) left out.
func (p *Packet) tlsVersions(b []byte) {
	for ; len(b) >= 2; b = b[2:] {
		v := be16(b)
		if v>>8 == 3 && v > p.TLS.Version {
			p.TLS.Version = v
		}
	}
}

// reader takes numbers off the front of b. Once b was too short, short is set
// and all it returns is zero.
type reader struct {
	b     []byte
	short bool
}

func (r *reader) take(n int) []byte {
	if n > len(r.b) {
		r.short, r.b = true, nil
		return nil
	}
	x := r.b[:n]
	r.b = r.b[n:]
	return x
}

func (r *reader) skip(n int) { r.take(n) }

func (r *reader) u8() uint8 {
	if x := r.take(1); x != nil {
		return x[0]
	}
	return 0
}

func (r *reader) u16() uint16 {
	if x := r.take(2); x != nil {
		return be16(x)
	}
	return 0
}
