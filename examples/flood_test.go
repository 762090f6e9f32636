package examples_test

import (
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/gopacket"
	"github.com/google/gopacket/layers"
	"github.com/google/gopacket/pcapgo"

	"github.com/streamon/streamon/internal/syn"
)

// talkativeDDoS is the example ddos with a log entry at each transition and with
// every dropped packet captured as evidence; it decides the same.
func talkativeDDoS(t testing.TB) string {
	t.Helper()
	text, err := os.ReadFile(example("ddos"))
	if err != nil {
		t.Fatal(err)
	}
	program := string(text)
	for _, edit := range []struct {
		old, with string
		times     int
	}{
		{"get syns[server]\n", "get syns[server], pace[server]\n", 1},
		{"otherwise { drop }", "otherwise { drop  capture }", 1},
		{"-> rising\n", "-> rising { log \"rate {flow}\" }\n", 1},
		{"-> default\n", "-> default { log \"rate {flow}\" }\n", 2},
		{"-> monitored\n", "-> monitored { log \"rate {flow}\" }\n", 1},
		{`{rate} SYNs in a minute"`, `rate {flow}"`, 2},
	} {
		if n := strings.Count(program, edit.old); n != edit.times {
			t.Fatalf("%q stands %d times in %s, want %d: this test edits it", edit.old, n, example("ddos"), edit.times)
		}
		program = strings.ReplaceAll(program, edit.old, edit.with)
	}
	file := filepath.Join(workDir, "talkative.smon")
	if err := os.WriteFile(file, []byte(program), 0o666); err != nil {
		t.Fatal(err)
	}
	return plugin(t, file)
}

// synPacket is a SYN without ACK, as gopacket reads it.
type synPacket struct {
	at       float64 // seconds from the start of the trace
	src, dst string
}

// synPackets reads the SYNs of a pcapng file, and how many other packets it holds.
func synPackets(t testing.TB, truth *syn.Truth, file string) (syns []synPacket, others int) {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	r, err := pcapgo.NewNgReader(f, pcapgo.DefaultNgReaderOptions)
	if err != nil {
		t.Fatal(err)
	}
	for {
		data, info, err := r.ReadPacketData()
		if errors.Is(err, io.EOF) {
			return syns, others
		}
		if err != nil {
			t.Fatal(err)
		}
		p := gopacket.NewPacket(data, layers.LayerTypeEthernet, gopacket.NoCopy)
		tcp, ok := p.Layer(layers.LayerTypeTCP).(*layers.TCP)
		if !ok || !tcp.SYN || tcp.ACK {
			others++
			continue
		}
		flow := p.NetworkLayer().NetworkFlow()
		syns = append(syns, synPacket{info.Timestamp.Sub(truth.Start).Seconds(), flow.Src().String(), flow.Dst().String()})
	}
}

// Memory of the metric pace: its time constant, a quarter, and what it adds for
// each SYN.
const (
	floodTau   = 20.0
	floodScale = 60 / floodTau
)

// decayed is what a decaying counter of the SYNs until now should read.
func decayed(syns []synPacket, server string, now float64) (sum float64) {
	for _, s := range syns {
		if s.dst == server && s.at <= now {
			sum += floodScale * math.Exp((s.at-now)/floodTau)
		}
	}
	return sum
}

// TestFlood follows the server of each variant of the flood through the states
// and holds every single verdict about a SYN against the truth.
func TestFlood(t *testing.T) {
	program := talkativeDDoS(t)
	report := []string{fmt.Sprintf("%-18s %4s %-44s %8s %7s %8s %6s %6s", "variant", "seed", "states, from second", "to drop", "dropped", "admitted", "early", "late")}
	worst := 0.0
	for _, variant := range []string{"", "-ecn", "-ipv6", "-rush", "-slow", "-jump10", "-low", "-constant"} {
		for seed := range uint64(seeds) {
			capture, truth := seeded(t, "syn-ddos"+variant, seed+1)
			evidence := filepath.Join(t.TempDir(), "evidence.pcapng")
			_, records, s := run(t, capture, []string{program}, "--evidence", evidence)
			name := fmt.Sprintf("syn-ddos%s, seed %d", variant, seed+1)
			syns, _ := synPackets(t, truth, capture)

			// States, and the rate read at each change.
			states, at := []string{"default"}, []float64{0}
			for _, l := range records {
				if l.Entity["server"] != truth.Server.Address {
					t.Errorf("%s: a record about %v", name, l.Entity)
					continue
				}
				if l.From != states[len(states)-1] {
					t.Errorf("%s: %s to %s after %v", name, l.From, l.To, states)
				}
				states, at = append(states, l.To), append(at, since(t, truth, l))
				text := l.Message[strings.LastIndex(l.Message, "rate ")+len("rate "):]
				got, err := strconv.ParseFloat(text, 64)
				if err != nil {
					t.Fatalf("%s: message %q: %v", name, l.Message, err)
				}
				want := decayed(syns, truth.Server.Address, since(t, truth, l))
				worst = max(worst, math.Abs(got-want)/want)
				if math.Abs(got-want) > 1e-6*want {
					t.Errorf("%s: rate at %.1f s = %v, want %v", name, since(t, truth, l), got, want)
				}
			}
			if got := slices.Contains(states, "attack"); got != truth.Server.Attacked {
				t.Errorf("%s: attacked = %v by %v, want %v", name, got, states, truth.Server.Attacked)
			}
			if truth.Server.Attacked {
				if want := []string{"default", "monitored", "rising", "attack", "default"}; !slices.Equal(states, want) {
					t.Errorf("%s: states %v, want %v", name, states, want)
				}
				for i, e := range truth.Server.States {
					if i < len(at) && math.Abs(at[i]-e.At) > 60 {
						t.Errorf("%s: %s at %.0f s, want within a period of %.0f s, where exact counting has it", name, e.State, at[i], e.At)
					}
				}
			}
			d := judgeDrops(t, name, truth, syns, states, at, evidence)
			if s.Packets.Dropped != uint64(d.dropped) || s.Programs[0].Verdicts.Drop != uint64(d.dropped) {
				t.Errorf("%s: %d packets dropped in the summary, %d in the evidence", name, s.Packets.Dropped, d.dropped)
			}
			var path []string
			for i, s := range states {
				path = append(path, fmt.Sprintf("%s %.0f", s[:3], at[i]))
			}
			report = append(report, fmt.Sprintf("%-18s %4d %-44s %8d %7d %8d %6s %6s", "syn-ddos"+variant, seed+1, strings.Join(path, " "),
				d.toDrop, d.dropped, d.toDrop-d.dropped, d.early, d.late))
		}
	}
	t.Logf("SYN floods; early and late client: SYNs dropped of those sent during the attack; rates read differ from Σ 3·e^(−Δt/20 s) by %.1e at most\n%s",
		worst, strings.Join(report, "\n"))
}

// drops is what happened to the SYNs while the server was in state attack.
type drops struct {
	toDrop, dropped int
	early, late     string
}

// judgeDrops compares the dropped packets with those that should have been: in
// state attack, every SYN of a client that did not send one before it.
func judgeDrops(t *testing.T, name string, truth *syn.Truth, syns []synPacket, states []string, at []float64, evidence string) (d drops) {
	t.Helper()
	begin, end := math.Inf(1), math.Inf(1)
	if i := slices.Index(states, "attack"); i >= 0 {
		begin = at[i]
		if i+1 < len(at) {
			end = at[i+1]
		}
	}
	want := map[synPacket]bool{} // true: not met yet
	known := map[string]bool{}
	sent, lost, after := map[string]int{}, map[string]int{}, map[string]int{}
	for _, s := range syns {
		switch {
		case s.at < begin:
			known[s.src] = true
		case s.at >= end:
			after[s.src]++
		default:
			sent[s.src]++
			if !known[s.src] {
				want[s] = true
				d.toDrop++
			}
		}
	}
	got, others := synPackets(t, truth, evidence)
	if others > 0 {
		t.Errorf("%s: %d dropped packets are no SYNs", name, others)
	}
	for _, s := range got {
		d.dropped++
		lost[s.src]++
		if !want[s] {
			t.Errorf("%s: SYN of %s at %.3f s dropped, want it to pass", name, s.src, s.at)
		}
		want[s] = false
	}
	// The detector of known clients may take a new one for known, at a rate of 1 %.
	if missed := d.toDrop - d.dropped; missed > d.toDrop/100 {
		t.Errorf("%s: %d of %d SYNs of unknown clients passed", name, missed, d.toDrop)
	}
	for _, c := range truth.Server.Clients {
		text := fmt.Sprintf("%d/%d", lost[c.Address], sent[c.Address])
		if c.Role == "early" {
			d.early = text
			continue
		}
		d.late = text
		if truth.Server.Attacked && (sent[c.Address] == 0 || lost[c.Address] != sent[c.Address] || after[c.Address] == 0) {
			t.Errorf("%s: the late client lost %d of %d SYNs during the attack and sent %d after it, want all and some", name, lost[c.Address], sent[c.Address], after[c.Address])
		}
	}
	return d
}
