package main

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestXMLTruth runs programs in XML over the captures of the prototype. What they
// say is what the prototype says there; our programs have the tests and texts of
// its own, not its words.
func TestXMLTruth(t *testing.T) {
	const pcap, shared = "../../testdata/pcap/", "../../../shared/traces/detect/"
	tests := []struct {
		program, capture string
		want             map[string]int
	}{
		{"old/conf_modbus1", pcap + "device_scan-dstreamon.pcap", map[string]int{"8 20224": 15, "3 20224": 4}},
		{"old/conf_modbus2-2", pcap + "device_scan-dstreamon.pcap", map[string]int{"Detected suspicious command: 8 20224": 15}},
		{"old/conf_modbus6", pcap + "device_scan-dstreamon.pcap", map[string]int{"Detected": 15}},
		// 40 packets close connections and have no request: the prototype prints nothing for the fields.
		{"old/conf_modbus1", shared + "dos-dstreamon.pcap", map[string]int{"16 19000": 1020, "3 20224": 40, "undefined undefined": 40}},
		{"config/config_ddos", shared + "dos-dstreamon.pcap", map[string]int{}},
		{"config_portscan", shared + "port_scan-dstreamon.pcap", map[string]int{}},
	}
	for _, tt := range tests {
		t.Run(tt.program+" "+filepath.Base(tt.capture), func(t *testing.T) {
			if _, err := os.Stat(tt.capture); err != nil {
				t.Skipf("the shared captures are not here: %v", err)
			}
			var out, stderr bytes.Buffer
			args := []string{"run", "--exact", "../../testdata/xml/" + tt.program + ".xml", "-r", tt.capture}
			if code := run(context.Background(), args, &stdio{strings.NewReader(""), &out, &stderr}); code != exitFine {
				t.Fatalf("smcc %v ended with %d\n%s", args, code, stderr.String())
			}
			got := map[string]int{}
			for line := range strings.Lines(out.String()) {
				var r struct{ Message string }
				if err := json.Unmarshal([]byte(line), &r); err != nil {
					t.Fatalf("output line %q: %v", line, err)
				}
				got[r.Message]++
			}
			for m, n := range tt.want {
				if got[m] != n {
					t.Errorf("%d times %q, want %d", got[m], m, n)
				}
				delete(got, m)
			}
			if len(got) > 0 {
				t.Errorf("unexpected: %v", got)
			}
		})
	}
}
