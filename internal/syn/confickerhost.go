package syn

import (
	"fmt"
	"net/netip"
	"slices"
	"time"

	"github.com/google/gopacket/layers"
)

// This file holds what hosts of syn-conficker do that the detector looks at. Every
// packet that one of the metrics M1 to M4 counts is counted here, where it is made.

// count adds to a metric of h, now.
func (h *deskHost) count(add func(*Minute)) {
	add(h.truth.Total)
	if m := int(h.s.now / time.Minute); m < len(h.truth.PerMinute) {
		add(&h.truth.PerMinute[m])
	}
}

// port returns the next ephemeral port, as Windows XP counted them, but none
// that a protocol of its own is read into (L2TP, RADIUS, GTP, Teredo, VXLAN …):
// such traps belong into tests of the decoder.
func (h *deskHost) port() uint16 {
	for {
		if h.nextPort++; h.nextPort > 5000 {
			h.nextPort = 1025
		}
		if !slices.Contains(takenPorts, h.nextPort) {
			return h.nextPort
		}
	}
}

var takenPorts = []uint16{1645, 1646, 1701, 1812, 1813, 1900, 2055, 2123, 2152, 3478, 3544, 3784, 3785, 3799, 4341, 4342, 4500, 4754, 4784, 4789, 4790}

// query looks a name up; the answer is NXDOMAIN if it fails.
func (h *deskHost) query(name string, reverse, fails bool) int64 {
	me := at(h.ip, h.port())
	q := dnsQuery(uint16(h.Uint32()), name, reverse)
	n := h.s.send(udp(me, dnsServer, q))
	h.count(func(m *Minute) { m.Queries++ })
	h.s.after(h.seconds(0.005, 0.08), func() {
		rcode := layers.DNSResponseCodeNoErr
		if fails {
			rcode = layers.DNSResponseCodeNXDomain
			h.count(func(m *Minute) { m.Failures++ })
		}
		h.s.send(udp(dnsServer, me, dnsAnswer(q, rcode, v4("203.0.113.0", h.IntN(256)))))
	})
	return n
}

// lookUps makes perHour queries an hour (A), half of them reverse, of which some
// fail: so that the ratio of a clean host is sometimes above 0.25 (P: host B).
func (h *deskHost) lookUps(perHour, failing float64) {
	h.every(h.seconds(5, 600), func() time.Duration { return h.gap(perHour / 3600) }, func() {
		reverse := h.IntN(2) == 0
		name := fmt.Sprintf("www%d.example.com", h.IntN(50))
		if reverse {
			name = reverseName(outside4(h.chance), "in-addr.arpa")
		}
		h.query(name, reverse, h.Float64() < failing)
	})
}

func reverseName(ip netip.Addr, zone string) string {
	b := ip.As4()
	return fmt.Sprintf("%d.%d.%d.%d.%s", b[3], b[2], b[1], b[0], zone)
}

// fileSharing opens 1 to 10 connections an hour to the file servers (A), all of
// which are answered.
func (h *deskHost) fileSharing() {
	rate := h.between(1, 10) / 3600
	h.every(h.seconds(10, 600), func() time.Duration { return h.gap(rate) }, func() {
		h.smb(fileServers[h.IntN(len(fileServers))], true)
	})
}

// smb connects to port 445. Unanswered SYNs are sent again after 3 s and 9 s, as
// Windows XP does.
func (h *deskHost) smb(to endpoint, answered bool) (first int64) {
	me := at(h.ip, h.port())
	if !answered {
		syn1 := tcp(me, to, syn, h.Uint32(), 0, nil)
		send := func() int64 {
			h.count(func(m *Minute) { m.SYNs++ })
			return h.s.send(syn1)
		}
		h.s.after(3*time.Second, func() { send() })
		h.s.after(9*time.Second, func() { send() })
		return send()
	}
	// connect puts the SYN first and the SYN-ACK second.
	packets := 0
	first = h.s.packets + 1
	h.s.connect(me, to, 0, h.chance, func(bool) {
		switch packets++; packets {
		case 1:
			h.count(func(m *Minute) { m.SYNs++ })
		case 2:
			h.count(func(m *Minute) { m.Answers++ })
		}
	}, func(c *conn) {
		c.exchange([]byte("\x00\x00\x00\x04\xffSMB"), []byte("\x00\x00\x00\x04\xffSMB"), c.close)
	})
	return first
}

// generatedNames draws n names of 5 to 11 letters (A).
func generatedNames(c chance, n int) []string {
	zones := []string{"com", "net", "org", "info", "biz"}
	names := make([]string, n)
	for i := range names {
		b := make([]byte, 5+c.IntN(7))
		for j := range b {
			b[j] = byte('a' + c.IntN(26))
		}
		names[i] = string(b) + "." + zones[c.IntN(len(zones))]
	}
	return names
}

// poll looks the generated names up in turn, with pauses, from begin on.
func (h *deskHost) poll(begin time.Duration, pause func() time.Duration, failing float64) {
	next := 0
	h.every(begin, pause, func() {
		h.infected(h.query(h.names[next], false, h.Float64() < failing))
		next = (next + 1) % len(h.names)
	})
}

// scan connects to port 445 of random addresses, from begin on.
func (h *deskHost) scan(begin time.Duration, perSecond, answered float64) {
	h.every(begin, func() time.Duration { return h.gap(perSecond) }, func() {
		h.infected(h.smb(at(outside4(h.chance), 445), h.Float64() < answered))
	})
}

// infected notes the first packet of an infection, if that is what h has.
func (h *deskHost) infected(packet int64) {
	if h.truth.Verdict == "infected" && h.truth.FirstInfected == 0 {
		h.truth.FirstInfected, h.truth.FirstInfectedAt = packet, h.s.now.Seconds()
	}
}

// mailServer asks block lists about the senders of mail: about four queries a
// second, nearly half of which fail, as in the capture of a real one.
func (h *deskHost) mailServer() {
	h.every(h.seconds(1, 5), func() time.Duration { return h.gap(0.5) }, func() {
		sender := outside4(h.chance)
		h.query(reverseName(sender, "in-addr.arpa"), true, h.Float64() < 0.3)
		for _, list := range []string{"zen.example.org", "bl.example.net", "dnsbl.example.com"} {
			h.query(reverseName(sender, list), false, h.Float64() < 0.6)
		}
		me := at(h.ip, 25)
		h.s.connect(at(sender, uint16(20000+h.IntN(40000))), me, 0, h.chance, nil, func(c *conn) {
			c.exchange([]byte("EHLO example.net\r\n"), []byte("250 mail\r\n"), c.close)
		})
	})
}
