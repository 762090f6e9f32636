package examples_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// captures names the capture that each example's expected output is about: a
// bundled real one or, where no public capture holds the scenario, a synthetic one.
var captures = map[string]string{
	"conficker":     "syn-conficker",
	"p2p":           "../testdata/pcap/p2p-gnutella.pcap",
	"ddos":          "syn-ddos",
	"portscan":      "../testdata/pcap/portscan-nmap-syn.pcap",
	"hostscan":      "../testdata/pcap/smb-spread-445.pcap",
	"dnstunnel":     "../testdata/pcap/dnstunnel-iodine.pcap",
	"modbus_scan":   "../testdata/pcap/device_scan-dstreamon.pcap",
	"heavy_hitters": "../testdata/pcap/p2p-gnutella.pcap",
	"nxdomain":      "syn-conficker",
}

// apart are examples that are half of another: they have expected output, and no
// part in what is measured and compared of all.
var apart = []string{"nxdomain"}

func captureOf(t testing.TB, name string) string {
	t.Helper()
	if c := captures[name]; !strings.HasPrefix(c, "syn-") {
		return c
	}
	c, _ := scenario(t, captures[name])
	return c
}

// TestGolden runs each example over its capture and compares the output with
// expected.jsonl beside the program.
func TestGolden(t *testing.T) {
	for _, name := range slices.Concat(names, apart) {
		t.Run(name, func(t *testing.T) {
			got, _, _ := run(t, captureOf(t, name), []string{plugin(t, example(name))})
			file := filepath.Join(name, "expected.jsonl")
			if *update {
				if err := os.WriteFile(file, got, 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(got, want) {
				t.Errorf("output differs from %s (make examples rewrites it)\n%s", file, firstDifference(got, want))
			}
			if len(want) == 0 {
				t.Errorf("%s is empty: the example finds nothing in its capture", file)
			}
		})
	}
}

// TestSameBytes runs every example over several captures as a plugin, twice, and
// as a static probe, and wants the same bytes each time.
func TestSameBytes(t *testing.T) {
	for _, name := range names {
		t.Run(name, func(t *testing.T) {
			static := filepath.Join(workDir, name+"-static")
			command(t, bin(t, "smcc"), "build", "-q", "--static", "-o", static, example(name))
			for _, capture := range []string{captureOf(t, name), "../testdata/pcap/p2p-gnutella.pcap", "../testdata/pcap/smb-spread-445.pcap"} {
				first, _, _ := run(t, capture, []string{plugin(t, example(name))})
				second, _, _ := run(t, capture, []string{plugin(t, example(name))})
				alone := command(t, static, "run", "-r", capture)
				if !bytes.Equal(first, second) {
					t.Errorf("%s: two runs differ\n%s", capture, firstDifference(second, first))
				}
				if !bytes.Equal(first, alone) {
					t.Errorf("%s: static probe and plugin differ\n%s", capture, firstDifference(alone, first))
				}
			}
		})
	}
}

// TestStaticIsStatic checks that a static probe needs no shared library.
func TestStaticIsStatic(t *testing.T) {
	static := filepath.Join(workDir, "modbus_scan-alone")
	command(t, bin(t, "smcc"), "build", "-q", "--static", "-o", static, example("modbus_scan"))
	out, err := exec.Command("ldd", static).CombinedOutput()
	if err == nil {
		t.Errorf("ldd of a static probe = %s, want an error", out)
	}
}

func firstDifference(got, want []byte) string {
	g, w := strings.Split(string(got), "\n"), strings.Split(string(want), "\n")
	for i := range min(len(g), len(w)) {
		if g[i] != w[i] {
			return "got  " + g[i] + "\nwant " + w[i]
		}
	}
	return "one has more lines than the other"
}
