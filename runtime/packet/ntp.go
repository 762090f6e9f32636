package packet

// ntp reads the first two bytes of an NTP packet (RFC 5905 §7.3). Control
// messages (modes 6 and 7) have no stratum; it is 0 for them.
func (p *Packet) ntp(b []byte, wire int) {
	if len(b) < 2 || wire < 8 {
		p.fail(NTP, 8, wire, TruncatedNTP)
		return
	}
	mode := b[0] & 7
	p.NTP = NTPInfo{Version: b[0] >> 3 & 7, Mode: mode}
	if mode < 6 {
		p.NTP.Stratum = b[1]
	}
	p.Has |= NTP
}
