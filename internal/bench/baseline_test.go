package bench

import (
	"bytes"
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestBaseline(t *testing.T) {
	r := sampleReport()
	r.Targets = targets(r)
	b := r.Baseline()
	for key, want := range map[string]float64{
		"share of the kernel/worst16/syn-load":   0.4,
		"x paper/worst1/syn-load":                11.2,
		"speed-up of 2 workers/owned16/syn-load": 2,
		"time over the probe's/tshark/x.pcap":    40,
	} {
		if got := b.Ratios[key]; got != want {
			t.Errorf("%s = %v, want %v", key, got, want)
		}
	}
	path := filepath.Join(t.TempDir(), "baseline.json")
	text, err := json.Marshal(b)
	if err == nil {
		err = os.WriteFile(path, text, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	old, err := ReadBaseline(path)
	if err != nil || !maps.Equal(old.Ratios, b.Ratios) {
		t.Fatalf("came back as %v, %v", old, err)
	}
	compare := func() string {
		var out bytes.Buffer
		if err := b.Compare(&out, old); err != nil {
			t.Fatal(err)
		}
		return out.String()
	}
	if got := compare(); !strings.Contains(got, "nothing moved") {
		t.Errorf("beside itself: %s", got)
	}
	b.Ratios["share of the kernel/worst16/syn-load"] = 0.4 * 0.84
	b.Ratios["share of the kernel/worst1/syn-load"] *= 1.14
	b.Ratios["new"] = 1
	old.Ratios["gone"] = 1
	got := compare()
	if !strings.Contains(got, "share of the kernel/worst16/syn-load") || !strings.Contains(got, "-16 %") ||
		strings.Contains(got, "worst1/") || !strings.Contains(got, "1 ratios of the baseline were not measured") {
		t.Errorf("beside another: %s", got)
	}
	if err := os.WriteFile(path, []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := ReadBaseline(path); err == nil {
		t.Error("a broken baseline was read")
	}
}

func TestRound(t *testing.T) {
	for x, want := range map[float64]float64{1.23456: 1.23, 0.98765: 0.988, 123456: 123000, 0: 0} {
		if got := round(x); got != want {
			t.Errorf("round(%v) = %v, want %v", x, got, want)
		}
	}
}
