package examples_test

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/streamon/streamon/internal/syn"
)

// seeds are enough to see that no result hangs on one of them.
const seeds = 3

// seeded writes a synthetic trace and returns the capture and its truth.
func seeded(t testing.TB, name string, seed uint64) (string, *syn.Truth) {
	t.Helper()
	dir := filepath.Join(workDir, fmt.Sprint("seed", seed))
	capture := filepath.Join(dir, name+".pcapng")
	if _, err := os.Stat(capture); err != nil {
		if err := os.MkdirAll(dir, 0o777); err != nil {
			t.Fatal(err)
		}
		i := slices.IndexFunc(syn.Scenarios(), func(s syn.Scenario) bool { return s.Name == name })
		if i < 0 {
			t.Fatalf("no scenario %s", name)
		}
		f, err := os.Create(capture)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		truth, err := syn.Scenarios()[i].Write(f, seed)
		if err != nil {
			t.Fatal(err)
		}
		text, err := json.Marshal(truth)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name+".json"), text, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	text, err := os.ReadFile(filepath.Join(dir, name+".json"))
	if err != nil {
		t.Fatal(err)
	}
	truth := new(syn.Truth)
	if err := json.Unmarshal(text, truth); err != nil {
		t.Fatal(err)
	}
	return capture, truth
}

// since returns the time of a record in seconds from the start of a trace.
func since(t testing.TB, truth *syn.Truth, l line) float64 {
	t.Helper()
	at, err := time.Parse(time.RFC3339Nano, l.Time)
	if err != nil {
		t.Fatal(err)
	}
	return at.Sub(truth.Start).Seconds()
}

// TestConficker wants exactly the bots, and each once.
func TestConficker(t *testing.T) {
	var report []string
	for seed := range uint64(seeds) {
		capture, truth := seeded(t, "syn-conficker", seed+1)
		_, records, _ := run(t, capture, []string{plugin(t, example("conficker"))})
		alerts := map[string]int{}
		suspects := map[string]bool{}
		slowest := 0.0
		for _, l := range records {
			host := l.Entity["host"].(string)
			switch l.To {
			case "alert":
				suspects[host] = true
			case "infected":
				alerts[host]++
				if l.Type != "alert" || l.Level != "high" {
					t.Errorf("seed %d: %s of level %q about %s, want a high alert", seed+1, l.Type, l.Level, host)
				}
				slowest = max(slowest, since(t, truth, l)-truth.Host(host).FirstInfectedAt)
			}
		}
		for _, host := range truth.Infected {
			if alerts[host] != 1 {
				t.Errorf("seed %d: %d alerts about the bot %s, want 1", seed+1, alerts[host], host)
			}
		}
		for host := range alerts {
			if !slices.Contains(truth.Infected, host) {
				t.Errorf("seed %d: false alarm about %s (%s)", seed+1, host, truth.Host(host).Role)
			}
		}
		var cleared []string
		for host := range suspects {
			if role := truth.Host(host).Role; alerts[host] == 0 {
				cleared = append(cleared, role)
			}
		}
		slices.Sort(cleared)
		report = append(report, fmt.Sprintf("seed %d: %d of %d bots found, %d false alarms, last one %.0f s after its first packet; suspected and cleared: %s",
			seed+1, len(truth.Infected), len(truth.Infected), len(alerts)-len(truth.Infected), slowest, strings.Join(cleared, ", ")))
	}
	t.Logf("syn-conficker, 53 hosts\n%s", strings.Join(report, "\n"))
}

// TestP2P wants the P2P clients and none of the web clients and servers. The
// clients' peers are P2P clients by the paper's rule but have one peer each, and
// min_peers leaves them out; with 0 they are found as well.
func TestP2P(t *testing.T) {
	var report []string
	for seed := range uint64(seeds) {
		capture, truth := seeded(t, "syn-p2p", seed+1)
		for _, minPeers := range []string{"", "0"} {
			var more []string
			if minPeers != "" {
				more = []string{"--set", "p2p.min_peers=" + minPeers}
			}
			_, records, _ := run(t, capture, []string{plugin(t, example("p2p"))}, more...)
			found := map[string]bool{}
			for _, l := range records {
				found[l.Entity["host"].(string)] = true
			}
			hosts, hits := map[string]int{}, map[string]int{}
			for _, h := range truth.Hosts {
				hosts[h.Role]++
				if found[h.Address] {
					hits[h.Role]++
				}
			}
			var parts []string
			for _, role := range sortedKeys(hosts) {
				n := hosts[role]
				least, most := 0, 0
				switch {
				case role == "p2p client":
					least, most = n, n
				case role == "peer of a p2p client" && minPeers == "0":
					least, most = n*95/100, n // one that speaks last at the end cannot be seen twice
				}
				if hits[role] < least || hits[role] > most {
					t.Errorf("seed %d, min_peers %q: found %d of %d of role %q, want %d to %d", seed+1, minPeers, hits[role], n, role, least, most)
				}
				parts = append(parts, fmt.Sprintf("%s %d of %d", role, hits[role], n))
			}
			report = append(report, fmt.Sprintf("seed %d, min_peers %s: %s", seed+1, map[string]string{"": "default", "0": "0"}[minPeers], strings.Join(parts, ", ")))
		}
	}
	t.Logf("syn-p2p, found by role\n%s", strings.Join(report, "\n"))
}

// TestModbusScan wants the scanner at its fourth device that is asked for
// identification, and not the master.
func TestModbusScan(t *testing.T) {
	var report []string
	for seed := range uint64(seeds) {
		capture, truth := seeded(t, "syn-modbus-scan", seed+1)
		_, records, _ := run(t, capture, []string{plugin(t, example("modbus_scan"))})
		var scanner *syn.Host
		for _, h := range truth.Hosts {
			if h.Verdict == "modbus_scan" {
				scanner = h
			}
		}
		var states []string
		at := math.NaN()
		for _, l := range records {
			if station := l.Entity["station"]; station != scanner.Address {
				t.Errorf("seed %d: false alarm about %s", seed+1, station)
			}
			states = append(states, l.To)
			at = since(t, truth, l)
		}
		// The scanner tries all functions from 8 to 16 in turn; of these the
		// example counts 8 only.
		if want := []string{"suspect", "scanning"}; !slices.Equal(states, want) || !(at > scanner.Modbus.FourthAt) || at > scanner.Modbus.FourthAt+10 {
			t.Errorf("seed %d: scanner in states %v, last at %.1f s, want %v soon after %.1f s", seed+1, states, at, want, scanner.Modbus.FourthAt)
		}
		report = append(report, fmt.Sprintf("seed %d: scanner found %.1f s after its first four devices, master clean", seed+1, at-scanner.Modbus.FourthAt))
	}
	t.Logf("syn-modbus-scan\n%s", strings.Join(report, "\n"))
}
