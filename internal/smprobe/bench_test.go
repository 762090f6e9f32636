package smprobe

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/streamon/streamon/internal/bench"
	"github.com/streamon/streamon/runtime/program"
)

func TestBenchUsage(t *testing.T) {
	for _, tt := range []struct {
		args []string
		want string
	}{
		{[]string{"bench"}, "no program to measure"},
		{[]string{"bench", "--rounds", "0", "x.so"}, "out of range"},
		{[]string{"bench", "-r", "x.pcap", "--kernel", "limit.c", "x.so"}, "synthetic packets only"},
		{[]string{"bench", "--workers", "0", "x.so"}, "out of range"},
		{[]string{"bench", "--race", "10", "x.so"}, "parts of a suite"},
		{[]string{"bench", "--micro", "x.txt", "x.so"}, "parts of a suite"},
		{[]string{"bench", "--suite"}, "no program to measure"},
	} {
		if _, stderr, code := run(t, nil, tt.args...); code != exitUsage || !strings.Contains(stderr, tt.want) {
			t.Errorf("%q: exit %d, %q, want %d and %q", tt.args, code, stderr, exitUsage, tt.want)
		}
	}
}

// TestBench measures a program that is built in, and writes the figures.
func TestBench(t *testing.T) {
	out := filepath.Join(t.TempDir(), "bench.json")
	stdout, stderr, code := run(t, []*program.Info{talker("talker", "1")},
		"bench", "--packets", "1000", "--rounds", "1", "--file", "100", "--json", out)
	if code != 0 || !strings.Contains(stdout, "syn-load, 1000 packets") {
		t.Fatalf("exit %d, %q, %q", code, stdout, stderr)
	}
	text, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	var r bench.Report
	if err := json.Unmarshal(text, &r); err != nil {
		t.Fatal(err)
	}
	if len(r.Tables) != 1 || len(r.Tables[0].Rows) != 1 {
		t.Fatalf("figures %+v", r)
	}
	if row := r.Tables[0].Rows[0]; row.Program != "talker" || !(row.Decode.Median > 0 && row.File.Median > 0) {
		t.Errorf("figures %+v", row)
	}
}

// TestBenchFiles wants the drawing, the record, and the comparison with it.
func TestBenchFiles(t *testing.T) {
	dir := t.TempDir()
	record, figure := filepath.Join(dir, "baseline.json"), filepath.Join(dir, "figure.svg")
	args := []string{"bench", "-v", "--suite", "--packets", "400", "--rounds", "1", "--workers", "2", "-r", "../../testdata/pcap/vlan-http.pcap", "--file", "0"}
	stdout, stderr, code := run(t, []*program.Info{talker("worst2", "1")}, append(args, "--record", record, "--figure", figure)...)
	if code != 0 || !strings.Contains(stdout, "figure 8: syn-load") || !strings.Contains(stdout, "vlan-http.pcap") || !strings.Contains(stdout, "targets met") {
		t.Fatalf("exit %d, %q, %q", code, stdout, stderr)
	}
	if !strings.Contains(stderr, "round 1 of 1") {
		t.Errorf("-v says %q", stderr)
	}
	if text, err := os.ReadFile(figure); err != nil || !strings.HasPrefix(string(text), "<svg") {
		t.Errorf("the drawing begins %.20q, %v", text, err)
	}
	stdout, stderr, code = run(t, []*program.Info{talker("worst2", "1")}, append(args, "--baseline", record)...)
	if code != 0 || !strings.Contains(stdout, "beside the baseline of") {
		t.Errorf("exit %d, %q, %q", code, stdout, stderr)
	}
	if _, stderr, code = run(t, []*program.Info{talker("worst2", "1")}, append(args, "--baseline", figure)...); code != exitFailed || !strings.Contains(stderr, "reading baseline") {
		t.Errorf("a baseline that is none: exit %d, %q", code, stderr)
	}
}
