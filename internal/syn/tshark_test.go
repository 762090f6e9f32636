package syn

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// A row is what tshark says about one frame.
type row struct {
	number                   int64
	at                       float64 // seconds from the start
	src, dst                 string
	udpSrc, udpDst           int
	tcpSrc, tcpDst           int
	isSYN, isACK, isResponse bool
	rcode, function          int
}

var rowFields = []string{"frame.number", "frame.time_epoch", "ip.src", "ip.dst", "ipv6.src", "ipv6.dst", "udp.srcport", "udp.dstport",
	"tcp.srcport", "tcp.dstport", "tcp.flags.syn", "tcp.flags.ack", "dns.flags.response", "dns.flags.rcode", "modbus.func_code"}

// tshark writes the scenario to a file and has tshark dissect it. It skips
// without tshark: the truth is then only checked against itself.
func tshark(t *testing.T, s Scenario, filter string) (*Truth, []row) {
	t.Helper()
	if _, err := exec.LookPath("tshark"); err != nil {
		t.Skip("tshark is not installed, so nothing independent can count")
	}
	if testing.Short() {
		t.Skip("dissecting with tshark takes seconds")
	}
	path := filepath.Join(t.TempDir(), s.Name+".pcapng")
	trace, truth := s.Trace(1)
	if err := os.WriteFile(path, trace.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	args := []string{"-n", "-r", path, "-Y", filter, "-o", "tcp.desegment_tcp_streams:FALSE", "-T", "fields"}
	for _, f := range rowFields {
		args = append(args, "-e", f)
	}
	cmd := exec.Command("tshark", args...)
	cmd.Env = append(os.Environ(), "LC_ALL=C", "TZ=UTC")
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var rows []row
	sc := bufio.NewScanner(out)
	for sc.Scan() {
		rows = append(rows, parseRow(sc.Text()))
	}
	if err := cmd.Wait(); err != nil {
		t.Fatal(err)
	}
	return truth, rows
}

func parseRow(line string) row {
	f := strings.Split(line, "\t")
	num := func(i int) int { n, _ := strconv.Atoi(f[i]); return n }
	sec, frac, _ := strings.Cut(f[1], ".")
	s, _ := strconv.ParseInt(sec, 10, 64)
	ns, _ := strconv.ParseInt(frac, 10, 64)
	return row{
		number: int64(num(0)), at: float64(s-Start.Unix()) + float64(ns)/1e9,
		src: f[2] + f[4], dst: f[3] + f[5], udpSrc: num(6), udpDst: num(7), tcpSrc: num(8), tcpDst: num(9),
		isSYN: f[10] == "1", isACK: f[11] == "1", isResponse: f[12] == "1", rcode: num(13), function: num(14),
	}
}

func find(t *testing.T, name string) Scenario {
	t.Helper()
	for _, s := range Scenarios() {
		if s.Name == name {
			return s
		}
	}
	t.Fatalf("no scenario %q", name)
	return Scenario{}
}

func TestConfickerByTshark(t *testing.T) {
	truth, rows := tshark(t, find(t, "syn-conficker"), "dns or (tcp.port == 445 and tcp.flags.syn == 1)")
	got := map[string][]Minute{}
	for _, h := range truth.Hosts {
		got[h.Address] = make([]Minute, len(h.PerMinute))
	}
	add := func(host string, r row, count func(*Minute)) {
		if m := got[host]; m != nil {
			count(&m[int(r.at/60)])
		}
	}
	first := map[string]int64{}
	for _, r := range rows {
		switch {
		case r.udpDst == 53 && !r.isResponse:
			add(r.src, r, func(m *Minute) { m.Queries++ })
		case r.udpSrc == 53 && r.rcode == 3:
			add(r.dst, r, func(m *Minute) { m.Failures++ })
		case r.tcpDst == 445 && !r.isACK:
			add(r.src, r, func(m *Minute) { m.SYNs++ })
			if strings.HasPrefix(r.dst, "198.1") && first[r.src] == 0 {
				first[r.src] = r.number
			}
		case r.tcpSrc == 445 && r.isACK:
			add(r.dst, r, func(m *Minute) { m.Answers++ })
		}
	}
	for _, h := range truth.Hosts {
		for i, want := range h.PerMinute {
			if got[h.Address][i] != want {
				t.Errorf("%s, minute %d: tshark counts %+v, want %+v", h.Address, i, got[h.Address][i], want)
			}
		}
		if scan := first[h.Address]; h.FirstInfected > 0 && scan < h.FirstInfected {
			t.Errorf("%s scans in packet %d, before its first infected packet %d", h.Address, scan, h.FirstInfected)
		}
	}
}

func TestDDoSByTshark(t *testing.T) {
	for _, name := range []string{"syn-ddos", "syn-ddos-ecn", "syn-ddos-ipv6", "syn-ddos-slow"} {
		t.Run(name, func(t *testing.T) {
			truth, rows := tshark(t, find(t, name), "tcp.dstport == 80")
			v := truth.Server
			perSecond := make([]int, len(v.SYNPerSecond))
			packets, syns, sources := map[string]int{}, map[string]int{}, map[string]bool{}
			for _, r := range rows {
				packets[r.src]++
				if r.dst == v.Address && r.isSYN && !r.isACK {
					perSecond[int(r.at)]++
					syns[r.src]++
					sources[r.src] = true
				}
			}
			if a, b := fmt.Sprint(perSecond), fmt.Sprint(v.SYNPerSecond); a != b {
				t.Errorf("SYNs per second: tshark counts %s, want %s", a, b)
			}
			if n := len(sources) - len(v.Clients); n != v.FloodSources {
				t.Errorf("tshark counts %d flood sources, want %d", n, v.FloodSources)
			}
			for _, c := range v.Clients {
				if packets[c.Address] != c.Packets || syns[c.Address] != c.SYNs {
					t.Errorf("client %s: tshark counts %d packets, %d SYNs, want %d, %d", c.Address, packets[c.Address], syns[c.Address], c.Packets, c.SYNs)
				}
			}
		})
	}
}

func TestP2PByTshark(t *testing.T) {
	truth, rows := tshark(t, find(t, "syn-p2p"), "tcp.srcport >= 10000 and tcp.dstport >= 10000 or udp.srcport >= 10000 and udp.dstport >= 10000")
	type peer struct{ host, peer string }
	type port struct {
		host string
		port int
	}
	tcpPeers, udpPeers, ports := map[peer]bool{}, map[peer]bool{}, map[port]bool{}
	for _, r := range rows {
		for _, p := range []peer{{r.src, r.dst}, {r.dst, r.src}} {
			if r.tcpSrc > 0 {
				tcpPeers[p] = true
			} else {
				udpPeers[p] = true
			}
		}
		if r.tcpSrc > 0 {
			ports[port{r.dst, r.tcpSrc}] = true
		}
	}
	got := map[string]*Peers{}
	of := func(host string) *Peers {
		if got[host] == nil {
			got[host] = &Peers{}
		}
		return got[host]
	}
	for p := range tcpPeers {
		of(p.host).TCPPeers++
		if udpPeers[p] {
			of(p.host).Both++
		}
	}
	for p := range udpPeers {
		of(p.host).UDPPeers++
	}
	for p := range ports {
		of(p.host).Ports++
	}
	for _, h := range truth.Hosts {
		g := of(h.Address)
		g.Gap = max(g.Ports-g.TCPPeers, g.TCPPeers-g.Ports)
		if *g != *h.P2P {
			t.Errorf("%s, %s: tshark counts %+v, want %+v", h.Address, h.Role, *g, *h.P2P)
		}
	}
}

func TestModbusByTshark(t *testing.T) {
	truth, rows := tshark(t, find(t, "syn-modbus-scan"), "modbus")
	for _, h := range truth.Hosts {
		requests, answers, devices := 0, 0, map[string]bool{}
		fourth := 0.0
		for _, r := range rows {
			switch {
			case r.src == h.Address && r.tcpDst == 502:
				requests++
				if devices[r.dst] = true; len(devices) == 4 && fourth == 0 {
					fourth = r.at
				}
			case r.dst == h.Address && r.tcpSrc == 502:
				answers++
			}
		}
		m := h.Modbus
		if requests != m.Requests || answers != m.Answers || len(devices) != m.Devices || fmt.Sprintf("%.6f", fourth) != fmt.Sprintf("%.6f", m.FourthAt) {
			t.Errorf("%s: tshark counts %d requests, %d answers, %d devices, the fourth at %v, want %+v", h.Role, requests, answers, len(devices), fourth, *m)
		}
	}
}
