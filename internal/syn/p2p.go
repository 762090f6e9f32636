package syn

import (
	"net/netip"
	"time"

	"github.com/google/gopacket"
)

// P2PConfig sets the size of syn-p2p. The zero value is the form described in the
// comments (all A).
type P2PConfig struct {
	Seed    uint64 `json:"seed"`
	Hosts   int    `json:"hosts"`   // 1000 in all
	Clients int    `json:"clients"` // 50 P2P clients: peers by TCP and UDP, one connection per peer
	Many    int    `json:"many"`    // 50 hosts with TCP and UDP to the same peers, and many ports per peer
	Peers   int    `json:"peers"`   // of a P2P client: 8
}

// Parts of syn-p2p, seconds from the start. Hosts with many ports open their
// connections before a detector has warmed up (60 s), so that the gap between
// ports and peers is wide when their first UDP packet makes them candidates.
const (
	p2pEnd       = 300 * time.Second
	p2pManyTCP   = 50 // connections of the "many" hosts end here
	p2pManyUDP   = 70 // their UDP begins here
	p2pManyPorts = 15 // connections per peer
)

func (P2PConfig) name() string { return "syn-p2p" }

func (c *P2PConfig) defaults() {
	set := func(n *int, v int) {
		if *n == 0 {
			*n = v
		}
	}
	set(&c.Hosts, 1000)
	set(&c.Clients, 50)
	set(&c.Many, 50)
	set(&c.Peers, 8)
}

// P2P makes a network of web clients, some of whose hosts are P2P clients. The
// peers of a P2P client speak TCP and UDP with it in the same way and are P2P
// clients too; the truth lists them all.
func P2P(cfg P2PConfig) (*Trace, *Truth) {
	cfg.defaults()
	return generate(cfg)
}

// A p2pHost is a host that speaks with peers. Its sets are the truth of it.
type p2pHost struct {
	ip       netip.Addr
	truth    *Host
	tcp, udp map[netip.Addr]bool
	ports    map[uint16]bool // TCP source ports of packets to it
}

func newP2PHost(ip netip.Addr, role, verdict string) *p2pHost {
	return &p2pHost{
		ip: ip, truth: &Host{Address: ip.String(), Role: role, Verdict: verdict},
		tcp: map[netip.Addr]bool{}, udp: map[netip.Addr]bool{}, ports: map[uint16]bool{},
	}
}

// finish turns the sets into numbers.
func (h *p2pHost) finish() *Host {
	p := &Peers{TCPPeers: len(h.tcp), UDPPeers: len(h.udp), Ports: len(h.ports)}
	for a := range h.tcp {
		if h.udp[a] {
			p.Both++
		}
	}
	p.Gap = max(p.Ports-p.TCPPeers, p.TCPPeers-p.Ports)
	h.truth.P2P = p
	return h.truth
}

func (cfg P2PConfig) run(s *sim) *Truth {
	outside := newChance(cfg.Seed, 0).Perm(1 << 17) // addresses of peers, none twice
	var hosts []*p2pHost
	t := &Truth{}
	add := func(ip netip.Addr, role, verdict string) *p2pHost {
		h := newP2PHost(ip, role, verdict)
		hosts = append(hosts, h)
		return h
	}
	peer := func(role, verdict string) *p2pHost {
		ip := v4("198.18.0.0", outside[0])
		outside = outside[1:]
		return add(ip, role, verdict)
	}
	for i := range cfg.Hosts {
		c := newChance(cfg.Seed, i+1)
		ip := v4("10.1.0.0", 1+i)
		switch {
		case i < cfg.Clients:
			h := add(ip, "p2p client", "p2p")
			for range cfg.Peers {
				s.p2pPeer(c, h, peer("peer of a p2p client", "p2p"))
			}
		case i < cfg.Clients+cfg.Many:
			h := add(ip, "many ports per peer", "clean")
			for range 3 {
				s.manyPorts(c, h, peer("peer with many ports", "clean"))
			}
		default:
			h := add(ip, "web client", "clean")
			s.webClient(c, h.ip)
		}
	}
	s.play(p2pEnd)
	for _, h := range hosts {
		t.Hosts = append(t.Hosts, h.finish())
		if h.truth.Verdict == "p2p" {
			t.Infected = append(t.Infected, h.truth.Address)
		}
	}
	return t
}

// highPort draws a port that no service uses.
func highPort(c chance) uint16 { return uint16(10000 + c.IntN(50000)) }

// freshPort draws a high port that h has not been sent TCP from yet.
func freshPort(c chance, h *p2pHost) uint16 {
	for {
		if p := highPort(c); !h.ports[p] {
			return p
		}
	}
}

// talk opens one TCP connection from a to b and notes it on both sides.
func (s *sim) talk(c chance, a, b *p2pHost) {
	pa, pb := freshPort(c, b), freshPort(c, a)
	a.tcp[b.ip], b.tcp[a.ip] = true, true
	b.ports[pa], a.ports[pb] = true, true
	s.connect(at(a.ip, pa), at(b.ip, pb), 0, c, nil, func(k *conn) {
		k.exchange([]byte("\x13handshake of a peer"), []byte("\x13handshake of a peer"), k.close)
	})
}

// datagrams sends one UDP datagram each way, every 20 s or so, from begin on.
func (s *sim) datagrams(c chance, a, b *p2pHost, begin time.Duration) {
	from, to := at(a.ip, highPort(c)), at(b.ip, highPort(c))
	var again func()
	again = func() {
		a.udp[b.ip] = true
		s.send(udp(from, to, gopacket.Payload("ping")))
		s.after(c.rtt(), func() {
			b.udp[a.ip] = true
			s.send(udp(to, from, gopacket.Payload("pong")))
		})
		s.after(c.seconds(15, 25), again)
	}
	s.after(begin, again)
}

// p2pPeer joins a client with one peer: one connection, to or from it, and
// datagrams.
func (s *sim) p2pPeer(c chance, h, peer *p2pHost) {
	a, b := h, peer
	if c.IntN(2) == 0 {
		a, b = b, a
	}
	s.after(c.seconds(0, 200), func() { s.talk(c, a, b) })
	s.datagrams(c, h, peer, c.seconds(0, 200))
}

func (s *sim) manyPorts(c chance, h, peer *p2pHost) {
	for range p2pManyPorts {
		s.after(c.seconds(0, p2pManyTCP), func() { s.talk(c, h, peer) })
	}
	s.datagrams(c, h, peer, c.seconds(p2pManyUDP, p2pManyUDP+100))
}

// webClient looks names up and opens pages, one in half a minute or so.
func (s *sim) webClient(c chance, ip netip.Addr) {
	var again func()
	again = func() {
		me := at(ip, highPort(c))
		q := dnsQuery(uint16(c.Uint32()), "www.example.com", false)
		site := v4("203.0.113.0", 1+c.IntN(254))
		s.send(udp(me, dnsServer, q))
		s.after(c.seconds(0.005, 0.05), func() {
			s.send(udp(dnsServer, me, dnsAnswer(q, 0, site)))
			port := [...]uint16{80, 443}[c.IntN(2)]
			s.connect(at(ip, highPort(c)), at(site, port), 0, c, nil, func(k *conn) {
				k.exchange([]byte("GET / HTTP/1.1\r\nHost: www.example.com\r\n\r\n"), []byte("HTTP/1.1 200 OK\r\n\r\n"), k.close)
			})
		})
		s.after(c.seconds(20, 40), again)
	}
	s.after(c.seconds(0, 30), again)
}
