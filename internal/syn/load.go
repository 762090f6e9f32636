package syn

import (
	"io"
	"net/netip"
	"time"

	"github.com/google/gopacket/layers"
	"github.com/google/gopacket/pcapgo"
)

// The traces of this file and of mix.go are for measuring speed. Nothing is
// detected in them that would be worth a verdict; their truth is how much of
// everything they hold. Other programs read them too, so they can also be written
// as classic pcap, whose header has no room to say that they are synthetic: only
// the name and the truth beside them do.

// Load is the truth of a trace for measuring.
type Load struct {
	Bytes    int64 `json:"bytes"` // of all frames
	Flows    int   `json:"flows"` // TCP connections, UDP pairs of endpoints
	SYNs     int   `json:"syns"`  // without ACK
	Queries  int   `json:"dns_queries"`
	Replies  int   `json:"dns_replies"`
	NXDomain int   `json:"dns_nxdomain"` // replies that say so
}

// WritePcap makes the scenario into a classic pcap file, times in microseconds.
func (s Scenario) WritePcap(w io.Writer, seed uint64) (*Truth, error) {
	p := pcapgo.NewWriter(w)
	if err := p.WriteFileHeader(262144, layers.LinkTypeEthernet); err != nil {
		return nil, err
	}
	var err error
	truth := play(s.make(seed), func(f Frame) {
		if err == nil {
			err = p.WritePacket(f.info(), f.Data)
		}
	})
	return truth, err
}

// DNSPairsConfig sets the size of syn-dns-pairs. The zero value is the form that
// the comments describe (all A).
type DNSPairsConfig struct {
	Seed     uint64  `json:"seed"`
	Pairs    int     `json:"pairs"`    // 500 000 queries, each with its reply and from an endpoint of its own
	Clients  int     `json:"clients"`  // 1000 addresses, which share the pairs evenly
	NXDomain float64 `json:"nxdomain"` // share of replies: 0.1
}

func (DNSPairsConfig) name() string { return "syn-dns-pairs" }

func (c *DNSPairsConfig) defaults() {
	orInt(&c.Pairs, 500_000)
	orInt(&c.Clients, 1000)
	if c.NXDomain == 0 {
		c.NXDomain = 0.1
	}
}

// DNSPairs makes queries and replies, each pair a flow of its own.
func DNSPairs(cfg DNSPairsConfig) (*Trace, *Truth) {
	cfg.defaults()
	return generate(cfg)
}

func (cfg DNSPairsConfig) run(s *sim) *Truth {
	const spacing = 50 * time.Microsecond // between two queries
	c := newChance(cfg.Seed, 0)
	l := &Load{Flows: cfg.Pairs}
	resolver := at(v4("10.0.0.53", 0), 53)
	ask := func(n int) {
		client := at(v4("10.1.0.0", n%cfg.Clients), uint16(1024+n/cfg.Clients%64000))
		q := dnsQuery(uint16(c.Uint32()), randomName(c), false)
		rcode := layers.DNSResponseCodeNoErr
		if c.Float64() < cfg.NXDomain {
			rcode = layers.DNSResponseCodeNXDomain
			l.NXDomain++
		}
		l.send(s, udp(client, resolver, q))
		l.Queries++
		reply := udp(resolver, client, dnsAnswer(q, rcode, outside4(c)))
		s.after(c.rtt(), func() {
			l.send(s, reply)
			l.Replies++
		})
	}
	s.each(cfg.Pairs, spacing, ask)
	return &Truth{Load: l}
}

// SYNFlowsConfig sets the size of syn-flows. The zero value is the form that the
// comments describe (all A).
type SYNFlowsConfig struct {
	Seed    uint64 `json:"seed"`
	Packets int    `json:"packets"` // 1 000 000, of a flow each that is drawn evenly
	Flows   int    `json:"flows"`   // 120 000 pairs of endpoints; the variant syn-flows-500 has 500
	Servers int    `json:"servers"` // one for 120 flows, at least 4
}

func (c SYNFlowsConfig) name() string {
	if c.Flows == 500 {
		return "syn-flows-500"
	}
	return "syn-flows"
}

func (c *SYNFlowsConfig) defaults() {
	orInt(&c.Packets, 1_000_000)
	orInt(&c.Flows, 120_000)
	orInt(&c.Servers, max(4, c.Flows/120))
}

// SYNFlows makes SYNs that nobody answers.
func SYNFlows(cfg SYNFlowsConfig) (*Trace, *Truth) {
	cfg.defaults()
	return generate(cfg)
}

func (cfg SYNFlowsConfig) run(s *sim) *Truth {
	const spacing = 50 * time.Microsecond
	c := newChance(cfg.Seed, 0)
	l := &Load{Flows: cfg.Flows}
	s.each(cfg.Packets, spacing, func(int) {
		n := c.IntN(cfg.Flows)
		client := at(v4("198.18.0.0", n%(1<<17)), uint16(1024+n%60000))
		l.send(s, tcp(client, at(v4("10.2.0.0", n%cfg.Servers), 80), syn, c.Uint32(), 0, nil))
		l.SYNs++
	})
	return &Truth{Load: l}
}

// send puts a frame on the wire and counts its bytes.
func (l *Load) send(s *sim, data []byte) {
	l.Bytes += int64(len(data))
	s.send(data)
}

// each runs do for 0 … n-1, spacing apart, and plays to the end of all that
// follows from it.
func (s *sim) each(n int, spacing time.Duration, do func(i int)) {
	i := 0
	var next func()
	next = func() {
		do(i)
		if i++; i < n {
			s.after(spacing, next)
		}
	}
	s.after(0, next)
	s.play(time.Duration(n+1)*spacing + time.Second)
}

// randomName is a name as a generator of domains makes it.
func randomName(c chance) string {
	b := make([]byte, 8+c.IntN(8))
	for i := range b {
		b[i] = byte('a' + c.IntN(26))
	}
	return string(b) + []string{".com", ".net", ".org", ".info"}[c.IntN(4)]
}

func orInt(n *int, v int) {
	if *n == 0 {
		*n = v
	}
}

// v6 returns 2001:db8:: + net:n.
func v6(net byte, n int) netip.Addr {
	return netip.AddrFrom16([16]byte{0x20, 1, 0xd, 0xb8, 7: net, 14: byte(n >> 8), 15: byte(n)})
}
