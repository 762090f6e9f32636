package main

import (
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// Packets of a link type whose number has more than 8 bits are in both kinds of evidence what
// they were in the capture.
func TestEvidenceLinkType(t *testing.T) {
	if _, err := exec.LookPath("tshark"); err != nil {
		t.Skip("tshark is not installed")
	}
	so := plugin(t, `program all "keeps every packet"
entity host: ip
event packet: packet where ip for host = ip.src
on packet { capture  alert low "{host} sends" }
`)
	dir := t.TempDir()
	in, err := filepath.Abs(filepath.Join("..", "..", "testdata", "pcap", "sll2.pcap"))
	if err != nil {
		t.Fatal(err)
	}
	if out, err := cli(t).Command(dir, "smprobe", "run", "-q", "-r", in, "-p", so, "--evidence", "all.pcapng", "--evidence-dir", "each").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	show := func(paths ...string) (text string) {
		for _, path := range paths {
			out, err := exec.Command("tshark", "-n", "-r", path, "-T", "fields", "-e", "frame.protocols", "-e", "ip.src", "-e", "dns.id").Output()
			if err != nil {
				t.Fatalf("tshark %s: %v", path, err)
			}
			text += string(out)
		}
		return text
	}
	each, _ := filepath.Glob(filepath.Join(dir, "each", "*.pcapng"))
	want := show(in)
	if n := strings.Count(want, "sll:ethertype:ip:udp:dns"); n != 2 || len(each) != n {
		t.Fatalf("%d packets, %d files of evidence", n, len(each))
	}
	if got := show(filepath.Join(dir, "all.pcapng")); got != want {
		t.Errorf("--evidence has\n%s\nwant\n%s", got, want)
	}
	first, _, _ := strings.Cut(want, "\n")
	if got := show(each...); got != first+"\n"+want { // the second alert's host is in both packets
		t.Errorf("--evidence-dir has\n%s\nwant\n%s\n%s", got, first, want)
	}
	for _, path := range append(each, filepath.Join(dir, "all.pcapng")) {
		out, err := cli(t).Command(dir, "smprobe", "run", "-r", path, "-p", so).CombinedOutput()
		if err != nil || !strings.Contains(string(out), "238.0.0.1 sends") && !strings.Contains(string(out), "238.0.0.2 sends") {
			t.Errorf("%s read again: %v: %s", path, err, out)
		}
	}
}
