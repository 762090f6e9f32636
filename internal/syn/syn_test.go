package syn

import (
	"bytes"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/google/gopacket"
	"github.com/google/gopacket/layers"
	"github.com/google/gopacket/pcapgo"
)

// short returns the scenarios that fit into memory.
func short() []Scenario {
	return slices.DeleteFunc(Scenarios(), func(s Scenario) bool { return s.Long })
}

func TestOneSeedOneFile(t *testing.T) {
	for _, s := range short() {
		trace, truth := s.Trace(7)
		file := trace.Bytes()
		var again bytes.Buffer
		truth2, err := s.Write(&again, 7)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(file, again.Bytes()) {
			t.Errorf("%s: two files of one seed differ", s.Name)
		}
		if a, b := fmt.Sprintf("%+v", truth.Infected), fmt.Sprintf("%+v", truth2.Infected); a != b || truth.Packets != truth2.Packets {
			t.Errorf("%s: two truths of one seed differ", s.Name)
		}
		other, _ := s.Trace(8)
		if bytes.Equal(file, other.Bytes()) {
			t.Errorf("%s: two seeds give one file", s.Name)
		}
	}
}

// allowed are the networks that synthetic packets may come from and go to.
var allowed = []netip.Prefix{
	netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("192.0.2.0/24"), netip.MustParsePrefix("198.51.100.0/24"),
	netip.MustParsePrefix("203.0.113.0/24"), netip.MustParsePrefix("198.18.0.0/15"), netip.MustParsePrefix("2001:db8::/32"),
	netip.MustParsePrefix("0.0.0.0/32"), netip.MustParsePrefix("255.255.255.255/32"), // DHCP
}

// TestFilesAreSound reads every file back with gopacket: the label, the order of
// time, the addresses, and that every packet decodes to its end.
func TestFilesAreSound(t *testing.T) {
	for _, s := range short() {
		t.Run(s.Name, func(t *testing.T) {
			trace, truth := s.Trace(1)
			r, err := pcapgo.NewNgReader(bytes.NewReader(trace.Bytes()), pcapgo.DefaultNgReaderOptions)
			if err != nil {
				t.Fatal(err)
			}
			if c := r.SectionInfo().Comment; !strings.HasPrefix(c, "synthetic; "+s.Name+"; {") || !strings.Contains(c, `"seed":1`) {
				t.Errorf("section comment %q", c)
			}
			if !strings.HasPrefix(s.Name, "syn-") || truth.Name != s.Name || !truth.Synthetic {
				t.Errorf("truth is called %q", truth.Name)
			}
			var n, last int64
			for {
				data, ci, err := r.ReadPacketData()
				if err != nil {
					break
				}
				n++
				if ts := ci.Timestamp.UnixNano(); ts < last || ts < Start.UnixNano() {
					t.Fatalf("packet %d is at %v, after %d", n, ci.Timestamp, last)
				} else {
					last = ts
				}
				p := gopacket.NewPacket(data, layers.LayerTypeEthernet, gopacket.DecodeOptions{Lazy: true, NoCopy: true})
				if e := p.ErrorLayer(); e != nil {
					t.Fatalf("packet %d: %v", n, e.Error())
				}
				flow := p.NetworkLayer().NetworkFlow()
				for _, raw := range [][]byte{flow.Src().Raw(), flow.Dst().Raw()} {
					ip, _ := netip.AddrFromSlice(raw)
					if !slices.ContainsFunc(allowed, func(n netip.Prefix) bool { return n.Contains(ip) }) {
						t.Fatalf("packet %d has address %v", n, ip)
					}
				}
			}
			if n != truth.Packets {
				t.Errorf("read %d packets, want %d", n, truth.Packets)
			}
		})
	}
}

func TestConfickerTruth(t *testing.T) {
	for seed := range uint64(3) {
		_, truth := Conficker(ConfickerConfig{Seed: seed})
		if len(truth.Hosts) != 53 || len(truth.Infected) != 8 {
			t.Fatalf("seed %d: %d hosts, %d infected, want 53, 8", seed, len(truth.Hosts), len(truth.Infected))
		}
		roles := map[string]int{}
		for _, h := range truth.Hosts {
			role, _, _ := strings.Cut(h.Role, ",")
			roles[role]++
			var sum Minute
			for _, m := range h.PerMinute {
				sum.Queries += m.Queries
				sum.Failures += m.Failures
				sum.SYNs += m.SYNs
				sum.Answers += m.Answers
			}
			if sum != *h.Total {
				t.Errorf("seed %d: %s: minutes add up to %+v, want %+v", seed, h.Address, sum, *h.Total)
			}
			f1, f2 := ratio(sum.Failures, sum.Queries), ratio(sum.Answers, sum.SYNs)
			switch infected := slices.Contains(truth.Infected, h.Address); {
			case infected != (h.Verdict == "infected") || infected != (h.FirstInfected > 0):
				t.Errorf("seed %d: %s: verdict %q, first infected packet %d", seed, h.Address, h.Verdict, h.FirstInfected)
			case infected && (f1 < 0.7 || f2 > 0.1):
				t.Errorf("seed %d: bot %s: F1 %.2f, F2 %.2f, want above 0.7 and below 0.1", seed, h.Address, f1, f2)
			case h.Role == "scan, no failed names" && (f1 != 0 || f2 > 0.1):
				t.Errorf("seed %d: scanner %s: F1 %.2f, F2 %.2f, want 0 and below 0.1", seed, h.Address, f1, f2)
			case !infected && h.Role != "scan, no failed names" && f2 < 0.9:
				t.Errorf("seed %d: clean %s: F2 %.2f, want above 0.9", seed, h.Address, f2)
			case h.Role == "mail server" && (f1 < 0.4 || f1 > 0.6):
				t.Errorf("seed %d: mail server: F1 %.2f, want about a half", seed, f1)
			}
		}
		if roles["bot"] != 8 || roles["clean"] != 42 || len(roles) != 5 {
			t.Errorf("seed %d: roles %v", seed, roles)
		}
	}
}

func ratio(a, b int) float64 {
	if b == 0 {
		return 1
	}
	return float64(a) / float64(b)
}

// TestDDoSTruth checks what the exact state machine makes of each variant, for
// several seeds.
func TestDDoSTruth(t *testing.T) {
	for name, want := range map[string]string{
		"":         "default monitored rising attack default",
		"constant": "default monitored rising monitored default",
		"jump10":   "default monitored rising monitored default",
		"low":      "default",
		"rush":     "default monitored rising attack default",
		"ecn":      "default monitored rising attack default",
		"ipv6":     "default monitored rising attack default",
		"slow":     "", // never attack: how often it passes the threshold is chance
	} {
		for seed := range uint64(3) {
			cfg, ok := DDoSVariants()[name]
			if !ok {
				t.Fatalf("no variant %q", name)
			}
			cfg.Seed = seed
			_, truth := DDoS(cfg)
			v := truth.Server
			var states []string
			for _, s := range v.States {
				states = append(states, s.State)
			}
			if got := strings.Join(states, " "); want != "" && got != want || v.Attacked != strings.Contains(want, "attack") {
				t.Errorf("%q, seed %d: states %s, attacked %v, want %s", name, seed, got, v.Attacked, want)
			}
			sum := 0
			for _, n := range v.SYNPerSecond {
				sum += n
			}
			if sum != v.SYNs || v.SYNs != v.FloodSYNs+v.Clients[0].SYNs+v.Clients[1].SYNs {
				t.Errorf("%q, seed %d: %d SYNs, seconds add up to %d, parts to %d", name, seed, v.SYNs, sum, v.FloodSYNs+v.Clients[0].SYNs+v.Clients[1].SYNs)
			}
		}
	}
}

func TestP2PTruth(t *testing.T) {
	_, truth := P2P(P2PConfig{Seed: 3})
	inside := map[string]int{}
	for _, h := range truth.Hosts {
		if strings.HasPrefix(h.Address, "10.") {
			inside[h.Role]++
		}
		p := h.P2P
		switch h.Role {
		case "p2p client":
			if p.Both < 8 || p.Gap >= 10 {
				t.Errorf("%s, %s: %+v", h.Address, h.Role, *p)
			}
		case "peer of a p2p client":
			if p.Both != 1 || p.Gap >= 10 {
				t.Errorf("%s, %s: %+v", h.Address, h.Role, *p)
			}
		case "many ports per peer", "peer with many ports":
			if p.Both < 1 || p.Gap <= 10 {
				t.Errorf("%s, %s: %+v", h.Address, h.Role, *p)
			}
		case "web client":
			if p.Both != 0 || p.TCPPeers != 0 {
				t.Errorf("%s, %s: %+v", h.Address, h.Role, *p)
			}
		}
	}
	if fmt.Sprint(inside) != "map[many ports per peer:50 p2p client:50 web client:900]" {
		t.Errorf("inside hosts: %v", inside)
	}
}

func TestModbusTruth(t *testing.T) {
	_, truth := ModbusScan(ModbusConfig{Seed: 1})
	master, scanner := truth.Hosts[0].Modbus, truth.Hosts[1].Modbus
	if master.Devices != 3 || master.FourthAt != 0 || fmt.Sprint(master.Functions) != "[3]" || master.Requests != master.Answers {
		t.Errorf("master: %+v", *master)
	}
	if scanner.Devices != 254 || scanner.FourthAt < 60 || fmt.Sprint(scanner.Functions) != "[8 9 10 11 12 13 14 15 16]" {
		t.Errorf("scanner: %+v", *scanner)
	}
	if scanner.Answers < 100 || scanner.Answers > 154 {
		t.Errorf("%d of 254 devices answer, want about half", scanner.Answers)
	}
}
