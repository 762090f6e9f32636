package syn

import (
	"io"
	"net/netip"
	"time"

	"github.com/google/gopacket/layers"
)

// ConfickerConfig sets the size of syn-conficker. The zero value is the short
// form with seed 0; the long form of the paper has Duration: 90 * time.Hour (some
// 20 million packets: use WriteConficker).
type ConfickerConfig struct {
	Seed     uint64        `json:"seed"`
	Duration time.Duration `json:"duration_ns"` // A: 1 h; P: 90 h
	Hosts    int           `json:"hosts"`       // P: 53, infected ones and traps included
	Infected int           `json:"infected"`    // P: 8
	NoTraps  bool          `json:"no_traps"`
	Failing  float64       `json:"failing"`  // least probability that a generated name does not exist; A: 0.9
	Answered float64       `json:"answered"` // largest probability that a scanned address answers; A: 0.05
}

func (c ConfickerConfig) name() string {
	if c.Duration > time.Hour {
		return "syn-conficker-long"
	}
	return "syn-conficker"
}

func (c *ConfickerConfig) defaults() {
	if c.Duration == 0 {
		c.Duration = time.Hour
	}
	if c.Hosts == 0 {
		c.Hosts = 53
	}
	if c.Infected == 0 {
		c.Infected = 8
	}
	if c.Failing == 0 {
		c.Failing = 0.9
	}
	if c.Answered == 0 {
		c.Answered = 0.05
	}
}

// Conficker makes a network of idle hosts, some of which are bots: they look up
// generated names, nearly all of which fail, and scan port 445 of random addresses.
func Conficker(cfg ConfickerConfig) (*Trace, *Truth) {
	cfg.defaults()
	return generate(cfg)
}

// WriteConficker is Conficker for traces too long for memory.
func WriteConficker(w io.Writer, cfg ConfickerConfig) (*Truth, error) {
	cfg.defaults()
	return write(cfg, w)
}

// The servers of the network, and the ports of their services.
var (
	dnsServer   = at(v4("10.0.0.0", 53), 53)
	ntpServer   = at(v4("10.0.0.0", 123), 123)
	dhcpServer  = at(v4("10.0.0.0", 67), 67)
	fileServers = []endpoint{at(v4("10.0.0.0", 201), 445), at(v4("10.0.0.0", 202), 445)}
)

// A deskHost is one host of syn-conficker.
type deskHost struct {
	chance
	s        *sim
	ip       netip.Addr
	truth    *Host
	nextPort uint16
	names    []string // generated names, polled in turn
}

func (cfg ConfickerConfig) run(s *sim) *Truth {
	t := &Truth{}
	started := 0
	for i := range cfg.Hosts {
		h := &deskHost{chance: newChance(cfg.Seed, i+1), s: s, ip: v4("10.0.1.0", i+1)}
		h.truth = &Host{
			Address: h.ip.String(), Role: "clean", Verdict: "clean", Total: &Minute{},
			PerMinute: make([]Minute, (cfg.Duration+time.Minute-1)/time.Minute),
		}
		t.Hosts = append(t.Hosts, h.truth)
		h.nextPort = uint16(1025 + h.IntN(1000))
		h.idle()
		h.fileSharing()
		trap := i - (cfg.Hosts - 3)
		switch {
		case i < cfg.Infected:
			// Two at the start, the others over the first half.
			begin := time.Duration(0)
			if i >= 2 {
				begin = time.Duration(i-1) * cfg.Duration / 2 / time.Duration(max(1, cfg.Infected-2))
			}
			h.infect(begin+h.seconds(0, 10), "abc"[started%3], cfg)
			started++
			t.Infected = append(t.Infected, h.truth.Address)
		case !cfg.NoTraps && trap == 0:
			h.truth.Role = "mail server"
			h.mailServer()
		case !cfg.NoTraps && trap == 1:
			h.truth.Role = "generated names, no scan"
			h.lookUps(h.between(5, 20), 0.4)
			h.names = generatedNames(h.chance, 250)
			h.poll(h.seconds(30, 60), func() time.Duration { return 5 * time.Second }, cfg.Failing)
		case !cfg.NoTraps && trap == 2:
			h.truth.Role = "scan, no failed names"
			h.lookUps(h.between(5, 20), 0)
			h.scan(h.seconds(30, 60), h.between(0.1, 5), h.between(0, cfg.Answered))
		default:
			h.lookUps(h.between(5, 20), h.between(0, 0.4))
		}
	}
	s.play(cfg.Duration)
	return t
}

// infect makes h a bot from begin on. Variants A and B poll 250 names in rounds,
// one query each 5 s; C takes 500 of 50 000 names, with pauses of 10 to 50 s (L).
func (h *deskHost) infect(begin time.Duration, variant byte, cfg ConfickerConfig) {
	h.truth.Role = "bot, variant " + string(variant-'a'+'A')
	h.truth.Verdict = "infected"
	h.lookUps(h.between(5, 20), h.between(0, 0.4))
	pause := func() time.Duration { return 5 * time.Second }
	n := 250
	if variant == 'c' {
		pause = func() time.Duration { return h.seconds(10, 50) }
		n = 500
	}
	h.names = generatedNames(h.chance, n)
	h.poll(begin, pause, h.between(cfg.Failing, 1))
	h.scan(begin+h.seconds(0, 30), h.between(0.1, 5), h.between(0, cfg.Answered))
}

// idle is what every host does: it gets an address, keeps its clock, and renews
// its lease each half hour.
func (h *deskHost) idle() {
	start := h.seconds(0, 20)
	h.s.after(start, h.lease)
	h.every(start+30*time.Minute, func() time.Duration { return 30 * time.Minute }, h.renew)
	h.every(h.seconds(1, 60), func() time.Duration { return h.seconds(60, 68) }, func() {
		me := at(h.ip, 123)
		h.s.send(udp(me, ntpServer, &layers.NTP{Version: 3, Mode: 3, Poll: 6}))
		h.s.after(h.rtt(), func() {
			h.s.send(udp(ntpServer, me, &layers.NTP{Version: 3, Mode: 4, Stratum: 2, Poll: 6}))
		})
	})
}

// every runs do at first, and again and again after pauses.
func (h *deskHost) every(first time.Duration, pause func() time.Duration, do func()) {
	var again func()
	again = func() {
		do()
		h.s.after(pause(), again)
	}
	h.s.after(first, again)
}

// lease is DHCP's discover, offer, request, acknowledge.
func (h *deskHost) lease() {
	none, server := at(v4("0.0.0.0", 0), 68), dhcpServer
	xid := h.Uint32()
	h.s.send(udp(none, at(broadcast, 67), h.dhcp(xid, layers.DHCPMsgTypeDiscover, false)))
	h.s.after(h.rtt(), func() {
		h.s.send(udp(server, at(h.ip, 68), h.dhcp(xid, layers.DHCPMsgTypeOffer, true)))
		h.s.after(h.rtt(), func() {
			h.s.send(udp(none, at(broadcast, 67), h.dhcp(xid, layers.DHCPMsgTypeRequest, false)))
			h.s.after(h.rtt(), func() {
				h.s.send(udp(server, at(h.ip, 68), h.dhcp(xid, layers.DHCPMsgTypeAck, true)))
			})
		})
	})
}

func (h *deskHost) renew() {
	xid := h.Uint32()
	h.s.send(udp(at(h.ip, 68), dhcpServer, h.dhcp(xid, layers.DHCPMsgTypeRequest, false)))
	h.s.after(h.rtt(), func() {
		h.s.send(udp(dhcpServer, at(h.ip, 68), h.dhcp(xid, layers.DHCPMsgTypeAck, true)))
	})
}

func (h *deskHost) dhcp(xid uint32, typ layers.DHCPMsgType, reply bool) *layers.DHCPv4 {
	d := &layers.DHCPv4{
		Operation: layers.DHCPOpRequest, HardwareType: layers.LinkTypeEthernet, HardwareLen: 6, Xid: xid,
		ClientIP: v4("0.0.0.0", 0).AsSlice(), YourClientIP: v4("0.0.0.0", 0).AsSlice(),
		NextServerIP: v4("0.0.0.0", 0).AsSlice(), RelayAgentIP: v4("0.0.0.0", 0).AsSlice(),
		ClientHWAddr: mac(h.ip),
		Options:      layers.DHCPOptions{layers.NewDHCPOption(layers.DHCPOptMessageType, []byte{byte(typ)})},
	}
	if reply {
		d.Operation = layers.DHCPOpReply
		d.YourClientIP = h.ip.AsSlice()
	}
	return d
}
