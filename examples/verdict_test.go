package examples_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// judge says which example decides a check of verdicts.json, and what in its
// output is the verdict about an entity.
type judge struct {
	program string
	says    func(l line) bool
	entity  func(l line) string
}

func field(name string) func(line) string {
	return func(l line) string { return text(l.Entity[name]) }
}

func alarms(l line) bool { return l.Type == "alert" }

func enters(state string) func(line) bool {
	return func(l line) bool { return l.From == "default" && l.To == state }
}

// judges leaves out port445_answers_ratio_low: conficker looks at port 445 only
// of hosts whose look-ups failed before.
var judges = map[string]judge{
	"nxdomain_ratio_above_0.25": {"conficker", enters("alert"), field("host")},
	"vertical_scan": {"portscan", alarms, func(l line) string {
		return text(l.Entity["src"]) + " " + text(l.Entity["dst"])
	}},
	"horizontal_scan": {"hostscan", alarms, func(l line) string {
		return text(l.Entity["src"]) + " port " + text(l.Entity["port"])
	}},
	"more_than_100_syn_in_60s": {"ddos", enters("monitored"), field("server")},
	"tcp_and_udp_to_same_peer": {"p2p", alarms, field("host")},
	"dns_tunnel":               {"dnstunnel", alarms, field("client")},
	"modbus_device_scan": {"modbus_scan", func(l line) bool {
		return l.Type == "alert" && l.To == "scanning"
	}, field("station")},
}

// wrong are the verdicts that the examples with their default parameters get
// wrong, and why. The parameters are chosen for sense, not for these captures.
var wrong = map[string]string{
	"mix/isp-2007.pcap nxdomain_ratio_above_0.25 69.105.2.232":      atFirst,
	"mix/goprobe-mix.pcap nxdomain_ratio_above_0.25 193.24.227.230": atFirst,

	"detect/iot-telnet-scan.pcap horizontal_scan 192.168.2.16 port 23": "54 hosts in eleven minutes: never 50 within the window of two minutes",
	"detect/p2p-ethereum.pcap tcp_and_udp_to_same_peer 192.168.1.184":  "the capture ends after 3.9 s, the example waits for 60 s; with one source port the gap of 52 is above its limit of 10, too",
}

const (
	atFirst = "the ratio of the last ten minutes passes 0.25 for a time, that of the whole capture does not; the first stage alone raises no alert"
)

// unasked are alarms about what verdicts.json is silent on, in the same
// captures, and whether they are right by the figures of the truth files.
var unasked = map[string]string{
	"detect/p2p-ethereum.pcap horizontal_scan 192.168.1.184 port 30303":        "right in number (56 hosts), though a P2P client's connections",
	"detect/portscan-10000.pcapng more_than_100_syn_in_60s 192.168.1.1":        "right: 10003 SYNs",
	"detect/portscan-masscan-tcp.pcap more_than_100_syn_in_60s 198.124.152.15": "right: 1001 SYNs",
	"detect/portscan-nmap-syn.pcap more_than_100_syn_in_60s 64.13.134.52":      "right: 1994 SYNs",
	"detect/portscan-plc-modbus.pcap more_than_100_syn_in_60s 10.50.1.52":      "right: 1902 SYNs",
	"mix/dns-mix.pcap dns_tunnel 192.168.56.1":                                 "right: dns2tcp, 122 names",
}

type verdict struct {
	File, Check, Entity string
	Expected            bool
}

func readVerdicts(t *testing.T) []verdict {
	t.Helper()
	needTraces(t)
	content, err := os.ReadFile(filepath.Join(traces, "truth", "verdicts.json"))
	if err != nil {
		t.Fatal(err)
	}
	var all struct{ Verdicts []verdict }
	if err := json.Unmarshal(content, &all); err != nil {
		t.Fatal(err)
	}
	return all.Verdicts
}

// TestVerdicts runs the examples over the captures that verdicts.json is about.
func TestVerdicts(t *testing.T) {
	expected := readVerdicts(t)
	said := map[string][]line{} // by capture
	type tally struct{ found, missed, clean, falsely int }
	table := map[string]*tally{}
	used := map[string]bool{}
	var notes []string
	judged := map[string]bool{} // capture, check and entity
	notDecided := 0
	for _, v := range expected {
		j, ok := judges[v.Check]
		if !ok {
			notDecided++
			continue
		}
		if _, ok := said[v.File]; !ok {
			said[v.File] = records(t, readOnce(t, filepath.Join(traces, v.File), 1).well(t).out)
		}
		fired := slices.ContainsFunc(said[v.File], func(l line) bool {
			return l.Program == j.program && j.says(l) && (v.Entity == "any" || j.entity(l) == v.Entity)
		})
		if table[v.Check] == nil {
			table[v.Check] = new(tally)
		}
		n := table[v.Check]
		switch {
		case v.Expected && fired:
			n.found++
		case v.Expected:
			n.missed++
		case fired:
			n.falsely++
		default:
			n.clean++
		}
		key := v.File + " " + v.Check + " " + v.Entity
		judged[key] = true
		reason, isKnown := wrong[key]
		switch {
		case fired != v.Expected && !isKnown:
			t.Errorf("%s: %s says %v, want %v", key, j.program, fired, v.Expected)
		case fired != v.Expected:
			used[key] = true
			notes = append(notes, fmt.Sprintf("%s: %s: %s", map[bool]string{true: "missed", false: "false alarm"}[v.Expected], key, reason))
		}
	}
	for key := range wrong {
		if !used[key] {
			t.Errorf("%s is right now: take it out of the list", key)
		}
	}
	report := []string{fmt.Sprintf("%-26s %-12s %5s %6s %5s %12s", "check", "example", "found", "missed", "clean", "false alarms")}
	for _, check := range sortedKeys(table) {
		n := table[check]
		report = append(report, fmt.Sprintf("%-26s %-12s %5d %6d %5d %12d", check, judges[check].program, n.found, n.missed, n.clean, n.falsely))
	}
	report = append(report, fmt.Sprintf("%d verdicts on port445_answers_ratio_low: no example decides that alone", notDecided))
	slices.Sort(notes)
	report = append(report, notes...)
	report = append(report, otherAlarms(t, said, judged)...)
	t.Logf("real captures with verdicts\n%s", strings.Join(report, "\n"))
}

// otherAlarms holds the alarms that verdicts.json is silent on against unasked.
func otherAlarms(t *testing.T, said map[string][]line, judged map[string]bool) (report []string) {
	t.Helper()
	asked := map[string]bool{}
	for _, file := range sortedKeys(said) {
		for _, l := range said[file] {
			for check, j := range judges {
				key := file + " " + check + " " + j.entity(l)
				if l.Program != j.program || !j.says(l) || judged[key] || asked[key] {
					continue
				}
				asked[key] = true
				comment, ok := unasked[key]
				if !ok {
					t.Errorf("%s: an alarm that is not in the list", key)
				}
				report = append(report, "not in verdicts.json: "+key+": "+comment)
			}
		}
	}
	for key := range unasked {
		if !asked[key] {
			t.Errorf("%s: no alarm any more: take it out of the list", key)
		}
	}
	return report
}
