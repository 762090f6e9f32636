package bench

import (
	"bytes"
	"strings"
	"testing"
)

func TestJudge(t *testing.T) {
	for _, tt := range []struct {
		name   string
		target Target
		met    bool
		ratio  float64
	}{
		{"reached", Target{Asked: 4, Measured: 8, Taken: true}, true, 2},
		{"just", Target{Asked: 4, Measured: 4, Taken: true}, true, 1},
		{"missed", Target{Asked: 4, Measured: 2, Taken: true}, false, 0.5},
		{"below a limit", Target{Asked: 4, Measured: 2, Taken: true, Most: true}, true, 2},
		{"above a limit", Target{Asked: 4, Measured: 8, Taken: true, Most: true}, false, 0.5},
		{"none where none may be", Target{Taken: true, Most: true}, true, 0},
		{"some where none may be", Target{Measured: 1, Taken: true, Most: true}, false, 0},
		{"not measured", Target{Asked: 4}, false, 0},
		{"a limit not measured", Target{Asked: 4, Most: true}, false, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := tt.target.judge(); got.Met != tt.met || got.Ratio != tt.ratio {
				t.Errorf("met %v, ratio %v, want %v, %v", got.Met, got.Ratio, tt.met, tt.ratio)
			}
		})
	}
}

// sampleReport has figures in all tables, so that every target is measured.
func sampleReport() *Report {
	ns := func(x float64) Timing { return Timing{x, x, x} }
	many := []Many{{1, ns(1000), Timing{}}, {2, ns(500), Timing{Median: 90, Min: 80, Max: 490}}}
	row := func(name string, metrics int) Row {
		return Row{Program: name, Events: 1, Metrics: metrics, Bytes: int64(max(metrics, 1)) * 9 << 20, Heap: int64(max(metrics, 1)) * 9 << 20,
			Engine: ns(40), Decode: ns(50), Probe: ns(60), File: ns(80), Many: many, Kernel: ns(20)}
	}
	table := func(name, load string, rows ...Row) *Table {
		return &Table{Name: name, Load: load, Packets: 1000, Mean: 500, Rows: rows}
	}
	return &Report{
		Rounds: 5, Machine: "m", Date: "2026-01-01",
		Tables: []*Table{
			table(tableFigure8, "syn-load", row("worst1", 1), row("worst16", 16)),
			table(tableOwned, "syn-load", row("owned16", 16)),
			table(tableWide, "syn-load-uniform", row("wide16", 16)),
			table(tableReject, "syn-load", row("reject", 0)),
			table(tableMatched, "syn-dns-pairs", row("conficker", 0), row("p2p", 0)),
			table(tableZeek, "syn-dns-pairs", row("conficker", 0)),
			table(tableZeek, "syn-syns-120000", row("syncount", 0)),
			table(tableZeek, "syn-syns-500", row("syncount", 0)),
			table(tableCapture+", x", "x.pcap", row("worst16", 16), row("reject", 0), row("conficker", 0), row("p2p", 0), row("ddos", 0)),
			table(tableCapture+", y", "y.pcap", row("ddos", 0)),
		},
		Races: []*Race{{Load: "x.pcap", Packets: 1000, Bytes: 1 << 20, Runners: []Runner{
			{Name: "smprobe", Time: ns(100)}, {Name: "tcpdump", Time: ns(50)}, {Name: "tshark", Time: ns(4000)}}}},
		Micro: map[string]Timing{"Beside/tcp4/packet": ns(10), "Beside/tcp4/record": ns(8), "Beside/tcp4/gopacket": ns(60)},
		Rates: map[string]float64{"Read/pcap/batches": 3000, "Read/pcapng/batches": 2000},
	}
}

// What two workers gain on packets that a program rejects is no figure of the program.
func TestTargetsFollowed(t *testing.T) {
	r := sampleReport()
	for i := range r.Tables {
		for k := range r.Tables[i].Rows {
			if row := &r.Tables[i].Rows[k]; row.Program == "p2p" {
				row.Events = 0.009
			}
		}
	}
	asked, p2p := 0, 0
	for _, x := range targets(r) {
		if !strings.Contains(x.Figure, "two workers over one") {
			continue
		}
		asked++
		if strings.Contains(x.Figure, "p2p") {
			p2p++
			if x.Taken || x.Met || !strings.Contains(x.Note, "follows") {
				t.Errorf("%+v", x)
			}
		} else if !x.Taken || !strings.Contains(x.Note, "took 80 to 490 ns") {
			t.Errorf("%+v", x)
		}
	}
	if asked < 2 || p2p != 1 {
		t.Errorf("%d speed-ups, %d of p2p", asked, p2p)
	}
}

// Every target takes its figure from the report: the measured numbers are those that
// follow from it.
func TestTargets(t *testing.T) {
	want := map[string]float64{
		"over the paper's 112 kpps": 1e9 / 50 / 112e3,
		"share of the kernel":       40,
		"reject, frames in memory":  20,
		"p2p, frames in memory, x":  20,
		"500 000 ports, from":       1e9 / 80 / 99e3,
		"SYNs, 120 000 flows, from": 1e9 / 80 / 190e3,
		"SYNs, 500 flows, from":     1e9 / 80 / 1e6,
		"500 000 ports, two":        1e9 / 500 / 99e3,
		"SYNs, 120 000 flows, two":  1e9 / 500 / 190e3,
		"SYNs, 500 flows, two":      1e9 / 500 / 1e6,
		"two workers over one":      2,
		"that of tcpdump":           2,
		"as fast as tshark":         40,
		"TCP/IPv4 packet of a file": 8,
		"TCP/IPv4 packet alone":     10,
		"that of a packet of":       7.5,
		"that of a packet alone":    6,
		"reading pcap from":         3,
		"reading pcapng":            1.5,
		"bytes of structures":       9,
	}
	list := targets(sampleReport())
	seen := map[string]bool{}
	for _, x := range list {
		if !x.Taken {
			t.Errorf("%s: not measured", x.Figure)
		}
		for part, number := range want {
			if strings.Contains(x.Figure, part) {
				seen[part] = true
				if d := x.Measured/number - 1; d > 1e-9 || d < -1e-9 {
					t.Errorf("%s = %v, want %v", x.Figure, x.Measured, number)
				}
			}
		}
	}
	for part := range want {
		if !seen[part] {
			t.Errorf("no target has %q", part)
		}
	}
	// Without figures the list is the same but for the workers, and nothing is met.
	none := targets(&Report{})
	for _, x := range none {
		if x.Taken || x.Met {
			t.Errorf("measured of nothing: %+v", x)
		}
	}
	if len(list)-len(none) != 3 { // owned16, conficker, p2p
		t.Errorf("%d targets of a full report, %d of an empty one", len(list), len(none))
	}
}

// A program that evicts, allocates or is larger than it says is found out.
func TestCosts(t *testing.T) {
	r := sampleReport()
	row := &r.Tables[0].Rows[1]
	row.Evicted, row.Allocs, row.ProbeAllocs, row.Heap = 3, 0.002, 0.5, row.Bytes*3/2
	missed := map[string]float64{}
	for _, x := range targets(r) {
		if !x.Met {
			missed[x.Figure] = x.Measured
		}
	}
	for part, number := range map[string]float64{"keys evicted": 3, "of a run of decoding": 2, "per 1000 packets": 500, "heap beside": 50} {
		found := false
		for figure, measured := range missed {
			found = found || strings.Contains(figure, part) && measured == number
		}
		if !found {
			t.Errorf("no missed target has %q = %v: %v", part, number, missed)
		}
	}
}

func TestPrint(t *testing.T) {
	r := sampleReport()
	r.Targets = targets(r)
	var b bytes.Buffer
	if err := r.Print(&b); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"figure 8: syn-load, 1000 packets of 500.00 bytes", "2 workers Mpps", "a capture, x: x.pcap", "whole processes: x.pcap",
		"16 metrics, frames in memory: share of the kernel", "targets met, 0 not measured",
	} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("no %q in\n%s", want, b.String())
		}
	}
	if r.Print(failing{}) == nil {
		t.Error("a writer's error was lost")
	}
}
