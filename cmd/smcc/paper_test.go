package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/streamon/streamon/lang"
)

// TestPaperIR: every example is there in the XML of the paper too, and reaches the
// same IR as the .smon file beside it: parameters, lists, levels, descriptions,
// windows and capacities are in it.
func TestPaperIR(t *testing.T) {
	programs, err := filepath.Glob("../../examples/*/*.smon")
	if err != nil || len(programs) < 8 {
		t.Fatalf("%d examples, want 8 or more (%v)", len(programs), err)
	}
	for _, file := range programs {
		t.Run(filepath.Base(file), func(t *testing.T) {
			twin := strings.TrimSuffix(file, ".smon") + ".xml"
			src, err := os.ReadFile(twin)
			if err != nil {
				t.Fatal(err)
			}
			if _, diags := lang.Check(twin, src, nil); len(diags) > 0 {
				t.Errorf("diagnostics: %v", diags)
				for _, d := range diags {
					t.Log(d.Error(), d.Hint)
				}
			}
			program, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if got, want := irOf(t, twin, src), irOf(t, file, program); got != want {
				t.Errorf("the IR of %s is\n%s\nthat of %s is\n%s", twin, got, file, want)
			}
		})
	}
}

// TestDocShowsPaper: doc/xml.md shows the example in the style of the paper as it is.
func TestDocShowsPaper(t *testing.T) {
	page, err := os.ReadFile("../../doc/xml.md")
	if err != nil {
		t.Fatal(err)
	}
	src, err := os.ReadFile("../../examples/nxdomain/nxdomain.xml")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Contains(page, src) {
		t.Error("doc/xml.md does not show examples/nxdomain/nxdomain.xml")
	}
}

// TestPaperWords: what is said in the words of the dialect, and the additions that no
// example needs, reach the IR of what they stand for.
func TestPaperWords(t *testing.T) {
	const (
		xml  = `<streamon name="p"><param name="life" value="90s"/><statedef id="a"/><statedef id="b" timeout="life" next_state="a"/>%s</streamon>`
		smon = "program p match first\nparam life = 90s\nstate a {}\nstate b for life then a {}\n"
	)
	tests := []struct{ name, xml, smon string }{
		{"messages", `<metric name="m" type="TEWMA" window="30" tick="1"/><feature name="f" body="m"/>
			<event type="packet" selector="proto tcp and flags tcp-syn" primary-key="ip_src-ip_dst"><state id="a">
			<use-metric id="m" vm_update="ip_src-ip_dst"/>
			<condition expression="f &gt; 1" action="Publish(log,%ip_src asks %ip_dst at %f);print(again); Suspect; log &quot;{pair.src}; {f}&quot;" next_state="b"/>
			</state></event>`,
			`entity pair: (src: ip, dst: ip) metric m { count tewma(window: 30s, tick: 1s) } feature f = m
			event syn: packet where tcp and tcp.flags == SYN for pair = (ip.src, ip.dst)
			in a { on syn { set m[pair] when f > 1 -> b { log "{pair.src} asks {pair.dst} at {f:.6f}" log "again" capture log "{pair.src}; {f}" } } }`},
		{"tables", `<table name="t" type="DLeft" key_type="ip" value_type="double" nhash="8" shash="10"/>
			<table name="u" key_type="host, int" value_type="bool" capacity="100" full="reject"/>
			<event name="e" type="packet" primary-key="ip_dst"><state id="a, b"><condition expression="not has t[host]" action="t(ip_dst)=1.5;t(ip_dst)+=1"/>
			<condition expression="true" action="u[host, frame.len] = true; delete t[host]"/></state></event>`,
			`entity host: ip table t[ip]: float (capacity: 8192) table u[host, int]: bool (capacity: 100, full: reject)
			event e: packet for host = ip.dst
			in a, b { on e { when not has t[host] { t[host] = 1.5 t[host] = default(t[host], 0) + 1 } otherwise { u[host, frame.len] = true delete t[host] } } }`},
		{"timeouts", `<metric name="m" type="dleft"/>
			<event type="timeout" class="later"><state id="b"><condition expression="true" action="m.reset(ip_dst); m.reset()" next_state="a">
			<timeout_set class="later" value="0"/></condition></state></event>
			<event name="e" type="packet" primary-key="ip_dst" selector="ip_len &gt; 100"><state id="a"><use-metric id="m" vm_update="ip_dst"/>
			<condition expression="m &gt; 1" next_state="b"><timeout_set class="later" key="ip_dst" value="10"/></condition>
			<post-condition-action do="start later after 1h"/></state></event>`,
			`entity host: ip metric m { count dleft }
			event later: timeout for host event e: packet where frame.len > 100 for host = ip.dst
			in b { on later { otherwise -> a { reset m[ip.dst] reset m stop later } } }
			in a { on e { set m[host] when m > 1 -> b { start later every 10s } always { start later after 1h } } }`},
		{"order", `<entity name="x" key="ip, int"/><metric name="m" type="hll" window="60s"/>
			<event name="e" type="packet" primary-key="ip.src, 6" selector="tcp"><state id="a"><use-metric id="m" vd_update="ip.dst"/></state>
			<state id="any"><post-condition-action do='log "{m}"'/></state></event>`,
			`entity x: ip, int metric m { count hll(window: 60s) } event e: packet where tcp for x = (ip.src, 6)
			in a { on e { set m new (ip.dst) } } in any { on e { log "{m}" } }`},
		{"states", `<event name="e" type="packet" primary-key="ip_src"><state id="b" code="B1" level="HIGH" description="is &quot;b&quot;">
			<condition expression="elapsed &gt; 1s" action="Publish(alert,%state.code)"/></state></event>`,
			`entity host: ip event e: packet for host = ip.src
			in b { on e { when elapsed > 1s { alert high "B1" } } }`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			src := []byte(strings.Replace(xml, "%s", tt.xml, 1))
			if _, diags := lang.Check("p.xml", src, nil); len(diags) > 0 {
				t.Errorf("diagnostics: %v", diags)
			}
			program := strings.Replace(smon, "state a", tt.smon+"\nstate a", 1)
			if tt.name == "states" {
				program = strings.Replace(program, "then a {}", `then a level high code "B1" "is \"b\"" {}`, 1)
			}
			want := irOf(t, "p.smon", []byte(program))
			if got := irOf(t, "p.xml", src); got != want || want == "" {
				t.Errorf("the IR is\n%s\nthat of the words is\n%s", got, want)
			}
		})
	}
}
