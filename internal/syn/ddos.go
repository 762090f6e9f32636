package syn

import (
	"math"
	"net/netip"
	"time"
)

// DDoSConfig shapes one SYN flood on one server. Take one of DDoSVariants, or
// start from DDoSConfig{} with the defaults of the main form.
type DDoSConfig struct {
	Seed    uint64 `json:"seed"`
	Variant string `json:"variant"` // "" for the main form; follows "syn-ddos-" in the name

	Begin    time.Duration `json:"begin_ns"`     // of the flood; P: 140 s
	Finish   time.Duration `json:"finish_ns"`    // A: 500 s
	Duration time.Duration `json:"duration_ns"`  // A: 900 s
	Late     time.Duration `json:"late_ns"`      // the late client starts; P: in the middle of the attack, 320 s
	Rate     float64       `json:"syn_per_s"`    // at Begin; A: 20
	Growth   float64       `json:"growth"`       // factor per 60 s; A: 1.3
	Rush     bool          `json:"rush"`         // the flood is of real clients: full handshakes
	ECN      bool          `json:"ecn"`          // all SYNs carry ECE and CWR
	IPv6     bool          `json:"ipv6"`         // all packets are IPv6
	Answered float64       `json:"answered"`     // part of the SYNs that the server answers during the flood; A: 0.3
	Steady   bool          `json:"steady_start"` // the flood begins at t = 0 below the threshold, so that growth is the only rise
}

// DDoSVariants are the forms of the flood, by the end of their name. The main form
// must reach the state attack; "slow", "jump10", "constant" and "low" must not
// under exact counting. "rush" grows like the flood, and only its handshakes tell.
//
// "slow" grows by 10 % a minute from below the threshold on, so that it has no
// other rise. "jump10" sets in at 20 SYN/s: the jump itself is one rise, and a
// smoothed counter may take its settling for a second one.
func DDoSVariants() map[string]DDoSConfig {
	return map[string]DDoSConfig{
		"":         {},
		"constant": {Variant: "constant", Growth: 1},
		"slow": {Variant: "slow", Growth: 1.1, Rate: 1, Steady: true, Begin: time.Millisecond, Finish: 1500 * time.Second,
			Late: 900 * time.Second, Duration: 1800 * time.Second},
		"jump10": {Variant: "jump10", Growth: 1.1},
		"low":    {Variant: "low", Growth: 1, Rate: 0.9, Answered: 1},
		"rush":   {Variant: "rush", Rush: true, Answered: 1},
		"ecn":    {Variant: "ecn", ECN: true},
		"ipv6":   {Variant: "ipv6", IPv6: true},
	}
}

func (c DDoSConfig) name() string {
	if c.Variant == "" {
		return "syn-ddos"
	}
	return "syn-ddos-" + c.Variant
}

func (c *DDoSConfig) defaults() {
	set := func(d *time.Duration, seconds time.Duration) {
		if *d == 0 {
			*d = seconds * time.Second
		}
	}
	set(&c.Begin, 140)
	set(&c.Finish, 500)
	set(&c.Duration, 900)
	set(&c.Late, 320)
	if c.Rate == 0 {
		c.Rate = 20
	}
	if c.Growth == 0 {
		c.Growth = 1.3
	}
	if c.Answered == 0 {
		c.Answered = 0.3
	}
}

// DDoS makes a flood of SYNs from spoofed sources on one server that two
// legitimate clients use: one from the start, one that comes during the flood.
func DDoS(cfg DDoSConfig) (*Trace, *Truth) {
	cfg.defaults()
	return generate(cfg)
}

// A flood is one run of syn-ddos.
type flood struct {
	DDoSConfig
	s      *sim
	server endpoint
	truth  *Server
	synsAt []time.Duration
	flags  int // besides SYN
}

func (cfg DDoSConfig) run(s *sim) *Truth {
	f := &flood{DDoSConfig: cfg, s: s, server: at(v4("10.0.0.0", 80), 80)}
	early, late := v4("198.51.100.0", 10), v4("203.0.113.0", 20)
	if cfg.IPv6 {
		f.server.ip = netip.MustParseAddr("2001:db8:0:1::80")
		early, late = netip.MustParseAddr("2001:db8:a::10"), netip.MustParseAddr("2001:db8:b::20")
	}
	if cfg.ECN {
		f.flags = ece | cwr
	}
	seconds := int((cfg.Duration + time.Second - 1) / time.Second)
	f.truth = &Server{Address: f.server.ip.String(), SYNPerSecond: make([]int, seconds)}
	for i, c := range []struct {
		ip    netip.Addr
		role  string
		begin time.Duration
	}{{early, "early", 0}, {late, "late", cfg.Late}} {
		k := &Client{Address: c.ip.String(), Role: c.role, SYNPerSecond: make([]int, seconds), FirstSYN: c.begin.Seconds()}
		f.truth.Clients = append(f.truth.Clients, k)
		f.client(newChance(cfg.Seed, 1+i), c.ip, k, c.begin)
	}
	f.attack(newChance(cfg.Seed, 9))
	s.play(cfg.Duration)
	f.truth.judge(f.synsAt)
	return &Truth{Server: f.truth}
}

// countSYN is called for every SYN to the server.
func (f *flood) countSYN() {
	f.truth.SYNs++
	f.truth.SYNPerSecond[int(f.s.now/time.Second)]++
	f.synsAt = append(f.synsAt, f.s.now)
}

// busy reports whether the flood is on.
func (f *flood) busy() bool { return f.s.now >= f.Begin && f.s.now < f.Finish && !f.Steady }

// client opens one connection each 2 to 10 s (A) from begin on. While the flood is
// on the server may not answer; then the client tries again after 1 s and 3 s.
func (f *flood) client(c chance, ip netip.Addr, k *Client, begin time.Duration) {
	port := uint16(30000)
	var open func()
	open = func() {
		port++
		f.try(c, at(ip, port), k, 0)
		f.s.after(c.seconds(2, 10), open)
	}
	f.s.after(begin, open)
}

func (f *flood) try(c chance, me endpoint, k *Client, attempt int) {
	f.countSYN()
	k.SYNs++
	k.SYNPerSecond[int(f.s.now/time.Second)]++
	if f.busy() && c.Float64() >= f.Answered {
		k.Packets++
		f.s.send(tcp(me, f.server, syn|f.flags, c.Uint32(), 0, nil))
		if attempt < 2 {
			f.s.after(time.Duration(1+2*attempt)*time.Second, func() { f.try(c, me, k, attempt+1) })
		}
		return
	}
	f.s.connect(me, f.server, f.flags, c, func(byClient bool) {
		if byClient {
			k.Packets++
		}
	}, func(x *conn) {
		x.exchange([]byte("GET / HTTP/1.1\r\nHost: www.example.com\r\n\r\n"), []byte("HTTP/1.1 200 OK\r\n\r\n"), x.close)
	})
}

// attack sends the flood: each source once, drawn without repetition. The rate
// grows evenly within each minute.
func (f *flood) attack(c chance) {
	sources := c.Perm(1 << 17)
	var next func()
	next = func() {
		if f.s.now >= f.Finish {
			return
		}
		n := f.truth.FloodSYNs
		src := at(v4("198.18.0.0", sources[n%len(sources)]), uint16(1024+c.IntN(60000)))
		if f.IPv6 {
			b := netip.MustParseAddr("2001:db8:f::").As16()
			m := sources[n%len(sources)]
			b[13], b[14], b[15] = byte(m>>16), byte(m>>8), byte(m)
			src.ip = netip.AddrFrom16(b)
		}
		f.truth.FloodSYNs++
		f.truth.FloodSources = min(f.truth.FloodSYNs, len(sources))
		f.countSYN()
		f.floodSYN(c, src)
		minutes := (f.s.now - f.Begin).Minutes()
		f.s.after(c.gap(f.Rate*math.Pow(f.Growth, minutes)), next)
	}
	f.s.after(f.Begin, next)
}

// floodSYN sends one SYN, and what follows if its source is a real client.
func (f *flood) floodSYN(c chance, src endpoint) {
	if f.Rush {
		f.s.connect(src, f.server, f.flags, c, nil, func(x *conn) {
			x.exchange([]byte("GET / HTTP/1.1\r\nHost: www.example.com\r\n\r\n"), []byte("HTTP/1.1 200 OK\r\n\r\n"), x.close)
		})
		return
	}
	seq := c.Uint32()
	f.s.send(tcp(src, f.server, syn|f.flags, seq, 0, nil))
	if c.Float64() < f.Answered {
		f.s.after(c.rtt(), func() {
			f.s.send(tcp(f.server, src, syn|ack|f.flags&ece, c.Uint32(), seq+1, nil))
		})
	}
}
