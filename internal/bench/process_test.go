package bench

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Every command runs once before the rounds and once in each, in turn; what is not
// installed is left out.
func TestRace(t *testing.T) {
	log := filepath.Join(t.TempDir(), "log")
	sh := func(word string) []string { return []string{"sh", "-c", "echo " + word + " >> " + log} }
	r := &Race{Load: "l", Packets: 10, Runners: []Runner{
		{Name: "smprobe", args: sh("a")}, {Name: "tcpdump", args: []string{"no-such-command-here"}}, {Name: "tshark", args: sh("b")},
	}}
	if err := r.run(context.Background(), 3, func(string, ...any) {}); err != nil {
		t.Fatal(err)
	}
	text, _ := os.ReadFile(log)
	if got := strings.Join(strings.Fields(string(text)), ""); got != "abababab" {
		t.Errorf("ran %s, want abababab", got)
	}
	if p := r.runner("smprobe"); p == nil || p.Time.Min > p.Time.Median {
		t.Errorf("smprobe: %+v", p)
	}
	if p := r.runner("tcpdump"); p != nil || r.Runners[1].Missing == "" {
		t.Errorf("tcpdump: %+v", r.Runners[1])
	}
	r.Runners[2].args = []string{"sh", "-c", "echo sorry; exit 3"}
	if err := r.run(context.Background(), 1, func(string, ...any) {}); err == nil || !strings.Contains(err.Error(), "sorry") {
		t.Errorf("a command that fails: %v", err)
	}
}
