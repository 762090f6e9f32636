package syn

import (
	"fmt"
	"net/netip"
	"time"

	"github.com/google/gopacket"
	"github.com/google/gopacket/layers"
)

// MixConfig sets the size of syn-mix. The zero value is the form that the comments
// describe (all A).
type MixConfig struct {
	Seed    uint64 `json:"seed"`
	Packets int    `json:"packets"` // 1 500 000, or a few more
	Clients int    `json:"clients"` // 500, one in seven with IPv6
}

func (MixConfig) name() string { return "syn-mix" }

func (c *MixConfig) defaults() {
	orInt(&c.Packets, 1_500_000)
	orInt(&c.Clients, 500)
}

// Mix makes the traffic of an office: clients look up a name and, if it exists,
// fetch something over TLS, plain HTTP or QUIC; two in a hundred scan port 445. The
// mean frame has about 600 bytes.
func Mix(cfg MixConfig) (*Trace, *Truth) {
	cfg.defaults()
	return generate(cfg)
}

// A mixClient is one host of syn-mix.
type mixClient struct {
	s    *sim
	c    chance
	load *Load
	ip   netip.Addr
	v6   bool
	scan bool
	port uint16
	pool []byte // random bytes that payloads are cut from
}

func (cfg MixConfig) run(s *sim) *Truth {
	l := &Load{}
	pool := make([]byte, 64<<10)
	r := newChance(cfg.Seed, 0)
	for i := range pool {
		pool[i] = byte(r.Uint32())
	}
	out := s.out
	s.out = func(f Frame) {
		l.Bytes += int64(len(f.Data))
		out(f)
	}
	for i := range cfg.Clients {
		m := &mixClient{s: s, c: newChance(cfg.Seed, i+1), load: l, ip: v4("10.3.0.0", i), port: 1024, pool: pool,
			v6: i%7 == 3, scan: i%50 == 11}
		if m.v6 {
			m.ip = v6(3, i)
		}
		s.after(m.c.seconds(0, 6), m.session)
	}
	for end := time.Duration(0); int(s.packets) < cfg.Packets; {
		end += 10 * time.Millisecond
		s.play(end)
	}
	return &Truth{Load: l}
}

// from is the client's next endpoint: a new flow.
func (m *mixClient) from() endpoint {
	m.port = max(1024, m.port+1)
	m.load.Flows++
	return at(m.ip, m.port)
}

// server draws an address outside.
func (m *mixClient) server() netip.Addr {
	if m.v6 {
		return v6(9, m.c.IntN(1<<16))
	}
	return outside4(m.c)
}

// session is one thing that a client does; the next follows after a while.
func (m *mixClient) session() {
	m.s.after(m.c.seconds(2, 6), m.session)
	if m.scan {
		m.load.SYNs++
		m.s.send(tcp(m.from(), at(m.server(), 445), syn, m.c.Uint32(), 0, nil))
	}
	if m.c.IntN(20) == 0 && !m.v6 {
		m.ping()
	}
	failing := 0.08
	if m.scan {
		failing = 0.6
	}
	for range m.c.IntN(3) { // names of other things on the page, fetched already
		m.lookUp(failing, func() {})
	}
	m.lookUp(failing, func() {
		switch n := m.c.IntN(10); {
		case n < 2:
			m.quic()
		case n < 3:
			m.fetch(80)
		default:
			m.fetch(443)
		}
	})
}

// lookUp asks for a name; found runs if it exists.
func (m *mixClient) lookUp(failing float64, found func()) {
	resolver := at(v4("10.0.0.53", 0), 53)
	if m.v6 {
		resolver.ip = v6(0, 53)
	}
	client, q := m.from(), dnsQuery(uint16(m.c.Uint32()), randomName(m.c), false)
	m.load.Queries++
	m.s.send(udp(client, resolver, q))
	m.s.after(m.c.rtt(), func() {
		m.load.Replies++
		if m.c.Float64() < failing {
			m.load.NXDomain++
			m.s.send(udp(resolver, client, dnsAnswer(q, layers.DNSResponseCodeNXDomain, netip.Addr{})))
			return
		}
		m.s.send(udp(resolver, client, dnsAnswer(q, layers.DNSResponseCodeNoErr, outside4(m.c))))
		m.s.after(m.c.rtt(), found)
	})
}

// ping sends an echo request and its reply.
func (m *mixClient) ping() {
	dst, id := m.server(), uint16(m.c.Uint32())
	echo := func(src, dst netip.Addr, typ uint8) {
		m.s.send(frame(src, dst, layers.IPProtocolICMPv4,
			&layers.ICMPv4{TypeCode: layers.CreateICMPv4TypeCode(typ, 0), Id: id, Seq: 1}, gopacket.Payload(m.pool[:56])))
	}
	echo(m.ip, dst, layers.ICMPv4TypeEchoRequest)
	m.s.after(m.c.seconds(0.005, 0.05), func() { echo(dst, m.ip, layers.ICMPv4TypeEchoReply) })
}

// fetch makes a TCP connection with a few requests and their answers.
func (m *mixClient) fetch(port uint16) {
	m.load.SYNs++
	left := 1 + m.c.IntN(4)
	m.s.connect(m.from(), at(m.server(), port), 0, m.c, nil, func(k *conn) {
		var request func()
		request = func() {
			if left == 0 {
				k.close()
				return
			}
			left--
			k.put(true, psh|ack, m.data(port, true, 200+m.c.IntN(500)))
			m.s.after(k.rtt, func() { m.answer(k, port, m.segments(), request) })
		}
		request()
	})
}

// segments draws how many an answer has: many short answers, a few long ones.
func (m *mixClient) segments() int { return min(100, int(1.4/(m.c.Float64()+0.014))) }

// answer sends n segments, of which the client acknowledges every second; then
// runs next.
func (m *mixClient) answer(k *conn, port uint16, n int, next func()) {
	size := 1460
	if n == 1 {
		size = 100 + m.c.IntN(1300)
	}
	k.put(false, ack, m.data(port, false, size))
	if n%2 == 1 {
		m.s.after(k.rtt/2, func() { k.put(true, ack, nil) })
	}
	if n == 1 {
		m.s.after(2*k.rtt, next)
		return
	}
	m.s.after(m.c.seconds(0.00002, 0.0004), func() { m.answer(k, port, n-1, next) })
}

// quic sends datagrams both ways, large ones towards the client.
func (m *mixClient) quic() {
	client, server := m.from(), at(m.server(), 443)
	left := 10 + m.c.IntN(60)
	var next func()
	next = func() {
		if m.c.IntN(2) == 0 {
			m.s.send(udp(client, server, gopacket.Payload(m.data(0, true, 40+m.c.IntN(60)))))
		} else {
			m.s.send(udp(server, client, gopacket.Payload(m.data(0, false, 1200))))
		}
		if left--; left > 0 {
			m.s.after(m.c.seconds(0.0001, 0.003), next)
		}
	}
	next()
}

// data makes a payload of n bytes: a TLS record, a part of HTTP, or noise.
func (m *mixClient) data(port uint16, request bool, n int) []byte {
	from := m.c.IntN(len(m.pool) - 1500)
	b := append([]byte(nil), m.pool[from:from+n]...)
	switch {
	case port == 443:
		copy(b, []byte{23, 3, 3, byte((n - 5) >> 8), byte(n - 5)})
	case port == 80 && request:
		copy(b, fmt.Sprintf("GET /%x HTTP/1.1\r\nHost: www.example.com\r\nUser-Agent: syn\r\n\r\n", b[:6]))
	case port == 80:
		copy(b, "HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\n\r\n")
	default:
		b[0] = 0x40 | b[0]&0x3f // a short header of QUIC
	}
	return b
}
