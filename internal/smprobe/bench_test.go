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
	if code != 0 || !strings.Contains(stdout, "syn-load: 1000 packets") {
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
	if len(r.Rows) != 1 || r.Rows[0].Program != "talker" || !(r.Rows[0].Engine > 0 && r.Rows[0].File > 0) {
		t.Errorf("figures %+v", r)
	}
}
